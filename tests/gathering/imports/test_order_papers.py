"""Order papers come in as files, and meet the webhooks of the same system in the same paper."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.utils import timezone

from core.errors import Refused
from core.models import Person
from crm.engine.webhooks.events import Event, EventKind
from crm.models import Deal, OrderPaper, Rep
from crm.pipeline.papers import apply_paper_events
from gathering.models import ImportRun

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalog")]
Bring = Callable[..., ImportRun]
HEADER = "number,kind,state,account,deal,amount,currency,discount,delivered,due,document,rep"


def test_papers_come_in_with_their_deal_account_and_owner(bring: Bring, sales_rep: Person) -> None:
    Rep.objects.create(code="R1", name="Rita", person=sales_rep)
    deal = Deal.objects.create(source="erp", external_id="D7")

    run = bring(
        "order_papers",
        f"{HEADER}\nO-1,order,signed,A1,D7,1200.50,USD,5,40,2026-10-31,https://files.example/1,R1\n",
        source="erp",
    )

    paper = OrderPaper.objects.get()
    assert (run.rows_new, run.state) == (1, "committed")
    assert (paper.source, paper.number, paper.kind, paper.state) == ("erp", "O-1", "order", "signed")
    assert (paper.deal, paper.owner, paper.currency_id, paper.amount) == (
        deal,
        sales_rep,
        "USD",
        Decimal("1200.5"),
    )
    assert (paper.discount_percent, paper.delivered_percent, paper.due) == (5, 40, dt.date(2026, 10, 31))


def test_a_second_file_changes_only_what_it_holds(bring: Bring) -> None:
    bring(
        "order_papers",
        f"{HEADER}\nO-1,order,sent,A1,,100,EUR,0,0,2026-10-31,,\nO-2,order,sent,A1,,5,EUR,,,,,\n",
    )

    run = bring("order_papers", "number,kind,state\nO-1,order,paid\nO-2,order,sent\nO-3,quote,draft\n")

    paper = OrderPaper.objects.get(number="O-1")
    assert (paper.state, paper.amount, paper.due) == ("paid", 100, dt.date(2026, 10, 31))
    assert (run.rows_new, run.rows_changed, run.rows_unchanged) == (1, 1, 1)


def test_a_webhook_that_is_newer_than_the_file_stays(bring: Bring) -> None:
    paid = Event(
        "invoice", "77", EventKind.CHANGE, timezone.now() + dt.timedelta(hours=1), "w",
        fields={"number": "I-1", "state": "paid"},
    )  # fmt: skip
    apply_paper_events("erp", "invoice", [paid])

    bring("order_papers", "number,kind,state,amount\nI-1,invoice,sent,99\n", source="erp")

    paper = OrderPaper.objects.get()
    assert (paper.external_id, paper.state, paper.amount) == ("77", "paid", 99)


def test_an_older_export_changes_nothing_that_is_known_better(bring: Bring) -> None:
    bring("order_papers", "number,kind,state,as of\nI-1,invoice,paid,2026-10-31\n")
    bring("order_papers", "number,kind,state,as of\nI-1,invoice,sent,2026-09-30\n")

    assert OrderPaper.objects.get().state == "paid"


def test_an_unknown_account_waits_among_the_unknown_names(bring: Bring) -> None:
    run = bring("order_papers", "number,kind,account\nI-1,invoice,A9\nI-2,invoice,A1\n")

    assert (run.rows_held, OrderPaper.objects.get().number) == (1, "I-2")


def test_a_row_that_cannot_be_right_is_rejected_with_a_sentence(bring: Bring) -> None:
    run = bring("order_papers", "number,kind,amount\nI-1,letter,5\nI-2,invoice,-5\nI-3,invoice,5\n")

    assert run.problems.count() == 2
    assert OrderPaper.objects.get().number == "I-3"


def test_no_file_writes_over_the_papers_that_are_written_here(bring: Bring) -> None:
    with pytest.raises(Refused, match="Papers that are written here change here"):
        bring("order_papers", "number,kind,state\nQ-2026-0001,quote,paid\n", source="here")
    assert not OrderPaper.objects.exists()
