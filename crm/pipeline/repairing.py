"""Repairing deals after a reconciliation: what the export says becomes events, applied as any others."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.events import record
from core.jobs import Progress
from core.models import Person
from crm.engine.webhooks.events import Event, EventKind
from crm.models import (
    Difference,
    DifferenceKind,
    DifferenceState,
    EventState,
    Reconciliation,
    ValueKind,
)
from crm.pipeline.deals import apply_deal_events
from crm.pipeline.reconciliation import LIFE, change_event
from crm.pipeline.settling import Settled

AT_A_TIME = 500
OPEN = (DifferenceState.OPEN, DifferenceState.FAILED)
REPAIRED = {EventState.APPLIED, EventState.PARTLY}


def repair_job(progress: Progress) -> dict[str, Any]:
    """Repair every open difference of a reconciliation, or those of one kind."""
    row = Reconciliation.objects.get(pk=progress.job.params["reconciliation"])
    wanted = Difference.objects.filter(reconciliation=row, state__in=OPEN)
    if kind := progress.job.params.get("kind"):
        wanted = wanted.filter(kind=kind)
    keys = list(wanted.order_by("external_id").values_list("pk", flat=True))
    repaired = 0
    for start in range(0, len(keys), AT_A_TIME):
        progress.report(done=start, total=len(keys), step="Repairing deals.")
        repaired += repair(row, keys[start : start + AT_A_TIME], progress.job.requested_by)
    return {"repaired": repaired, "failed": len(keys) - repaired}


@transaction.atomic
def repair(row: Reconciliation, keys: Iterable[int], actor: Person | None) -> int:
    """Repair these differences where they are still open; says how many are repaired now."""
    locked = Difference.objects.filter(reconciliation=row, pk__in=keys, state__in=OPEN)
    differences = list(locked.select_for_update(of=("self",)).order_by("external_id"))
    events = [(one, event) for one in differences for event in _events(row, one)]
    settled = apply_deal_events(row.source, [event for _, event in events])
    said: dict[int, list[Settled]] = {one.pk: [] for one in differences}
    for (difference, _), answer in zip(events, settled, strict=True):
        said[difference.pk].append(answer)
    for one in differences:
        _settle(one, said[one.pk], actor)
    names = ["state", "error", "settled", "settled_by"]
    Difference.objects.bulk_update(differences, names, batch_size=AT_A_TIME)
    repaired = [one.external_id for one in differences if one.state == DifferenceState.REPAIRED]
    if repaired:
        record(actor=actor, verb="deals repaired", subject=row, after={"deals": repaired})
    return len(repaired)


def _events(row: Reconciliation, difference: Difference) -> list[Event]:
    """A deal that is not in the CRM is deleted; any other gets what the CRM says."""
    key = difference.external_id
    if difference.kind == DifferenceKind.EXTRA:
        return [_life_event(row, key, EventKind.DELETE)]
    fields = {name: pair["theirs"] for name, pair in difference.fields.items() if name != LIFE}
    events = [change_event(row, key, fields)] if fields else []
    if difference.fields.get(LIFE, {}).get("ours") == "deleted":
        events.append(_life_event(row, key, EventKind.RESTORE))
    return events


def _life_event(row: Reconciliation, key: str, kind: EventKind) -> Event:
    return Event("deal", key, kind, row.as_of, f"reconciliation:{row.pk}:{key}:{kind}")


def _settle(difference: Difference, answers: Sequence[Settled], actor: Person | None) -> None:
    error = next((text for answer in answers if (text := _problem(answer))), "")
    merged = difference.fields.get(LIFE, {}).get("ours", "").startswith("merged")
    if merged and not error:
        error = "It was merged into another deal. Undo the merge in the CRM, or leave it as it is."
    difference.state = DifferenceState.FAILED if error else DifferenceState.REPAIRED
    difference.error = error[:300]
    difference.settled, difference.settled_by = timezone.now(), actor


def _problem(answer: Settled) -> str:
    """Why the deal is not as the export says, in a sentence; empty where it is."""
    if answer.outcome in REPAIRED:
        return ""
    if answer.outcome == EventState.SUPERSEDED:
        return "It changed here after the export was made. Compare a newer export."
    if answer.unknown:
        one = answer.unknown[0]
        kind = ValueKind(one.kind).label.lower()
        return f"The {kind} “{one.value}” is not known here. Map it, then repair."
    return answer.error or "It could not be applied."
