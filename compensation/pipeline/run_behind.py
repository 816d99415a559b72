"""What stands behind the lines of a month, its late changes among them.

A difference of a closed month has the differences of the shares: what each credit's would be today, less what
it was. Where two deals swap, a line stays as it is and its shares do not: then it has a difference of nothing
that moves the shares. What waits of a held deal, the costs of its contract and the trace of pay follow it.
"""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from django.db import connection

from compensation.engine.exact import TICKS
from compensation.engine.lines import Kind
from compensation.engine.shares import Counts, shares
from compensation.models import CLOSED, CountedCredits, PayLine
from compensation.pipeline.run_counted import Behind, CountsByKey, LineKey, counts_key
from compensation.pipeline.run_deltas import CODES
from compensation.pipeline.run_lines import KEY, month_of, no_lines, number_of
from compensation.selectors.line_shares import Shares, shares_of_line

WHOLE_PERIOD = """
    WITH lines AS (
        SELECT s.rep_id, s.currency_id, p.version_id, p.component,
            (EXTRACT(YEAR FROM l.month) * 12 + EXTRACT(MONTH FROM l.month) - 1)::int AS month, l.kind,
            COALESCE(l.tier, 0) - 1 AS tier, l.counted_id
        FROM compensation_payline l
        JOIN compensation_statementpart p ON p.id = l.part_id
        JOIN compensation_statement s ON s.id = l.statement_id
        JOIN compensation_payrun r ON r.id = s.run_id
        WHERE r.state = ANY(%(closed)s) AND r.month < %(before)s AND l.month = ANY(%(months)s)
            AND l.counted_id IS NOT NULL AND s.rep_id = ANY(%(reps)s)),
    kept AS (
        SELECT k.id, md5(k.credits::text || (SELECT array_agg((one * %(ticks)s)::bigint ORDER BY place)
            FROM unnest(k.amounts) WITH ORDINALITY AS a (one, place))::text) AS digest
        FROM compensation_countedcredits k WHERE k.id IN (SELECT counted_id FROM lines))
    SELECT rep_id, currency_id, version_id, component, month, kind, tier, array_agg(DISTINCT digest)
    FROM lines JOIN kept ON kept.id = counted_id GROUP BY 1, 2, 3, 4, 5, 6, 7
"""


def behind_lines(
    lines: pd.DataFrame, again: pd.DataFrame, counts: CountsByKey, before: dt.date
) -> dict[int, Behind]:
    """What stands behind each line of a month without a credit, by its place in the table. lines: COLUMNS
    with `is_delta`. again: what the closed months pay today. before: the month of the run."""
    rows = _about_periods(lines)
    keys = dict(zip(rows.index.tolist(), _keys(rows), strict=True))
    pays, deltas = rows["pay"].to_dict(), set(rows.index[rows["is_delta"].astype(bool)])
    late = {keys[place] for place in deltas}
    was, now = _shared_then(late, before), _shared_now(late, again, counts)
    found = dict[int, Behind]()
    for place, key in keys.items():
        of, own = counts.get(counts_key(key)), None
        if place in deltas:
            own = _difference(of, now.get(key, {}), was.get(key, {}), int(pays[place]))
        if own is not None or of is not None:
            found[place] = own or Behind(of)  # type: ignore[arg-type]
    return found


def moved(again: pd.DataFrame, changed: pd.DataFrame, counts: CountsByKey, before: dt.date) -> pd.DataFrame:
    """The lines (COLUMNS) of closed months that pay what they paid for other shares, as differences of
    nothing. again: what the closed months pay today. changed: the lines that differ."""
    rows = _about_periods(again).drop_duplicates(KEY)
    differ = set(_keys(changed))
    rows = rows[[key not in differ and counts_key(key) in counts for key in _keys(rows)]]
    if not len(rows):
        return no_lines()
    keys = _counted_otherwise(rows, counts, before)
    was, now = _shared_then(keys, before), _shared_now(keys, again, counts)
    return rows[[_moves(was.get(key), now.get(key)) for key in _keys(rows)]].assign(amount=0, pay=0)


def _moves(was: Shares | None, now: Shares | None) -> bool:
    """Whether the same pay has other shares."""
    return was is not None and now is not None and was != now and sum(was.values()) == sum(now.values())


def _about_periods(lines: pd.DataFrame) -> pd.DataFrame:
    return lines[(lines["credit"] == 0) & (lines["kind"] != Kind.OBJECTIVE)]


def _keys(lines: pd.DataFrame) -> Iterator[LineKey]:
    return lines[KEY].itertuples(index=False, name=None)


def _difference(counts: Counts | None, now: Shares, was: Shares, pay: int) -> Behind | None:
    """The shares of today less those that were paid; None where not both are known, so that they do not
    add up to the difference."""
    there = dict(zip(counts.credits.tolist(), counts.amounts.tolist(), strict=True)) if counts else {}
    changed = {one: now.get(one, 0) - was.get(one, 0) for one in sorted(now.keys() | was.keys())}
    changed = {one: share for one, share in changed.items() if share}
    if not changed or sum(changed.values()) != pay:
        return None
    credits = np.array(list(changed), np.int64)
    amounts = np.array([there.get(one, 0) for one in changed], np.int64)
    return Behind(Counts(credits, amounts), tuple(changed.values()))


def _shared_now(keys: Collection[LineKey], again: pd.DataFrame, counts: CountsByKey) -> dict[LineKey, Shares]:
    """What some lines give to each credit today, without those to which nothing comes."""
    rows, found = _about_periods(again) if keys else again[:0], dict[LineKey, Shares]()
    for key, pay in zip(_keys(rows), rows["pay"].tolist(), strict=True):
        of = counts.get(counts_key(key)) if key in keys else None
        if of is not None and pay:
            _add(found, key, dict(zip(of.credits.tolist(), shares(pay, of).tolist(), strict=True)))
    return _without_nothing(found)


def _shared_then(keys: Collection[LineKey], before: dt.date) -> dict[LineKey, Shares]:
    """What closed runs gave to each credit for some lines, their later differences included."""
    wanted, found = set(keys), dict[LineKey, Shares]()
    rows = PayLine.objects.filter(
        statement__run__state__in=CLOSED,
        statement__run__month__lt=before,
        statement__rep__in={key[0] for key in wanted},
        month__in={month_of(key[4]) for key in wanted},
        counted__isnull=False,
    ).select_related("statement", "part")
    lines = [line for line in rows.order_by("pk") if _key_of_stored(line) in wanted] if wanted else []
    kept = CountedCredits.objects.in_bulk({line.counted_id for line in lines})
    for line in lines:
        line.counted = kept[line.counted_id]
        _add(found, _key_of_stored(line), shares_of_line(line))
    return _without_nothing(found)


def _key_of_stored(line: PayLine) -> LineKey:
    of, part = line.statement, line.part
    month, tier = number_of(line.month), (line.tier or 0) - 1
    return of.rep_id, of.currency_id, part.version_id, part.component, month, 0, CODES[line.kind], tier


def _add(found: dict[LineKey, Shares], key: LineKey, more: Shares) -> None:
    mine = found.setdefault(key, {})
    for credit, share in more.items():
        mine[credit] = mine.get(credit, 0) + share


def _without_nothing(found: Mapping[LineKey, Shares]) -> dict[LineKey, Shares]:
    return {key: {credit: one for credit, one in mine.items() if one} for key, mine in found.items()}


def _counted_otherwise(rows: pd.DataFrame, counts: CountsByKey, before: dt.date) -> set[LineKey]:
    """The lines for which closed runs kept other credits or amounts than count today."""
    keys, today = set(_keys(rows)), dict[int, str]()
    then = _digests_then(keys, before)
    for one in {id(counts[counts_key(key)]): counts[counts_key(key)] for key in then}.values():
        today[id(one)] = _digest(one)
    return {key for key, digests in then.items() if digests != [today[id(counts[counts_key(key)])]]}


def _digests_then(keys: Collection[LineKey], before: dt.date) -> dict[LineKey, list[str]]:
    """Of all that closed runs kept for some lines, a digest each."""
    params: dict[str, Any] = {
        "closed": list(CLOSED),
        "before": before,
        "months": sorted({month_of(key[4]) for key in keys}),
        "reps": sorted({key[0] for key in keys}),
        "ticks": TICKS,
    }
    found = defaultdict[LineKey, list[str]](list)
    with connection.cursor() as cursor:
        cursor.execute(WHOLE_PERIOD, params)
        for rep, currency, version, component, month, kind, tier, digests in cursor.fetchall():
            found[rep, currency, version, component, month, 0, CODES[kind], tier] = digests
    return {key: digests for key, digests in found.items() if key in keys}


def _digest(counts: Counts) -> str:
    """As PostgreSQL makes it of what is kept."""
    text = "".join(f"{{{','.join(map(str, one.tolist()))}}}" for one in (counts.credits, counts.amounts))
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
