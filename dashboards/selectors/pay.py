"""Where a month's pay stands, for those who run it: the next step, the money, what is open."""

import datetime as dt

from django.urls import reverse
from django.utils import timezone

from catalog.engine.months import add_months
from compensation.models import AdjustmentState, DisputeState, PayRun, PlanVersion, RunState
from compensation.selectors.adjustments import adjustments_visible_to
from compensation.selectors.disputes import disputes_visible_to
from compensation.selectors.runs import MonthState, months_visible_to
from compensation.workflow.runs import month_path, run_url
from core.formats import short, show
from core.models import Person
from core.roles import can
from dashboards.selectors.needs import Item, Need

MONTHS = 15
STANDS = {
    RunState.PREVIEW: "calculated, not taken yet",
    RunState.CALCULATED: "waiting for review",
    RunState.REVIEWED: "waiting for approval",
    RunState.APPROVED: "waiting to be locked",
    RunState.LOCKED: "waiting to be paid",
}


def pay_waiting(person: Person) -> Need:
    """The oldest month whose pay is not done: its next step, and what is open before it. Empty for whoever
    does not run pay, and while no plan pays anybody."""
    this = timezone.localdate().replace(day=1)
    states = months_visible_to(person, this, MONTHS) if can(person, "pay.runs") else []
    state = _waiting(states, this)
    if state is None:
        return Need("Pay", 0, reverse("compensation:run-list"))
    items = [_step(state), *_open(person, state)]
    return Need(_title(state), len(items), month_path(state.month), items)


def _waiting(states: list[MonthState], this: dt.date) -> MonthState | None:
    """Months before the first run were paid elsewhere; the running month waits only once it is calculated."""
    begun = [one.month for one in states if one.run or one.job]
    if not begun:
        before = [one for one in states if one.month == add_months(this, -1)]
        return before[0] if before and PlanVersion.objects.filter(days__isnull=False).exists() else None
    last = max((one.month for one in states if one.is_closed), default=add_months(min(begun), -1))
    waiting = [one for one in states if _waits(one, last) and (one.run or one.job or one.month < this)]
    return min(waiting, key=lambda one: one.month, default=None)


def _waits(state: MonthState, last_closed: dt.date) -> bool:
    """Not begun or not over; a locked month waits for its payment."""
    if state.run is not None and state.run.state == RunState.LOCKED:
        return True
    return state.month > last_closed


def _title(state: MonthState) -> str:
    if state.job is not None:
        stands = "being calculated"
    else:
        stands = STANDS[RunState(state.run.state)] if state.run else "not calculated yet"
    return f"Pay of {state.month:%B}: {stands}"


def _step(state: MonthState) -> Item:
    """What comes next, the money it is about, and whose step it is."""
    url = run_url(state.run) if state.run else month_path(state.month)
    told = [_money(state.run) if state.run else "", f"for {state.waits_for}" if state.waits_for else ""]
    return Item(state.next_step, url, " · ".join(one for one in told if one), "warn")


def _money(run: PayRun) -> str:
    sums = run.totals.get("currencies", {})
    return ", ".join(f"{short(float(one['pay']))} {code}" for code, one in sums.items())


def _open(person: Person, state: MonthState) -> list[Item]:
    """Adjustments of the month and disputes that wait for a decision, and what the run warns of."""
    adjustments = adjustments_visible_to(person).filter(month=state.month, state=AdjustmentState.PROPOSED)
    disputes = disputes_visible_to(person).filter(state=DisputeState.OPEN)
    of_month = f"{reverse('compensation:adjustment-list')}?month={state.month:%Y-%m}&state=proposed"
    decide = "waiting for a decision"
    found = [
        (adjustments.count(), "adjustment", of_month, decide),
        (disputes.count(), "dispute", f"{reverse('compensation:dispute-list')}?state=open", decide),
    ]
    if state.run is not None and not state.is_closed:
        found.append((len(state.run.warnings), "warning", run_url(state.run), "look at these first"))
    return [Item(_many(count, what), url, note, "info") for count, what, url, note in found if count]


def _many(count: int, what: str) -> str:
    return f"{show(count, 'quantity')[0]} {what}{'' if count == 1 else 's'}"
