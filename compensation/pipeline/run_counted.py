"""The credits behind pay for whole periods: what counted for each such line, and each credit's share of it.

They are worked out with the lines and stored with the run, so a closed month shows what it was paid for. A
difference of a closed month has the differences of the shares: what each credit's would be today, less what
it was.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from catalog.engine.months import months_apart
from compensation.engine.exact import Ints
from compensation.engine.lines import Kind
from compensation.engine.shares import Counts, Sharing, shares
from compensation.models import CLOSED, PayLine
from compensation.pipeline.run_deltas import CODES
from compensation.pipeline.run_lines import KEY, Worked, month_of, number_of, sums_by
from compensation.selectors.line_shares import Shares, shares_of_line

CountKey = tuple[int, int, str, int, bool]
"""(rep, version, component, month, whether it is what counted before the period)."""
CountsByKey = dict[CountKey, Counts]
LineKey = tuple[int, str, int, str, int, int, int, int]
"""The values of run_lines.KEY."""


@dataclass(frozen=True)
class Behind:
    """What stands behind a line. pay: by credit in ticks, where the shares are known by themselves; without
    them they follow from the amounts."""

    counts: Counts
    pay: tuple[int, ...] | None = None

    def shares(self, pay: int) -> Ints:
        """In ticks, in the order of the credits."""
        return shares(pay, self.counts) if self.pay is None else np.array(self.pay, np.int64)


def key_of(line: LineKey) -> CountKey:
    """Under which key the counts of a line are found."""
    rep, _, version, component, month, _, kind, _ = line
    return rep, version, component, month, kind == Kind.TRUE_UP


def counts_of(worked: Worked) -> CountsByKey:
    """What counted for the lines of a share that have no credit of their own."""
    rows = worked.lines[(worked.lines["credit"] == 0) & (worked.lines["kind"] != Kind.OBJECTIVE)]
    wanted = rows.assign(earlier=rows["kind"] == Kind.TRUE_UP)[["rep", "component", "month", "earlier"]]
    counting, found = _Counting(worked), CountsByKey()
    for rep, component, month, earlier in wanted.drop_duplicates().itertuples(index=False, name=None):
        counts = counting.of(int(rep), str(component), int(month), bool(earlier))
        if counts is not None:
            key = (int(rep), worked.share.version.pk, str(component), int(month), bool(earlier))
            found[key] = counts
    return found


class _Counting:
    """The sharings of a book; people whose pay the same credits make have one object of counts."""

    def __init__(self, worked: Worked) -> None:
        self.worked = worked
        self.place = {rep: number for number, rep in enumerate(worked.book.reps)}
        self.sharings: dict[tuple[int, str], Sharing] = {}
        self.known: dict[tuple[object, ...], Counts | None] = {}

    def of(self, rep: int, component: str, month: int, earlier: bool) -> Counts | None:
        person, place = self.place[rep], months_apart(self.worked.book.first, month_of(month))
        part = next(n for n, one in enumerate(self.worked.parts) if one.pays(person, place))
        sharing = self._sharing(part, component)
        whose = person if earlier else sharing.whose(person)
        key = (part, component, place, earlier, whose)
        if key not in self.known:
            self.known[key] = self._with_keys(sharing.counted(person, place, earlier))
        return self.known[key]

    def _sharing(self, part: int, component: str) -> Sharing:
        if (part, component) not in self.sharings:
            works = self.worked.parts[part].calculation.works
            work = next(one for one in works if one.component.code == component)
            self.sharings[part, component] = Sharing(work)
        return self.sharings[part, component]

    def _with_keys(self, counts: Counts | None) -> Counts | None:
        """With the primary keys of the credits."""
        return counts and replace(counts, credits=self.worked.book.keys[counts.credits])


def behind_lines(
    lines: pd.DataFrame, again: pd.DataFrame, counts: CountsByKey, before: dt.date
) -> dict[int, Behind]:
    """What stands behind each line of a month without a credit, by its place in the table. lines: COLUMNS
    with `is_delta`. again: what the closed months pay today. before: the month of the run."""
    rows = lines[(lines["credit"] == 0) & (lines["kind"] != Kind.OBJECTIVE)]
    keys = dict(zip(rows.index.tolist(), rows[KEY].itertuples(index=False, name=None), strict=True))
    pays, deltas = rows["pay"].to_dict(), set(rows.index[rows["is_delta"].astype(bool)])
    was = _was_shared({keys[place] for place in deltas}, before) if deltas else {}
    now = sums_by(again[again["credit"] == 0], KEY) if deltas else {}
    found = dict[int, Behind]()
    for place, key in keys.items():
        of, own = counts.get(key_of(key)), None
        if place in deltas:
            own = _difference(of, now.get(key, 0), was.get(key, {}), int(pays[place]))
        if own is not None or of is not None:
            found[place] = own or Behind(of)  # type: ignore[arg-type]
    return found


def _difference(counts: Counts | None, now: int, was: Mapping[int, int], pay: int) -> Behind | None:
    """The shares of today less those that were paid; None where not both are known, so that they do not
    add up to the difference."""
    there = dict(zip(counts.credits.tolist(), counts.amounts.tolist(), strict=True)) if counts else {}
    becomes = dict(zip(there, shares(now, counts).tolist(), strict=True)) if counts and now else {}
    changed = {one: becomes.get(one, 0) - was.get(one, 0) for one in sorted(becomes.keys() | was.keys())}
    changed = {one: share for one, share in changed.items() if share}
    if not changed or sum(changed.values()) != pay:
        return None
    credits = np.array(list(changed), np.int64)
    amounts = np.array([there.get(one, 0) for one in changed], np.int64)
    return Behind(Counts(credits, amounts), tuple(changed.values()))


def _was_shared(keys: Collection[LineKey], before: dt.date) -> dict[LineKey, Shares]:
    """What closed runs gave to each credit for some lines, their later differences included."""
    wanted, found = set(keys), dict[LineKey, Shares]()
    rows = PayLine.objects.filter(
        statement__run__state__in=CLOSED,
        statement__run__month__lt=before,
        statement__rep__in={key[0] for key in wanted},
        month__in={month_of(key[4]) for key in wanted},
        counted__isnull=False,
    ).select_related("statement", "part", "counted")
    for line in rows.order_by("pk"):
        key = _key_of_stored(line)
        if key in wanted:
            mine = found.setdefault(key, {})
            for credit, share in shares_of_line(line).items():
                mine[credit] = mine.get(credit, 0) + share
    return found


def _key_of_stored(line: PayLine) -> LineKey:
    of, part = line.statement, line.part
    month, tier = number_of(line.month), (line.tier or 0) - 1
    return of.rep_id, of.currency_id, part.version_id, part.component, month, 0, CODES[line.kind], tier
