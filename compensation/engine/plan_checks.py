"""What must hold between the parts of a plan: a sentence for everything that does not."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import pairwise

from compensation.engine.exact import PARTS, TICKS
from compensation.engine.plan import (
    MONTHS,
    Against,
    Component,
    Form,
    Gives,
    Period,
    Plan,
    QuotaOf,
    Table,
)
from compensation.engine.plan_asking import asked_by

TIERED = frozenset({Form.MARGINAL, Form.WHOLE, Form.WHOLE_UNTIL, Form.RESULT})
Check = Callable[[Plan, Component], Iterator[str]]


def faults_of(plan: Plan) -> list[str]:
    """The sentences, in the order of the components."""
    found = [*_whole_plan(plan)]
    for component in plan.components:
        found += [
            f"component {component.code}: {sentence}"
            for check in CHECKS
            for sentence in check(plan, component)
        ]
    return found


def _whole_plan(plan: Plan) -> Iterator[str]:
    codes = [component.code for component in plan.components]
    if not codes:
        yield "components: a plan needs at least one."
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield f"component {code}: two components have this code. Give each its own."
    if not 1 <= plan.year_begins <= 12:
        yield "year_begins: a month from 1 to 12."
    if not 0 <= plan.places <= 4:
        yield "places: 0 to 4."
    if plan.clawback.by_months_left and plan.clawback.window is None:
        yield "clawback.window: by_months_left needs a window."
    if plan.draw and plan.draw.money < 0:
        yield "draw.amount: it must not be negative."


def _periods(plan: Plan, component: Component) -> Iterator[str]:
    if component.over is Period.DEAL:
        return
    paid = MONTHS.get(component.period, 1)
    if MONTHS[component.over] % paid:
        yield f"over: a {component.over} cannot be paid by the {component.period}."


def _tiers(plan: Plan, component: Component) -> Iterator[str]:
    starts = [tier.start for tier in component.tiers]
    if component.form in TIERED and not starts:
        yield "tiers: at least one is needed, such as {from: 0, rate: 5%}."
    if any(after <= before for before, after in pairwise(starts)):
        yield "tiers: each must begin above the one before."
    by_quota = component.against is Against.QUOTA
    if component.form is Form.MARGINAL and by_quota and component.quota_of is QuotaOf.TO_DATE:
        yield "quota_of: marginal tiers fill the whole quota; “to date” would move their bounds under them."
    if component.form is Form.RESULT and by_quota:
        yield "against: tiers on the result are bounded by money, not by the quota."
    if any(tier.rates for tier in component.tiers) and not component.by:
        yield "by: rates by value need the column that holds the value."
    yield from _exact(component)


def _gives(plan: Plan, component: Component) -> Iterator[str]:
    """Tiers would leave anything but a rate unheard, and pay it by the measure."""
    if component.form in TIERED | {Form.FLAT} and component.gives is not Gives.RATE:
        yield (
            "gives: tiers give a rate. For shares of the target pay write form: curve, with points such as "
            "[[0, 0], [100%, 100%], [200%, 250%]]; for money, form: steps."
        )


def _ratios(plan: Plan, component: Component) -> Iterator[str]:
    """A ratio has no quota, and no amount on which a rate could be paid."""
    if not component.measure.per:
        return
    paid = component.form in {Form.CURVE, Form.STEPS} and component.gives is not Gives.RATE
    pays_nothing = not any(tier.rate or tier.rates for tier in component.tiers)
    if not paid and not (component.form is Form.FLAT and pays_nothing):
        yield (
            "per: no rate can be paid on a ratio. Pay money or a share of the target pay by form: "
            "curve or steps, or count it for gates, multipliers and matrices by form: flat with rate: 0."
        )
    if component.against is Against.QUOTA:
        yield "against: a ratio has no quota. Its bounds are amounts: the ratio itself, such as 20%."


def _exact(component: Component) -> Iterator[str]:
    rates = [rate for tier in component.tiers for rate in (tier.rate, *(one for _, one in tier.rates))]
    if any(not _fits(rate, PARTS) for rate in rates):
        yield "tiers: a rate has at most eight decimal places (six as a percentage)."
    parts = PARTS if component.against is Against.QUOTA else TICKS
    bounds = [tier.start for tier in component.tiers] + ([component.until] if component.until else [])
    if any(not _fits(bound, parts) for bound in bounds):
        yield "tiers: a bound has at most four decimal places."


def _fits(number: Decimal, parts: int) -> bool:
    return (number * parts) % 1 == 0


def _tables(plan: Plan, component: Component) -> Iterator[str]:
    tables = [component.table, *(one.table for one in component.objectives)]
    tables += [multiplier.table for multiplier in component.multipliers]
    for table in tables:
        if table is not None and not _ascends(table):
            yield "points: each must lie above the one before."


def _ascends(table: Table) -> bool:
    return all(before < after for before, after in pairwise(table.at))


def _forms(plan: Plan, component: Component) -> Iterator[str]:
    form = component.form
    if form is Form.WHOLE_UNTIL and component.until is None:
        yield "until: say up to where everything is paid at one rate."
    if form is Form.MATRIX and component.matrix is None:
        yield "matrix: rows_by, rows, columns_by, columns and values are needed."
    if form is Form.SCORECARD and not component.objectives:
        yield "objectives: at least one is needed."
    if form is Form.CONTEST and not component.prizes:
        yield "prizes: at least one is needed."
    if form is Form.POOL and component.pot is None and not component.tiers:
        yield "pot: a pool needs a pot of money, or tiers or a rate on the measure."
    if component.budget is not None and form not in TIERED | {Form.FLAT}:
        yield "budget: only pay by deal has a budget."
    if form in {Form.POOL, Form.CONTEST} and (component.multipliers or component.caps):
        yield "cap: pools and contests have neither caps nor multipliers; limit the pot or the prizes."


def _matrix(plan: Plan, component: Component) -> Iterator[str]:
    matrix = component.matrix
    if matrix is None:
        return
    if len(matrix.value) != len(matrix.rows) or any(len(row) != len(matrix.columns) for row in matrix.value):
        yield "matrix.values: a list for each of the rows, each with a number for every column, is needed."


def _others(plan: Plan, component: Component) -> Iterator[str]:
    """Components that are named must be there."""
    codes = {one.code for one in plan.components}
    asked = [by for by, _ in asked_by(component)]
    for code in sorted({by.component for by in asked} - codes):
        yield f"“{code}” is no component of this plan. Known: {', '.join(sorted(codes))}."


def _amounts(plan: Plan, component: Component) -> Iterator[str]:
    """A ratio has no amount that could be looked at."""
    ratios = {one.code for one in plan.components if one.measure.per}
    looks = [("gate", gate.by) for gate in component.gates]
    looks += [("multiplier", one.by) for one in component.multipliers if one.by]
    if component.matrix:
        looks += [("matrix", component.matrix.rows_by), ("matrix", component.matrix.columns_by)]
    for setting, by in looks:
        if by.against is Against.AMOUNT and by.component in ratios:
            yield f"{setting}: “{by.component}” is a ratio: its levels are the ratio itself, not an amount."


CHECKS: tuple[Check, ...] = (_periods, _tiers, _gives, _ratios, _tables, _forms, _matrix, _others, _amounts)
