"""A plan in plain words: what each component pays, sentence by sentence, for the person who is paid by it."""

from collections.abc import Callable
from decimal import Decimal

from compensation.engine.plan import (
    ONE,
    Against,
    Border,
    Component,
    Form,
    Gives,
    Period,
    Plan,
    PoolShare,
    QuotaOf,
    Table,
    Tier,
    Ties,
)
from compensation.engine.plan_limit_words import limit_words
from compensation.engine.word_numbers import (
    EACH,
    PIECES,
    THE,
    listed,
    measured,
    money,
    name_of,
    percent,
    rate,
    sentence,
    size,
)

FORM_NAMES = {
    Form.FLAT: "One rate",
    Form.MARGINAL: "Tiers, each on its own part (accelerator)",
    Form.WHOLE: "Tiers, the one reached for everything (dollar one)",
    Form.WHOLE_UNTIL: "Tiers, for everything up to a point, then each on its own part",
    Form.CURVE: "Curve over attainment",
    Form.STEPS: "Bonus for a level reached",
    Form.MATRIX: "Matrix of two results",
    Form.SCORECARD: "Scorecard of objectives",
    Form.POOL: "Pool that a team shares",
    Form.CONTEST: "Contest with prizes",
    Form.RESULT: "Tiers on what was paid out",
}
TOLD_ROWS = 12


def component_words(plan: Plan, component: Component) -> list[str]:
    """What it counts, what that pays, when, and within which limits."""
    told = [f"What counts: {measured(component.measure)}"] if _has_measure(component) else []
    told += FORMS[component.form](plan, component)
    told += [] if _only_measured(component) else _when(component)
    told += limit_words(plan, component)
    return [sentence(one) for one in told]


def pay_words(plan: Plan, component: Component) -> str:
    """The form of pay alone, as one short text: for cards and lists."""
    return " ".join(sentence(one) for one in FORMS[component.form](plan, component))


def _has_measure(component: Component) -> bool:
    fixed_pot = component.form is Form.POOL and component.pot is not None
    return component.form not in {Form.SCORECARD, Form.MATRIX} and not (
        fixed_pot and component.pool_share is not PoolShare.CREDIT
    )


def _only_measured(component: Component) -> bool:
    return component.form is Form.FLAT and not component.tiers[0].rate and not component.tiers[0].rates


def _when(component: Component) -> list[str]:
    told = [f"Paid {EACH[component.period].replace('each', 'every')}"]
    levels = {Form.SCORECARD, Form.POOL, Form.CONTEST}
    if component.form is Form.FLAT or component.form in levels:
        return told
    if component.over is Period.DEAL:
        return [f"{told[0]}; every deal is looked at by itself"]
    if component.over is not component.period:
        adds_up = "it is that of" if component.measure.per else "the level adds up over"
        told = [f"{told[0]}; {adds_up} {THE[component.over]}{' so far' if component.measure.per else ''}"]
    longer = component.over is not component.period and component.against is Against.QUOTA
    if longer and component.quota_of is QuotaOf.TO_DATE:
        told.append(f"It is compared with your quota up to then, not with the whole of {THE[component.over]}")
    elif longer and component.form in {Form.CURVE, Form.STEPS, Form.WHOLE}:
        told.append(f"It is compared with your whole quota of {THE[component.over]}")
    if component.border is Border.LOWER:
        told.append("Exactly at a bound, the level below it still counts")
    return told


def bound(plan: Plan, component: Component, number: Decimal) -> str:
    """100 % of your quota; 50 000 EUR."""
    if component.form is Form.RESULT:
        return f"{money(number, plan.currency)} of pay"
    if component.against is Against.AMOUNT:
        return size(component, number, plan.currency)
    return "your quota" if number == ONE else f"{percent(number)} of your quota"


def _rates(plan: Plan, component: Component, tier: Tier) -> str:
    """5 %; or 5 % for hardware, 3 % for services and 1 % for all others."""

    def one(number: Decimal) -> str:
        pieces = component.measure.of in PIECES
        return money(number, plan.currency) if pieces else percent(number)

    if not tier.rates:
        return one(tier.rate)
    said = [f"{one(value)} for {name}" for name, value in tier.rates]
    return listed([*said, f"{one(tier.rate)} for all others"])


def _one(plan: Plan, component: Component) -> str:
    word = PIECES.get(component.measure.of)
    return f"each {word[0]}" if word else f"every {plan.currency or 'unit of money'}"


def _flat(plan: Plan, component: Component) -> list[str]:
    tier = component.tiers[0]
    if _only_measured(component):
        return ["This is only measured: it pays nothing by itself"]
    return [f"{_one(plan, component)} pays {_rates(plan, component, tier)}"]


def _marginal(plan: Plan, component: Component) -> list[str]:
    tiers, one = component.tiers, _one(plan, component)
    if len(tiers) == 1:
        return [f"{one} pays {_rates(plan, component, tiers[0])}"]
    told = [f"up to {bound(plan, component, tiers[1].start)} {one} pays {_rates(plan, component, tiers[0])}"]
    for place, tier in enumerate(tiers[1:], 1):
        begin = bound(plan, component, tier.start)
        end = f" to {bound(plan, component, tiers[place + 1].start)}" if place + 1 < len(tiers) else " on"
        told.append(f"from {begin}{end}, {one} above it pays {_rates(plan, component, tier)}")
    return told


def _whole(plan: Plan, component: Component) -> list[str]:
    rows = [_rates(plan, component, component.tiers[0])]
    rows += [
        f"from {bound(plan, component, tier.start)} on {_rates(plan, component, tier)}"
        for tier in component.tiers[1:]
    ]
    return [
        f"the level you reach pays for everything since {THE[component.over]} began: {listed(rows)}",
        *(["When you reach a higher level, what came before is paid up to it"] if len(rows) > 1 else []),
    ]


def _whole_until(plan: Plan, component: Component) -> list[str]:
    told = _whole(plan, component)
    if component.until is not None:
        told.append(
            f"That holds up to {bound(plan, component, component.until)}; "
            "above it each rate pays only for its own part"
        )
    return told


def gift(plan: Plan, component: Component, value: Decimal) -> str:
    """What a point, step or cell gives."""
    if component.gives is Gives.MONEY:
        return money(value, plan.currency)
    if component.gives is Gives.TARGET:
        return f"{percent(value)} of its target pay"
    return f"{rate(component, value, plan.currency)} of what counts"


def _points(plan: Plan, component: Component, table: Table) -> list[str]:
    rows = [
        f"{gift(plan, component, value)} at {bound(plan, component, at)}"
        for at, value in zip(table.at, table.value, strict=True)
    ]
    if len(rows) > TOLD_ROWS:
        return [f"it has {len(rows)} levels: {rows[0]} to {rows[-1]}"]
    return rows


def _curve(plan: Plan, component: Component) -> list[str]:
    if component.table is None:
        return []
    table = component.table
    below = "nothing" if table.below_is_nothing else gift(plan, component, table.value[0])
    beyond = "the last line goes on" if table.goes_on else "it grows no more"
    end = f"beyond {bound(plan, component, table.at[-1])} {beyond}"
    begin = f"Below {bound(plan, component, table.at[0])} it pays {below}; " if table.at[0] > 0 else ""
    return [
        f"it pays {listed(_points(plan, component, table))}, in straight lines between",
        f"{begin}{end}",
    ]


def _steps(plan: Plan, component: Component) -> list[str]:
    if component.table is None:
        return []
    how = "All levels reached add up" if component.table.adds_up else "Only the highest level reached counts"
    told = [f"you get {listed(_points(plan, component, component.table))}"]
    return [*told, how] if len(component.table.at) > 1 else told


def _matrix(plan: Plan, component: Component) -> list[str]:
    matrix = component.matrix
    if matrix is None:
        return []
    rows, columns = (name_of(plan.components, one.component) for one in (matrix.rows_by, matrix.columns_by))
    values = [value for row in matrix.value for value in row]
    between = "in straight lines between the levels" if matrix.straight else "by the levels reached"
    low, high = (gift(plan, component, value) for value in (min(values), max(values)))
    return [f"the attainments of {rows} and {columns} decide together: from {low} to {high}, {between}"]


def _scorecard(plan: Plan, component: Component) -> list[str]:
    told = []
    for one in component.objectives:
        most = f", at most {percent(one.most)}" if one.most is not None else ""
        told.append(f"“{one.code}” counts {percent(one.weight)}{most}")
    first = f"it pays by how far you reach {len(component.objectives)} objectives: {listed(told)}"
    curved = [one for one in component.objectives if one.table]
    return [first, *(_score_line(one.code, one.table) for one in curved if one.table)]


def _score_line(code: str, table: Table) -> str:
    points = [f"{percent(at)} counts as {percent(v)}" for at, v in zip(table.at, table.value, strict=True)]
    return f"For “{code}”, {listed(points)}, in straight lines between"


def _pool(plan: Plan, component: Component) -> list[str]:
    each = EACH[component.period]
    if component.pot is not None:
        told = [f"{each} the team shares a pot of {money(component.pot, plan.currency)}"]
    else:
        told = [f"{each} the team shares a pot that its result fills", *_marginal(plan, component)]
    if component.pool_share is PoolShare.ROLE:
        parts = [f"{name} {percent(share)}" for name, share in component.shares]
        return [*told, f"The parts by role, divided among those who have it: {listed(parts)}"]
    how = "everybody gets the same" if component.pool_share is PoolShare.EQUAL else "by the own credits"
    return [*told, f"It is divided: {how}"]


def _contest(plan: Plan, component: Component) -> list[str]:
    prizes = [f"{money(prize, plan.currency)} for place {n}" for n, prize in enumerate(component.prizes, 1)]
    ties = {
        Ties.SHARE: "Who is equal shares the prizes of their places",
        Ties.BOTH: "Who is equal gets the better prize, each",
        Ties.FIRST: "Of two who are equal, the one who was there first is ahead",
    }
    return [f"the best of {EACH[component.period]} win: {listed(prizes)}", ties[component.ties]]


def _result(plan: Plan, component: Component) -> list[str]:
    told = _marginal(plan, component)
    return [*told, "The bounds are reached by what this component has paid, not by what was sold"]


FORMS: dict[Form, Callable[[Plan, Component], list[str]]] = {
    Form.FLAT: _flat,
    Form.MARGINAL: _marginal,
    Form.WHOLE: _whole,
    Form.WHOLE_UNTIL: _whole_until,
    Form.CURVE: _curve,
    Form.STEPS: _steps,
    Form.MATRIX: _matrix,
    Form.SCORECARD: _scorecard,
    Form.POOL: _pool,
    Form.CONTEST: _contest,
    Form.RESULT: _result,
}
