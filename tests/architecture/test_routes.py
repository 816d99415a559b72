"""Every address declares the right it needs, and the whole matrix holds at every address."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from rest_framework.test import APIClient

from core.models import Person
from core.roles import ACTIONS, Role, can
from tests.architecture.routes import Route, all_routes, guarded_routes


def test_every_route_declares_its_action_for_every_method() -> None:
    undeclared = [
        f"{route.name} {method.upper()}"
        for route in guarded_routes()
        for method, action in route.actions
        if action not in ACTIONS
    ]

    assert undeclared == []


def test_there_are_routes_to_look_at() -> None:
    assert len(guarded_routes()) > 30
    assert any(route.is_api for route in guarded_routes())


def test_no_two_routes_share_a_name_and_arguments() -> None:
    named = [(route.name, route.arguments) for route in guarded_routes()]

    assert sorted({str(one) for one in named if named.count(one) > 1}) == []


@pytest.mark.slow
@pytest.mark.parametrize("role", list(Role))
def test_the_matrix_holds_at_every_page_and_resource(
    role: Role, signed_in: Callable[[Person], Client], api: Callable[[Person], APIClient], db: None
) -> None:
    person = Person.objects.create_user("somebody@example.com", name="Some Body", roles=[role])
    page, program = signed_in(person), api(person)
    page.raise_request_exception = program.raise_request_exception = False

    wrong = [
        problem
        for route in guarded_routes()
        if (problem := _undone(_problem, route, person, program if route.is_api else page))
    ]

    assert wrong == []


def _undone(ask: Callable[..., str], *arguments: Any) -> str:
    """Ask, and undo what the request did: one that breaks must not break those after it."""
    with transaction.atomic():
        answer = ask(*arguments)
        transaction.set_rollback(True)
    return answer


def _problem(route: Route, person: Person, client: Client) -> str:
    """What a GET of the route does against the matrix; empty where it obeys."""
    needed = dict(route.actions).get("get")
    if needed is None:
        return _problem_of_unsafe(route, person, client)
    status = client.get(route.url()).status_code
    if status == 405:  # a page that takes only POST
        return _problem_of_unsafe(route, person, client)
    allowed = bool(can(person, needed))
    if (status == 403) is allowed or status >= 500:
        return f"{route.name}: {status}, and “{needed}” is {'' if allowed else 'not '}allowed"
    return ""


def _problem_of_unsafe(route: Route, person: Person, client: Client) -> str:
    """A service may ask for more than the route; it may never ask for less."""
    for method, needed in route.actions:
        if method == "get" or can(person, str(needed)):
            continue
        status = getattr(client, method)(route.url()).status_code
        if status not in {403, 405}:
            return f"{route.name} {method.upper()}: {status}, and “{needed}” is not allowed"
    return ""


@pytest.mark.slow
def test_strangers_are_sent_to_sign_in_and_programs_without_a_token_get_401(client: Client, db: None) -> None:
    client.raise_request_exception = False
    let_in = []
    for route in guarded_routes():
        answer = client.get(route.url())
        to_sign_in = answer.status_code == 302 and "/account/login/" in answer["Location"]
        if not to_sign_in and answer.status_code not in {401, 405}:
            let_in.append(f"{route.name}: {answer.status_code}")

    assert let_in == []


def test_only_signing_in_and_the_health_of_the_product_are_public() -> None:
    public = sorted(route.name for route in all_routes() if route.is_public)

    assert "core:healthz" in public
    rooms = ("catalog", "crm", "gathering")
    # a hook's senders sign; what strangers write into a form becomes a lead and nothing else
    assert [name for name in public if name.startswith(rooms)] == ["crm:hook", "crm:lead-form"]
