"""RATES.csv → what other money is worth in a plan's currency, month by month (docs/files.md)."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from compensation.engine.exact import TICKS
from compensation.engine.plan import Plan, RatesOf
from compensation.pipeline.deal_cells import decimal_of, said_day
from territories.pipeline.tables import BadTable, Row, Table

MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])(?:-\d{2})?")
MONEY = ("amount", "margin")
PIECES = frozenset({"units", "quantity"})
TICK = Decimal(1) / TICKS


@dataclass(frozen=True)
class Exchange:
    """Rates by (currency, first day of a month), and the columns of the deals that are money."""

    plan: Plan
    rates: dict[tuple[str, dt.date], Decimal]
    money: frozenset[str]

    def exchanged(self, rows: Sequence[Row], numbers: list[dict[str, Decimal]]) -> list[dict[str, Decimal]]:
        """The numbers of each row with its money in the plan's currency, to four places. Notes a fault for
        every row whose month has no rate."""
        days = _days(rows)
        return [self._exchanged(row, days, one) for row, one in zip(rows, numbers, strict=True)]

    def _exchanged(
        self, row: Row, days: dict[str, dt.date | None], numbers: dict[str, Decimal]
    ) -> dict[str, Decimal]:
        currency = self._other(row)
        if not currency:
            return numbers
        day = days.get(row.text("reverses")) or said_day(row, "day")
        rate, own = self._rates(row, currency, self._month(day)) if day else (Decimal(1), Decimal(1))
        return {
            name: (number * rate / own).quantize(TICK, ROUND_HALF_UP) if name in self.money else number
            for name, number in numbers.items()
        }

    def _other(self, row: Row) -> str:
        """The currency of a row, empty where it is the plan's."""
        currency = row.text("currency").upper()
        return "" if currency == self.plan.currency.upper() else currency

    def _month(self, day: dt.date) -> dt.date:
        """The month of the day, or that with which its year of the plan begins."""
        if self.plan.rates is RatesOf.DEAL:
            return day.replace(day=1)
        begins = self.plan.year_begins
        return dt.date(day.year - (day.month < begins), begins, 1)

    def _rates(self, row: Row, currency: str, month: dt.date) -> tuple[Decimal, Decimal]:
        """What a unit of a currency and of the plan's is worth; the plan's is 1 where it has no rate."""
        rate, own = (self.rates.get((one, month)) for one in (currency, self.plan.currency.upper()))
        if rate is None:
            row.fault(f"there is no rate of {currency} for {month:%Y-%m}. Add it to the rates.")
        return rate or Decimal(1), own or Decimal(1)

    def notes(self, rows: Iterable[Row], columns: Iterable[str]) -> list[str]:
        """A sentence about columns that were not exchanged although rows are in other money."""
        left = sorted({*columns} - self.money - PIECES)
        if not left or not any(self._other(row) for row in rows):
            return []
        return [f"Not exchanged: {', '.join(left)}. Name by --money what of it is money."]


def _days(rows: Sequence[Row]) -> dict[str, dt.date | None]:
    """The day of each deal: what takes it back counts at its rate."""
    return {row.text("deal"): said_day(row, "day") for row in rows if not row.text("reverses")}


def read_rates(table: Table, plan: Plan, money: Sequence[str] = ()) -> Exchange:
    """The rates. Notes a fault for every bad row; raises BadTable for a plan without a currency, and for
    columns of money that it does not count."""
    table.need("currency", "month", "rate")
    if not plan.currency:
        raise BadTable(f"{table.name}: the plan names no currency to exchange into. Write currency: EUR.")
    known = {*MONEY, *(name for component in plan.components for name in component.measure.columns)}
    for name in money:
        if name not in known:
            raise BadTable(f"--money: the plan does not count “{name}”. Known: {', '.join(sorted(known))}.")
    found: dict[tuple[str, dt.date], Decimal] = {}
    for row in table.rows:
        currency, month = row.text("currency").upper(), _month_of(row)
        rate = decimal_of(row, "rate")
        if not currency:
            row.fault("currency is empty.")
        if rate <= 0:
            row.fault(f"rate is “{row.text('rate')}”; it must be more than 0.")
        if (currency, month) in found:
            row.fault(f"the rate of {currency} for {row.text('month')} stands there twice. Keep one of them.")
        found[currency, month] = rate if rate > 0 else Decimal(1)
    return Exchange(plan, found, frozenset({*MONEY, *money}))


def _month_of(row: Row) -> dt.date:
    said = MONTH.fullmatch(row.text("month"))
    if not said or not int(said[1]):
        row.fault(f"month is “{row.text('month')}”; write 2026-03.")
        return dt.date(2000, 1, 1)
    return dt.date(int(said[1]), int(said[2]), 1)
