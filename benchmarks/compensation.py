"""Pay of a million credits: 1,000 people, twelve months, four components.

The yardstick is reading as many credits from PostgreSQL into a frame, in the same run: pay may take six times
as long. Part of it is COPY into a table of the same columns, which is not counted.
"""

import datetime as dt
import io
import resource
import time
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from django.db import connection

from benchmarks.pay_plan import four_components
from compensation.engine.book import NOBODY, Book, Credits, People, Words
from compensation.engine.calculation import calculate
from compensation.engine.exact import TICKS
from compensation.engine.plan import Plan
from compensation.engine.plan_reading import plan_from
from compensation.engine.statements import statements

CREDITS, PEOPLE, MONTHS = 1_000_000, 1_000, 12
MOST_TIMES, MOST_GIB, MOST_ALONE = 6.0, 1.5, 0.3
PLAN = four_components("kind")


def run() -> dict[str, Any]:
    """Seconds of reading and of paying, their ratio, memory, and one person alone."""
    frame = _frame()
    read = _reading(frame)
    plan, book = plan_from(PLAN), _book(frame)
    begun = time.perf_counter()
    calculation = calculate(plan, book)
    sheets = statements(calculation)
    paid = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    alone = _alone(plan, frame[frame.person == 0])
    return {
        "credits": CREDITS,
        "lines": len(calculation.lines),
        "statements": len(sheets),
        "reading_seconds": read,
        "paying_seconds": paid,
        "times_reading": paid / read,
        "peak_gib": peak,
        "one_person_seconds": alone,
        "passes": paid / read <= MOST_TIMES and peak <= MOST_GIB and alone <= MOST_ALONE,
    }


def _frame() -> pd.DataFrame:
    chance = np.random.default_rng(7)
    day = np.sort(chance.integers(0, 365, CREDITS))
    first = dt.date(2026, 1, 1).toordinal()
    months = np.array([dt.date.fromordinal(first + one).month - 1 for one in range(365)])
    return pd.DataFrame(
        {
            "deal": np.arange(CREDITS),
            "person": chance.integers(0, PEOPLE, CREDITS),
            "day": first + day,
            "month": months[day],
            "amount": chance.integers(100 * TICKS, 5000 * TICKS, CREDITS) / TICKS,
            "kind": chance.choice(["new", "more", "again"], CREDITS),
        }
    )


def _reading(frame: pd.DataFrame) -> float:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE credit "
            "(deal int, person int, day int, month int, amount numeric(18,4), kind text)"
        )
        text = io.StringIO(frame.to_csv(index=False, header=False))
        cursor.copy_expert("COPY credit FROM STDIN WITH CSV", text)
        begun = time.perf_counter()
        cursor.execute("SELECT * FROM credit ORDER BY deal")
        read = pd.DataFrame(cursor.fetchall(), columns=frame.columns)
        seconds = time.perf_counter() - begun
        cursor.execute("DROP TABLE credit")
    if len(read) != len(frame):
        raise AssertionError("Not all credits were read.")
    return seconds


def _book(frame: pd.DataFrame, people: int = PEOPLE) -> Book:
    kinds = pd.Categorical(frame.kind)
    none = np.zeros(len(frame), np.int64)
    credits = Credits(
        person=frame.person.to_numpy(),
        deal=np.arange(len(frame)),
        day=frame.day.to_numpy(),
        month=frame.month.to_numpy(),
        amounts={"amount": np.rint(frame.amount.to_numpy() * TICKS).astype(np.int64)},
        words={
            "kind": Words(kinds.codes.astype(np.int64), tuple(kinds.categories)),
            "role": Words(none, ("",)),
        },
        reverses=np.full(len(frame), NOBODY),
        deals=tuple(f"d{deal:07d}" for deal in frame.deal),
    )
    crew = People(
        ids=tuple(f"p{place}" for place in range(people)),
        team=tuple(f"t{place % 50}" for place in range(people)),
        role=("",) * people,
        manager=np.full(people, NOBODY),
        target=np.full((people, MONTHS), Fraction(40000, MONTHS), dtype=object),
        here=np.ones((people, MONTHS), bool),
    )
    quota = np.full((people, MONTHS), 200_000 * TICKS)
    return Book(credits, crew, MONTHS, {"quota": quota, "team": 20 * quota})


def _alone(plan: Plan, frame: pd.DataFrame) -> float:
    book = _book(frame, 1)
    begun = time.perf_counter()
    statements(calculate(plan, book))
    return time.perf_counter() - begun
