"""The event log: complete, searchable, and impossible to change."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from rest_framework.test import APIClient

from core.events import record
from core.models import Event, Person

SignIn = Callable[[Person], Client]


@pytest.fixture
def event(advisor: Person, analyst: Person) -> Event:
    return record(
        actor=advisor,
        verb="person changed",
        subject=analyst,
        before={"job_title": "Clerk"},
        after={"job_title": "Planner"},
        reason="Promotion in March",
    )


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE core_event SET reason = 'nothing happened'",
        "DELETE FROM core_event",
        "TRUNCATE core_event CASCADE",
        "UPDATE core_personevent SET name = 'Nobody'",
        "DELETE FROM core_personevent",
    ],
)
def test_raw_sql_cannot_change_what_happened(event: Event, sql: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)

    assert Event.objects.get(pk=event.pk).reason == "Promotion in March"


def test_raw_sql_on_people_leaves_a_version(analyst: Person) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_person SET job_title = 'Sneaky' WHERE id = %s", [analyst.pk])

    assert analyst.history.filter(job_title="Sneaky").count() == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=ada", True),
        ("q=promotion", True),
        ("q=nothing-like-it", False),
        ("verb=changed", True),
        ("verb=added", False),
        ("subject_type=core.person", True),
        ("subject_type=core.job", False),
        ("since=2020-01-01", True),
        ("until=2020-01-01", False),
    ],
)
def test_the_log_is_searched(event: Event, vp: Person, signed_in: SignIn, query: str, found: bool) -> None:
    text = signed_in(vp).get(f"/settings/events/?{query}").content.decode()

    assert (f"/settings/events/{event.pk}/" in text) is found


def test_the_log_is_filtered_by_who_did_it(
    event: Event, advisor: Person, vp: Person, signed_in: SignIn
) -> None:
    client = signed_in(vp)

    assert f"/events/{event.pk}/" in client.get(f"/settings/events/?actor={advisor.pk}").content.decode()
    assert f"/events/{event.pk}/" not in client.get(f"/settings/events/?actor={vp.pk}").content.decode()


def test_one_event_shows_before_and_after(event: Event, vp: Person, signed_in: SignIn) -> None:
    text = signed_in(vp).get(f"/settings/events/{event.pk}/").content.decode()

    assert "<del>Clerk</del>" in text
    assert "<ins>Planner</ins>" in text
    assert "Promotion in March" in text


def test_the_log_is_exported_as_filtered(event: Event, vp: Person, signed_in: SignIn) -> None:
    answer = signed_in(vp).get("/settings/events/?verb=changed&export=csv")

    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0] == "What,About,Who,When,Reason"
    assert len(lines) == 2
    assert "Promotion in March" in lines[1]


def test_an_analyst_may_not_search_the_log(analyst: Person, signed_in: SignIn) -> None:
    answer = signed_in(analyst).get("/settings/events/")

    assert answer.status_code == 403
    assert "Your role may not search the event log" in answer.content.decode()


def test_the_api_reads_the_log_and_never_writes_it(
    event: Event, vp: Person, api: Callable[[Person], APIClient]
) -> None:
    client = api(vp)

    shown = client.get(f"/api/v1/events/{event.pk}/").json()

    assert shown["before"] == {"job_title": "Clerk"}
    assert shown["actor_name"] == "Tom Tech"
    assert client.delete(f"/api/v1/events/{event.pk}/").status_code == 405
    assert client.patch(f"/api/v1/events/{event.pk}/", {"reason": "x"}).status_code == 405


def test_the_log_asks_few_questions(
    event: Event, vp: Person, signed_in: SignIn, pinned_queries: Callable
) -> None:
    client = signed_in(vp)
    for number in range(20):
        record(actor=vp, verb=f"tried {number}", subject=vp)

    with pinned_queries("list"):
        assert client.get("/settings/events/").status_code == 200
    with pinned_queries("detail"):
        assert client.get(f"/settings/events/{event.pk}/").status_code == 200
