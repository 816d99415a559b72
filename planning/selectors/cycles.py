"""Reading cycles and their stages."""

from typing import Any

from django.db.models import Case, QuerySet, Value, When

from core.models import Person
from core.roles import can
from planning.engine.moves import STAGES
from planning.models import ChecklistItem, Cycle, Stage
from planning.selectors.addresses import cycle_path

IS_RELEASED = Case(When(stage="released", then=Value(1)), default=Value(0))


def cycles_visible_to(user: Person | None) -> QuerySet[Cycle]:
    """Every cycle, the newest first."""
    return Cycle.objects.select_related("opened_by", "supersedes")


def current_cycle() -> Cycle | None:
    """The cycle people mean when they say "the cycle": the newest open one, else the newest released."""
    known = Cycle.objects.filter(stage__in=[*STAGES, "released"])
    return known.order_by(IS_RELEASED, "-month", "-issue").first()


def current_cycle_line(user: Any) -> dict[str, str] | None:
    """What the top bar says about the cycle to those who may see cycles."""
    cycle = current_cycle() if can(user, "cycle.view") else None
    if cycle is None:
        return None
    return {"label": str(cycle), "stage": cycle.get_stage_display(), "url": cycle_path(cycle)}


def last_released_before(cycle: Cycle) -> Cycle | None:
    """The newest released plan of an earlier month."""
    return Cycle.objects.filter(stage="released", month__lt=cycle.month).first()


def stages_visible_to(user: Person | None) -> QuerySet[Stage]:
    """Every stage of every cycle, the newest cycle first."""
    return Stage.objects.select_related("cycle", "owner", "signed_by").order_by("-cycle__month", "due")


def checklist_visible_to(user: Person | None) -> QuerySet[ChecklistItem]:
    """Every point of every checklist."""
    return ChecklistItem.objects.select_related("stage__cycle", "stage__owner", "done_by").order_by(
        "stage", "position"
    )
