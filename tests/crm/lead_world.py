"""A small sales force and where its leads come from: what the tests of leads start from."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Currency, Market, WorkingCalendar
from core.models import Person
from core.roles import Role
from crm.models import Account, Contact, Lead, LeadSource, Rep, RoutingRule, RoutingSeat
from crm.services.leads import add_lead

# A Wednesday at ten in the morning, and no holiday anywhere.
NOW = dt.datetime(2026, 3, 11, 10, tzinfo=dt.UTC)


@dataclass
class Sales:
    """Rita and Paul take turns in the Alps, Otto is the fallback; Sam leads Rita and Paul.

    Everybody works from nine to five, Monday to Friday, UTC.
    """

    rita: Rep
    paul: Rep
    otto: Rep
    sam: Rep
    alps: Market
    tyrol: Market
    north: Market
    web: LeadSource
    fair: LeadSource
    rule: RoutingRule
    fallback: RoutingRule

    def lead(self, **values: Any) -> Lead:
        """A lead from the web in Tyrol, taken in by the one way there is."""
        number = Lead.objects.count() + 1
        usual = {"source": self.web, "market": self.tyrol, "email": f"lead{number}@buyer{number}.example"}
        return add_lead(actor=None, values=usual | values)[0]

    def account(self, code: str = "ACME", **values: Any) -> Account:
        return Account.objects.create(**({"code": code, "name": f"{code.title()} GmbH"} | values))

    def contact(self, account: Account, email: str) -> Contact:
        return Contact.objects.create(account=account, name="Somebody", email=email)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the clock of Django: `now(NOW + hours)`; it stands until it is set again."""

    def stands_at(moment: dt.datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    stands_at(NOW)
    return stands_at


@pytest.fixture
def sales(now: Any, sales_rep: Person, sales_manager: Person) -> Sales:
    return build(sales_rep, sales_manager)


def build(sales_rep: Person, sales_manager: Person) -> Sales:
    """The sales force, for tests with and without a clock of their own."""
    Currency.objects.get_or_create(code="EUR", defaults={"name": "Euro"})
    week = WorkingCalendar.objects.create(code="WEEK", name="Week", weekdays=[1, 2, 3, 4, 5])
    alps = Market.objects.create(code="ALPS", name="Alps", calendar=week)
    tyrol = Market.objects.create(code="TYR", name="Tyrol", parent=alps)
    north = Market.objects.create(code="NOR", name="North", calendar=week)
    others = [
        Person.objects.create_user(f"{name}@example.com", name=name.title(), roles=[Role.SALES_REP])
        for name in ("paul", "otto")
    ]
    sam = Rep.objects.create(code="SAM", name="Sam Sales", person=sales_manager)
    rita = Rep.objects.create(code="RITA", name="Rita Rep", person=sales_rep, manager=sam, market=tyrol)
    paul = Rep.objects.create(code="PAUL", name="Paul Pitch", person=others[0], manager=sam, market=alps)
    otto = Rep.objects.create(code="OTTO", name="Otto Other", person=others[1], market=north)
    web = LeadSource.objects.create(code="web", name="Web site")
    fair = LeadSource.objects.create(code="fair", name="Spring fair")
    rule = RoutingRule.objects.create(position=1, name="Alps", market=alps, hours=4)
    fallback = RoutingRule.objects.create(position=2, name="Everybody else", is_fallback=True, hours=8)
    for seated in (rita, paul):
        RoutingSeat.objects.create(rule=rule, rep=seated, capacity=20)
    RoutingSeat.objects.create(rule=fallback, rep=otto, capacity=20)
    return Sales(rita, paul, otto, sam, alps, tyrol, north, web, fair, rule, fallback)
