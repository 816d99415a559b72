"""What a quality rule is: one query that finds, one sentence that tells, one query behind it."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from catalog.engine.months import add_months
from core.formats import show
from gathering.models import Severity

Row = dict[str, Any]

# A line's money in base currency. The import refuses lines without a rate, so 1 is only reached for
# rates deleted since; the rule `missing_rate` reports those.
RATE = "CASE WHEN l.currency = %(base)s THEN 1 ELSE COALESCE(r.rate, 1) END"
RATE_JOIN = """
    LEFT JOIN catalog_monthrate r
      ON r.currency_id = l.currency AND r.month = date_trunc('month', l.day)::date"""


@dataclass(frozen=True)
class Behind:
    """The rows behind a finding: their columns (name, label, kind of core.formats) and their query."""

    columns: tuple[tuple[str, str, str], ...]
    sql: str
    marks_months: bool = False


@dataclass(frozen=True)
class Rule:
    """One rule. `find` answers rows with key, subject, money, rows and, where they apply, month,
    product_id, demand_unit_id, run_id and severity; `tell` makes the message of one of them.

    `mend` names where it is put right: imports, product, demand_unit, mappings, rates, sources,
    capacity or stock (gathering.views.quality turns it into an address).
    """

    code: str
    label: str
    severity: Severity
    dataset: str
    advice: str
    find: str
    tell: Callable[[Row], str]
    mend: str
    behind: Behind


def fetch(sql: str, params: dict[str, Any]) -> list[Row]:
    """Every row of a query, by column name."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def money(value: Any) -> str:
    """An amount as pages write it, without decimals: findings are about size."""
    return show(value, "quantity")[0]


def month(value: dt.date) -> str:
    """A month as findings write it: Sep 26."""
    return f"{value:%b %y}"


def count(number: int, noun: str) -> str:
    """1 line, 2 lines."""
    return f"{money(number)} {noun}{'' if number == 1 else 's'}"


def month_runs(months: Iterable[dt.date]) -> str:
    """Months in words, neighbours joined: Mar 24–May 24, Nov 24."""
    runs: list[list[dt.date]] = []
    for one in sorted(months):
        if runs and add_months(runs[-1][-1], 1) == one:
            runs[-1].append(one)
        else:
            runs.append([one])
    words = [month(run[0]) if len(run) == 1 else f"{month(run[0])}–{month(run[-1])}" for run in runs]
    shown = ", ".join(words[:6])
    return f"{shown} and {len(words) - 6} more" if len(words) > 6 else shown
