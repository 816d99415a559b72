"""Tables that are uploaded are small, and a large file is refused before it is read."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from core import uploads
from core.errors import Invalid
from core.models import Person

PAGES = ["/pay/quotas/file/", "/pay/scores/file/", "/pay/cancellations/import/"]
ROUTES = ["plan-quotas", "objective-scores", "cancellations"]


@pytest.fixture(autouse=True)
def _little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 100)


def big() -> SimpleUploadedFile:
    return SimpleUploadedFile("big.csv", b"x" * 101)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_beside_the_field_that_a_file_is_too_large(
    analyst: Person, signed_in: Callable[[Person], Client], page: str
) -> None:
    answer: Any = signed_in(analyst).post(page, {"file": big()})
    assert answer.status_code == 400
    assert "big.csv is larger than 20 MB. Split it." in answer.content.decode()


@pytest.mark.parametrize("route", ROUTES)
def test_the_api_says_it_too(analyst: Person, api: Callable[[Person], APIClient], route: str) -> None:
    answer: Any = api(analyst).post(f"/api/v1/{route}/file/", {"file": big()}, format="multipart")
    assert answer.status_code == 400
    assert answer.json()["error"]["reasons"][0]["field"] == "file"
    assert "larger than 20 MB" in answer.json()["error"]["message"]


def test_a_service_refuses_it_whoever_calls_it() -> None:
    with pytest.raises(Invalid, match=r"big.csv is larger than 20 MB"):
        uploads.refuse_large("big.csv", b"x" * 101)
    uploads.refuse_large("small.csv", b"x" * 100)
