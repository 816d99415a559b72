"""“What if I close this deal”: a rep's plan year worked out without and with deals that are not closed yet.

Everything else stays as it is today. A supposed deal counts on the last day of its month, for what it has
reached by then: as won, as invoiced, or as paid as well.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from catalog.engine.months import add_months, months_apart, months_from
from catalog.selectors import base_currency
from compensation.engine.exact import TICKS, from_ticks
from compensation.engine.plan import Against, Border, Component
from compensation.engine.plan_cells import BadPlan
from compensation.engine.statements import rounded_lines
from compensation.models import PlanAssignment, Position
from compensation.pipeline.books import Part, PlanBook, calculated, plan_book
from compensation.pipeline.plan_credits import ExtraCredit, NoRate, rate_in
from compensation.pipeline.plan_measures import bases_of, counted_in_credits
from compensation.pipeline.run_lines import Share, shares_of
from compensation.pipeline.run_parts import attainment_of
from compensation.selectors.plans import read_terms
from compensation.selectors.scope import may_see_pay_of
from compensation.selectors.what_if import COUNTS_AS, Reached, Supposed
from compensation.services.own_pay import NOT_YOURS
from core.access import require
from core.errors import Denied, Invalid, Reason
from core.models import Person
from crm.models import Rep

ZERO = Decimal(0)


@dataclass(frozen=True)
class Level:
    """Where a component stands in the month of closing. pay: of the whole plan year, in the plan's currency.
    tier: from 1, of `tiers`; rate: what the next euro (or unit) earns there; None without tiers."""

    pay: Decimal
    so_far: Decimal
    quota: Decimal
    attainment: Decimal | None
    tier: int | None
    tiers: int
    rate: Decimal | None


@dataclass(frozen=True)
class Effect:
    """A component without and with the deals. by_month: the difference of pay, by the month that pays it.
    needs_quota: it pays by a quota, and the year has none."""

    plan: str
    component: str
    currency: str
    before: Level
    after: Level
    by_month: dict[dt.date, Decimal]
    needs_quota: bool = False

    @property
    def difference(self) -> Decimal:
        """How much more is paid with the deals."""
        return self.after.pay - self.before.pay


@dataclass(frozen=True)
class WhatIf:
    """All components of a rep, with the sums by currency."""

    month: dt.date
    effects: list[Effect]
    reached: Reached = Reached.PAID

    @property
    def totals(self) -> dict[str, Decimal]:
        """By currency how much more is paid with the deals."""
        found: dict[str, Decimal] = defaultdict(Decimal)
        for one in self.effects:
            found[one.currency] += one.difference
        return dict(found)

    @property
    def by_month(self) -> dict[str, dict[dt.date, Decimal]]:
        """The difference by currency and month."""
        found: dict[str, dict[dt.date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for one in self.effects:
            for month, money in one.by_month.items():
                found[one.currency][month] += money
        return {currency: dict(sorted(months.items())) for currency, months in found.items()}

    @property
    def without_quota(self) -> list[str]:
        """The components that pay by a quota which the year does not have yet."""
        return [one.component for one in self.effects if one.needs_quota]


def what_if(
    *,
    actor: Person,
    rep: Rep,
    month: dt.date,
    deals: Sequence[Supposed],
    reached: Reached = Reached.PAID,
) -> WhatIf:
    """What closing the deals in a month would add to a rep's pay. Raises Denied, Invalid without a plan or a
    deal, Refused for a plan that cannot be read."""
    require(actor, "pay.own")
    if not may_see_pay_of(actor, rep):
        raise Denied(NOT_YOURS)
    if not deals:
        raise Invalid(Reason("Choose a deal or type an amount.", "required", "deals"))
    bases = COUNTS_AS[reached]
    effects = [one for share in _shares(rep, month) for one in _effects(share, rep, month, deals, bases)]
    if not effects:
        text = (
            f"There is no plan for {rep.name} in {month:%B %Y}: choose another month, or ask again once a "
            "plan for that month is approved."
        )
        raise Invalid(Reason(text, "no_plan", "month"))
    return WhatIf(month, effects, reached)


def bases_counted(rep: Rep, month: dt.date) -> set[str]:
    """What the rep's plans of a month count: won deals, invoices, paid invoices, sales lines."""
    found: set[str] = set()
    for share in _shares(rep, month):
        if month in share.months:
            found |= set(bases_of(counted_in_credits(read_terms(share.version.terms))))
    return found


def _shares(rep: Rep, month: dt.date) -> list[Share]:
    """The versions of the rep's plan years in which the month lies, with the months they pay."""
    roles = Position.objects.filter(rep=rep).values("role")
    plans = set(PlanAssignment.objects.filter(rep=rep).values_list("plan", flat=True))
    plans |= set(PlanAssignment.objects.filter(role__in=roles).values_list("plan", flat=True))
    around = shares_of(months_from(add_months(month, -11), 23))
    return [
        one
        for one in around
        if one.version.plan_id in plans and one.first <= month < add_months(one.first, 12)
    ]


def _effects(
    share: Share, rep: Rep, month: dt.date, deals: Sequence[Supposed], bases: Iterable[str]
) -> list[Effect]:
    try:
        before = plan_book(share.version, share.first, reps=[rep.pk])
        if not _is_here(before, rep, months_apart(share.first, month)):
            return []
        extra = _extra(deals, rep, month, share.first, before.currency, bases)
        after = plan_book(share.version, share.first, reps=[rep.pk], extra=extra)
        pairs = [(_part(one, rep, month), one) for one in (before, after)]
    except (BadPlan, NoRate, ValueError, OverflowError, KeyError) as error:
        raise Invalid(Reason(f"{share.version} cannot be worked out: {error}", "plan_unreadable")) from error
    (without, _), (with_them, _) = pairs
    return _compared(share, before, after, without, with_them, rep, month)


def _is_here(book: PlanBook, rep: Rep, month: int) -> bool:
    """Whether the plan pays the rep in that month of its year."""
    if rep.pk not in book.reps or book.place(rep.pk) not in book.members:
        return False
    return bool(book.book.people.here[book.place(rep.pk), month])


def _part(book: PlanBook, rep: Rep, month: dt.date) -> Part:
    """The part by whose terms the rep is paid in the month."""
    place, number = book.place(rep.pk), months_apart(book.first, month)
    return next(part for part in calculated(book) if part.pays(place, number))


def _extra(
    deals: Iterable[Supposed],
    rep: Rep,
    month: dt.date,
    first: dt.date,
    currency: str,
    bases: Iterable[str],
) -> list[ExtraCredit]:
    """Each deal once for every basis for which it counts, on the last day of the month."""
    rate = Decimal(1) if currency == base_currency() else rate_in(currency, first)
    day = add_months(month, 1) - dt.timedelta(days=1)
    tick = Decimal(1) / TICKS
    return [
        ExtraCredit(
            rep.pk,
            one.label,
            day,
            {
                "amount": (one.amount / rate).quantize(tick),
                "units": one.units.quantize(tick),
                "margin": (one.margin / rate).quantize(tick),
            },
            {**one.words, "basis": str(basis)},
        )
        for one in deals
        for basis in bases
    ]


def _compared(
    share: Share,
    before: PlanBook,
    after: PlanBook,
    without: Part,
    with_them: Part,
    rep: Rep,
    month: dt.date,
) -> list[Effect]:
    paid = {months_apart(share.first, one) for one in share.months}
    then, now = _paid(without, before.place(rep.pk), paid), _paid(with_them, after.place(rep.pk), paid)
    found = []
    for number, component in enumerate(before.plan_of(before.place(rep.pk)).components):
        was, becomes = then.get(number, {}), now.get(number, {})
        months = sorted({*was, *becomes})
        changed = {one: becomes.get(one, ZERO) - was.get(one, ZERO) for one in months}
        effect = Effect(
            plan=share.version.plan.name,
            component=component.name,
            currency=before.currency,
            before=_level(before, without, number, rep, month, sum(was.values(), ZERO)),
            after=_level(after, with_them, number, rep, month, sum(becomes.values(), ZERO)),
            by_month={add_months(share.first, one): money for one, money in changed.items() if money},
            needs_quota=_needs_quota(component, with_them, number, before.place(rep.pk)),
        )
        if month in share.months or effect.difference:
            found.append(effect)
    return found


def _needs_quota(component: Component, part: Part, number: int, place: int) -> bool:
    """Whether a component pays by a quota of which the plan's year has none."""
    if component.against is not Against.QUOTA:
        return False
    return not part.calculation.works[number].quota[place].any()


def _paid(part: Part, place: int, months: set[int]) -> dict[int, dict[int, Decimal]]:
    """Pay by component number and month number, rounded as a statement is."""
    lines = part.calculation.lines
    units, unit = rounded_lines(part.calculation)
    found: dict[int, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in np.flatnonzero((lines.person == place) & np.isin(lines.month, sorted(months))).tolist():
        found[int(lines.component[row])][int(lines.month[row])] += Decimal(int(units[row])) / unit
    return {number: dict(by_month) for number, by_month in found.items()}


def _level(book: PlanBook, part: Part, number: int, rep: Rep, month: dt.date, pay: Decimal) -> Level:
    place, at = book.place(rep.pk), months_apart(book.first, month)
    work = part.calculation.works[number]
    so_far, quota = int(work.so_far[place, at]), int(work.quota[place, at])
    attainment = attainment_of(work, place, at)
    tier, rate = _tier(work.component, so_far, quota)
    return Level(
        pay=pay,
        so_far=from_ticks(so_far),
        quota=from_ticks(quota),
        attainment=None if attainment is None else round(attainment, 4),
        tier=tier,
        tiers=len(work.component.tiers),
        rate=rate,
    )


def _tier(component: Component, so_far: int, quota: int) -> tuple[int | None, Decimal | None]:
    """The tier in which an amount lies, from 1, and its rate; None for other forms of pay."""
    if not component.tiers:
        return None, None
    size = Fraction(quota, TICKS) if component.against is Against.QUOTA else Fraction(1)
    if component.against is Against.QUOTA and not quota:
        return None, None
    amount, reached = Fraction(so_far, TICKS), 0
    for place, tier in enumerate(component.tiers):
        bound = Fraction(tier.start) * size
        above = amount >= bound if component.border is Border.UPPER else amount > bound
        reached = place if above else reached
    return reached + 1, component.tiers[reached].rate or None
