"""Late changes: what a closed month would pay today, less what was paid for it, line by line.

What was paid for a month are the lines of its own run and the deltas of later closed runs. So after a run is
closed, all lines about a month add up to what a straight calculation gives, and the next run finds nothing.
"""

import datetime as dt
from collections.abc import Collection

import pandas as pd
from django.db import connection

from compensation.engine.exact import PARTS, TICKS
from compensation.engine.lines import Kind
from compensation.models import CLOSED
from compensation.pipeline.run_lines import COLUMNS, KEY, MEASURES, WHOLE

CODES = {kind.name.lower(): int(kind) for kind in Kind}
WORDS = {int(kind): kind.name.lower() for kind in Kind}
PAID = f"""
    SELECT s.rep_id, s.currency_id, p.version_id, p.component,
        (EXTRACT(YEAR FROM l.month) * 12 + EXTRACT(MONTH FROM l.month) - 1)::int,
        COALESCE(l.credit_id, 0), l.kind, COALESCE(l.tier, 0) - 1,
        (SUM(l.amount) * {TICKS})::bigint, (SUM(l.pay) * {TICKS})::bigint, (MAX(l.rate) * {PARTS})::bigint
    FROM compensation_payline l
    JOIN compensation_statementpart p ON p.id = l.part_id
    JOIN compensation_statement s ON s.id = l.statement_id
    JOIN compensation_payrun r ON r.id = s.run_id
    WHERE r.state = ANY(%s) AND r.month < %s AND l.month = ANY(%s)
        AND (%s::bigint[] IS NULL OR s.rep_id = ANY(%s))
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""  # noqa: S608 - the names are ours


def paid_for(
    months: Collection[dt.date], before: dt.date, reps: Collection[int] | None = None
) -> pd.DataFrame:
    """All that closed runs of months before `before` paid for some months, a row for each KEY."""
    chosen = None if reps is None else list(reps)
    with connection.cursor() as cursor:
        cursor.execute(PAID, [list(CLOSED), before, list(months), chosen, chosen])
        found = pd.DataFrame(cursor.fetchall(), columns=COLUMNS)
    found["kind"] = found["kind"].map(CODES).astype("int64")
    return found


def deltas(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """The rows (COLUMNS) that turn `before` into `now`: those whose pay differs. `rate` is that of now, or
    the one that was paid where nothing is paid any more."""
    was, becomes = _by_key(before), _by_key(now)
    keys = was.index.union(becomes.index)
    difference = becomes[MEASURES].reindex(keys, fill_value=0) - was[MEASURES].reindex(keys, fill_value=0)
    difference["rate"] = becomes["rate"].combine_first(was["rate"]).reindex(keys)
    changed = difference[difference["pay"] != 0].reset_index()
    return changed[COLUMNS].astype(WHOLE)


def _by_key(lines: pd.DataFrame) -> pd.DataFrame:
    """Pay and amount summed by KEY. Nothing paid is the same as no row."""
    if not len(lines):
        index = pd.MultiIndex.from_tuples([], names=KEY)
        return pd.DataFrame(columns=[*MEASURES, "rate"], index=index, dtype="int64")
    found = lines.groupby(KEY, sort=False).agg({"amount": "sum", "pay": "sum", "rate": "max"})
    return found[found["pay"] != 0]
