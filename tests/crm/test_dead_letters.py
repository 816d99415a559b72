"""Changes of a CRM that failed for good: whoever keeps the connection is told, once an hour at most."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db.models import F
from django.test import Client

from core.models import Notification, Person
from core.roles import Role
from crm.models import Endpoint, InboxEvent
from crm.pipeline.dead_letters import tell_of_dead_letters
from crm.pipeline.inbox_draining import drain
from crm.services.endpoints import create_endpoint
from crm.tasks import tell_of_changes_that_failed
from sopcycle.celery import app
from tests.crm.senders import SECRET, message, push, standard_endpoint

pytestmark = pytest.mark.django_db


HOUR = dt.timedelta(minutes=61)


def failed(endpoint: Endpoint, *deals: str) -> None:
    """Changes that nothing can be made of."""
    push(endpoint, *(message(int(deal), deal=deal, amount="a lot") for deal in deals))
    drain()
    assert set(deals) <= set(InboxEvent.objects.filter(state="dead").values_list("external_id", flat=True))


def an_hour_passes() -> None:
    Endpoint.objects.update(told_of_dead=F("told_of_dead") - HOUR)
    InboxEvent.objects.update(settled=F("settled") - HOUR)


def titles() -> list[str]:
    return list(Notification.objects.order_by("pk").values_list("title", flat=True))


def test_advisors_are_told_how_many_and_why_with_a_link_to_them(
    advisor: Person, manager: Person, signed_in: Callable[[Person], Client]
) -> None:
    failed(standard_endpoint(), "41", "42")

    assert tell_of_dead_letters() == 1

    told = Notification.objects.get()
    assert (told.person, told.title) == (advisor, "2 changes from Any CRM failed for good")
    assert "amount is 'a lot', which is not a number." in told.text
    shown = signed_in(advisor).get(told.url).context["page"].object_list
    assert {row.external_id for row in shown} == {"41", "42"}


def test_what_fails_within_the_hour_is_told_after_it_and_once(advisor: Person) -> None:
    endpoint = standard_endpoint()
    failed(endpoint, "41")
    assert tell_of_dead_letters() == 1
    failed(endpoint, "42")
    assert tell_of_dead_letters() == 0

    an_hour_passes()

    assert tell_of_dead_letters() == 1
    an_hour_passes()
    assert tell_of_dead_letters() == 0
    assert titles() == ["A change from Any CRM failed for good"] * 2


def test_each_connection_has_a_message_of_its_own(advisor: Person) -> None:
    failed(standard_endpoint(), "41")
    failed(standard_endpoint(label="Other CRM", source="other"), "42")

    assert tell_of_dead_letters() == 2

    assert sorted(titles()) == [
        "A change from Any CRM failed for good",
        "A change from Other CRM failed for good",
    ]


def test_who_connected_it_is_told_before_other_advisors(advisor: Person) -> None:
    keeper = Person.objects.create_user(
        "keeper@example.com", "a long password", name="Kim Keeper", roles=[Role.ADVISOR]
    )
    made = {"provider": "standard", "label": "Any CRM", "source": "crm", "secret": SECRET}
    failed(create_endpoint(actor=keeper, **made)[0], "41")

    tell_of_dead_letters()

    assert Notification.objects.get().person == keeper


def test_without_an_advisor_the_managers_are_told(manager: Person) -> None:
    failed(standard_endpoint(), "41")
    tell_of_dead_letters()
    assert Notification.objects.get().person == manager


def test_the_clock_calls_it() -> None:
    assert tell_of_changes_that_failed() == 0
    assert tell_of_changes_that_failed.name in {entry["task"] for entry in app.conf.beat_schedule.values()}
