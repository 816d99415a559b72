"""What the pages of the plan builder and of goals share: charts and tables of pay by attainment."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from compensation.engine.plan import Component, Form, Matrix, Plan
from compensation.engine.plan_examples import Curve, Example
from compensation.engine.plan_limit_words import level_words
from compensation.engine.plan_words import gift
from compensation.engine.word_numbers import level, name_of, percent
from core.formats import show


def cell(value: Decimal) -> dict[str, Any]:
    """Money without cents, with them in the title."""
    text, title = show(value, "quantity")
    return {"text": text, "title": title, "numeric": True}


def curve_chart(component: Component, curve: Curve, currency: str) -> dict[str, Any]:
    """Pay of a year by attainment: a line with its table."""
    labels = [level(component.measure, one, currency).partition(" a ")[0] for one in curve.levels]
    what = "the whole pot" if component.form is Form.POOL else "pay of a year"
    by, title = _by(component, curve, currency)
    return {
        "id": f"curve-{component.code}".replace(" ", "-"),
        "kind": "line",
        "title": title,
        "subtitle": f"{component.name}: {what}, all others at 100\u202f%",
        "text": f"{component.name}: {what} in {currency} by {by}, from {labels[0]} to {labels[-1]}.",
        "data": {
            "x": labels,
            "unit": currency,
            "series": [
                {"name": component.name, "role": "consensus", "values": [float(one) for one in curve.pay]}
            ],
        },
        "table": {
            "caption": f"{component.name} by {'ratio' if component.measure.per else 'attainment'}",
            "columns": [
                {"label": "Ratio" if component.measure.per else "Attainment"},
                {"label": what.capitalize(), "unit": currency, "numeric": True},
            ],
            "rows": [
                {"cells": [{"text": label}, cell(value)]}
                for label, value in list(zip(labels, curve.pay, strict=True))[::2]
            ],
        },
    }


def _by(component: Component, curve: Curve, currency: str) -> tuple[str, str]:
    """(what the curve goes by, its title)."""
    if component.measure.per:
        highest = next(place for place, one in enumerate(curve.pay) if one == max(curve.pay))
        pay = show(curve.pay[highest], "quantity")[0]
        at = level(component.measure, curve.levels[highest], currency)
        return "the ratio", f"{pay} {currency} from {at} on"
    reached = "the objectives" if component.form is Form.SCORECARD else "the quota"
    pay = show(_at(curve, Decimal(1)), "quantity")[0]
    return f"attainment of {reached}", f"{pay} {currency} at 100\u202f% of {reached}"


def _at(curve: Curve, level: Decimal) -> Decimal:
    return next((pay for at, pay in zip(curve.levels, curve.pay, strict=True) if at == level), curve.pay[-1])


def is_drawn(component: Component) -> bool:
    """Whether a curve says something: not for what pays nothing by itself, nor for prizes."""
    only_measured = component.form is Form.FLAT and not any(
        tier.rate or tier.rates for tier in component.tiers
    )
    return component.form is not Form.CONTEST and not only_measured


def example_table(plan: Plan, shown: Example) -> dict[str, Any]:
    """A year's pay by component, when everything is at a level."""
    rows = [
        {"cells": [{"text": _row_name(one)}, *(cell(value) for value in shown.by_component[one.code])]}
        for one in plan.components
        if is_drawn(one)
    ]
    rows += [
        {"cells": [{"text": f"{one.name} (first place every time, not in the total)"}, *_prizes(one, shown)]}
        for one in plan.components
        if one.code in shown.prizes
    ]
    total = {"cells": [{"text": "Total"}, *(cell(value) for value in shown.totals)]}
    return {
        "caption": "Pay of a year",
        "columns": [
            {"label": "Component"},
            *(
                {"label": f"at {percent(level)}", "unit": plan.currency, "numeric": True}
                for level in shown.levels
            ),
        ],
        "rows": [*rows, total] if len(rows) != 1 else rows,
        "ratios": [
            f"{one.name} {level(one.measure, shown.quotas[one.code], plan.currency)}"
            for one in plan.components
            if one.measure.per
        ],
    }


def _prizes(component: Component, shown: Example) -> list[dict[str, Any]]:
    """The same at every level: a prize goes by rank."""
    return [cell(shown.prizes[component.code]) for _ in shown.levels]


def _row_name(component: Component) -> str:
    if component.form is Form.POOL:
        return f"{component.name} (the whole pot, not in the total)"
    if component.budget is not None:
        return f"{component.name} (with the whole budget for one)"
    return component.name


def matrix_table(plan: Plan, component: Component, matrix: Matrix) -> dict[str, Any]:
    """The cells of a matrix in words."""
    rows, across = (name_of(plan.components, one.component) for one in (matrix.rows_by, matrix.columns_by))
    return {
        "caption": f"What {component.name} gives",
        "columns": [
            {"label": f"{rows} from"},
            *(
                {"label": f"{across} from {level_words(plan, matrix.columns_by, one)}"}
                for one in matrix.columns
            ),
        ],
        "rows": [
            {
                "cells": [
                    {"text": level_words(plan, matrix.rows_by, at)},
                    *({"text": gift(plan, component, one)} for one in values),
                ]
            }
            for at, values in zip(matrix.rows, matrix.value, strict=True)
        ],
    }


def card_parts(plan: Plan, cards: Sequence[Any]) -> list[dict[str, Any]]:
    """Each component's card with its chart and tables."""
    return [
        {
            "card": card,
            "code": card.component.code,
            "name": card.component.name,
            "form": card.form,
            "words": card.words,
            "first": card.first,
            "last": card.last,
            "chart": curve_chart(card.component, card.curve, plan.currency)
            if card.curve and is_drawn(card.component)
            else None,
            "matrix": matrix_table(plan, card.component, card.component.matrix)
            if card.component.matrix
            else None,
        }
        for card in cards
    ]
