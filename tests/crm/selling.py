"""A small sales force with stages, products and accounts: what the tests of deals start from."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from django.utils import timezone

from catalog.models import Currency, Family, Product, Unit
from core.models import Person
from crm.engine.webhooks.events import Event, EventKind
from crm.models import Account, Deal, DealStage, Rep
from crm.pipeline.deals import apply_deal_events

STAGES = (
    ("NEW", "New", "open", "0.1", "pipeline"),
    ("TALK", "Talking", "open", "0.3", "best_case"),
    ("OFFER", "Offer sent", "open", "0.6", "commit"),
    ("WON", "Won", "won", "1", "closed"),
    ("LOST", "Lost", "lost", "0", "omitted"),
)
MARCH = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


@dataclass
class Selling:
    """Sam leads Rita; Otto stands alone. Each owns one account."""

    sam: Rep
    rita: Rep
    otto: Rep
    product: Product
    _keys: Iterator[int]

    def account_of(self, rep: Rep) -> Account:
        return Account.objects.get(owner=rep)

    def stage(self, code: str) -> DealStage:
        return DealStage.objects.get(code=code)

    def tell(self, external_id: str, when: dt.datetime, source: str = "crm", **fields: str) -> Deal:
        """One event of a CRM about a deal."""
        event = Event(
            entity="deal",
            external_id=external_id,
            kind=EventKind.CHANGE,
            occurred=when,
            dedupe_key=f"told {next(self._keys)}",
            fields=fields,
        )
        (settled,) = apply_deal_events(source, [event])
        assert not settled.error, settled.error
        return Deal.objects.get(source=source, external_id=external_id)

    def deal(self, rep: Rep, name: str = "Spring order", **fields: str) -> Deal:
        """A deal of a rep with the rep's account, in the stage TALK."""
        told = {
            "name": name,
            "owner": rep.code,
            "account": self.account_of(rep).code,
            "stage": "TALK",
            "amount": "1000",
        }
        return self.tell(f"{rep.code}-{next(self._keys)}", MARCH, **(told | fields))


def make_selling(rep_signs_in: Person, manager_signs_in: Person) -> Selling:
    Currency.objects.get_or_create(code="EUR", defaults={"name": "Euro"})
    Currency.objects.get_or_create(code="USD", defaults={"name": "US dollar"})
    for position, (code, name, kind, chance, category) in enumerate(STAGES, start=1):
        values: dict[str, Any] = {"name": name, "kind": kind, "probability": chance, "category": category}
        DealStage.objects.create(code=code, position=position, **values)
    family = Family.objects.create(code="F1", name="Family")
    product = Product.objects.create(
        code="P1", name="Product 1", family=family, unit=Unit.objects.create(code="PCS", name="Piece")
    )
    sam = Rep.objects.create(code="SAM", name="Sam Sales", person=manager_signs_in)
    rita = Rep.objects.create(code="RITA", name="Rita Rep", manager=sam, person=rep_signs_in)
    otto = Rep.objects.create(code="OTTO", name="Otto Other")
    for rep in (sam, rita, otto):
        Account.objects.create(code=f"A-{rep.code}", name=f"Shop of {rep.name}", owner=rep)
    return Selling(sam, rita, otto, product, count(1))


def days_ago(days: int) -> dt.datetime:
    return timezone.now() - dt.timedelta(days=days)
