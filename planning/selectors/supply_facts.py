"""Whether the facts that supply planning stands on are those of the cycle's month."""

from django.db.models import Exists, OuterRef, QuerySet

from catalog.engine.months import add_months
from catalog.models import CapacityUse, Resource, Site
from gathering.models import Capacity, SourceMonth, SourceState, StockLevel
from planning.models import Cycle

LOOKED_BACK = 3  # months: a site without stock for longer keeps none any more


def sites_without_stock(cycle: Cycle) -> list[Site]:
    """Sites that were counted lately, but not in the month before the cycle's.

    A waived stock source settles the question: somebody said why the month goes without.
    """
    if _waived(cycle, "stock"):
        return []
    counted = StockLevel.objects.filter(site=OuterRef("pk"), day__lt=cycle.month)
    lately = counted.filter(day__gte=add_months(cycle.month, -1 - LOOKED_BACK))
    current = counted.filter(day__gte=add_months(cycle.month, -1))
    return list(Site.objects.filter(Exists(lately), ~Exists(current)).order_by("code"))


def resources_without_capacity(cycle: Cycle) -> list[Resource]:
    """Resources that make something in the cycle's first month, with no capacity for it."""
    if _waived(cycle, "capacity"):
        return []
    used = CapacityUse.objects.filter(resource=OuterRef("pk"), valid__contains=cycle.month)
    entered = Capacity.objects.filter(resource=OuterRef("pk"), month=cycle.month)
    rows: QuerySet[Resource] = Resource.objects.filter(Exists(used), ~Exists(entered))
    return list(rows.order_by("code"))


def _waived(cycle: Cycle, dataset: str) -> bool:
    months = SourceMonth.objects.filter(month=cycle.month, state=SourceState.WAIVED)
    return months.filter(source__dataset=dataset).exists()
