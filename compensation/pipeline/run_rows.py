"""A month's pay into the tables of a run: statements, parts, lines, held pay and adjustments by COPY, and the
check in SQL that they add up.

They are inserted while the run is calculating, in one transaction with its end: nobody sees half of them.
"""

import datetime as dt
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from django.db import connection, models

from compensation.engine.exact import PARTS, TICKS, Ints, from_ticks
from compensation.engine.shares import Counts
from compensation.models import (
    CountedCredits,
    HeldPay,
    PayLine,
    PayRun,
    PlanVersion,
    Statement,
    StatementAdjustment,
    StatementPart,
)
from compensation.pipeline.run_deltas import WORDS
from compensation.pipeline.run_draws import SheetKey
from compensation.pipeline.run_lines import month_of, sums_by
from compensation.pipeline.run_parts import PartKey, PartRow
from compensation.pipeline.run_sheets import MonthPay, Sheet
from core.errors import Reason, Refused

BLOCK = 100_000
NOTHING = Decimal(0)
PART_FIELDS = [one.name for one in fields(PartRow)]
LINE_COLUMNS = [
    *("statement_id", "part_id", "month", "kind", "credit_id", "deal_id", "objective", "tier"),
    *("amount", "rate", "pay", "is_delta", "counted_id"),
]
ADDS_UP = """
    SELECT count(*) FROM compensation_statement s
    LEFT JOIN LATERAL (SELECT COALESCE(sum(pay) FILTER (WHERE NOT is_delta), 0) AS own,
        COALESCE(sum(pay) FILTER (WHERE is_delta), 0) AS late
        FROM compensation_payline WHERE statement_id = s.id) l ON true
    LEFT JOIN LATERAL (SELECT COALESCE(sum(earned), 0) AS own, COALESCE(sum(deltas), 0) AS late
        FROM compensation_statementpart WHERE statement_id = s.id) p ON true
    LEFT JOIN LATERAL (SELECT COALESCE(sum(amount), 0) AS total
        FROM compensation_statementadjustment WHERE statement_id = s.id) a ON true
    LEFT JOIN LATERAL (SELECT COALESCE(sum(amount) FILTER (WHERE amount > 0), 0) AS kept,
        COALESCE(-sum(amount) FILTER (WHERE amount < 0), 0) AS let_go
        FROM compensation_heldpay WHERE statement_id = s.id) h ON true
    WHERE s.run_id = %s AND (s.earned, s.earned, s.deltas, s.deltas, s.adjustments, s.held, s.released)
        IS DISTINCT FROM (l.own, p.own, l.late, p.late, a.total, h.kept, h.let_go)
"""
PARTS_ADD_UP = """
    SELECT count(*) FROM compensation_statementpart p JOIN compensation_statement s ON s.id = p.statement_id
    LEFT JOIN LATERAL (SELECT COALESCE(sum(pay) FILTER (WHERE NOT is_delta), 0) AS own,
        COALESCE(sum(pay) FILTER (WHERE is_delta), 0) AS late
        FROM compensation_payline WHERE part_id = p.id) l ON true
    WHERE s.run_id = %s AND (p.earned, p.deltas) IS DISTINCT FROM (l.own, l.late)
"""
SHARES_ADD_UP = """
    SELECT count(*) FROM compensation_countedcredits c
    LEFT JOIN (SELECT l.counted_id AS id, sum(l.pay) AS pay FROM compensation_payline l
        JOIN compensation_statement s ON s.id = l.statement_id
        WHERE s.run_id = %s AND l.counted_id IS NOT NULL GROUP BY 1) l ON l.id = c.id
    WHERE c.run_id = %s AND l.pay IS DISTINCT FROM (SELECT sum(one) FROM unnest(c.pay) one)
"""
SUMS = ("earned", "deltas", "adjustments", "advanced", "kept_back", "forgiven", "held", "released", "pay")


def store_rows(run: PayRun, found: MonthPay) -> dict[str, Any]:
    """Insert everything. Gives the totals by currency. Raises Refused where they do not add up."""
    statements = dict(zip(found.sheets, _ids(Statement, len(found.sheets)), strict=True))
    parts = dict(zip(found.parts, _ids(StatementPart, len(found.parts)), strict=True))
    _copy(Statement, [*_sheet_columns()], _sheets(run, found, statements))
    columns = ["id", "statement_id", "version_id", "component", "earned", "deltas", *PART_FIELDS]
    _copy(StatementPart, columns, _parts(found, statements, parts))
    counted = _counted(run, found)
    lines = _lines(found, statements, parts).assign(counted_id=counted)
    for first in range(0, len(lines), BLOCK):
        _copy_table(PayLine, LINE_COLUMNS, lines.iloc[first : first + BLOCK])
    held = ((statements[one.key], one.hold, one.deal, one.amount) for one in found.held)
    _copy(HeldPay, ["statement_id", "hold_id", "deal_id", "amount"], held)
    by_hand = ((statements[(row.rep_id, row.currency_id)], row.pk, row.amount) for row in found.adjustments)
    _copy(StatementAdjustment, ["statement_id", "adjustment_id", "amount"], by_hand)
    check(run)
    return totals_of(found.sheets.values())


def check(run: PayRun) -> None:
    """Lines are parts are statements, to the cent; raises Refused otherwise, and then nothing is kept."""
    wrong = 0
    with connection.cursor() as cursor:
        for sql in (ADDS_UP, PARTS_ADD_UP, SHARES_ADD_UP):
            cursor.execute(sql, [run.pk] * sql.count("%s"))
            wrong += cursor.fetchone()[0]
    if wrong:
        text = f"{wrong} statements of {run} do not add up to the cent, so it was thrown away. Report this."
        raise Refused(Reason(text, "does_not_add_up"))


def totals_of(sheets: Iterable[Sheet]) -> dict[str, Any]:
    """The sums of statements by currency, as text, and how many people they are of."""
    found: dict[str, dict[str, Any]] = {}
    for sheet in sheets:
        sums = found.setdefault(sheet.currency, dict.fromkeys((*SUMS, "owed"), NOTHING) | {"statements": 0})
        for name, amount in _amounts(sheet).items():
            sums[name] += amount
        sums["statements"] += 1
    return {
        code: {
            name: format(amount, "f") if isinstance(amount, Decimal) else amount
            for name, amount in sums.items()
        }
        for code, sums in found.items()
    }


def _amounts(sheet: Sheet) -> dict[str, Decimal]:
    step = sheet.step
    own = {
        name: getattr(sheet, name) for name in ("earned", "deltas", "adjustments", "held", "released", "pay")
    }
    drawn = {name: getattr(step, name) for name in ("advanced", "kept_back", "forgiven")}
    return own | drawn | {"owed": step.balance}


def _sheet_columns() -> tuple[str, ...]:
    return ("id", "run_id", "rep_id", "currency_id", *SUMS, "owed", "draw_step")


def _sheets(run: PayRun, found: MonthPay, ids: dict[SheetKey, int]) -> Iterator[tuple[Any, ...]]:
    for key, sheet in found.sheets.items():
        amounts = _amounts(sheet)
        yield (ids[key], run.pk, *key, *(amounts[name] for name in (*SUMS, "owed")), json.dumps(sheet.draw))


def _parts(
    found: MonthPay, statements: dict[SheetKey, int], ids: dict[PartKey, int]
) -> Iterator[tuple[Any, ...]]:
    own, late = (
        _by_part(found.lines[found.lines["is_delta"].astype(bool) == late]) for late in (False, True)
    )
    for key, row in found.parts.items():
        said = asdict(row) | {name: json.dumps(getattr(row, name)) for name in ("derivation", "factors")}
        yield (
            ids[key],
            statements[(key[0], key[1])],
            key[2],
            key[3],
            own.get(key, NOTHING),
            late.get(key, NOTHING),
            *(said[name] for name in PART_FIELDS),
        )


def _by_part(lines: pd.DataFrame) -> dict[PartKey, Decimal]:
    sums = sums_by(lines, ["rep", "currency", "version", "component"])
    return {(key[0], key[1], key[2], key[3]): from_ticks(ticks) for key, ticks in sums.items()}


def _lines(found: MonthPay, statements: dict[SheetKey, int], parts: dict[PartKey, int]) -> pd.DataFrame:
    """The columns of PayLine as text, in the order of the lines."""
    lines = found.lines
    if not len(lines):
        return pd.DataFrame(columns=LINE_COLUMNS)
    keys = list(lines[["rep", "currency", "version", "component"]].itertuples(index=False, name=None))
    months = {number: month_of(int(number)).isoformat() for number in lines["month"].unique()}
    return pd.DataFrame(
        {
            "statement_id": [statements[key[:2]] for key in keys],
            "part_id": [parts[key] for key in keys],
            "month": lines["month"].map(months),
            "kind": lines["kind"].map(WORDS),
            "credit_id": _or_null(lines["credit"]),
            "deal_id": _or_null(lines["deal"]),
            "objective": _objectives(lines),
            "tier": _or_null(lines["tier"] + 1),
            "amount": _decimals(lines["amount"], TICKS),
            "rate": _decimals(lines["rate"], PARTS),
            "pay": _decimals(lines["pay"], TICKS),
            "is_delta": np.where(lines["is_delta"].astype(bool), "t", "f"),
        },
        columns=LINE_COLUMNS,
    )


def _counted(run: PayRun, found: MonthPay) -> list[str]:
    """Store what stands behind lines, once for all of the same counts; for each line its key as text."""
    kept: dict[object, list[int]] = {}
    for place, one in found.behind.items():
        kept.setdefault(id(one.counts) if one.pay is None else place, []).append(place)
    keys = ["\\N"] * len(found.lines)
    pay = found.lines["pay"].to_numpy()
    rows = []
    for key, places in zip(_ids(CountedCredits, len(kept)), kept.values(), strict=True):
        one = found.behind[places[0]]
        shared = np.sum([one.shares(int(pay[place])) for place in places], axis=0)
        rows.append((key, run.pk, found.lines.at[places[0], "currency"], *_arrays(one.counts, shared)))
        for place in places:
            keys[place] = str(key)
    _copy(CountedCredits, ["id", "run_id", "currency_id", "credits", "amounts", "pay"], rows)
    return keys


def _arrays(counts: Counts, pay: Ints) -> Iterator[str]:
    """Credits, amounts and pay as PostgreSQL writes arrays."""
    yield f"{{{','.join(map(str, counts.credits.tolist()))}}}"
    for column in (counts.amounts, pay):
        yield f"{{{','.join(f'{one}e-4' for one in column.tolist())}}}"


def _or_null(column: pd.Series) -> pd.Series:
    """Whole numbers as text, 0 as null."""
    return column.astype("int64").astype(str).where(column != 0, "\\N")


def _decimals(column: pd.Series, size: int) -> list[str]:
    """Whole parts as exact decimals: 123456 of 1/10,000 is 12.3456."""
    places = len(str(size)) - 1
    return [format(Decimal(int(one)).scaleb(-places), "f") for one in column]


def _objectives(lines: pd.DataFrame) -> list[str]:
    """The code of the objective that a scorecard's line is about: its number is the tier."""
    of_scores = lines["kind"].map(WORDS) == "objective"
    if not of_scores.any():
        return [""] * len(lines)
    terms = dict(
        PlanVersion.objects.filter(pk__in=lines.loc[of_scores, "version"].unique().tolist()).values_list(
            "pk", "terms"
        )
    )
    return [
        _objective(terms[version], code, tier) if scored else ""
        for scored, version, code, tier in zip(
            of_scores, lines["version"], lines["component"], lines["tier"], strict=True
        )
    ]


def _objective(terms: dict[str, Any], component: str, place: int) -> str:
    for one in terms.get("components", []):
        if one.get("code") == component and 0 <= place < len(one.get("objectives", [])):
            return str(one["objectives"][place].get("code", ""))[:60]
    return ""


def _ids(model: type[models.Model], count: int) -> list[int]:
    """New primary keys."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
        )
        return [row[0] for row in cursor.fetchall()]


def _copy(model: type[models.Model], columns: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Rows of Python values by COPY."""
    text = "".join("\t".join(map(_cell, row)) + "\n" for row in rows)
    _send(model, columns, text)


def _copy_table(model: type[models.Model], columns: list[str], table: pd.DataFrame) -> None:
    """Rows of columns that are text already."""
    rows = zip(*(table[name].astype(str) for name in columns), strict=True)
    _send(model, columns, "".join("\t".join(row) + "\n" for row in rows))


def _send(model: type[models.Model], columns: list[str], text: str) -> None:
    if not text:
        return
    listed = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(
            f'COPY "{model._meta.db_table}" ({listed}) FROM STDIN', io.BytesIO(text.encode())
        )


def _cell(value: Any) -> str:
    """A value as COPY's text format reads it (PostgreSQL, sql-copy, "Text Format")."""
    if value is None:
        return "\\N"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.date):
        return value.isoformat()
    text = str(value)
    for plain, escaped in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(plain, escaped)
    return text
