"""Order papers of the company's deals: what the ERP would export, and what is written in sopcycle."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from demo.company.span import chance

BILLING = 42  # days after a deal is won
RECENT = 150  # days since a deal was won: older papers are in the archive
SHARE = 0.82  # of won deals have their order in the ERP
PAYMENT = 30  # days
QUOTES = 14
FILES = "https://files.tarnfell.example/papers"


@dataclass(frozen=True)
class Sold:
    """A deal as far as its papers go. `closed` is None while it is open."""

    crm: str
    key: str
    account: str
    currency: str
    amount: Decimal
    closed: dt.date | None


@dataclass(frozen=True)
class Quote:
    """A quote that somebody writes here: its terms and the moves that it goes through."""

    deal: Sold
    discount: Decimal
    due: dt.date | None
    document: str
    moves: tuple[str, ...]


def erp_papers(deals: Sequence[Sold], seed: int, today: dt.date) -> pd.DataFrame:
    """Orders and invoices of the deals won lately, as the ERP exports them on a day: some are late,
    one in twelve was invoiced before it was delivered, and one in fifteen lacks its document."""
    dice = chance(seed, "papers")
    rows: list[dict[str, object]] = []
    for deal in deals:
        if deal.closed is None or not 0 <= (today - deal.closed).days <= RECENT or dice.random() > SHARE:
            continue
        number = 10_000 + len(rows)
        rows += _order_and_invoice(deal, deal.closed, today, number, dice.random(3).tolist())
    return pd.DataFrame(rows, columns=COLUMNS)


def as_billed(papers: pd.DataFrame) -> pd.DataFrame:
    """The paid ones among the ERP's invoices as an earlier export showed them: sent, and not yet paid."""
    paid = papers[(papers["kind"] == "invoice") & (papers["state"] == "paid")]
    billed = [dt.date.fromisoformat(due) - dt.timedelta(days=PAYMENT) for due in paid["due"]]
    return paid.assign(state="sent", as_of=[day.isoformat() for day in billed])


COLUMNS = [
    *("number", "kind", "state", "account", "deal_key", "amount", "currency", "discount_percent"),
    *("delivered_percent", "due", "document", "as_of"),
]


def _order_and_invoice(
    deal: Sold, closed: dt.date, today: dt.date, number: int, luck: list[float]
) -> list[dict[str, object]]:
    """What became of a won deal by its age in days: delivered within eight weeks, billed after six. An order
    is told of today, an invoice on the day when it was sent or paid."""
    age, early = (today - closed).days, luck[0] < 1 / 12
    delivered = min(100, round(age / 56 * 100 / 5) * 5) if not early else min(60, age)
    billed = age > BILLING or early
    paid = age > BILLING + PAYMENT and luck[1] < 0.75
    state = "paid" if paid else "invoiced" if billed else "signed"
    order = _row(deal, f"SO-{number}", "order", state, closed + dt.timedelta(days=60 if not billed else 90))
    order |= {"delivered_percent": delivered, "document": "" if luck[2] < 1 / 15 else order["document"]}
    order["as_of"] = today.isoformat()
    if not billed:
        return [order]
    due = closed + dt.timedelta(days=BILLING + PAYMENT)
    invoice = _row(deal, f"INV-{number}", "invoice", "paid" if paid else "sent", due)
    sent = closed + dt.timedelta(days=BILLING if age > BILLING else age // 2)
    return [order, invoice | {"as_of": (due if paid else sent).isoformat()}]


def _row(deal: Sold, number: str, kind: str, state: str, due: dt.date) -> dict[str, object]:
    return {
        "number": number,
        "kind": kind,
        "state": state,
        "account": deal.account,
        "deal_key": f"{deal.crm}:{deal.key}",
        "amount": deal.amount,
        "currency": deal.currency,
        "discount_percent": 0,
        "delivered_percent": 0,
        "due": due.isoformat(),
        "document": f"{FILES}/{number}.pdf",
    }


def own_quotes(deals: Sequence[Sold], today: dt.date) -> list[Quote]:
    """Quotes for the largest open deals, one of each situation that a sales manager knows."""
    largest = sorted(
        (deal for deal in deals if deal.closed is None), key=lambda deal: (-deal.amount, deal.key)
    )
    return [_quote(deal, place % len(SITUATIONS), today) for place, deal in enumerate(largest[:QUOTES])]


# Discount in percent, days until it is due, whether the document is there, the moves.
SITUATIONS: tuple[tuple[str, int | None, bool, tuple[str, ...]], ...] = (
    ("18", 21, True, ("ask",)),
    ("5", 14, True, ("ask", "approve", "send")),
    ("0", None, False, ()),
    ("8", -6, True, ("ask", "approve", "send")),
    ("15", 10, True, ("ask", "reject")),
    ("3", 12, True, ("ask", "approve", "send", "sign")),
    ("0", 25, True, ()),
)


def _quote(deal: Sold, situation: int, today: dt.date) -> Quote:
    discount, days, has_document, moves = SITUATIONS[situation]
    due = None if days is None else today + dt.timedelta(days=days)
    document = f"{FILES}/quote-{deal.key}.pdf" if has_document else ""
    return Quote(deal, Decimal(discount), due, document, moves)
