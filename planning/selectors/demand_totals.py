"""The demand of a cycle in sums: by month and by family, against budget, last year and last cycle."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, Sum

from catalog.engine.months import months_apart, months_from
from catalog.models import Family
from catalog.selectors import reach_of
from core.models import Person
from gathering.models import Budget, Sales
from planning.models import ConsensusTotal, Cycle, FamilyReview, ReleasedTotal
from planning.selectors.cycles import last_released_before
from planning.selectors.demand_coverage import months_of


@dataclass(frozen=True)
class MonthLine:
    """A planned month in units and base currency; None where nobody said anything."""

    month: dt.date
    baseline: float
    units: float
    revenue: float
    budget_units: float | None
    budget_revenue: float | None
    last_year_units: float | None
    last_year_revenue: float | None


@dataclass(frozen=True)
class FamilyLine:
    """A family over the horizon: units and base currency, and its review."""

    family: Family
    baseline: float
    units: float
    baseline_revenue: float
    revenue: float
    last_revenue: float | None
    review: FamilyReview | None

    @property
    def pk(self) -> int:
        """The family's key, by which lists tell rows apart."""
        return self.family.pk

    @property
    def change(self) -> float:
        """Revenue of the consensus above that of the baseline, base currency."""
        return self.revenue - self.baseline_revenue

    @property
    def change_share(self) -> float | None:
        """The change as a share of the baseline's revenue; None without any."""
        return self.change / self.baseline_revenue if self.baseline_revenue else None

    @property
    def last_share(self) -> float | None:
        """Change against the last released plan over the months both plan."""
        return self.revenue / self.last_revenue - 1 if self.last_revenue else None


def totals_visible_to(user: Person | None, cycle: Cycle) -> QuerySet[ConsensusTotal]:
    """The consensus by family, market and month within the person's scope."""
    reach = reach_of(user)
    return ConsensusTotal.objects.filter(reach.of_family("family"), reach.of_market("market"), cycle=cycle)


def month_lines(user: Person | None, cycle: Cycle) -> list[MonthLine]:
    """Every planned month in the person's scope. Five queries."""
    months = months_of(cycle)
    reach = reach_of(user)
    agreed = _by_month(
        totals_visible_to(user, cycle),
        baseline=Sum("baseline"),
        units=Sum("quantity"),
        revenue=Sum("revenue"),
    )
    in_family = reach.of_family("family") | reach.of_family("product__family") if reach.families else Q()
    budget = _by_month(
        Budget.objects.filter(in_family, reach.of_market("market"), month__in=months),
        units=Sum("quantity"),
        revenue=Sum("revenue"),
    )
    year_ago = months_from(months[0], -12)
    sold = _by_month(
        Sales.objects.filter(
            reach.of_family("demand_unit__product__family"),
            reach.of_market("demand_unit__market"),
            month__in=year_ago,
        ),
        units=Sum("quantity"),
        revenue=Sum("revenue"),
    )
    return [_month_line(month, agreed, budget, sold) for month in months if month in agreed]


def _month_line(month: dt.date, agreed: Any, budget: Any, sold: Any) -> MonthLine:
    here, planned = agreed[month], budget.get(month, {})
    before = sold.get(month.replace(year=month.year - 1), {})
    return MonthLine(
        month=month,
        baseline=here["baseline"],
        units=here["units"],
        revenue=here["revenue"],
        budget_units=_number(planned.get("units")),
        budget_revenue=_number(planned.get("revenue")),
        last_year_units=_number(before.get("units")),
        last_year_revenue=_number(before.get("revenue")),
    )


def family_lines(user: Person | None, cycle: Cycle) -> list[FamilyLine]:
    """Every planned family in the person's scope, the largest revenue first. Four queries or five."""
    rows = totals_visible_to(user, cycle).order_by().values("family")
    sums = rows.annotate(
        units=Sum("quantity"), base=Sum("baseline"), money=Sum("revenue"), base_money=Sum("baseline_revenue")
    )
    found = {row["family"]: row for row in sums}
    families = Family.objects.in_bulk(found)
    reviews = {
        review.family_id: review
        for review in FamilyReview.objects.filter(cycle=cycle).select_related("reviewer")
    }
    last = _last_revenue(user, cycle)
    lines = [
        FamilyLine(
            families[key], row["base"], row["units"], row["base_money"], row["money"], last.get(key),
            reviews.get(key),
        )
        for key, row in found.items()
    ]  # fmt: skip
    return sorted(lines, key=lambda line: (-line.revenue, line.family.code))


def _last_revenue(user: Person | None, cycle: Cycle) -> dict[int, float]:
    """What the last released plan expected of the months that both plan, and this plan of the rest:
    only what changed in the common months makes a difference."""
    last = last_released_before(cycle)
    if last is None:
        return {}
    reach = reach_of(user)
    both = months_of(cycle)[: max(0, cycle.horizon - months_apart(last.month, cycle.month))]
    rows = ReleasedTotal.objects.filter(
        reach.of_family("family"), reach.of_market("market"), release__cycle=last, month__in=both
    )
    found = rows.order_by().values("family").annotate(money=Sum("demand_revenue"))
    tail = (
        totals_visible_to(user, cycle)
        .exclude(month__in=both)
        .order_by()
        .values("family")
        .annotate(money=Sum("revenue"))
    )
    beyond = {row["family"]: row["money"] for row in tail}
    return {row["family"]: row["money"] + beyond.get(row["family"], 0.0) for row in found}


def sum_line(lines: list[MonthLine]) -> dict[str, float]:
    """Units and revenue over the horizon, and of budget and last year where they speak."""
    return {
        "units": sum(line.units for line in lines),
        "revenue": sum(line.revenue for line in lines),
        "baseline": sum(line.baseline for line in lines),
        "budget": sum(line.budget_revenue or 0 for line in lines),
        "against_budget": sum(line.revenue for line in lines if line.budget_revenue is not None),
        "last_year": sum(line.last_year_revenue or 0 for line in lines),
        "against_last_year": sum(line.revenue for line in lines if line.last_year_revenue is not None),
    }


def _by_month(rows: QuerySet[Any], **sums: Any) -> dict[dt.date, Any]:
    return {row["month"]: row for row in rows.order_by().values("month").annotate(**sums)}


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
