"""What if: a deal counts as far as it has come, and in the plan year in which it closes."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from compensation.models import PlanQuota, Position
from compensation.selectors.what_if import Reached, Supposed
from compensation.services.what_if import WhatIf, what_if
from core.errors import Invalid
from core.models import Person
from crm.models import Rep
from tests.compensation.company import TERMS, credit, plan_of, rep_on

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]
JUNE, NEXT_MARCH = dt.date(2026, 6, 1), dt.date(2027, 3, 1)


def flat(code: str, of: str, rate: str) -> dict[str, Any]:
    return {"code": code, "form": "flat", "measure": {"of": of}, "rate": rate}


THREE: dict[str, Any] = {
    **TERMS,
    "components": [
        flat("won", "bookings", "1%"), flat("billed", "invoiced", "2%"), flat("cashed", "cash", "4%"),
        flat("sold", "sales", "8%"),
    ],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: dt.date(2026, 6, 20))


@pytest.fixture
def ann(sales_rep: Person) -> Rep:
    """On a year's quota of 120,000 in 2026, with 130,000 booked; without one in 2027."""
    rep = rep_on(plan_of(TERMS), "ann", person=sales_rep, quota=120_000)
    credit(rep, 130_000, dt.date(2026, 3, 5))
    return rep


def asked(person: Person, rep: Rep, month: dt.date = JUNE, reached: Reached = Reached.PAID) -> WhatIf:
    return what_if(actor=person, rep=rep, month=month, deals=[Supposed("A", Decimal(1000))], reached=reached)


@pytest.mark.parametrize(
    ("reached", "paid"),
    [(Reached.WON, [10, 0, 0, 0]), (Reached.INVOICED, [10, 20, 0, 80]), (Reached.PAID, [10, 20, 40, 80])],
)
def test_a_deal_counts_as_far_as_it_has_come(sales_rep: Person, reached: Reached, paid: list[int]) -> None:
    rep = rep_on(plan_of(THREE), "ann", person=sales_rep)
    assert [one.difference for one in asked(sales_rep, rep, reached=reached).effects] == paid


def test_the_page_asks_how_far_only_where_the_plan_counts_more_than_one(
    sales_rep: Person, ann: Rep, analyst: Person, signed_in: SignIn
) -> None:
    url = reverse("compensation:what-if")
    assert 'name="reached"' not in signed_in(sales_rep).get(url).content.decode()
    other = rep_on(plan_of(THREE, code="three"), "bob")
    url = reverse("compensation:rep-what-if", args=[other.pk])
    client = signed_in(analyst)
    assert 'name="reached"' in client.get(url).content.decode()
    usual = client.get(url, {"amount1": "1000", "month": "2026-06"}).content.decode()
    assert '<option value="paid" selected>' in usual and "They are won, invoiced and paid" in usual
    answer = client.get(url, {"amount1": "1000", "month": "2026-06", "reached": "won"})
    assert "They are won, not invoiced yet in that month." in answer.content.decode()
    assert client.get(url, {"amount1": "1000", "reached": "stolen"}).status_code == 400


def test_the_api_takes_how_far_it_has_come(sales_rep: Person, api: Callable[[Person], APIClient]) -> None:
    rep_on(plan_of(THREE), "ann", person=sales_rep)
    sent = {"month": "2026-06-20", "amounts": [{"amount": "1000"}], "reached": "won"}
    told = api(sales_rep).post("/api/v1/pay/what-if/", sent, format="json").json()
    assert told["totals"] == {"EUR": "10.0000"} and told["without_quota"] == []


def test_the_next_plan_year_begins_anew_with_its_own_quota(ann: Rep, sales_rep: Person) -> None:
    plan = PlanQuota.objects.get(rep=ann).plan
    PlanQuota.objects.create(plan=plan, rep=ann, first_month=dt.date(2027, 1, 1), amount=40_000)
    (effect,) = asked(sales_rep, ann, NEXT_MARCH).effects
    assert (effect.before.so_far, effect.after.so_far) == (0, 1000)
    assert effect.by_month == {NEXT_MARCH: Decimal(50)}
    assert effect.after.attainment == Decimal("0.1")  # of three months' quota


def test_a_plan_year_without_a_quota_yet_says_so(ann: Rep, sales_rep: Person, signed_in: SignIn) -> None:
    assert asked(sales_rep, ann).without_quota == []
    assert asked(sales_rep, ann, NEXT_MARCH).without_quota == ["Own bookings"]
    url = reverse("compensation:what-if")
    text = signed_in(sales_rep).get(url, {"amount1": "1000", "month": "2027-03"}).content.decode()
    assert "the plan year of March 2027 has no quota yet" in text


def test_a_month_in_which_the_rep_is_not_on_the_plan_has_no_plan(ann: Rep, sales_rep: Person) -> None:
    """The position ends with the year: what counts before stays, the month after has no plan."""
    Position.objects.update(days=DateRange(dt.date(2026, 1, 1), dt.date(2026, 9, 1)))
    assert asked(sales_rep, ann).totals["EUR"] == Decimal(80)
    for month in (dt.date(2026, 10, 1), NEXT_MARCH):
        with pytest.raises(Invalid, match=f"no plan for Ann in {month:%B %Y}: choose another month"):
            asked(sales_rep, ann, month)
