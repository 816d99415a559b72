"""Holds in runs: what of a month's pay waits, and what is let go again – never more than was held.

A held deal holds back the lines of its own credits and its shares of the lines that are about a whole period.
A share may be below 0, as a line may: what a deal loses is taken from what of it waits, so that it takes
nothing from other pay; only what was paid before the hold began is taken from pay. A line that no credit made
(an objective, a fixed pot, credits that come to nothing) waits only with a hold of all pay of a rep.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import pandas as pd
from django.db.models import Sum

from catalog.engine.months import add_months
from compensation.engine.exact import TICKS, Ints, from_ticks
from compensation.engine.shares import Counts, shares
from compensation.models import CLOSED, Credit, CreditHold, HeldPay
from compensation.pipeline.run_counted import Behind
from compensation.pipeline.run_draws import SheetKey

StillHeld = dict[tuple[int, SheetKey], Decimal]
"""What closed runs hold, by hold and (rep, currency)."""
NOTHING, CENT = Decimal(0), Decimal("0.01")


@dataclass(frozen=True)
class Held:
    """Pay of a rep that a hold keeps back (above 0) or lets go (below 0)."""

    key: SheetKey
    hold: int
    deal: int | None
    amount: Decimal


@dataclass(frozen=True)
class Holding:
    """The holds of a month in their order: those in force and those that are over. still: what waits of
    earlier months. deals: the deal of each credit of the deals that are held."""

    in_force: tuple[CreditHold, ...] = ()
    over: tuple[CreditHold, ...] = ()
    still: StillHeld = field(default_factory=dict)
    deals: Mapping[int, int] = field(default_factory=dict)

    @property
    def is_by_deal(self) -> bool:
        """Whether a deal's pay waits, so that all pay has to be known by deal."""
        return any(hold.deal_id is not None for hold in self.in_force)

    def held(
        self, lines: pd.DataFrame, behind: Mapping[int, Behind], payable: Mapping[SheetKey, Decimal]
    ) -> list[Held]:
        """What is kept back and let go with the month. lines: of the month, with `deal` and pay in ticks.
        payable: what each rep would be paid for lines; no more than that is held."""
        over = {hold.pk: hold.deal_id for hold in self.over}
        let_go = [(pk, key, amount) for (pk, key), amount in self.still.items() if pk in over and amount > 0]
        found = [Held(key, pk, over[pk], -amount) for pk, key, amount in let_go]
        if self.in_force:
            table = by_deal(lines, behind, self.deals)
            waiting = _Waiting(table, table["pay"].to_numpy(np.int64, copy=True), dict(payable), self.still)
            found += [one for hold in self.in_force for one in waiting.kept_by(hold)]
        return found


def holding_of(month: dt.date, reps: Collection[int] | None = None) -> Holding:
    """The holds that began by the end of a month; what waits is of everybody or of some reps."""
    ends = add_months(month, 1)
    holds = tuple(CreditHold.objects.filter(since__lt=ends).order_by("since", "pk"))
    if not holds:
        return Holding()
    over = tuple(hold for hold in holds if hold.released is not None and hold.released < ends)
    in_force = tuple(hold for hold in holds if hold not in over)
    return Holding(in_force, over, still_held(month, reps), _credits_of_deals(in_force))


def still_held(month: dt.date, reps: Collection[int] | None = None) -> StillHeld:
    """What runs of closed months before the month hold, less what they let go."""
    rows = HeldPay.objects.filter(statement__run__state__in=CLOSED, statement__run__month__lt=month)
    if reps is not None:
        rows = rows.filter(statement__rep__in=list(reps))
    sums = rows.order_by().values_list("hold", "statement__rep", "statement__currency")
    return {
        (hold, (rep, currency)): total
        for hold, rep, currency, total in sums.annotate(total=Sum("amount"))
        if total
    }


def _credits_of_deals(holds: Iterable[CreditHold]) -> dict[int, int]:
    """The deal of each credit of the deals that are held, those that are gone since among them."""
    deals = {hold.deal_id for hold in holds if hold.deal_id is not None}
    return dict(Credit.objects.filter(deal__in=deals).values_list("pk", "deal")) if deals else {}


def by_deal(lines: pd.DataFrame, behind: Mapping[int, Behind], deals: Mapping[int, int]) -> pd.DataFrame:
    """Lines with `deal` and pay in ticks; of those about a whole period the shares of some deals (by credit)
    are rows of their own. All rows of a line add up to it."""
    keys = np.array(list(deals), np.int64)
    found: list[tuple[int, int, int]] = []
    pays = lines["pay"].to_numpy(np.int64, copy=True)
    for place, one in behind.items():
        mine = np.flatnonzero(np.isin(one.counts.credits, keys))
        if len(mine):
            given = one.shares(int(pays[place]))[mine].tolist()
            credits = one.counts.credits[mine].tolist()
            found += [(place, deals[key], share) for key, share in zip(credits, given, strict=True)]
    if not found:
        return lines
    places, of, shared = np.array(found, np.int64).T
    np.subtract.at(pays, places, shared)
    own = lines.iloc[places].assign(deal=of, pay=shared)
    return pd.concat([lines.assign(pay=pays), own], ignore_index=True)


@dataclass(frozen=True)
class _Waiting:
    """What holds leave of a month's pay, one after the other. left: of each line, in ticks."""

    lines: pd.DataFrame
    left: Ints
    payable: dict[SheetKey, Decimal]
    still: StillHeld

    def kept_by(self, hold: CreditHold) -> Iterator[Held]:
        """A hold's part of what earlier holds leave."""
        for key, rows in self._by_sheet(hold).items():
            kept = self._possible(hold, key, self._taken(np.array(rows), hold.percent))
            self.payable[key] = self.payable.get(key, NOTHING) - kept
            if kept:
                yield Held(key, hold.pk, hold.deal_id, kept)

    def _by_sheet(self, hold: CreditHold) -> dict[SheetKey, list[int]]:
        """The places of the lines that a hold is about."""
        chosen = np.flatnonzero(_about(hold, self.lines))
        mine, found = self.lines.iloc[chosen], defaultdict[SheetKey, list[int]](list)
        keys = zip(mine["rep"].tolist(), mine["currency"].tolist(), strict=True)
        for place, key in zip(chosen.tolist(), keys, strict=True):
            found[key].append(place)
        return found

    def _taken(self, rows: Ints, percent: Decimal) -> Decimal:
        """A percentage of some lines, to the cent where it is not the whole; they have that less left."""
        total = int(self.left[rows].sum())
        amount = from_ticks(total)
        if percent != 100:
            amount = (amount * percent / 100).quantize(CENT)
        if amount:
            self.left[rows] -= shares(int(amount * TICKS), Counts(rows, self.left[rows]))
        return amount

    def _possible(self, hold: CreditHold, key: SheetKey, amount: Decimal) -> Decimal:
        """No more than would be paid is held, and no more than waits is taken from what waits."""
        if amount > 0:
            return min(amount, max(self.payable.get(key, NOTHING), NOTHING))
        return max(amount, -self.still.get((hold.pk, key), NOTHING))


def _about(hold: CreditHold, table: pd.DataFrame) -> pd.Series:
    """Which lines a hold is about."""
    chosen = pd.Series(True, index=table.index)
    if hold.rep_id is not None:
        chosen &= table["rep"] == hold.rep_id
    if hold.deal_id is not None:
        chosen &= table["deal"] == hold.deal_id
    if hold.component:
        chosen &= table["component"] == hold.component
    return chosen
