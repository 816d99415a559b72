"""Imported targets are the quotas of the pipeline's coverage."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Market, Scope
from core.models import Person
from crm.models import Rep
from crm.selectors.quotas import Quota, quotas
from gathering.models import ImportRun, Target

pytestmark = pytest.mark.django_db
MONTH = dt.date(2026, 4, 1)


@pytest.fixture
def market() -> Market:
    return Market.objects.create(code="NORTH", name="North")


@pytest.fixture
def rep(market: Market, coordinator: Person) -> Rep:
    """With 900 a month in spring; his market has a target of its own."""
    rep = Rep.objects.create(code="INA", name="Ina Seller")
    run = ImportRun.objects.create(
        dataset="targets",
        file_name="targets.csv",
        fingerprint="x",
        state="committed",
        committed_by=coordinator,
    )
    for month in range(3, 7):
        Target.objects.create(rep=rep, month=dt.date(2026, month, 1), amount=900, run=run)
    Target.objects.create(market=market, month=MONTH, amount=50, run=run)
    return rep


def test_the_targets_of_the_months_are_the_quotas(rep: Rep, market: Market) -> None:
    found = quotas(None, dt.date(2026, 4, 15), dt.date(2026, 5, 31))

    assert sorted(found, key=lambda one: (one.month, one.amount)) == [
        Quota(None, market.pk, MONTH, Decimal(50)),
        Quota(rep.pk, None, MONTH, Decimal(900)),
        Quota(rep.pk, None, dt.date(2026, 5, 1), Decimal(900)),
    ]


def test_targets_of_markets_out_of_scope_are_nobodys_quota(rep: Rep, market: Market, manager: Person) -> None:
    elsewhere = Market.objects.create(code="SOUTH", name="South")
    Scope.objects.create(person=manager, market=elsewhere)

    assert {one.market for one in quotas(manager, MONTH, MONTH)} == {None}


def test_the_coverage_page_shows_them(
    rep: Rep, manager: Person, signed_in: Callable[[Person], Client]
) -> None:
    asked = {"first": "2026-04-01", "last": "2026-05-31"}
    text = signed_in(manager).get(reverse("crm:pipeline-coverage"), asked).content.decode()

    assert "Ina Seller" in text
    assert "1\u202f800" in text
    assert "50 EUR of quotas belong to markets and to no rep" in text
