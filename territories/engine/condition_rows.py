"""Conditions as rows of a form: field, what it is asked, values as somebody types them.

A form holds tests joined by all or any, and one group of further tests joined inside by all or any. What
does not fit stays text.
"""

import re
from dataclasses import dataclass
from typing import Any

from territories.engine.condition_fields import FIELDS, UNARY

APART = re.compile(r"\s*[,;\n]\s*")
TO = re.compile(r"\s*(?:–|—|;|,|\.\.+|\bto\b|\band\b)\s*")
JOINTS = ("all", "any")


@dataclass(frozen=True)
class Row:
    """One test as typed."""

    field: str
    op: str
    value: str = ""
    months: int | None = None


@dataclass(frozen=True)
class Rows:
    """A condition as a form shows it."""

    joint: str
    rows: tuple[Row, ...]
    group_joint: str = "any"
    group: tuple[Row, ...] = ()


def tree_of(rows: Rows) -> dict[str, Any]:
    """The JSON of the rows, not checked; empty for no rows."""
    parts: list[dict[str, Any]] = [_test(row) for row in rows.rows]
    if rows.group:
        parts.append({rows.group_joint: [_test(row) for row in rows.group]})
    return {rows.joint: parts} if parts else {}


def _test(row: Row) -> dict[str, Any]:
    test: dict[str, Any] = {"field": row.field, "is": row.op}
    if row.op not in UNARY:
        values = split(row)
        op = {"is": "one of", "is not": "none of"}.get(row.op, row.op) if len(values) > 1 else row.op
        known = FIELDS.get(row.field)
        test["is"] = op if known and op in known.ops else row.op
        test["value"] = values if len(values) != 1 else values[0]
    if row.months is not None and row.field in FIELDS and FIELDS[row.field].bought:
        test["months"] = row.months
    return test


def split(row: Row) -> list[str]:
    """The values of a row: with commas, semicolons or lines between; a range with “–” or “to”."""
    text = row.value.strip()
    if row.op == "between":
        return _ends(text, is_number=row.field in FIELDS and FIELDS[row.field].kind == "number")
    if row.field in FIELDS and FIELDS[row.field].kind == "number":
        return [text] if text else []
    return [part for part in APART.split(text) if part]


def _ends(text: str, *, is_number: bool) -> list[str]:
    """12,000 to 20,000 has commas inside; 00-001-02-999 is joined by the hyphen in the middle."""
    apart = re.compile(TO.pattern.replace(";|,|", ";|")) if is_number else TO
    parts = [part for part in apart.split(text) if part]
    if len(parts) != 1:
        return parts
    pieces = text.split("-")
    if len(pieces) % 2 or not all(piece.strip() for piece in pieces):
        return parts
    half = len(pieces) // 2
    return ["-".join(pieces[:half]).strip(), "-".join(pieces[half:]).strip()]


def rows_of(tree: Any) -> Rows | None:
    """The rows that a condition is, or None for one that the form cannot show."""
    if tree == {}:
        return Rows("all", ())
    if not isinstance(tree, dict):
        return None
    if "field" in tree:
        return rows_of({"all": [tree]})
    joint = next((name for name in JOINTS if list(tree) == [name]), None)
    if joint is None or not isinstance(tree[joint], list):
        return None
    tests = [part for part in tree[joint] if isinstance(part, dict) and "field" in part]
    groups = [part for part in tree[joint] if not (isinstance(part, dict) and "field" in part)]
    inside = [_group(part) for part in groups]
    if len(groups) > 1 or any(found is None for found in inside):
        return None
    group_joint, group = inside[0] if inside and inside[0] else ("any", ())
    return Rows(joint, tuple(_row(test) for test in tests), group_joint, group)


def _group(part: Any) -> tuple[str, tuple[Row, ...]] | None:
    inner = rows_of(part) if isinstance(part, dict) and "field" not in part else None
    return None if inner is None or inner.group or not inner.rows else (inner.joint, inner.rows)


def _row(test: dict[str, Any]) -> Row:
    value, op = test.get("value"), str(test.get("is", "is"))
    values = value if isinstance(value, list) else [] if value is None else [value]
    joint = " – " if op == "between" else ", "
    months = test.get("months")
    return Row(str(test.get("field")), op, joint.join(str(one) for one in values), months if months else None)
