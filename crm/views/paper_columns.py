"""Columns of order papers, shared by their lists and pages."""

from typing import Any

from django.urls import reverse

from catalog.selectors import base_currency
from core.formats import show
from core.listing import Column
from crm.engine.paper_moves import DONE
from crm.models import OrderPaper, PaperState
from crm.selectors.papers import accountable, today
from crm.views.accounts import account_url

VIEW, EDIT = "papers.view", "papers.edit"
TONES = {
    PaperState.DRAFT: "quiet",
    PaperState.APPROVAL: "warn",
    PaperState.APPROVED: "info",
    PaperState.SENT: "info",
    PaperState.SIGNED: "good",
    PaperState.INVOICED: "info",
    PaperState.PAID: "good",
    PaperState.DECLINED: "bad",
    PaperState.CANCELLED: "quiet",
}


def is_late(paper: OrderPaper) -> bool:
    """Whether its day has passed and it is not done."""
    return paper.due is not None and paper.due < today() and paper.state not in DONE


def due_of(paper: OrderPaper) -> str:
    """The due day, and that it has passed."""
    return f"{show(paper.due, 'date')[0]}{', late' if is_late(paper) else ''}"


def deal_link(paper: OrderPaper) -> str:
    return reverse("crm:deal", args=[paper.deal_id]) if paper.deal_id else ""


def paper_account_link(paper: OrderPaper) -> str:
    return account_url(paper.account) if paper.account else ""


def in_its_currency(paper: OrderPaper) -> str:
    """The amount and its currency; empty where that is the base currency."""
    if paper.amount is None or paper.currency_id in (None, base_currency()):
        return ""
    return f"{show(paper.amount, 'money')[0]} {paper.currency_id}"


def share_of(name: str) -> Any:
    """A column's value that is stored in percent, as a share."""
    return lambda paper: getattr(paper, name) / 100


NUMBER = Column("number", "Number", kind="code", order="number")
KIND = Column("kind", "Kind", "get_kind_display", order="kind")
ACCOUNT = Column("account", "Account", "account.name", order="account__name", link=paper_account_link)
STATE = Column(
    "state",
    "State",
    "get_state_display",
    "badge",
    order="state",
    tone=lambda paper: TONES[PaperState(paper.state)],
)
AMOUNT = Column("amount", "Amount", kind="money", order="amount")
FOREIGN = Column("foreign", "In its currency", in_its_currency)
CURRENCY = Column("currency", "Currency", "currency_id", order="currency")
DISCOUNT = Column("discount", "Discount", share_of("discount_percent"), "percent", order="discount_percent")
DELIVERED = Column(
    "delivered", "Delivered", share_of("delivered_percent"), "percent", order="delivered_percent"
)
DUE = Column("due", "Due", kind="date", order="due")
OWNER = Column("owner", "Owner", accountable, order="owner__name")


def worth_column() -> Column:
    """What a paper is worth in base currency."""
    return Column("worth", "Worth", kind="money", unit=base_currency(), order="rank")
