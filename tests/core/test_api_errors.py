"""Every error of the API has one shape, whatever was sent."""

from collections.abc import Callable
from typing import Any

from rest_framework.test import APIClient

from core.models import Person
from crm.models import Rep

Api = Callable[[Person], APIClient]


def _reasons(answer: Any) -> list[str]:
    return [reason["text"] for reason in answer.json()["error"]["reasons"]]


def test_too_many_fields_are_refused_with_a_sentence(analyst: Person, api: Api, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10
    body = "&".join(f"label={number}" for number in range(50))

    answer = api(analyst).generic(
        "POST", "/api/v1/tokens/", body, content_type="application/x-www-form-urlencoded"
    )

    assert answer.status_code == 400
    assert "more fields or bytes" in _reasons(answer)[0]


def test_an_address_that_does_not_exist_answers_in_the_same_shape(analyst: Person, api: Api) -> None:
    for address in ("/api/v1/nonsense/", "/api/v1/jobs/0.5/", "/api/v1/jobs"):
        answer = api(analyst).get(address)

        assert answer.status_code == 404
        assert "/api/docs/" in _reasons(answer)[0]


def test_a_body_that_is_not_json_is_refused_with_a_sentence(analyst: Person, api: Api) -> None:
    answer = api(analyst).generic("POST", "/api/v1/tokens/", "{", content_type="application/json")

    assert answer.status_code == 400
    assert "JSON parse error" in _reasons(answer)[0]


def test_endless_brackets_are_refused_with_a_sentence(analyst: Person, api: Api) -> None:
    answer = api(analyst).generic("POST", "/api/v1/tokens/", "[" * 100_000, content_type="application/json")

    assert answer.status_code == 400
    assert "nested too deeply" in _reasons(answer)[0]


def test_a_nul_in_the_address_and_a_day_beyond_the_calendar_are_refused(analyst: Person, api: Api) -> None:
    for query in ("plan-acceptances/goals/?rep=%00", "pay/estimate/?rep=%00"):
        answer = api(analyst).get(f"/api/v1/{query}")
        assert answer.status_code == 400
        assert "NUL character" in _reasons(answer)[0]
    Rep.objects.create(code="ann", name="Ann")
    for day in ("9999-12-31", "0001-01-01"):
        answer = api(analyst).get(f"/api/v1/pay/estimate/?rep=ann&month={day}")
        assert answer.status_code == 400
        assert "from 1990 to 2100" in _reasons(answer)[0]


def test_half_a_character_is_refused_with_a_sentence(analyst: Person, api: Api) -> None:
    answer = api(analyst).generic(
        "POST", "/api/v1/tokens/", '{"label": "x\\ud800"}', content_type="application/json"
    )

    assert answer.status_code == 400
    assert "\\ud800 is half a character" in _reasons(answer)[0]
