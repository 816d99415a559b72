"""The pages of attainment and of sales outside the own territory: numbers, links, rights, odd input."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import Person
from crm.models import Rep
from territories.models import Territory
from tests.territories.attainment_world import (
    a_deal,
    a_line,
    a_quota,
    in_team,
    lies_in,
    owns,
    selling,
    stages,
)
from tests.territories.quotas_world import a_company, approved
from tests.territories.world import a_model_in_force, a_rep, a_territory, an_account, covers

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]
OVER = {"period": "quarter", "month": "2026-02"}  # any month of the first quarter
FIRST = dt.date(2026, 1, 1)


@pytest.fixture
def rita(sales_rep: Person) -> Rep:
    """A quarter that is over: quota 100, 80 won, 50 sold."""
    stages()
    rep = selling(sales_rep, "RITA")
    in_team("EAST", rep)
    a_quota(rep, FIRST, 100)
    a_deal(rep, 80, "won", closed=dt.date(2026, 2, 2))
    account = an_account("A1")
    north = a_territory(a_model_in_force(), "north")
    covers(rep, north)
    lies_in(account, north)
    owns(rep, account, north, FIRST)
    a_line(account, rep, 50, dt.date(2026, 2, 3))
    return rep


def page(client: Client, name: str, *args: Any, **asked: Any) -> str:
    answer = client.get(reverse(f"territories:{name}", args=args), OVER | asked)
    assert answer.status_code == 200
    return answer.content.decode().replace("\u202f", " ")


def test_the_page_says_what_was_attained_and_opens_the_bookings(
    rita: Rep, manager: Person, signed_in: SignIn
) -> None:
    body = page(signed_in(manager), "attainment")

    assert "80 %" in body
    assert "Jan–Mar 26" in body
    assert "/crm/bookings/?since=2026-01-01&amp;until=2026-03-31&amp;rep=RITA" in body
    assert reverse("territories:attainment-rep", args=[rita.pk]) in body


@pytest.mark.parametrize("by", ["rep", "team", "territory", "product"])
@pytest.mark.parametrize("measure", ["bookings", "sales"])
def test_every_grouping_of_every_measure_opens_with_and_without_anything(
    rita: Rep, manager: Person, signed_in: SignIn, by: str, measure: str
) -> None:
    client = signed_in(manager)

    assert "<h1" in page(client, "attainment", by=by, measure=measure)
    assert "<h1" in page(client, "attainment", by=by, measure=measure, month="")
    assert "Nothing to measure" in page(client, "attainment", by=by, measure=measure, month="2019-05")


def test_a_territorys_sales_open_the_lines_of_its_accounts_and_of_those_below(
    rita: Rep, manager: Person, signed_in: SignIn
) -> None:
    client, north = signed_in(manager), Territory.objects.get(code="north")
    a_line(an_account("A2"), rita, 30, dt.date(2026, 2, 4))  # lies in no territory
    south = a_territory(north.model, "south", parent=north)
    lies_in(below := an_account("A3"), south)
    a_line(below, rita, 7, dt.date(2026, 2, 5))

    body = page(client, "attainment", by="territory", measure="sales")
    assert f"territory={north.pk}" in body
    assert "territory=none" in body

    def orders(territory: object) -> list[str]:
        lines = client.get(reverse("territories:attainment-lines"), OVER | {"territory": territory})
        return sorted(row["cells"][7]["text"] for row in lines.context["table"]["rows"])

    fields = client.get(reverse("territories:attainment-lines")).context["filter"].form
    assert fields["period"].value() == "quarter"  # what holds where nothing is asked for
    assert orders(north.pk) == ["50.00", "7.00"]
    assert orders(south.pk) == ["7.00"]
    assert orders("none") == ["30.00"]


def test_who_compares_bookings_with_quotas_in_sales_is_told(
    manager: Person, vp: Person, signed_in: SignIn
) -> None:
    client = signed_in(manager)
    a_company()
    assert "The quotas of this period are set in" not in page(client, "attainment", measure="bookings")
    approved(manager, vp, measure="sales")

    assert "set in sales revenue, but bookings are compared" in page(client, "attainment", measure="bookings")
    assert "The quotas of this period are set in" not in page(client, "attainment", measure="sales")


def test_days_after_the_newest_order_line_are_still_to_come(
    rita: Rep, manager: Person, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = dt.date(2026, 3, 20)
    monkeypatch.setattr(timezone, "localdate", lambda *_: today)
    client, asked = signed_in(manager), {"measure": "sales", "month": "2026-02"}

    shown = client.get(reverse("territories:attainment"), asked)
    over = client.get(reverse("territories:attainment"), asked | {"month": "2025-02"})
    bookings = client.get(reverse("territories:attainment"), asked | {"measure": "bookings"})

    assert shown.context["asked"].today == dt.date(2026, 2, 4)
    assert "Sales are known up to 3 Feb 2026" in shown.content.decode()
    assert over.context["asked"].today == bookings.context["asked"].today == today
    assert "Sales are known up to" not in over.content.decode() + bookings.content.decode()


def test_odd_questions_are_answered_as_usual_with_the_reason_beside_the_field(
    rita: Rep, manager: Person, signed_in: SignIn
) -> None:
    client = signed_in(manager)

    body = page(client, "attainment", period="decade", month="1066-10", by="weather", measure="luck")

    assert "Choose a month from 1990 to 2100." in body
    assert "Select a valid choice. decade is not one of the available choices." in body


def test_the_file_holds_exact_numbers(rita: Rep, manager: Person, signed_in: SignIn) -> None:
    answer = signed_in(manager).get(reverse("territories:attainment"), OVER | {"export": "csv"})
    lines = b"".join(answer.streaming_content).decode().splitlines()

    assert lines[0].startswith("Rep,Code,Quota")
    assert lines[1].startswith("Rita,RITA,100.0000,80.0000,1,0.8,1.0,")


def test_one_reps_page_shows_how_the_end_is_made(rita: Rep, manager: Person, signed_in: SignIn) -> None:
    body = page(signed_in(manager), "attainment-rep", rita.pk)
    a_deal(rita, 40)
    running = page(signed_in(manager), "attainment-rep", rita.pk, month="", period="year")

    assert "Where the period ended" in body
    assert "Where the period will end" in running
    assert "Open deals that are to close in it" in running
    assert "Usually new" in running


def test_a_rep_opens_the_own_page_and_nobody_elses(rita: Rep, sales_rep: Person, signed_in: SignIn) -> None:
    other = a_rep("OTTO")
    client = signed_in(sales_rep)

    assert "Rita" in page(client, "attainment-rep", rita.pk)
    assert client.get(reverse("territories:attainment-rep", args=[other.pk])).status_code == 404


def test_the_lines_behind_a_sum_name_whom_they_count_for(
    rita: Rep, manager: Person, sales_rep: Person, signed_in: SignIn
) -> None:
    otto = a_rep("OTTO")
    a_line(an_account("A2"), otto, 77, dt.date(2026, 2, 3))
    back = a_line(an_account("A3"), rita, 9, dt.date(2026, 2, 4), kind="return")

    everything = page(signed_in(manager), "attainment-lines")
    own = page(signed_in(sales_rep), "attainment-lines")
    of_otto = page(signed_in(manager), "attainment-lines", rep="OTTO")

    assert "77.00" in everything and "50.00" in everything
    assert "−9.00" in everything and back.order_number in everything
    assert "50.00" in own and "77.00" not in own
    assert "77.00" in of_otto and "50.00" not in of_otto


def test_sales_outside_the_own_territory_are_counted(
    rita: Rep, manager: Person, sales_rep: Person, signed_in: SignIn
) -> None:
    otto = a_rep("OTTO")
    account = rita.assignments.get().account
    a_line(account, otto, 150, dt.date(2026, 3, 1))
    a_line(an_account("A9"), otto, 9, dt.date(2026, 3, 1))

    body = page(signed_in(manager), "attainment-outside")

    assert "1 of 3" in body
    assert "Otto sold most outside" in body or "OTTO sold most outside" in body
    assert "1 line with 9 EUR belong to accounts that lay in no territory" in body
    assert "0 of 1" in page(signed_in(sales_rep), "attainment-outside")


def test_who_may_not_see_attainment_is_told_so(stranger: Person, signed_in: SignIn) -> None:
    for name in ("attainment", "attainment-lines", "attainment-outside", "fairness"):
        assert signed_in(stranger).get(reverse(f"territories:{name}")).status_code == 403


def test_the_main_pages_ask_the_database_a_fixed_number_of_times(
    rita: Rep, manager: Person, signed_in: SignIn, pinned_queries: Any
) -> None:
    client = signed_in(manager)
    for number in range(5):
        rep = a_rep(f"R{number}")
        a_quota(rep, FIRST, 10)
        a_deal(rep, 5, "won", closed=FIRST)
    page(client, "attainment")
    for by in ("rep", "team", "territory", "product"):
        with pinned_queries(by):
            page(client, "attainment", by=by)
    with pinned_queries("running"):
        page(client, "attainment", month="")
    with pinned_queries("fairness"):
        page(client, "fairness")
    with pinned_queries("outside"):
        page(client, "attainment-outside")
    with pinned_queries("one rep"):
        page(client, "attainment-rep", rita.pk)
