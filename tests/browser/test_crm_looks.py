"""Accounts, deals and order papers: every page accessible in light and dark, and no wider than a phone."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.models import Currency
from core.models import Person
from crm.models import Account, Contact, Deal, DealLine, DealStage, OrderPaper
from crm.services.paper_moves import move_paper
from crm.services.papers import create_paper
from crm.urls import accounts, deals, papers
from tests.browser.conftest import OpenPage, SignIn
from tests.browser.every_page import faults_of, pages_of
from tests.crm.pipeline_world import deal, sellers, stages, team_of, tell, things

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
Rows = dict[str, int]
LONG = "Spring range of rucksacks, ropes and helmets for all shops of Upper and Lower Austria"


@pytest.fixture
def rows(coordinator: Person) -> Rows:
    """A row for every page: the beginning of a page's name → the row it shows."""
    Currency.objects.create(code="EUR", name="Euro")
    stages()
    rep = sellers()["INA"]
    things()
    team = team_of("EAST", rep)
    account = Account.objects.get(code="ALDER")
    Account.objects.create(code="ALDER-2", name="Alder, second shop", parent=account, owner=rep)
    Account.objects.update(owner=rep)
    contact = Contact.objects.create(account=account, name="Purchasing", email="desk@alder.example")
    told = {"account": "ALDER", "owner": "INA", "product": "SAW", "amount": 125_000}
    tell("d1", 40, name=LONG, stage="prospect", next_step="Send the samples of the new season", **told)
    tell("d1", 9, stage="contract", expected_close=timezone.localdate())
    tell("d2", 40, name="Gone", stage="lost", lost_reason="Price", **told)
    Deal.objects.filter(external_id="d2").update(is_deleted=True)
    sold = deal("d1")
    line = DealLine.objects.create(
        deal=sold, position=1, product=sold.product, quantity=3, amount=Decimal(30)
    )
    return {
        "account": account.pk, "contact": contact.pk, "rep": rep.pk, "team": team.pk,
        "team-member": team.memberships.get().pk, "team-member-add": team.pk, "deal": sold.pk,
        "deal-restore": deal("d2").pk, "deal-line": line.pk, "deal-line-add": sold.pk,
        "deal-stage": DealStage.objects.get(code="offer").pk, "paper": _a_paper(coordinator, sold).pk,
    }  # fmt: skip


def _a_paper(actor: Person, sold: Deal, **values: Any) -> OrderPaper:
    usual = {
        "kind": "order", "deal": sold, "amount": Decimal(1000), "currency": Currency.objects.get(),
        "due": timezone.localdate(), "document": "https://files.example/order.pdf",
    }  # fmt: skip
    return create_paper(actor=actor, values=usual | values)


@pytest.mark.parametrize("part", [accounts, deals, papers], ids=["accounts", "deals", "papers"])
def test_every_page_is_accessible_in_light_and_dark_and_fits_a_phone(
    open_page: OpenPage, sign_in: SignIn, rows: Rows, coordinator: Person, part: Any
) -> None:
    page = sign_in(open_page(), coordinator)
    pages = list(pages_of(part, rows))
    assert len(pages) > 5

    faults = {address: found for _, address in pages if (found := faults_of(page, address))}

    assert faults == {}


def test_a_paper_is_accessible_wherever_it_is_on_its_way(
    open_page: OpenPage, sign_in: SignIn, rows: Rows, coordinator: Person, manager: Person
) -> None:
    """A draft that lacks something, one that waits for approval, one that is delivered in part, one that is
    cancelled, and one that went out elsewhere without approval."""
    sold = deal("d1")
    lacking = _a_paper(coordinator, sold, document="", due=None)
    asked = _moved(_a_paper(coordinator, sold, discount_percent=Decimal(60)), coordinator, "ask")
    signed = _moved(_a_paper(coordinator, sold, number=LONG[:70]), coordinator, "send", "sign")
    over = _moved(_a_paper(coordinator, sold), coordinator, "cancel")
    elsewhere = OrderPaper.objects.create(
        source="erp", number="E-1", kind="order", state="sent", account=sold.account, amount=10,
        currency=Currency.objects.get(), discount_percent=90,
    )  # fmt: skip
    page = sign_in(open_page(), manager)

    faults = {
        str(paper): found
        for paper in (lacking, asked, signed, over, elsewhere)
        if (found := faults_of(page, reverse("crm:paper", args=[paper.pk])))
    }

    assert faults == {}


def _moved(paper: OrderPaper, actor: Person, *names: str) -> OrderPaper:
    for name in names:
        paper = move_paper(actor=actor, paper=paper, name=name, reason="Because the buyer asked for it.")
    return paper
