"""How a run of pay moves: the guards of the move table, and who signs what."""

import datetime as dt
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from catalog.engine.months import add_months, months_between
from catalog.engine.moves import Move
from catalog.workflow import Guard
from compensation.engine.moves import RUN_MOVES
from compensation.models import (
    CLOSED,
    OF_THE_MONTH,
    Adjustment,
    AdjustmentState,
    Dispute,
    DisputeState,
    PayRun,
    RunState,
)
from compensation.selectors.run_inputs import changed_inputs
from compensation.workflow.run_moving import SignedWorkflow
from core.errors import Reason
from core.models import Person

MOST_LISTED = 8


def is_current(run: PayRun, actor: Person | None) -> list[Reason]:
    """Nothing of what the run was calculated from has changed since."""
    changed = changed_inputs(run)
    if not changed:
        return []
    text = f"Since it was calculated, {listed(changed)} changed. Calculate the month again."
    return [Reason(text, "not_current", url=month_path(run.month))]


def listed(words: list[str]) -> str:
    """Some words in a sentence: quotas, holds and adjustments."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def only_one(run: PayRun, actor: Person | None) -> list[Reason]:
    """A month has one run of its own."""
    other = PayRun.objects.filter(month=run.month, state__in=OF_THE_MONTH).exclude(pk=run.pk).first()
    if other is None:
        return []
    state = other.get_state_display().lower()
    if other.state in CLOSED:
        text = f"{other} is {state}: its pay never changes. Late changes come with the next open month."
    else:
        text = f"{other} is {state} already. Send that one back first."
    return [Reason(text, "other_run", url=run_url(other))]


def earlier_months_are_locked(run: PayRun, actor: Person | None) -> list[Reason]:
    """Months are closed in order: what an earlier one pays decides draws, holds and deltas of this one."""
    open_rows = PayRun.objects.filter(
        month__lt=run.month, state__in=[RunState.CALCULATED, RunState.REVIEWED, RunState.APPROVED]
    )
    months = set(open_rows.values_list("month", flat=True)) | set(_between_closed(run))
    reasons = [
        Reason(
            f"{month:%B %Y} is not locked yet. Lock it first.", "earlier_month_open", url=month_path(month)
        )
        for month in sorted(months)[:MOST_LISTED]
    ]
    return [*reasons, *_later_is_closed(run)]


def _between_closed(run: PayRun) -> list[dt.date]:
    """The months between the last closed one and the run's."""
    last = PayRun.objects.filter(month__lt=run.month, state__in=CLOSED).order_by("-month").first()
    return months_between(add_months(last.month, 1), add_months(run.month, -1)) if last else []


def _later_is_closed(run: PayRun) -> list[Reason]:
    """A month before a closed one is paid by deltas, not by a run of its own."""
    later = PayRun.objects.filter(month__gt=run.month, state__in=CLOSED).order_by("month").first()
    if later is None:
        return []
    text = (
        f"{later.month:%B %Y} is locked already. What {run.month:%B %Y} still pays comes with an adjustment "
        "in the open month."
    )
    return [Reason(text, "later_month_closed", url=run_url(later))]


def nothing_open(run: PayRun, actor: Person | None) -> list[Reason]:
    """No adjustment of the month waits for a decision, and no dispute about an earlier version of it."""
    return [*_open_adjustments(run), *_open_disputes(run)]


def nothing_proposed(run: PayRun, actor: Person | None) -> list[Reason]:
    """No adjustment of the month waits for a decision: once the month is locked, none can be approved."""
    return _open_adjustments(run)


def _open_adjustments(run: PayRun) -> list[Reason]:
    rows = Adjustment.objects.filter(month=run.month, state=AdjustmentState.PROPOSED)
    return [
        Reason(
            f"The adjustment “{row.label}” for {row.rep.name} waits for a decision.",
            "adjustment_open",
            url=adjustment_url(row),
        )
        for row in rows.select_related("rep")[:MOST_LISTED]
    ]


def _open_disputes(run: PayRun) -> list[Reason]:
    open_rows = Dispute.objects.filter(state=DisputeState.OPEN, statement__run__month=run.month)
    rows = open_rows.exclude(statement__run__state__in=CLOSED).select_related("rep")
    return [
        Reason(f"{row.rep.name} disputes this month. Decide that first.", "dispute_open")
        for row in rows[:MOST_LISTED]
    ]


def not_own(run: PayRun, actor: Person | None) -> list[Reason]:
    """Whoever calculated or reviewed a run does not approve it."""
    if actor is None:
        return []
    reasons = []
    if actor.pk == run.made_by_id:
        reasons.append(Reason("You calculated this run yourself. A colleague approves it.", "own_run"))
    if actor.pk == run.reviewed_by_id:
        reasons.append(Reason("You reviewed this run yourself. A colleague approves it.", "own_review"))
    return reasons


GUARDS: dict[str, Guard] = {
    guard.__name__: guard
    for guard in (is_current, only_one, earlier_months_are_locked, nothing_open, nothing_proposed, not_own)
}


def _signing(move: Move, actor: Person | None) -> dict[str, Any]:
    """Who did what, and when."""
    now = timezone.now()
    signed: dict[str, dict[str, Any]] = {
        "take": {"taken_by": actor},
        "review": {"reviewed_by": actor, "reviewed": now},
        "approve": {"approved_by": actor, "approved": now},
        "lock": {"locked_by": actor, "locked": now},
        "pay": {"paid_by": actor, "paid_on": timezone.localdate()},
    }
    return signed.get(move.name, {})


RUNS = SignedWorkflow(RUN_MOVES, GUARDS, "pay", PayRun, _signing)


def closed_run_of(month: dt.date) -> PayRun | None:
    """The run by which a month is closed."""
    return PayRun.objects.filter(Q(month=month), state__in=CLOSED).first()


def run_url(run: PayRun) -> str:
    """The page of a run."""
    return reverse("compensation:run", args=[run.pk])


def month_path(month: dt.date) -> str:
    """The page of a month, where it is calculated."""
    return reverse("compensation:run-month", args=[f"{month:%Y-%m}"])


def adjustment_url(row: Adjustment) -> str:
    """The page of an adjustment."""
    return reverse("compensation:adjustment", args=[row.pk])
