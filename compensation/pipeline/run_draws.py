"""Draws in runs: one step of the ledger, from what the last closed month left owed.

Closed months are not worked out again: what they advanced and kept back was paid. A draw of the plan in force
decides this month; what somebody owes whose plan has none is kept back by the terms it was drawn with.
"""

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal
from typing import Any

from catalog.engine.months import months_apart
from compensation.engine.draws import DrawStep, step
from compensation.engine.plan import Draw, DrawKind
from compensation.models import CLOSED, Statement
from compensation.pipeline.run_lines import Worked

SheetKey = tuple[int, str]
"""(rep, currency)."""
NOTHING, CENT = Decimal(0), Decimal("0.01")


@dataclass(frozen=True)
class DrawTerms:
    """A rep's draw in the month, by which plan. draws: whether the rep is on it in the month. year_ends: the
    month is the last of the plan's year."""

    draw: Draw
    plan: str
    draws: bool
    year_ends: bool


@dataclass(frozen=True)
class Owed:
    """What the last closed month left: the balance, how many months were drawn in, and the terms."""

    balance: Decimal
    drawn: int
    draw: Draw | None
    plan: str


def draws_of(worked: Worked, month: dt.date) -> Iterator[tuple[SheetKey, DrawTerms]]:
    """The draws of a plan's members in the month."""
    if month not in worked.share.months:
        return
    place = months_apart(worked.book.first, month)
    for person in worked.book.members:
        draw = worked.book.plan_of(person, place).draw
        here = bool(worked.book.book.people.here[person, place])
        if draw is not None and here:
            key = (worked.book.reps[person], worked.book.currency)
            yield key, DrawTerms(draw, worked.share.version.plan.name, here, place % 12 == 11)


def owed_before(month: dt.date, reps: Collection[int] | None = None) -> dict[SheetKey, Owed]:
    """What each rep owed at the end of the last closed month with a statement of theirs."""
    rows = Statement.objects.filter(run__state__in=CLOSED, run__month__lt=month)
    if reps is not None:
        rows = rows.filter(rep__in=list(reps))
    last = rows.order_by("rep_id", "currency_id", "-run__month").distinct("rep_id", "currency_id")
    return {
        (one.rep_id, one.currency_id): Owed(
            one.owed,
            int(one.draw_step.get("drawn", 0)),
            read_terms_of(one.draw_step.get("terms")),
            str(one.draw_step.get("plan", "")),
        )
        for one in last
        if one.draw_step or one.owed
    }


def stepped(earned: Decimal, terms: DrawTerms | None, before: Owed | None) -> tuple[DrawStep, dict[str, Any]]:
    """The month's step and what the statement says of it; nothing to say without a draw and without debt.
    earned: of the month with the deltas of closed ones."""
    before = before or Owed(NOTHING, 0, None, "")
    draw = terms.draw if terms else before.draw
    if draw is None or (terms is None and not before.balance):
        return DrawStep(earned, NOTHING, NOTHING, NOTHING, before.balance), {}
    draws = terms is not None and terms.draws and (draw.months is None or before.drawn < draw.months)
    found = _to_the_cent(step(draw, earned, before.balance, draws, terms is not None and terms.year_ends))
    said = {
        "plan": terms.plan if terms else before.plan,
        "terms": written(draw),
        "draws": draws,
        "drawn": before.drawn + draws,
        "owed_before": format(before.balance, "f"),
    }
    return found, said


def _to_the_cent(found: DrawStep) -> DrawStep:
    """A share of the pay that is kept back is rounded down; the rest stays owed, or is forgiven with it."""
    kept = found.kept_back.quantize(CENT, ROUND_DOWN)
    less = found.kept_back - kept
    if found.forgiven:
        return replace(found, kept_back=kept, forgiven=found.forgiven + less)
    return replace(found, kept_back=kept, balance=found.balance + less)


def written(draw: Draw) -> dict[str, Any]:
    """The terms of a draw as JSON keeps them."""
    return {
        "money": format(draw.money, "f"),
        "kind": draw.kind.value,
        "recoverable": draw.recoverable,
        "months": draw.months,
        "forgiven": draw.forgiven,
        "most_back": format(draw.most_back, "f"),
    }


def read_terms_of(said: dict[str, Any] | None) -> Draw | None:
    """The same back."""
    if not said:
        return None
    money, most = Decimal(said["money"]), Decimal(said["most_back"])
    return Draw(
        money,
        DrawKind(said["kind"]),
        said["recoverable"],
        said["months"],
        said["forgiven"],
        most,
    )
