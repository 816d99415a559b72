"""Terms of a person that change within a book: what is taken back later is what the terms of the deal's month
paid, not what those of today would have."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compensation.engine.book import NOBODY, PaidBefore
from compensation.engine.calculation import Calculation
from compensation.engine.exact import TICKS, Ints
from compensation.engine.lines import Lines
from compensation.engine.statements import rounded_lines


@dataclass(frozen=True)
class Paid:
    """What one set of terms paid. theirs: (people, months), whose terms they are when. calculation: with only
    the lines of these."""

    theirs: NDArray[np.bool_]
    calculation: Calculation


def changing(sets: Sequence[Paid]) -> NDArray[np.bool_]:
    """(people,): whether somebody has several of these sets of terms, where anything is taken back at all."""
    reverses = sets[0].calculation.book.credits.reverses
    several = np.array([one.theirs.any(axis=1) for one in sets]).sum(axis=0) > 1
    return np.asarray(several & bool((reverses != NOBODY).any()))


def paid_by_others(sets: Sequence[Paid], number: int) -> PaidBefore:
    """What the other sets paid to people who also have the set of a number, for credits that are taken back;
    with what was known to be paid by others than this book, which stays as it is."""
    own, before = sets[number], sets[number].calculation.book.paid_before
    people = np.asarray(own.theirs.any(axis=1))
    somebodys = np.array([one.theirs for one in sets]).any(axis=0)
    theirs = ~own.theirs & people[:, None] & somebodys
    known = np.zeros_like(theirs) if before is None else before.theirs
    codes = tuple(dict.fromkeys([*(before.codes if before else ()), *_codes(sets)]))
    rows = [_rows(one, theirs & ~known, codes) for place, one in enumerate(sets) if place != number]
    rows += [_known(before, codes)] if before else []
    columns = [np.concatenate(column) for column in zip(*rows, strict=True)]
    person, credit, component, tier, amount, rate, pay = columns
    return PaidBefore(theirs | known, codes, person, credit, component, tier, amount, rate, pay)


def _codes(sets: Sequence[Paid]) -> list[str]:
    return [one.code for each in sets for one in each.calculation.plan.components]


def _rows(one: Paid, theirs: NDArray[np.bool_], codes: tuple[str, ...]) -> tuple[Ints, ...]:
    """The columns of PaidBefore, of the lines of a set in the months in which others take back."""
    calculation, lines = one.calculation, one.calculation.lines
    units, unit = rounded_lines(calculation)
    chosen = _taken_back(calculation, lines) & theirs[lines.person, lines.month]
    rows = np.flatnonzero(chosen)
    places = np.array([codes.index(each.code) for each in calculation.plan.components], np.int64)
    pay = units[rows] * (TICKS // unit)
    component = places[lines.component[rows]]
    columns = (lines.tier, lines.amount, lines.rate)
    return lines.person[rows], lines.credit[rows], component, *(each[rows] for each in columns), pay


def _taken_back(calculation: Calculation, lines: Lines) -> NDArray[np.bool_]:
    """(n,): whether a line is about a credit that is taken back some time."""
    reverses = calculation.book.credits.reverses
    return np.isin(lines.credit, np.unique(reverses[reverses != NOBODY]))


def _known(before: PaidBefore, codes: tuple[str, ...]) -> tuple[Ints, ...]:
    """The same of what was known, among all codes."""
    places = np.array([codes.index(code) for code in before.codes], np.int64)
    component = places[before.component] if len(places) else before.component
    return before.person, before.credit, component, before.tier, before.amount, before.rate, before.pay
