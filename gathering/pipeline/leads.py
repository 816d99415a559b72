"""Staged rows about leads → events of their system, applied as those of its webhooks are: matched,
joined and given to somebody."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils import timezone

from core import company
from crm.engine.webhooks.events import Event, EventKind
from crm.pipeline.leads import apply_lead_events
from gathering.models import ImportRun
from gathering.pipeline.deals import Row, refuse_unfit, rounds
from gathering.pipeline.differences import count_differences
from gathering.pipeline.targets import Target

DAYS = ("arrived", "answered", "converted")
IDENTITY = "external_id"


def tell_leads(run: ImportRun, target: Target) -> tuple[int, int]:
    """Apply the good rows as events. Returns how many rows are new, and how many differ from what is
    here. Raises Refused where a value cannot be used."""
    new, changed, _ = count_differences(target)
    zone = ZoneInfo(str(company.value("time_zone")))
    for rows in rounds(run, target):
        events = [_event(run, line, row, zone) for line, row in rows]
        refuse_unfit(events, apply_lead_events(run.source, events))
    return new, changed


def _event(run: ImportRun, line: int, row: Row, zone: ZoneInfo) -> Event:
    """The lead as the file shows it; of two files the later one wins."""
    fields = {name: text for name, text in row.items() if name != IDENTITY}
    for name in DAYS:
        if fields.get(name):
            fields[name] = dt.datetime.combine(
                dt.date.fromisoformat(fields[name]), dt.time.min, zone
            ).isoformat()
    if not fields.get("state"):
        fields["state"] = state_shown(row)
    return Event(
        entity="lead",
        external_id=row[IDENTITY],
        kind=EventKind.CHANGE,
        occurred=run.uploaded or timezone.now(),
        dedupe_key=f"import {run.pk}, row {line}",
        version=run.pk,
        fields=fields,
    )


def state_shown(row: Row) -> str:
    """What the days of a row say about the lead where the file does not name its state."""
    if row.get("converted"):
        return "converted"
    return "working" if row.get("answered") else "new"
