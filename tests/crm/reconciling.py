"""Deals of a CRM, and exports of it, for the tests of reconciliation."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from crm.engine.webhooks.events import Event, EventKind
from crm.models import DealStage, Reconciliation, Rep, StageKind
from crm.pipeline.deals import apply_deal_events
from crm.services.reconciliation import add_export, compare
from crm.tasks import compare_export_of_a_crm

MORNING = dt.datetime(2026, 11, 2, 8, tzinfo=dt.UTC)
AS_OF = dt.datetime(2026, 11, 10, 12, tzinfo=dt.UTC)
HEAD = "Record ID,Deal Name,Deal Stage,Amount,Deal owner,Close Date\n"
SAME = HEAD + "1,Tents,Offer,1000,ines@example.com,2026-12-01\n2,Boots,offer,2000.00,R-1,2026-12-02\n"


@pytest.fixture
def deals(db: None) -> None:
    """Three deals of a CRM, as its events told them in the morning of 2 November."""
    for place, (code, kind) in enumerate((("offer", "open"), ("contract", "open"), ("won", StageKind.WON))):
        chance = Decimal(1) if kind == "won" else Decimal("0.4")
        DealStage.objects.create(code=code, name=code.title(), position=place, kind=kind, probability=chance)
    Rep.objects.create(code="R-1", name="Ines", email="ines@example.com")
    told(deal="1", name="Tents", stage="offer", amount="1000", owner="R-1", expected_close="2026-12-01")
    told(deal="2", name="Boots", stage="offer", amount="2000", owner="R-1", expected_close="2026-12-02")
    told(deal="3", name="Stoves", stage="offer", amount="3000", owner="R-1", expected_close="2026-12-03")


def told(
    *,
    deal: str,
    at: dt.datetime = MORNING,
    kind: EventKind = EventKind.CHANGE,
    merged: tuple[str, ...] = (),
    **fields: str,
) -> None:
    key = f"{deal}:{at.isoformat()}:{kind}:{sorted(fields)}"
    apply_deal_events("hubspot", [Event("deal", deal, kind, at, key, fields=fields, merged=merged)])


def export(
    text: str, *, source: str = "hubspot", as_of: dt.datetime = AS_OF, **options: Any
) -> Reconciliation:
    """Upload and compare, as the page and the worker do."""
    file = SimpleUploadedFile("deals.csv", text.encode())
    row = add_export(actor=None, source=source, file=file, file_name="deals.csv")
    columns = row.columns["fields"]
    row = compare(actor=None, reconciliation=row, columns=columns, as_of=as_of, **options)
    compare_export_of_a_crm(row.job_id)
    row.refresh_from_db()
    return row


def differences(row: Reconciliation) -> dict[str, tuple[str, dict[str, tuple[str, str]]]]:
    """External id → kind, and field → here, in the CRM."""
    return {
        one.external_id: (one.kind, {name: (p["ours"], p["means"]) for name, p in one.fields.items()})
        for one in row.differences.all()
    }


def keys(row: Reconciliation) -> list[int]:
    return list(row.differences.values_list("pk", flat=True))
