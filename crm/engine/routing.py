"""Who gets a lead: the account's owner first, then the rules in order, at last the fallback. Pure."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
OWNER_HOURS = 4  # working hours where no rule says otherwise


@dataclass(frozen=True)
class Seat:
    """A rep who takes turns in a rule. `open_leads` wait for an answer or are being worked on."""

    rep: int
    capacity: int
    open_leads: int = 0
    last_given: dt.datetime | None = None
    is_away: bool = False

    @property
    def is_free(self) -> bool:
        """Whether the rep is there and has room for one more lead."""
        return not self.is_away and self.open_leads < self.capacity


@dataclass(frozen=True)
class Rule:
    """What a lead must be like (empty: anything), who takes turns, and the hours until an answer.

    `markets` are the ids of the rule's market and of all below it.
    """

    key: int
    name: str
    hours: int
    seats: tuple[Seat, ...] = ()
    markets: frozenset[int] = frozenset()
    source: int | None = None
    country: str = ""
    least_employees: int | None = None
    is_fallback: bool = False


@dataclass(frozen=True)
class Asked:
    """What rules look at. `owner` is the rep of its account where it has one, `owner_is_away` that nobody
    is there for it now. `passed_over` are reps who let it wait."""

    market: int | None = None
    source: int | None = None
    country: str = ""
    employees: int | None = None
    owner: int | None = None
    owner_is_away: bool = False
    passed_over: frozenset[int] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Placement:
    """To whom a lead goes, by which rule (None: the account's owner), within how many hours, and why."""

    rep: int
    rule: int | None
    hours: int
    why: str
    is_fallback: bool = False


def fits(rule: Rule, asked: Asked) -> bool:
    """Whether the lead is what the rule asks for; what is not known of a lead fits no condition on it."""
    return (
        (not rule.markets or asked.market in rule.markets)
        and (rule.source is None or rule.source == asked.source)
        and (not rule.country or rule.country.casefold() == asked.country.strip().casefold())
        and (rule.least_employees is None or (asked.employees or 0) >= rule.least_employees)
    )


def next_seat(seats: Iterable[Seat], passed_over: frozenset[int] = frozenset()) -> Seat | None:
    """The free seat that has waited longest for a lead; None where nobody is free."""
    free = [seat for seat in seats if seat.is_free and seat.rep not in passed_over]
    return min(free, key=_turn, default=None)


def place(asked: Asked, rules: Sequence[Rule]) -> Placement | None:
    """The account's owner, else the next seat of the first rule in order that fits and has one free,
    else a seat of the fallback, full or not. None only without any fallback seat."""
    fitting = [rule for rule in rules if not rule.is_fallback and fits(rule, asked)]
    if asked.owner is not None and not asked.owner_is_away and asked.owner not in asked.passed_over:
        hours = fitting[0].hours if fitting else OWNER_HOURS
        return Placement(asked.owner, None, hours, "Owner of the account")
    for rule in fitting:
        seat = next_seat(rule.seats, asked.passed_over)
        if seat is not None:
            return Placement(seat.rep, rule.key, rule.hours, f"Rule “{rule.name}”")
    return _fallback(asked, rules, full=fitting)


def _fallback(asked: Asked, rules: Sequence[Rule], full: Sequence[Rule]) -> Placement | None:
    """Somebody always gets the lead: a free seat if there is one, else whoever is there, else anybody."""
    rule = next((rule for rule in rules if rule.is_fallback and rule.seats), None)
    if rule is None:
        return None
    seat = next_seat(rule.seats, asked.passed_over) or _anyone(rule.seats, asked.passed_over)
    because = f"nobody of “{full[0].name}” is free" if full else "no other rule fits"
    return Placement(seat.rep, rule.key, rule.hours, f"Fallback: {because}", is_fallback=True)


def _anyone(seats: Sequence[Seat], passed_over: frozenset[int]) -> Seat:
    return min(seats, key=lambda seat: (seat.is_away, seat.rep in passed_over, *_turn(seat)))


def _turn(seat: Seat) -> tuple[dt.datetime, int]:
    return (seat.last_given or NEVER, seat.rep)


def turn_at(rules: Sequence[Rule], placement: Placement, at: dt.datetime) -> dt.datetime:
    """The moment of the turn: later than every turn before, so that turns at once keep their order."""
    seats = [seat for rule in rules if rule.key == placement.rule for seat in rule.seats]
    latest = max((seat.last_given for seat in seats if seat.last_given is not None), default=NEVER)
    return at if latest < at else latest + dt.timedelta(microseconds=1)


def after_giving(rules: Sequence[Rule], placement: Placement, at: dt.datetime) -> list[Rule]:
    """The rules as they stand after a lead was given: the next one of a batch goes on from there."""
    return [_noted(rule, placement, at) for rule in rules]


def _noted(rule: Rule, placement: Placement, at: dt.datetime) -> Rule:
    if all(seat.rep != placement.rep for seat in rule.seats):
        return rule
    seats = tuple(_given(seat, rule.key == placement.rule, placement, at) for seat in rule.seats)
    return Rule(**{**vars(rule), "seats": seats})


def _given(seat: Seat, own_turn: bool, placement: Placement, at: dt.datetime) -> Seat:
    if seat.rep != placement.rep:
        return seat
    changes: dict[str, Any] = {"open_leads": seat.open_leads + 1}
    if own_turn:
        changes = {**changes, "last_given": at}
    return Seat(**{**vars(seat), **changes})
