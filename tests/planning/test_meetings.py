"""Meetings: agenda from what is open, minutes whose actions become tasks."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from icalendar import Calendar

from core.errors import Conflict, Denied, Invalid
from core.models import Event, Notification, Person
from planning.models import Cycle, Meeting, Task
from planning.selectors.meetings import agenda_for, meetings_visible_to
from planning.services.meetings import Action, add_meeting, change_meeting, write_minutes
from planning.services.registers import add_risk, raise_decision
from planning.services.tasks import add_task

SignIn = Callable[[Person], Client]
BEGINS = dt.datetime(2026, 1, 12, 9, 0, tzinfo=dt.UTC)
DUE = dt.date(2026, 1, 15)


@pytest.fixture
def meeting(cycle: Cycle, coordinator: Person, manager: Person, sales_manager: Person) -> Meeting:
    return add_meeting(
        actor=coordinator,
        cycle=cycle,
        stage="demand",
        title="Demand review",
        begins=BEGINS,
        owner=manager,
        attendees=[sales_manager],
    )


def test_the_agenda_begins_with_the_stage_and_with_what_is_open(
    cycle: Cycle, manager: Person, analyst: Person
) -> None:
    raise_decision(actor=manager, cycle=cycle, title="Build or buy?", owner=analyst, money=5000)
    add_task(actor=manager, cycle=cycle, title="Confirm lead times", owner=analyst, due=DUE)
    add_risk(actor=manager, cycle=cycle, title="Strike", owner=manager, money=900, probability=0.5)

    agenda = agenda_for(cycle, "supply")

    assert agenda.startswith("1. Actions of the last meeting\n2. Shortages and overloads")
    assert "- Build or buy? (5\u202f000.00; Ada Analyst)" in agenda
    assert "- Confirm lead times (Ada Analyst, " in agenda
    assert "- Risk: Strike (900.00 at 50.0\u202f%)" in agenda


def test_everybody_is_invited_but_who_planned_it(
    meeting: Meeting, coordinator: Person, manager: Person, sales_manager: Person
) -> None:
    invited = Notification.objects.filter(title__startswith="You are invited: Demand review")
    assert {row.person for row in invited} == {manager, sales_manager}


def test_an_analyst_plans_no_meeting(cycle: Cycle, analyst: Person) -> None:
    with pytest.raises(Denied):
        add_meeting(actor=analyst, cycle=cycle, stage="demand", title="Chat", begins=BEGINS, owner=analyst)


def test_who_is_new_is_invited_and_the_others_hear_of_another_time(
    meeting: Meeting, manager: Person, analyst: Person, sales_manager: Person
) -> None:
    later = BEGINS + dt.timedelta(hours=2)
    change_meeting(
        actor=manager,
        meeting=meeting,
        revision=1,
        changes={"begins": later, "attendees": [sales_manager, analyst]},
    )
    assert Notification.objects.filter(person=analyst, title__startswith="You are invited").count() == 1
    assert Notification.objects.filter(person=sales_manager, title__startswith="Changed: Demand").count() == 1
    assert not Notification.objects.filter(person=analyst, title__startswith="Changed").exists()


def test_changing_who_comes_is_an_edit_like_any_other(
    meeting: Meeting, manager: Person, coordinator: Person, analyst: Person
) -> None:
    change_meeting(actor=manager, meeting=meeting, revision=1, changes={"attendees": [analyst]})
    assert Event.objects.get(verb="meeting changed").after == {"attendees": ["Ada Analyst"]}
    with pytest.raises(Conflict):
        change_meeting(actor=coordinator, meeting=meeting, revision=1, changes={"attendees": []})


def test_each_action_of_the_minutes_becomes_a_task(
    meeting: Meeting, manager: Person, analyst: Person
) -> None:
    write_minutes(
        actor=manager,
        meeting=meeting,
        revision=1,
        minutes="We agree on the plan.",
        actions=[Action("Ask the dealer", analyst, DUE), Action("Date the launch", manager, DUE)],
    )
    tasks = Task.objects.filter(meeting=meeting).order_by("title")
    assert [(task.title, task.owner, task.due, task.stage) for task in tasks] == [
        ("Ask the dealer", analyst, DUE, "demand"),
        ("Date the launch", manager, DUE, "demand"),
    ]


def test_a_chair_without_the_right_to_plan_still_writes_the_minutes(
    cycle: Cycle, coordinator: Person, sales_manager: Person, analyst: Person
) -> None:
    own = add_meeting(
        actor=coordinator, cycle=cycle, stage="demand", title="Sales", begins=BEGINS, owner=sales_manager
    )
    write_minutes(
        actor=sales_manager, meeting=own, revision=1, minutes="Done.", actions=[Action("Call", analyst, DUE)]
    )
    assert Task.objects.get().owner == analyst


def test_an_attendee_does_not_write_the_minutes(meeting: Meeting, sales_manager: Person) -> None:
    with pytest.raises(Denied, match="Only Max Manager"):
        write_minutes(actor=sales_manager, meeting=meeting, revision=1, minutes="Mine.")


def test_a_conflict_gives_no_tasks(meeting: Meeting, manager: Person, coordinator: Person) -> None:
    write_minutes(actor=manager, meeting=meeting, revision=1, minutes="First.")
    with pytest.raises(Conflict):
        write_minutes(
            actor=coordinator,
            meeting=meeting,
            revision=1,
            minutes="Second.",
            actions=[Action("Nothing", manager, DUE)],
        )
    assert not Task.objects.exists()


def test_minutes_say_something(meeting: Meeting, manager: Person) -> None:
    with pytest.raises(Invalid, match="Write what was said"):
        write_minutes(actor=manager, meeting=meeting, revision=1, minutes="  ")


def test_meetings_are_seen_by_planners_and_by_who_comes(
    meeting: Meeting, analyst: Person, sales_manager: Person, executive: Person
) -> None:
    assert list(meetings_visible_to(analyst)) == [meeting]
    assert list(meetings_visible_to(sales_manager)) == [meeting]
    assert list(meetings_visible_to(executive)) == []


def test_a_meeting_is_a_file_for_calendars(
    meeting: Meeting, sales_manager: Person, signed_in: SignIn
) -> None:
    answer = signed_in(sales_manager).get(f"/meetings/{meeting.pk}/meeting.ics")
    entry = Calendar.from_ical(answer.content).walk("VEVENT")[0]
    assert answer["Content-Type"].startswith("text/calendar")
    assert (str(entry["SUMMARY"]), entry.decoded("DTSTART")) == ("Demand review", BEGINS)
    assert entry.decoded("DTEND") - entry.decoded("DTSTART") == dt.timedelta(minutes=60)


def sheet(*lines: dict[str, str]) -> dict[str, str]:
    """The minutes' form as a browser posts it."""
    fields = {"actions-TOTAL_FORMS": str(len(lines)), "actions-INITIAL_FORMS": "0"}
    for number, line in enumerate(lines):
        fields |= {f"actions-{number}-{name}": value for name, value in line.items()}
    return {"minutes": "We agree.", "revision": "1"} | fields


def test_the_form_of_the_minutes_makes_tasks_of_filled_lines(
    meeting: Meeting, manager: Person, analyst: Person, signed_in: SignIn
) -> None:
    filled = {"title": "Ask", "owner": str(analyst.pk), "due": "2026-01-15"}
    answer = signed_in(manager).post(f"/meetings/{meeting.pk}/minutes/", sheet(filled, {"title": ""}))
    assert answer.status_code == 302
    assert [task.title for task in Task.objects.all()] == ["Ask"]


def test_half_a_line_is_told_beside_it_and_nothing_is_saved(
    meeting: Meeting, manager: Person, signed_in: SignIn
) -> None:
    answer = signed_in(manager).post(f"/meetings/{meeting.pk}/minutes/", sheet({"title": "Ask"}))
    assert answer.status_code == 400
    assert "Say who." in answer.content.decode()
    meeting.refresh_from_db()
    assert (meeting.minutes, Task.objects.count()) == ("", 0)


def test_two_writers_of_the_minutes_see_both_versions(
    meeting: Meeting, manager: Person, coordinator: Person, signed_in: SignIn
) -> None:
    write_minutes(actor=coordinator, meeting=meeting, revision=1, minutes="Hers.")
    answer = signed_in(manager).post(f"/meetings/{meeting.pk}/minutes/", sheet())
    assert answer.status_code == 409
    assert "Hers." in answer.content.decode()


def test_a_meeting_is_planned_on_its_page(
    cycle: Cycle, coordinator: Person, manager: Person, signed_in: SignIn
) -> None:
    client = signed_in(coordinator)
    form = client.get(f"/cycles/{cycle.pk}/meetings/add/?stage=supply").content.decode()
    assert "Shortages and overloads" in form
    sent = {
        "title": "Supply review",
        "stage": "supply",
        "begins": "2026-01-16T10:00",
        "minutes_long": "45",
        "owner": manager.email,
        "attendees": [manager.pk],
        "agenda": "1. Presses",
    }
    client.post(f"/cycles/{cycle.pk}/meetings/add/", sent)
    saved = Meeting.objects.get()
    assert (saved.title, saved.agenda, list(saved.attendees.all())) == (
        "Supply review",
        "1. Presses",
        [manager],
    )
