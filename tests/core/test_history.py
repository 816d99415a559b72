"""The history of a row: one entry for what was saved at once, with its reason told once."""

import pytest
from django.db import connection
from django.template.loader import render_to_string

from core.editing import change_row
from core.events import record
from core.history import BY_LOAD, changes_of
from core.models import Job, Person

REASON = "Promotion in March"


@pytest.fixture
def promoted(advisor: Person, analyst: Person) -> Person:
    """Two fields changed at once, for one reason."""
    changes = {"job_title": "Planner", "name": "Ada Planner"}
    return change_row(
        actor=advisor, row=analyst, revision=analyst.revision, changes=changes, verb="promoted", reason=REASON
    )


def test_fields_that_were_saved_at_once_are_one_entry(promoted: Person, advisor: Person) -> None:
    entry = changes_of(promoted)[0]

    assert (entry.who, entry.reason) == (advisor.name, REASON)
    assert {(line.what, line.after) for line in entry.lines} == {
        ("Job title", "Planner"),
        ("Name", "Ada Planner"),
    }


def test_the_page_tells_a_reason_and_a_person_once(promoted: Person, advisor: Person) -> None:
    page = render_to_string("parts/history.html", {"changes": changes_of(promoted)[:1]})

    assert page.count("<ins>") == 2
    assert page.count(REASON) == page.count(advisor.name) == 1


def test_a_hidden_field_is_not_told(promoted: Person) -> None:
    assert [line.what for line in changes_of(promoted, hidden=["name"])[0].lines] == ["Job title"]


def test_an_entry_of_hidden_fields_alone_is_not_there(promoted: Person) -> None:
    shown = changes_of(promoted, hidden=["name", "job_title"])

    assert REASON not in {entry.reason for entry in shown}


def test_a_change_that_no_event_tells_is_one_entry_of_a_load(analyst: Person) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_person SET job_title = 'Chief', name = 'Ada Chief' WHERE id = %s", [analyst.pk]
        )

    entry = changes_of(analyst)[0]

    assert (entry.who, {line.after for line in entry.lines}) == (BY_LOAD, {"Chief", "Ada Chief"})


def test_an_event_without_values_tells_what_happened(advisor: Person, analyst: Person) -> None:
    record(actor=advisor, verb="reminded of the plan", subject=analyst, reason="Twice already")

    told = {entry.reason: entry.lines[0].what for entry in changes_of(analyst)}

    assert told["Twice already"] == "Reminded of the plan"


def test_what_is_chosen_from_a_list_is_told_in_its_words(analyst: Person) -> None:
    job = Job(pk=1, kind="x", label="Work", state="queued")
    record(actor=analyst, verb="moved", subject=job, before={"state": "queued"}, after={"state": "done"})

    line = changes_of(job)[0].lines[0]

    assert (line.before, line.after) == ("Waiting", "Done")
