"""Which of their columns is which of our fields, and what to say when one is not there."""

import re

from gathering.datasets import Dataset
from gathering.engine.faults import FileFault
from gathering.engine.profile import Profile, Rule


def plain(name: str) -> str:
    """A name without case, spaces and punctuation: “Order Number” is order_number."""
    return re.sub(r"[\W_]+", "", name.lower())


def rules_for(
    dataset: Dataset, profile: Profile, header: list[str], joined: list[list[str]]
) -> tuple[Rule, ...]:
    """The profile's rules; without any, columns by our own names. Raises FileFault with all that lacks."""
    known = [*header, *(name for names in joined for name in names)]
    rules = profile.rules or tuple(_by_own_names(dataset, header))
    wanted = {name for rule in rules if not rule.is_optional for name in rule.columns} | {
        rule.column for rule in profile.filters
    }
    absent = sorted(name for name in wanted if name not in known)
    if absent:
        raise FileFault(f"The file has no column {_quoted(absent)}. It has: {_quoted(known)}.")
    rules = tuple(rule for rule in rules if set(rule.columns) <= set(known))
    given = {rule.field for rule in rules}
    lacking = [f.label for f in dataset.fields if f.required and f.name not in given and not f.default]
    if lacking:
        raise FileFault(
            f"No column is matched to {_quoted(lacking)}. The file has: {_quoted(header)}. "
            "Match them in a profile under “columns:”."
        )
    return rules + _defaults(dataset, given)


def _by_own_names(dataset: Dataset, header: list[str]) -> list[Rule]:
    theirs = {plain(name): name for name in reversed(header)}
    found = []
    for field in dataset.fields:
        name = theirs.get(plain(field.name)) or theirs.get(plain(field.label))
        if name:
            found.append(Rule(field.name, columns=(name,)))
    return found


def _defaults(dataset: Dataset, given: set[str]) -> tuple[Rule, ...]:
    return tuple(
        Rule(field.name, constant=field.default)
        for field in dataset.fields
        if field.name not in given and field.default
    )


def _quoted(names: list[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
