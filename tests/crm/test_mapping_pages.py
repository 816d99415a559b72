"""Unknown values of CRMs: ranked by what waits, with suggestions, decided one by one or many at once."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from core.errors import Denied, Invalid
from core.models import Person
from crm.models import Deal, DealStage, Endpoint, InboxEvent, Rep, ValueMapping
from crm.pipeline.inbox_draining import drain
from crm.selectors.value_suggestions import found_by, offered, suggestions_for
from crm.services.value_batches import Decision, decide_many
from tests.crm.senders import message, push, standard_endpoint

pytestmark = pytest.mark.django_db
SignedIn = Callable[[Person], Client]
Api = Callable[[Person], APIClient]


@pytest.fixture
def waiting() -> Endpoint:
    """Three deals wait for the stage “Contract sent”, one of them for an owner as well."""
    for place, (code, name) in enumerate((("offer", "Offer"), ("contract", "Contract"))):
        DealStage.objects.create(code=code, name=name, position=place, probability=Decimal("0.3"))
    Rep.objects.create(code="R-1", name="Ines Berger")
    endpoint = standard_endpoint()
    for number in (1, 2, 3):
        push(endpoint, message(number, deal=str(number), stage="Contract sent", amount="10"))
    push(endpoint, message(4, deal="4", stage="offer", owner="Ines Bergr"))
    drain()
    return endpoint


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


# --- suggestions ------------------------------------------------------------------------------


def test_what_is_spelt_alike_is_suggested_and_never_taken(waiting: Endpoint) -> None:
    found = suggestions_for([("stage", "Contract sent"), ("owner", "Ines Bergr"), ("owner", "qqqq")])
    assert found["stage", "Contract sent"][0].code == "contract"
    assert found["owner", "Ines Bergr"][0].code == "R-1"
    assert found["owner", "qqqq"] == []
    assert not ValueMapping.objects.exists()


def test_suggestions_take_one_question_a_kind(waiting: Endpoint, django_assert_num_queries: Any) -> None:
    names = [("stage", f"Stage {n}") for n in range(40)] + [("owner", f"Owner {n}") for n in range(40)]
    with django_assert_num_queries(2):
        suggestions_for(names)


def test_what_is_few_is_offered_whole_and_the_rest_is_searched(waiting: Endpoint) -> None:
    assert [one.code for one in offered("stage")] == ["offer", "contract"]
    assert offered("owner") == []
    assert "paid" in {one.code for one in offered("paper")}
    assert [one.code for one in found_by("owner", "berg")] == ["R-1"]
    assert [one.code for one in found_by("paper", "Invoi")] == ["invoiced"]


# --- the queue --------------------------------------------------------------------------------


def test_the_value_that_most_wait_for_stands_first(
    waiting: Endpoint, manager: Person, signed_in: SignedIn, pinned_queries: Any
) -> None:
    client = signed_in(manager)
    client.get(reverse("crm:value-list"))
    with pinned_queries():
        answer = client.get(reverse("crm:value-list"))
    items = answer.context["items"]
    assert [(one["value"].value, one["value"].events) for one in items] == [
        ("Contract sent", 3),
        ("Ines Bergr", 1),
    ]
    assert "Looks like Contract (contract)" in text_of(answer)


def test_the_queue_is_narrowed_by_kind(waiting: Endpoint, manager: Person, signed_in: SignedIn) -> None:
    answer = signed_in(manager).get(reverse("crm:value-list"), {"kind": "owner"})
    assert [one["value"].value for one in answer.context["items"]] == ["Ines Bergr"]


def test_nothing_unknown_says_what_would_stand_here(manager: Person, signed_in: SignedIn) -> None:
    assert "No unknown values" in text_of(signed_in(manager).get(reverse("crm:value-list")))


# --- one --------------------------------------------------------------------------------------


def name_of(value: str = "Contract sent", kind: str = "stage") -> dict[str, str]:
    return {"source": "crm", "kind": kind, "value": value}


def test_a_value_is_mapped_and_what_waited_follows(
    waiting: Endpoint, manager: Person, signed_in: SignedIn
) -> None:
    client, url = signed_in(manager), reverse("crm:value-map")
    assert "3 events wait for it" in text_of(client.get(url, name_of()))

    answer = client.post(url, name_of() | {"decision": "map", "target_code": "contract"}, follow=True)

    assert "3 events follow now." in text_of(answer)
    drain()
    assert Deal.objects.filter(stage__code="contract").count() == 3


def test_choosing_a_suggestion_only_fills_in_its_code(
    waiting: Endpoint, manager: Person, signed_in: SignedIn
) -> None:
    answer = signed_in(manager).get(reverse("crm:value-map"), name_of() | {"target_code": "contract"})
    assert answer.context["form"]["target_code"].value() == "contract"
    assert not ValueMapping.objects.exists()


def test_what_cannot_be_decided_is_said_beside_the_field(
    waiting: Endpoint, manager: Person, signed_in: SignedIn
) -> None:
    client, url = signed_in(manager), reverse("crm:value-map")
    for typed, field in (
        ({"decision": "map", "target_code": ""}, "target_code"),
        ({"decision": "map", "target_code": "nowhere"}, "target_code"),
        ({"decision": "ignore"}, "reason"),
    ):
        answer = client.post(url, name_of() | typed)
        assert (answer.status_code, list(answer.context["form"].errors)) == (400, [field])
    assert not ValueMapping.objects.exists()


def test_a_value_is_left_out_with_a_reason(waiting: Endpoint, manager: Person, signed_in: SignedIn) -> None:
    typed = name_of() | {"decision": "ignore", "reason": "An old pipeline."}
    signed_in(manager).post(reverse("crm:value-map"), typed)
    drain()
    assert Deal.objects.filter(stage=None, amount=10).count() == 3


def test_a_page_about_no_value_is_not_found(manager: Person, signed_in: SignedIn) -> None:
    client, url = signed_in(manager), reverse("crm:value-map")
    assert client.get(url).status_code == 404
    assert client.get(url, name_of(kind="colour")).status_code == 404


def test_deciding_again_starts_from_what_was_decided(
    waiting: Endpoint, manager: Person, signed_in: SignedIn
) -> None:
    client, url = signed_in(manager), reverse("crm:value-map")
    client.post(url, name_of() | {"decision": "map", "target_code": "contract", "reason": "As agreed."})
    mapping = ValueMapping.objects.get()
    page = text_of(client.get(reverse("crm:value-mapping", args=[mapping.pk])))
    assert "Decide again" in page
    form = client.get(url, name_of()).context["form"]
    assert (form["target_code"].value(), form["reason"].value()) == ("contract", "As agreed.")


# --- many -------------------------------------------------------------------------------------


def test_many_values_are_decided_at_once(waiting: Endpoint, manager: Person, signed_in: SignedIn) -> None:
    client, url = signed_in(manager), reverse("crm:value-batch")
    names = ["crm:stage:Contract sent", "crm:owner:Ines Bergr"]
    form = client.get(url, {"name": names}).context["form"]
    assert len(form.lines) == 2

    typed = {"name": names, "choice_0": "code:contract", "code_1": "R-1"}
    answer = client.post(url, typed, follow=True)

    assert "2 values are decided. 4 events follow now." in text_of(answer)
    drain()
    assert not InboxEvent.objects.exclude(state="applied").exists()


def test_one_wrong_decision_saves_none_of_them(
    waiting: Endpoint, manager: Person, signed_in: SignedIn
) -> None:
    typed = {
        "name": ["crm:stage:Contract sent", "crm:owner:Ines Bergr"],
        "choice_0": "code:contract",
        "code_1": "R-999",
    }
    answer = signed_in(manager).post(reverse("crm:value-batch"), typed)
    assert answer.status_code == 400
    assert "Ines Bergr: No owner here has the code" in text_of(answer).replace("&#x27;", "'")
    assert not ValueMapping.objects.exists()
    assert InboxEvent.objects.filter(state="needs_mapping").count() == 4


def test_deciding_nothing_and_choosing_nothing_are_said(
    waiting: Endpoint, manager: Person, signed_in: SignedIn
) -> None:
    client, url = signed_in(manager), reverse("crm:value-batch")
    assert "Nothing is decided yet" in text_of(client.post(url, {"name": "crm:stage:Contract sent"}))
    assert "Choose at least one value first." in text_of(client.get(url, follow=True))


def test_too_many_decisions_are_refused(manager: Person) -> None:
    many = [Decision("crm", "stage", str(n), target_code="x") for n in range(201)]
    with pytest.raises(Invalid, match="200 values at most"):
        decide_many(actor=manager, decisions=many)


# --- rights, API ------------------------------------------------------------------------------


def test_who_may_not_map_is_refused(
    waiting: Endpoint, analyst: Person, signed_in: SignedIn, api: Api
) -> None:
    client = signed_in(analyst)
    for name in ("value-list", "value-map", "value-batch", "value-mapping-list"):
        assert client.get(reverse(f"crm:{name}"), name_of()).status_code == 403
    assert api(analyst).get("/api/v1/value-mappings/unknown/").status_code == 403
    with pytest.raises(Denied):
        decide_many(actor=analyst, decisions=[Decision("crm", "stage", "Contract sent", target_code="offer")])


def test_a_program_reads_what_is_unknown_and_decides_it(
    waiting: Endpoint, service_account: Person, api: Api
) -> None:
    client, at = api(service_account), "/api/v1/value-mappings/"
    unknown = client.get(f"{at}unknown/").json()
    assert [(one["value"], one["events"]) for one in unknown] == [("Contract sent", 3), ("Ines Bergr", 1)]
    assert unknown[0]["suggestions"][0]["code"] == "contract"
    assert len(client.get(f"{at}unknown/", {"kind": "owner"}).json()) == 1

    made = client.post(at, name_of() | {"target_code": "contract"})
    assert made.status_code == 201
    drain()
    assert Deal.objects.filter(stage__code="contract").count() == 3

    one = f"{at}{made.json()['id']}/"
    changed = client.patch(one, {"target_code": "offer", "revision": made.json()["revision"]})
    assert changed.json()["target_code"] == "offer"
    assert client.patch(one, {"target_code": "contract", "revision": 1}).status_code == 409
    drain()
    assert Deal.objects.filter(stage__code="offer").count() == 3  # the fourth waits for its owner


def test_a_program_decides_many_or_none(waiting: Endpoint, service_account: Person, api: Api) -> None:
    client, at = api(service_account), "/api/v1/value-mappings/many/"
    good, bad = (
        name_of() | {"target_code": "contract"},
        name_of("Ines Bergr", "owner") | {"target_code": "no"},
    )
    refused = client.post(at, {"decisions": [good, bad]})
    assert refused.status_code == 400
    assert refused.json()["error"]["reasons"][0]["field"] == "decisions.1"
    assert not ValueMapping.objects.exists()
    good_too = bad | {"target_code": "R-1"}
    assert client.post(at, {"decisions": [good, good_too]}).json() == {"values": 2, "events": 4}
