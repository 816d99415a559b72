"""Changing the terms of a plan part by part: components added, replaced, copied, moved, removed.

Terms are the mapping of compensation.engine.plan_reading; every function gives new terms and leaves the
given ones as they are.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from compensation.engine.plan import Form

Said = dict[str, Any]
LONGEST_CODE = 40
SETTINGS = (
    "plan",
    "currency",
    "year_begins",
    "target_incentive",
    "places",
    "rounding",
    "rounded_by",
    "rates",
    "quota",
    "draw",
    "clawback",
)
OF_A_FORM = frozenset(
    {
        *("rate", "rates", "by", "tiers", "until", "points", "steps", "below_as_first", "goes_on", "adds_up"),
        *("matrix", "objectives", "pot", "pool_share", "shares", "prizes", "ties", "gives", "quota_of"),
        *("border", "budget"),
    }
)


def components_in(terms: Mapping[str, Any]) -> list[Said]:
    """The components as they are written; those that are no names and values are left out."""
    said = terms.get("components") or []
    rows = said if isinstance(said, list) else [said]
    return [dict(row) for row in rows if isinstance(row, Mapping)]


def component_in(terms: Mapping[str, Any], code: str) -> Said | None:
    """The component with a code."""
    return next((row for row in components_in(terms) if str(row.get("code", "")) == code), None)


def with_components(terms: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Said:
    """The terms with other components."""
    return {**deepcopy(dict(terms)), "components": [deepcopy(dict(row)) for row in rows]}


def added(terms: Mapping[str, Any], said: Mapping[str, Any]) -> Said:
    """With one component more, at the end; it gets a code of its name unless it has one."""
    name = str(said.get("name") or said.get("form") or "component")
    code = str(said.get("code") or "") or free_code(terms, name)
    return with_components(terms, [*components_in(terms), {**said, "code": code}])


def replaced(terms: Mapping[str, Any], code: str, said: Mapping[str, Any]) -> Said:
    """With another component in the place of the one with the code, which it keeps."""
    rows = [
        {**said, "code": code} if str(row.get("code", "")) == code else row for row in components_in(terms)
    ]
    return with_components(terms, rows)


def removed(terms: Mapping[str, Any], code: str) -> Said:
    """Without a component."""
    return with_components(terms, [row for row in components_in(terms) if str(row.get("code", "")) != code])


def duplicated(terms: Mapping[str, Any], code: str) -> Said:
    """With a copy right after a component."""
    rows: list[Said] = []
    for row in components_in(terms):
        rows.append(row)
        if str(row.get("code", "")) == code:
            name = f"{row.get('name') or code} (copy)"
            rows.append({**row, "code": free_code(terms, name), "name": name})
    return with_components(terms, rows)


def moved(terms: Mapping[str, Any], code: str, by: int) -> Said:
    """With a component one place up (−1) or down (1)."""
    rows = components_in(terms)
    place = next((n for n, row in enumerate(rows) if str(row.get("code", "")) == code), None)
    if place is None or not 0 <= place + by < len(rows):
        return with_components(terms, rows)
    rows.insert(place + by, rows.pop(place))
    return with_components(terms, rows)


def settings_in(terms: Mapping[str, Any]) -> Said:
    """What holds for the whole plan."""
    return {key: deepcopy(terms[key]) for key in SETTINGS if key in terms}


def with_settings(terms: Mapping[str, Any], said: Mapping[str, Any]) -> Said:
    """The terms with other settings; those that are not given are the default."""
    kept = {key: value for key, value in terms.items() if key not in SETTINGS}
    return deepcopy({**said, **kept})


def free_code(terms: Mapping[str, Any], name: str) -> str:
    """A code made of a name that no component has yet."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    code = re.sub(r"[^a-z0-9]+", "-", ascii_name.lower()).strip("-")[:LONGEST_CODE] or "component"
    taken = {str(row.get("code", "")) for row in components_in(terms)}
    numbers = (f"{code}-{number}" for number in range(2, len(taken) + 3))
    return code if code not in taken else next(one for one in numbers if one not in taken)


def of_another_form(said: Mapping[str, Any], form: Form) -> Said:
    """A component with another form of pay: what only the old form needs is dropped."""
    kept = {key: value for key, value in said.items() if key not in OF_A_FORM}
    if form in {Form.POOL, Form.CONTEST}:
        kept = {key: value for key, value in kept.items() if key not in {"cap", "multiplier"}}
    return {**kept, "form": form.value}
