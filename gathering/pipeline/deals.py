"""Staged rows about deals → events of their CRM, applied as those of its webhooks are: a file and a
webhook of one CRM meet in one deal."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from core import company
from core.errors import Reason, Refused
from crm.engine.webhooks.events import Event
from crm.models import Deal, DealChange, DealStage, EventState, StageKind
from crm.pipeline.deals import apply_deal_events
from crm.pipeline.names import OUR_CODES
from crm.pipeline.settling import Settled
from gathering.engine.deal_rows import Telling, event_of_step, events_of_deal
from gathering.models import ImportRun
from gathering.pipeline.differences import count_differences
from gathering.pipeline.staging import dataset_of
from gathering.pipeline.targets import Target

ROWS = 2_000  # of one round
MOST_NAMED = 5
REFUSED = {EventState.DEAD, EventState.NEEDS_MAPPING}
EVENT_NAMES = {"rep": "owner"}
Row = dict[str, str]
Reads = Callable[[str, list[tuple[int, Row]], Telling], list[Event]]


def tell_deals(run: ImportRun, target: Target, reads: Reads) -> tuple[int, int]:
    """Apply the good rows as events. Returns how many rows are new, and how many differ from what is
    here. Raises Refused where a value cannot be used."""
    new, changed, _ = count_differences(target)
    telling = _telling(run)
    for rows in rounds(run, target):
        events = reads(run.source, rows, telling)
        refuse_unfit(events, apply_deal_events(run.source, events, named_by=OUR_CODES))
    _refresh_statistics(new)
    return new, changed


def _refresh_statistics(new: int) -> None:
    """Whoever reads next must know how many there are: a planner without statistics joins row by row."""
    if new > ROWS // 2:
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {Deal._meta.db_table}, {DealChange._meta.db_table}")


def deal_events(source: str, rows: list[tuple[int, Row]], telling: Telling) -> list[Event]:
    """The events of rows of the dataset deals."""
    ids = [row["external_id"] for _, row in rows]
    known = set(Deal.objects.filter(source=source, external_id__in=ids).values_list("external_id", flat=True))
    return [
        event
        for line, row in rows
        for event in events_of_deal(row, telling, line=line, is_known=row["external_id"] in known)
    ]


def step_events(source: str, rows: list[tuple[int, Row]], telling: Telling) -> list[Event]:
    """The events of rows of the dataset deal_history."""
    return [event_of_step(row, telling) for _, row in rows]


def _telling(run: ImportRun) -> Telling:
    stages = list(DealStage.objects.order_by("position"))
    first = next((stage.code for stage in stages if stage.kind == StageKind.OPEN), "")
    ends = frozenset(stage.code for stage in stages if stage.kind != StageKind.OPEN)
    zone = ZoneInfo(str(company.value("time_zone")))
    return Telling(run.uploaded or timezone.now(), zone, run.pk, first, ends)


def rounds(run: ImportRun, target: Target) -> Iterator[list[tuple[int, Row]]]:
    """The good rows in the order of the file, as text by event field; names as our codes."""
    dataset, given = dataset_of(run), set(run.preview["given"])
    columns = [f"n_{f.name}.target_code" if f.lookup else f"s.{f.name}" for f in dataset.fields]
    query = (
        f"SELECT s.row_number, {', '.join(columns)} FROM {target.tables} "
        f"WHERE {target.good} ORDER BY s.row_number"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        while found := cursor.fetchmany(ROWS):
            yield [(line, _row(zip(dataset.names, cells, strict=True), given)) for line, *cells in found]


def _row(cells: Iterable[tuple[str, Any]], given: set[str]) -> Row:
    return {
        EVENT_NAMES.get(name, name): _text(value)
        for name, value in cells
        if value is not None or name in given
    }


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def refuse_unfit(events: list[Event], settled: list[Settled]) -> None:
    """Raise Refused, naming the first few, where an event could not be applied."""
    unfit = [(e, s) for e, s in zip(events, settled, strict=True) if s.outcome in REFUSED]
    if unfit:
        raise Refused(*(_reason(event, one) for event, one in unfit[:MOST_NAMED]))


def _reason(event: Event, settled: Settled) -> Reason:
    why = settled.error or "Nobody knows " + ", ".join(str(one) for one in settled.unknown) + "."
    return Reason(
        f"{event.entity.capitalize()} {event.external_id}: {why} Nothing was imported; mend the file.",
        "blocked",
    )
