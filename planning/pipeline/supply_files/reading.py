"""The files of a supply problem → the problem."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from planning.engine.supply import Problem, Products, Resources
from planning.engine.supply.problem import Floats
from planning.pipeline.supply_files.tables import Column, Row, Table, read_table, text

PRODUCT = text("product", required=True)
RESOURCE = text("resource", required=True)
MONTH = text("month", required=True)
SITE = text("site")
# An empty cost forbids what it is the cost of; an empty limit does not limit.
FILES: dict[str, tuple[tuple[Column, ...], bool]] = {
    "products.csv": (
        (
            PRODUCT,
            SITE,
            Column("price"),
            Column("make_cost", empty=None),
            Column("buy_cost", empty=None),
            Column("buy_limit", empty=None),
            Column("holding_cost"),
            Column("backlog_cost", empty=None),
            Column("lost_cost", empty=None),
            Column("short_cost"),
            Column("opening_stock"),
            Column("opening_backlog"),
            Column("ending_stock"),
            Column("ending_backlog"),
            Column("ending_value"),
        ),
        True,
    ),
    "demand.csv": ((PRODUCT, SITE, MONTH, Column("quantity", required=True)), True),
    "resources.csv": (
        (
            RESOURCE,
            Column("regular"),
            Column("overtime"),
            Column("regular_cost"),
            Column("overtime_cost"),
            Column("workers"),
            Column("hours_per_worker"),
            Column("overtime_per_worker"),
            Column("worker_cost"),
            Column("hire_cost"),
            Column("layoff_cost"),
        ),
        False,
    ),
    "use.csv": ((PRODUCT, SITE, RESOURCE, Column("per_unit", empty=1.0)), False),
    "capacity.csv": ((RESOURCE, MONTH, Column("regular"), Column("overtime")), False),
    "targets.csv": ((PRODUCT, SITE, text("month"), Column("stock", required=True)), False),
    "make.csv": ((PRODUCT, SITE, MONTH, Column("quantity", required=True)), False),
}
COSTS = (
    *("buy_cost", "buy_limit", "holding_cost", "backlog_cost", "lost_cost", "short_cost"),
    *("opening_stock", "opening_backlog", "ending_stock", "ending_backlog", "ending_value"),
)
RATES = (
    *("regular_cost", "overtime_cost", "hours_per_worker", "overtime_per_worker"),
    *("worker_cost", "hire_cost", "layoff_cost"),
)


class BadFiles(Exception):
    """The files cannot be a problem: one sentence for each mistake."""

    def __init__(self, mistakes: list[str]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(mistakes))


@dataclass(frozen=True)
class Task:
    """A problem from files; prices for the revenue, and what is to be made where a plan is given."""

    problem: Problem
    price: Floats
    make: Floats | None


def read_problem(folder: Path) -> Task:
    """Read every file of the folder. Raises BadFiles with every mistake at once."""
    if not folder.is_dir():
        raise BadFiles([f"There is no folder {folder}."])
    tables = {
        name: read_table(folder, name, columns, required=required)
        for name, (columns, required) in FILES.items()
    }
    strange = sorted(path.name for path in folder.glob("*.csv") if path.name not in FILES)
    mistakes = [
        f"{name} is not a file of a supply problem. Known are {', '.join(FILES)}." for name in strange
    ]
    reader = _Reader(tables)
    mistakes += [mistake for table in tables.values() for mistake in table.mistakes]
    if mistakes:
        raise BadFiles(mistakes)
    return reader.task()


class _Reader:
    """Places rows in arrays. Names that no other file knows are mistakes of the table they stand in."""

    def __init__(self, tables: dict[str, Table]) -> None:
        self.tables = tables
        self.items = _places(tables["products.csv"], _item)
        self.resources = _places(tables["resources.csv"], lambda row: row.text("resource"))
        self.months = _months(tables["demand.csv"])
        shape = (len(self.items), len(self.months))
        self.demand = self._filled("demand.csv", "quantity", shape)
        self.make = self._filled("make.csv", "quantity", shape)
        self.target = self._targets(shape)
        self.use = self._use()
        self.regular, self.overtime = (self._capacity(name) for name in ("regular", "overtime"))

    def task(self) -> Task:
        problem = Problem(
            months=tuple(self.months),
            products=self._products(),
            resources=self._resources(),
            demand=self.demand,
            target_stock=self.target,
            use=self.use,
        )
        given = self.tables["make.csv"].is_there
        return Task(problem, self._column("products.csv", "price"), self.make if given else None)

    def _filled(self, name: str, column: str, shape: tuple[int, int]) -> Floats:
        filled, seen = np.zeros(shape), set()
        for row in self.tables[name]:
            cell = self._cell(name, row)
            if cell is None:
                continue
            if cell in seen:
                self.tables[name].wrong(row, f"“{_item(row)}” has {row.text('month')} already. Keep one row.")
            seen.add(cell)
            filled[cell] = row.number(column)
        return filled

    def _cell(self, name: str, row: Row) -> tuple[int, int] | None:
        item = self._known(name, row, _item(row), self.items, "products.csv")
        month = self._known(name, row, row.text("month"), self.months, "demand.csv")
        return None if item is None or month is None else (item, month)

    def _known(self, name: str, row: Row, key: str, places: dict[str, int], where: str) -> int | None:
        if key not in places and (places or where == "products.csv"):
            self.tables[name].wrong(row, f"“{key}” is not in {where}.")
        return places.get(key)

    def _targets(self, shape: tuple[int, int]) -> Floats:
        target = np.zeros(shape)
        for row in self.tables["targets.csv"]:
            item = self._known("targets.csv", row, _item(row), self.items, "products.csv")
            every = not row.text("month")
            month = None if every else self._cell("targets.csv", row)
            if item is not None and every:
                target[item] = row.number("stock")
            elif month is not None:
                target[month] = row.number("stock")
        return target

    def _use(self) -> Floats:
        use = np.zeros((len(self.resources), len(self.items)))
        for row in self.tables["use.csv"]:
            item = self._known("use.csv", row, _item(row), self.items, "products.csv")
            resource = self.resources.get(row.text("resource"))
            if resource is None:
                self.tables["use.csv"].wrong(row, f"“{row.text('resource')}” is not in resources.csv.")
            elif item is not None:
                use[resource, item] = row.number("per_unit")
        return use

    def _capacity(self, name: str) -> Floats:
        capacity = np.repeat(self._column("resources.csv", name)[:, None], len(self.months), axis=1)
        for row in self.tables["capacity.csv"]:
            resource = self.resources.get(row.text("resource"))
            month = self.months.get(row.text("month"))
            if resource is None or month is None:
                self._wrong_capacity(row, resource is None, name)
            else:
                capacity[resource, month] = row.number(name)
        return capacity

    def _wrong_capacity(self, row: Row, no_resource: bool, name: str) -> None:
        if name == "regular":  # once, not for each of the two columns
            missing = ("resource", "resources.csv") if no_resource else ("month", "demand.csv")
            self.tables["capacity.csv"].wrong(row, f"“{row.text(missing[0])}” is not in {missing[1]}.")

    def _products(self) -> Products:
        columns = {name: self._column("products.csv", name) for name in COSTS}
        make = self._column("products.csv", "make_cost")
        used = (self.use > 0).any(axis=0) if len(self.use) else np.zeros(len(make), dtype=bool)
        given = self.make.any(axis=1)
        make = np.where(np.isinf(make) & (used | given), 0.0, make)
        return Products(ids=tuple(self.items), make_cost=make, **columns)

    def _resources(self) -> Resources:
        columns = {name: self._column("resources.csv", name) for name in RATES}
        workers = self._column("resources.csv", "workers")
        return Resources(
            ids=tuple(self.resources),
            regular=self.regular,
            overtime=self.overtime,
            opening_workers=workers,
            **columns,
        )

    def _column(self, table: str, name: str) -> Floats:
        return np.array([row.number(name) for row in self.tables[table]], dtype=float)


def _item(row: Row) -> str:
    site = row.text("site")
    return f"{row.text('product')}@{site}" if site else row.text("product")


def _places(table: Table, key: object) -> dict[str, int]:
    places: dict[str, int] = {}
    for row in table:
        name = key(row)  # type: ignore[operator]
        if name in places:
            table.wrong(row, f"“{name}” stands there twice. Keep one row.")
        places.setdefault(name, len(places))
    return places


def _months(table: Table) -> dict[str, int]:
    """Months in order: by number or date where they are such (3, 2027-03), else as they come first."""
    names = list(dict.fromkeys(row.text("month") for row in table))
    return {name: place for place, name in enumerate(_in_order(names))}


def _in_order(names: Iterable[str]) -> list[str]:
    names = list(names)
    if all(name.isdigit() for name in names):
        return sorted(names, key=int)
    if all(len(name) >= 7 and name[:4].isdigit() and name[4] == "-" for name in names):
        return sorted(names)
    return names
