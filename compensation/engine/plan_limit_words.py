"""The limits of a component and the terms of a whole plan in plain words."""

import calendar
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from compensation.engine.plan import (
    ONE,
    Against,
    Attained,
    Attainment,
    Cap,
    CapPlace,
    Clawback,
    Component,
    Draw,
    DrawKind,
    Gate,
    Multiplier,
    Plan,
    Proration,
    QuotaTerms,
    RatesOf,
    RoundedBy,
    Rounding,
    Table,
    TakenBackAt,
    WindowIn,
)
from compensation.engine.word_numbers import (
    EACH,
    level,
    listed,
    money,
    name_of,
    percent,
    plain,
    sentence,
    size,
)

PRORATED = {
    Proration.NONE: "Who comes or goes within a month has the whole month's quota and target",
    Proration.DAYS: "Who comes or goes within a month has its quota and target by calendar days",
    Proration.WORKING_DAYS: "Who comes or goes within a month has its quota and target by working days",
    Proration.MONTHS: "A month that is begun counts as a whole one for quota and target",
    Proration.FULL_MONTHS: "Only whole months count for quota and target",
}


def limit_words(plan: Plan, component: Component) -> Iterator[str]:
    """Weight, threshold, gates, multipliers, caps, dates and budget."""
    if component.weight not in (0, ONE):
        part = component.weight * plan.target_incentive
        worth = f" ({money(part, plan.currency)} a year)" if plan.target_incentive else ""
        yield f"Its target pay is {percent(component.weight)} of your target incentive{worth}"
    if component.threshold is not None:
        of_quota = "" if component.measure.per else " of your quota"
        least = level(component.measure, component.threshold, plan.currency)
        yield f"Below {least}{of_quota} it pays nothing"
    yield from (_gate(plan, gate) for gate in component.gates)
    yield from (_multiplier(plan, one) for one in component.multipliers)
    yield from (_cap(plan, cap) for cap in component.caps)
    if component.starts or component.ends:
        yield _dates(component)
    if component.budget is not None:
        budget = money(component.budget, plan.currency)
        yield f"All together get at most {budget}, first come first served"
    if component.never_negative:
        yield f"What would be below 0 in {EACH[component.period].removeprefix('each ')} is not taken from you"


def _gate(plan: Plan, gate: Gate) -> str:
    name, least = name_of(plan.components, gate.by.component), level_words(plan, gate.by, gate.least)
    otherwise = f"{percent(gate.otherwise)} of it is paid" if gate.otherwise else "it pays nothing"
    return f"You need at least {least} on {name}; otherwise {otherwise}"


def _multiplier(plan: Plan, multiplier: Multiplier) -> str:
    if multiplier.by is None or multiplier.table is None:
        return f"The result is multiplied by {percent(multiplier.fixed)}"
    table, name = multiplier.table, name_of(plan.components, multiplier.by.component)
    by, ratio = multiplier.by, bool(plan.component(multiplier.by.component).measure.per)
    plainly = ratio or by.against is Against.AMOUNT
    pairs = zip(table.at, table.value, strict=True)
    rows = [f"{percent(value)} from {level_words(plan, by, at)}" for at, value in pairs]
    between = ", in straight lines between" if table.straight else ""
    factors = f"{listed(rows)}{between}{_below(table, ratio)}"
    of = f"your {name}" if plainly else f"your attainment of {name}"
    return f"The result is multiplied by what {of} gives: {factors}"


def level_words(plan: Plan, by: Attainment, number: Decimal) -> str:
    """What is to be reached in another component: 90 %; 10 000 EUR; 25 000 EUR a deal."""
    if by.against is Against.AMOUNT:
        return size(plan.component(by.component), number, plan.currency)
    return level(plan.component(by.component).measure, number, plan.currency)


def _below(table: Table, ratio: bool) -> str:
    """What holds below the first row, where something can be below it: a ratio can be negative."""
    value = Decimal(0) if table.below_is_nothing else table.value[0]
    return f"; {percent(value)} below that" if table.at[0] > 0 or ratio else ""


def _cap(plan: Plan, cap: Cap) -> str:
    limit = money(cap.money, plan.currency) if cap.money is not None else ""
    if cap.of_target is not None:
        limit = f"{percent(cap.of_target)} of its target pay of that time"
    when = ", before multipliers" if cap.place is CapPlace.BEFORE else ""
    return f"It pays at most {limit} for {EACH[cap.per]}{when}; what is above is lost"


def _dates(component: Component) -> str:
    begins, ends = (_day(text) for text in (component.starts, component.ends))
    if begins and ends:
        return f"Only deals from {begins} to {ends} count"
    return f"Only deals from {begins} on count" if begins else f"Only deals up to {ends} count"


def _day(text: str) -> str:
    if not text:
        return ""
    day = dt.date.fromisoformat(text)
    return f"{day.day} {day:%B %Y}"


def plan_words(plan: Plan) -> list[str]:
    """What holds for the whole plan: year, quota, draw, what is taken back, rounding."""
    told = [*_year(plan), *quota_words(plan.quota)]
    told += draw_words(plan)
    told += clawback_words(plan.clawback)
    told.append(_rounding(plan))
    return [sentence(one) for one in told]


def _year(plan: Plan) -> Iterator[str]:
    if plan.target_incentive:
        yield f"The target incentive is {money(plan.target_incentive, plan.currency)} a year at 100\u202f%"
    if plan.year_begins != 1:
        yield f"The year begins with {calendar.month_name[plan.year_begins]}"
    if plan.rates is RatesOf.START:
        yield "Other money counts at the rate of the month with which the year begins"


def quota_words(terms: QuotaTerms) -> list[str]:
    """Season, proration and ramp."""
    told = []
    if terms.weights:
        parts = {12: "months", 6: "two months", 4: "quarters", 3: "thirds", 2: "halves", 1: "year"}
        weights = listed([plain(weight) for weight in terms.weights])
        told.append(f"The year's quota is divided over its {parts[len(terms.weights)]} as {weights}")
    told.append(PRORATED[terms.prorate])
    if not terms.start_day_counts:
        told.append("The first day itself does not count")
    if terms.ramp:
        shares = listed([percent(share) for share in terms.ramp])
        told.append(f"Who is new has {shares} of a full quota in the first {_months(len(terms.ramp))}")
    return told


def draw_words(plan: Plan) -> list[str]:
    """What is advanced, and how it comes back."""
    draw = plan.draw
    if draw is None:
        return []
    amount, time = money(draw.money, plan.currency), _draw_time(draw)
    if draw.kind is DrawKind.GUARANTEE:
        first = f"You get at least {amount} a month{time}: what you earn less is advanced"
    else:
        first = f"On top of what you earn you are advanced {amount} a month{time}"
    return [first, *_paid_back(draw)]


def _draw_time(draw: Draw) -> str:
    return f" in the first {_months(draw.months)}" if draw.months is not None else ""


def _paid_back(draw: Draw) -> list[str]:
    if not draw.recoverable:
        return ["You never pay an advance back"]
    most = f"at most {percent(draw.most_back)} of your pay at once" if draw.most_back != ONE else ""
    back = f"An advance is kept back from later pay{', ' + most if most else ''}"
    return [back, *(["What is still owed at the end of the year is forgiven"] if draw.forgiven else [])]


def clawback_words(clawback: Clawback) -> list[str]:
    """What a deal costs that is cancelled or returned."""
    if not clawback.share:
        return ["When a deal is cancelled you keep what it paid"]
    unit = clawback.window_in.value
    within = f" within {_window(clawback)}" if clawback.window is not None else ""
    part = percent(clawback.share)
    left = f", in proportion to the {unit} that are left" if clawback.by_months_left else ""
    rates = "it" if clawback.at is TakenBackAt.HISTORIC else "it would pay at today's rates"
    paid = f"{part} of what {rates} paid" if rates == "it" else f"{part} of what {rates}"
    told = [f"When a deal is cancelled or returned{within}, {paid} is taken back{left}"]
    if clawback.attainment is Attained.KEPT:
        told.append("Your attainment keeps the deal")
    else:
        told.append("The deal leaves your attainment as well")
    return told


def _window(clawback: Clawback) -> str:
    if clawback.window_in is WindowIn.MONTHS:
        return _months(clawback.window or 0)
    return "a day" if clawback.window == 1 else f"{clawback.window} days"


def _months(count: int) -> str:
    return "month" if count == 1 else f"{count} months"


def _rounding(plan: Plan) -> str:
    how = "half to even" if plan.rounding is Rounding.HALF_EVEN else plan.rounding.value
    once = plan.rounded_by is RoundedBy.COMPONENT
    what = "Each component of a month is rounded once" if once else "Every line of pay is rounded by itself"
    return f"{what}, {how}, to {plan.places} decimal places"
