"""What a realignment touches beyond accounts: open deals, quotas and, by rooms above, pay."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum

from core import company
from core.models import Person
from crm.models import Deal, Rep, StageKind
from crm.selectors.accounts import reps_visible_to
from crm.selectors.deals import live_deals_visible_to
from territories.models import QuotaMeasure, QuotaPlan, Scenario, ScenarioAccount
from territories.selectors.quota_carrying import Carried, account_moves, carried, plans_on
from territories.selectors.scenario_figures import HANDED_OVER


@dataclass(frozen=True)
class Effect:
    """What changes for a rep, in base currency: before, after, and what it is."""

    rep: Rep
    before: float
    after: float

    @property
    def change(self) -> float:
        """How much more there is afterwards."""
        return self.after - self.before


PayProvider = Callable[[Person | None, Scenario], list[Effect]]

# Rooms above that know pay append to it in their subjects.py; nothing is shown while nobody does.
pay_effects: list[PayProvider] = []


def effect_on_pay(user: Person | None, scenario: Scenario) -> list[Effect]:
    """What reps would earn a year before and after, as the first room says that knows it."""
    return next((found for ask in pay_effects if (found := ask(user, scenario))), [])


def touched_deals(user: Person | None, scenario: Scenario) -> QuerySet[Deal]:
    """The open deals of accounts that change hands, those a person may see; each with `new_rep`, the name
    of who gets the account."""
    handed = ScenarioAccount.objects.filter(HANDED_OVER, scenario=scenario).order_by()
    gets = handed.filter(account=OuterRef("account")).values("to_rep__name")[:1]
    deals = live_deals_visible_to(user).filter(
        stage__kind=StageKind.OPEN, account__in=handed.values("account")
    )
    return deals.annotate(new_rep=Subquery(gets)).order_by("-base_amount", "pk")


def sums_of_deals(scenario: Scenario) -> tuple[int, float]:
    """How many open deals are touched, and their amount in base currency."""
    found = touched_deals(None, scenario).order_by().aggregate(n=Count("pk"), amount=Sum("base_amount"))
    return found["n"], float(found["amount"] or 0)


def held_until(scenario: Scenario) -> dt.date:
    """The last day on which open deals stay with the rep who has them."""
    return scenario.publish_on + dt.timedelta(days=scenario.holdover_days)


def share_of_year_left(day: dt.date) -> float:
    """Of the fiscal year that a day lies in: 1 on its first day, 0 after its last."""
    first = _year_start(day)
    last = _year_start(first + dt.timedelta(days=370))
    return (last - day).days / (last - first).days


def _year_start(day: dt.date) -> dt.date:
    month = int(company.value("fiscal_year_start"))
    year = day.year if day.month >= month else day.year - 1
    return dt.date(year, month, 1)


@dataclass(frozen=True)
class Following:
    """What follows the accounts: the quotas of a measure where a plan of it holds, else potential of the rest
    of the year (no measure). `changes_hands`: what leaves one rep for another, in base currency."""

    measure: QuotaMeasure | None
    effects: list[Effect]
    changes_hands: float


def what_follows(user: Person | None, scenario: Scenario) -> list[Following]:
    """What of each rep whom a person may see changes. Where quota plans hold on the scenario's day: the
    year's quotas of each measure, bookings first, exactly as publishing would leave them. Else the potential
    (or revenue) of the rest of the fiscal year."""
    plans = plans_on(scenario.publish_on)
    if not plans:
        return [_potential_follows(user, scenario)]
    moves = account_moves(scenario)
    return [_quotas_follow(user, plan, carried(plan, moves, scenario.publish_on)) for plan in plans]


def _quotas_follow(user: Person | None, plan: QuotaPlan, found: Carried) -> Following:
    sums = {rep: (float(before), float(after)) for rep, (before, after) in found.by_rep().items()}
    return Following(QuotaMeasure(plan.measure), _effects(user, sums), float(found.handed))


def _potential_follows(user: Person | None, scenario: Scenario) -> Following:
    weights, left = _weights(scenario), share_of_year_left(scenario.publish_on)
    sides = (_by_rep(weights, 0), _by_rep(weights, 1))
    reps = {rep for side in sides for rep in side if rep is not None}
    sums = {rep: (sides[0].get(rep, 0.0) * left, sides[1].get(rep, 0.0) * left) for rep in reps}
    leaves = sum(weight for source, target, weight in weights if source is not None and source != target)
    return Following(None, _effects(user, sums), leaves * left)


def _effects(user: Person | None, sums: dict[int, tuple[float, float]]) -> list[Effect]:
    changed = [rep for rep, (before, after) in sums.items() if round(after - before, 2)]
    reps = reps_visible_to(user).filter(pk__in=changed).order_by("name")
    return [Effect(rep, *sums[rep.pk]) for rep in reps]


def _weights(scenario: Scenario) -> list[tuple[int | None, int | None, float]]:
    """Rep now, rep then and weight of each account; potential, or revenue where nothing has potential."""
    rows = ScenarioAccount.objects.filter(scenario=scenario).order_by()
    found = list(rows.values_list("from_rep", "to_rep", "potential", "revenue"))
    use_potential = any(potential for *_, potential, _ in found)
    return [
        (source, target, max(float(potential if use_potential else revenue), 0.0))
        for source, target, potential, revenue in found
    ]


def _by_rep(weights: list[tuple[int | None, int | None, float]], side: int) -> dict[int | None, float]:
    found: dict[int | None, float] = {}
    for row in weights:
        key = row[0] if side == 0 else row[1]
        found[key] = found.get(key, 0.0) + row[2]
    return found
