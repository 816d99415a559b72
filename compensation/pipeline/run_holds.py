"""Holds in runs: what of a month's pay waits, and what is let go again – never more than was held."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd
from django.db.models import Sum

from catalog.engine.months import add_months
from compensation.engine.exact import from_ticks
from compensation.models import CLOSED, CreditHold, HeldPay
from compensation.pipeline.run_draws import SheetKey
from compensation.pipeline.run_lines import sums_by

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


def held_in(
    month: dt.date, lines: pd.DataFrame, payable: Mapping[SheetKey, Decimal], still: StillHeld
) -> list[Held]:
    """What the month's holds do. lines: of the month, with `deal` and pay in ticks. payable: what each rep
    would be paid for lines; no more than that is held."""
    ends = add_months(month, 1)
    holds = list(CreditHold.objects.filter(since__lt=ends).order_by("since", "pk"))
    over = {hold.pk: hold for hold in holds if hold.released is not None and hold.released < ends}
    left, table = dict(payable), lines.assign(left=lines["pay"])
    found = [
        Held(key, pk, over[pk].deal_id, -amount)
        for (pk, key), amount in still.items()
        if pk in over and amount > 0
    ]
    for hold in holds:
        if hold.pk not in over:
            found += _kept_by(hold, table, left, still)
    return found


def _kept_by(
    hold: CreditHold, table: pd.DataFrame, left: dict[SheetKey, Decimal], still: StillHeld
) -> Iterator[Held]:
    """A hold's part of what earlier holds leave. Pay that a held deal loses is taken from what is held."""
    chosen = _about(hold, table)
    share = hold.percent / 100
    for (rep, currency), ticks in sums_by(table[chosen], ["rep", "currency"], "left").items():
        key: SheetKey = (rep, currency)
        amount = (from_ticks(ticks) * share).quantize(CENT)
        most = max(left.get(key, NOTHING), NOTHING)
        kept = min(amount, most) if amount > 0 else max(amount, -still.get((hold.pk, key), NOTHING))
        left[key] = left.get(key, NOTHING) - kept
        if kept:
            yield Held(key, hold.pk, hold.deal_id, kept)
    table.loc[chosen, "left"] -= np.rint(table.loc[chosen, "left"] * float(share)).astype(np.int64)


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
