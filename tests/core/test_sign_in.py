"""Signing in: with a password, with a second step, with the company's account, and not at all."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.test import Client

from core.demo_signins import DEMO_SIGNINS
from core.models import Event, Person
from tests.conftest import PASSWORD
from tests.core.openid import Provider, provider_running

LOGIN = "/account/login/"


@pytest.fixture(autouse=True)
def _no_attempts_yet() -> None:
    """Attempts are counted in the cache."""
    cache.clear()


def _sign_in(client: Client, email: str, password: str = PASSWORD) -> Any:
    return client.post(LOGIN, {"login": email, "password": password})


def test_a_person_signs_in_and_out_and_both_are_logged(client: Client, analyst: Person) -> None:
    answer = _sign_in(client, "Analyst@Example.com")
    analyst.refresh_from_db()
    client.post("/account/logout/")

    assert answer.status_code == 302
    assert analyst.last_login is not None
    assert list(Event.objects.values_list("verb", flat=True)) == ["signed out", "signed in"]
    assert client.get("/")["Location"].startswith(LOGIN)


def test_a_wrong_password_is_told_without_saying_who_exists(client: Client, analyst: Person) -> None:
    wrong = _sign_in(client, analyst.email, "not the password").content.decode()
    unknown = _sign_in(client, "nobody@example.com", "not the password").content.decode()

    sentence = "not correct"
    assert sentence in wrong
    assert sentence in unknown


def test_too_many_attempts_are_stopped(client: Client, analyst: Person) -> None:
    for _ in range(5):
        _sign_in(client, analyst.email, "not the password")

    answer = _sign_in(client, analyst.email)

    assert answer.status_code in {200, 429}
    assert "Too many" in answer.content.decode()
    assert not Event.objects.filter(verb="signed in").exists()


def test_a_deactivated_person_is_told_so(client: Client, analyst: Person) -> None:
    analyst.is_active = False
    analyst.save()

    answer = client.post(LOGIN, {"login": analyst.email, "password": PASSWORD}, follow=True)

    assert "This account is not active" in answer.content.decode()
    assert not Event.objects.filter(verb="signed in").exists()


def test_nobody_signs_up(client: Client, db: None) -> None:
    answer = client.post("/account/signup/", {"email": "me@example.com", "password1": PASSWORD})

    assert "People are added for you" in answer.content.decode()
    assert not Person.objects.exists()


def test_the_second_step_is_switched_on_asked_for_and_switched_off(client: Client, analyst: Person) -> None:
    secret = generate_totp_secret()
    TOTP.activate(analyst, secret)

    first = _sign_in(client, analyst.email)
    wrong = client.post(first["Location"], {"code": "000000"})
    second = client.post(first["Location"], {"code": _code(secret)})

    assert "/2fa/" in first["Location"] or "authenticate" in first["Location"]
    assert wrong.status_code == 200
    assert second.status_code == 302
    assert client.get("/notifications/").status_code == 200


def _code(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def test_the_demo_sign_ins_are_offered_only_in_demo_mode(client: Client, db: None, settings: Any) -> None:
    settings.DEMO = False
    assert DEMO_SIGNINS[0].email not in client.get(LOGIN).content.decode()

    settings.DEMO = True
    page = client.get(LOGIN).content.decode()
    assert all(signin.email in page for signin in DEMO_SIGNINS)


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    """The company's OpenID Connect, as OPENID_CONNECT_URL and its neighbours set it up."""
    with provider_running() as running:
        app = {
            "provider_id": "company",
            "name": "Example Ltd",
            "client_id": "sopcycle",
            "secret": "only in this test",
            "settings": {"server_url": running.url},
        }
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
        yield running


def _by_company_account(client: Client) -> Any:
    there = client.post("/account/oidc/company/login/?process=login")
    state = parse_qs(urlsplit(there["Location"]).query)["state"][0]
    return client.get(f"/account/oidc/company/login/callback/?code=abc&state={state}", follow=True)


def test_the_company_account_is_offered_when_it_is_set_up(
    client: Client, db: None, provider: Provider
) -> None:
    assert "Sign in with Example Ltd" in client.get(LOGIN).content.decode()


def test_a_known_person_signs_in_with_the_company_account(
    client: Client, analyst: Person, provider: Provider
) -> None:
    provider.claims = {"sub": "17", "email": analyst.email, "email_verified": True, "name": "Ada"}

    _by_company_account(client)

    assert client.get("/notifications/").status_code == 200
    assert Event.objects.get(verb="signed in").actor == analyst


def test_an_unverified_address_of_the_company_account_opens_nothing(
    client: Client, analyst: Person, provider: Provider
) -> None:
    provider.claims = {"sub": "17", "email": analyst.email, "email_verified": False, "name": "Ada"}

    _by_company_account(client)

    assert client.get("/notifications/").status_code == 302
    assert not Event.objects.filter(verb="signed in").exists()


def test_an_unknown_company_account_adds_nobody(client: Client, db: None, provider: Provider) -> None:
    provider.claims = {"sub": "18", "email": "new@example.com", "email_verified": True, "name": "New"}

    answer = _by_company_account(client)

    assert "People are added for you" in answer.content.decode()
    assert not Person.objects.exists()


def test_a_deactivated_person_is_refused_with_the_company_account_too(
    client: Client, analyst: Person, provider: Provider
) -> None:
    analyst.is_active = False
    analyst.save()
    provider.claims = {"sub": "17", "email": analyst.email, "email_verified": True, "name": "Ada"}

    _by_company_account(client)

    assert client.get("/notifications/").status_code == 302
