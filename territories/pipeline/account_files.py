"""ACCOUNTS.csv, REPS.csv and CURRENT.csv → a territory problem (docs/territories.md)."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from territories.engine.distances import haversine, straight
from territories.engine.problem import NOBODY, Accounts, Bools, Capacity, Floats, Ints, Measure, Problem, Reps
from territories.pipeline.tables import BadTable, Faults, Row, Table, read_table

PLACES = (("lat", "lon"), ("x", "y"))


@dataclass(frozen=True)
class Asked:
    """What the command line asks for: tolerances by measure, and the cost per unit of value moved."""

    tolerances: dict[str, float]
    move_penalty: float = 0.0


def read_problem(accounts: Path, reps: Path, current: Path | None, asked: Asked) -> Problem:
    """Read the files. Raises BadTable with a sentence for every bad row."""
    faults = Faults()
    account_table, rep_table = read_table(accounts, faults), read_table(reps, faults)
    account_table.need("account", *asked.tolerances)
    rep_table.need("rep")
    account_rows, rep_rows = account_table.keyed("account"), rep_table.keyed("rep")
    faults.raise_any()
    owners = owners_of(account_rows, rep_rows, current, faults)
    locked = np.array([row.choice("locked") for row in account_rows.values()])
    for row, owner, lock in zip(account_rows.values(), owners, locked, strict=True):
        if lock and owner == NOBODY:
            row.fault("the account is locked but has no owner to stay with.")
    cost = _distances(account_table, rep_table)
    eligible = _eligible(account_rows, rep_rows)
    measures = tuple(
        Measure(name, _numbers(account_rows, name, least=0.0), tolerance)
        for name, tolerance in asked.tolerances.items()
    )
    capacity = _capacity(account_table, rep_table)
    value = _numbers(account_rows, "value", 1.0 if not account_table.has("value") else 0.0, least=0.0)
    family = tuple(row.text("family") for row in account_rows.values())
    found = Reps(
        tuple(rep_rows),
        _numbers(rep_rows, "share", 1.0, least=0.0),
        _numbers(rep_rows, "max_accounts", np.inf, least=0.0),
    )
    faults.raise_any()
    people = Accounts(tuple(account_rows), value, owners, locked, family)
    return problem_of(people, found, cost, eligible, measures, capacity, asked.move_penalty)


def problem_of(
    accounts: Accounts,
    reps: Reps,
    cost: Floats,
    eligible: Bools,
    measures: tuple[Measure, ...],
    capacity: Capacity | None,
    penalty: float,
) -> Problem:
    """The problem. Raises BadTable with what its parts disagree about."""
    try:
        return Problem(accounts, reps, cost, eligible, measures, capacity, penalty)
    except ValueError as error:
        raise BadTable(*str(error).splitlines()) from error


def _numbers(rows: dict[str, Row], column: str, default: float = np.nan, *, least: float) -> Floats:
    return np.array([row.number(column, default, least=least) for row in rows.values()])


def owners_of(accounts: dict[str, Row], reps: dict[str, Row], current: Path | None, faults: Faults) -> Ints:
    """(accounts,): the place of each owner, from the column `owner`, or from the file of current owners."""
    place = {name: number for number, name in enumerate(reps)}
    named = {name: (row, row.text("owner")) for name, row in accounts.items()}
    if current:
        table = read_table(current, faults)
        table.need("account", "rep")
        for name, row in table.keyed("account").items():
            if name in named:
                named[name] = (row, row.text("rep"))
            else:
                row.fault(f"the account {name} is not among the accounts.")
    for row, owner in named.values():
        if owner and owner not in place:
            row.fault(f"the rep {owner} is not among the reps.")
    return np.array([place.get(owner, NOBODY) for _, owner in named.values()], dtype=np.int64)


def _distances(accounts: Table, reps: Table) -> Floats:
    """(accounts, reps): km for lat and lon, straight lines for x and y, 0 without places."""
    for names in PLACES:
        if accounts.has(*names) and not reps.has(*names):
            raise BadTable(
                f"{reps.name}, line 1: the accounts have {names[0]} and {names[1]}, the reps do not."
            )
        if accounts.has(*names):
            here, there = _places(accounts, names), _places(reps, names)
            return haversine(here, there) if names[0] == "lat" else straight(here, there)
    return np.zeros((len(accounts.rows), len(reps.rows)))


def _places(table: Table, names: tuple[str, str]) -> Floats:
    places = np.array([[row.number(name) for name in names] for row in table.rows])
    if names[0] == "lat":
        for row, (lat, lon) in zip(table.rows, places, strict=True):
            if abs(lat) > 90 or abs(lon) > 180:
                row.fault("lat goes from −90 to 90 and lon from −180 to 180.")
    return places


def _eligible(accounts: dict[str, Row], reps: dict[str, Row]) -> Bools:
    """(accounts, reps): by what the account needs of a rep's skills, and by the reps that it names."""
    skills = [set(row.several("skills")) for row in reps.values()]
    found = []
    for row in accounts.values():
        needs, only = set(row.several("needs")), row.several("reps")
        for unknown in sorted(set(only) - set(reps)):
            row.fault(f"the rep {unknown} is not among the reps.")
        found.append(
            [needs <= has and (not only or rep in only) for rep, has in zip(reps, skills, strict=True)]
        )
    return np.array(found)


def _capacity(accounts: Table, reps: Table) -> Capacity | None:
    if not reps.has("capacity"):
        return None
    if not accounts.has("load"):
        raise BadTable(f"{accounts.name}, line 1: the reps have a capacity, so the column load is needed.")
    loads = np.array([row.number("load", least=0.0) for row in accounts.rows])
    most = np.array([row.number("capacity", np.inf, least=0.0) for row in reps.rows])
    return Capacity(np.repeat(loads[:, None], len(reps.rows), axis=1), most)
