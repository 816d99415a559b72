"""A goals document as a PDF, set by typst with its own fonts: the same on every machine."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

from compensation.pipeline.goals import hash_of
from core import company
from core.formats import show

TEMPLATE = Path(__file__).resolve().parent.parent / "papers" / "goals.typ"
LEVELS_SHOWN = ("0.5", "0.8", "1", "1.2", "1.5", "2")


def goals_pdf(document: Mapping[str, Any], *, signed: str = "") -> bytes:
    """The paper of a document that the caller may see. signed: who accepted it and when."""
    data = {
        **document,
        "company": str(company.value("company_name")),
        "components": [_component(document, one) for one in document["components"]],
        "example": _example(document.get("example")),
        "hash": hash_of(document),
        "signed": signed,
    }
    text = json.dumps(data, ensure_ascii=False)
    return typst.compile(TEMPLATE, sys_inputs={"data": text}, ignore_system_fonts=True)


def _component(document: Mapping[str, Any], one: Mapping[str, Any]) -> dict[str, Any]:
    points = document.get("curves", {}).get(one["code"], [])
    levels = {f"{float(level):g}": pay for level, pay in points}
    shown = [
        [f"{float(level) * 100:g} %", _whole(levels[level])] for level in LEVELS_SHOWN if level in levels
    ]
    return {**one, "points": shown}


def _example(example: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if example is None:
        return None
    rows = [[name, *map(_whole, pay)] for name, *pay in example["rows"]]
    return {**example, "rows": rows, "total": [_whole(one) for one in example["total"]]}


def _whole(pay: str) -> str:
    return show(pay, "quantity")[0]
