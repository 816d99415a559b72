"""What people do with data sources: set them up, type control totals, check, sign, waive, take back."""

import datetime as dt
from typing import Any

from django.db import transaction

from core.access import require
from core.editing import change_row, create_row
from core.errors import Conflict, Invalid, Reason, Refused
from core.events import plain, record
from core.models import Person
from gathering.datasets import DATASETS
from gathering.models import DataSource, SourceMonth, SourceState
from gathering.pipeline.quality import check_facts, store_findings
from gathering.selectors.totals import differences
from gathering.workflow import open_month, perform

CONTROLS = ("control_rows", "control_quantity", "control_money")


def create_source(*, actor: Person | None, **fields: Any) -> DataSource:
    """Set up a data source. Raises Invalid for an unknown dataset."""
    require(actor, "sources.manage")
    _refuse_unknown(fields.get("dataset", ""))
    return create_row(actor=actor, row=DataSource(**fields), verb="data source added")


def change_source(
    *, actor: Person | None, source: DataSource, revision: int, changes: dict[str, Any]
) -> DataSource:
    """Change a data source. Raises Conflict after somebody else's save."""
    require(actor, "sources.manage")
    if "dataset" in changes:
        _refuse_unknown(changes["dataset"])
    return change_row(actor=actor, row=source, revision=revision, changes=changes, verb="data source changed")


@transaction.atomic
def compare_totals(
    *, actor: Person | None, source: DataSource, month: dt.date, revision: int, totals: dict[str, Any]
) -> SourceMonth:
    """Keep the control totals of a source's month and compare them with what came in.

    Totals that agree check the source; a difference becomes a blocking finding. Raises Refused once
    the month is signed or waived, Conflict after somebody else's save.
    """
    require(actor, "sources.sign")
    row = _keep_totals(actor, open_month(source, month), revision, totals)
    store_findings(found=check_facts(only=("control_totals",)), actor=actor)
    ready = row.state == SourceState.RECEIVED and any(getattr(row, name) is not None for name in CONTROLS)
    if ready and not differences(row):
        return check_source(actor=actor, source=source, month=month)
    return row


def _keep_totals(
    actor: Person | None, row: SourceMonth, revision: int, totals: dict[str, Any]
) -> SourceMonth:
    if row.state in {SourceState.SIGNED, SourceState.WAIVED}:
        raise Refused(f"{row} is {row.get_state_display().lower()}. Take that back first.")
    wanted = {name: totals[name] for name in CONTROLS if name in totals}
    _refuse_stale(row, revision, wanted)
    before = {"state": row.state} | {name: getattr(row, name) for name in wanted}
    after = {"state": _state_with_new_totals(row)} | wanted
    if before == {"state": row.state} | wanted:
        return row
    for name, value in after.items():
        setattr(row, name, value)
    row.revision += 1
    row.save()
    record(actor=actor, verb="control totals typed", subject=row, before=before, after=after)
    return row


def _state_with_new_totals(row: SourceMonth) -> str:
    """A checked month must be compared again."""
    return SourceState.RECEIVED if row.state == SourceState.CHECKED else SourceState(row.state)


def check_source(*, actor: Person | None, source: DataSource, month: dt.date) -> SourceMonth:
    """Compare the control totals with what came in. Raises Refused with every difference."""
    return perform(source=source, month=month, name="check", actor=actor)


def sign_source(*, actor: Person | None, source: DataSource, month: dt.date) -> SourceMonth:
    """Sign a source's month. Raises Refused with every blocking finding."""
    return perform(source=source, month=month, name="sign", actor=actor)


def waive_source(*, actor: Person | None, source: DataSource, month: dt.date, reason: str) -> SourceMonth:
    """Do without a source this month, with the reason."""
    return perform(source=source, month=month, name="waive", actor=actor, reason=reason)


def take_back(*, actor: Person | None, source: DataSource, month: dt.date, reason: str) -> SourceMonth:
    """Take a signature or a waiver back, with the reason."""
    row = open_month(source, month)
    name = "take-back" if row.state == SourceState.SIGNED else "resume" if row.run_id else "unwaive"
    return perform(source=source, month=month, name=name, actor=actor, reason=reason)


def _refuse_unknown(dataset: str) -> None:
    if dataset not in DATASETS:
        raise Invalid(Reason(f"“{dataset}” is not a dataset. Choose one of the list.", "invalid", "dataset"))


def _refuse_stale(row: SourceMonth, revision: int, wanted: dict[str, Any]) -> None:
    if row.revision == revision:
        return
    theirs = {name: plain(getattr(row, name)) for name in wanted}
    yours = {name: plain(value) for name, value in wanted.items()}
    differing = [name for name in wanted if yours[name] != theirs[name]]
    if differing:
        raise Conflict(
            label=str(row),
            yours={name: yours[name] for name in differing},
            theirs={name: theirs[name] for name in differing},
            revision=row.revision,
        )
