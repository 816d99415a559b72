"""A profile's YAML text → Profile. Every mistake is reported at once, each with its key."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml

from gathering.datasets import Dataset
from gathering.datasets.shape import NUMBERS
from gathering.engine.faults import ProfileFault
from gathering.engine.profile import AUTO, Filter, Join, Profile, Rule

DATE_WORDS = {
    "YMD": ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"),
    "DMY": ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y", "%d.%m.%y", "%d-%m-%y", "%d %b %Y", "%d %B %Y"),
    "MDY": ("%m/%d/%Y", "%m.%d.%Y", "%m-%d-%Y", "%m/%d/%y", "%m-%d-%y", "%b %d, %Y", "%B %d, %Y"),
    "excel": ("excel",),
}
KEYS = [
    "delimiter",
    "encoding",
    "sheet",
    "header_row",
    "header",
    "quote",
    "decimal",
    "date_format",
    "empty",
    "columns",
    "joins",
    "keep",
    "drop",
    "surplus_into",
    "duplicates",
    "source",
]
RULE_KEYS = [
    "column",
    "columns",
    "join",
    "sum",
    "format",
    "values",
    "factor",
    "scale",
    "constant",
    "default",
    "year",
    "optional",
]
JOIN_KEYS = ["file", "on", "columns", "prefix", "delimiter", "encoding", "optional"]
FILTER_KEYS = ["column", "is", "starts_with", "empty"]
LONGEST_SOURCE = 60
DELIMITERS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "\\t": "\t"}


class Mistakes(list[str]):
    """Collects sentences; `add` answers None so that a reader can return it."""

    def add(self, key: str, sentence: str) -> None:
        """Keep a sentence about a key of the profile."""
        self.append(f"{key}: {sentence}")


def parse_profile(text: str, dataset: Dataset) -> Profile:
    """Read a profile. Raises ProfileFault with every mistake; an empty text is the default profile."""
    mistakes = Mistakes()
    raw = _load(text, mistakes)
    _unknown_keys(raw, KEYS, "", mistakes)
    rules = _rules(raw.get("columns") or {}, dataset, mistakes)
    profile = Profile(
        delimiter=_delimiter(raw.get("delimiter", AUTO)),
        encoding=str(raw.get("encoding", AUTO)).lower(),
        sheet=str(raw.get("sheet", "")),
        header_row=_whole(raw, "header_row", mistakes),
        header=_texts(raw.get("header"), "header", mistakes),
        quote=_one_of(raw, "quote", '"', ('"', "'", "none"), mistakes),
        decimal=_one_of(raw, "decimal", ".", (".", ","), mistakes),
        date_formats=_formats(raw.get("date_format"), "date_format", mistakes),
        empty=_texts(raw.get("empty"), "empty", mistakes),
        rules=rules,
        joins=_each(raw, "joins", _join, mistakes),
        filters=_each(raw, "keep", _keep, mistakes) + _each(raw, "drop", _drop, mistakes),
        surplus_into=str(raw.get("surplus_into", "")),
        duplicates=_one_of(raw, "duplicates", "refuse", ("refuse", "first", "last", "sum"), mistakes),
        source=_source(raw, mistakes),
    )
    if profile.header_row == 0 and not profile.header:
        mistakes.add("header", "header_row 0 means the file has no header; list the column names here.")
    if mistakes:
        raise ProfileFault(mistakes)
    return profile


def _load(text: str, mistakes: Mistakes) -> dict[str, Any]:
    try:
        # BaseLoader: NO stays the text “NO”, 007 stays “007”; it builds nothing but texts.
        raw = yaml.load(text, Loader=yaml.BaseLoader) if text.strip() else {}  # noqa: S506
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "the text"
        mistakes.append(f"{where}: this is not YAML ({getattr(error, 'problem', 'unreadable')}).")
        return {}
    if not isinstance(raw or {}, dict):
        mistakes.append("The profile must be a list of “key: value” lines.")
        return {}
    return raw or {}


def _unknown_keys(raw: dict[str, Any], known: list[str], where: str, mistakes: Mistakes) -> None:
    for key in raw:
        if str(key) not in known:
            mistakes.add(f"{where}{key}", f"is no key here. Use one of: {', '.join(known)}.")


def _rules(raw: Any, dataset: Dataset, mistakes: Mistakes) -> tuple[Rule, ...]:
    if not isinstance(raw, dict):
        mistakes.add("columns", "must be “our field: their column” lines.")
        return ()
    known = []
    for name, value in raw.items():
        if name not in dataset.names:
            mistakes.add(
                f"columns.{name}", f"is no field of {dataset.code}. Use: {', '.join(dataset.names)}."
            )
        else:
            known.append(_rule(str(name), value, dataset, mistakes))
    return tuple(known)


def _rule(name: str, raw: Any, dataset: Dataset, mistakes: Mistakes) -> Rule:
    if not isinstance(raw, dict):
        return Rule(name, columns=(str(raw),))
    key = f"columns.{name}."
    _unknown_keys(raw, RULE_KEYS, key, mistakes)
    columns = _texts(raw.get("columns") or raw.get("column") or raw.get("sum"), key + "column", mistakes)
    if not columns and "constant" not in raw:
        mistakes.add(key + "column", "name their column, or give a constant.")
    is_sum = "sum" in raw or (len(columns) > 1 and dataset.field(name).kind in NUMBERS)
    values = raw.get("values") or {}
    if not isinstance(values, dict):
        mistakes.add(key + "values", "must be “theirs: ours” lines.")
        values = {}
    return Rule(
        name,
        columns=columns,
        combine="sum" if is_sum else str(raw.get("join", " ")),
        formats=_formats(raw.get("format"), key + "format", mistakes),
        values=tuple((str(theirs), str(ours)) for theirs, ours in values.items()),
        factor=_factor(raw, key, mistakes),
        constant=_text_or_none(raw.get("constant")),
        default=_text_or_none(raw.get("default")),
        year=_whole(raw, "year", mistakes, key),
        is_optional=_yes(raw.get("optional")),
    )


def _factor(raw: dict[str, Any], key: str, mistakes: Mistakes) -> Decimal | None:
    given = raw.get("factor", raw.get("scale"))
    if given is None:
        return None
    try:
        return Decimal(str(given))
    except InvalidOperation:
        mistakes.add(key + "factor", f"“{given}” is not a number.")
        return None


def _join(raw: dict[str, Any], key: str, mistakes: Mistakes) -> Join | None:
    _unknown_keys(raw, JOIN_KEYS, key, mistakes)
    on = raw.get("on")
    pair = next(iter(on.items())) if isinstance(on, dict) and len(on) == 1 else (on, on)
    if not raw.get("file") or not isinstance(pair[0], str):
        mistakes.add(
            key + "on", "a join needs “file: name” and “on: {their column: column of the second file}”."
        )
        return None
    return Join(
        file=str(raw["file"]),
        on=(str(pair[0]), str(pair[1])),
        columns=_texts(raw.get("columns"), key + "columns", mistakes),
        prefix=str(raw.get("prefix", "")),
        delimiter=_delimiter(raw.get("delimiter", AUTO)),
        encoding=str(raw.get("encoding", AUTO)).lower(),
        is_required=not _yes(raw.get("optional")),
    )


def _keep(raw: dict[str, Any], key: str, mistakes: Mistakes) -> Filter | None:
    return _filter(raw, key, mistakes, keep=True)


def _drop(raw: dict[str, Any], key: str, mistakes: Mistakes) -> Filter | None:
    return _filter(raw, key, mistakes, keep=False)


def _filter(raw: dict[str, Any], key: str, mistakes: Mistakes, *, keep: bool) -> Filter | None:
    _unknown_keys(raw, FILTER_KEYS, key, mistakes)
    if "column" not in raw or not {"is", "starts_with", "empty"} & set(raw):
        mistakes.add(key + "column", "a filter needs a column and one of: is, starts_with, empty.")
        return None
    values = _texts(raw.get("is"), key + "is", mistakes)
    return Filter(keep, str(raw["column"]), values, str(raw.get("starts_with", "")), _yes(raw.get("empty")))


def _source(raw: dict[str, Any], mistakes: Mistakes) -> str:
    given = str(raw.get("source", "")).strip()
    if len(given) > LONGEST_SOURCE:
        mistakes.add("source", f"has at most {LONGEST_SOURCE} characters.")
    return given


def _each(
    raw: dict[str, Any], key: str, read: Callable[[dict[str, Any], str, Mistakes], Any], mistakes: Mistakes
) -> tuple[Any, ...]:
    items = raw.get(key) or []
    found = []
    for number, item in enumerate(items if isinstance(items, list) else [items], start=1):
        where = f"{key}[{number}]."
        if isinstance(item, dict):
            found.append(read(item, where, mistakes))
        else:
            mistakes.add(where, "must be “key: value” lines.")
    return tuple(item for item in found if item is not None)


def _formats(raw: Any, key: str, mistakes: Mistakes) -> tuple[str, ...]:
    found: list[str] = []
    for given in _texts(raw, key, mistakes):
        word = given if given == "excel" else given.upper()
        if word in DATE_WORDS:
            found.extend(DATE_WORDS[word])
        elif "%" in given:
            found.append(given)
        else:
            mistakes.add(
                key, f"“{given}” is no date format. Use DMY, MDY, YMD, excel or a pattern like %d.%m.%Y."
            )
    return tuple(found)


def _texts(raw: Any, key: str, mistakes: Mistakes) -> tuple[str, ...]:
    if raw is None or raw == "":
        return ()
    if isinstance(raw, dict):
        mistakes.add(key, "must be one text or a list of texts.")
        return ()
    return tuple(str(item) for item in (raw if isinstance(raw, list) else [raw]))


def _whole(raw: dict[str, Any], key: str, mistakes: Mistakes, where: str = "") -> int | None:
    given = raw.get(key)
    if given in (None, "", AUTO):
        return None
    if isinstance(given, str) and given.isdecimal() and len(given) <= 4:
        return int(given)
    mistakes.add(where + key, f"“{given}” must be a whole number.")
    return None


def _one_of(raw: dict[str, Any], key: str, default: str, allowed: tuple[str, ...], mistakes: Mistakes) -> str:
    given = str(raw.get(key, default))
    if given not in allowed:
        mistakes.add(key, f"“{given}” is not possible. Use one of: {' '.join(allowed)}.")
    return given


def _delimiter(raw: Any) -> str:
    return DELIMITERS.get(str(raw), str(raw))


def _text_or_none(raw: Any) -> str | None:
    return None if raw is None else str(raw)


def _yes(raw: Any) -> bool:
    return str(raw).lower() in {"true", "yes", "1"}
