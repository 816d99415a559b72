"""What a realignment touches beyond accounts: open deals, quotas and, by rooms above, pay."""

import calendar
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum

from core import company
from core.models import Person
from crm.models import Deal, Rep, StageKind
from crm.selectors.accounts import reps_visible_to
from crm.selectors.deals import live_deals_visible_to
from crm.selectors.quotas import quotas
from territories.models import Scenario, ScenarioAccount
from territories.selectors.scenario_figures import HANDED_OVER


@dataclass(frozen=True)
class Effect:
    """What changes for a rep, in base currency: before, after, and what it is."""

    rep: Rep
    before: float
    after: float

    @property
    def change(self) -> float:
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
    """What follows the accounts for the rest of the fiscal year: quotas where there are any, else potential.
    `changes_hands`: what leaves one rep for another, in base currency."""

    by_quota: bool
    effects: list[Effect]
    changes_hands: float


def what_follows(user: Person | None, scenario: Scenario) -> Following:
    """Of each rep whom a person may see: the quota from the scenario's day to the end of the fiscal year,
    before, and after each account has taken its part (by potential, else by revenue) with it."""
    last = year_end(scenario.publish_on)
    given = _quota_left(scenario.publish_on, last)
    weights = _weights(scenario)
    held = _by_rep(weights, 0)
    left = share_of_year_left(scenario.publish_on)
    base = {rep: _given(given, rep) if given else held[rep] * left for rep in held}
    change, leaves = dict.fromkeys({*held, *_by_rep(weights, 1)}, 0.0), 0.0
    for source, target, weight in weights:
        if source == target or source is None or not held[source]:
            continue
        part = base[source] * weight / held[source]
        change[source] -= part
        change[target] = change.get(target, 0.0) + part
        leaves += part
    reps = reps_visible_to(user).filter(pk__in=[rep for rep in change if rep is not None]).order_by("name")
    effects = [
        Effect(rep, _base_of(rep.pk, base, given), _base_of(rep.pk, base, given) + change[rep.pk])
        for rep in reps
    ]
    return Following(bool(given), [one for one in effects if one.change], leaves)


def _given(given: dict[int, float], rep: int | None) -> float:
    return 0.0 if rep is None else given.get(rep, 0.0)


def _base_of(rep: int, base: dict[Any, float], given: dict[int, float]) -> float:
    return base.get(rep, given.get(rep, 0.0))


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


def _quota_left(day: dt.date, last: dt.date) -> dict[int, float]:
    """rep → quota from a day to the end of the year; the first month by its days."""
    found: dict[int, float] = {}
    days = calendar.monthrange(day.year, day.month)[1]
    for quota in quotas(None, day, last):
        if quota.rep is not None:
            part = (days - day.day + 1) / days if quota.month == day.replace(day=1) else 1.0
            found[quota.rep] = found.get(quota.rep, 0.0) + part * float(quota.amount)
    return found


def year_end(day: dt.date) -> dt.date:
    """The last day of the fiscal year that a day lies in."""
    return _year_start(_year_start(day) + dt.timedelta(days=370)) - dt.timedelta(days=1)
