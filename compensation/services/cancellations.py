"""Won deals that were cancelled, returned or never paid: what was credited is taken back on that day."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction

from compensation.models import Cancellation
from compensation.pipeline.cancellation_files import Stored, read_cancellations
from compensation.selectors.cancellations import cancelled_share
from core.access import require
from core.editing import change_row, create_row
from core.errors import Invalid, Reason
from core.events import record
from core.models import Person
from core.uploads import refuse_large
from crm.models import Deal
from crm.selectors.deals import deals_visible_to
from territories.pipeline.tables import BadTable

CREDIT, ALL = "pay.credit", Decimal(100)


@transaction.atomic
def add_cancellation(
    *,
    actor: Person | None,
    deal: Deal,
    kind: str,
    day: dt.date,
    percent: Decimal = ALL,
    reason: str,
) -> Cancellation:
    """Say that a deal, or `percent` of it, came to nothing on a day. It counts from the next making
    of credits.

    Raises Invalid by field: a deal that is not won, a day before it was won, more than 100 % together.
    """
    require(actor, CREDIT)
    fresh = Deal.objects.select_for_update(of=("self",)).select_related("stage").get(pk=deal.pk)
    row = Cancellation(
        deal=fresh, kind=kind, day=day, percent=percent, reason=reason.strip(), entered_by=actor
    )
    _refuse_unfit(row)
    return create_row(actor=actor, row=row, verb="cancellation entered", reason=row.reason)


@transaction.atomic
def change_cancellation(
    *, actor: Person | None, row: Cancellation, revision: int, changes: dict[str, Any]
) -> Cancellation:
    """Change kind, day, percent or reason. Raises Invalid by field, Conflict."""
    require(actor, CREDIT)
    Deal.objects.select_for_update(of=("self",)).get(pk=row.deal_id)
    wanted = Cancellation.objects.select_related("deal__stage").get(pk=row.pk)
    for name, value in changes.items():
        setattr(wanted, name, value)
    _refuse_unfit(wanted)
    reason = str(changes.get("reason", ""))
    return change_row(
        actor=actor, row=row, revision=revision, changes=changes, verb="cancellation changed", reason=reason
    )


@transaction.atomic
def remove_cancellation(*, actor: Person | None, row: Cancellation, revision: int, reason: str) -> None:
    """Take a cancellation away: the deal counts again. Raises Conflict, Invalid without a reason."""
    require(actor, CREDIT)
    if not reason.strip():
        raise Invalid(Reason("Say why it is taken away.", "required", "reason"))
    fresh = change_row(actor=actor, row=row, revision=revision, changes={}, verb="cancellation changed")
    before = {"deal": str(fresh.deal), "day": fresh.day, "percent": fresh.percent, "kind": fresh.kind}
    record(actor=actor, verb="cancellation taken away", subject=fresh, before=before, reason=reason)
    fresh.delete()


@transaction.atomic
def import_cancellations(*, actor: Person, name: str, data: bytes) -> Stored:
    """Store a CSV file of cancellations, all of it or nothing; rows that are known are left alone.

    Raises Invalid: a sentence for every bad row.
    """
    require(actor, CREDIT)
    refuse_large(name, data)
    faults, added, unchanged = [], 0, 0
    try:
        rows = read_cancellations(name, data, deals_visible_to(actor))
    except BadTable as error:
        raise Invalid(*(Reason(one, "row", "file") for one in error.sentences)) from error
    for line, values in rows:
        if _known(values):
            unchanged += 1
            continue
        try:
            add_cancellation(actor=actor, **values)
            added += 1
        except Invalid as error:
            faults += [f"{name}, line {line}: {reason.text}" for reason in error.reasons]
    if faults:
        raise Invalid(*(Reason(one, "row", "file") for one in faults[:20]))
    record(actor=actor, verb="cancellations imported", subject=actor, after={"file": name, "added": added})
    return Stored(added, unchanged)


def _known(values: dict[str, Any]) -> bool:
    same = ("deal", "kind", "day", "percent")
    return Cancellation.objects.filter(**{name: values[name] for name in same}).exists()


def _refuse_unfit(row: Cancellation) -> None:
    reasons = []
    won = row.deal.closed if row.deal.stage and row.deal.stage.kind == "won" else None
    if won is None:
        text = (
            f"{row.deal} is not won. A deal that was reopened or lost in the CRM loses its credit by itself."
        )
        reasons.append(Reason(text, "not_won", "deal"))
    elif row.day < won:
        text = f"{row.deal} was won on {won:%d %b %Y}. Choose that day or a later one."
        reasons.append(Reason(text, "early", "day"))
    before = cancelled_share(row.deal, row.pk)
    if before + row.percent > ALL:
        left = (ALL - before).normalize()
        text = f"{before.normalize():f} % of {row.deal} is cancelled already: {left:f} % is left at the most."
        reasons.append(Reason(text, "too_much", "percent"))
    if not row.reason.strip():
        reasons.append(Reason("Say why.", "required", "reason"))
    if reasons:
        raise Invalid(*reasons)
