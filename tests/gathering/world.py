"""A small company with facts in it: what the tests of quality, sources, facts and notes start from."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count

import pytest
from django.utils import timezone
from psycopg2.extras import DateRange

from catalog.models import Cost, Currency, DemandUnit, Family, Market, Price, Product, Site, Unit
from core.models import Person
from gathering.models import DataSource, ImportRun, ImportState, QualityIssue, Sales, SalesLine

FOREVER = DateRange(dt.date(2000, 1, 1), None)


def month(number: int, first: dt.date = dt.date(2023, 1, 1)) -> dt.date:
    """The month that lies so many months after January 2023."""
    place = first.year * 12 + first.month - 1 + number
    return dt.date(place // 12, place % 12 + 1, 1)


@dataclass
class World:
    """Two families (Skis with Touring below), two markets (Alps with Tyrol below), three units."""

    skis: Family
    touring: Family
    alps: Market
    tyrol: Market
    north: Market
    piece: Unit
    euro: Currency
    ridge: Product
    slope: Product
    run: ImportRun
    site: Site
    _numbers: count = field(default_factory=lambda: count(1))

    def unit(self, product: Product, market: Market) -> DemandUnit:
        return DemandUnit.objects.get_or_create(product=product, market=market)[0]

    @property
    def ridge_tyrol(self) -> DemandUnit:
        return self.unit(self.ridge, self.tyrol)

    @property
    def slope_north(self) -> DemandUnit:
        return self.unit(self.slope, self.north)

    def product(self, code: str, **fields: object) -> Product:
        values = {"name": code.title(), "family": self.touring, "unit": self.piece} | fields
        return Product.objects.create(code=code, **values)

    def sell(self, unit: DemandUnit, when: dt.date, quantity: object = 10, price: object = 100) -> Sales:
        sold, each = Decimal(str(quantity)), Decimal(str(price))
        return Sales.objects.create(
            demand_unit=unit,
            month=when,
            quantity=sold,
            revenue=sold * each,
            cost=sold * 60,
            lines=5,
            run=self.run,
        )

    def history(self, unit: DemandUnit, months: int, level: Callable[[int], float] = lambda _: 10) -> None:
        Sales.objects.bulk_create(
            Sales(
                demand_unit=unit,
                month=month(i),
                quantity=Decimal(str(level(i))),
                revenue=Decimal(str(level(i))) * 100,
                cost=Decimal(str(level(i))) * 60,
                lines=5,
                run=self.run,
            )
            for i in range(months)
            if level(i)
        )

    def line(self, unit: DemandUnit, **fields: object) -> SalesLine:
        number = next(self._numbers)
        values = {
            "source": "file",
            "order_number": f"O{number}",
            "line": "1",
            "day": dt.date(2025, 3, 14),
            "quantity": Decimal(2),
            "unit_price": Decimal(50),
            "revenue": Decimal(100),
            "cost": Decimal(60),
            "currency": "EUR",
            "run": self.run,
            "row_number": number,
        }
        return SalesLine.objects.create(demand_unit=unit, **(values | fields))

    def source(self, owner: Person, **fields: object) -> DataSource:
        values = {"code": "erp-sales", "name": "ERP sales", "dataset": "sales", "due_workday": 2} | fields
        return DataSource.objects.create(owner=owner, **values)

    def new_run(self, dataset: str = "sales", **fields: object) -> ImportRun:
        number = next(self._numbers)
        values = {
            "file_name": f"file-{number}.csv",
            "fingerprint": f"f{number}",
            "state": ImportState.COMMITTED,
            "committed": timezone.now(),
            "rows_good": 3,
            "preview": {"totals": {"quantity": {"accepted": "30"}, "revenue": {"accepted": "3000.00"}}},
        }
        return ImportRun.objects.create(dataset=dataset, **(values | fields))

    def issue(self, **fields: object) -> QualityIssue:
        number = next(self._numbers)
        values = {
            "rule": "below_cost",
            "fingerprint": f"below_cost:{number}",
            "severity": "warning",
            "dataset": "sales",
            "subject": f"Ridge {number}",
            "message": "3 lines lost 120.",
            "advice": "Check the cost.",
            "money": Decimal(120),
            "last_seen": timezone.now(),
        }
        return QualityIssue.objects.create(**(values | fields))


@pytest.fixture
def world(db: None) -> World:
    skis = Family.objects.create(code="SKIS", name="Skis")
    touring = Family.objects.create(code="TOUR", name="Touring skis", parent=skis)
    alps = Market.objects.create(code="ALPS", name="Alps")
    tyrol = Market.objects.create(code="TYR", name="Tyrol", parent=alps, kind="country")
    north = Market.objects.create(code="NOR", name="North", kind="country")
    piece = Unit.objects.create(code="PC", name="Piece")
    euro = Currency.objects.create(code="EUR", name="Euro")
    ridge = Product.objects.create(code="RIDGE", name="Ridge 92", family=touring, unit=piece)
    slope = Product.objects.create(code="SLOPE", name="Slope 70", family=skis, unit=piece)
    for product in (ridge, slope):
        Price.objects.create(product=product, currency=euro, amount=100, valid=FOREVER)
        Cost.objects.create(product=product, currency=euro, amount=60, valid=FOREVER)
    run = ImportRun.objects.create(
        dataset="sales",
        file_name="sales.csv",
        fingerprint="first",
        state=ImportState.COMMITTED,
        committed=timezone.now(),
    )
    site = Site.objects.create(code="INN", name="Innsbruck", market=tyrol)
    world = World(skis, touring, alps, tyrol, north, piece, euro, ridge, slope, run, site)
    assert world.ridge_tyrol.pk != world.slope_north.pk
    return world
