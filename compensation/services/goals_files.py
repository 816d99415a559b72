"""A goals document as a PDF, set by typst with its own fonts: the same on every machine."""

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

from compensation.pipeline.goals import hash_of
from compensation.services.acceptances import Standing
from core import company
from core.formats import show

TEMPLATE = Path(__file__).resolve().parent.parent / "papers" / "goals.typ"
LEVELS_SHOWN = ("0.5", "0.8", "1", "1.2", "1.5", "2")


def goals_pdf(document: Mapping[str, Any], acceptance: Mapping[str, Any] | None = None) -> bytes:
    """The paper of a document that the caller may see. acceptance: see acceptance_on_paper; None for a
    document that nobody accepts."""
    text = json.dumps(content_of(document, acceptance), ensure_ascii=False)
    return typst.compile(TEMPLATE, sys_inputs={"data": text}, ignore_system_fonts=True)


def content_of(document: Mapping[str, Any], acceptance: Mapping[str, Any] | None) -> dict[str, Any]:
    """What stands on the paper, as text."""
    return {
        **document,
        "company": str(company.value("company_name")),
        "components": [_component(document, one) for one in document["components"]],
        "example": _example(document.get("example")),
        "hash": hash_of(document),
        "acceptance": acceptance,
    }


def acceptance_on_paper(row: Standing) -> dict[str, Any]:
    """Whether a rep's document is accepted, in words, with lines for name and date as long as it is not."""
    if row.accepted:
        said = f"Accepted by {row.accepted.typed_name} on {_time(row.accepted.accepted)}."
        return {"said": said, "name": row.accepted.typed_name, "open": False}
    said = "Not accepted yet."
    if row.before:
        said = f"Not accepted yet: it changed since it was accepted on {_time(row.before.accepted)}."
    return {"said": said, "name": row.rep.name, "open": True}


def _time(moment: dt.datetime) -> str:
    return show(moment, "time")[0]


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
