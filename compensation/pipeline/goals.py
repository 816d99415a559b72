"""The goals document: what somebody earns for what, made from the version of a plan in force.

A document is a mapping of texts, ready to be shown, printed, and kept with its SHA-256 when somebody accepts
it. It changes only with the terms, quotas, target and position; curves and examples (WORKED) follow from
those.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from compensation.engine.own_terms import laid_over
from compensation.engine.plan import Component, Form, Plan
from compensation.engine.plan_cells import BadPlan
from compensation.engine.plan_examples import Curve, Example, curves, example
from compensation.engine.plan_limit_words import clawback_words, draw_words, plan_words, quota_words
from compensation.engine.plan_words import FORM_NAMES, component_words
from compensation.engine.word_numbers import money, percent, sentence, size
from compensation.models import PlanVersion, Position
from compensation.pipeline.books import PlanBook, plan_book
from compensation.pipeline.plan_credits import NoRate
from compensation.selectors.goals import Due
from compensation.selectors.plans import read_terms
from core.errors import Reason, Refused
from crm.models import Rep

Document = dict[str, Any]
LEVELS = tuple(Decimal(level) / 100 for level in (80, 100, 120))
SHOWN = tuple(Decimal(level) / 100 for level in range(0, 210, 10))
TICKS = 10_000
WORKED = frozenset({"curves", "example"})
WITHOUT_QUOTA = frozenset({Form.SCORECARD, Form.MATRIX, Form.CONTEST})


def goals_of_version(version: PlanVersion) -> Document:
    """The document for anybody on a version, with usual quotas. Raises Refused for terms that do not read."""
    plan = _read(version)
    target, year = plan.target_incentive, version.starts.year
    return _document(version, plan, year, {}, target) | _worked(plan, year, {}, target)


def goals_of_reps(due: Due, reps: Iterable[Rep], worked: bool = True) -> dict[int, Document]:
    """The documents of people on a version, by rep, with their own terms, quotas, target and position.

    worked: with curves and examples. Raises Refused for terms that do not read or a currency without a rate.
    """
    version, wanted = due.version, list(reps)
    plan = _read(version)
    first = dt.date(due.day.year - (due.day.month < plan.year_begins), plan.year_begins, 1)
    try:
        book = plan_book(version, first, reps=[rep.pk for rep in wanted], only_quotas=True)
    except (BadPlan, NoRate) as error:
        raise Refused(Reason(str(error), "unreadable")) from error
    positions = {
        row.rep_id: row
        for row in Position.objects.filter(rep__in=wanted, days__contains=due.day).select_related("role")
    }
    return {
        rep.pk: _of_rep(version, book, rep, positions.get(rep.pk), worked)
        for rep in wanted
        if rep.pk in book.reps
    }


def hash_of(document: Mapping[str, Any]) -> str:
    """SHA-256 of the document as canonical JSON."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _read(version: PlanVersion) -> Plan:
    try:
        return read_terms(version.terms)
    except BadPlan as error:
        raise Refused(*(Reason(one, "unreadable") for one in error.sentences)) from error


def _of_rep(
    version: PlanVersion, book: PlanBook, rep: Rep, position: Position | None, worked: bool
) -> Document:
    place = book.place(rep.pk)
    plan = book.plan_of(place)
    quotas = {one.code: Decimal(int(book.book.quota(one)[place].sum())) / TICKS for one in plan.components}
    months = sum(book.book.people.target[place])
    target = round(Decimal(months.numerator) / Decimal(months.denominator), 2)
    said = read_terms(laid_over(version.terms, book.members[place].changes))
    mine = _document(version, said, book.first.year, quotas, target)
    mine |= {"for": rep.name, "role": position.role.name if position else ""}
    mine |= {"mix": _mix(said, position.base_salary if position else None, target)}
    return mine | (_worked(said, book.first.year, quotas, target) if worked else {})


def _document(
    version: PlanVersion, plan: Plan, year: int, quotas: Mapping[str, Decimal], target: Decimal
) -> Document:
    return {
        "plan": version.plan.name,
        "version": version.number,
        "from": version.starts.isoformat(),
        "year": str(year),
        "currency": plan.currency,
        "for": "",
        "role": "",
        "intro": version.intro.strip(),
        "mix": _mix(plan, None, target),
        "components": [_component(plan, one, quotas) for one in plan.components],
        "terms": _terms(plan),
    }


def _worked(plan: Plan, year: int, quotas: Mapping[str, Decimal], target: Decimal) -> Document:
    """Each component's curve and the example; nothing where none can be worked out."""
    try:
        shown = example(plan, quotas, target, LEVELS, year)
        lines = curves(plan, quotas, target, SHOWN, year)
    except (OverflowError, ValueError):
        return {}
    ratios = {one.code for one in plan.components if one.measure.per}  # their points stand in their words
    points = {code: _points(line) for code, line in lines.items() if any(line.pay) and code not in ratios}
    return {"curves": points, "example": _example(plan, shown)}


def _points(curve: Curve) -> list[list[str]]:
    return [[f"{level:f}", f"{pay:f}"] for level, pay in zip(curve.levels, curve.pay, strict=True)]


def terms_of_document(document: Mapping[str, Any]) -> Document:
    """What is agreed: the document without what only follows from it."""
    return {key: value for key, value in document.items() if key not in WORKED}


def _mix(plan: Plan, base: Decimal | None, target: Decimal) -> list[list[str]]:
    rows = [["Fixed pay of a year", money(base, plan.currency)]] if base is not None else []
    rows += [["Variable pay at 100\u202f%", money(target, plan.currency)]] if target else []
    if base is not None and target:
        rows.append(["Together at 100\u202f%", money(base + target, plan.currency)])
        rows.append(["Variable part", percent(round(target / (base + target), 3))])
    return rows


def _component(plan: Plan, component: Component, quotas: Mapping[str, Decimal]) -> Document:
    quota = quotas.get(component.code)
    asked = component.form not in WITHOUT_QUOTA and quota
    return {
        "code": component.code,
        "name": component.name,
        "form": FORM_NAMES[component.form],
        "words": component_words(plan, component),
        "quota": size(component, quota, plan.currency) if asked and quota else "",
    }


def _example(plan: Plan, worked: Example) -> Document:
    shown = [one for one in plan.components if any(worked.by_component[one.code])]
    quotas = [
        f"{one.name}: {size(one, worked.quotas[one.code], plan.currency)}"
        for one in plan.components
        if one.form not in WITHOUT_QUOTA
    ]
    rows = [[one.name, *(f"{pay:f}" for pay in worked.by_component[one.code])] for one in shown]
    return {
        "levels": [percent(level) for level in worked.levels],
        "quotas": quotas,
        "rows": rows,
        "total": [f"{pay:f}" for pay in worked.totals],
    }


def _terms(plan: Plan) -> list[Document]:
    back, drawn, quota = clawback_words(plan.clawback), draw_words(plan), quota_words(plan.quota)
    told = {*map(sentence, back), *map(sentence, drawn), *map(sentence, quota)}
    rest = [one for one in plan_words(plan) if one not in told]
    parts = [
        ("Your quota", [sentence(one) for one in quota]),
        ("Draw", [sentence(one) for one in drawn]),
        ("What is taken back", [sentence(one) for one in back]),
        ("Other terms", rest),
    ]
    return [{"title": title, "words": words} for title, words in parts if words]
