"""The credits behind pay for whole periods: what counted for each such line, and each credit's share of it.

They are worked out with the lines and stored with the run, so a closed month shows what it was paid for.
"""

from dataclasses import dataclass, replace

import numpy as np

from catalog.engine.months import months_apart
from compensation.engine.exact import Ints
from compensation.engine.lines import Kind
from compensation.engine.shares import Counts, Sharing, shares
from compensation.pipeline.run_lines import Worked, month_of

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


def counts_key(line: LineKey) -> CountKey:
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
