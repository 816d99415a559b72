"""A realignment as a problem of the optimiser: accounts as they are, reps with their territories, wishes."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass

import numpy as np

from territories.engine.account_table import AccountTable
from territories.engine.distances import haversine
from territories.engine.problem import NOBODY, Accounts, Bools, Floats, Ints, Measure, Problem, Reps

LEAST_WEIGHT = 0.1  # of an average account: moving one without revenue is not free


@dataclass(frozen=True)
class Seats:
    """The reps who get accounts, arrays of shape (reps,). reps, territory: primary keys, the territory is the
    rep's main one. place: (reps, 2) latitude and longitude in degrees, NaN where not known. most: accounts,
    inf for no limit. skills: what each brings."""

    reps: Ints
    names: tuple[str, ...]
    territory: Ints
    place: Floats
    share: Floats
    most: Floats
    skills: tuple[frozenset[str], ...]

    def spots(self, reps: Ints) -> Ints:
        """(n,): the place of each rep among the seats, NOBODY for whoever has none."""
        known = {int(rep): place for place, rep in enumerate(self.reps)}
        return np.array([known.get(int(rep), NOBODY) for rep in reps], dtype=np.int64)


@dataclass(frozen=True)
class Wishes:
    """within: measure → 0.05 for ±5 % of each rep's fair part. move_penalty: km for moving an account of
    average revenue. distance_weight: km a km costs. seed, time_limit (s): of the solve."""

    within: Mapping[str, float]
    move_penalty: float
    distance_weight: float
    seed: int
    time_limit: float


@dataclass(frozen=True)
class Proposal:
    """What is to be solved. names: of the accounts. family: "" is alone. eligible: (accounts, reps). locked:
    (accounts,) the place of the rep each is locked to, NOBODY for free."""

    table: AccountTable
    seats: Seats
    names: tuple[str, ...]
    family: tuple[str, ...]
    eligible: Bools
    locked: Ints
    wishes: Wishes


def km_of(table: AccountTable, seats: Seats) -> Floats:
    """(accounts, reps) in km; NaN for accounts whose place is not known. A rep without a base starts from the
    middle of today's accounts."""
    return haversine(table.place, _bases(table, seats))


def _bases(table: AccountTable, seats: Seats) -> Floats:
    bases = seats.place.copy()
    for spot in np.flatnonzero(np.isnan(bases).any(axis=1)):
        mine = table.place[(table.rep == seats.reps[spot]) & ~np.isnan(table.place).any(axis=1)]
        bases[spot] = mine.mean(axis=0) if len(mine) else np.nan
    return bases


def _cost_in_km(km: Floats) -> Floats:
    """A pair about which nothing is known costs the account's mean: it tells nothing for or against."""
    known = ~np.isnan(km)
    count = known.sum(axis=1, keepdims=True)
    mean = np.where(known, km, 0.0).sum(axis=1, keepdims=True) / np.maximum(count, 1)
    return np.where(known, km, mean)


def weight_of(table: AccountTable) -> Floats:
    """(accounts,): what a move is weighed by: revenue over the mean, at least LEAST_WEIGHT."""
    revenue = np.maximum(table.revenue, 0.0)
    mean = revenue.mean() if len(revenue) else 0.0
    return np.maximum(revenue / mean, LEAST_WEIGHT) if mean else np.ones(len(revenue))


def problem_of(proposal: Proposal) -> Problem:
    """The optimiser's problem: cost in km. A locked account may only be with its rep; that is stronger than
    eligibility."""
    table, seats, wishes = proposal.table, proposal.seats, proposal.wishes
    return Problem(
        accounts=Accounts(
            ids=proposal.names,
            value=weight_of(table),
            current=seats.spots(table.rep),
            locked=np.zeros(len(table.ids), dtype=bool),
            family=proposal.family,
        ),
        reps=Reps(seats.names, seats.share, seats.most),
        cost=wishes.distance_weight * _cost_in_km(km_of(table, seats)),
        eligible=_with_locks(proposal.eligible, proposal.locked),
        measures=tuple(
            Measure(name, np.maximum(table.amounts(name), 0.0), within)
            for name, within in sorted(wishes.within.items())
        ),
        move_penalty=wishes.move_penalty,
    )


def _with_locks(eligible: Bools, locked: Ints) -> Bools:
    found, rows = eligible.copy(), np.flatnonzero(locked != NOBODY)
    found[rows] = False
    found[rows, locked[rows]] = True
    return found


def eligible_by(wanted: Collection[frozenset[str]], offered: Collection[frozenset[str]]) -> Bools:
    """(accounts, reps): the rep brings everything that the account wants."""
    kinds = sorted(frozenset().union(*wanted))
    wants = np.array([[kind in one for kind in kinds] for one in wanted], dtype=np.int64)
    lacks = np.array([[kind not in one for kind in kinds] for one in offered], dtype=np.int64)
    return np.asarray(wants.reshape(len(wanted), -1) @ lacks.reshape(len(offered), -1).T == 0)


def families_apart(proposal: Proposal) -> list[str]:
    """The families with locks to more than one rep, sorted."""
    held: dict[str, set[int]] = {}
    for name, spot in zip(proposal.family, proposal.locked.tolist(), strict=True):
        if name and spot != NOBODY:
            held.setdefault(name, set()).add(spot)
    return sorted(name for name, spots in held.items() if len(spots) > 1)


def fingerprint(proposal: Proposal, version: int) -> str:
    """SHA-256 over everything a plan is made from: the same fingerprint, the same plan."""
    found = hashlib.sha256(json.dumps([version, asdict(proposal.wishes)], sort_keys=True).encode())
    table, seats = proposal.table, proposal.seats
    for array in (table.ids, table.rep, table.place, table.potential, table.revenue, table.workload):
        found.update(array.tobytes())
    for column in (seats.reps, seats.place, seats.share, seats.most, proposal.locked):
        found.update(column.tobytes())
    found.update(proposal.eligible.tobytes())
    found.update("\n".join(proposal.family).encode())
    return found.hexdigest()
