"""Cohorts: of the deals created in a month, how many were won how many months later."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, DateField, QuerySet, Sum
from django.db.models.functions import TruncMonth

from catalog.engine.months import months_apart, months_between
from crm.models import Deal, StageKind
from crm.selectors.pipeline_deals import AMOUNT, bare


@dataclass(frozen=True)
class Cohort:
    """The deals created in a month: how many, their money (base currency), and what became of them.

    `won_by` and `won_amount_by` say, for each whole month after creation, how many (how much) had been
    won until then; they end with the present month.
    """

    month: dt.date
    created: int
    amount: Decimal
    won: int
    won_amount: Decimal
    lost: int
    won_by: list[int]
    won_amount_by: list[Decimal]

    @property
    def open(self) -> int:
        """How many are neither won nor lost yet."""
        return self.created - self.won - self.lost

    def share_by(self, months: int) -> float | None:
        """The share of its deals won so many months after creation; None while that is to come."""
        if months >= len(self.won_by) or not self.created:
            return None
        return self.won_by[months] / self.created


def cohorts(deals: QuerySet[Deal], first: dt.date, last: dt.date) -> list[Cohort]:
    """The cohorts of the pipeline deals created from the month `first` to the month `last`, which is
    the present one. One query."""
    rows = bare(deals.filter(created__gte=first))
    sums = (
        rows.annotate(
            month=TruncMonth("created", output_field=DateField()),
            ended=TruncMonth("closed", output_field=DateField()),
        )
        .values("month", "stage__kind", "ended")
        .annotate(deals=Count("pk"), money=Sum(AMOUNT))
    )
    found: dict[dt.date, list[Any]] = {month: [] for month in months_between(first, last)}
    for row in sums:
        if row["month"] in found:
            found[row["month"]].append(row)
    return [_cohort(month, rows, last) for month, rows in found.items()]


def _cohort(month: dt.date, rows: list[dict[str, Any]], last: dt.date) -> Cohort:
    won = [row for row in rows if row["stage__kind"] == StageKind.WON]
    ages = range(months_apart(month, last) + 1)
    return Cohort(
        month=month,
        created=_deals(rows),
        amount=_money(rows),
        won=_deals(won),
        won_amount=_money(won),
        lost=_deals(row for row in rows if row["stage__kind"] == StageKind.LOST),
        won_by=[_deals(_until(won, month, age)) for age in ages],
        won_amount_by=[_money(_until(won, month, age)) for age in ages],
    )


def _until(won: list[dict[str, Any]], month: dt.date, age: int) -> list[dict[str, Any]]:
    """Those won in the months up to this age; a deal without a day of closing was won at once."""
    return [row for row in won if months_apart(month, row["ended"] or month) <= age]


def _deals(rows: Iterable[dict[str, Any]]) -> int:
    return sum(row["deals"] for row in rows)


def _money(rows: Iterable[dict[str, Any]]) -> Decimal:
    return sum((row["money"] for row in rows), Decimal(0))
