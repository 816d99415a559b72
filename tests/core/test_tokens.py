"""Keys for programs: shown once, stored hashed, revocable, noting their last use."""

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from core.errors import Denied, Invalid
from core.models import ApiToken, Event, Person
from core.services import change_person, create_token, revoke_token


def _with(key: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    return client


def test_a_service_account_uses_the_api_with_its_token(service_account: Person) -> None:
    token, key = create_token(actor=service_account, label="ERP upload")

    answer = _with(key).get("/api/v1/jobs/")

    assert answer.status_code == 200
    token.refresh_from_db()
    assert token.last_used is not None
    assert key not in token.digest


def test_only_the_first_use_in_a_minute_is_written(service_account: Person) -> None:
    _, key = create_token(actor=service_account, label="ERP upload")
    client = _with(key)
    client.get("/api/v1/jobs/")
    first = ApiToken.objects.get().last_used

    client.get("/api/v1/jobs/")

    assert ApiToken.objects.get().last_used == first


def test_a_revoked_token_no_longer_works(analyst: Person) -> None:
    token, key = create_token(actor=analyst, label="script")

    revoke_token(actor=analyst, token=token)

    answer = _with(key).get("/api/v1/jobs/")
    assert answer.status_code == 401
    assert answer.json()["error"]["reasons"][0]["text"]
    assert list(Event.objects.values_list("verb", flat=True)) == ["API token revoked", "API token created"]


def test_the_token_of_an_inactive_person_does_not_work(advisor: Person, analyst: Person) -> None:
    _, key = create_token(actor=analyst, label="script")

    change_person(actor=advisor, person=analyst, revision=1, changes={"is_active": False})

    assert _with(key).get("/api/v1/jobs/").status_code == 401


def test_a_request_without_a_token_is_told_to_send_one(db: None) -> None:
    answer = APIClient().get("/api/v1/jobs/")

    assert answer.status_code == 401
    assert "Send a token" in answer.json()["error"]["message"]


@pytest.mark.parametrize("label", ["", "   ", "x" * 81])
def test_a_token_says_what_it_is_for(analyst: Person, label: str) -> None:
    with pytest.raises(Invalid):
        create_token(actor=analyst, label=label)


def test_a_label_is_used_once(analyst: Person) -> None:
    create_token(actor=analyst, label="script")

    with pytest.raises(Invalid, match="Revoke it first"):
        create_token(actor=analyst, label="script")


def test_nobody_but_an_advisor_revokes_somebody_elses_token(
    analyst: Person, colleague: Person, advisor: Person
) -> None:
    token, _ = create_token(actor=analyst, label="script")

    with pytest.raises(Denied):
        revoke_token(actor=colleague, token=token)
    revoke_token(actor=advisor, token=token)

    assert not ApiToken.objects.exists()


def test_the_page_shows_the_key_once(analyst: Person, signed_in: Callable[[Person], Client]) -> None:
    client = signed_in(analyst)

    shown = client.post("/account/tokens/", {"label": "script"}, follow=True).content.decode()
    key = shown.split("<code>")[1].split("</code>")[0]

    assert _with(key).get("/api/v1/jobs/").status_code == 200
    assert key not in client.get("/account/tokens/").content.decode()


def test_one_does_not_see_or_revoke_a_colleagues_token(
    analyst: Person, colleague: Person, signed_in: Callable[[Person], Client]
) -> None:
    token, _ = create_token(actor=analyst, label="Nightly load")
    client = signed_in(colleague)

    assert "Nightly load" not in client.get("/account/tokens/").content.decode()
    assert client.post(f"/account/tokens/{token.token_key}/revoke/").status_code == 404
    assert ApiToken.objects.exists()


def test_tokens_are_made_and_revoked_by_api(analyst: Person) -> None:
    _, key = create_token(actor=analyst, label="first")
    client = _with(key)

    made = client.post("/api/v1/tokens/", {"label": "second"})
    listed = client.get("/api/v1/tokens/").json()["results"]
    gone = client.delete(f"/api/v1/tokens/{made.json()['token_key']}/")

    assert made.status_code == 201
    assert _with(made.json()["key"]).get("/api/v1/tokens/").status_code == 401
    assert {token["label"] for token in listed} == {"first", "second"}
    assert all("key" not in token for token in listed)
    assert gone.status_code == 204
