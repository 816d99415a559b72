"""Order papers: who writes, approves and moves them, and what the policy refuses."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.utils import timezone

from catalog.models import Currency, MonthRate
from core.errors import Conflict, Denied, Invalid, Refused
from core.history import changes_of
from core.models import Event, Notification, Person
from crm.engine.paper_moves import PAPER_MOVES
from crm.models import Deal, OrderPaper
from crm.selectors.papers import papers_visible_to
from crm.services.paper_moves import move_paper, report_delivery
from crm.services.papers import change_paper
from tests.crm.paper_world import SOON, Shop, Write, codes, shop, walk, write

__all__ = ["shop", "write"]


def test_an_order_goes_from_draft_to_paid(write: Write, coordinator: Person) -> None:
    paper = walk(write(kind="order"), coordinator, "send", "sign", "invoice", "pay")

    assert paper.state == "paid"
    verbs = Event.objects.filter(subject_id=str(paper.pk), verb__startswith="paper: ").values_list(
        "verb", flat=True
    )
    assert list(verbs) == [
        *("paper: mark as paid", "paper: mark as invoiced", "paper: mark as signed", "paper: send"),
    ]


def test_an_invoice_is_paid_once_it_is_sent_and_never_signed(write: Write, coordinator: Person) -> None:
    paper = walk(write(kind="invoice"), coordinator, "send")

    with pytest.raises(Refused, match="An invoice is not signed"):
        move_paper(actor=coordinator, paper=paper, name="sign")
    assert walk(paper, coordinator, "pay").state == "paid"


def test_a_quote_is_neither_invoiced_nor_paid(write: Write, coordinator: Person) -> None:
    paper = walk(write(), coordinator, "send")

    with pytest.raises(Refused, match="A quote is not paid"):
        move_paper(actor=coordinator, paper=paper, name="pay")
    with pytest.raises(Refused, match="A quote is not invoiced"):
        move_paper(actor=coordinator, paper=walk(paper, coordinator, "sign"), name="invoice")


def test_everything_that_stands_against_a_move_is_told_at_once(write: Write, coordinator: Person) -> None:
    paper = write(amount=Decimal(80_000), discount_percent=Decimal(25), due=None, document="")

    with pytest.raises(Refused) as refusal:
        move_paper(actor=coordinator, paper=paper, name="send")

    assert codes(refusal) == {
        *("due_missing", "discount_above_limit", "amount_above_limit", "document_missing"),
    }
    paper.refresh_from_db()
    assert (paper.state, paper.revision) == ("draft", 1)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": Decimal(0)}, "amount_missing"),
        ({"due": None}, "due_missing"),
        ({"document": ""}, "document_missing"),
        ({"discount_percent": Decimal("10.01")}, "discount_above_limit"),
        ({"amount": Decimal("50000.01")}, "amount_above_limit"),
    ],
)
def test_each_rule_stops_a_draft_alone(
    write: Write, coordinator: Person, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        move_paper(actor=coordinator, paper=write(**changes), name="send")

    assert codes(refusal) == {code}


def test_at_the_limits_nothing_needs_approval(write: Write, coordinator: Person) -> None:
    paper = write(amount=Decimal(50_000), discount_percent=Decimal(10))

    assert walk(paper, coordinator, "send").state == "sent"


def test_an_amount_is_compared_in_base_currency(write: Write, coordinator: Person) -> None:
    crown = Currency.objects.create(code="NOK", name="Krone")
    paper = write(amount=Decimal(60_000), currency=crown)
    with pytest.raises(Refused, match="NOK has no month rate") as refusal:
        move_paper(actor=coordinator, paper=paper, name="send")
    assert codes(refusal) == {"no_rate"}

    MonthRate.objects.create(currency=crown, month=timezone.localdate().replace(day=1), rate=Decimal("0.085"))

    assert walk(paper, coordinator, "send").state == "sent"


def test_above_the_limits_somebody_approves(write: Write, coordinator: Person, manager: Person) -> None:
    paper = walk(write(amount=Decimal(80_000), discount_percent=Decimal(25)), coordinator, "ask")
    paper = walk(walk(paper, manager, "approve"), coordinator, "send")

    assert (paper.state, paper.submitted_by, paper.approved_by) == ("sent", coordinator, manager)


def test_nobody_approves_what_they_asked_for(write: Write, manager: Person) -> None:
    paper = walk(write(actor=manager), manager, "ask")

    with pytest.raises(Refused, match="You asked for this approval yourself"):
        move_paper(actor=manager, paper=paper, name="approve")


def test_nobody_approves_the_paper_they_look_after(
    write: Write, coordinator: Person, manager: Person
) -> None:
    paper = walk(write(owner=manager), coordinator, "ask")

    with pytest.raises(Refused, match="This is your own paper"):
        move_paper(actor=manager, paper=paper, name="approve")


def test_nobody_approves_the_paper_of_a_deal_they_sell(
    write: Write, shop: Shop, coordinator: Person, sales_manager: Person
) -> None:
    Deal.objects.filter(pk=shop.deal.pk).update(rep=shop.sam)
    paper = walk(write(deal=Deal.objects.get(pk=shop.deal.pk)), coordinator, "ask")

    with pytest.raises(Refused, match="This is your own paper"):
        move_paper(actor=sales_manager, paper=paper, name="approve")


def test_raw_sql_approves_no_own_paper_either(write: Write, manager: Person) -> None:
    paper = walk(write(), manager, "ask")

    with pytest.raises(IntegrityError, match="not_approved_by_its_submitter"), transaction.atomic():
        OrderPaper.objects.filter(pk=paper.pk).update(approved_by=manager)


def test_a_rep_writes_and_sends_but_does_not_approve(
    write: Write, sales_rep: Person, sales_manager: Person
) -> None:
    paper = walk(write(actor=sales_rep, discount_percent=Decimal(20)), sales_rep, "ask")

    with pytest.raises(Denied, match="may not approve"):
        move_paper(actor=sales_rep, paper=paper, name="approve")
    assert walk(paper, sales_manager, "approve").state == "approved"


def test_an_analyst_reads_papers_and_moves_none(write: Write, analyst: Person) -> None:
    paper = write()

    assert papers_visible_to(analyst).get() == paper
    with pytest.raises(Denied, match="may not write and move"):
        move_paper(actor=analyst, paper=paper, name="send")


def test_who_decides_is_told_and_who_asked_hears_the_answer(
    write: Write, sales_rep: Person, sales_manager: Person, manager: Person
) -> None:
    paper = walk(write(actor=sales_rep), sales_rep, "ask")
    asked = Notification.objects.get()
    walk(paper, sales_manager, "reject")
    answered = Notification.objects.exclude(pk=asked.pk).get()

    assert (asked.person, answered.person) == (sales_manager, sales_rep)
    assert answered.title == f"{paper} is sent back"
    assert "Because." in answered.text


def test_sending_back_asks_why_and_forgets_who_asked(
    write: Write, coordinator: Person, manager: Person
) -> None:
    paper = walk(write(), coordinator, "ask")
    with pytest.raises(Refused, match="Say why"):
        move_paper(actor=manager, paper=paper, name="reject", reason=" ")

    assert walk(paper, manager, "reject").submitted_by is None


def test_a_move_that_another_one_overtook_is_refused(write: Write, coordinator: Person) -> None:
    paper = write()
    walk(paper, coordinator, "send")

    with pytest.raises(Refused, match="is sent; that is not possible now"):
        move_paper(actor=coordinator, paper=paper, name="send")


def test_the_database_refuses_moves_that_are_not_in_the_table(write: Write) -> None:
    paper = write()
    legal = set(PAPER_MOVES.transitions)
    for state in ("signed", "invoiced", "paid", "declined", "approved"):
        assert ("draft", state) not in legal
        with pytest.raises(InternalError, match="Invalid transition"), transaction.atomic():
            OrderPaper.objects.filter(pk=paper.pk).update(state=state)


def test_papers_of_another_system_move_there(shop: Shop, coordinator: Person) -> None:
    paper = OrderPaper.objects.create(
        source="erp", number="4711", kind="invoice", state="sent", account=shop.account
    )

    with pytest.raises(Refused, match="it moves there"):
        move_paper(actor=coordinator, paper=paper, name="pay")
    with pytest.raises(Refused, match="it is changed there"):
        change_paper(actor=coordinator, paper=paper, revision=1, changes={"due": SOON})
    owned = change_paper(actor=coordinator, paper=paper, revision=1, changes={"owner": coordinator})
    assert owned.owner == coordinator
    OrderPaper.objects.filter(pk=paper.pk).update(state="draft")  # as its system says, whatever it was


def test_terms_stay_once_somebody_has_seen_them(write: Write, coordinator: Person) -> None:
    paper = walk(write(), coordinator, "send")

    with pytest.raises(Refused, match="its terms stay"):
        change_paper(
            actor=coordinator, paper=paper, revision=paper.revision, changes={"amount": Decimal(2000)}
        )
    later = SOON + dt.timedelta(days=7)
    kept = change_paper(actor=coordinator, paper=paper, revision=paper.revision, changes={"due": later})
    assert kept.due == later


def test_a_paper_that_is_done_stays_as_it_is(write: Write, coordinator: Person) -> None:
    paper = walk(write(), coordinator, "cancel")

    with pytest.raises(Refused, match="it stays as it is"):
        change_paper(actor=coordinator, paper=paper, revision=paper.revision, changes={"due": None})


def test_a_stale_change_is_refused(write: Write, coordinator: Person, manager: Person) -> None:
    paper = write()
    change_paper(actor=manager, paper=paper, revision=1, changes={"amount": Decimal(5)})

    with pytest.raises(Conflict):
        change_paper(actor=coordinator, paper=paper, revision=1, changes={"amount": Decimal(6)})


def test_numbers_follow_each_other_by_kind(write: Write) -> None:
    year = timezone.localdate().year
    written = [write(), write(), write(kind="order")]

    assert [paper.number for paper in written] == [f"Q-{year}-0001", f"Q-{year}-0002", f"O-{year}-0001"]


def test_a_paper_takes_its_account_from_the_deal_and_refuses_another(write: Write, shop: Shop) -> None:
    assert write(account=None, deal=shop.deal).account == shop.account
    with pytest.raises(Invalid, match="Choose a deal of Shop Two") as refusal:
        write(account=shop.other, deal=shop.deal)
    assert refusal.value.reasons[0].field == "deal"
    with pytest.raises(Invalid, match="Name the account"):
        write(account=None)


def test_a_paper_follows_one_of_the_same_account_and_never_itself(
    write: Write, shop: Shop, coordinator: Person
) -> None:
    first = write(deal=shop.deal)
    second = write(kind="order", account=None, follows=first)
    assert (second.account, second.deal) == (shop.account, shop.deal)

    with pytest.raises(Invalid, match="Choose a paper of Shop Two"):
        write(account=shop.other, follows=first)
    with pytest.raises(Invalid, match="does not follow itself"):
        change_paper(actor=coordinator, paper=first, revision=1, changes={"follows": second})


def test_a_rep_writes_no_paper_for_somebody_elses_account(
    write: Write, shop: Shop, sales_rep: Person
) -> None:
    with pytest.raises(Denied, match="outside of your scope"):
        write(actor=sales_rep, account=shop.other)


def test_a_rep_sees_the_papers_of_the_own_accounts_and_deals_only(
    write: Write, shop: Shop, sales_rep: Person, manager: Person
) -> None:
    own, theirs = write(), write(account=shop.other)

    assert list(papers_visible_to(sales_rep)) == [own]
    assert set(papers_visible_to(manager)) == {own, theirs}


def test_a_delivery_is_reported_on_what_is_signed(write: Write, coordinator: Person) -> None:
    paper = walk(write(kind="order"), coordinator, "send")
    with pytest.raises(Refused, match="once it is signed"):
        report_delivery(
            actor=coordinator, paper=paper, revision=paper.revision, delivered_percent=Decimal(10)
        )
    paper = walk(paper, coordinator, "sign")

    told = report_delivery(
        actor=coordinator, paper=paper, revision=paper.revision, delivered_percent=Decimal("62.5")
    )

    assert told.delivered_percent == Decimal("62.5")
    with pytest.raises(Invalid, match="between 0 and 100"):
        report_delivery(actor=coordinator, paper=told, revision=told.revision, delivered_percent=Decimal(101))
    with pytest.raises(Conflict):
        report_delivery(actor=coordinator, paper=told, revision=1, delivered_percent=Decimal(70))


def test_nothing_is_delivered_on_a_quote(write: Write, coordinator: Person) -> None:
    paper = walk(write(), coordinator, "send", "sign")

    with pytest.raises(Refused, match="A quote is not delivered"):
        report_delivery(
            actor=coordinator, paper=paper, revision=paper.revision, delivered_percent=Decimal(10)
        )


def test_the_history_of_a_paper_names_who_moved_it_and_nobody_else(
    write: Write, coordinator: Person, manager: Person
) -> None:
    paper = walk(walk(write(), coordinator, "ask"), manager, "approve")

    changes = changes_of(paper)
    assert {change.who for change in changes} == {coordinator.name, manager.name}
    assert ("Approved by", manager.name) in {
        (line.what, line.after) for change in changes for line in change.lines
    }


def test_papers_are_never_deleted(write: Write) -> None:
    with pytest.raises(InternalError, match="Cannot delete"), transaction.atomic():
        write().delete()
