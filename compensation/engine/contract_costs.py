"""The balance of contract costs month by month: added, taken back, amortised, written off, left.

ASC 340-40: what is paid because of a contract is an asset (25-1), spread over the time it brings benefit
(35-1); later pay for the same contract is spread over what is left of that time; pay taken back lowers the
asset, and what is taken back beyond it lowers expense; when the contract ends the rest is written off
(35-3). Costs of a benefit of a year or less may be expensed at once (25-4). All in whole cents: every part
adds up to what was paid.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal

from catalog.engine.months import add_months, months_apart, months_between, months_from
from compensation.engine.amortisation import EXPEDIENT_MONTHS
from compensation.engine.plan import ZERO
from territories.engine.quotas.wholes import CENT

Layers = Mapping[dt.date, Decimal]


@dataclass(frozen=True)
class Contract:
    """months: of benefit, counted from the month of the first pay. ended: the month in which it came to
    nothing. at_once: never an asset."""

    months: int
    ended: dt.date | None = None
    at_once: bool = False


@dataclass(frozen=True)
class Movement:
    """What a month did: `added` to the asset, `taken_back` from it, `amortised`, `written_off`; `expensed`
    is what never was an asset (below 0 where more was taken back than was left)."""

    added: Decimal = ZERO
    taken_back: Decimal = ZERO
    amortised: Decimal = ZERO
    written_off: Decimal = ZERO
    expensed: Decimal = ZERO

    def __add__(self, other: "Movement") -> "Movement":
        return Movement(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def change(self) -> Decimal:
        """Of the asset."""
        return self.added - self.taken_back - self.amortised - self.written_off

    @property
    def expense(self) -> Decimal:
        """What the month costs in the accounts."""
        return self.amortised + self.written_off + self.expensed


@dataclass(frozen=True)
class Rolled:
    """A month of a roll-forward."""

    month: dt.date
    opening: Decimal
    movement: Movement
    closing: Decimal


Movements = dict[dt.date, Movement]


def contract_of(
    term: int,
    *,
    renewals: int = 0,
    commensurate: bool = False,
    expedient: bool = True,
    ended: dt.date | None = None,
) -> Contract:
    """The contract behind a cost: renewals bring benefit unless they are paid like the first contract.
    Raises ValueError for a term of no month."""
    months = term if commensurate else term + renewals
    if months < 1:
        raise ValueError("A contract lasts a month or more.")
    return Contract(months, ended, at_once=expedient and months <= EXPEDIENT_MONTHS)


def movements(layers: Layers, contract: Contract) -> Movements:
    """What pay for one contract, by the month in which it was paid, does in each month."""
    paid = {month: amount for month, amount in sorted(layers.items()) if amount}
    if contract.at_once or not paid:
        return {month: Movement(expensed=amount) for month, amount in paid.items()}
    end = add_months(min(paid), contract.months)
    last = add_months(end, -1)
    if contract.ended is not None:
        last = min(last, max(contract.ended, min(paid)))
    found = _while_it_runs(paid, end, last)
    late = {month: Movement(expensed=amount) for month, amount in paid.items() if month > last}
    return {month: one for month, one in (found | late).items() if one != Movement()}


def _while_it_runs(layers: Layers, end: dt.date, last: dt.date) -> Movements:
    """Equal parts of what is left over the months before `end`, from the month of each pay on; what is left
    in the `last` month is written off."""
    found: Movements = {}
    left, parts = ZERO, iter([ZERO])
    for month in months_between(min(layers), last):
        paid = layers.get(month, ZERO)
        added, taken = max(paid, ZERO), min(max(-paid, ZERO), left)
        if paid:
            left += added - taken
            parts = iter(_equal(left, months_apart(month, end)))
        amortised = next(parts)
        left -= amortised
        lost = left if month == last else ZERO
        left -= lost
        found[month] = Movement(added, taken, amortised, lost, min(paid + taken, ZERO))
    return found


@dataclass(frozen=True)
class Left:
    """What is left of the costs of contracts that go on alike. count: of them. each: their whole cents of a
    month together, without the cent more that each has in the first `more` months. rest: parts of a cent,
    in the first month. months: of benefit left. ends: after how many the rest is written off."""

    count: int
    each: int
    more: int
    rest: Decimal
    months: int
    ends: int | None


def onwards(groups: Iterable[Left], month: dt.date, count: int) -> Movements:
    """What the `count` months after `month` do to what was left at its end, without further pay."""
    amortised, lost, rest = [0] * count, [0] * count, ZERO
    for one in groups:
        last = one.months if one.ends is None else min(one.ends, one.months)
        for place in range(min(last, count)):
            amortised[place] += one.each + (one.count if place < one.more else 0)
        if last < one.months and last <= count:
            lost[last - 1] += one.each * (one.months - last) + one.count * max(0, one.more - last)
        rest += one.rest
    found = {
        day: Movement(
            amortised=CENT * amortised[place] + (ZERO if place else rest), written_off=CENT * lost[place]
        )
        for place, day in enumerate(months_from(add_months(month, 1), count))
    }
    return {day: one for day, one in found.items() if one != Movement()}


def left_of(amount: Decimal, first: dt.date, month: dt.date, contract: Contract) -> Left:
    """What is left of one contract at the end of a month; `first`: the month of its first pay. Where it had
    ended by then, as was learnt later, the next month takes it all."""
    cents = int(amount / CENT)
    months = max(1, months_apart(month, add_months(first, contract.months)) - 1)
    each, more = divmod(cents, months)
    ends = None if contract.ended is None else max(1, months_apart(month, max(contract.ended, first)))
    return Left(1, each, more, amount - CENT * cents, months, ends)


def _equal(amount: Decimal, count: int) -> list[Decimal]:
    """Equal parts in whole cents, the first ones a cent larger; they add up to the amount. As
    territories.engine.quotas.wholes.split gives them for equal weights, without its fractions."""
    steps, each = int(amount / CENT), 0
    each, more = divmod(steps, count)
    parts = [CENT * (each + (place < more)) for place in range(count)]
    parts[0] += amount - CENT * steps
    return parts


def together(many: Iterable[Movements]) -> Movements:
    """The months of several contracts, added up."""
    found: Movements = {}
    for one in many:
        for month, movement in one.items():
            found[month] = found[month] + movement if month in found else movement
    return found


def roll_forward(found: Movements, first: dt.date, count: int) -> list[Rolled]:
    """So many months from `first` on, with what lay on the balance sheet before and after each."""
    opening = sum((one.change for month, one in found.items() if month < first), ZERO)
    rows = []
    for month in months_from(first, count):
        movement = found.get(month, Movement())
        rows.append(Rolled(month, opening, movement, opening + movement.change))
        opening += movement.change
    return rows
