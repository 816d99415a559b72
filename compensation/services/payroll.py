"""Taking a closed month's pay out for payroll."""

from django.db import transaction

from compensation.models import CLOSED, PayRun
from compensation.selectors.payroll import PayrollRow, payroll_rows
from core.access import require
from core.errors import Reason, Refused
from core.events import record
from core.models import Person


@transaction.atomic
def take_payroll(*, actor: Person | None, run: PayRun, form: str) -> list[PayrollRow]:
    """The rows for payroll; the event log keeps who took them. Raises Refused unless the month is locked."""
    require(actor, "pay.export")
    if run.state not in CLOSED:
        state = run.get_state_display().lower()
        text = f"{run} is “{state}”. Payroll takes locked months only: nothing else is final. Lock it first."
        raise Refused(Reason(text, "not_locked"))
    rows = payroll_rows(actor, run)
    record(
        actor=actor, verb="pay: taken out for payroll", subject=run, after={"form": form, "rows": len(rows)}
    )
    return rows
