"""manage.py webhooks: connect, list, rotate and replay without a page."""

import io
import json
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from core.models import Event as Entry
from crm.models import Endpoint, InboxEvent
from crm.pipeline.inbox_draining import drain
from tests.crm.senders import SECRET, message, push, standard_endpoint

pytestmark = pytest.mark.django_db


def webhooks(*arguments: str) -> Any:
    out = io.StringIO()
    call_command("webhooks", *arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_create_prints_the_id_and_the_path_and_the_endpoint_works() -> None:
    made = webhooks(
        "create", "--provider", "standard", "--secret", SECRET, "--public-url", "https://s.example.com"
    )
    endpoint = Endpoint.objects.get()
    assert made == {
        "id": str(endpoint.key),
        "path": f"/hooks/{endpoint.key}/",
        "url": f"https://s.example.com/hooks/{endpoint.key}/",
        "provider": "standard",
        "label": "Any sender (Standard Webhooks)",
        "source": "any-sender-standard-webhooks",
    }
    assert push(endpoint, message()).status_code == 200
    assert Entry.objects.filter(verb="endpoint connected", actor=None).exists()


def test_in_words_each_line_says_one_thing() -> None:
    out = io.StringIO()
    call_command("webhooks", "create", "--provider", "hubspot", "--secret", "s", stdout=out)
    endpoint = Endpoint.objects.get()
    assert f"id: {endpoint.key}\npath: /hooks/{endpoint.key}/\n" in out.getvalue()
    assert "secret" not in out.getvalue()


def test_a_secret_that_is_made_here_is_shown_once() -> None:
    made = webhooks("create", "--provider", "zoho", "--label", "Zoho of the north", "--source", "zoho")
    assert len(made["secret"]) == 40
    assert (made["label"], made["source"]) == ("Zoho of the north", "zoho")
    assert "secret" not in webhooks("list")[0]


def test_a_secret_may_come_by_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SECRET}\n"))
    webhooks("create", "--provider", "standard", "--secret", "-")
    assert push(Endpoint.objects.get(), message()).status_code == 200


def test_endpoints_are_created_again_and_again() -> None:
    made = [webhooks("create", "--provider", "close", "--secret", "0a0b") for _ in range(3)]
    assert [one["label"] for one in made] == ["Close", "Close 2", "Close 3"]


def test_the_list_says_how_each_endpoint_fares() -> None:
    endpoint = standard_endpoint()
    assert webhooks("list")[0]["last_verified"] is None
    push(endpoint, message())
    found = webhooks("list")
    assert (found[0]["active"], found[0]["turned_away"], found[0]["secrets"]) == (True, 0, ["…LaSw"])
    assert found[0]["last_verified"] is not None


def test_rotate_gives_a_new_secret_and_keeps_the_old_one_for_a_while() -> None:
    endpoint = standard_endpoint()
    made = webhooks("rotate", str(endpoint.key), "--keep-old-hours", "2")
    assert push(endpoint, message(1), secret=made["secret"]).status_code == 200
    assert push(endpoint, message(2), secret=SECRET).status_code == 200
    webhooks("rotate", str(endpoint.key), "--keep-old-hours", "0")
    assert push(endpoint, message(3), secret=made["secret"]).status_code == 401


@pytest.mark.parametrize(
    "choosing",
    [
        ["--all"],
        ["--state", "needs_mapping"],
        ["--since", "2026-11-20", "--until", "2026-11-20T09:00:02"],
        ["--event", "{event}"],
        ["--delivery", "{delivery}", "--reason", "mended"],
        ["--endpoint", "{endpoint}", "--state", "needs_mapping"],
    ],
)
def test_replay_takes_one_a_range_or_all(choosing: list[str]) -> None:
    endpoint = standard_endpoint()
    push(endpoint, message(1, stage="nowhere"))
    drain()
    event = InboxEvent.objects.get()
    known = {"event": event.pk, "delivery": event.delivery_id, "endpoint": endpoint.key}
    assert webhooks("replay", *[one.format(**known) for one in choosing]) == {"replayed": 1}
    assert InboxEvent.objects.get().state == "waiting"


def test_replay_leaves_alone_what_does_not_fit() -> None:
    push(standard_endpoint(), message(1, stage="nowhere"))
    drain()
    assert webhooks("replay", "--until", "2026-11-20T09:00:01") == {"replayed": 0}
    assert webhooks("replay", "--state", "dead") == {"replayed": 0}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["create", "--provider", "standard", "--secret", "short"], "The secret"),
        (["create", "--provider", "zoho", "--source", "here"], "sopcycle itself"),
        (["create", "--provider", "nobody"], "invalid choice"),
        (["rotate", str(uuid4())], "There is no endpoint"),
        (["replay"], "Say which events"),
        (["replay", "--since", "yesterday"], "'yesterday' is no time"),
        (["replay", "--since", "2026-13-41"], "is no time"),
    ],
)
def test_what_cannot_be_right_gets_a_sentence_and_changes_nothing(arguments: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        webhooks(*arguments)
    assert Endpoint.objects.count() == 0
