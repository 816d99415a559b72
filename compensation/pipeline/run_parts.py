"""The parts of statements: for each component of a rep's plan what was measured, against which quota."""

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from catalog.engine.months import months_apart
from compensation.engine.calculation import Calculation
from compensation.engine.counting import Work
from compensation.engine.exact import from_ticks
from compensation.engine.plan import Against, Attainment, Cap, Component, Form, Multiplier, Period, Plan
from compensation.engine.tables import value_at
from compensation.engine.word_numbers import column_words, is_share, level, size
from compensation.pipeline.books import Part, PlanBook
from compensation.pipeline.run_lines import Worked
from compensation.selectors.statement_words import RATIO

PartKey = tuple[int, str, int, str]
"""(rep, currency, version, component)."""
PER = {
    Period.DEAL: "of a deal",
    Period.MONTH: "of a month",
    Period.QUARTER: "of a quarter",
    Period.HALF: "of a half",
    Period.YEAR: "of the year",
}
MOST_ATTAINMENT = Decimal(999_999)
NO_TARGET = {Form.CONTEST, Form.POOL, Form.FLAT}


@dataclass(frozen=True)
class PartRow:
    """What a StatementPart holds, besides its pay. target: of the month."""

    position: int = 0
    name: str = ""
    so_far: Decimal = Decimal(0)
    quota: Decimal = Decimal(0)
    quota_to_date: Decimal = Decimal(0)
    attainment: Decimal | None = None
    target: Decimal = Decimal(0)
    derivation: list[dict[str, Any]] = field(default_factory=list)
    factors: list[dict[str, Any]] = field(default_factory=list)


def parts_of(
    worked: Worked, month: dt.date, reps: Collection[int] | None = None
) -> Iterator[tuple[PartKey, PartRow]]:
    """The parts of everybody who is on the plan in the month, or of some of them."""
    if month not in worked.share.months:
        return
    place = months_apart(worked.book.first, month)
    for part in worked.parts:
        for person in sorted(part.places):
            rep = worked.book.reps[person]
            here = worked.book.book.people.here[person, place] and part.pays(person, place)
            if here and (reps is None or rep in reps):
                yield from _of_person(worked, part, person, place)


def _of_person(worked: Worked, part: Part, person: int, month: int) -> Iterator[tuple[PartKey, PartRow]]:
    book, calculation = worked.book, part.calculation
    for number, work in enumerate(calculation.works):
        key = (book.reps[person], book.currency, worked.share.version.pk, work.component.code)
        yield key, _row(book, calculation, work, number, person, month)


def _row(
    book: PlanBook, calculation: Calculation, work: Work, number: int, person: int, month: int
) -> PartRow:
    target = _target(book, work.component, person, month)
    return PartRow(
        position=number,
        name=work.component.name,
        so_far=from_ticks(int(work.so_far[person, month])),
        quota=from_ticks(int(work.quota[person, month])),
        quota_to_date=from_ticks(int(work.quota_to_date[person, month])),
        attainment=attainment_of(work, person, month),
        target=exact(target, 2),
        derivation=_derivation(book, work, person, month, target),
        factors=_factors(calculation, work.component, person, month),
    )


def attainment_of(work: Work, person: int, month: int) -> Decimal | None:
    """The share of the quota, or a ratio that is a share; None without a quota, and for so much a piece."""
    measure = work.component.measure
    if not (is_share(measure) if measure.per else work.quota_to_date[person, month]):
        return None
    return max(min(exact(work.reached(person, month), 6), MOST_ATTAINMENT), -MOST_ATTAINMENT)


def _target(book: PlanBook, component: Component, person: int, month: int) -> Fraction:
    """Pay at 100 % in the month. A prize, a pot or a rate has none, unless the plan gives it a weight."""
    if component.form in NO_TARGET and component.weight == 1:
        return Fraction(0)
    return Fraction(book.book.people.target[person, month]) * Fraction(component.weight)


def _derivation(
    book: PlanBook, work: Work, person: int, month: int, target: Fraction
) -> list[dict[str, Any]]:
    """The steps of the quota or the ratio, and the target pay of the month."""
    if work.component.measure.per:
        steps = _ratio(work, person, month, book.currency)
    else:
        quota = book.quota_steps(work.component.code, person, month)
        steps = [_said(step.label, step.value) for step in quota]
    return [*steps, _said("Pay at 100 % in this month", exact(target, 2))] if target else steps


def _ratio(work: Work, person: int, month: int, currency: str) -> list[dict[str, Any]]:
    measure, reached = work.component.measure, work.reached(person, month)
    of, per = (column_words(measure, name).capitalize() for name in (measure.of, measure.per))
    text = level(measure, exact(reached, 4), currency)
    return [
        _said(f"{of} so far", from_ticks(int(work.so_far[person, month]))),
        _said(f"{per} so far", from_ticks(int(work.divided_by[person, month]))),
        {"label": f"{of} / {per.lower()}", "value": text, "kind": RATIO},
    ]


def _said(label: str, value: Decimal | Fraction) -> dict[str, Any]:
    """A step as JSON keeps it: money as text, a share (Fraction) as a fraction of 1."""
    if isinstance(value, Decimal):
        return {"label": label, "value": format(value, "f"), "kind": "money"}
    return {"label": label, "value": format(exact(value, 6), "f"), "kind": "percent"}


def exact(value: Fraction | Decimal, places: int) -> Decimal:
    """Rounded half to even, as Fractions are."""
    return Decimal(round(Fraction(value) * 10**places)).scaleb(-places)


def _factors(calculation: Calculation, component: Component, person: int, month: int) -> list[dict[str, Any]]:
    """What touches the pay of a component besides its rates: threshold, gates, multipliers, caps, budget."""

    plan, found = calculation.plan, []
    if component.threshold is not None:
        met = calculation.attained(component.code, person, month) >= Fraction(component.threshold)
        least = _level(plan, Attainment(component.code), component.threshold)
        label = f"Threshold at {least}: {'reached' if met else 'not reached'}"
        found.append(_said(label, Fraction(bool(met))))
    for gate in component.gates:
        met = calculation.looked_at(gate.by, person, month) >= Fraction(gate.least)
        name, least = _name(plan, gate.by.component), _level(plan, gate.by, gate.least)
        label = f"Gate: {name} at least {least}, {'open' if met else 'closed'}"
        found.append(_said(label, Fraction(1) if met else Fraction(gate.otherwise)))
    found += [_multiplied(calculation, one, person, month) for one in component.multipliers]
    found += [_capped(cap) for cap in component.caps]
    if component.budget is not None:
        found.append(_said("Budget for everybody", component.budget))
    return found


def _multiplied(calculation: Calculation, multiplier: Multiplier, person: int, month: int) -> dict[str, Any]:
    if multiplier.by is None or multiplier.table is None:
        return _said("Multiplier", Fraction(multiplier.fixed))
    reached = calculation.looked_at(multiplier.by, person, month)
    name = _name(calculation.plan, multiplier.by.component)
    at = _level(calculation.plan, multiplier.by, reached)
    return _said(f"Multiplier: {name} at {at}", value_at(multiplier.table, reached))


def _level(plan: Plan, by: Attainment, reached: Decimal | Fraction) -> str:
    """What is reached in a component: 85 %; 10 000 EUR; 25 000 EUR a deal."""
    component = plan.component(by.component)
    measure = component.measure
    if by.against is Against.AMOUNT:
        return size(component, exact(reached, 2), plan.currency)
    if measure.per and not is_share(measure):
        return level(measure, exact(reached, 2), plan.currency)
    return percent(reached)


def _capped(cap: Cap) -> dict[str, Any]:
    label = f"Cap {PER[cap.per]}"
    if cap.money is not None:
        return _said(label, cap.money)
    return _said(f"{label}, of target pay", Fraction(cap.of_target or 0))


def _name(plan: Plan, code: str) -> str:
    return next((one.name for one in plan.components if one.code == code), code)


def percent(share: Decimal | Fraction) -> str:
    """A share in words: 85 %, 112.5 %."""
    return f"{exact(Fraction(share) * 100, 1).normalize():f} %"
