"""Notifications: the bell, mail, and channels that sometimes fail."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from smtplib import SMTPException
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from core import outbox
from core.errors import Invalid
from core.models import Channel, Event, Notification, Person
from core.services import add_channel, change_channel, mark_read, notify, try_channel

SignIn = Callable[[Person], Client]


class Service(HTTPServer):
    """A message service on this machine: it remembers what came and answers as told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[dict[str, Any]] = []
        self.answer = 200

    @property
    def address(self) -> str:
        return f"json://127.0.0.1:{self.server_port}/very-secret-part"


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append(json.loads(body))
        self.send_response(self.server.answer)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def test_each_active_person_is_told_once(analyst: Person, vp: Person) -> None:
    vp.is_active = False
    vp.save()

    notify(people=[analyst, analyst, vp], title="The import is done", url="/data/imports/1/")

    assert [n.person for n in Notification.objects.all()] == [analyst]


def test_the_bell_counts_and_reading_empties_it(analyst: Person, signed_in: SignIn) -> None:
    notify(people=[analyst], title="The import is done", url="/jobs/")
    client = signed_in(analyst)
    assert "Notifications, 1 unread" in client.get("/notifications/").content.decode()

    opened = client.get(f"/notifications/{Notification.objects.get().pk}/")

    assert opened["Location"] == "/jobs/"
    assert "none unread" in client.get("/notifications/").content.decode()


def test_all_are_marked_as_read_at_once(analyst: Person, signed_in: SignIn) -> None:
    for number in range(3):
        notify(people=[analyst], title=f"Message {number}")

    signed_in(analyst).post("/notifications/read/")

    assert not Notification.objects.filter(read_at=None).exists()


def test_one_reads_only_ones_own(analyst: Person, colleague: Person, signed_in: SignIn) -> None:
    notify(people=[analyst], title="For Ada alone")
    pk = Notification.objects.get().pk

    assert signed_in(colleague).get(f"/notifications/{pk}/").status_code == 404
    assert mark_read(actor=colleague, notification_id=pk) == 0


def test_a_notification_never_leads_out_of_the_application(analyst: Person, signed_in: SignIn) -> None:
    notify(people=[analyst], title="Look", url="https://elsewhere.example/")

    opened = signed_in(analyst).get(f"/notifications/{Notification.objects.get().pk}/")

    assert opened["Location"] == "/notifications/"


def test_mail_leaves_once_with_the_full_address(analyst: Person) -> None:
    notify(people=[analyst], title="The import is done", text="57,851 rows.", url="/data/imports/1/")

    assert (outbox.send_waiting(), outbox.send_waiting()) == (1, 0)

    assert [message.subject for message in mail.outbox] == ["The import is done"]
    assert mail.outbox[0].to == ["analyst@example.com"]
    assert "http://127.0.0.1:8000/data/imports/1/" in mail.outbox[0].body


def test_those_who_want_no_mail_get_none(analyst: Person, signed_in: SignIn) -> None:
    signed_in(analyst).post("/account/profile/", {})
    notify(people=[analyst], title="The import is done")

    outbox.send_waiting()

    assert mail.outbox == []
    assert Notification.objects.get().sent_at is not None


def test_failing_mail_is_tried_five_times(analyst: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise SMTPException("mailbox full")

    monkeypatch.setattr(outbox, "send_mail", refuse)
    notify(people=[analyst], title="The import is done")

    for _ in range(7):
        assert outbox.send_waiting() == 0

    assert Notification.objects.get().attempts == 5


def test_a_channel_repeats_everybodys_notifications(
    advisor: Person, analyst: Person, service: Service
) -> None:
    add_channel(actor=advisor, label="Planning team", url=service.address)
    notify(people=[analyst], title="The import is done", text="57,851 rows.")

    assert outbox.send_waiting() == 1

    assert service.received[0]["title"] == "Ada Analyst: The import is done"
    assert service.received[0]["message"] == "57,851 rows."


def test_a_personal_channel_repeats_only_that_persons(
    advisor: Person, analyst: Person, vp: Person, service: Service
) -> None:
    add_channel(actor=advisor, label="Vera", url=service.address, person=vp)
    notify(people=[analyst, vp], title="The import is done")

    outbox.send_waiting()

    assert [message["title"] for message in service.received] == ["Vera VP: The import is done"]


def test_a_failing_channel_shows_its_error_and_mail_is_not_sent_twice(
    advisor: Person, analyst: Person, service: Service
) -> None:
    channel = add_channel(actor=advisor, label="Planning team", url=service.address)
    service.answer = 503
    notify(people=[analyst], title="The import is done")

    assert outbox.send_waiting() == 0
    channel.refresh_from_db()
    assert "503" in channel.last_error
    assert "very-secret-part" not in channel.last_error

    service.answer = 200
    assert outbox.send_waiting() == 1
    channel.refresh_from_db()
    assert channel.last_error == ""
    assert len(mail.outbox) == 1


def test_the_address_of_a_channel_is_never_shown_or_logged(
    advisor: Person, service: Service, signed_in: SignIn
) -> None:
    channel = add_channel(actor=advisor, label="Planning team", url=service.address)
    change_channel(
        actor=advisor,
        channel=channel,
        revision=1,
        changes={"url": f"{service.address}2", "label": "Planners"},
    )
    client = signed_in(advisor)
    pages = "".join(
        client.get(url).content.decode()
        for url in ("/settings/channels/", f"/settings/channels/{channel.pk}/", "/api/v1/channels/")
    )

    assert "very-secret-part" not in pages
    assert "very-secret-part" not in str(list(Event.objects.values_list("before", "after")))


def test_an_empty_address_keeps_the_stored_one(advisor: Person, service: Service, signed_in: SignIn) -> None:
    channel = add_channel(actor=advisor, label="Planning team", url=service.address)
    sent = {"label": "Planners", "url": "", "person": "", "is_active": "on", "revision": 1}

    signed_in(advisor).post(f"/settings/channels/{channel.pk}/", sent)

    channel.refresh_from_db()
    assert (channel.label, channel.url) == ("Planners", service.address)


def test_the_test_button_says_whether_the_message_left(
    advisor: Person, service: Service, signed_in: SignIn
) -> None:
    channel = add_channel(actor=advisor, label="Planning team", url=service.address)
    client = signed_in(advisor)

    good = client.post(f"/settings/channels/{channel.pk}/try/", follow=True).content.decode()
    service.answer = 404
    bad = client.post(f"/settings/channels/{channel.pk}/try/", follow=True).content.decode()

    assert "The test message left" in good
    assert "did not arrive" in bad
    assert try_channel(actor=advisor, channel=channel)


def test_an_address_nobody_understands_is_refused(advisor: Person) -> None:
    with pytest.raises(Invalid, match="not an address of a message service"):
        add_channel(actor=advisor, label="Broken", url="hello")

    assert not Channel.objects.exists()
