"""Reading cycles and their stages."""

from django.db.models import QuerySet

from core.models import Person
from planning.engine.moves import STAGES
from planning.models import Cycle


def cycles_visible_to(user: Person | None) -> QuerySet[Cycle]:
    """Every cycle, the newest first."""
    return Cycle.objects.select_related("opened_by", "supersedes")


def open_cycles() -> QuerySet[Cycle]:
    """The cycles that are being worked on, the newest first."""
    return Cycle.objects.filter(stage__in=STAGES)


def current_cycle() -> Cycle | None:
    """The cycle people mean when they say "the cycle": the newest open one, else the newest released."""
    return open_cycles().first() or Cycle.objects.filter(stage="released").first()


def last_released_before(cycle: Cycle) -> Cycle | None:
    """The newest released plan of an earlier month."""
    return Cycle.objects.filter(stage="released", month__lt=cycle.month).first()
