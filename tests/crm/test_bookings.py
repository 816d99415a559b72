"""Bookings: won deals by line, exact to the last cent, in the scope of who asks."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from psycopg2.extras import DateRange
from rest_framework.test import APIClient

from catalog.models import Currency, Family, Product, Unit
from core.models import Person
from crm.models import Account, Deal, DealLine, DealStage, Rep, Team, TeamMembership
from crm.selectors.bookings import bookings, bookings_of, by_rep_and_month, won_deals

DAY = dt.date(2026, 3, 15)
SPAN = (dt.date(2026, 3, 1), dt.date(2026, 3, 31))
Win = Callable[..., Deal]


def stages() -> dict[str, DealStage]:
    kinds = (("open", "0.5"), ("won", "1"), ("lost", "0"))
    return {
        kind: DealStage.objects.create(
            code=kind.upper(), name=kind.title(), position=place, kind=kind, probability=Decimal(chance)
        )
        for place, (kind, chance) in enumerate(kinds, start=1)
    }


@pytest.fixture
def win(sales_rep: Person) -> Win:
    """`win(amount=…)`: a deal that was won on DAY by Rita, unless told otherwise."""
    Currency.objects.create(code="EUR", name="Euro")
    by_kind = stages()
    rita = Rep.objects.create(code="RITA", name="Rita Rep", person=sales_rep)
    account = Account.objects.create(code="A1", name="Shop One", owner=rita)

    def won(amount: object = 1000, kind: str = "won", **values: Any) -> Deal:
        money = Decimal(str(amount))
        usual = {"rep": rita, "account": account, "closed": DAY, "currency_id": "EUR", "base_amount": money}
        key = f"D{Deal.objects.count() + 1}"
        return Deal.objects.create(
            source="crm", external_id=key, stage=by_kind[kind], amount=money, **(usual | values)
        )

    return won


def test_only_live_deals_that_were_won_in_the_days_are_bookings(win: Win) -> None:
    first, last = SPAN
    booked = [win(closed=first), win(closed=last)]
    winner = win(closed=first - dt.timedelta(days=1))
    win(closed=last + dt.timedelta(days=1))
    win(kind="open")
    win(kind="lost")
    win(is_deleted=True)
    win(merged_into=winner)

    assert [row["deal"] for row in bookings(None, first, last)] == [deal.pk for deal in booked]


def test_a_deal_without_lines_is_one_booking(win: Win) -> None:
    win(amount="99.99")

    (row,) = bookings(None, *SPAN)
    assert (row["line"], row["base_money"], row["money"], row["rep_code"]) == (
        None,
        Decimal("99.99"),
        Decimal("99.99"),
        "RITA",
    )
    assert (row["month"], row["account_code"]) == (dt.date(2026, 3, 1), "A1")


def test_lines_share_the_deal_in_proportion_and_add_up_exactly(win: Win) -> None:
    deal = win(amount=100)
    for place in (1, 2, 3):
        DealLine.objects.create(deal=deal, position=place, amount=Decimal(7), quantity=place)

    rows = list(bookings(None, *SPAN))
    assert [row["base_money"] for row in rows] == [Decimal("33.3333"), Decimal("33.3334"), Decimal("33.3333")]
    assert sum(row["base_money"] for row in rows) == 100


def test_lines_that_cost_nothing_leave_all_to_the_first(win: Win) -> None:
    deal = win(amount=100)
    for place in (1, 2):
        DealLine.objects.create(deal=deal, position=place, amount=0)

    assert [row["base_money"] for row in bookings(None, *SPAN)] == [100, 0]


def test_the_product_is_the_lines_else_the_deals(win: Win) -> None:
    family, unit = Family.objects.create(code="F", name="F"), Unit.objects.create(code="PC", name="Piece")
    ski, boot = (Product.objects.create(code=c, name=c, family=family, unit=unit) for c in ("SKI", "BOOT"))
    deal = win(product=ski)
    DealLine.objects.create(deal=deal, position=1, product=boot, amount=1)
    win(product=ski)

    assert [row["product_code"] for row in bookings(None, *SPAN)] == ["BOOT", "SKI"]


def test_the_team_is_the_reps_on_that_day(win: Win) -> None:
    win()
    rita = Rep.objects.get()
    old, new = Team.objects.create(code="OLD", name="Old"), Team.objects.create(code="NEW", name="New")
    turn = dt.date(2026, 4, 1)
    TeamMembership.objects.create(team=old, rep=rita, days=DateRange(None, turn))
    TeamMembership.objects.create(team=new, rep=rita, days=DateRange(turn, None))

    assert [row["team_code"] for row in bookings(None, *SPAN)] == ["OLD"]


def test_what_a_rep_booked_by_month_counts_deals_without_a_rate_apart(win: Win) -> None:
    deal = win(amount=100)
    DealLine.objects.create(deal=deal, position=1, amount=1)
    DealLine.objects.create(deal=deal, position=2, amount=1)
    win(amount=50)
    win(amount=70, base_amount=None)

    (line,) = by_rep_and_month(won_deals(None))
    assert (line["rep_code"], line["deals"], line["base_money"], line["without_rate"]) == ("RITA", 3, 150, 1)


def test_a_rep_sees_the_own_bookings_on_page_and_by_api(
    win: Win,
    sales_rep: Person,
    manager: Person,
    api: Callable[[Person], APIClient],
) -> None:
    win()
    win(rep=Rep.objects.create(code="OTTO", name="Otto Other"))

    assert api(sales_rep).get("/api/v1/bookings/").json()["count"] == 1
    assert api(manager).get("/api/v1/bookings/").json()["count"] == 2
    assert api(manager).get("/api/v1/bookings/", {"rep": "OTTO"}).json()["count"] == 1
    assert [row["rep_code"] for row in api(manager).get("/api/v1/bookings/by-rep/").json()] == [
        "OTTO",
        "RITA",
    ]
    assert api(manager).get("/api/v1/bookings/", {"until": "2026-01-31"}).json()["count"] == 0


def test_the_page_sums_filters_and_exports(
    win: Win, manager: Person, signed_in: Callable[[Person], Client], pinned_queries: Callable[..., Any]
) -> None:
    for closed in (DAY, timezone.localdate()):
        deal = win(amount=1000, closed=closed)
        DealLine.objects.create(deal=deal, position=1, amount=3)
        DealLine.objects.create(deal=deal, position=2, amount=4)
    client, url = signed_in(manager), reverse("crm:booking-list")

    with pinned_queries():
        page = client.get(url, {"since": "2026-03-01", "until": "2026-03-31"})

    assert page.context["figures"][0]["value"] == "1\u202f000"
    assert page.context["table"]["count"] == 2
    exported = b"".join(client.get(url, {"export": "csv", "since": "2026-03-01", "sort": "worth"})).decode()
    assert len(exported.splitlines()) == 5


class Exactness(TestCase):
    @settings(max_examples=40, deadline=None)
    @given(
        st.decimals("0.0001", "9999999", places=4),
        st.lists(st.decimals("0", "99999", places=4), min_size=1, max_size=7),
    )
    def test_the_parts_of_any_deal_add_up_to_it(self, whole: Decimal, lines: list[Decimal]) -> None:
        won = DealStage.objects.create(code="WON", name="Won", position=1, kind="won", probability=1)
        deal = Deal.objects.create(
            source="crm", external_id="D", stage=won, amount=whole, base_amount=whole, closed=DAY
        )
        for place, amount in enumerate(lines, start=1):
            DealLine.objects.create(deal=deal, position=place, amount=amount)

        rows = list(bookings_of(won_deals(None)))
        assert sum(row["base_money"] for row in rows) == whole
        assert min(row["base_money"] for row in rows) >= 0
