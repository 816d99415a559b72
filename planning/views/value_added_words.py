"""Forecast value added in tables and a stair."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from catalog.selectors import base_currency
from core.listing import Column, Empty
from core.pages import plain_table
from planning.selectors.accuracy_cells import MAKERS
from planning.selectors.value_added import FAMILY_STEPS, FamilySteps, Measured, PersonsWord, Step
from planning.views.accuracy_words import NOTHING, ROLES
from planning.views.comparison_words import percent

NO_PEOPLE = Empty(
    "Nobody's inputs can be measured yet",
    "An input counts once its month is over. You see your own, and those of people who report to you.",
)
TONES = {"Better": "good", "Worse": "bad"}
CAUTION = (
    "Fewer than 30 cells are too few to say; could be chance: the mean gain of a cell is within two "
    "standard errors of nothing."
)


def gain_columns() -> list[Column]:
    """What a step or a person gained, and how far to believe it."""
    money = base_currency()
    return [
        Column("gained", "Gained", points, "number", unit="points", help="WAPE before less WAPE after."),
        Column("money", "Errors avoided", "money", "quantity", unit=money, help="Below zero: errors added."),
        Column("cells", "Cells", "cells", "number", help="Demand units times months."),
        Column(
            "caution", "To be believed?", "caution", "badge", help=CAUTION,
            tone=lambda row: TONES.get(row.caution, "quiet"),
        ),
    ]  # fmt: skip


def points(row: Measured) -> float | None:
    """A gain in points of WAPE."""
    return None if row.gained is None else round(row.gained * 100, 2)


def step_table(steps: list[Step]) -> dict[str, Any]:
    return plain_table(steps, step_columns(), caption="Value added by step", empty=NOTHING)


def step_columns() -> list[Column]:
    return [
        Column("label", "Step"),
        *gain_columns(),
        Column("wape", "WAPE", "wape", "percent"),
        Column("against", "Against"),
        Column("before", "WAPE of that", "before", "percent", help="On the same cells."),
    ]


def people_table(people: list[PersonsWord]) -> dict[str, Any]:
    columns = [
        Column("person", "Person"),
        Column("stream", "Stream"),
        *gain_columns(),
        Column("wape", "WAPE of their word", "wape", "percent"),
        Column("before", "WAPE of the baseline", "before", "percent", help="On the same cells."),
    ]
    return plain_table(people, columns, caption="Value added by person", empty=NO_PEOPLE)


def family_columns() -> list[Column]:
    """What the consensus gained on the baseline, then every step's WAPE."""
    wapes = [Column("naive", MAKERS["naive"], _before("statistical"), "percent")]
    wapes += [Column(name, MAKERS[name], _wape(name), "percent") for name, _ in FAMILY_STEPS]
    gains = [replace(column, value=_of_consensus(column), tone=_tone(column)) for column in gain_columns()]
    return [Column("label", "Family"), *gains, *wapes]


def _of_consensus(column: Column) -> Callable[[FamilySteps], Any]:
    return lambda row: column.of(row.steps["consensus"])


def _tone(column: Column) -> Callable[[FamilySteps], str] | None:
    tone = column.tone
    return None if tone is None else lambda row: tone(row.steps["consensus"])


def stair_chart(steps: list[Step]) -> dict[str, Any]:
    """WAPE before and after each step, on the cells about which the step spoke."""
    last = next(step for step in steps if step.label == MAKERS["consensus"])
    return {
        "id": "value-chart",
        "kind": "bars",
        "title": _finding(last),
        "subtitle": "WAPE in % after each step and of what it is measured against, on the same cells",
        "text": "; ".join(f"{step.label}: {percent(step.wape, sign=False)}" for step in steps) + ".",
        "data": {
            "x": [step.label for step in steps],
            "unit": "%",
            "sideways": True,
            "series": [
                {
                    "name": "Before the step",
                    "role": ROLES["naive"],
                    "values": [_drawn(s.before) for s in steps],
                },
                {
                    "name": "After the step",
                    "role": ROLES["consensus"],
                    "values": [_drawn(s.wape) for s in steps],
                },
            ],
        },
        "table": step_table(steps),
    }


def _finding(step: Step) -> str:
    gained = points(step)
    if gained is None:
        return "Accuracy after each step"
    word = "gains" if gained >= 0 else "loses"
    return f"The consensus {word} {abs(gained):.1f} points on the baseline"


def _wape(name: str) -> Any:
    def value(row: FamilySteps) -> float | None:
        return row.steps[name].wape

    return value


def _before(name: str) -> Any:
    def value(row: FamilySteps) -> float | None:
        return row.steps[name].before

    return value


def _drawn(value: float | None) -> float | None:
    return None if value is None else round(value * 100, 2)
