"""Green, yellow, red: what each stage's artefact was made from, against what it would be made from now.

Nothing here is stored. Each stage names its artefact by two functions of the cycle: `made_from`
gives what it would be made from today (ids and revision numbers), `was_made_from` what the newest
one was made from, or None where there is none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from planning.engine.moves import STAGES
from planning.models import Cycle
from planning.selectors import data, demand, reconciliation, releases, supply

MadeFrom = dict[str, Any]


@dataclass(frozen=True)
class Artefact:
    """A stage's artefact: what it is called, and what it is, was and would be made from.

    `words` says for each key of what it is made from what happened when that differs.
    """

    label: str
    made_from: Callable[[Cycle], MadeFrom]
    was_made_from: Callable[[Cycle], MadeFrom | None]
    words: dict[str, str]


@dataclass(frozen=True)
class Colour:
    """How an artefact stands: green, yellow or red, and why in words."""

    colour: str
    text: str
    reasons: tuple[str, ...] = ()


ARTEFACTS: dict[str, Artefact] = {
    "data": Artefact("Data pack", data.made_from, data.was_made_from, data.WORDS),
    "demand": Artefact("Consensus demand plan", demand.made_from, demand.was_made_from, demand.WORDS),
    "supply": Artefact("Supply plan", supply.made_from, supply.was_made_from, supply.WORDS),
    "reconciliation": Artefact(
        "Reconciled plan", reconciliation.made_from, reconciliation.was_made_from, reconciliation.WORDS
    ),
    "release": Artefact("Released plan", releases.made_from, releases.was_made_from, releases.WORDS),
}


def colour_of(cycle: Cycle, stage: str) -> Colour:
    """The artefact of one stage: green made from today's inputs, yellow re-made upstream, red missing."""
    artefact = ARTEFACTS[stage]
    was = artefact.was_made_from(cycle)
    if was is None:
        return Colour("red", f"{artefact.label}: not there yet.")
    if cycle.stage not in STAGES:  # what comes later does not make an ended cycle stale
        return Colour("green", f"{artefact.label}: as it was when the cycle ended.")
    now = artefact.made_from(cycle)
    changed = sorted(key for key in now.keys() | was.keys() if now.get(key) != was.get(key))
    if not changed:
        return Colour("green", f"{artefact.label}: made from today's inputs.")
    reasons = tuple(dict.fromkeys(artefact.words.get(key, f"{key} changed") for key in changed))
    return Colour("yellow", f"{artefact.label}: {'; '.join(reasons)}.", reasons)


def colours_of(cycle: Cycle) -> dict[str, Colour]:
    """Every stage's colour. A stage below a yellow or red one is at most yellow: it stands on it."""
    colours: dict[str, Colour] = {}
    below: str = ""
    for stage in STAGES:
        colour = colour_of(cycle, stage)
        if colour.colour == "green" and below:
            colour = Colour("yellow", f"{ARTEFACTS[stage].label}: {below} is to be made again.", (below,))
        if colour.colour != "green" and not below:
            below = ARTEFACTS[stage].label.lower()
        colours[stage] = colour
    return colours
