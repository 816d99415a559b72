"""Reading pinned methods, within the person's scope, with what they are worth."""

from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from catalog.selectors import reach_of
from core.models import Person
from forecasting.models import ForecastPin, ForecastSeries, RunState


@dataclass(frozen=True)
class Worth:
    """Errors of the newest run that used a pin, with it and without it, by one measure of the same
    back-tests; None where nothing was tested. `used`: whether any run has used it."""

    used: bool
    measure: str
    with_it: float | None
    without: float | None

    @property
    def pays(self) -> bool | None:
        """Whether the pinned method erred less in the back-tests than the route would have."""
        if self.with_it is None or self.without is None:
            return None
        return self.with_it < self.without


def pins_visible_to(user: Person | None) -> QuerySet[ForecastPin]:
    """Every pin of the demand units the person may see, those that hold first, each with `mase`, `wape`
    and `without` of the newest run that used it."""
    reach = reach_of(user)
    seen = reach.of_family("demand_unit__product__family") & reach.of_market("demand_unit__market")
    used = ForecastSeries.objects.filter(
        demand_unit=OuterRef("demand_unit"),
        run__state=RunState.DONE,
        run__created__gte=OuterRef("since"),
        without_pin__isnull=False,
    ).order_by("-run")
    return (
        ForecastPin.objects.filter(seen)
        .select_related("demand_unit__product__family", "demand_unit__market", "pinned_by", "ended_by")
        .annotate(
            mase=Subquery(used.values("mase")[:1]),
            wape=Subquery(used.values("wape")[:1]),
            without=Subquery(used.values("without_pin")[:1]),
            used_in=Subquery(used.values("run")[:1]),
        )
    )


def pin_of_unit(user: Person | None, unit: int) -> ForecastPin | None:
    """The pin that holds for a demand unit now."""
    return pins_visible_to(user).filter(demand_unit=unit, ended=None).first()


def worth_of(pin: Any) -> Worth:
    """What a row of `pins_visible_to` was worth in the newest run that used it: by MASE, or by WAPE where
    the history has no seasonal step to measure by."""
    route = pin.without or {}
    measure = "MASE" if pin.mase is not None and route.get("mase") is not None else "WAPE"
    with_it = pin.mase if measure == "MASE" else pin.wape
    return Worth(pin.used_in is not None, measure, with_it, route.get(measure.lower()))
