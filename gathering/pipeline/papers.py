"""Staged rows about order papers → events of their system, applied as those of its webhooks are."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils import timezone

from core import company
from crm.engine.webhooks.events import Event, EventKind
from crm.pipeline.papers import apply_paper_events
from gathering.models import ImportRun
from gathering.pipeline.deals import Row, refuse_unfit, rounds
from gathering.pipeline.differences import count_differences
from gathering.pipeline.targets import Target

IDENTITY = {"kind", "as_of"}
EVENT_NAMES = {"deal_key": "deal"}


def tell_papers(run: ImportRun, target: Target) -> tuple[int, int]:
    """Apply the good rows as events. Returns how many rows are new, and how many differ from what is
    here. Raises Refused where a value cannot be used."""
    new, changed, _ = count_differences(target)
    for rows in rounds(run, target):
        for kind in sorted({row["kind"] for _, row in rows}):
            events = [_event(run, line, row) for line, row in rows if row["kind"] == kind]
            refuse_unfit(events, apply_paper_events(run.source, kind, events))
    return new, changed


def _event(run: ImportRun, line: int, row: Row) -> Event:
    """The paper as the file shows it on its day; among files of one day the later one wins."""
    fields = {EVENT_NAMES.get(name, name): text for name, text in row.items() if name not in IDENTITY}
    return Event(
        entity=row["kind"],
        external_id=row["number"],
        kind=EventKind.CHANGE,
        occurred=_moment(run, row.get("as_of", "")),
        dedupe_key=f"import {run.pk}, row {line}",
        version=run.pk,
        fields=fields,
    )


def _moment(run: ImportRun, day: str) -> dt.datetime:
    if not day:
        return run.uploaded or timezone.now()
    zone = ZoneInfo(str(company.value("time_zone")))
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time.min, zone)
