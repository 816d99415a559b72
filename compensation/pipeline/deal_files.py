"""DEALS.csv → credits: who is credited with what (docs/files.md)."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from compensation.engine.book import NOBODY, Credits, Words
from compensation.engine.exact import TICKS
from compensation.engine.plan import Plan
from compensation.pipeline.deal_cells import day_of, decimal_of
from compensation.pipeline.rate_files import Exchange
from territories.engine.quotas.wholes import split
from territories.pipeline.tables import Row, Table

TICK = Decimal(1) / TICKS
PARTS = re.compile(r"\d{1,6}/[1-9]\d{0,5}")


@dataclass(frozen=True)
class Columns:
    """The columns of the deals that a plan looks at."""

    numbers: tuple[str, ...]
    words: tuple[str, ...]


def columns_of(plan: Plan) -> Columns:
    """What the plan counts, and what it asks about."""
    numbers = {name for component in plan.components for name in component.measure.columns}
    words = {condition.column for component in plan.components for condition in component.measure.where}
    words |= {component.by for component in plan.components if component.by}
    return Columns(tuple(sorted(numbers | {"amount"})), tuple(sorted(words | {"role"})))


@dataclass(frozen=True)
class DealRow:
    """A credit as a file says it. amounts: Decimals by column, already the person's share."""

    row: Row
    deal: str
    person: str
    day: dt.date
    amounts: dict[str, Decimal]
    words: dict[str, str]
    reverses: str


def read_deals(table: Table, plan: Plan, exchange: Exchange | None = None) -> list[DealRow]:
    """The credits. exchange: for money in another currency than the plan's, which is refused without. Notes a
    fault for every bad cell, and for splits that do not add up to 100 %."""
    columns = columns_of(plan)
    table.need("deal", "day", "person", *(name for name in columns.numbers if name != "amount"))
    table.need(*(name for name in columns.words if name != "role"))
    if any("amount" in component.measure.columns for component in plan.components):
        table.need("amount")
    if plan.currency and "currency" not in columns.words and exchange is None:
        _in_money_of(plan.currency, table)
    shares = [_share(row) for row in table.rows]
    numbers = [{name: decimal_of(row, name) for name in columns.numbers} for row in table.rows]
    split_up = _split_amounts(
        table.rows, shares, exchange.exchanged(table.rows, numbers) if exchange else numbers
    )
    return [
        DealRow(
            row=row,
            deal=_needed(row, "deal"),
            person=_needed(row, "person"),
            day=day_of(row, "day"),
            amounts=amounts,
            words={name: row.text(name) for name in columns.words},
            reverses=row.text("reverses"),
        )
        for row, amounts in zip(table.rows, split_up, strict=True)
    ]


def said_again(deals: Sequence[DealRow]) -> list[str]:
    """A note on rows that say just what another says: two parts of a deal, or one part that is paid twice."""
    seen: dict[tuple[str, ...], int] = {}
    lines = [
        (deal.row.line, seen.setdefault(tuple(deal.row.cells.values()), deal.row.line)) for deal in deals
    ]
    again = [(line, first) for line, first in lines if line != first]
    if not again:
        return []
    line, first = again[0]
    text = f"Deals that say what another row says: {len(again)}, the first in line {line} (see line {first})"
    return [f"{text}. All count: delete what is there twice."]


def _in_money_of(currency: str, table: Table) -> None:
    """Notes a fault for amounts in other money than the plan's: nobody said at which rate they count."""
    for row in table.rows:
        said = row.text("currency").upper()
        if said and said != currency.upper():
            row.fault(f"the amount is in {said} and the plan in {currency}. Exchange it, or add --rates.")


def _needed(row: Row, column: str) -> str:
    if not row.text(column):
        row.fault(f"{column} is empty.")
    return row.text(column)


def _share(row: Row) -> Fraction:
    """60%, 0.6 or 3/5; all of it for an empty cell."""
    if PARTS.fullmatch(row.text("share")):
        return Fraction(row.text("share"))
    return Fraction(decimal_of(row, "share", Decimal(1)))


def _split_amounts(
    rows: Sequence[Row], shares: Sequence[Fraction], numbers: Sequence[dict[str, Decimal]]
) -> list[dict[str, Decimal]]:
    """Each row's part of its deal's amounts: those of a split add up to the deal exactly."""
    groups: dict[tuple[str, str], list[int]] = {}
    for place, row in enumerate(rows):
        key = (
            (row.text("deal"), row.text("day"))
            if row.text("share") and not row.choice("extra")
            else ("", str(place))
        )
        groups.setdefault(key, []).append(place)
    found: list[dict[str, Decimal]] = [{} for _ in rows]
    for (deal, _), places in groups.items():
        together = sum((shares[place] for place in places), Fraction(0))
        if deal and together != 1:
            rows[places[0]].fault(
                f"the shares of the deal {deal} add up to {float(together * 100):.10g} %, not to 100 %. "
                "Write thirds as 1/3, and mark credits beside the split by extra: yes."
            )
        for column in numbers[places[0]]:
            whole = [numbers[place][column] for place in places]
            if deal and len(set(whole)) > 1:
                rows[places[0]].fault(
                    f"the rows of the split deal {deal} name different numbers in {column}."
                )
            parts = _parts(whole, [shares[place] for place in places])
            for place, part in zip(places, parts, strict=True):
                found[place][column] = part
    return found


def _parts(whole: list[Decimal], shares: list[Fraction]) -> list[Decimal]:
    if len(whole) == 1:
        return list(split(_portion(whole[0], shares[0]), {0: 1}, TICK).values())
    parts = split(whole[0], dict(enumerate(shares)), TICK)
    return [parts[place] for place in range(len(whole))]


def _portion(amount: Decimal, share: Fraction) -> Decimal:
    return (amount * share.numerator / share.denominator).quantize(TICK)


def credits_of(rows: list[DealRow], people: Sequence[str], first: dt.date, plan: Plan) -> Credits:
    """Columns from the rows. Notes a fault for a deal that takes back one that is not there."""
    place = {name: number for number, name in enumerate(people)}
    deals = sorted({row.deal for row in rows})
    number = {name: code for code, name in enumerate(deals)}
    columns = columns_of(plan)
    reverses = _reverses(rows)
    _returned(rows, reverses, sorted({one for each in plan.components for one in each.measure.columns}))
    return Credits(
        person=_ints(place[row.person] for row in rows),
        deal=_ints(number[row.deal] for row in rows),
        day=_ints(row.day.toordinal() for row in rows),
        month=_ints((row.day.year - first.year) * 12 + row.day.month - first.month for row in rows),
        amounts={name: _ints(int(row.amounts[name] * TICKS) for row in rows) for name in columns.numbers},
        words={name: _words([row.words[name] for row in rows]) for name in columns.words},
        reverses=reverses,
        deals=tuple(deals),
    )


def _ints(values: Iterable[int]) -> np.ndarray:
    return np.array(list(values), dtype=np.int64)


def _words(values: list[str]) -> Words:
    names = sorted(set(values))
    place = {name: number for number, name in enumerate(names)}
    return Words(_ints(place[value] for value in values), tuple(names))


def _reverses(rows: list[DealRow]) -> np.ndarray:
    """The place of the credit that each row takes back: the same person's, for the deal it names."""
    found = {(row.person, row.deal): place for place, row in enumerate(rows) if not row.reverses}
    places = []
    for row in rows:
        place = found.get((row.person, row.reverses), NOBODY) if row.reverses else NOBODY
        if row.reverses and place == NOBODY:
            row.row.fault(f"it takes back the deal {row.reverses}, which {row.person} has no credit for.")
        places.append(place)
    return _ints(places)


def _returned(rows: list[DealRow], reverses: np.ndarray, columns: list[str]) -> None:
    """Notes a fault for what is taken back before its deal, not as a negative number, or beyond the deal."""
    left = [dict(row.amounts) for row in rows]
    for place in np.flatnonzero(reverses != NOBODY).tolist():
        row, deal = rows[place], int(reverses[place])
        if row.day < rows[deal].day:
            row.row.fault(f"it takes back the deal {row.reverses} before the day of that deal.")
        for column in columns:
            left[deal][column] += row.amounts[column]
            if row.amounts[column] * rows[deal].amounts[column] > 0:
                row.row.fault(f"write the {column} that is taken back as a negative number.")
            elif left[deal][column] * rows[deal].amounts[column] < 0:
                row.row.fault(f"more {column} is taken back of the deal {row.reverses} than it had.")
