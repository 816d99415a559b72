"""A quota plan as its tree: territories with what they have, give down and lack, reps below them."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import QuerySet

from catalog.models import Market
from core.models import Person
from territories.engine.quotas.cascade import Rules, given_down, hedge_of
from territories.engine.quotas.seasons import Months
from territories.models import Quota, QuotaPlan, Territory
from territories.selectors.quotas import months_of_quotas, quotas_visible_to

NOTHING = Decimal(0)


@dataclass
class TreeRow:
    """A line of the tree. `pool`: what it gives down, hedge and all; `left`: what of it is not given yet
    (negative: given twice); None where nothing lies below. Base currency."""

    quota: Quota
    depth: int
    months: Months
    pool: Decimal | None = None
    left: Decimal | None = None
    below: list["TreeRow"] = field(default_factory=list)

    @property
    def gap(self) -> Decimal | None:
        """Bottom-up less top-down: below 0 people see less than the plan wants."""
        bottom = self.quota.bottom_up
        return None if bottom is None else bottom - self.quota.top_down

    @property
    def change(self) -> float | None:
        """Against last year; 0.1 is 10 % more."""
        last = self.quota.last_year
        return float(self.quota.amount / last - 1) if last else None

    @property
    def is_overlay(self) -> bool:
        """Whether it stands beside the tree and adds up to nothing."""
        return is_overlay(self.quota)

    @property
    def label(self) -> str:
        """The name of the rep, or of the territory."""
        of = self.quota.rep if self.quota.rep_id else self.quota.territory
        return str(getattr(of, "name", of))


def is_overlay(quota: Quota) -> bool:
    """Whether it is the quota of an overlay."""
    return quota.territory is not None and quota.territory.role_id is not None


@dataclass
class Tree:
    """All lines from the top down, and the target's own pool."""

    plan: QuotaPlan
    tops: list[TreeRow]
    pool: Decimal
    left: Decimal

    def rows(self) -> Iterator[TreeRow]:
        """Every line, parents before what lies below them."""
        yield from _flat(self.tops)

    def find(self, quota: int) -> TreeRow | None:
        """The row of a quota, by its key."""
        return next((row for row in self.rows() if row.quota.pk == quota), None)

    def parent_of(self, row: TreeRow) -> TreeRow | None:
        """The row that stands right above; None at the top."""
        return next((one for one in self.rows() if row in one.below), None)


def rules_of(plan: QuotaPlan) -> Rules:
    """The plan's settings as the engine takes them."""
    return Rules(
        weights=weights_of(plan),
        step=plan.step,
        from_month=plan.from_month,
        hedges=tuple(plan.hedges),
        floor=plan.floor_percent,
        ceiling=plan.ceiling_percent,
        ramp=tuple(plan.ramp),
        spread_relief=plan.spread_relief,
    )


def weights_of(plan: QuotaPlan) -> dict[str, Decimal]:
    """Percent by method."""
    return {
        "history": plan.weight_history,
        "potential": plan.weight_potential,
        "pipeline": plan.weight_pipeline,
        "even": plan.weight_even,
    }


def tree_of(plan: QuotaPlan, user: Person | None = None) -> Tree:
    """The plan's quotas that a person may see, as a tree; overlays stand beside it. Three queries."""
    quotas = list(quotas_visible_to(user).filter(plan=plan, territory__role=None))
    months = months_of_quotas(quotas)
    parents: dict[int, int | None] = dict(
        Territory.objects.filter(model=plan.model_id).values_list("pk", "parent_id")
    )
    of_territory = {quota.territory_id: quota for quota in quotas if quota.rep_id is None}
    below: dict[int | None, list[Quota]] = defaultdict(list)
    for quota in quotas:
        below[_above(quota, of_territory, parents)].append(quota)
    tops = [_row(quota, 0, below, months, plan) for quota in _sorted(below[None])]
    pool, left = _root(plan, tops)
    return Tree(plan, tops, pool, left)


def overlay_rows(plan: QuotaPlan, user: Person | None = None) -> list[TreeRow]:
    """The plan's quotas of overlays that a person may see, in the order of their names. Two queries."""
    rows = quotas_visible_to(user).filter(plan=plan, territory__role__isnull=False)
    quotas = list(rows.select_related("territory__role"))
    months = months_of_quotas(quotas)
    return [TreeRow(quota, 0, months[quota.pk]) for quota in _sorted(quotas)]


def overlay_row(quota: Quota, user: Person | None = None) -> TreeRow | None:
    """The line of one of them; None where it is none, or the person does not see it."""
    return next((row for row in overlay_rows(quota.plan, user) if row.quota.pk == quota.pk), None)


def overlays_to_choose(plan: QuotaPlan) -> QuerySet[Territory]:
    """The overlays of the plan's model that have no quota in it yet."""
    rows = Territory.objects.filter(model=plan.model_id, role__isnull=False)
    return rows.exclude(quotas__plan=plan).order_by("name", "code")


def planned_of_markets(plan: QuotaPlan) -> dict[int, Decimal]:
    """What the parts of the target say for each market, with all markets below it; base currency.

    Nothing where the target was typed: no plan stands behind it then. One query.
    """
    parts = [(part["market"], Decimal(part["amount"])) for part in plan.target_parts if part["market"]]
    parents = dict(Market.objects.values_list("pk", "parent")) if parts else {}
    planned: dict[int, Decimal] = defaultdict(Decimal)
    for market, amount in parts:
        above: int | None = market
        while above is not None:
            planned[above] += amount
            above = parents.get(above)
    return dict(planned)


def _above(quota: Quota, of_territory: dict[int | None, Quota], parents: dict[int, int | None]) -> int | None:
    """The key of the quota that it is a part of; None at the top."""
    if quota.rep_id is not None:
        found = of_territory.get(quota.territory_id)
        return found.pk if found else None
    above = parents.get(quota.territory_id or 0)
    while above is not None and above not in of_territory:
        above = parents.get(above)
    return of_territory[above].pk if above is not None else None


def _sorted(quotas: list[Quota]) -> list[Quota]:
    return sorted(quotas, key=lambda one: (one.rep_id is not None, str(one.territory), str(one.rep)))


def _row(
    quota: Quota,
    depth: int,
    below: dict[int | None, list[Quota]],
    months: dict[int, Months],
    plan: QuotaPlan,
) -> TreeRow:
    children = [_row(one, depth + 1, below, months, plan) for one in _sorted(below[quota.pk])]
    row = TreeRow(quota, depth, months[quota.pk], below=children)
    if quota.rep_id is None:
        row.pool, row.left = _pool(plan, row, depth + 1)
    return row


def _pool(plan: QuotaPlan, row: TreeRow, level: int) -> tuple[Decimal, Decimal]:
    """What a territory gives down from `from_month` on and what is left of it, with the past as it was."""
    hedge = hedge_of(rules_of(plan), level)
    future = sum(given_down(row.months, hedge, plan.step, plan.from_month).values(), NOTHING)
    past = sum((_past(one, plan) for one in row.below), NOTHING)
    given = sum((_counted(one) for one in row.below), NOTHING)
    return past + future, past + future - given - row.quota.uncovered


def _root(plan: QuotaPlan, tops: list[TreeRow]) -> tuple[Decimal, Decimal]:
    hedge = hedge_of(rules_of(plan), 0)
    whole = plan.target * (100 + hedge) / 100
    pool = round(whole / plan.step) * plan.step if hedge else plan.target
    return pool, pool - sum((one.quota.amount for one in tops), NOTHING)


def _past(row: TreeRow, plan: QuotaPlan) -> Decimal:
    return sum((amount for month, amount in row.months.items() if month < plan.from_month), NOTHING)


def _counted(row: TreeRow) -> Decimal:
    """A rep counts with what leave and ramp take off, so that a territory's parts come to its pool."""
    return row.quota.amount + (row.quota.relief if row.quota.rep_id else NOTHING)


def _flat(rows: list[TreeRow]) -> Iterator[TreeRow]:
    for row in rows:
        yield row
        yield from _flat(row.below)
