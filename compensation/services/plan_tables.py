"""Quotas for pay and scores by file: all of it or nothing."""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from compensation.models import ObjectiveScore, PlanQuota
from compensation.pipeline.plan_tables import Key, Known, Stored, key_of, read_quotas, read_scores
from compensation.selectors.plan_quotas import end_of, overlapping
from compensation.selectors.plans import plans_visible_to
from compensation.selectors.scope import reps_paid_visible_to
from compensation.services.pay_rules import may_set_pay_of, refuse_closed
from compensation.services.plan_quotas import one_at_a_time
from core.errors import Invalid, Reason
from core.events import record
from core.models import Person
from core.uploads import refuse_large
from territories.pipeline.tables import BadTable

MOST_EVENTS = 2000


@transaction.atomic
def import_plan_quotas(*, actor: Person | None, name: str, data: bytes) -> Stored:
    """Store a CSV file of quotas for pay. Raises Invalid with a sentence for every bad row, Refused where a
    month is locked, Denied for the own pay."""
    found = _read(actor, name, data, read_quotas)
    there = {key_of(row): row for row in PlanQuota.objects.filter(rep__in={key[1] for key in found})}
    new, changed = _sorted_out(found, there, ("amount", "reason"))
    _refuse_more_than_one([found[key] for key in new], name)
    for row in (*(found[key] for key in new), *changed):
        refuse_closed(row.first_month, end_of(row.first_month, row.months))
    return _store(actor, PlanQuota, found, new, changed, "quotas for pay imported", name)


@transaction.atomic
def import_scores(*, actor: Person | None, name: str, data: bytes) -> Stored:
    """Store a CSV file of scores. Raises Invalid with a sentence for every bad row, Refused where a month is
    locked, Denied for the own objectives."""
    found = _read(actor, name, data, read_scores)
    there = {key_of(row): row for row in ObjectiveScore.objects.filter(rep__in={key[1] for key in found})}
    new, changed = _sorted_out(found, there, ("achieved", "note"))
    for row in (*(found[key] for key in new), *changed):
        row.scored_by = actor
        refuse_closed(row.month, row.month)
    return _store(actor, ObjectiveScore, found, new, changed, "scores imported", name)


def _read(
    actor: Person | None, name: str, data: bytes, read: Callable[[str, bytes, Known], dict[Key, Any]]
) -> dict[Key, Any]:
    may_set_pay_of(actor)
    refuse_large(name, data)
    plans = {plan.code: plan for plan in plans_visible_to(actor)}
    reps = {rep.code: rep for rep in reps_paid_visible_to(actor)}
    try:
        found = read(name, data, Known(plans, reps))
    except BadTable as error:
        raise Invalid(*(Reason(one, "row", "file") for one in error.sentences)) from error
    may_set_pay_of(actor, *(row.rep for row in found.values()))
    one_at_a_time({key[0] for key in found})
    return found


def _sorted_out(
    found: dict[Key, Any], there: dict[Key, Any], names: tuple[str, ...]
) -> tuple[list[Key], list[Any]]:
    """The keys that are new, and the rows that say something else now, changed."""
    new, changed = [], []
    for key, row in found.items():
        old = there.get(key)
        if old is None:
            new.append(key)
        elif any(getattr(old, one) != getattr(row, one) for one in names):
            for one in names:
                setattr(old, one, getattr(row, one))
            old.revision += 1
            changed.append(old)
    return new, changed


def _refuse_more_than_one(rows: list[PlanQuota], name: str) -> None:
    """Raises Invalid where a quota of another length holds some of the same months already."""
    faults = [
        f"{name}: {row.rep.code} has a quota of {other.months} months from {other.first_month:%B %Y} "
        f"already, which holds {row.first_month:%B %Y}. Remove that one first."
        for row in rows
        if (other := overlapping(row)) is not None
    ]
    if faults:
        raise Invalid(*(Reason(one, "overlap", "file") for one in faults[:20]))


def _store(
    actor: Person | None,
    model: Any,
    found: dict[Key, Any],
    new: list[Key],
    changed: list[Any],
    verb: str,
    name: str,
) -> Stored:
    """Write set-based; one event for each rep, so that it is found beside the rep."""
    model.objects.bulk_create([found[key] for key in new], batch_size=1000)
    written = [one for one in ("amount", "reason", "achieved", "note", "scored_by") if hasattr(model, one)]
    model.objects.bulk_update(changed, [*written, "revision"], batch_size=1000)
    stored = Stored(len(new), len(changed), len(found) - len(new) - len(changed))
    by_rep: dict[Any, list[Any]] = {}
    for row in (*(found[key] for key in new), *changed):
        by_rep.setdefault(row.rep, []).append(row)
    for rows in list(by_rep.values())[:MOST_EVENTS]:
        after = {"file": name, "rep": rows[0].rep, "rows": len(rows)}
        record(actor=actor, verb=verb, subject=rows[0], after=after)
    return stored
