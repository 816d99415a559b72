"""Adjustments: money beside the plan, proposed by one person and approved by another."""

from typing import Any

from django.db import transaction

from compensation.models import Adjustment, AdjustmentState
from compensation.selectors.closing import wait_for_closing
from compensation.workflow.adjustments import ADJUSTMENTS, refuse_closed
from compensation.workflow.runs import adjustment_url
from core.access import require
from core.editing import change_row, create_row
from core.errors import Reason, Refused
from core.models import Person
from core.roles import ACTIONS
from core.services.notifications import notify
from crm.models import Rep

RUN = "pay.run"


@transaction.atomic
def propose_adjustment(*, actor: Person | None, values: dict[str, Any]) -> Adjustment:
    """Propose an adjustment: rep, month, currency, amount, label, reason and perhaps a deal.

    Raises Invalid for values that cannot be, Refused for a month that is locked and for the same once more.
    """
    require(actor, RUN)
    wait_for_closing()
    row = Adjustment(made_by=actor, **_cleaned(values))
    refuse_closed(row.month)
    _refuse_twice(row)
    saved = create_row(actor=actor, row=row, verb="adjustment: proposed", reason=row.reason)
    _ask(saved)
    return saved


@transaction.atomic
def change_adjustment(
    *, actor: Person | None, adjustment: Adjustment, revision: int, changes: dict[str, Any]
) -> Adjustment:
    """Change a proposed adjustment. Raises as propose_adjustment, and Conflict on a stale revision."""
    require(actor, RUN)
    wait_for_closing()
    if adjustment.state != "proposed":
        state = adjustment.get_state_display().lower()
        text = f"“{adjustment}” is {state} and stays as it is. Propose another one for the difference."
        raise Refused(Reason(text, "wrong_state"))
    cleaned = _cleaned(changes)
    refuse_closed(adjustment.month)
    refuse_closed(cleaned.get("month", adjustment.month))
    return change_row(
        actor=actor,
        row=adjustment,
        revision=revision,
        changes=cleaned,
        verb="adjustment: changed",
        reason=str(cleaned.get("reason", "")),
    )


@transaction.atomic
def move_adjustment(
    *,
    actor: Person | None,
    adjustment: Adjustment,
    name: str,
    reason: str = "",
    revision: int | None = None,
) -> Adjustment:
    """Approve, reject, withdraw or take back. Raises Refused with every reason at once, Denied where the role
    may not, Conflict on a stale revision."""
    wait_for_closing()
    moved: Adjustment = ADJUSTMENTS.perform(
        row=adjustment, name=name, actor=actor, reason=reason, revision=revision
    )
    if reason.strip():
        moved.answer = reason.strip()[:500]
        moved.save(update_fields=["answer"])
    if moved.made_by is not None and moved.made_by != actor:
        title = f"“{moved.label}” is {moved.get_state_display().lower()}"
        notify(people=[moved.made_by], title=title, text=moved.answer, url=adjustment_url(moved))
    return moved


def _cleaned(values: dict[str, Any]) -> dict[str, Any]:
    """Months as their first day, reasons without blanks around them."""
    found: dict[str, Any] = {
        name: value.strip() if isinstance(value, str) else value for name, value in values.items()
    }
    if found.get("month") is not None:
        found["month"] = found["month"].replace(day=1)
    return found


def _refuse_twice(row: Adjustment) -> None:
    """A double click proposes money once: one at a time for each rep."""
    Rep.objects.select_for_update(no_key=True).get(pk=row.rep_id)
    names = ("rep", "month", "currency", "amount", "label", "reason", "deal", "made_by")
    same = {name: getattr(row, name) for name in names} | {"state": AdjustmentState.PROPOSED}
    if (there := Adjustment.objects.filter(**same).first()) is not None:
        text = (
            f"“{there}” is proposed already and waits for a colleague. Another one needs a label of its own."
        )
        raise Refused(Reason(text, "twice", "label", adjustment_url(there)))


def _ask(row: Adjustment) -> None:
    """Tell those who approve, but for the one who proposed it."""
    roles = [str(role) for role in ACTIONS["pay.approve"].roles]
    people = Person.objects.filter(is_active=True, roles__overlap=roles)
    if row.made_by is not None:
        people = people.exclude(pk=row.made_by.pk)
    title = f"An adjustment for {row.rep.name} waits for a decision"
    notify(people=people, title=title, text=row.label, url=adjustment_url(row))
