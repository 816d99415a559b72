"""What a realignment does: balance, distance and moves before and after, in all and by rep."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Count, F, Q, Sum

from crm.models import Account, Rep
from territories.engine.balance import Balance, balance_of
from territories.models import RepBase, Scenario, ScenarioAccount, Territory
from territories.selectors.balance import owners_of
from territories.selectors.scenario_inputs import MEASURES
from territories.selectors.scenarios import MOVED

AMOUNTS = ("potential", "revenue", "workload", "accounts", "km")
# An account that changes hands: it moves, somebody had it, and somebody else gets it.
HANDED_OVER = MOVED & Q(from_rep__isnull=False) & ~Q(from_rep=F("to_rep"))


@dataclass(frozen=True)
class RepRow:
    """A rep before and after: amounts by name (AMOUNTS), index by measure (100 is the fair part), accounts
    gained and lost."""

    rep: Rep
    share: float
    before: dict[str, float]
    after: dict[str, float]
    index_before: dict[str, float]
    index_after: dict[str, float]
    gained: int
    lost: int


@dataclass(frozen=True)
class Figures:
    """Of a whole scenario. Money a year in base currency, km in a straight line from base to account.
    balance: measure → before and after. customers: companies with an account that changes hands."""

    accounts: int
    moved: int
    placed_anew: int
    customers: int
    revenue: float
    moved_revenue: float
    km_before: float
    km_after: float
    balance: dict[str, tuple[Balance, Balance]]
    reps: tuple[RepRow, ...]

    @property
    def moved_share(self) -> float:
        """The share of all accounts that move, 0 to 1."""
        return self.moved / self.accounts if self.accounts else 0.0

    def deviation(self, measure: str, *, after: bool) -> float:
        """Of the rep furthest off, 0.05 for 5 %."""
        return self.balance[measure][int(after)].max_deviation


def figures_of(scenario: Scenario) -> Figures:
    """All of it, in a handful of queries whatever the number of accounts."""
    rows = ScenarioAccount.objects.filter(scenario=scenario).order_by()
    before, after = _sums_by(rows, "from"), _sums_by(rows, "to")
    reps = _reps_of(scenario, {*before, *after} - {None})
    shares = dict(RepBase.objects.filter(rep__in=reps).order_by().values_list("rep_id", "share"))
    share = np.array([float(shares.get(rep.pk, 1)) for rep in reps])
    balance = {name: _balances(name, reps, share, before, after) for name in MEASURES}
    totals = rows.aggregate(
        accounts=Count("pk"),
        moved=Count("pk", filter=MOVED),
        placed_anew=Count("pk", filter=MOVED & Q(from_rep=None)),
        all_revenue=Sum("revenue"),
        moved_revenue=Sum("revenue", filter=MOVED),
    )
    return Figures(
        accounts=totals["accounts"],
        moved=totals["moved"],
        placed_anew=totals["placed_anew"],
        customers=customers_of(rows),
        revenue=float(totals["all_revenue"] or 0),
        moved_revenue=float(totals["moved_revenue"] or 0),
        km_before=sum(one["km"] for one in before.values()),
        km_after=sum(one["km"] for one in after.values()),
        balance=balance,
        reps=_rep_rows(rows, reps, share, before, after, balance),
    )


def _sums_by(rows: Any, side: str) -> dict[int | None, dict[str, float]]:
    """rep → sums of AMOUNTS, before ("from") or after ("to")."""
    sums = rows.values(rep=F(f"{side}_rep")).annotate(
        sum_potential=Sum("potential"),
        sum_revenue=Sum("revenue"),
        sum_workload=Sum("workload"),
        sum_accounts=Count("pk"),
        sum_km=Sum(f"{side}_km"),
    )
    return {one["rep"]: {name: float(one[f"sum_{name}"] or 0) for name in AMOUNTS} for one in sums}


def _reps_of(scenario: Scenario, used: set[Any]) -> list[Rep]:
    territories = Territory.objects.filter(model=scenario.model_id, role=None)
    owners = owners_of(set(territories.order_by().values_list("pk", flat=True)), scenario.publish_on)
    return list(Rep.objects.filter(pk__in=used | set(owners.values())).order_by("name", "code"))


def _balances(
    name: str,
    reps: list[Rep],
    share: Any,
    before: dict[int | None, dict[str, float]],
    after: dict[int | None, dict[str, float]],
) -> tuple[Balance, Balance]:
    """Against each rep's part, by share, of the whole: accounts that nobody has count in it."""
    whole = max(sum(one[name] for one in before.values()), sum(one[name] for one in after.values()))
    targets = whole * share / share.sum() if share.sum() else share
    sides = [np.array([side.get(rep.pk, {}).get(name, 0.0) for rep in reps]) for side in (before, after)]
    return balance_of(sides[0], targets), balance_of(sides[1], targets)


def _rep_rows(
    rows: Any,
    reps: list[Rep],
    share: Any,
    before: dict[int | None, dict[str, float]],
    after: dict[int | None, dict[str, float]],
    balance: dict[str, tuple[Balance, Balance]],
) -> tuple[RepRow, ...]:
    changed = rows.filter(MOVED).exclude(from_rep=F("to_rep"))
    gained = dict(changed.values_list("to_rep").annotate(n=Count("pk")))
    lost = dict(changed.values_list("from_rep").annotate(n=Count("pk")))
    nothing = dict.fromkeys(AMOUNTS, 0.0)
    return tuple(
        RepRow(
            rep=rep,
            share=float(share[spot]),
            before=before.get(rep.pk, nothing),
            after=after.get(rep.pk, nothing),
            index_before={name: float(balance[name][0].index[spot]) for name in MEASURES},
            index_after={name: float(balance[name][1].index[spot]) for name in MEASURES},
            gained=gained.get(rep.pk, 0),
            lost=lost.get(rep.pk, 0),
        )
        for spot, rep in enumerate(reps)
    )


def customers_of(rows: Any) -> int:
    """How many companies, each with all its accounts, have one that changes hands."""
    handed = list(rows.filter(HANDED_OVER).values_list("account", flat=True))
    if not handed:
        return 0
    parents = dict(Account.objects.exclude(parent=None).order_by().values_list("pk", "parent_id"))
    roots = set()
    for key in handed:
        while key in parents:
            key = parents[key]
        roots.add(key)
    return len(roots)
