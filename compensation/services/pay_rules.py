"""What every entry about somebody's pay keeps to: not the own, whole spans of days, no locked month."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from compensation.selectors.closing import wait_for_closing
from compensation.selectors.plans import last_closed_month
from core.access import require
from core.errors import Denied, Invalid, Reason, Refused
from core.models import Person
from crm.models import Rep

PLAN = "pay.plan"
DAY = dt.timedelta(days=1)
LAST_POSSIBLE = dt.date(9999, 12, 31)
MOST_MONEY = Decimal(10) ** 13


def may_set_pay_of(actor: Person | None, *reps: Rep | None) -> None:
    """Raises Denied unless the actor may change plans, their people and quotas; for the own pay always."""
    require(actor, PLAN)
    mine = getattr(actor, "rep", None) if actor is not None else None
    if mine is not None and any(rep is not None and rep.pk == mine.pk for rep in reps):
        raise Denied("Nobody sets the own pay. Ask a colleague.")


def days_between(first: dt.date | None, last: dt.date | None) -> DateRange:
    """From the first up to and with the last day; open without one. Raises Invalid."""
    if first is None:
        raise Invalid(Reason("A first day is needed.", "required", "first"))
    if last is not None and last < first:
        text = f"The last day lies before the first, {first:%d %b %Y}."
        raise Invalid(Reason(text, "invalid", "last"))
    if first > LAST_POSSIBLE - DAY or (last is not None and last >= LAST_POSSIBLE):
        raise Invalid(Reason("Choose a day before 9999.", "invalid", "last"))
    return DateRange(first, last + DAY if last else None)


def last_of(days: DateRange) -> dt.date | None:
    """The last day of a span; None where it is open."""
    return days.upper - DAY if days.upper else None


def changed_since(row: Any, wanted: dict[str, Any], days: DateRange) -> dt.date | None:
    """The first day on which a dated row says something else after a change; None where nothing differs.

    wanted: its other fields as they shall be. Another last day counts from the earlier of the two on.
    """
    first = min(row.days.lower, days.lower)
    if row.days.lower != days.lower or any(getattr(row, name) != value for name, value in wanted.items()):
        return first
    ends = [end for end in (row.days.upper, days.upper) if end is not None]
    return None if row.days == days else min(ends)


def reason_for_closed(first: dt.date, reason: str) -> None:
    """Raises Invalid without a reason where pay from a day on changes and some of it is locked: the
    difference is paid in the open month, and people ask why."""
    wait_for_closing()
    closed = last_closed_month(first)
    if closed is not None and not reason.strip():
        text = f"Say why: {closed:%B %Y} is locked, so the difference is paid in the open month."
        raise Invalid(Reason(text, "reason_missing", "reason"))


def refuse_closed(first: dt.date, last: dt.date) -> None:
    """Raises Refused where pay of a month between two days is locked."""
    wait_for_closing()
    closed = last_closed_month(first, last)
    if closed is not None:
        text = (
            f"The pay of {closed:%B %Y} is locked: what it was made from stays. Correct it by an adjustment."
        )
        raise Refused(Reason(text, "month_closed"))
