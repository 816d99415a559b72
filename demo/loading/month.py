"""The month that is being gathered now: some sources are signed, one is late, findings are open."""

import datetime as dt

from core.models import Person
from core.roles import Role
from demo.loading.people import People
from gathering.models import DataSource, SourceMonth, SourceState
from gathering.selectors.totals import brought_by
from gathering.services.sources import compare_totals, sign_source, waive_source
from gathering.workflow import open_month

SIGNED = ("erp-returns", "erp-open-orders", "plant-capacity", "finance-budget", "marketing-campaigns")
CHECKED = ("erp-stock",)  # a negative stock blocks its signature
WAIVED = {"sales-targets": "Targets changed last quarter and stay until the year ends."}


def begin_month(people: People, month: dt.date) -> None:
    """Settle a few sources, as a coordinator does on the first working days."""
    coordinator = people[Role.COORDINATOR]
    for code in (*SIGNED, *CHECKED):
        source = DataSource.objects.get(code=code)
        row = open_month(source, month)
        if row.state == SourceState.RECEIVED:
            check_totals(row, coordinator)
            if code in SIGNED:
                sign_source(actor=coordinator, source=source, month=month)
    for code, reason in WAIVED.items():
        source = DataSource.objects.get(code=code)
        if open_month(source, month).state == SourceState.RECEIVED:
            waive_source(actor=coordinator, source=source, month=month, reason=reason)


def check_totals(row: SourceMonth, actor: Person) -> SourceMonth:
    """Type what the file brought as its control totals, and check it against them."""
    brought = brought_by(row.run)
    totals = {f"control_{name}": value for name, value in brought.items() if value}
    return compare_totals(
        actor=actor, source=row.source, month=row.month, revision=row.revision, totals=totals
    )
