"""What happened in a cycle: the events of the cycle and of everything in it, the newest first."""

from typing import Any

from django.db.models import CharField, Model, QuerySet
from django.db.models.functions import Cast

from catalog.selectors import reach_of
from core.models import Event
from planning.models import (
    ApprovalRequest,
    ChecklistItem,
    Cycle,
    DataFreeze,
    DemandEvent,
    DemandInput,
    DemandVersion,
    FamilyReview,
    Release,
    Scenario,
    Stage,
    Stream,
    SupplyAction,
    SupplyRun,
)
from planning.selectors.meetings import meetings_visible_to
from planning.selectors.registers import assumptions_visible_to, decisions_visible_to, risks_visible_to
from planning.selectors.tasks import tasks_visible_to

# Everybody who may see the cycle may see that these happened.
STEPS: tuple[tuple[type[Model], str], ...] = (
    (Stage, "cycle"),
    (ChecklistItem, "stage__cycle"),
    (DataFreeze, "cycle"),
    (Stream, "cycle"),
    (DemandVersion, "cycle"),
    (Scenario, "cycle"),
    (SupplyRun, "cycle"),
    (SupplyAction, "cycle"),
    (ApprovalRequest, "cycle"),
    (Release, "cycle"),
)
# These are about families and markets: only for those whose scope is not narrowed.
DETAILS: tuple[tuple[type[Model], str], ...] = (
    (DemandInput, "cycle"),
    (DemandEvent, "cycle"),
    (FamilyReview, "cycle"),
)
SCOPED = (
    assumptions_visible_to,
    decisions_visible_to,
    meetings_visible_to,
    risks_visible_to,
    tasks_visible_to,
)


def timeline_of(user: Any, cycle: Cycle, *, limit: int, details: bool = False) -> list[Event]:
    """The newest `limit` events. `details` adds inputs, demand events and reviews: there are many."""
    tables = STEPS + (DETAILS if details and not reach_of(user).families else ())
    parts = [
        _of_table(model, model._default_manager.filter(**{path: cycle}), limit) for model, path in tables
    ]
    for visible in SCOPED:
        rows: QuerySet[Any] = visible(user).filter(cycle=cycle)
        parts.append(_of_table(rows.model, rows, limit))
    own = Event.objects.filter(subject_type=Cycle._meta.label_lower, subject_id=str(cycle.pk))
    keys = own.order_by("-pk").values("pk")[:limit].union(*parts, all=True).order_by("-pk")[:limit]
    return list(
        Event.objects.filter(pk__in=[row["pk"] for row in keys]).select_related("actor").order_by("-pk")
    )


def _of_table(model: type[Model], rows: QuerySet[Any], limit: int) -> QuerySet[Any, Any]:
    keys = rows.order_by().values_list(Cast("pk", CharField()), flat=True)
    events = Event.objects.filter(subject_type=model._meta.label_lower, subject_id__in=keys)
    return events.order_by("-pk").values("pk")[:limit]
