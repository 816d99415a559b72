"""The blocks of a statement beside its components: closed months, draw, holds, adjustments, lines."""

from django.urls import reverse

from compensation.models import HeldPay, PayLine, Statement, StatementAdjustment
from compensation.selectors.statement_words import (
    draw_steps,
    draw_words,
    line_name,
    rate_text,
    unit_of,
)
from compensation.selectors.statements import Delta
from compensation.views.statement_parts import lines_url
from compensation.views.statement_words import deal_link, line_columns, line_url
from core.explain import address
from core.listing import Column, Empty
from core.pages import Link, Section, table_section

NOTHING = Empty("Nothing here", "There is nothing of this kind on the statement.")
LATE = (
    "What earlier months would be today, less what was paid for them. A closed month itself never changes: "
    "the difference is paid here."
)

HELD = (
    "Pay that waits is calculated, and paid when it is released: of a deal what its own lines pay, and its "
    "share of what pays for a whole period."
)


def deltas_section(row: Statement, deltas: list[Delta], seen: set[int]) -> list[Section]:
    """Why closed months are paid anew."""
    if not deltas:
        return []
    columns = [
        Column("deal", "Deal", lambda one: line_name(one.line), link=lambda one: line_url(one.line)),
        Column("month", "Month", kind="month"),
        Column("component", "Component", "line.part.name"),
        Column("why", "Why it differs"),
        Column("pay", "Difference", kind="money", unit=row.currency_id, link=lambda one: line_url(one.line)),
    ]
    all_of_them = Link("All of them", lines_url(row, delta="yes"))
    return [
        table_section("From closed months", deltas, columns, empty=NOTHING, note=LATE, links=(all_of_them,))
    ]


def draw_section(row: Statement) -> list[Section]:
    """The draw's ledger of the month; nothing without a draw and without debt."""
    steps = draw_steps(row)
    if not steps:
        return []
    columns = [
        Column("what", "Step", lambda one: one[0]),
        Column("money", "Money", lambda one: one[1], "money", unit=row.currency_id),
    ]
    return [table_section("Draw", steps, columns, empty=NOTHING, note=draw_words(row))]


def held_section(row: Statement, held: list[HeldPay], seen: set[int]) -> list[Section]:
    """What waits, and what was let go."""
    if not held:
        return []
    columns = [
        Column("deal", "Deal", lambda one: str(one.deal) if one.deal else "All pay", link=deal_link(seen)),
        Column(
            "what",
            "What",
            lambda one: "Held" if one.amount > 0 else "Released",
            "badge",
            tone=lambda one: "warn" if one.amount > 0 else "good",
        ),
        Column("since", "Since", "hold.since", "date"),
        Column("why", "Why", lambda one: one.hold.reason if one.amount > 0 else one.hold.release_reason),
        Column(
            "amount",
            "Money",
            lambda one: -one.amount,
            "money",
            unit=row.currency_id,
            link=lambda one: address("held_pay", one.pk),
        ),
    ]
    return [table_section("Holds", held, columns, empty=NOTHING, note=HELD)]


def adjustments_section(row: Statement, adjusted: list[StatementAdjustment], seen: set[int]) -> list[Section]:
    """Money beside the plan, with its reason."""
    if not adjusted:
        return []
    columns = [
        Column("label", "Adjustment", "adjustment.label"),
        Column("reason", "Reason", "adjustment.reason"),
        Column(
            "deal",
            "Deal",
            "adjustment.deal.name",
            link=lambda one: (
                reverse("crm:deal", args=[one.adjustment.deal_id]) if one.adjustment.deal_id in seen else ""
            ),
        ),
        Column("amount", "Money", kind="money", unit=row.currency_id),
    ]
    return [table_section("Adjustments", adjusted, columns, empty=NOTHING)]


def largest_section(row: Statement, lines: list[PayLine], seen: set[int]) -> list[Section]:
    """The lines that pay or take most, and the way to all."""
    currency = row.currency_id
    shown = [one for one in line_columns(currency) if one.key not in {"month", "rate"}]
    rate = Column("rate", "Rate", lambda one: rate_text(one.rate, unit_of(one.part, currency), currency))
    columns = [*shown[:-1], rate, shown[-1]]
    if any(one.deal_id in seen for one in lines):
        deal = Column("page", "CRM", lambda one: "Deal" if one.deal_id in seen else "", link=deal_link(seen))
        columns.insert(1, deal)
    links = (Link("All lines", reverse("compensation:statement-lines", args=[row.pk])),)
    return [
        table_section(
            "Largest lines",
            lines,
            columns,
            empty=Empty("No lines", "Nothing was computed for this month."),
            note="Each pay leads to its tier, its rate, the credit and the deal.",
            links=links,
        )
    ]
