"""What became of a pipeline between two moments, as a bridge whose steps add up to the cent.

    start + created + found + moved in + reopened + raised − lowered − won − lost − moved out − removed = end

A deal is somewhere at either moment (`Place`). Which pairs of places make which step is data, so that
the page that adds the steps up and the one that lists the deals behind a step cannot disagree. A deal
that comes in counts with its amount at the end; one that was in the pipeline counts with its amount at
the start, what changed since is raised or lowered, and it leaves with its amount at the end.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

NOTHING = Decimal(0)


class Place(StrEnum):
    """Where a deal is at a moment, seen from the pipeline that is looked at."""

    ABSENT = "absent"  # not created yet
    UNKNOWN = "unknown"  # created, but nobody had told us of it
    OPEN = "open"  # in the pipeline
    OUTSIDE = "outside"  # open, but it closes outside of the days that are looked at
    WON = "won"
    LOST = "lost"
    REMOVED = "removed"  # deleted, or merged into another deal


class Step(StrEnum):
    """A step of the bridge, in the order in which it is drawn."""

    CREATED = "created"
    FOUND = "found"
    MOVED_IN = "moved_in"
    REOPENED = "reopened"
    RAISED = "raised"
    LOWERED = "lowered"
    WON = "won"
    LOST = "lost"
    MOVED_OUT = "moved_out"
    REMOVED = "removed"


COMING = {
    Place.ABSENT: Step.CREATED,
    Place.UNKNOWN: Step.FOUND,
    Place.OUTSIDE: Step.MOVED_IN,
    Place.WON: Step.REOPENED,
    Place.LOST: Step.REOPENED,
    Place.REMOVED: Step.FOUND,
}
GOING = {
    Place.WON: Step.WON,
    Place.LOST: Step.LOST,
    Place.OUTSIDE: Step.MOVED_OUT,
    Place.REMOVED: Step.REMOVED,
}
PASSED_THROUGH = {Place.WON, Place.LOST}  # who ends there came through the pipeline, however briefly
Pair = tuple[Place, Place]


@dataclass(frozen=True)
class Flow:
    """Deals that went from one place to another: how many, and their money in base currency.

    `raised` and `lowered` are the sums of the single deals' increases and decreases, both positive:
    raised − lowered = after − before.
    """

    before: Place
    after: Place
    deals: int
    amount_before: Decimal
    amount_after: Decimal
    raised: Decimal
    lowered: Decimal
    deals_raised: int = 0
    deals_lowered: int = 0


@dataclass(frozen=True)
class Part:
    """A step's deals, and the money by which it changes the pipeline: negative where it shrinks."""

    deals: int = 0
    amount: Decimal = NOTHING

    def __add__(self, other: "Part") -> "Part":
        return Part(self.deals + other.deals, self.amount + other.amount)


@dataclass(frozen=True)
class Bridge:
    """The pipeline at either end, and every step between."""

    start: Part
    end: Part
    steps: dict[Step, Part]


def coming(before: Place, after: Place) -> Step | None:
    """The step by which a deal came into the pipeline between the two moments, if it did."""
    if before is Place.OPEN or before is after:
        return None
    return COMING[before] if after is Place.OPEN or after in PASSED_THROUGH else None


def going(before: Place, after: Place) -> Step | None:
    """The step by which a deal left the pipeline between the two moments, if it did."""
    was_in = before is Place.OPEN or coming(before, after) is not None
    return GOING.get(after) if was_in else None


def resized(before: Place, after: Place) -> bool:
    """Whether a change of the amount is a step of its own: for deals that were in the pipeline."""
    return before is Place.OPEN and after is not Place.REMOVED


def pairs_of(step: Step) -> frozenset[Pair]:
    """The pairs of places whose deals make a step; for raised and lowered those whose deals may."""
    return frozenset((before, after) for before in Place for after in Place if step in _steps(before, after))


def bridge(flows: Iterable[Flow]) -> Bridge:
    """The bridge of some deals. Deals that stayed where they were with the same amount may be among
    them as one flow from open to open."""
    start, end, steps = Part(), Part(), dict.fromkeys(Step, Part())
    for flow in flows:
        if flow.before is Place.OPEN:
            start += Part(flow.deals, flow.amount_before)
        if flow.after is Place.OPEN:
            end += Part(flow.deals, flow.amount_after)
        for step in _steps(flow.before, flow.after):
            steps[step] += _part(flow, step)
    return Bridge(start, end, steps)


def _steps(before: Place, after: Place) -> list[Step]:
    changes = [Step.RAISED, Step.LOWERED] if resized(before, after) else []
    return [*changes, *(step for step in (coming(before, after), going(before, after)) if step)]


def _part(flow: Flow, step: Step) -> Part:
    if step is Step.RAISED:
        return Part(flow.deals_raised, flow.raised)
    if step is Step.LOWERED:
        return Part(flow.deals_lowered, -flow.lowered)
    if step is coming(flow.before, flow.after):
        return Part(flow.deals, flow.amount_after)
    leaving = flow.amount_before if step is Step.REMOVED else flow.amount_after
    return Part(flow.deals, -leaving)
