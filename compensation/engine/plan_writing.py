"""A plan → the mapping that compensation.engine.plan_reading reads: in the order a person would write it,
without what is the default."""

from decimal import Decimal
from typing import Any

from compensation.engine.plan import (
    ONE,
    ZERO,
    Against,
    Attainment,
    Border,
    Cap,
    CapPlace,
    Clawback,
    Component,
    Draw,
    Form,
    Gate,
    Gives,
    Matrix,
    Measure,
    Multiplier,
    Objective,
    Plan,
    PoolShare,
    QuotaTerms,
    RatesOf,
    RoundedBy,
    Rounding,
    Table,
    Ties,
)
from compensation.engine.plan_reading import usual_gift, usual_quota, usual_whose
from compensation.engine.word_numbers import is_share

PIECES = frozenset({"count", "units", "quantity"})
MOST_DIGITS = 26
MOST_SHARE = 1_000  # what is 100,000 % and more is no share but a ratio of money to pieces
Said = dict[str, Any]


class Written(str):
    """A number that is no whole one, as text: JSON and YAML keep every place of it."""

    __slots__ = ()


def mapping_of(plan: Plan) -> Said:
    """The mapping. plan_from(mapping_of(plan)) == plan for every plan that plan_from has read."""
    return _kept(
        plan=plan.name,
        currency=plan.currency or None,
        version=plan.version if plan.version != "1" else None,
        year_begins=_unless(plan.year_begins, 1),
        target_incentive=_number(plan.target_incentive) if plan.target_incentive else None,
        places=_unless(plan.places, 2),
        rounding=_unless(plan.rounding.value, Rounding.HALF_UP.value),
        rounded_by=_unless(plan.rounded_by.value, RoundedBy.COMPONENT.value),
        rates=_unless(plan.rates.value, RatesOf.DEAL.value),
        quota=_quota(plan.quota),
        draw=_draw(plan.draw),
        clawback=_clawback(plan.clawback),
        components=[component_mapping(component) for component in plan.components],
    )


def component_mapping(component: Component) -> Said:
    """One component's part of the mapping."""
    form = component.form
    return _kept(
        code=component.code,
        name=component.name if component.name != component.code else None,
        form=form.value,
        measure=_measure(component.measure, usual_whose(form).value),
        period=_unless(component.period.value, "month"),
        over=_unless(component.over.value, component.period.value),
        against=_unless(component.against.value, Against.AMOUNT.value),
        quota_of=_unless(component.quota_of.value, usual_quota(form).value),
        gives=_unless(component.gives.value, usual_gift(form).value),
        border=_unless(component.border.value, Border.UPPER.value),
        by=component.by or None,
        **_form_of_pay(component),
        **_limits(component),
    )


def _form_of_pay(component: Component) -> Said:
    pieces = component.measure.of in PIECES
    return {
        **_tiers(component, pieces),
        "until": _bound(component.until, component.against is Against.QUOTA),
        **_component_table(component, pieces),
        "matrix": _matrix(component.matrix, component.gives, pieces),
        "objectives": [_objective(one) for one in component.objectives] or None,
        "pot": _maybe(component.pot),
        "pool_share": _unless(component.pool_share.value, PoolShare.EQUAL.value),
        "shares": {name: _share(value) for name, value in component.shares} or None,
        "prizes": [_number(one) for one in component.prizes] or None,
        "ties": _unless(component.ties.value, Ties.SHARE.value),
    }


def _limits(component: Component) -> Said:
    return {
        "weight": _share(component.weight) if component.weight != ONE else None,
        "threshold": _share_or_none(component.threshold),
        "gate": _one_or_all([_gate(gate) for gate in component.gates]),
        "multiplier": _one_or_all([_multiplier(one) for one in component.multipliers]),
        "cap": _one_or_all([_cap(cap) for cap in component.caps]),
        "starts": component.starts or None,
        "ends": component.ends or None,
        "budget": _maybe(component.budget),
        "never_negative": component.never_negative or None,
    }


def _tiers(component: Component, pieces: bool) -> Said:
    if not component.tiers:
        return {}
    if component.form is Form.FLAT:
        return _rate(component.tiers[0], pieces)
    written = [
        {"from": _bound(tier.start, component.against is Against.QUOTA), **_rate(tier, pieces)}
        for tier in component.tiers
    ]
    return {"tiers": written}


def _rate(tier: Any, pieces: bool) -> Said:
    """The rate, and those by value; a rate of 0 is left out beside them."""
    rates = {name: _rate_number(value, pieces) for name, value in tier.rates}
    return _kept(
        rate=None if rates and not tier.rate else _rate_number(tier.rate, pieces), rates=rates or None
    )


def _component_table(component: Component, pieces: bool) -> Said:
    if component.table is None:
        return {}
    key = "steps" if component.form is Form.STEPS else "points"
    shares = component.against is Against.QUOTA or is_share(component.measure)
    money = component.gives is Gives.MONEY or (pieces and component.gives is Gives.RATE)
    table = _table(component.table, key, shares, money)
    return {name: said for name, said in table.items() if name != "border"}


def _table(table: Table, key: str, shares: bool, money: bool) -> Said:
    at, value = (_share if shares else _number), (_number if money else _share)
    pairs = [[at(a), value(v)] for a, v in zip(table.at, table.value, strict=True)]
    return {
        key: pairs,
        "below_as_first": None if table.below_is_nothing else True,
        "goes_on": table.goes_on or None,
        "adds_up": table.adds_up or None,
        "border": _unless(table.border.value, Border.UPPER.value),
    }


def _matrix(matrix: Matrix | None, gives: Gives, pieces: bool) -> Said | None:
    if matrix is None:
        return None
    cell = _number if gives is Gives.MONEY or (pieces and gives is Gives.RATE) else _share
    return _kept(
        rows_by=matrix.rows_by.component,
        rows_in=_in(matrix.rows_by),
        rows=[_level(matrix.rows_by, one) for one in matrix.rows],
        columns_by=matrix.columns_by.component,
        columns_in=_in(matrix.columns_by),
        columns=[_level(matrix.columns_by, one) for one in matrix.columns],
        values=[[cell(one) for one in row] for row in matrix.value],
        straight=matrix.straight or None,
    )


def _objective(objective: Objective) -> Said:
    table = _table(objective.table, "points", True, False) if objective.table else {}
    return _kept(
        code=objective.code,
        weight=_share(objective.weight),
        most=_share_or_none(objective.most),
        **table,
    )


def _gate(gate: Gate) -> Said:
    return _kept(
        component=gate.by.component,
        **{"in": _in(gate.by)},
        at_least=_level(gate.by, gate.least),
        otherwise=_share(gate.otherwise) if gate.otherwise else None,
    )


def _multiplier(multiplier: Multiplier) -> Said:
    if multiplier.by is None or multiplier.table is None:
        return {"fixed": _share(multiplier.fixed)}
    key = "points" if multiplier.table.straight else "steps"
    by_quota = multiplier.by.against is Against.QUOTA
    said = {"component": multiplier.by.component, "in": _in(multiplier.by)}
    return _kept(**said, **_table(multiplier.table, key, by_quota, False))


def _in(by: Attainment) -> str | None:
    return _unless(by.against.value, Against.QUOTA.value)


def _level(by: Attainment, number: Decimal) -> Any:
    return _number(number) if by.against is Against.AMOUNT else _share(number)


def _cap(cap: Cap) -> Said:
    return _kept(
        per=cap.per.value,
        amount=_maybe(cap.money),
        of_target=_share_or_none(cap.of_target),
        after_multipliers=False if cap.place is CapPlace.BEFORE else None,
    )


def _measure(measure: Measure, whose: str) -> Said | None:
    said = _kept(
        of=_unless(measure.of, "amount"),
        per=measure.per or None,
        whose=_unless(measure.whose.value, whose),
        where={one.column: list(one.values) for one in measure.where} or None,
        roles=list(measure.roles) or None,
    )
    return said or None


def _draw(draw: Draw | None) -> Said | None:
    if draw is None:
        return None
    return _kept(
        amount=_number(draw.money),
        kind=draw.kind.value,
        recoverable=None if draw.recoverable else False,
        months=draw.months,
        forgiven=draw.forgiven or None,
        most_back=_share(draw.most_back) if draw.most_back != ONE else None,
    )


def _clawback(clawback: Clawback) -> Said | None:
    usual = Clawback()
    said = _kept(
        share=_share(clawback.share) if clawback.share != usual.share else None,
        window=clawback.window,
        window_in=_unless(clawback.window_in.value, usual.window_in.value),
        by_months_left=clawback.by_months_left or None,
        attainment=_unless(clawback.attainment.value, usual.attainment.value),
        at=_unless(clawback.at.value, usual.at.value),
    )
    return said or None


def _quota(terms: QuotaTerms) -> Said | None:
    said = _kept(
        weights=[_number(one) for one in terms.weights] or None,
        prorate=_unless(terms.prorate.value, QuotaTerms().prorate.value),
        start_day_counts=None if terms.start_day_counts else False,
        ramp=[_share(one) for one in terms.ramp] or None,
    )
    return said or None


def _kept(**said: Any) -> Said:
    return {key: value for key, value in said.items() if value is not None}


def _unless(value: Any, usual: Any) -> Any:
    return None if value == usual else value


def _one_or_all(rows: list[Said]) -> Said | list[Said] | None:
    return (rows[0] if len(rows) == 1 else rows) or None


def _number(number: Decimal) -> int | Written:
    if number == number.to_integral_value():
        return int(number)
    return Written(format(number, "f").rstrip("0"))


def _share(number: Decimal) -> str | int:
    """0.05 → 5%, exactly; a fraction beyond Decimal's usual length stays one, and so does 25,000 a deal."""
    if abs(number) >= MOST_SHARE:
        return _number(number)
    if len(number.as_tuple().digits) > MOST_DIGITS:
        return format(number, "f")
    return f"{_number(number.scaleb(2))}%"


def _rate_number(number: Decimal, pieces: bool) -> Any:
    """A fraction of money as a percentage; money by piece as a number."""
    return _number(number) if pieces or abs(number) > ONE else _share(number) if number != ZERO else 0


def _bound(number: Decimal | None, by_quota: bool) -> Any:
    if number is None:
        return None
    return _share(number) if by_quota and number else _number(number)


def _maybe(number: Decimal | None) -> Any:
    return None if number is None else _number(number)


def _share_or_none(number: Decimal | None) -> Any:
    return None if number is None else _share(number)
