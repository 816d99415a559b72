"""A shop that papers are written for, and how a test writes and moves them."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Currency
from core.errors import Refused
from core.models import Person
from crm.models import Account, Deal, DealStage, OrderPaper, Rep
from crm.services.paper_moves import move_paper
from crm.services.papers import create_paper

SOON = timezone.localdate() + dt.timedelta(days=20)
Write = Callable[..., OrderPaper]


@dataclass(frozen=True)
class Shop:
    """Rita sells to the shop, under Sam; Otto has another one."""

    sam: Rep
    rita: Rep
    account: Account
    other: Account
    deal: Deal
    euro: Currency


@pytest.fixture
def shop(sales_rep: Person, sales_manager: Person) -> Shop:
    euro = Currency.objects.create(code="EUR", name="Euro")
    sam = Rep.objects.create(code="SAM", name="Sam Sales", person=sales_manager)
    rita = Rep.objects.create(code="RITA", name="Rita Rep", manager=sam, person=sales_rep)
    otto = Rep.objects.create(code="OTTO", name="Otto Other")
    account = Account.objects.create(code="A1", name="Shop One", owner=rita)
    other = Account.objects.create(code="A2", name="Shop Two", owner=otto)
    stage = DealStage.objects.create(code="OFFER", name="Offer", position=1, probability=Decimal("0.5"))
    deal = Deal.objects.create(
        source="here", external_id="D1", name="Spring order", account=account, rep=rita, stage=stage
    )
    return Shop(sam, rita, account, other, deal, euro)


@pytest.fixture
def write(shop: Shop, coordinator: Person) -> Write:
    """`write(amount=…)`: a draft that nothing stands against, unless told otherwise."""

    def paper(actor: Person | None = None, **values: Any) -> OrderPaper:
        usual = {
            "kind": "quote",
            "account": shop.account,
            "amount": Decimal(1000),
            "currency": shop.euro,
            "due": SOON,
            "document": "https://files.example/q.pdf",
        }
        return create_paper(actor=actor or coordinator, values=usual | values)

    return paper


def codes(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {reason.code for reason in refusal.value.reasons}


def walk(paper: OrderPaper, actor: Person, *names: str) -> OrderPaper:
    for name in names:
        paper = move_paper(actor=actor, paper=paper, name=name, reason="Because.")
    return paper
