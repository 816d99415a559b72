"""Accounts with what each is worth, what it takes, and who has it: what balance is measured on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from territories.engine.problem import NOBODY, Floats, Ints
from territories.engine.travel import Travel, km_between, workload

MEASURES = ("potential", "revenue", "workload", "accounts")


@dataclass(frozen=True)
class Bases:
    """Where reps start from, by primary key: latitude and longitude in degrees. Reps without a base are
    not among them."""

    place: Mapping[int, tuple[float, float]]

    def of(self, reps: Ints) -> Floats:
        """(n, 2): the base of each rep, NaN where there is none."""
        nowhere = (np.nan, np.nan)
        return np.array([self.place.get(rep, nowhere) for rep in reps.tolist()]).reshape(-1, 2)


@dataclass(frozen=True)
class AccountTable:
    """Columns of shape (accounts,), in the order of `ids`.

    ids: primary keys. territory, rep: primary keys of who has the account, NOBODY without. place:
    (accounts, 2) latitude and longitude in degrees, NaN where not known. potential, revenue: a year, in
    base currency. calls: a year. km: straight line to the rep's base, NaN where either place is not known.
    workload: hours a year of that rep, without travel where km is not known.
    """

    ids: Ints
    territory: Ints
    rep: Ints
    place: Floats
    potential: Floats
    revenue: Floats
    calls: Floats
    hours_a_call: Floats
    km: Floats
    workload: Floats

    def amounts(self, measure: str) -> Floats:
        """(accounts,) ≥ 0: one of MEASURES; an account that gave back more than it bought has revenue 0.
        Raises KeyError for any other measure."""
        if measure not in MEASURES:
            raise KeyError(measure)
        column = np.ones(len(self.ids)) if measure == "accounts" else getattr(self, measure)
        return np.asarray(np.maximum(column, 0.0), dtype=np.float64)


def held_by(table: AccountTable, *, territory: Ints, rep: Ints, bases: Bases, travel: Travel) -> AccountTable:
    """The same accounts with other owners, both (accounts,): distance and workload follow the new rep."""
    km = km_between(table.place, bases.of(rep))
    hours = workload(table.calls, table.hours_a_call, km, travel)
    return replace(table, territory=territory, rep=rep, km=km, workload=hours)


def moved(
    table: AccountTable, to: Mapping[int, tuple[int, int]], *, bases: Bases, travel: Travel
) -> AccountTable:
    """The table after a proposal: `to` is account → (territory, rep), primary keys or NOBODY; accounts
    that it does not name stay."""
    now = zip(table.ids.tolist(), table.territory.tolist(), table.rep.tolist(), strict=True)
    then = np.array([to.get(account, (a, b)) for account, a, b in now], dtype=np.int64).reshape(-1, 2)
    return held_by(table, territory=then[:, 0], rep=then[:, 1], bases=bases, travel=travel)


def chosen(table: AccountTable, rows: np.ndarray) -> AccountTable:
    """Only some rows, by a mask or by places."""
    return AccountTable(**{name: column[rows] for name, column in vars(table).items()})


def totals_by(owner: Ints, groups: Ints, amounts: Floats) -> Floats:
    """(groups,): the sum of amounts (n,) by owner (n,), in the order of `groups`, which must be sorted.
    What belongs to none of them is left out."""
    spot = np.searchsorted(groups, owner).clip(max=max(len(groups) - 1, 0))
    known = (groups[spot] == owner) if len(groups) else np.zeros(len(owner), dtype=bool)
    return np.bincount(spot[known], weights=amounts[known], minlength=len(groups)).astype(np.float64)


__all__ = ["MEASURES", "NOBODY", "AccountTable", "Bases", "chosen", "held_by", "moved", "totals_by"]
