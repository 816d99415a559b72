"""Conditions of rules: parsed from their JSON, checked, and put into plain words.

A condition is {"all": […]}, {"any": […]}, {"not": …} or {"field", "is", "value"}; what was bought may
name the `months` that count. An empty object is true of no account, so that a rule without a condition
takes nothing.
"""

from dataclasses import dataclass
from typing import Any

from territories.engine.condition_fields import FIELDS, UNARY, Field

MOST_DEEP = 5
MOST_TESTS = 200
MOST_VALUES = 20_000
MONTHS = 24
MOST_MONTHS = 120


class Unclear(ValueError):
    """A condition cannot be read: one sentence with the place and what to do."""


@dataclass(frozen=True)
class Ask:
    """One field compared with values; `months` for what was bought."""

    field: Field
    op: str
    values: tuple[Any, ...] = ()
    months: int = 0


@dataclass(frozen=True)
class Group:
    """All or any of several conditions."""

    kind: str
    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class Not:
    """The contrary of a condition."""

    part: "Condition"


Condition = Ask | Group | Not
NOTHING = Group("any", ())


def parse(tree: Any) -> Condition:
    """The condition that the JSON tree says. Raises Unclear with a sentence."""
    if tree == {}:
        return NOTHING
    found = _parse(tree, "the condition", 1)
    tests = asks_of(found)
    if len(tests) > MOST_TESTS:
        raise Unclear(
            f"The condition has {len(tests)} tests; {MOST_TESTS} are the most. Make two rules of it."
        )
    return found


def asks_of(condition: Condition) -> list[Ask]:
    """Every test in the condition, from left to right."""
    if isinstance(condition, Ask):
        return [condition]
    if isinstance(condition, Not):
        return asks_of(condition.part)
    return [test for part in condition.parts for test in asks_of(part)]


def _parse(tree: Any, place: str, deep: int) -> Condition:
    if deep > MOST_DEEP:
        raise Unclear(f"{place} lies {deep} levels deep; {MOST_DEEP} are the most. Write it flatter.")
    if not isinstance(tree, dict):
        raise Unclear(f'{place} is no object. Write {{"field": …, "is": …, "value": …}} or all, any, not.')
    groups = [name for name in ("all", "any", "not") if name in tree]
    if groups and len(tree) > 1:
        raise Unclear(f"{place} mixes “{groups[0]}” with other names. Put each into an object of its own.")
    if not groups:
        return _test(tree, place)
    if "not" in tree:
        return Not(_parse(tree["not"], f"“not” in {place}", deep + 1))
    return _group(groups[0], tree[groups[0]], place, deep)


def _group(kind: str, parts: Any, place: str, deep: int) -> Group:
    if not isinstance(parts, list) or not parts:
        raise Unclear(f"“{kind}” in {place} wants a list of at least one condition.")
    read = [
        _parse(part, f"number {number} of “{kind}” in {place}", deep + 1)
        for number, part in enumerate(parts, start=1)
    ]
    return Group(kind, tuple(read))


def _test(tree: dict[str, Any], place: str) -> Ask:
    if unknown := sorted(set(tree) - {"field", "is", "value", "months"}):
        raise Unclear(f"{place} has an unknown name “{unknown[0]}”. Known: field, is, value, months.")
    name, op = tree.get("field"), tree.get("is", "is")
    field = FIELDS.get(name) if isinstance(name, str) else None
    if field is None:
        raise Unclear(f"{place} names no known field (“{name}”). Known: {', '.join(FIELDS)}.")
    if not isinstance(op, str) or op not in field.ops:
        raise Unclear(f"{field.label} cannot be asked “{op}” ({place}). It can: {', '.join(field.ops)}.")
    months = _months(field, tree, place)
    if op in UNARY:
        return Ask(field, op, (), months)
    return Ask(field, op, _values(field, op, tree.get("value"), place), months)


def _months(field: Field, tree: dict[str, Any], place: str) -> int:
    if not field.bought:
        if "months" in tree:
            raise Unclear(f"{field.label} knows no months ({place}). Leave “months” out.")
        return 0
    months = tree.get("months", MONTHS)
    if isinstance(months, bool) or not isinstance(months, int) or not 1 <= months <= MOST_MONTHS:
        raise Unclear(f"“months” in {place} is a whole number from 1 to {MOST_MONTHS}.")
    return months


def _values(field: Field, op: str, value: Any, place: str) -> tuple[Any, ...]:
    given = list(value) if isinstance(value, list | tuple) else [value]
    given = [one for one in given if one is not None and one != ""]
    if len(given) > MOST_VALUES:
        raise Unclear(f"{field.label} has {len(given):,} values ({place}); {MOST_VALUES:,} are the most.")
    if op == "between":
        if len(given) != 2:
            raise Unclear(f"{field.label} “between” wants two values, the lowest and the highest ({place}).")
    elif not given:
        raise Unclear(f"{field.label} has nothing to compare with ({place}). Give a value.")
    elif op in {"is", "is not", "at least", "at most"} and len(given) > 1:
        raise Unclear(f"{field.label} “{op}” wants one value ({place}). Choose “one of” for several.")
    read = [_value(field, one, place) for one in given]
    if op == "between" and field.key_of(read[0]) > field.key_of(read[1]):
        raise Unclear(f"{field.label} lies between {read[0]} and {read[1]} ({place}): turn them round.")
    return tuple(read) if op == "between" else tuple(dict.fromkeys(read))


def _value(field: Field, value: Any, place: str) -> Any:
    try:
        return field.read(value)
    except ValueError as error:
        raise Unclear(f"{field.label} wants {error} ({place}), not “{value}”.") from error


# --- words --------------------------------------------------------------------------------------

MOST_NAMED = 8


def in_words(condition: Condition, *, inside: bool = False) -> str:
    """The condition as a sentence's end: "country is Germany and (industry is Retail or …)"."""
    if isinstance(condition, Ask):
        return _test_words(condition)
    if isinstance(condition, Not):
        return f"not ({in_words(condition.part)})"
    if not condition.parts:
        return "no account: it has no condition yet"
    joint = " and " if condition.kind == "all" else " or "
    text = joint.join(in_words(part, inside=len(condition.parts) > 1) for part in condition.parts)
    return f"({text})" if inside and len(condition.parts) > 1 else text


def _test_words(test: Ask) -> str:
    label = f"{test.field.label} in the last {test.months} months" if test.months else test.field.label
    if test.op in UNARY:
        return f"{label} is {test.op}"
    shown = [test.field.show(value) for value in test.values]
    if test.op == "between":
        return f"{label} is between {shown[0]} and {shown[1]}"
    named = ", ".join(shown[:MOST_NAMED])
    if len(shown) > MOST_NAMED:
        named += f" and {len(shown) - MOST_NAMED} more"
    verb = "is " if test.op in {"one of", "none of", "at least", "at most"} else ""
    return f"{label} {verb}{test.op} {named}"
