"""The whole API against its own schema: odd input never crashes it, and answers match what it says."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from core.models import Person
from core.roles import Role
from core.services import create_token
from sopcycle.wsgi import application

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


# Made without the database: one test for each operation, so that they run side by side.
schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
schema.app = application


@pytest.fixture
def kept_connection(db: None) -> Iterator[None]:
    """A real request ends by closing an old connection; here it holds the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def headers(kept_connection: None) -> dict[str, str]:
    """Somebody who may do everything, so that every operation gets past the rights."""
    roles = [role for role in Role.values if role != Role.SERVICE]
    person = Person.objects.create_user("fuzz@example.com", name="Fuzz", roles=roles)
    _, key = create_token(actor=person, label="fuzz")
    return {"Authorization": f"Token {key}"}


@pytest.mark.slow
@schema.parametrize()
@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_answers_as_its_schema_says(case: Any, headers: dict[str, str]) -> None:
    answer = case.call(headers=headers)

    case.validate_response(answer, checks=CHECKS)
