"""A goals document as the context of its page: charts and tables of what was worked out."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from compensation.engine.word_numbers import percent
from compensation.views.builder_parts import cell


def parts_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document's components with their charts, and its example as a table."""
    curves, currency = document.get("curves", {}), document["currency"]
    return {
        "document": document,
        "components": [
            {**one, "chart": _chart(one["name"], number, curves[one["code"]], currency)}
            if one["code"] in curves
            else one
            for number, one in enumerate(document["components"], 1)
        ],
        "example": _example(document["example"], currency) if document.get("example") else None,
    }


def _chart(name: str, number: int, points: list[list[str]], currency: str) -> dict[str, Any]:
    labels = [percent(Decimal(level)) for level, _ in points]
    pay = [Decimal(value) for _, value in points]
    at_quota = next(
        (one for (level, _), one in zip(points, pay, strict=True) if Decimal(level) == 1), pay[-1]
    )
    return {
        "id": f"goals-curve-{number}",
        "kind": "line",
        "title": f"{cell(at_quota)['text']} {currency} at 100\u202f%",
        "subtitle": "Pay of a year by attainment",
        "text": f"{name}: pay of a year in {currency} by attainment, from {labels[0]} to {labels[-1]}.",
        "data": {
            "x": labels,
            "unit": currency,
            "series": [{"name": name, "role": "consensus", "values": [float(one) for one in pay]}],
        },
        "table": {
            "caption": f"{name} by attainment",
            "columns": [
                {"label": "Attainment"},
                {"label": "Pay of a year", "unit": currency, "numeric": True},
            ],
            "rows": [{"cells": [{"text": label}, cell(one)]} for label, one in zip(labels, pay, strict=True)],
        },
    }


def _example(example: Mapping[str, Any], currency: str) -> dict[str, Any]:
    rows = [*example["rows"], ["Together", *example["total"]]]
    return {
        "caption": "Examples of a year",
        "columns": [
            {"label": "Component"},
            *({"label": f"at {level}", "unit": currency, "numeric": True} for level in example["levels"]),
        ],
        "rows": [
            {"cells": [{"text": name}, *(cell(Decimal(one)) for one in pay)]}
            for name, *pay in (rows if len(example["rows"]) != 1 else example["rows"])
        ],
        "quotas": example["quotas"],
    }
