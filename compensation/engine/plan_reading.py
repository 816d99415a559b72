"""A mapping, as a YAML file gives it, → a plan. docs/compensation.md names every word."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

from compensation.engine.plan import (
    ONE,
    ZERO,
    Against,
    Attained,
    Attainment,
    Border,
    Cap,
    CapPlace,
    Clawback,
    Component,
    Condition,
    Draw,
    DrawKind,
    Form,
    Gate,
    Gives,
    Matrix,
    Measure,
    Multiplier,
    Objective,
    Period,
    Plan,
    PoolShare,
    Proration,
    QuotaOf,
    QuotaTerms,
    RatesOf,
    RoundedBy,
    Rounding,
    Table,
    TakenBackAt,
    Tier,
    Ties,
    Whose,
    WindowIn,
)
from compensation.engine.plan_cells import BadPlan, Cells, number_of
from compensation.engine.plan_checks import faults_of


def plan_from(said: Mapping[str, Any]) -> Plan:
    """The plan. Raises BadPlan with a sentence for everything that is wrong, at once."""
    cells = Cells(said, "", [])
    plan = Plan(
        name=cells.text("plan"),
        currency=cells.text("currency", ""),
        components=cells.each("components", _component),
        year_begins=cells.whole("year_begins", 1) or 1,
        target_incentive=cells.number("target_incentive", ZERO) or ZERO,
        draw=_draw(cells.inside("draw")),
        clawback=_clawback(cells.inside("clawback")),
        quota=_quota(cells.inside("quota")),
        places=cells.whole("places", 2) or 0,
        rounding=cells.choice("rounding", Rounding, Rounding.HALF_UP),
        rounded_by=cells.choice("rounded_by", RoundedBy, RoundedBy.COMPONENT),
        rates=cells.choice("rates", RatesOf, RatesOf.DEAL),
        version=cells.text("version", "1"),
    )
    cells.nothing_else()
    faults = cells.faults or faults_of(plan)
    if faults:
        raise BadPlan(faults)
    return plan


def _draw(cells: Cells | None) -> Draw | None:
    if cells is None:
        return None
    draw = Draw(
        money=cells.needed("amount"),
        kind=cells.choice("kind", DrawKind, DrawKind.GUARANTEE),
        recoverable=cells.yes("recoverable", True),
        months=cells.whole("months"),
        forgiven=cells.yes("forgiven"),
        most_back=cells.number("most_back", ONE) or ZERO,
    )
    cells.nothing_else()
    return draw


def _clawback(cells: Cells | None) -> Clawback:
    if cells is None:
        return Clawback()
    share = cells.number("share", ONE)
    clawback = Clawback(
        share=ONE if share is None else share,
        window=cells.whole("window"),
        window_in=cells.choice("window_in", WindowIn, WindowIn.MONTHS),
        by_months_left=cells.yes("by_months_left"),
        attainment=cells.choice("attainment", Attained, Attained.RESTATED),
        at=cells.choice("at", TakenBackAt, TakenBackAt.HISTORIC),
    )
    cells.nothing_else()
    return clawback


def _quota(cells: Cells | None) -> QuotaTerms:
    if cells is None:
        return QuotaTerms()
    terms = QuotaTerms(
        weights=_numbers(cells, "weights"),
        prorate=cells.choice("prorate", Proration, Proration.DAYS),
        start_day_counts=cells.yes("start_day_counts", True),
        ramp=_numbers(cells, "ramp"),
    )
    if terms.weights and (12 % len(terms.weights) or min(terms.weights) < 0 or not sum(terms.weights)):
        cells.fault("weights", "give 1, 2, 3, 4, 6 or 12 weights of 0 or more, for equal parts of the year.")
    cells.nothing_else()
    return terms


def _component(cells: Cells) -> Component:
    code = cells.text("code")
    cells.where = f"component {code}" if code else cells.where
    interpolated = str(cells.said.get("form", "")).strip().lower() == "interpolated"
    known = len(cells.faults)
    form = Form.CURVE if interpolated and cells.has("form") else cells.choice("form", Form)
    if len(cells.faults) > known:
        return Component(code, code, form)
    period = cells.choice("period", Period, Period.MONTH)
    weight = cells.number("weight", ONE)
    component = Component(
        code=code,
        name=cells.text("name", code),
        form=form,
        measure=_measure(cells.inside("measure"), usual_whose(form)),
        period=period,
        over=cells.choice("over", Period, period),
        against=cells.choice("against", Against, Against.AMOUNT),
        quota_of=cells.choice("quota_of", QuotaOf, usual_quota(form)),
        gives=Gives.MONEY if interpolated else cells.choice("gives", Gives, usual_gift(form)),
        tiers=() if interpolated else _tiers(cells, form),
        by=cells.text("by", ""),
        table=_filled(cells) if interpolated else _table(cells, form),
        matrix=_matrix(cells.inside("matrix")),
        objectives=cells.each("objectives", _objective),
        until=cells.number("until"),
        border=cells.choice("border", Border, Border.UPPER),
        weight=ONE if weight is None else weight,
        threshold=cells.number("threshold"),
        gates=cells.each("gate", _gate),
        multipliers=cells.each("multiplier", _multiplier),
        caps=cells.each("cap", _cap),
        pool_share=cells.choice("pool_share", PoolShare, PoolShare.EQUAL),
        shares=_named_numbers(cells, "shares"),
        pot=cells.number("pot"),
        prizes=_numbers(cells, "prizes"),
        ties=cells.choice("ties", Ties, Ties.SHARE),
        starts=_day(cells, "starts"),
        ends=_day(cells, "ends"),
        budget=cells.number("budget"),
        never_negative=cells.yes("never_negative"),
    )
    cells.nothing_else()
    return component


def usual_quota(form: Form) -> QuotaOf:
    """Credits fill the whole quota; a level is compared with the quota up to now."""
    return QuotaOf.TO_DATE if form in {Form.CURVE, Form.STEPS, Form.MATRIX} else QuotaOf.WHOLE


def usual_gift(form: Form) -> Gives:
    """What a level of the form is when the plan does not say."""
    by_form = {Form.STEPS: Gives.MONEY, Form.CURVE: Gives.TARGET, Form.MATRIX: Gives.TARGET}
    return by_form.get(form, Gives.TARGET if form is Form.SCORECARD else Gives.RATE)


def usual_whose(form: Form) -> Whose:
    """Whose credits count when the plan does not say: a pool is the team's."""
    return Whose.TEAM if form is Form.POOL else Whose.OWN


def _measure(cells: Cells | None, whose: Whose) -> Measure:
    if cells is None:
        return Measure(whose=whose)
    where = cells.inside("where")
    conditions = tuple(Condition(key, where.words(key)) for key in where.said) if where is not None else ()
    measure = Measure(
        of=cells.text("of", "amount"),
        whose=cells.choice("whose", Whose, whose),
        where=conditions,
        roles=cells.words("roles"),
        per=cells.text("per", ""),
    )
    cells.nothing_else()
    return measure


def _tiers(cells: Cells, form: Form) -> tuple[Tier, ...]:
    """The tiers, from 0 on; `rate` alone is one tier."""
    if form is Form.FLAT or (cells.has("rate") and not cells.has("tiers")):
        rates = _named_numbers(cells, "rates")
        alone = ZERO if rates and not cells.has("rate") else cells.needed("rate")
        return (Tier(ZERO, alone, rates),)
    tiers = cells.each("tiers", _tier)
    return (Tier(ZERO), *tiers) if tiers and tiers[0].start > 0 else tiers


def _tier(cells: Cells) -> Tier:
    rates = _named_numbers(cells, "rates")
    rate = cells.number("rate", ZERO) if rates else cells.needed("rate")
    tier = Tier(cells.number("from", ZERO) or ZERO, rate or ZERO, rates)
    cells.nothing_else()
    return tier


def _filled(cells: Cells) -> Table:
    """Tiers that each give their money in proportion to how far they are filled, as points of a line."""
    rows = cells.each("tiers", _filling)
    if not rows or any(row[1] <= row[0] for row in rows) or any(a[1] != b[0] for a, b in pairwise(rows)):
        cells.fault("tiers", "each needs from, to and money, and begins where the one before ends.")
        return Table((ZERO,), (ZERO,), straight=True)
    sums, total = [ZERO], ZERO
    for row in rows:
        total += row[2]
        sums.append(total)
    border = cells.choice("border", Border, Border.UPPER)
    return Table((rows[0][0], *(row[1] for row in rows)), tuple(sums), straight=True, border=border)


def _filling(cells: Cells) -> tuple[Decimal, Decimal, Decimal]:
    row = cells.number("from", ZERO) or ZERO, cells.needed("to"), cells.needed("money")
    cells.nothing_else()
    return row


def _table(cells: Cells, form: Form) -> Table | None:
    key = "steps" if form is Form.STEPS else "points"
    if form not in {Form.STEPS, Form.CURVE}:
        return None
    return _points(cells, key, straight=form is Form.CURVE)


def _points(cells: Cells, key: str, straight: bool) -> Table | None:
    """[[at, value], …] with its settings beside it."""
    if not cells.has(key):
        cells.fault(key, "a list of pairs is needed, such as [[80%, 40%], [100%, 50%]].")
        return None
    pairs = cells.said[key]
    if not isinstance(pairs, list) or not pairs or any(not _is_pair(pair) for pair in pairs):
        cells.fault(key, "write a list of pairs, such as [[80%, 40%], [100%, 50%]].")
        return None
    numbers = [tuple(number_of(one, cells, key) for one in pair) for pair in pairs]
    return Table(
        at=tuple(pair[0] for pair in numbers),
        value=tuple(pair[1] for pair in numbers),
        straight=straight,
        below_is_nothing=not cells.yes("below_as_first"),
        goes_on=cells.yes("goes_on"),
        adds_up=cells.yes("adds_up"),
        border=cells.choice("border", Border, Border.UPPER),
    )


def _is_pair(pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2


def _matrix(cells: Cells | None) -> Matrix | None:
    if cells is None:
        return None
    rows = cells.said.get("values")
    matrix = Matrix(
        rows_by=_looked_at(cells, "rows_by", "rows_in"),
        rows=_numbers(cells, "rows"),
        columns_by=_looked_at(cells, "columns_by", "columns_in"),
        columns=_numbers(cells, "columns"),
        value=tuple(tuple(number_of(v, cells, "values") for v in row) for row in rows)
        if cells.has("values") and isinstance(rows, list) and all(isinstance(r, list) for r in rows)
        else (),
        straight=cells.yes("straight"),
    )
    cells.nothing_else()
    return matrix


def _looked_at(cells: Cells, component: str = "component", kind: str = "in") -> Attainment:
    return Attainment(cells.text(component), cells.choice(kind, Against, Against.QUOTA))


def _objective(cells: Cells) -> Objective:
    table = _points(cells, "points", straight=True) if cells.has("points") else None
    objective = Objective(cells.text("code"), cells.needed("weight"), cells.number("most"), table)
    cells.nothing_else()
    return objective


def _gate(cells: Cells) -> Gate:
    by, least = _looked_at(cells), cells.needed("at_least")
    gate = Gate(by, least, cells.number("otherwise", ZERO) or ZERO)
    cells.nothing_else()
    return gate


def _multiplier(cells: Cells) -> Multiplier:
    if cells.has("fixed"):
        multiplier = Multiplier(fixed=cells.needed("fixed"))
    else:
        straight = cells.has("points")
        table = _points(cells, "points" if straight else "steps", straight)
        multiplier = Multiplier(_looked_at(cells), table)
    cells.nothing_else()
    return multiplier


def _cap(cells: Cells) -> Cap:
    after = cells.yes("after_multipliers", True)
    cap = Cap(
        per=cells.choice("per", Period, Period.MONTH),
        money=cells.number("amount"),
        of_target=cells.number("of_target"),
        place=CapPlace.AFTER if after else CapPlace.BEFORE,
    )
    cells.nothing_else()
    if (cap.money is None) == (cap.of_target is None):
        cells.fault("", "give either amount or of_target.")
        return replace(cap, money=ZERO)
    return cap


def _numbers(cells: Cells, key: str) -> tuple[Decimal, ...]:
    if not cells.has(key):
        return ()
    rows = cells.said[key] if isinstance(cells.said[key], list) else [cells.said[key]]
    return tuple(number_of(one, cells, key) for one in rows)


def _named_numbers(cells: Cells, key: str) -> tuple[tuple[str, Decimal], ...]:
    inside = cells.inside(key)
    if inside is None:
        return ()
    return tuple((str(name), number_of(value, inside, str(name))) for name, value in inside.said.items())


def _day(cells: Cells, key: str) -> str:
    if not cells.has(key):
        return ""
    try:
        return dt.date.fromisoformat(str(cells.said[key])).isoformat()
    except ValueError:
        cells.fault(key, f"“{cells.said[key]}” is no day. Write 2026-03-31.")
        return ""
