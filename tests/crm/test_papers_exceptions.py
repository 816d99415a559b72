"""What is wrong with order papers: each kind alone, ranked by money, with who looks after it."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from psycopg2.extras import DateRange
from rest_framework.test import APIClient

from catalog.models import Currency, MonthRate
from core import company
from core.errors import Refused
from core.models import CompanySetting, Person
from crm.engine.paper_policy import Limits, Terms, needs_approval
from crm.models import Account, Deal, DealStage, OrderPaper, Rep
from crm.selectors.paper_exceptions import KINDS, exceptions_among, exceptions_visible_to, kinds_of
from crm.selectors.papers import limits, papers_visible_to, terms_of
from crm.services.paper_moves import approve_afterwards

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
PAST, AHEAD = TODAY - dt.timedelta(days=3), TODAY + dt.timedelta(days=30)
Paper = Callable[..., OrderPaper]


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests may be read before midnight and run after it."""
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)


@pytest.fixture
def paper(sales_rep: Person) -> Paper:
    """`paper(state="sent", due=None)`: a paper of the ERP that nothing is wrong with otherwise."""
    euro = Currency.objects.create(code="EUR", name="Euro")
    rita = Rep.objects.create(code="RITA", name="Rita Rep", person=sales_rep)
    account = Account.objects.create(code="A1", name="Shop One", owner=rita)

    def make(**values: Any) -> OrderPaper:
        usual = {
            "source": "erp", "kind": "order", "state": "sent", "account": account, "amount": Decimal(1000),
            "currency": euro, "due": AHEAD, "document": "https://files.example/1",
            "delivered_percent": 100,
        }  # fmt: skip
        number = f"N{OrderPaper.objects.count() + 1}"
        return OrderPaper.objects.create(**(usual | {"number": number} | values))

    return make


def wrong_with(row: OrderPaper) -> set[str]:
    found = exceptions_among(papers_visible_to(None)).filter(pk=row.pk).first()
    return {kind.code for kind in kinds_of(found)} if found else set()


LONG_AGO = timezone.now() - dt.timedelta(days=10)


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ({}, set()),
        ({"due": PAST}, {"late"}),
        ({"due": PAST, "state": "paid"}, set()),
        ({"due": TODAY}, set()),
        ({"discount_percent": Decimal("10.01")}, {"unapproved"}),
        ({"discount_percent": Decimal(10)}, set()),
        ({"amount": Decimal("50000.01")}, {"unapproved"}),
        ({"amount": Decimal(90_000), "state": "draft"}, set()),
        ({"document": ""}, {"no_document"}),
        ({"document": "", "state": "draft"}, set()),
        ({"state": "invoiced", "delivered_percent": Decimal(99)}, {"undelivered"}),
        ({"state": "invoiced", "delivered_percent": 0, "kind": "invoice"}, set()),
        ({"state": "approval", "changed_state": LONG_AGO}, {"waiting"}),
        ({"state": "approval", "changed_state": timezone.now()}, set()),
        ({"due": None}, {"no_due_day"}),
        ({"account": None}, {"no_account"}),
        ({"due": None, "document": "", "account": None}, {"no_due_day", "no_document", "no_account"}),
    ],
)
def test_each_thing_that_can_be_wrong(paper: Paper, values: dict[str, Any], codes: set[str]) -> None:
    assert wrong_with(paper(**values)) == codes


def test_a_paper_that_somebody_approved_is_within_the_rules(paper: Paper, manager: Person) -> None:
    assert wrong_with(paper(discount_percent=Decimal(30), approved_by=manager)) == set()


def test_who_approved_the_quote_approved_the_order_of_the_deal(paper: Paper, manager: Person) -> None:
    deal = Deal.objects.create(source="erp", external_id="1")
    order = paper(deal=deal, discount_percent=Decimal(30))
    assert wrong_with(order) == {"unapproved"}

    paper(kind="quote", deal=deal, discount_percent=Decimal(30), approved_by=manager)

    assert wrong_with(order) == set()
    assert wrong_with(paper(kind="invoice", discount_percent=Decimal(30))) == set()


def test_what_went_out_elsewhere_is_approved_afterwards_by_somebody_else_with_a_reason(
    paper: Paper,
    manager: Person,
    coordinator: Person,
    signed_in: Callable[[Person], Client],
    api: Callable[[Person], APIClient],
) -> None:
    row, own = paper(discount_percent=Decimal(30)), paper(discount_percent=Decimal(30), owner=manager)
    url = reverse("crm:paper-approval", args=[row.pk])

    assert signed_in(coordinator).post(url, {"reason": "Fair"}).status_code == 403
    assert "Say why" in signed_in(manager).post(url, {"reason": " "}).content.decode()
    with pytest.raises(Refused, match="your own paper"):
        approve_afterwards(actor=manager, paper=own, reason="Mine")
    assert (
        "Approve it afterwards"
        in signed_in(manager).get(reverse("crm:paper", args=[row.pk])).content.decode()
    )
    assert signed_in(manager).post(url, {"reason": "Last year's price"}).status_code == 302
    assert wrong_with(row) == set()
    answer = api(manager).post(f"/api/v1/order-papers/{own.pk}/approval/", {"reason": "x"}, format="json")
    assert answer.status_code == 409


def test_a_paper_of_ours_is_not_approved_afterwards(paper: Paper, manager: Person) -> None:
    with pytest.raises(Refused, match="is approved before it is sent"):
        approve_afterwards(actor=manager, paper=paper(source="here"), reason="Late")


def test_an_open_paper_of_a_lost_deal(paper: Paper) -> None:
    lost = DealStage.objects.create(code="LOST", name="Lost", position=9, kind="lost", probability=0)
    deal = Deal.objects.create(source="erp", external_id="1", stage=lost)

    assert wrong_with(paper(deal=deal)) == {"deal_lost"}
    assert wrong_with(paper(deal=deal, state="cancelled")) == set()


def test_the_list_and_the_guard_agree_on_what_needs_approval(paper: Paper) -> None:
    euro = Currency.objects.get()
    dollar = Currency.objects.create(code="USD", name="Dollar")
    for money in (Decimal(49_999), Decimal(50_000), Decimal("50000.01"), Decimal(62_500), Decimal(62_501)):
        for discount in (Decimal(0), Decimal(10), Decimal("10.01")):
            for currency in (euro, dollar):
                paper(amount=money, discount_percent=discount, currency=currency)
    for has_rate in (False, True):
        if has_rate:
            MonthRate.objects.create(currency=dollar, month=TODAY.replace(day=1), rate=Decimal("0.8"))
        listed = set(exceptions_among(papers_visible_to(None)).filter(is_unapproved=True))
        judged = {row for row in papers_visible_to(None) if needs_approval(terms_of(row), limits())}
        assert listed == judged
        assert 0 < len(judged) < 30


def test_the_policy_in_numbers() -> None:
    rules = Limits(discount_percent=Decimal(10), money=Decimal(100))

    assert not needs_approval(Terms(Decimal(10), Decimal(100)), rules)
    assert needs_approval(Terms(Decimal("10.01"), Decimal(1)), rules)
    assert needs_approval(Terms(Decimal(0), Decimal("100.01")), rules)
    assert needs_approval(Terms(Decimal(0), None), rules)


def test_limits_are_the_companys(paper: Paper) -> None:
    row = paper(discount_percent=Decimal(15))
    assert wrong_with(row) == {"unapproved"}

    CompanySetting.objects.create(key="paper_discount_percent", value="20", valid=DateRange(None, None))
    company.forget()

    assert wrong_with(row) == set()


def test_the_dearest_come_first_in_base_currency_and_the_unknown_last(paper: Paper) -> None:
    yen = Currency.objects.create(code="JPY", name="Yen")
    gold = Currency.objects.create(code="XAU", name="Gold")
    MonthRate.objects.create(currency=yen, month=dt.date(2026, 1, 1), rate=Decimal("0.006"))
    unknown = paper(amount=Decimal(9), currency=gold, due=PAST)
    small = paper(amount=Decimal(100_000), currency=yen, due=PAST)
    large = paper(amount=Decimal(700), due=PAST)

    assert list(exceptions_visible_to(None)) == [large, small, unknown]


def test_a_rep_sees_only_what_is_wrong_at_the_own_accounts(
    paper: Paper, sales_rep: Person, api: Callable[[Person], APIClient]
) -> None:
    other = Account.objects.create(code="A2", name="Shop Two")
    mine, theirs = paper(due=PAST), paper(due=PAST, account=other)

    assert list(exceptions_visible_to(sales_rep)) == [mine]
    assert api(sales_rep).get(f"/api/v1/paper-exceptions/{theirs.pk}/").status_code == 404


def test_the_page_names_what_is_wrong_its_money_and_who_looks_after_it(
    paper: Paper, manager: Person, signed_in: Callable[[Person], Client], pinned_queries: Callable[..., Any]
) -> None:
    for amount in (100, 2000):
        paper(due=PAST, amount=Decimal(amount))
    paper(document="")
    client, url = signed_in(manager), reverse("crm:paper-exceptions")

    with pinned_queries():
        page = client.get(url)

    text = page.content.decode()
    worth = [row["cells"][2]["text"] for row in page.context["table"]["rows"]]
    assert worth == ["2\u202f000.00", "1\u202f000.00", "100.00"]
    assert {"Rita Rep" in text, "Late" in text, "Document missing" in text} == {True}
    only = client.get(url, {"problem": "no_document"})
    assert [row["cells"][1]["text"] for row in only.context["table"]["rows"]] == ["Document missing"]
    exported = b"".join(client.get(url, {"export": "csv", "problem": "late"})).decode()
    assert len(exported.splitlines()) == 3


def test_the_page_of_a_paper_says_what_is_wrong_and_what_to_do(
    paper: Paper, manager: Person, signed_in: Callable[[Person], Client]
) -> None:
    row = paper(due=PAST)

    text = signed_in(manager).get(reverse("crm:paper", args=[row.pk])).content.decode()

    assert "Its day has passed." in text
    assert "Mark as" not in text  # it moves in its own system


def test_the_api_lists_problems_by_name_and_filters_by_them(
    paper: Paper, manager: Person, api: Callable[[Person], APIClient]
) -> None:
    row = paper(due=PAST, document="")

    found = api(manager).get("/api/v1/paper-exceptions/", {"problem": "late"}).json()["results"]

    assert [(one["number"], one["problems"], one["accountable"]) for one in found] == [
        (row.number, ["late", "no_document"], "Rita Rep"),
    ]


def test_every_kind_has_advice_and_a_name_of_its_own() -> None:
    assert len({kind.label for kind in KINDS}) == len({kind.advice for kind in KINDS}) == len(KINDS)
