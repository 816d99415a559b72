"""Deliveries and events on pages and by API: what came, what it changed, doing it again, leaving it out."""

import base64
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from core.models import Person
from crm.engine.webhooks.events import Event, EventKind
from crm.engine.webhooks.values import time_of
from crm.models import Deal, DealStage, Delivery, Endpoint, InboxEvent, Rep
from crm.pipeline.deals import apply_deal_events
from crm.pipeline.inbox_draining import drain
from crm.selectors.inbox_diffs import diffs_of
from crm.views.deliveries import shown_body
from tests.crm.senders import message, post, push, signed, standard_endpoint

pytestmark = pytest.mark.django_db
SignedIn = Callable[[Person], Client]
Api = Callable[[Person], APIClient]


@pytest.fixture(autouse=True)
def ways_of_selling() -> None:
    for place, code in enumerate(("offer", "contract")):
        DealStage.objects.create(code=code, name=code.title(), position=place, probability=Decimal("0.3"))
    Rep.objects.create(code="R-1", name="Ines", email="ines@example.com")


@pytest.fixture
def endpoint() -> Endpoint:
    return standard_endpoint()


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def told(event: InboxEvent) -> dict[str, tuple[str, str, str]]:
    """Field → before, in the event, now."""
    return {one.name: (one.before, one.after, one.now) for one in diffs_of([event])[event.pk]}


def newest() -> InboxEvent:
    return InboxEvent.objects.order_by("-delivery_id", "-pk")[0]


# --- what an event changes --------------------------------------------------------------------


def test_an_event_is_shown_against_what_was_known_before_it(endpoint: Endpoint) -> None:
    push(endpoint, message(1, stage="offer", amount="100", name="Tents"))
    push(endpoint, message(3, stage="contract", amount="150"))
    drain()
    assert told(newest()) == {
        "stage": ("offer", "contract", "contract"),
        "amount": ("100", "150", "150"),
    }


def test_late_news_is_shown_against_its_own_time_and_not_against_today(endpoint: Endpoint) -> None:
    push(endpoint, message(1, amount="100"))
    push(endpoint, message(9, amount="900"))
    push(endpoint, message(5, amount="500"))
    drain()
    assert told(newest()) == {"amount": ("100", "500", "900")}


def test_what_a_file_said_before_counts_for_a_deal(endpoint: Endpoint) -> None:
    moment = time_of("2026-11-20T08:00:00Z")
    apply_deal_events(
        "crm", [Event("deal", "7", EventKind.CHANGE, moment, "file:1", fields={"amount": "70"})]
    )
    push(endpoint, message(1, amount="100"))
    drain()
    assert told(newest())["amount"] == ("70", "100", "100")


def test_what_somebody_wrote_later_is_the_newest_news(endpoint: Endpoint) -> None:
    push(endpoint, message(1, stage="offer", owner="ines@example.com"))
    drain()
    moment = time_of("2026-11-20T18:00:00Z")
    apply_deal_events(
        "crm", [Event("deal", "7", EventKind.CHANGE, moment, "p", fields={"stage": "contract"})]
    )
    assert told(newest()) == {
        "stage": ("", "offer", "contract"),
        "owner": ("", "ines@example.com", "ines@example.com"),  # as the CRM calls her, not as we do
    }


def test_deleting_and_merging_are_told_of_the_record(endpoint: Endpoint) -> None:
    push(endpoint, message(1, name="Tents"))
    push(endpoint, message(2, kind="deal.deleted"))
    drain()
    assert told(newest())["life"] == ("", "deleted", "deleted")
    push(endpoint, message(3, kind="deal.merged", merged=["8"]))
    drain()
    assert told(newest())["life"][1] == "takes in 8"


def test_many_events_are_compared_in_two_questions(
    endpoint: Endpoint, django_assert_num_queries: Any
) -> None:
    push(endpoint, *[message(n, deal=str(n % 7), amount=str(n)) for n in range(1, 40)])
    drain()
    events = list(InboxEvent.objects.select_related("endpoint"))
    with django_assert_num_queries(2):
        assert len(diffs_of(events)) == 39


# --- deliveries -------------------------------------------------------------------------------


def test_a_delivery_shows_its_bytes_its_headers_and_what_it_changed(
    endpoint: Endpoint, manager: Person, signed_in: SignedIn, pinned_queries: Any
) -> None:
    push(endpoint, message(1, stage="offer", amount="100"))
    push(endpoint, message(2, stage="contract"), message(2, deal="9", stage="nowhere"))
    drain()
    delivery, client = Delivery.objects.order_by("-pk")[0], signed_in(manager)
    client.get(reverse("crm:delivery", args=[delivery.pk]))

    with pinned_queries():
        page = text_of(client.get(reverse("crm:delivery", args=[delivery.pk])))

    assert "webhook-id" in page
    assert "&quot;stage&quot;: &quot;nowhere&quot;" in page
    assert "Needs a mapping" in page
    assert '<td class="wrap">offer</td><td class="wrap">contract</td>' in page
    assert delivery.sha256 in page


def test_the_bytes_are_downloaded_as_they_came(
    endpoint: Endpoint, manager: Person, signed_in: SignedIn
) -> None:
    body = json.dumps(message(1, name="Zürich\u202e")).encode()
    post(endpoint, body, signed(body))
    answer = signed_in(manager).get(reverse("crm:delivery-body", args=[Delivery.objects.get().pk]))
    assert answer.content == body
    assert answer["Content-Type"] == "application/octet-stream"
    assert "attachment" in answer["Content-Disposition"]


def test_a_change_that_came_before_says_in_which_delivery(
    endpoint: Endpoint, manager: Person, signed_in: SignedIn
) -> None:
    for _ in range(2):
        push(endpoint, message(1, name="Tents"))
    drain()
    first, second = Delivery.objects.order_by("pk")
    page = text_of(signed_in(manager).get(reverse("crm:delivery", args=[second.pk])))
    assert "sent 2 times" in page
    assert reverse("crm:delivery", args=[first.pk]) in page


def test_what_cannot_be_read_says_why_and_keeps_the_bytes(
    endpoint: Endpoint, manager: Person, signed_in: SignedIn
) -> None:
    body = b"\xff\xfe no json"
    assert post(endpoint, body, signed(body)).status_code == 200
    drain()
    page = text_of(signed_in(manager).get(reverse("crm:delivery", args=[Delivery.objects.get().pk])))
    assert "This cannot be read" in page
    assert "not JSON in UTF-8" in page
    assert "ff fe 20" in page


@pytest.mark.parametrize(
    ("body", "shown", "is_text"),
    [
        (b'{"a":1}', '{\n  "a": 1\n}', True),
        (b"<a>1</a>", "<a>1</a>", True),
        (b"\xff\x00", "ff 00", False),
        (b"", "", True),
        ("é".encode() * 40_000, "é" * 32768, True),
    ],
)
def test_bodies_are_shown_as_text_where_they_are_text(body: bytes, shown: str, is_text: bool) -> None:
    assert shown_body(body) == (shown, is_text)


def test_deliveries_are_narrowed_by_connection_state_and_day(
    endpoint: Endpoint, manager: Person, signed_in: SignedIn
) -> None:
    other = standard_endpoint(label="Other", source="other")
    push(endpoint, message(1))
    push(other, message(1))
    client = signed_in(manager)
    for query, count in (
        ({}, 2),
        ({"endpoint": other.pk}, 1),
        ({"state": "read"}, 0),
        ({"last": "2020-01-01"}, 0),
    ):
        page = client.get(reverse("crm:delivery-list"), query)
        assert page.context["page"].paginator.count == count


# --- events -----------------------------------------------------------------------------------


def dead(endpoint: Endpoint, *deals: str) -> list[InboxEvent]:
    """Events whose amount is no number: they failed for good."""
    push(endpoint, *[message(1, deal=deal, amount="much") for deal in deals])
    drain()
    return list(InboxEvent.objects.filter(external_id__in=deals, state="dead").order_by("external_id"))


def test_an_event_page_says_what_it_waits_for_and_where_to_mend_it(
    endpoint: Endpoint, manager: Person, signed_in: SignedIn, pinned_queries: Any
) -> None:
    push(endpoint, message(1, stage="Sealed: nearly"))
    drain()
    client, url = signed_in(manager), reverse("crm:inbox-event", args=[newest().pk])
    client.get(url)
    with pinned_queries():
        page = text_of(client.get(url))
    assert "Stage “Sealed: nearly”" in page
    assert "value=Sealed%3A%20nearly" in page


def test_ticked_events_are_applied_anew(endpoint: Endpoint, manager: Person, signed_in: SignedIn) -> None:
    one, two = dead(endpoint, "1", "2")
    answer = signed_in(manager).post(reverse("crm:inbox-event-replay"), {"event": one.pk}, follow=True)
    assert "1 event is applied anew" in text_of(answer)
    assert InboxEvent.objects.get(pk=one.pk).state == "waiting"
    assert InboxEvent.objects.get(pk=two.pk).state == "dead"


def test_all_that_the_filters_leave_are_applied_anew(
    endpoint: Endpoint, manager: Person, signed_in: SignedIn
) -> None:
    dead(endpoint, "1", "2")
    push(endpoint, message(2, deal="3", name="Fine"))
    drain()
    sent = {"which": "all", "query": "state=dead"}
    answer = signed_in(manager).post(reverse("crm:inbox-event-replay"), sent, follow=True)
    assert "2 events are applied anew" in text_of(answer)
    assert InboxEvent.objects.get(external_id="3").state == "applied"


def test_an_event_is_left_out_with_a_reason_and_never_without(
    endpoint: Endpoint, manager: Person, signed_in: SignedIn
) -> None:
    (one,) = dead(endpoint, "1")
    client = signed_in(manager)
    refused = client.post(reverse("crm:inbox-event-skip"), {"event": one.pk, "reason": " "}, follow=True)
    assert "Say why these events are left out." in text_of(refused)
    client.post(reverse("crm:inbox-event-skip"), {"event": one.pk, "reason": "A typing test."})
    one.refresh_from_db()
    assert (one.state, one.reason, one.settled_by) == ("skipped", "A typing test.", manager)


def test_choosing_nothing_says_so(endpoint: Endpoint, manager: Person, signed_in: SignedIn) -> None:
    answer = signed_in(manager).post(reverse("crm:inbox-event-replay"), {}, follow=True)
    assert "Choose at least one event first." in text_of(answer)


def test_one_never_leads_away_from_here(endpoint: Endpoint, manager: Person, signed_in: SignedIn) -> None:
    (one,) = dead(endpoint, "1")
    sent = {"event": one.pk, "next": "https://evil.example/"}
    answer = signed_in(manager).post(reverse("crm:inbox-event-replay"), sent)
    assert answer["Location"] == reverse("crm:inbox-event-list")


def test_events_are_narrowed_and_exported(
    endpoint: Endpoint, manager: Person, signed_in: SignedIn, pinned_queries: Any
) -> None:
    dead(endpoint, "1", "2")
    push(endpoint, message(2, deal="3", stage="Sealed"))
    drain()
    client, url = signed_in(manager), reverse("crm:inbox-event-list")
    client.get(url)
    with pinned_queries():
        assert client.get(url).context["page"].paginator.count == 3
    for query, count in (
        ({"state": "dead"}, 2),
        ({"external_id": "3"}, 1),
        ({"waits_for": "stage:Sealed"}, 1),
        ({"entity": "DEAL"}, 3),
        ({"endpoint": endpoint.pk}, 3),
        ({"delivery": "999999"}, 0),
    ):
        assert client.get(url, query).context["page"].paginator.count == count
    exported = b"".join(client.get(url, {"state": "dead", "export": "csv"})).decode()
    assert exported.count("Failed for good") == 2


def test_who_may_only_look_gets_no_buttons_and_is_refused(
    endpoint: Endpoint, analyst: Person, executive: Person, signed_in: SignedIn
) -> None:
    (one,) = dead(endpoint, "1")
    for person in (analyst, executive):
        client = signed_in(person)
        for name, keys in (
            ("delivery-list", []),
            ("delivery", [one.delivery_id]),
            ("delivery-body", [one.delivery_id]),
            ("inbox-event-list", []),
            ("inbox-event", [one.pk]),
        ):
            assert client.get(reverse(f"crm:{name}", args=keys)).status_code == 403
        assert client.post(reverse("crm:inbox-event-replay"), {"event": one.pk}).status_code == 403
    assert InboxEvent.objects.get().state == "dead"


# --- by API -----------------------------------------------------------------------------------


def test_a_program_reads_deliveries_back(endpoint: Endpoint, service_account: Person, api: Api) -> None:
    body = json.dumps(message(1, name="Tents")).encode()
    post(endpoint, body, signed(body))
    drain()
    client = api(service_account)
    listed = client.get("/api/v1/webhook-deliveries/", {"endpoint": endpoint.pk}).json()
    assert listed["count"] == 1
    one = listed["results"][0]
    assert (one["state"], one["events"], one["endpoint_key"]) == ("read", 1, str(endpoint.key))
    assert "body_base64" not in one
    at = f"/api/v1/webhook-deliveries/{one['id']}/"
    assert base64.b64decode(client.get(at).json()["body_base64"]) == body
    assert client.get(f"{at}body/").content == body
    assert client.post(f"{at}replay/").json() == {"events": 1}


def test_a_program_reads_events_and_what_they_change(
    endpoint: Endpoint, service_account: Person, api: Api
) -> None:
    push(endpoint, message(1, amount="100"))
    push(endpoint, message(2, amount="200"))
    drain()
    client = api(service_account)
    one = client.get("/api/v1/inbox-events/", {"state": "applied"}).json()["results"][0]
    assert (one["changes"], one["source"], one["kind"]) == ({"amount": "200"}, "crm", "change")
    diff = client.get(f"/api/v1/inbox-events/{one['id']}/diff/").json()
    assert diff == [{"name": "amount", "before": "100", "after": "200", "now": "200"}]


def test_a_program_replays_and_skips_one_some_or_all(
    endpoint: Endpoint, service_account: Person, api: Api
) -> None:
    one, two, three = dead(endpoint, "1", "2", "3")
    client, at = api(service_account), "/api/v1/inbox-events/"
    assert client.post(f"{at}{one.pk}/replay/").json() == {"events": 1}
    assert client.post(f"{at}{two.pk}/skip/", {"reason": "A test."}).json() == {"events": 1}
    assert client.post(f"{at}{two.pk}/skip/", {}).status_code == 400
    assert client.post(f"{at}replay-some/", {"ids": [two.pk, three.pk]}).json() == {"events": 2}
    assert client.post(f"{at}replay-some/", {}).status_code == 400
    drain()
    assert client.post(f"{at}skip-some/?state=dead", {"all_filtered": True, "reason": "Junk."}).json() == {
        "events": 3
    }
    applied = message(5, deal="9", name="Fine")
    push(endpoint, applied)
    drain()
    assert client.post(f"{at}{newest().pk}/skip/", {"reason": "No."}).status_code == 409
    assert Deal.objects.filter(external_id="9").exists()


def test_a_program_without_the_right_reads_nothing(endpoint: Endpoint, analyst: Person, api: Api) -> None:
    (one,) = dead(endpoint, "1")
    client = api(analyst)
    for path in ("webhook-deliveries/", "inbox-events/", f"inbox-events/{one.pk}/diff/"):
        assert client.get(f"/api/v1/{path}").status_code == 403
    assert client.post(f"/api/v1/inbox-events/{one.pk}/replay/").status_code == 403
