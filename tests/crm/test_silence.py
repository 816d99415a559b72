"""A CRM that stops sending says nothing about it: the alarm does."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import Notification, Person
from crm.models import Endpoint
from crm.pipeline.silence import sound_alarms
from crm.selectors.endpoints import condition_of
from crm.selectors.silence import is_silent, silent_endpoints
from crm.tasks import sound_silence_alarms
from sopcycle.celery import app
from tests.crm.senders import message, push, standard_endpoint

pytestmark = pytest.mark.django_db


def heard(hours_ago: float, **given: object) -> Endpoint:
    """A connection whose last delivery came so long ago; it may be quiet for a day."""
    endpoint = standard_endpoint()
    moment = timezone.now() - dt.timedelta(hours=hours_ago)
    Endpoint.objects.filter(pk=endpoint.pk).update(first_verified=moment, last_verified=moment, **given)
    endpoint.refresh_from_db()
    return endpoint


@pytest.mark.parametrize(
    ("hours", "given", "silent"),
    [
        (23, {}, False),
        (25, {}, True),
        (3, {"silence_hours": 2}, True),
        (25, {"is_active": False}, False),
        (999, {"silence_hours": 0}, False),
    ],
)
def test_a_connection_is_silent_after_the_hours_it_may_be_quiet(
    hours: float, given: dict[str, object], silent: bool
) -> None:
    endpoint = heard(hours, **given)
    assert is_silent(endpoint) is silent
    assert silent_endpoints().exists() is silent  # page and alarm say the same
    assert (condition_of(endpoint).words == "Silent") is silent


def test_a_connection_that_was_never_heard_waits_and_is_not_silent() -> None:
    endpoint = standard_endpoint()
    assert condition_of(endpoint).words == "Waiting for the first delivery"
    assert not silent_endpoints().exists()


def test_the_advisors_are_told_once(advisor: Person, manager: Person) -> None:
    endpoint = heard(25)

    assert (sound_alarms(), sound_alarms()) == (1, 0)

    told = Notification.objects.get()
    assert (told.person, told.title) == (advisor, "Any CRM is silent")
    assert told.url == reverse("crm:endpoint", args=[endpoint.pk])


def test_they_are_told_again_each_day_while_it_lasts(advisor: Person) -> None:
    heard(25)
    sound_alarms()
    Endpoint.objects.update(last_alarm=timezone.now() - dt.timedelta(hours=25))
    assert sound_alarms() == 1


def test_news_ends_the_silence_and_the_next_one_is_told_again(advisor: Person) -> None:
    endpoint = heard(25)
    sound_alarms()
    push(endpoint, message(1))
    assert sound_alarms() == 0
    an_hour_ago = timezone.now() - dt.timedelta(hours=1)
    Endpoint.objects.update(silence_hours=2, last_verified=timezone.now() - dt.timedelta(hours=3))
    Endpoint.objects.update(last_alarm=an_hour_ago - dt.timedelta(hours=4))
    assert sound_alarms() == 1


def test_the_page_shows_it(advisor: Person, signed_in: Callable[[Person], Client]) -> None:
    endpoint = heard(25)
    sound_alarms()
    page = " ".join(
        signed_in(advisor).get(reverse("crm:endpoint", args=[endpoint.pk])).content.decode().split()
    )
    assert "Nothing has come since" in page
    assert "The advisors were told on" in page


def test_the_clock_calls_the_alarm() -> None:
    assert sound_silence_alarms() == 0
    called = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert sound_silence_alarms.name in called
