"""The calendar of a month, and its feed behind a secret address."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from icalendar import Calendar

from core.models import Person
from gathering.models import DataSource
from planning.models import CalendarAddress, Cycle
from planning.selectors.calendar import items_between
from planning.selectors.calendar_feed import owner_of, token_of
from planning.services.calendar import make_address, revoke_address
from planning.services.meetings import add_meeting
from planning.services.moves import make_move
from planning.services.tasks import add_task
from tests.planning.conftest import Company

SignIn = Callable[[Person], Client]
FIRST, LAST = dt.date(2026, 1, 1), dt.date(2026, 1, 31)
BEGINS = dt.datetime(2026, 1, 12, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def busy(firm: Company, cycle: Cycle, manager: Person, coordinator: Person, analyst: Person) -> Cycle:
    """A cycle with a source due on the second workday, a meeting, and a task of the analyst."""
    firm.world.source(coordinator)
    add_meeting(
        actor=coordinator, cycle=cycle, stage="demand", title="Demand review", begins=BEGINS, owner=manager
    )
    add_task(actor=manager, cycle=cycle, title="Confirm", owner=analyst, due=dt.date(2026, 1, 14))
    return cycle


def test_stages_sources_meetings_and_tasks_stand_on_their_days(busy: Cycle, manager: Person) -> None:
    found = [(item.kind, item.day.day, item.title) for item in items_between(manager, FIRST, LAST)]
    assert found == [
        ("source", 2, "ERP sales"),
        ("stage", 5, "Data gathering, Jan 26"),
        ("stage", 12, "Demand planning, Jan 26"),
        ("meeting", 12, "Demand review"),
        ("task", 14, "Confirm"),
        ("stage", 19, "Supply planning, Jan 26"),
        ("stage", 22, "Reconciliation, Jan 26"),
        ("stage", 28, "Release, Jan 26"),
    ]


def test_others_see_neither_tasks_nor_meetings_nor_sources(busy: Cycle, sales_manager: Person) -> None:
    assert {item.kind for item in items_between(sales_manager, FIRST, LAST)} == {"stage"}


def test_an_abandoned_cycle_is_off_the_calendar(busy: Cycle, manager: Person, sales_manager: Person) -> None:
    make_move(actor=manager, cycle=busy, name="abandon", reason="Wrong month.")
    assert items_between(sales_manager, FIRST, LAST) == []


def test_the_month_is_a_table_and_a_list(busy: Cycle, manager: Person, signed_in: SignIn) -> None:
    page = signed_in(manager).get("/calendar/?month=2026-01").content.decode()
    assert page.count("Demand review") == 2, "once for wide screens, once for phones"
    assert DataSource.objects.get().name in page


def test_a_month_that_is_none_is_not_found(cycle: Cycle, manager: Person, signed_in: SignIn) -> None:
    assert signed_in(manager).get("/calendar/?month=2026-13").status_code == 404


def feed(token: str) -> list[str]:
    """The titles of a feed, read as a calendar program does: without a sign-in."""
    answer = Client().get(f"/calendar/feed/{token}.ics")
    assert answer.status_code == 200
    return [str(entry["SUMMARY"]) for entry in Calendar.from_ical(answer.content).walk("VEVENT")]


def test_a_feed_holds_the_stages_and_what_is_ones_own(busy: Cycle, analyst: Person, manager: Person) -> None:
    mine, theirs = make_address(actor=analyst), make_address(actor=manager)
    assert "Confirm" in feed(token_of(mine))
    assert "Demand review" not in feed(token_of(mine)), "the analyst does not attend"
    assert "Confirm" not in feed(token_of(theirs))
    assert len(feed(token_of(mine))) == 6


def test_a_due_day_is_an_event_of_the_whole_day(busy: Cycle, analyst: Person) -> None:
    answer = Client().get(f"/calendar/feed/{token_of(make_address(actor=analyst))}.ics")
    entries = Calendar.from_ical(answer.content).walk("VEVENT")
    task = next(entry for entry in entries if str(entry["SUMMARY"]) == "Confirm")
    assert (task.decoded("DTSTART"), task.decoded("DTEND")) == (dt.date(2026, 1, 14), dt.date(2026, 1, 15))


def test_a_new_address_ends_the_old_one(analyst: Person) -> None:
    old = token_of(make_address(actor=analyst))
    new = token_of(make_address(actor=analyst))
    assert owner_of(old) is None
    assert owner_of(new) == analyst


def test_an_address_that_was_taken_back_reads_nothing(analyst: Person) -> None:
    token = token_of(make_address(actor=analyst))
    revoke_address(actor=analyst)
    assert Client().get(f"/calendar/feed/{token}.ics").status_code == 404
    again = token_of(make_address(actor=analyst))
    assert owner_of(token) is None, "not even once there is a new one"
    assert owner_of(again) == analyst


@pytest.mark.parametrize("token", ["x", "WzEsMV0:1abc:bad", "..."])
def test_a_made_up_address_reads_nothing(analyst: Person, token: str) -> None:
    assert Client().get(f"/calendar/feed/{token}.ics").status_code == 404


def test_who_left_or_lost_the_right_has_no_feed(analyst: Person) -> None:
    token = token_of(make_address(actor=analyst))
    Person.objects.filter(pk=analyst.pk).update(roles=[])
    assert owner_of(token) is None
    Person.objects.filter(pk=analyst.pk).update(roles=["analyst"], is_active=False)
    assert owner_of(token) is None


def test_the_address_is_made_and_taken_back_on_the_page(
    cycle: Cycle, analyst: Person, signed_in: SignIn
) -> None:
    client = signed_in(analyst)
    client.post("/calendar/address/")
    token = token_of(CalendarAddress.objects.get())
    assert token in client.get("/calendar/").content.decode()
    client.post("/calendar/address/", {"do": "revoke"})
    assert token not in client.get("/calendar/").content.decode()


def test_ones_calendar_can_be_downloaded(busy: Cycle, analyst: Person, signed_in: SignIn) -> None:
    answer = signed_in(analyst).get("/calendar/download/")
    assert b"SUMMARY:Confirm" in answer.content
