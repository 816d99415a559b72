"""Order papers of CRMs and ERPs: the same paper whatever order its news come in, and however often."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from catalog.models import Currency
from core.models import Person
from crm.engine.paper_fields import Unfit, address_of, fields_of, money_of, percent_of, state_of
from crm.engine.webhooks.events import Event, EventKind
from crm.engine.webhooks.standard import parse
from crm.models import Account, Deal, EventState, OrderPaper, PaperState, Rep, ValueKind, ValueMapping
from crm.pipeline.papers import apply_paper_events, link_papers
from crm.pipeline.records import APPLIERS, apply_events
from crm.selectors.papers import papers_visible_to

pytestmark = pytest.mark.django_db
BEGIN = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)


def event(name: str, at: int, kind: EventKind = EventKind.CHANGE, **fields: Any) -> Event:
    """News of the paper `name`, so many hours after the beginning."""
    occurred = BEGIN + dt.timedelta(hours=at)
    merged = fields.pop("merged", ())
    return Event("invoice", name, kind, occurred, f"{name}:{at}:{kind}", fields=fields, merged=merged)


def tell(*events: Event, source: str = "erp", kind: str = "invoice") -> list[Any]:
    return [one.outcome for one in apply_paper_events(source, kind, events)]


@pytest.fixture(autouse=True)
def _account(db: None) -> None:
    Currency.objects.create(code="EUR", name="Euro")
    Account.objects.create(code="A1", name="Shop One")


def test_a_paper_is_made_by_its_first_news_and_follows_the_next() -> None:
    tell(event("77", 0, number="I-1", state="sent", account="A1", amount="1200.50", currency="EUR"))
    tell(event("77", 5, state="paid"), event("77", 3, due="2026-04-01", amount="1300"))

    paper = OrderPaper.objects.get()
    assert (paper.number, paper.external_id, paper.state) == ("I-1", "77", "paid")
    assert (paper.amount, paper.due, paper.changed_state) == (
        1300,
        dt.date(2026, 4, 1),
        BEGIN + dt.timedelta(hours=5),
    )


def test_late_news_change_nothing_that_is_known_better() -> None:
    tell(event("77", 5, state="paid", amount="10"))

    assert tell(event("77", 2, state="sent", due="2026-04-01")) == [EventState.PARTLY]
    assert tell(event("77", 1, state="draft")) == [EventState.SUPERSEDED]
    paper = OrderPaper.objects.get()
    assert (paper.state, paper.due) == ("paid", dt.date(2026, 4, 1))


def test_an_unknown_word_waits_for_a_mapping_and_touches_nothing() -> None:
    settled = apply_paper_events("erp", "invoice", [event("77", 0, state="Kassiert", account="A9")])

    assert settled[0].outcome == EventState.NEEDS_MAPPING
    assert {str(one) for one in settled[0].unknown} == {"paper:Kassiert", "account:A9"}
    assert not OrderPaper.objects.exists()

    ValueMapping.objects.create(source="erp", kind=ValueKind.PAPER, value="kassiert", target_code="paid")
    ValueMapping.objects.create(source="erp", kind=ValueKind.ACCOUNT, value="A9", target_code="A1")
    tell(event("77", 0, state="Kassiert", account="A9"))
    paper = OrderPaper.objects.select_related("account").get()
    assert (paper.state, paper.account.code) == ("paid", "A1")  # type: ignore[union-attr]


def test_an_ignored_word_leaves_the_state_as_it_is_in_any_order() -> None:
    ValueMapping.objects.create(
        source="erp", kind=ValueKind.PAPER, value="archived", is_ignored=True, reason="Says nothing"
    )
    tell(event("1", 0, state="sent"), event("1", 1, state="archived"))
    tell(event("2", 1, state="archived"), event("2", 0, state="sent"))

    assert set(OrderPaper.objects.values_list("state", flat=True)) == {"sent"}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"amount": "-5"}, "0 or more"),
        ({"amount": "much"}, "not a number"),
        ({"discount": "120"}, "between 0 and 100"),
        ({"due": "soon"}, "not a day"),
        ({"document": "file.pdf"}, "no web address"),
    ],
)
def test_a_value_that_cannot_stand_is_dead_with_a_sentence(fields: dict[str, str], says: str) -> None:
    settled = apply_paper_events("erp", "invoice", [event("1", 0, **fields)])

    assert settled[0].outcome == EventState.DEAD
    assert says in settled[0].error
    assert not OrderPaper.objects.exists()


def test_news_without_anything_of_ours_are_left_out() -> None:
    settled = apply_paper_events("erp", "invoice", [event("1", 0, colour="red")])

    assert (settled[0].outcome, settled[0].error) == (
        EventState.SKIPPED,
        "Nothing in it is used here: colour.",
    )


def test_a_deleted_paper_is_a_tombstone_until_it_is_restored(manager: Person) -> None:
    tell(event("1", 0, state="sent", account="A1"), event("1", 4, EventKind.DELETE))
    assert not papers_visible_to(manager).exists()

    tell(event("1", 5, EventKind.RESTORE))
    assert papers_visible_to(manager).exists()


def test_a_merged_paper_goes_and_the_winner_stays(manager: Person) -> None:
    tell(event("1", 0, state="sent"), event("2", 0, state="sent"))
    tell(event("1", 2, EventKind.MERGE, merged=("2",)))

    assert [paper.external_id for paper in papers_visible_to(manager)] == ["1"]


def test_a_file_that_knows_numbers_and_a_webhook_that_knows_ids_meet_in_one_paper() -> None:
    tell(event("I-1", 0, number="I-1", state="sent", amount="10"))  # a file: its number is its id
    tell(event("77", 1, number="I-1", state="paid"))
    tell(event("I-1", 2, number="I-1", amount="12"))

    paper = OrderPaper.objects.get()
    assert (paper.external_id, paper.number, paper.state, paper.amount) == ("77", "I-1", "paid", 12)


def test_two_papers_with_one_number_are_refused_with_a_sentence() -> None:
    tell(event("77", 0, number="I-1"))

    settled = apply_paper_events("erp", "invoice", [event("78", 0, number="I-1")])

    assert settled[0].error == "Another invoice of erp has the number I-1 already."
    assert OrderPaper.objects.count() == 1


def test_the_same_number_of_another_kind_or_system_is_another_paper() -> None:
    tell(event("1", 0, number="1"))
    tell(event("1", 0, number="1"), kind="order")
    tell(event("1", 0, number="1"), source="crm")

    assert OrderPaper.objects.count() == 3


def test_a_paper_finds_its_deal_even_when_that_is_told_of_later() -> None:
    tell(event("1", 0, deal="D7", state="sent"))
    account = Account.objects.get()
    deal = Deal.objects.create(source="erp", external_id="D7", account=account)
    Deal.objects.create(source="crm", external_id="D7")

    link_papers()

    paper = OrderPaper.objects.get()
    assert (paper.deal, paper.account) == (deal, account)
    tell(event("2", 0, deal="D7"))
    assert OrderPaper.objects.get(external_id="2").deal == deal


def test_an_erp_names_the_crm_before_the_id_of_its_deal() -> None:
    tell(event("1", 0, deal="crm:D7"))
    deal = Deal.objects.create(source="crm", external_id="D7")
    assert OrderPaper.objects.get().deal is None
    link_papers()
    tell(event("2", 0, deal="crm:D7"))

    assert {paper.deal for paper in OrderPaper.objects.all()} == {deal}


def test_the_owner_is_who_signs_in_as_the_rep(sales_rep: Person) -> None:
    Rep.objects.create(code="R1", name="Rita", email="r@example.com", person=sales_rep)

    tell(event("1", 0, owner="r@example.com"))

    assert OrderPaper.objects.get().owner == sales_rep


def test_every_kind_of_paper_has_an_applier_by_the_names_that_senders_use() -> None:
    body = (
        b'{"type": "sales_orders.updated", "timestamp": "2026-03-01T09:00:00Z",'
        b' "data": {"external_id": "9", "so_number": "SO-9", "status": "Confirmed", "grand_total": 99.5}}'
    )
    (told,) = parse(body)

    (settled,) = apply_events("shop", told.entity, [told])

    paper = OrderPaper.objects.get()
    assert settled.outcome == EventState.APPLIED
    assert (paper.kind, paper.number, paper.state, paper.amount) == (
        "order",
        "SO-9",
        "signed",
        Decimal("99.5"),
    )
    assert {"quote", "contract", "order", "invoice"} <= set(APPLIERS)


def test_states_of_others_become_ours_or_nothing() -> None:
    assert {state_of(word) for word in ("Paid in Full", "VOID", "approval_not_needed", "Open")} == {
        *("paid", "cancelled", "approved", "sent"),
    }
    assert state_of("Kassiert") is None
    assert set(PaperState.values) == {state_of(word) for word in PaperState.values}


def test_our_own_field_wins_over_another_name_for_it() -> None:
    assert fields_of({"total": "5", "amount": "6"}) == {"amount": "6"}
    assert fields_of({"amount": "6", "total": "5"}) == {"amount": "6"}
    assert fields_of({"Grand Total": "5", "Paid__c": "x"}) == {"amount": "5"}


@given(st.text(max_size=40))
def test_no_text_breaks_a_reader_of_values(text: str) -> None:
    for read in (money_of, percent_of, address_of):
        try:
            read("field", text)
        except Unfit as error:
            assert str(error)


HISTORY = [
    event("77", 0, number="I-1", state="draft", amount="10", account="A1"),
    event("77", 1, state="sent", due="2026-04-01"),
    event("77", 2, amount="12", discount_percent="5"),
    event("77", 3, state="sent"),
    event("77", 4, EventKind.DELETE),
    event("77", 5, EventKind.RESTORE),
    event("77", 6, state="paid", delivered_percent="100"),
]


class InAnyOrder(TestCase):
    def setUp(self) -> None:
        Account.objects.get_or_create(code="A1", defaults={"name": "Shop One"})

    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.permutations([*HISTORY, *HISTORY[:3]]), st.integers(1, 10))
    def test_any_permutation_and_duplication_gives_the_same_paper(self, order: list[Event], cut: int) -> None:
        tell(*order[:cut])
        tell(*order[cut:])

        paper = OrderPaper.objects.get()
        assert (paper.number, paper.state, paper.amount, paper.discount_percent) == ("I-1", "paid", 12, 5)
        assert (paper.due, paper.delivered_percent, paper.is_deleted) == (dt.date(2026, 4, 1), 100, False)
        assert paper.changed_state == BEGIN + dt.timedelta(hours=6)


def test_a_thousand_events_take_few_queries(django_assert_max_num_queries: Any) -> None:
    events = [event(str(n % 300), n, state="sent", amount=str(n)) for n in range(1000)]

    with django_assert_max_num_queries(20):
        tell(*events)
    assert OrderPaper.objects.count() == 300
