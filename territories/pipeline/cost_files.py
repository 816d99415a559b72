"""COSTS.csv, LOADS.csv, CAPACITIES.csv → a plain assignment problem, account × rep (docs/territories.md)."""

from pathlib import Path

import numpy as np

from territories.engine.problem import Accounts, Capacity, Floats, Problem, Reps
from territories.pipeline.account_files import Asked, owners_of, problem_of
from territories.pipeline.tables import BadTable, Faults, Row, Table, read_table


def read_costs(
    costs: Path, loads: Path | None, capacities: Path | None, current: Path | None, asked: Asked
) -> Problem:
    """A pair without a cost is not allowed. Raises BadTable with a sentence for every bad row.

    Each table is long (account,rep,cost) or wide: a row for each account, a column for each rep.
    """
    if (loads is None) != (capacities is None):
        raise BadTable("Loads and capacities go together: give --loads and --capacities, or neither.")
    faults = Faults()
    cost, accounts, reps = _pairs(read_table(costs, faults, fold=str), "cost")
    load = _pairs(read_table(loads, faults, fold=str), "load")[0] if loads else {}
    rows = read_table(capacities, faults) if capacities else None
    faults.raise_any()
    table = _filled(cost, accounts, reps)
    eligible = ~np.isnan(table)
    capacity = None
    if loads and rows:
        taken = _filled(load, accounts, reps)
        _check_loads(taken, table, accounts, reps, loads.name)
        capacity = Capacity(np.nan_to_num(taken), _capacities(rows, reps))
    owners = owners_of(accounts, reps, current, faults)
    faults.raise_any()
    count = len(accounts)
    people = Accounts(tuple(accounts), np.ones(count), owners, np.zeros(count, dtype=bool), ("",) * count)
    unlimited = Reps(tuple(reps), np.ones(len(reps)), np.full(len(reps), np.inf))
    return problem_of(people, unlimited, np.nan_to_num(table), eligible, (), capacity, asked.move_penalty)


def _pairs(table: Table, column: str) -> tuple[dict[tuple[str, str], float], dict[str, Row], dict[str, Row]]:
    """The numbers by account and rep, and a row of each account and of each rep, in the order of the file."""
    if not table.columns or table.columns[0].lower() != "account":
        raise BadTable(f"{table.name}, line 1: the first column must be account.")
    long = [name.lower() for name in table.columns[:3]] == ["account", "rep", column]
    names = table.columns
    found: dict[tuple[str, str], float] = {}
    accounts: dict[str, Row] = {}
    reps: dict[str, Row] = {}
    for row in table.rows:
        account = row.text(names[0])
        cells = {row.text(names[1]): names[2]} if long else {name: name for name in names[1:]}
        for rep, cell in cells.items():
            accounts.setdefault(account, row)
            reps.setdefault(rep, row)
            if not account or not rep:
                row.fault("the account or the rep is empty.")
            elif (account, rep) in found:
                row.fault(f"{account} has {rep} twice.")
            elif row.text(cell):
                found[account, rep] = row.number(cell, least=0.0 if column == "load" else -np.inf)
    return found, accounts, reps


def _filled(numbers: dict[tuple[str, str], float], accounts: dict[str, Row], reps: dict[str, Row]) -> Floats:
    """(accounts, reps), NaN where there is no number."""
    return np.array([[numbers.get((account, rep), np.nan) for rep in reps] for account in accounts])


def _check_loads(
    taken: Floats, costs: Floats, accounts: dict[str, Row], reps: dict[str, Row], name: str
) -> None:
    faults, names, people = Faults(), list(accounts), list(reps)
    for account, rep in zip(*np.nonzero(np.isnan(taken) & ~np.isnan(costs)), strict=True):
        faults.sentences.append(f"{name}: {names[account]} has a cost with {people[rep]}, but no load.")
    faults.raise_any()


def _capacities(table: Table, reps: dict[str, Row]) -> Floats:
    table.need("rep", "capacity")
    rows = table.keyed("rep")
    for name, row in rows.items():
        if name not in reps:
            row.fault(f"the rep {name} is not among the reps.")
    missing = [name for name in reps if name not in rows]
    if missing:
        table.faults.sentences.append(f"{table.name}: the rep {missing[0]} has no capacity.")
        table.faults.raise_any()
    return np.array([rows[name].number("capacity", least=0.0) for name in reps])
