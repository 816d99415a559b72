"""Pay that people share: a pool of a team, and the prizes of a contest."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from compensation.engine.by_level import ends, row_lines
from compensation.engine.counting import Work
from compensation.engine.exact import TICKS, Ints
from compensation.engine.lines import NONE, Kind, Lines
from compensation.engine.plan import MONTHS, PoolShare, Ties

Qualifies = Callable[[int, int], bool]


def pool_lines(work: Work, qualifies: Qualifies) -> Lines:
    """Each qualifying member's part of the pot of each period. qualifies: (person, month)."""
    rows = []
    for members in _teams(work):
        for month in ends(work):
            inside = [p for p in members if work.book.people.here[p, month] and qualifies(p, month)]
            pot = _pot(work, members, month)
            rows += [
                (person, month, NONE, round(pot * TICKS), pot * part)
                for person, part in _parts(work, inside, month)
            ]
    return row_lines(work, Kind.SHARE, [row for row in rows if row[4]])


def _teams(work: Work) -> list[list[int]]:
    """The groups of people who share, each once."""
    groups = work.book.people.counting_for(work.component.measure.whose)
    return [list(members) for members in dict.fromkeys(tuple(sorted(map(int, some))) for _, some in groups)]


def _pot(work: Work, members: list[int], month: int) -> Fraction:
    if work.component.pot is not None:
        return Fraction(work.component.pot)
    now = Fraction(int(work.so_far[members[0], month]), TICKS)
    earlier = month - MONTHS[work.paid]
    same = earlier >= 0 and earlier // MONTHS[work.window] == month // MONTHS[work.window]
    before = Fraction(int(work.so_far[members[0], earlier]), TICKS) if same else Fraction(0)
    return _marginal(work, now) - _marginal(work, before)


def _marginal(work: Work, amount: Fraction) -> Fraction:
    """Marginal tiers on the amount of the group."""
    tiers, pay = work.component.tiers, Fraction(0)
    for place, tier in enumerate(tiers):
        low = Fraction(tier.start) if place else min(amount, Fraction(0))
        high = Fraction(tiers[place + 1].start) if place + 1 < len(tiers) else max(amount, low)
        pay += (min(max(amount, low), high) - low) * Fraction(tier.rate) if amount >= 0 else Fraction(0)
    return pay if amount >= 0 else amount * Fraction(tiers[0].rate)


def _parts(work: Work, inside: list[int], month: int) -> list[tuple[int, Fraction]]:
    """(person, share of the pot)."""
    if not inside:
        return []
    if work.component.pool_share is PoolShare.EQUAL:
        return [(person, Fraction(1, len(inside))) for person in inside]
    if work.component.pool_share is PoolShare.ROLE:
        shares, roles = dict(work.component.shares), [work.book.people.role[p] for p in inside]
        return [
            (person, Fraction(shares.get(role, 0)) / roles.count(role))
            for person, role in zip(inside, roles, strict=True)
        ]
    own = [max(int(_own(work)[person, month]), 0) for person in inside]
    return (
        [(p, Fraction(amount, sum(own))) for p, amount in zip(inside, own, strict=True)] if sum(own) else []
    )


def _own(work: Work) -> Ints:
    """(people, months) in ticks: what each has brought in the period."""
    found = np.zeros((len(work.book.people.ids), work.book.months), np.int64)
    row, amount = work.book.credits.measured(work.component.measure)
    end = (work.book.credits.month[row] // MONTHS[work.paid] + 1) * MONTHS[work.paid] - 1
    np.add.at(found, (work.book.credits.person[row], end), amount)
    return found


def contest_lines(work: Work, qualifies: Qualifies) -> Lines:
    """The prizes of each period's ranking, to those with more than nothing who qualify."""
    rows = []
    for month in ends(work):
        ranked = _ranked(work, month, qualifies)
        rows += [(p, month, NONE, amount, prize) for p, amount, prize in _prizes(work, ranked) if prize]
    return row_lines(work, Kind.PRIZE, rows)


def standing(work: Work, month: int, qualifies: Qualifies) -> list[tuple[int, int]]:
    """(person, amount in ticks), best first: the leaderboard."""
    return _ranked(work, month, qualifies)


def _ranked(work: Work, month: int, qualifies: Qualifies) -> list[tuple[int, int]]:
    amounts = {p: int(work.so_far[p, month]) for p in range(len(work.book.people.ids))}
    first = _reached_on(work, month) if work.component.ties is Ties.FIRST else {}
    running = [p for p, amount in amounts.items() if amount > 0 and qualifies(p, month)]
    return [(p, amounts[p]) for p in sorted(running, key=lambda p: (-amounts[p], first.get(p, 0), p))]


def _reached_on(work: Work, month: int) -> dict[int, int]:
    """When each person's last counting credit was: who was there first."""
    counted, found = work.counted, {}
    for place in np.flatnonzero(counted.month <= month):
        found[int(counted.person[place])] = int(work.book.credits.rank[counted.credit[place]])
    return found


def _prizes(work: Work, ranked: list[tuple[int, int]]) -> list[tuple[int, int, Fraction]]:
    prizes = [Fraction(prize) for prize in work.component.prizes]
    found, place = [], 0
    while place < len(ranked):
        equal = [one for one in ranked[place:] if one[1] == ranked[place][1]]
        if work.component.ties is Ties.FIRST:
            equal = equal[:1]
        mine = prizes[place : place + len(equal)]
        each = mine[0] if mine and work.component.ties is Ties.BOTH else sum(mine, Fraction(0)) / len(equal)
        found += [(person, amount, each) for person, amount in equal]
        place += len(equal)
    return found
