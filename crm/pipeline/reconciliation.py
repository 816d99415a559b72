"""Comparing a CRM's export with the deals that are known of it: the work of one job."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from core.errors import Refused
from core.events import plain
from core.jobs import Progress
from crm.engine.exports import DayOrder, Export, NoExport, deal_fields, deal_key, places_of, read_export
from crm.engine.webhooks.events import Event, EventKind
from crm.models import Deal, Difference, DifferenceKind, Reconciliation
from crm.pipeline.deal_values import COLUMNS, Decoded, decode, names_for
from crm.pipeline.names import Names

AT_A_TIME = 2000
FAULTS_KEPT = 200
LIFE = "life"  # the field of a difference that says whether the deal is there at all
WITH = ("account", "rep", "stage", "product", "currency", "merged_into")


@dataclass
class Comparison:
    """What a comparison has found so far."""

    differences: list[Difference] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    equal: int = 0
    newer: int = 0

    def note(self, difference: Difference | None, is_newer: bool) -> None:
        """One deal is compared: it differs, or is newer here, or equal."""
        if difference is not None:
            self.differences.append(difference)
        elif is_newer:
            self.newer += 1
        else:
            self.equal += 1


def compare_export(progress: Progress) -> dict[str, Any]:
    """Compare every row of the file, then look for deals that it does not hold. Raises Refused."""
    row = Reconciliation.objects.get(pk=progress.job.params["reconciliation"])
    try:
        export = _read(row)
        found = Comparison()
        for done, events in _chunks(row, export, found):
            progress.report(done=done, total=len(export.rows), step="Comparing deals.")
            _compare(row, events, found)
    except NoExport as error:
        raise Refused(str(error)) from error
    if row.is_whole:
        progress.report(step="Looking for deals that the export does not hold.")
        _find_extra(row, found)
    return _store(progress, row, export, found)


def _read(row: Reconciliation) -> Export:
    with row.file.open("rb") as file:
        return read_export(file.read())


def _chunks(row: Reconciliation, export: Export, found: Comparison) -> Iterator[tuple[int, list[Event]]]:
    """The file's deals as events as of the export, some thousand at a time."""
    order = DayOrder(row.columns.get("days", DayOrder.ISO))
    places = places_of(export.headings, row.columns["fields"])
    for start in range(0, len(export.rows), AT_A_TIME):
        lines = export.rows[start : start + AT_A_TIME]
        events = [event for line in lines if (event := _event(row, line, places, order, found))]
        yield start + len(lines), events


def _event(
    row: Reconciliation,
    line: tuple[int, tuple[str, ...]],
    places: dict[str, int],
    order: DayOrder,
    found: Comparison,
) -> Event | None:
    number, cells = line
    try:
        key = deal_key(cells, places)
        if key in found.seen:
            raise ValueError(f"the deal {key} stands in the file twice; the first line counts")
        found.seen.add(key)
        return change_event(row, key, deal_fields(cells, places, order))
    except ValueError as error:
        found.faults.append(f"Line {number}: {error}.")
        return None


def change_event(row: Reconciliation, key: str, fields: dict[str, str]) -> Event:
    """What the export says of a deal, as a change at the moment of the export."""
    return Event("deal", key, EventKind.CHANGE, row.as_of, f"reconciliation:{row.pk}:{key}", fields=fields)


def _compare(row: Reconciliation, events: Sequence[Event], found: Comparison) -> None:
    names = names_for(row.source, events)
    keys = [event.external_id for event in events]
    deals = Deal.objects.filter(source=row.source, external_id__in=keys).select_related(*WITH)
    known = {deal.external_id: deal for deal in deals}
    for event in events:
        try:
            values, unknown = _decoded(event, names)
        except ValueError as error:
            found.faults.append(f"Deal {event.external_id}: {error}")
            continue
        deal = known.get(event.external_id)
        if deal is None:
            found.note(_missing(row, event, values, unknown), False)
        else:
            found.note(*_different(row, deal, event, values, unknown))


def _decoded(event: Event, names: Names) -> tuple[dict[str, Any], set[str]]:
    """The event's values by field, and the fields whose value nothing here answers to."""
    unknown: set[str] = set()
    while True:
        fields = {name: text for name, text in event.fields.items() if name not in unknown}
        said = decode(Event(**{**vars(event), "fields": fields}), names)
        if isinstance(said, Decoded):
            return {name: said.values[COLUMNS[name]] for name in fields}, unknown
        values = {one.value for one in said.unknown}
        named = {name for name, text in fields.items() if text in values}
        if not named:
            raise ValueError(said.error)
        unknown |= named


def _missing(row: Reconciliation, event: Event, values: dict[str, Any], unknown: set[str]) -> Difference:
    fields = {
        name: _pair(text, values.get(name), "", name in unknown)
        for name, text in event.fields.items()
        if text
    }
    return Difference(
        reconciliation=row,
        kind=DifferenceKind.MISSING,
        external_id=event.external_id,
        name=event.fields.get("name", "")[:250],
        amount=values.get("amount"),
        fields=fields,
    )


def _different(
    row: Reconciliation, deal: Deal, event: Event, values: dict[str, Any], unknown: set[str]
) -> tuple[Difference | None, bool]:
    """The difference of a deal that both know, and whether something of it is newer here."""
    fields = {name: _pair(event.fields[name], None, getattr(deal, COLUMNS[name]), True) for name in unknown}
    for name, value in values.items():
        ours = getattr(deal, COLUMNS[name])
        if (value or None) != (ours or None) or (value == 0) != (ours == 0):
            fields[name] = _pair(event.fields[name], value, ours, False)
    fresh = {name for name in fields if is_newer(deal, name, row.as_of)}
    fields = {name: pair for name, pair in fields.items() if name not in fresh}
    dead = deal.is_deleted or deal.merged_into_id is not None
    if dead and not is_newer(deal, LIFE, row.as_of):
        gone = "deleted" if deal.is_deleted else f"merged into {deal.merged_into}"
        fields[LIFE] = {"theirs": "there", "means": "there", "ours": gone, "unknown": False}
    elif dead:
        return None, True
    return (_difference(row, deal, DifferenceKind.DIFFERENT, fields) if fields else None), bool(fresh)


def _difference(row: Reconciliation, deal: Deal, kind: str, fields: dict[str, Any]) -> Difference:
    return Difference(
        reconciliation=row,
        kind=kind,
        external_id=deal.external_id,
        deal=deal,
        name=deal.name,
        amount=deal.base_amount if deal.base_amount is not None else deal.amount,
        fields=fields,
    )


def _pair(theirs: str, means: Any, ours: Any, is_unknown: bool) -> dict[str, Any]:
    shown = theirs if is_unknown else _shown(means)
    return {"theirs": theirs, "means": shown, "ours": _shown(ours), "unknown": is_unknown}


def _shown(value: Any) -> str:
    return "" if value is None else str(plain(value))


def is_newer(deal: Deal, name: str, as_of: dt.datetime) -> bool:
    """Whether the field (or the deal's life) was written here after the export was made."""
    names = ("(deleted)", "(merged into)") if name == LIFE else (name,)
    stamps = [deal.written[one][1] for one in names if one in deal.written]
    return any(dt.datetime.fromisoformat(stamp) > as_of for stamp in stamps)


def _find_extra(row: Reconciliation, found: Comparison) -> None:
    here = Deal.objects.filter(source=row.source, is_deleted=False, merged_into=None)
    extra = [key for key in here.values_list("external_id", flat=True) if key not in found.seen]
    for start in range(0, len(extra), AT_A_TIME):
        keys = extra[start : start + AT_A_TIME]
        for deal in here.filter(external_id__in=keys).select_related(*WITH):
            news = any(is_newer(deal, name, row.as_of) for name in (*COLUMNS, LIFE))
            life = {LIFE: {"theirs": "not there", "means": "not there", "ours": "there", "unknown": False}}
            found.note(None if news else _difference(row, deal, DifferenceKind.EXTRA, life), news)


def _store(progress: Progress, row: Reconciliation, export: Export, found: Comparison) -> dict[str, Any]:
    counts = {"rows": len(export.rows), "equal": found.equal, "newer": found.newer}
    if len(found.faults) > FAULTS_KEPT:
        found.faults[FAULTS_KEPT:] = [f"And {len(found.faults) - FAULTS_KEPT} more lines."]
    with progress.store() as store:
        Difference.objects.filter(reconciliation=row).delete()
        Difference.objects.bulk_create(found.differences, batch_size=AT_A_TIME)
        changes = {**counts, "faults": found.faults, "compared": timezone.now()}
        Reconciliation.objects.filter(pk=row.pk).update(**changes)
        store.result = {**counts, "differences": len(found.differences)}
    return store.result
