"""The quotas that pay is measured by, month by month, and how each came about.

A quota for pay (PlanQuota) comes first: that of the component, else that of all components. Without one,
money is measured by the approved quota plans of territories: bookings by those of bookings, the rest by those
of sales. What a team or reports bring is measured by the sum of their quotas, unless the person has a quota
for just that component.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache

import numpy as np

from catalog.engine.months import months_apart, months_from
from compensation.engine.book import People
from compensation.engine.exact import TICKS, Ints
from compensation.engine.plan import Component, Plan, Proration, QuotaTerms, Whose
from compensation.engine.terms import presence, ramped, season, spread
from compensation.models import Basis, PayPlan, PlanQuota
from compensation.selectors.members import Member, Span
from territories.models import QuotaMeasure, QuotaMonth, QuotaState, RepStart

ZERO = Decimal(0)


@dataclass(frozen=True)
class Step:
    """A step on the way to a month's quota: what it is, and its value (money as a Decimal in the plan's
    currency, shares as a Fraction)."""

    label: str
    value: Decimal | Fraction


@dataclass(frozen=True)
class Terms:
    """Of one person: the plan that holds for them, their spans, and when they began to sell here."""

    plan: Plan
    spans: tuple[Span, ...]
    start: dt.date | None


@dataclass(frozen=True)
class Quotas:
    """by_component: (people, months) in ticks. sources: how each quota of (component, person) came about."""

    by_component: dict[str, Ints]
    sources: dict[tuple[str, int], "Source"]


@dataclass(frozen=True)
class Source:
    """Where a person's quota of a component is from. rows: quotas for pay; monthly: of a quota plan; members:
    whose quotas are summed."""

    rows: tuple[PlanQuota, ...] = ()
    monthly: tuple[tuple[dt.date, Decimal], ...] = ()
    members: tuple[int, ...] = ()


def quotas_of(
    pay_plan: PayPlan,
    plan: Plan,
    people: People,
    reps: Sequence[int],
    first: dt.date,
    months: int,
    terms: Mapping[int, Terms],
    rate: Decimal,
) -> Quotas:
    """All quotas of a book. rate: base currency for one of the plan's. terms: by place, of members."""
    pay = _for_pay(pay_plan, reps, first, months)
    measured = {one.code: _measure(one) for one in plan.components}
    given = {
        measure: _of_territories(measure, reps, first, months, rate)
        for measure in {one for one in measured.values() if one}
    }
    sources: dict[tuple[str, int], Source] = {}
    cells: dict[str, Ints] = {}

    @cache  # a quota for all components is spread over the months once
    def monthly_of(place: int, source: Source) -> Ints:
        return _monthly(source, terms.get(place), plan, first, months)

    def table(chosen: Mapping[int, Source]) -> Ints:
        found = np.zeros((len(reps), months), np.int64)
        for place, source in chosen.items():
            found[place] = monthly_of(place, source)
        return found

    for component in plan.components:
        monthly = given.get(measured[component.code] or "", {})
        mine = _sources([pay[rep] for rep in reps], [monthly.get(rep, ()) for rep in reps], component)
        sources |= {(component.code, place): source for place, source in mine.items()}
        cells[component.code] = table(mine)
        if component.measure.whose is not Whose.OWN:
            exact = {place for place, rep in enumerate(reps) if _exact(pay[rep], component)}
            general = [_general(pay[rep]) for rep in reps]
            own = table(_sources(general, [monthly.get(rep, ()) for rep in reps], component))
            cells[component.code] = _of_others(component, cells[component.code], own, people, sources, exact)
    return Quotas(cells, sources)


def _sources(
    rows: list[list[PlanQuota]], monthly: list[tuple[tuple[dt.date, Decimal], ...]], component: Component
) -> dict[int, "Source"]:
    """By place, for those who have a quota."""
    found = {
        place: _source(own, component, given)
        for place, (own, given) in enumerate(zip(rows, monthly, strict=True))
    }
    return {place: source for place, source in found.items() if source is not None}


def _for_pay(plan: PayPlan, reps: Sequence[int], first: dt.date, months: int) -> dict[int, list[PlanQuota]]:
    found: dict[int, list[PlanQuota]] = defaultdict(list)
    last = months_from(first, months)[-1]
    for row in PlanQuota.objects.filter(plan=plan, rep__in=reps, first_month__lte=last):
        if months_from(row.first_month, row.months)[-1] >= first:
            found[row.rep_id].append(row)
    return found


def _measure(component: Component) -> str | None:
    """The measure of quota plans that fits a component, None for units, counts and ratios."""
    if component.measure.of != "amount" or component.measure.per:
        return None
    bases = next((c.values for c in component.measure.where if c.column == "basis"), ())
    return QuotaMeasure.BOOKINGS if Basis.BOOKINGS.value in bases else QuotaMeasure.SALES


def _of_territories(
    measure: str, reps: Sequence[int], first: dt.date, months: int, rate: Decimal
) -> dict[int, tuple[tuple[dt.date, Decimal], ...]]:
    """The approved quotas by rep and month, in the plan's currency, to the tick."""
    rows = (
        QuotaMonth.objects.filter(
            quota__rep__in=list(reps),
            quota__plan__state=QuotaState.APPROVED,
            quota__plan__measure=measure,
            month__range=(first, months_from(first, months)[-1]),
        )
        .order_by("month")
        .values_list("quota__rep", "month", "amount")
    )
    found: dict[int, dict[dt.date, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for rep, month, amount in rows:
        found[rep][month] += amount
    tick = Decimal(1) / TICKS
    return {
        rep: tuple((month, (amount / rate).quantize(tick)) for month, amount in by_month.items())
        for rep, by_month in found.items()
    }


def _source(
    rows: list[PlanQuota], component: Component, monthly: tuple[tuple[dt.date, Decimal], ...]
) -> Source | None:
    chosen = _exact(rows, component) or _general(rows)
    if chosen:
        return Source(rows=tuple(chosen))
    return Source(monthly=monthly) if monthly else None


def _exact(rows: list[PlanQuota], component: Component) -> list[PlanQuota]:
    return [row for row in rows if row.component == component.code]


def _general(rows: list[PlanQuota]) -> list[PlanQuota]:
    return [row for row in rows if not row.component]


def _monthly(source: Source, terms: Terms | None, plan: Plan, first: dt.date, months: int) -> Ints:
    found = np.zeros(months, np.int64)
    spread = [cells for row in source.rows for cells in spread_of(row, terms, plan).items()]
    for day, amount in (*spread, *source.monthly):
        month = months_apart(first, day)
        if 0 <= month < months:
            found[month] += int(amount * TICKS)
    return found


def spread_of(row: PlanQuota, terms: Terms | None, plan: Plan) -> dict[dt.date, Decimal]:
    """A quota for pay by month, in the plan's places: by season, for the days on the plan, by ramp."""
    quota = terms.plan.quota if terms else plan.quota
    days = months_from(row.first_month, row.months)
    exact = {
        day: Fraction(row.amount) * part * there(quota, day, terms) * ramp_of(quota, day, terms)
        for day, part in zip(days, season_of(quota, row), strict=True)
    }
    return spread(exact, plan.places)


def season_of(quota: QuotaTerms, row: PlanQuota) -> list[Fraction]:
    """The months' shares of a quota: the season for a year, even for less."""
    return season(quota) if row.months == 12 else [Fraction(1, row.months)] * row.months


def there(quota: QuotaTerms, month: dt.date, terms: Terms | None) -> Fraction:
    """The share of a month that somebody is on the plan; all of it for whom the plan does not know."""
    if terms is None:
        return Fraction(1)
    return sum((share for _, share in presences(quota, month, terms.spans)), Fraction(0))


def presences(quota: QuotaTerms, month: dt.date, spans: Sequence[Span]) -> list[tuple[Span, Fraction]]:
    """The share of a month for each span. Where not days but months are counted, the last span that touches
    the month has it all."""
    if quota.prorate in {Proration.DAYS, Proration.WORKING_DAYS}:
        later = QuotaTerms(prorate=quota.prorate)
        return [
            (span, presence(quota if place == 0 else later, month, span.first, span.last))
            for place, span in enumerate(spans)
        ]
    end = months_from(month, 2)[1] - dt.timedelta(days=1)
    touching = [
        one for one in spans
        if (one.first is None or one.first <= end) and (one.last is None or one.last >= month)
    ]  # fmt: skip
    if not touching:
        return []
    return [(touching[-1], presence(quota, month, spans[0].first, spans[-1].last))]


def ramp_of(quota: QuotaTerms, month: dt.date, terms: Terms | None) -> Fraction:
    """The share of a full quota for somebody new, by the months since they began to sell here."""
    return ramped(quota.ramp, terms.start, month) if terms and terms.start else Fraction(1)


def starts_of(reps: Sequence[int], members: Mapping[int, Member]) -> dict[int, dt.date | None]:
    """When each began to sell here: as entered, else the first day on the plan that is known."""
    entered = dict(RepStart.objects.filter(rep__in=list(reps)).values_list("rep", "day"))
    return {rep: entered.get(rep) or member.spans[0].first for rep, member in members.items()}


def _of_others(
    component: Component,
    given: Ints,
    own: Ints,
    people: People,
    sources: dict[tuple[str, int], Source],
    exact: set[int],
) -> Ints:
    """What others bring is measured by the sum of their quotas, unless somebody has one of that component."""
    found = given.copy()
    for place, counted in people.counting_for(component.measure.whose):
        if place not in exact:
            found[place] = own[counted].sum(axis=0)
            sources[component.code, place] = Source(members=tuple(int(one) for one in counted))
    return found
