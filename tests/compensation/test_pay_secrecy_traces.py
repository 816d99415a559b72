"""Pay is secret: refusals, filters, lists and writes tell strangers no more than the pages do.

What is not theirs answers like what is not there; no filter offers a name; nothing they send changes it.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse
from rest_framework.test import APIClient

from compensation.models import PlanAcceptance
from core.models import Person
from crm.models import Rep
from tests.architecture.routes import Route
from tests.compensation.test_pay_secrecy import (
    KEY,
    VALUES,
    _today,
    ann,
    another_manager,
    another_rep,
    leaks,
    nosy,
    of_the_room,
    told,
)

__all__ = ["_today", "ann", "another_manager", "another_rep", "nosy"]

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]
Api = Callable[[Person], APIClient]
NOT_THERE = KEY + 1
# What differs between two answers about the same nothing: the asked key and code, tokens, moments.
ECHOES = re.compile(rf"{KEY}|{NOT_THERE}|\bann\b|\bnobody\b|nonce-\S+|value=\"\w{{64}}\"|nonce=\"\S+\"")
ASKED_BY = ("rep", "statement", "line", "run", "deal", "part", "q", "plan", "version")


def address_of(route: Route, key: int, code: str) -> str | None:
    """The route's address for a row and a rep; None where its arguments are of another kind."""
    known = {**VALUES, "code": code}
    for rep in (code, key):
        values = {name: known.get(name, key) for name in route.arguments if name != "format"}
        values |= {"rep": rep} if "rep" in values else {}
        try:
            return reverse(route.name, kwargs=values)
        except NoReverseMatch:
            continue
    return None


def pairs() -> Iterator[tuple[Route, str, str]]:
    """Each route with arguments: its address of ann's row, and of one that is not there."""
    for route in of_the_room():
        hers, none = address_of(route, KEY, "ann"), address_of(route, NOT_THERE, "nobody")
        if hers and none and hers != none:
            yield route, hers, none


def sent(client: Any, method: str, url: str, data: Any = None) -> Any:
    """The answer, with everything undone that it changed."""
    with transaction.atomic():
        answer = getattr(client, method)(url, data or {})
        transaction.set_rollback(True)
    return answer


def plain(answer: Any) -> str:
    return ECHOES.sub("", told(answer))


@pytest.fixture(params=["another_rep", "another_manager"])
def seller(request: pytest.FixtureRequest, ann: Rep) -> Person:
    """Of all strangers those who have most rights about pay."""
    person: Person = request.getfixturevalue(request.param)
    return person


def clients(person: Person, signed_in: SignIn, api: Api) -> tuple[Any, Any]:
    page, program = signed_in(person), api(person)
    page.raise_request_exception = program.raise_request_exception = False
    return page, program


def test_what_is_not_theirs_answers_like_what_is_not_there(
    seller: Person, signed_in: SignIn, api: Api
) -> None:
    page, program = clients(seller, signed_in, api)
    wrong, walked = [], 0
    for route, hers, none in pairs():
        client = program if route.is_api else page
        one, other = sent(client, "get", hers), sent(client, "get", none)
        walked += 1
        if (one.status_code, plain(one)) != (other.status_code, plain(other)):
            wrong.append((route.name, hers, one.status_code, other.status_code))
    assert walked > 40
    assert wrong == []


def test_filters_offer_no_name_and_answer_alike(seller: Person, signed_in: SignIn, api: Api) -> None:
    page, program = clients(seller, signed_in, api)
    wrong = []
    for route in of_the_room():
        if route.arguments:
            continue
        client = program if route.is_api else page
        url = reverse(route.name)
        for name in ASKED_BY:
            hers = sent(client, "get", url, {name: "ann" if name in {"rep", "q"} else KEY})
            none = sent(client, "get", url, {name: "nobody" if name in {"rep", "q"} else NOT_THERE})
            if "Ann Able" in told(hers) or hers.status_code != none.status_code:
                wrong.append((route.name, name, hers.status_code, none.status_code))
            if hers.status_code == 403:
                break
    assert wrong == []


def rows_of_the_room() -> dict[str, list[dict[str, Any]]]:
    models = apps.get_app_config("compensation").get_models()
    return {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in models}


SENT = {
    "statement": KEY,
    "line": KEY,
    "rep": "ann",
    "reason": "Mine now",
    "text": "Mine now",
    "about": "amount",
    "amount": "1",
    "month": "2026-06",
    "revision": 0,
    "typed_name": "Ann Able",
    "document_hash": "x",
}


def test_nothing_that_is_sent_changes_or_tells_it(seller: Person, signed_in: SignIn, api: Api) -> None:
    page, program = clients(seller, signed_in, api)
    before, wrong, walked = rows_of_the_room(), [], 0
    for route in of_the_room():
        url = address_of(route, KEY, "ann")
        methods = {method for method, _ in route.actions} - {"get"}
        for method in sorted(methods) if url else ():
            client = program if route.is_api else page
            with transaction.atomic():
                answer = getattr(client, method)(url, SENT)
                changed = answer.status_code < 400 and rows_of_the_room() != before
                transaction.set_rollback(True)
            walked += 1
            if changed or leaks(answer) or answer.status_code >= 500:
                wrong.append((route.name, method, answer.status_code, leaks(answer)))
    assert walked > 40
    assert wrong == []
    assert not PlanAcceptance.objects.exists()


def test_the_home_tells_strangers_nothing_of_it(nosy: Person, signed_in: SignIn) -> None:
    answer = signed_in(nosy).get("/")
    assert answer.status_code == (200 if nosy.roles else 403)
    assert not leaks(answer)
