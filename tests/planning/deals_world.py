"""Open deals beside the small company."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from crm.models import Account, Deal, DealStage
from tests.planning.conftest import Company

Open = Callable[..., Deal]


@pytest.fixture
def open_deal(firm: Company) -> Open:
    """`open_deal(product=…)`: 100 000 at a chance of 40 % for the Ridge in Tyrol, closing in March 2026."""
    world = firm.world
    stages = {
        name: DealStage.objects.create(
            code=name, name=name, position=n, kind=kind, probability=Decimal(chance)
        )
        for n, (name, kind, chance) in enumerate(
            (("OFFER", "open", "0.4"), ("WON", "won", "1"), ("LOST", "lost", "0")), start=1
        )
    }
    account = Account.objects.create(code="A1", name="Alpine Shop", market=world.tyrol)

    def make(amount: object = 100_000, stage: str = "OFFER", **values: Any) -> Deal:
        usual = {
            "account": account,
            "product": world.ridge,
            "amount": amount,
            "base_amount": amount,
            "expected_close": dt.date(2026, 3, 20),
            "currency_id": "EUR",
        }
        key = f"D{Deal.objects.count() + 1}"
        return Deal.objects.create(
            source="crm", external_id=key, name=f"Deal {key}", stage=stages[stage], **(usual | values)
        )

    return make
