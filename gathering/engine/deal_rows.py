"""A row of a file about a deal → what a CRM would have told: its beginning, its end, and how it is now.

A file shows the newest state. The days in it are steps of the past; everything else is known as of the
day of the export, so that a webhook that is newer than the file stays, and one that is older does not.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from crm.engine.webhooks.events import Event, EventKind

# The order of what happens at one moment.
BEGUN, LATER, ENDED, NOW = 0, 1, 2, 10
ONLY_NOW = ("stage", "closed", "next_step", "lost_reason", "category", "probability")
ABOUT = {"external_id", "first_stage", "stage_since", "as_of"}  # what is no property of the deal


@dataclass(frozen=True)
class Telling:
    """What the rows of an import share. `number` is that of the import: among exports of one day the
    later one wins. `first_stage` is where deals begin, `ends` are the stages in which they end (codes)."""

    exported: dt.datetime
    zone: ZoneInfo
    number: int
    first_stage: str = ""
    ends: frozenset[str] = frozenset()

    def moment(self, day: str) -> dt.datetime:
        """The beginning of a day (ISO text) in the company's time zone."""
        return dt.datetime.combine(dt.date.fromisoformat(day), dt.time.min, self.zone)


def events_of_deal(row: Mapping[str, str], telling: Telling, *, line: int, is_known: bool) -> Iterator[Event]:
    """What a row of the dataset deals tells. `row` holds text by event field, only for what the file
    has; an empty text clears. A deal that is not known yet is taken to have begun as it is now."""
    facts = {name: text for name, text in row.items() if name not in ABOUT}
    if created := row.get("created"):
        begun = {"created": created}
        if not is_known:
            begun = {name: text for name, text in facts.items() if name not in ONLY_NOW and text} | begun
        if first := _first_stage(row, telling, is_known=is_known):
            begun["stage"] = first
        yield _event(row, telling.moment(created), BEGUN, "file: created", begun)
    if step := _dated_stage(row, telling):
        day, fields = step
        yield _event(row, telling.moment(day), ENDED, f"file: {fields['stage']} on {day}", fields)
    moment = telling.moment(row["as_of"]) if row.get("as_of") else telling.exported
    key = f"import {telling.number}, row {line}"
    yield _event(row, moment, NOW + telling.number, key, facts)


def event_of_step(row: Mapping[str, str], telling: Telling) -> Event:
    """What a row of the dataset deal_history tells: only what it fills in."""
    fields = {name: text for name, text in row.items() if name not in {"deal", "occurred"} and text}
    key = f"file: {row['occurred']} " + " ".join(f"{name}={fields[name]}" for name in sorted(fields))
    moment = telling.moment(row["occurred"])
    return Event("deal", row["deal"], EventKind.CHANGE, moment, key[:600], LATER, fields)


def _first_stage(row: Mapping[str, str], telling: Telling, *, is_known: bool) -> str:
    """Where the deal began: as the file says; else in the first stage of all, where nothing is known."""
    if row.get("first_stage"):
        return row["first_stage"]
    return "" if is_known or not row.get("stage") else telling.first_stage


def _dated_stage(row: Mapping[str, str], telling: Telling) -> tuple[str, dict[str, str]] | None:
    """The day on which the deal came into its present stage, where the file tells it."""
    stage, closed = row.get("stage", ""), row.get("closed", "")
    if stage in telling.ends and closed:
        ended = {name: row[name] for name in ("amount", "lost_reason") if row.get(name)}
        return closed, {"stage": stage, "closed": closed} | ended
    if stage and row.get("stage_since"):
        return row["stage_since"], {"stage": stage}
    return None


def _event(
    row: Mapping[str, str], occurred: dt.datetime, version: int, key: str, fields: Mapping[str, str]
) -> Event:
    return Event(
        entity="deal",
        external_id=row["external_id"],
        kind=EventKind.CHANGE,
        occurred=occurred,
        dedupe_key=key,
        version=version,
        fields=fields,
    )
