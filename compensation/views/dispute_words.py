"""What disputes look like: columns, badges, figures."""

import datetime as dt
from typing import Any

from compensation.models import Dispute, DisputeState
from compensation.selectors.dispute_figures import DisputeFigures
from compensation.selectors.statements import statement_url
from core.formats import grouped, show
from core.listing import Column

TONES = {
    DisputeState.OPEN: "info",
    DisputeState.ACCEPTED: "good",
    DisputeState.REJECTED: "bad",
    DisputeState.WITHDRAWN: "quiet",
}


def state_words(row: Dispute) -> str:
    """The state; an open one that nobody answered in time is late."""
    if row.state == DisputeState.OPEN:
        if row.late:  # type: ignore[attr-defined]
            return "Late"
        return "Answered" if row.first_answer else "Open"
    return row.get_state_display()


def state_tone(row: Dispute) -> str:
    if row.state == DisputeState.OPEN and row.late:  # type: ignore[attr-defined]
        return "warn"
    return TONES[DisputeState(row.state)]


def what(row: Dispute) -> str:
    """What is disputed, in few words."""
    deal = str(row.deal) if row.deal is not None else ""
    part = row.line.part.name if row.line is not None else "The statement"
    return f"{part}: {deal}" if deal else part


def paid(row: Dispute) -> Any:
    return row.line.pay if row.line is not None else None


def worth(row: Any) -> Any:
    """What a dispute is about in money; nothing where neither a line nor an amount was named."""
    return row.worth or None


def statement_path(row: Dispute) -> str:
    return statement_url(row.statement_id)


COLUMNS = [
    Column("what", "What", what),
    Column("rep", "Rep", "rep.name", order="rep__name"),
    Column("month", "Pay of", "statement.run.month", "month", order="statement__run__month"),
    Column("about", "About", "get_about_display", order="about"),
    Column("worth", "Worth", worth, "money", order="worth", help="What is wanted less what was paid"),
    Column("currency", "In", "statement.currency.code", "code", order="statement__currency"),
    Column("state", "State", state_words, "badge", order="state", tone=state_tone),
    Column("owner", "Answers", lambda row: row.owner.name if row.owner else "", order="owner__name"),
    Column("raised", "Raised", kind="time", order="raised"),
    Column("due", "Due", kind="time", order="due"),
]
FACTS = [
    Column("state", "State", state_words, "badge", tone=state_tone),
    Column("rep", "Rep", "rep.name"),
    Column("month", "Pay of", "statement.run.month", "month", link=statement_path),
    Column("component", "Component", lambda row: row.line.part.name if row.line else ""),
    Column("deal", "Deal", lambda row: str(row.deal) if row.deal else ""),
    Column("paid", "Paid", paid, "money"),
    Column("expected", "Should be", "expected", "money"),
    Column("worth", "Worth", worth, "money"),
    Column("currency", "Currency", "statement.currency.code"),
    Column("raised", "Raised", "raised", "time"),
    Column("owner", "Answers", lambda row: row.owner.name if row.owner else "Nobody yet"),
    Column("due", "Due", "due", "time", help="Counted in working hours"),
    Column("answered", "First answer", "first_answer", "time"),
]


def money_by_currency(sums: dict[str, Any]) -> str:
    """12 300.00 EUR, 400.00 USD."""
    return ", ".join(f"{show(amount, 'money')[0]} {code}" for code, amount in sums.items()) or "–"


def hours_words(hours: float | None) -> str:
    return "–" if hours is None else f"{grouped(hours, 1)} h"


MONTH = Column("label", "Month", lambda row: dt.date.fromisoformat(f"{row.label}-01"), "month")
FIGURE_COLUMNS = [
    Column("label", "Group", "label"),
    Column("count", "Raised", "count", "quantity"),
    Column("open", "Open", "open", "quantity"),
    Column("agreed", "Agreed", "agreed", "quantity"),
    Column("disagreed", "Disagreed", "disagreed", "quantity"),
    Column("withdrawn", "Withdrawn", "withdrawn", "quantity"),
    Column("share", "Agreed of decided", "agreed_share", "percent"),
    Column("hours", "Working hours to decide", lambda row: row.hours, "number", help="Median"),
    Column("late", "Late", "late", "quantity", help="Nobody answered in time"),
    Column("worth", "Worth", lambda row: money_by_currency(row.worth)),
    Column("adjusted", "Proposed to be paid", lambda row: money_by_currency(row.adjusted)),
]


def key_figures(total: DisputeFigures) -> list[dict[str, Any]]:
    """Four numbers above the report."""
    share = total.agreed_share
    return [
        {
            "label": "Disputes",
            "value": show(total.count, "quantity")[0],
            "change": f"{total.open} open",
        },
        {
            "label": "Agreed",
            "value": "–" if share is None else show(share, "percent")[0],
            "change": f"{total.agreed} of {total.agreed + total.disagreed} decided",
            "help": "A high share says that the pay was wrong, a low one that it was not understood.",
        },
        {
            "label": "To decide",
            "value": hours_words(total.hours),
            "change": "median, working hours",
        },
        {
            "label": "Late",
            "value": show(total.late, "quantity")[0],
            "change": "answered after the agreed hours",
            "tone": "warn" if total.late else "",
        },
    ]
