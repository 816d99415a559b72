"""What quotas become when accounts change hands on a day; read only. territories.services.quota_moves
keeps it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from catalog.engine.months import add_months
from territories.engine.quotas.moving import moved_months
from territories.engine.quotas.seasons import Months
from territories.engine.quotas.shares import blend
from territories.models import Quota, QuotaPlan, QuotaState, Scenario, Territory
from territories.selectors.quota_tree import weights_of
from territories.selectors.quota_values import placed_accounts, values_of_accounts
from territories.selectors.quotas import months_of_quotas
from territories.selectors.scenarios import moved_accounts

NOTHING = Decimal(0)
Key = tuple[int | None, int | None]  # territory and rep; rep None for the territory itself


@dataclass(frozen=True)
class AccountMove:
    """An account that changes territory and rep on a day; primary keys, None where nobody covers it."""

    account: int
    from_territory: int | None
    from_rep: int | None
    to_territory: int | None
    to_rep: int | None


@dataclass(frozen=True)
class Carried:
    """The months of every quota before and after. handed: what goes from one rep to another or to nobody,
    in base currency."""

    before: dict[Key, Months]
    after: dict[Key, Months]
    handed: Decimal

    @property
    def changes(self) -> bool:
        """Whether any month of any quota is another one afterwards."""
        return self.before != self.after

    def by_rep(self) -> dict[int, tuple[Decimal, Decimal]]:
        """rep → quota of the whole year before and after, over all territories."""
        sides = (_sums_by_rep(self.before), _sums_by_rep(self.after))
        reps = sorted({*sides[0], *sides[1]})
        return {rep: (sides[0].get(rep, NOTHING), sides[1].get(rep, NOTHING)) for rep in reps}


def account_moves(scenario: Scenario) -> list[AccountMove]:
    """The accounts that a scenario moves, as quotas follow them."""
    rows = moved_accounts(scenario.accounts.all()).order_by("account")
    keys = ("account", "from_territory", "from_rep", "to_territory", "to_rep")
    return [AccountMove(*row) for row in rows.values_list(*keys)]


def plans_on(day: dt.date) -> list[QuotaPlan]:
    """The approved plans of the year that the day lies in, one for each measure, bookings first: the year has
    begun by then and is not over."""
    begun = add_months(day.replace(day=1), -11)
    rows = QuotaPlan.objects.filter(
        state=QuotaState.APPROVED, first_month__range=(begun, day), model__isnull=False
    )
    newest = {plan.measure: plan for plan in rows.order_by("first_month")}
    return [newest[measure] for measure in sorted(newest)]


def approved_together(version: QuotaPlan) -> list[QuotaPlan]:
    """The versions that followed the same realignment, one for each measure: they were approved at the very
    same moment."""
    if version.approved is None:
        return [version]
    rows = QuotaPlan.objects.filter(approved=version.approved, approved_by=version.approved_by)
    return list(rows.select_related("follows").order_by("measure"))


def carried(plan: QuotaPlan, moves: Iterable[AccountMove], day: dt.date) -> Carried:
    """Every quota's months before and after the moves, and what goes from one rep to another."""
    wanted = list(moves)
    before = _months_now(plan)
    after, handed = {key: dict(found) for key, found in before.items()}, NOTHING
    shares = _shares(plan, {move.account for move in wanted})
    tree = Territory.objects.filter(model=plan.model_id)
    above: dict[int, int | None] = dict(tree.values_list("pk", "parent_id"))
    for move in wanted:
        share = shares.get(move.account, Fraction(0))
        moving = moved_months(before.get((move.from_territory, None), {}), share, day)
        _shift(after, _path(move.from_territory, above), moving, -1)
        _shift(after, _path(move.to_territory, above), moving, 1)
        own = moved_months(before.get((move.from_territory, move.from_rep), {}), share, day)
        _shift(after, [(move.from_territory, move.from_rep)] if move.from_rep else [], own, -1)
        _shift(after, [(move.to_territory, move.to_rep)] if move.to_rep else [], own, 1)
        if move.from_rep and move.from_rep != move.to_rep:
            handed += total(own)
    return Carried(before, {key: found for key, found in after.items() if found}, handed)


def _months_now(plan: QuotaPlan) -> dict[Key, Months]:
    quotas = list(Quota.objects.filter(plan=plan))
    months = months_of_quotas(quotas)
    return {key_of(quota): months[quota.pk] for quota in quotas}


def _shift(after: dict[Key, Months], keys: list[Key], moving: Months, sign: int) -> None:
    for key in keys:
        own = after.setdefault(key, {})
        for month, amount in moving.items():
            own[month] = own.get(month, NOTHING) + sign * amount


def _path(territory: int | None, above: dict[int, int | None]) -> list[Key]:
    """The territory and all above it, as keys."""
    path: list[Key] = []
    while territory is not None:
        path.append((territory, None))
        territory = above.get(territory)
    return path


def _shares(plan: QuotaPlan, accounts: set[int]) -> dict[int, Fraction]:
    """What part of its territory each moving account is, by the plan's own weights."""
    placed, values = placed_accounts(plan), values_of_accounts(plan)
    moving = {placed[account] for account in accounts if account in placed}
    by_territory: dict[int, list[int]] = defaultdict(list)
    for account, territory in placed.items():
        if territory in moving:
            by_territory[territory].append(account)
    shares: dict[int, Fraction] = {}
    for inside in by_territory.values():
        found = blend({account: values.get(account, {}) for account in inside}, weights_of(plan)).shares
        shares |= {account: found[account] for account in inside if account in accounts}
    return shares


def _sums_by_rep(side: Mapping[Key, Months]) -> dict[int, Decimal]:
    found: dict[int, Decimal] = {}
    for (_, rep), months in side.items():
        if rep is not None:
            found[rep] = found.get(rep, NOTHING) + total(months)
    return found


def total(months: Months) -> Decimal:
    """Of all its months."""
    return sum(months.values(), NOTHING)


def key_of(quota: Quota) -> Key:
    """What a quota is for: its territory, and its rep if it has one."""
    return quota.territory_id, quota.rep_id
