"""A plan as YAML text → its terms, with every fault named by line and place.

Text comes from people and other systems, so it is kept small and plain: no anchors and aliases (which can
make a short text enormous), no tags, no name twice, nothing that JSON cannot hold.
"""

import datetime as dt
import math
import re
from collections.abc import Iterable
from typing import Any

import yaml

from compensation.engine.plan_cells import BadPlan

LONGEST = 100_000
KEPT_NOWHERE = re.compile("[\0\ud800-\udfff]")  # neither JSON nor the database holds half a character
Terms = dict[str, Any]
Lines = dict[str, int]


def terms_of_text(text: str) -> Terms:
    """The mapping of a YAML text. Raises BadPlan with a sentence for each fault and its line."""
    if len(text) > LONGEST:
        raise BadPlan([f"The text is longer than {LONGEST:,} characters. A plan needs far less."])
    try:
        _refuse_marks(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        said = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadPlan([_syntax(error)]) from error
    except BadPlan:
        raise
    except RecursionError as error:
        raise BadPlan(["The text is nested too deeply for a plan."]) from error
    except ValueError as error:
        raise BadPlan([f"A value cannot be read: {error}. Put it in quotes."]) from error
    if not isinstance(root, yaml.MappingNode):
        raise BadPlan(["Line 1: a plan is written as names and values, such as “plan: Account executive”."])
    faults = list(_twice(root))
    terms = _plain(said, "", faults)
    if faults:
        raise BadPlan(faults)
    return dict(terms)


def with_lines(text: str, sentences: Iterable[str]) -> list[str]:
    """The sentences about a plan's places (“component own.tiers: …”) with the line of the text in front."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    lines = _lines(root) if isinstance(root, yaml.MappingNode) else {}
    return [_with_line(sentence, lines) for sentence in sentences]


def _refuse_marks(text: str) -> None:
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        if isinstance(token, yaml.AnchorToken | yaml.AliasToken | yaml.TagToken):
            line = token.start_mark.line + 1
            raise BadPlan([f"Line {line}: & * and ! have a meaning of their own in YAML. Write it out."])


def _syntax(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"Line {mark.line + 1}: " if mark is not None else ""
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"{where}this is no YAML: {problem}. Look at colons, brackets and the spaces before names."


def _twice(node: yaml.Node) -> Iterable[str]:
    if isinstance(node, yaml.SequenceNode):
        for one in node.value:
            yield from _twice(one)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if str(key.value) in seen:
                yield f"Line {key.start_mark.line + 1}: “{key.value}” stands there twice. Keep one of them."
            seen.add(str(key.value))
            yield from _twice(value)


def _plain(value: Any, place: str, faults: list[str]) -> Any:
    """The value as JSON holds it: days as ISO text."""
    if isinstance(value, dict):
        return {str(name): _plain(one, f"{place}.{name}".strip("."), faults) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one, f"{place}[{number}]", faults) for number, one in enumerate(value, 1)]
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, str) and KEPT_NOWHERE.search(value):
        faults.append(f"{place}: the text has a character that cannot be kept.")
    elif isinstance(value, float) and not math.isfinite(value):
        faults.append(f"{place}: “{value}” is no number. Write 1234.5 or 5%.")
    elif value is not None and not isinstance(value, str | bool | int | float):
        faults.append(f"{place}: write a text, a number, yes or no.")
    return value


def _lines(root: yaml.MappingNode) -> Lines:
    found: Lines = {}
    _note(root, "", found)
    for key, value in root.value:
        if key.value == "components":
            parts = value.value if isinstance(value, yaml.SequenceNode) else [value]
            for one in parts:
                _note(one, f"component {_code(one)}", found)
    return found


def _note(node: yaml.Node, place: str, found: Lines) -> None:
    found.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for number, one in enumerate(node.value, 1):
            _note(one, f"{place}[{number}]", found)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = f"{place}.{key.value}" if place else str(key.value)
            found.setdefault(name, key.start_mark.line + 1)
            _note(value, name, found)


def _code(node: yaml.Node) -> str:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((str(value.value).strip() for key, value in pairs if key.value == "code"), "")


def _with_line(sentence: str, lines: Lines) -> str:
    first, _, rest = sentence.partition(": ")
    second = rest.partition(": ")[0]
    for place in (f"{first}.{second}", first):
        while place:
            if place in lines:
                return f"Line {lines[place]}, {sentence}"
            place = place[: max(place.rfind("."), place.rfind("["), 0)]
    return sentence
