"""The papers of the demo's deals: every situation that a sales manager knows, and the same each time."""

import datetime as dt
from collections import Counter
from decimal import Decimal

from demo.company.papers import Sold, as_billed, erp_papers, own_quotes

TODAY = dt.date(2026, 11, 20)


def deals() -> list[Sold]:
    won = [
        Sold("crm", f"W{n}", "C1001", "EUR", Decimal(1000 + n), TODAY - dt.timedelta(days=n % 180))
        for n in range(300)
    ]
    return [*won, *(Sold("crm", f"O{n}", "C1001", "EUR", Decimal(50 * n), None) for n in range(40))]


def test_deals_won_lately_have_orders_and_the_older_of_them_invoices() -> None:
    papers = erp_papers(deals(), 7, TODAY)

    kinds = Counter(papers["kind"])
    assert kinds["order"] > 180
    assert 0.6 < kinds["invoice"] / kinds["order"] < 0.9
    assert set(papers[papers["kind"] == "order"]["state"]) == {"signed", "invoiced", "paid"}
    assert papers["number"].is_unique
    assert set(papers["deal_key"].str.startswith("crm:W")) == {True}


def test_some_are_late_some_lack_a_document_and_some_were_billed_too_early() -> None:
    papers = erp_papers(deals(), 7, TODAY)

    late = papers[(papers["state"] == "sent") & (papers["due"] < TODAY.isoformat())]
    early = papers[papers["state"].isin(["invoiced", "paid"]) & (papers["delivered_percent"] < 100)]
    early = early[early["kind"] == "order"]
    assert 5 < len(late) < 60
    assert 5 < len(early) < 60
    assert 5 < (papers["document"] == "").sum() < 40


def test_invoices_are_sent_and_paid_on_days_of_their_own() -> None:
    papers = erp_papers(deals(), 7, TODAY)
    invoices = papers[papers["kind"] == "invoice"]
    paid, before = invoices[invoices["state"] == "paid"], as_billed(papers)

    assert invoices["as_of"].max() <= TODAY.isoformat()
    assert invoices["as_of"].nunique() > 60
    assert list(before["number"]) == list(paid["number"]) and set(before["state"]) == {"sent"}
    sent_and_paid = zip(before["as_of"], paid["as_of"], strict=True)
    assert all(
        dt.date.fromisoformat(b) - dt.date.fromisoformat(a) == dt.timedelta(30) for a, b in sent_and_paid
    )
    assert set(papers[papers["kind"] == "order"]["as_of"]) == {TODAY.isoformat()}


def test_the_same_seed_gives_the_same_papers() -> None:
    assert erp_papers(deals(), 7, TODAY).equals(erp_papers(deals(), 7, TODAY))


def test_quotes_are_written_for_the_largest_open_deals_in_every_situation() -> None:
    quotes = own_quotes(deals(), TODAY)

    assert [quote.deal.key for quote in quotes[:3]] == ["O39", "O38", "O37"]
    assert {quote.moves for quote in quotes} >= {(), ("ask",), ("ask", "reject"), ("ask", "approve", "send")}
    assert any(quote.due and quote.due < TODAY for quote in quotes)
    assert not any(quote.document for quote in quotes if quote.due is None)


def test_no_deals_no_papers() -> None:
    assert erp_papers([], 7, TODAY).empty
    assert own_quotes([], TODAY) == []
