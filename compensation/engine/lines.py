"""Lines: what was paid for what, so that every cent leads to a tier, a rate and a deal."""

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np

from compensation.engine.exact import Exact, Ints, exact_of, joined

NONE = -1


class Kind(IntEnum):
    """Why a line is there."""

    EARNED = 0
    TRUE_UP = 1
    TAKEN_BACK = 2
    DEAL_CAP = 3
    THRESHOLD = 4
    GATE = 5
    MULTIPLIER = 6
    CAP = 7
    BUDGET = 8
    NOT_NEGATIVE = 9
    OBJECTIVE = 10
    SHARE = 11
    PRIZE = 12


@dataclass(frozen=True)
class Lines:
    """Columns of shape (n,). month: when it is paid. credit: place of the credit, NONE for a line about the
    whole period. tier: from 0, NONE without. amount: ticks of the measure; rate: 1/PARTS. pay: exact."""

    person: Ints
    month: Ints
    component: Ints
    credit: Ints
    tier: Ints
    kind: Ints
    amount: Ints
    rate: Ints
    pay: Exact

    def __len__(self) -> int:
        return len(self.person)

    def at(self, chosen: Ints) -> "Lines":
        """Only the lines chosen, by place."""
        columns = {one.name: getattr(self, one.name)[chosen] for one in fields(self) if one.name != "pay"}
        return Lines(**columns, pay=self.pay.at(chosen))


def lines_of(component: int, kind: Kind, pay: Exact, **columns: Ints | int) -> Lines:
    """Lines of one component and kind; columns that are not named are NONE or 0."""
    count = len(pay.ticks)
    given: dict[str, Ints | int] = {"credit": NONE, "tier": NONE, "amount": 0, "rate": 0, **columns}
    filled = {
        name: np.broadcast_to(np.asarray(value, np.int64), (count,)).copy() for name, value in given.items()
    }
    return Lines(component=np.full(count, component), kind=np.full(count, int(kind)), pay=pay, **filled)


def together(parts: list[Lines]) -> Lines:
    """The lines of all parts."""
    if not parts:
        none = np.zeros(0, np.int64)
        return Lines(none, none, none, none, none, none, none, none, exact_of([]))
    names = [one.name for one in fields(Lines) if one.name != "pay"]
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return Lines(**columns, pay=joined([part.pay for part in parts]))
