"""A month's pay, worked out and not stored: lines, deltas of closed months, draws, holds, adjustments.

A run stores what comes of it; what a rep sees as an estimate, and a "what if", read it for one person.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pandas as pd
from django.db import connection

from compensation.engine.draws import DrawStep
from compensation.engine.exact import from_ticks
from compensation.models import Adjustment, AdjustmentState, PlanVersion
from compensation.pipeline.run_behind import behind_lines, moved
from compensation.pipeline.run_counted import Behind, CountsByKey, counts_of
from compensation.pipeline.run_deltas import deltas, paid_for
from compensation.pipeline.run_draws import DrawTerms, Owed, SheetKey, draws_of, owed_before, stepped
from compensation.pipeline.run_history import history_of
from compensation.pipeline.run_holds import Held, holding_of
from compensation.pipeline.run_lines import (
    Worked,
    all_worked_out,
    no_lines,
    number_of,
    sums_by,
    together,
)
from compensation.pipeline.run_parts import PartKey, PartRow, parts_of
from compensation.pipeline.run_unclaimed import unclaimed
from compensation.pipeline.run_warnings import Doubts
from compensation.selectors.run_inputs import Span, span_of
from crm.models import Rep

NOTHING = Decimal(0)
Steps = dict[SheetKey, tuple[DrawStep, dict[str, Any]]]
"""A step of the draw's ledger and what the statement says of it."""
Heard = Callable[[int, int, str], None]
"""(how many steps are done, of how many, what is done now)."""


@dataclass(frozen=True)
class Sheet:
    """A rep's month in one currency: the amounts of a Statement."""

    rep: int
    currency: str
    earned: Decimal
    deltas: Decimal
    adjustments: Decimal
    step: DrawStep
    draw: dict[str, Any]
    held: Decimal
    released: Decimal

    @property
    def pay(self) -> Decimal:
        """What is paid out with the month."""
        return self.step.pay + self.adjustments + self.released - self.held


@dataclass(frozen=True)
class MonthPay:
    """All of a month's pay. lines: COLUMNS with `is_delta` and `deal` (0 without one). behind: what stands
    behind lines without a credit, by their place; of some reps only where a deal's pay waits."""

    span: Span
    lines: pd.DataFrame
    parts: dict[PartKey, PartRow]
    sheets: dict[SheetKey, Sheet]
    held: list[Held]
    adjustments: list[Adjustment]
    doubts: Doubts = field(default_factory=Doubts)
    behind: dict[int, Behind] = field(default_factory=dict)

    @property
    def month(self) -> dt.date:
        """The month that is paid."""
        return self.span.month


@dataclass
class _Found:
    """What the shares bring, one after the other: a book is let go before the next is read. by_credit:
    whether it has to be known which credits counted."""

    by_credit: bool
    own: list[pd.DataFrame] = field(default_factory=list)
    again: list[pd.DataFrame] = field(default_factory=list)
    parts: dict[PartKey, PartRow] = field(default_factory=dict)
    draws: dict[SheetKey, DrawTerms] = field(default_factory=dict)
    doubts: Doubts = field(default_factory=Doubts)
    counts: CountsByKey = field(default_factory=dict)

    def take_back(self, lines: pd.DataFrame, month: dt.date) -> None:
        """Lines that no version in force pays, of the month and of closed ones."""
        this = lines["month"] == number_of(month)
        self.own.append(lines[this])
        self.again.append(lines[~this])

    def take(self, worked: Worked, month: dt.date, reps: Collection[int] | None) -> None:
        lines, this = worked.lines, worked.lines["month"] == number_of(month)
        self.own.append(lines[this])
        self.again.append(lines[~this])
        self.parts.update(parts_of(worked, month, reps))
        for key, terms in draws_of(worked, month):
            if reps is None or key[0] in reps:
                self.draws.setdefault(key, terms)
        self.doubts.look_at(worked, month)
        if self.by_credit:
            self.counts.update(counts_of(worked))


def month_pay(
    month: dt.date, reps: Collection[int] | None = None, heard: Heard = lambda *_: None
) -> MonthPay:
    """The pay of a month, of everybody or of some reps. Raises Refused for plans that cannot be paid."""
    span, holding = span_of(month), holding_of(month, reps)
    found = _Found(by_credit=reps is None or holding.is_by_deal)
    months = [*span.again, month]
    history = history_of(months)
    for number, shares, worked in all_worked_out(months, history, reps):
        found.take(worked, month, reps)
        heard(number, shares, f"{worked.share.version}, year from {worked.share.first:%B %Y}")
    found.take_back(unclaimed(history, months, reps), month)
    again = together(found.again)
    changed = _deltas(span, again, found.counts, reps)
    lines = _with_deals(
        pd.concat(
            [together(found.own).assign(is_delta=False), changed.assign(is_delta=True)], ignore_index=True
        )
    )
    parts = found.parts | _parts_of_deltas(lines, found.parts)
    rows = Adjustment.objects.filter(month=month, state=AdjustmentState.APPROVED).order_by("pk")
    adjustments = [row for row in rows if reps is None or row.rep_id in reps]
    behind = behind_lines(lines, again, found.counts, month) if found.by_credit else {}
    steps = _steps(lines, parts, found.draws, adjustments, owed_before(month, reps))
    payable = {key: step.earned - step.kept_back for key, (step, _) in steps.items()}
    held = holding.held(lines, behind, payable)
    sheets = _sheets(lines, steps, adjustments, held)
    return MonthPay(span, lines, parts, sheets, held, adjustments, found.doubts, behind)


def one_person(rep: Rep | int, month: dt.date) -> MonthPay:
    """What a rep would be paid with a month as things stand, without storing it."""
    return month_pay(month, [rep.pk if isinstance(rep, Rep) else rep])


def _deltas(
    span: Span, again: pd.DataFrame, counts: CountsByKey, reps: Collection[int] | None
) -> pd.DataFrame:
    """What turns the closed months into what they pay today (`again`), and moves shares."""
    if not span.again:
        return no_lines()
    changed = deltas(paid_for(span.again, span.month, reps), again)
    return together([changed, moved(again, changed, counts, span.month)])


def _with_deals(lines: pd.DataFrame) -> pd.DataFrame:
    """The deal of each line's credit."""
    wanted = [int(one) for one in lines["credit"].unique() if one]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, deal_id FROM compensation_credit WHERE id = ANY(%s) AND deal_id IS NOT NULL", [wanted]
        )
        deal = dict(cursor.fetchall())
    return lines.assign(deal=lines["credit"].map(deal).fillna(0).astype("int64"))


def _parts_of_deltas(lines: pd.DataFrame, there: dict[PartKey, PartRow]) -> dict[PartKey, PartRow]:
    """A part for components that only deltas are about: of earlier versions, of people who left."""
    columns = ["rep", "currency", "version", "component"]
    keys = {
        (int(rep), str(currency), int(version), str(component))
        for rep, currency, version, component in lines[columns].drop_duplicates().itertuples(index=False)
    }
    missing = sorted(keys - there.keys())
    rows = PlanVersion.objects.filter(pk__in={key[2] for key in missing}).select_related("plan")
    versions = {row.pk: row for row in rows}
    return {key: PartRow(position=100, name=_called(versions[key[2]], key[3])) for key in missing}


def _called(version: PlanVersion, code: str) -> str:
    components = version.terms.get("components", [])
    name = next((str(one.get("name") or code) for one in components if one.get("code") == code), code)
    return f"{name} ({version})"[:200]


def _steps(
    lines: pd.DataFrame,
    parts: Iterable[PartKey],
    draws: dict[SheetKey, DrawTerms],
    adjustments: list[Adjustment],
    owed: dict[SheetKey, Owed],
) -> Steps:
    """The draw's step of everybody on a plan, with late changes, adjustments, or debts of a draw."""
    sums = _sums(lines)
    keys = {key[:2] for key in parts} | sums.keys() | _by_hand(adjustments).keys() | draws.keys()
    keys |= {key for key, one in owed.items() if one.balance}
    return {key: stepped(sums.get(key, NOTHING), draws.get(key), owed.get(key)) for key in keys}


def _sheets(
    lines: pd.DataFrame, steps: Steps, adjustments: list[Adjustment], held: list[Held]
) -> dict[SheetKey, Sheet]:
    """A sheet for each of them, and for those whose pay is let go."""
    is_late = lines["is_delta"].astype(bool)
    earned, late, by_hand = _sums(lines[~is_late]), _sums(lines[is_late]), _by_hand(adjustments)
    kept, let_go = _by_key(held, above=True), _by_key(held, above=False)
    nobody = stepped(NOTHING, None, None)
    return {
        key: Sheet(
            rep=key[0],
            currency=key[1],
            earned=earned.get(key, NOTHING),
            deltas=late.get(key, NOTHING),
            adjustments=by_hand.get(key, NOTHING),
            step=steps.get(key, nobody)[0],
            draw=steps.get(key, nobody)[1],
            held=kept.get(key, NOTHING),
            released=-let_go.get(key, NOTHING),
        )
        for key in sorted(steps.keys() | kept.keys() | let_go.keys())
    }


def _by_key(held: list[Held], *, above: bool) -> dict[SheetKey, Decimal]:
    """What is kept back (above 0) or let go (below 0)."""
    found: dict[SheetKey, Decimal] = {}
    for one in held:
        if (one.amount > 0) == above:
            found[one.key] = found.get(one.key, NOTHING) + one.amount
    return found


def _sums(lines: pd.DataFrame) -> dict[SheetKey, Decimal]:
    return {(key[0], key[1]): from_ticks(ticks) for key, ticks in sums_by(lines, ["rep", "currency"]).items()}


def _by_hand(adjustments: list[Adjustment]) -> dict[SheetKey, Decimal]:
    found: dict[SheetKey, Decimal] = {}
    for row in adjustments:
        key = (row.rep_id, row.currency_id)
        found[key] = found.get(key, NOTHING) + row.amount
    return found
