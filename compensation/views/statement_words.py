"""The columns of statements and lines, and the words of states."""

from typing import Any

from django.urls import reverse

from compensation.models import LineKind, PayLine, RunState, Statement
from compensation.selectors.statement_words import line_name, rate_text, unit_of
from compensation.selectors.statements import statement_url
from core.explain import address
from core.formats import show
from core.listing import Column

STATE_TONES = {
    RunState.CALCULATING: "info",
    RunState.FAILED: "bad",
    RunState.PREVIEW: "quiet",
    RunState.CALCULATED: "info",
    RunState.REVIEWED: "info",
    RunState.APPROVED: "good",
    RunState.LOCKED: "good",
    RunState.PAID: "good",
    RunState.DISCARDED: "bad",
}
KIND_TONES = {LineKind.EARNED: "good", LineKind.TRUE_UP: "info", LineKind.TAKEN_BACK: "bad"}

EXACT_RATE = Column("rate", "Rate", lambda one: one.rate or None, "factor", help="0.05 is 5 %.")


def line_url(line: PayLine) -> str:
    """Where a line's number comes from."""
    return address("pay_line", line.pk)


def deal_link(seen: set[int]) -> Any:
    """The page of the line's deal, for those among the seen ones."""

    def link(line: Any) -> str:
        return reverse("crm:deal", args=[line.deal_id]) if line.deal_id in seen else ""

    return link


def line_columns(currency: str, *, exact: bool = False) -> list[Column]:
    """The columns of lines; each pay leads to what made it. exact: rates as numbers, for files."""

    def rate_of(one: PayLine) -> str | None:
        return rate_text(one.rate, unit_of(one.part, currency), currency) if one.rate else None

    return [
        Column("deal", "Deal", line_name, order="credit__label", link=line_url),
        Column("component", "Component", "part.name", order="part__position"),
        Column("month", "Month", kind="month", order="month"),
        Column(
            "kind",
            "What",
            lambda one: one.get_kind_display(),
            "badge",
            order="kind",
            tone=lambda one: KIND_TONES.get(one.kind, "quiet"),
        ),
        Column("tier", "Tier", kind="number", order="tier"),
        Column("amount", "Amount", kind="money", order="amount", help="Of what the component counts."),
        EXACT_RATE if exact else Column("rate", "Rate", rate_of, "written", order="rate"),
        Column("pay", "Pay", kind="money", unit=currency, order="pay", link=line_url),
    ]


def paid_word(row: Statement) -> str:
    """Where the money is."""
    run = row.run
    if run.state == RunState.PAID and run.paid_on:
        return f"Paid on {show(run.paid_on, 'date')[0]}"
    if run.state == RunState.LOCKED:
        return "Locked: it is paid with the next payroll"
    if run.state == RunState.APPROVED:
        return "Approved: it is paid after the month is locked"
    return "Not approved yet: it may still change"


def statement_columns() -> list[Column]:
    """The columns of lists of statements."""
    return [
        Column("rep", "Rep", "rep.name", order="rep__name"),
        Column("month", "Month", "run.month", "month", order="run__month"),
        Column(
            "state",
            "State",
            lambda one: one.run.get_state_display(),
            "badge",
            order="run__state",
            tone=lambda one: STATE_TONES[RunState(one.run.state)],
        ),
        Column("currency", "Currency", "currency_id", order="currency"),
        Column("earned", "Earned", kind="money", order="earned"),
        Column("deltas", "Closed months", kind="money", order="deltas", help="What earlier months differ."),
        Column("adjustments", "Adjustments", kind="money", order="adjustments"),
        Column(
            "draw", "Draw", lambda one: one.advanced - one.kept_back, "money", help="Advanced less kept back"
        ),
        Column("holds", "Holds", lambda one: one.released - one.held, "money", help="Released less held."),
        Column("pay", "Payout", kind="money", order="pay", link=statement_url),
        Column("owed", "Still owed", kind="money", order="owed", help="Of draws, at the end of the month."),
    ]
