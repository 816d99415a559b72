"""What a realignment is made from: accounts as they lie on its day, the reps and their territories, who may
have what, and what a person has locked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from catalog.selectors.below import markets_below
from core.errors import Reason, Refused
from core.formats import show
from crm.models import Account, Rep
from territories.engine.account_table import NOBODY, AccountTable, chosen
from territories.engine.problem import Bools, Ints
from territories.engine.realignment import Proposal, Seats, Wishes, eligible_by
from territories.models import AccountWork, RepBase, Scenario, ScenarioAccount, Territory
from territories.selectors.balance import bases, measures_of, owners_of

MOST_NAMED = 8
MEASURES = ("potential", "revenue", "workload", "accounts")


@dataclass(frozen=True)
class Ground:
    """territories: those of the owner's layer, by key. owner: territory → rep on the day. vacant: territories
    that should have a rep and have none."""

    table: AccountTable
    territories: dict[int, Territory]
    owner: dict[int, int]
    vacant: list[Territory]


def ground_of(scenario: Scenario) -> Ground:
    """The accounts of the model, or all active ones where the scenario fills gaps, as things stand on its
    first day."""
    table = measures_of(scenario.model, scenario.publish_on)
    if not scenario.fills_gaps:
        table = chosen(table, table.territory != NOBODY)
    rows = Territory.objects.filter(model=scenario.model_id, role=None).order_by("code")
    territories = {row.pk: row for row in rows}
    owner = owners_of(set(territories), scenario.publish_on)
    used, above = set(table.territory.tolist()), {row.parent_id for row in rows}
    vacant = [
        row for key, row in territories.items() if key not in owner and (key in used or key not in above)
    ]
    return Ground(table, territories, owner, vacant)


def proposal_of(scenario: Scenario) -> Proposal:
    """The whole problem of a scenario. Raises Refused with every reason why there is none."""
    ground = ground_of(scenario)
    seats = seats_of(ground, scenario)
    _refuse(_missing(scenario, ground, seats))
    accounts = Account.objects.in_bulk(ground.table.ids.tolist())
    rows = [accounts[key] for key in ground.table.ids.tolist()]
    return Proposal(
        table=ground.table,
        seats=seats,
        names=tuple(f"{row.name} ({row.code})" for row in rows),
        family=_families(rows) if scenario.keeps_families else ("",) * len(rows),
        eligible=_eligible(scenario, rows, seats),
        locked=_locked(scenario, ground.table, seats),
        wishes=wishes_of(scenario),
    )


def wishes_of(scenario: Scenario) -> Wishes:
    """What the solver is asked for; percents as shares."""
    within = {name: getattr(scenario, f"{name}_within") for name in MEASURES}
    return Wishes(
        within={name: float(value) / 100 for name, value in within.items() if value is not None},
        move_penalty=float(scenario.move_penalty),
        distance_weight=float(scenario.distance_weight),
        seed=scenario.seed,
        time_limit=float(scenario.time_limit),
    )


def seats_of(ground: Ground, scenario: Scenario) -> Seats:
    """Every rep who owns a territory on the day, by code; the main territory has most of the accounts."""
    counts = dict(zip(*np.unique(ground.table.territory, return_counts=True), strict=True))
    main: dict[int, int] = {}
    for key in ground.territories:
        rep = ground.owner.get(key)
        if rep is not None and counts.get(key, 0) > counts.get(main.get(rep, NOBODY), -1):
            main[rep] = key
    reps = list(Rep.objects.filter(pk__in=main).order_by("code"))
    based = {row.rep_id: row for row in RepBase.objects.filter(rep__in=reps)}
    return Seats(
        reps=np.array([rep.pk for rep in reps], dtype=np.int64),
        names=tuple(rep.name for rep in reps),
        territory=np.array([main[rep.pk] for rep in reps], dtype=np.int64),
        place=bases().of(np.array([rep.pk for rep in reps], dtype=np.int64)),
        share=np.array([float(based[r.pk].share) if r.pk in based else 1.0 for r in reps]),
        most=np.array([_most(based.get(rep.pk), scenario) for rep in reps]),
        skills=tuple(_lower(based[r.pk].skills) if r.pk in based else frozenset() for r in reps),
    )


def _most(base: RepBase | None, scenario: Scenario) -> float:
    limits = [base.most_accounts if base else None, scenario.most_accounts]
    return float(min((limit for limit in limits if limit is not None), default=np.inf))


def _missing(scenario: Scenario, ground: Ground, seats: Seats) -> list[Reason]:
    day = show(scenario.publish_on, "date")[0]
    if not len(ground.table.ids):
        text = f"No active account lies in a territory of {scenario.model} on {day}. Place accounts first."
        return [Reason(text, "no_accounts")]
    if not len(seats.reps):
        text = f"No territory of {scenario.model} has an owner on {day}. Give the territories their reps."
        return [Reason(text, "no_reps")]
    if ground.vacant and not scenario.spreads_vacant:
        text = (
            f"No owner on {day}: {named(ground.vacant)}. Give each a rep, or let the scenario spread the "
            "accounts of territories without a rep."
        )
        return [Reason(text, "no_owner", "spreads_vacant")]
    return []


def reps_left_out(scenario: Scenario) -> list[Rep]:
    """Reps with a base who cover nothing in the model on the day: no account goes to them."""
    rows = Rep.objects.filter(is_active=True, base__isnull=False).order_by("code")
    covering = {"territory_roles__territory__model": scenario.model_id}
    return list(rows.exclude(**covering, territory_roles__days__contains=scenario.publish_on))


def named(rows: list[Any]) -> str:
    """Names in a sentence: the first few, and how many more."""
    more = len(rows) - MOST_NAMED
    return ", ".join(str(row) for row in rows[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _refuse(reasons: list[Reason]) -> None:
    if reasons:
        raise Refused(*reasons)


def _families(rows: list[Account]) -> tuple[str, ...]:
    """The code of the company above all others."""
    parents = dict(Account.objects.order_by().values_list("pk", "parent_id"))
    roots = [_root(row.pk, parents) for row in rows]
    codes = dict(Account.objects.filter(pk__in=set(roots)).order_by().values_list("pk", "code"))
    return tuple(codes[root] for root in roots)


def _root(key: int, parents: Mapping[int, int | None]) -> int:
    while (parent := parents.get(key)) is not None:
        key = parent
    return key


def _eligible(scenario: Scenario, rows: list[Account], seats: Seats) -> Bools:
    allowed = np.ones((len(rows), len(seats.reps)), dtype=bool)
    if scenario.by_needs:
        needs = dict(AccountWork.objects.exclude(needs=[]).order_by().values_list("account_id", "needs"))
        allowed &= eligible_by([_lower(needs.get(row.pk, ())) for row in rows], seats.skills)
    if scenario.by_industry:
        known = frozenset().union(*seats.skills)
        wanted = [_lower([row.industry]) & known for row in rows]
        allowed &= eligible_by(wanted, seats.skills)
    if scenario.by_market:
        allowed &= _in_market(rows, seats)
    return allowed


def _in_market(rows: list[Account], seats: Seats) -> Bools:
    """A rep with a market has accounts in it or below it, and those without a market."""
    markets = np.array([row.market_id or NOBODY for row in rows], dtype=np.int64)
    own = dict(Rep.objects.filter(pk__in=seats.reps.tolist()).values_list("pk", "market_id"))
    columns = [_inside(markets, own[int(rep)]) for rep in seats.reps]
    return np.column_stack(columns)


def _inside(markets: Ints, market: int | None) -> Bools:
    if market is None:
        return np.ones(len(markets), dtype=bool)
    below = list(markets_below([market]).values_list("pk", flat=True))
    return np.isin(markets, [NOBODY, *below])


def _locked(scenario: Scenario, table: AccountTable, seats: Seats) -> Ints:
    rows = ScenarioAccount.objects.filter(scenario=scenario, locked=True).order_by()
    held = dict(rows.values_list("account_id", "to_rep_id"))
    spots = seats.spots(np.array([held.get(key) or NOBODY for key in table.ids.tolist()], dtype=np.int64))
    lost = [
        key for key, spot in zip(table.ids.tolist(), spots, strict=True) if key in held and spot == NOBODY
    ]
    if lost:
        names = named(list(Account.objects.filter(pk__in=lost)))
        text = (
            f"Locked to a rep who has no territory on that day: {names}. Unlock them, or move them by hand."
        )
        raise Refused(Reason(text, "lock_without_rep"))
    return spots


def _lower(words: Any) -> frozenset[str]:
    return frozenset(word.strip().lower() for word in words if word.strip())
