"""The network of a test: what is sent to our own address goes to this application."""

import datetime as dt
from typing import Any

import pytest
import requests
from django.test import Client

from crm.services import test_firing


class Through:
    """Stands for the network: what is sent goes to this application by Django's test client."""

    def __init__(self, status: int = 0) -> None:
        self.status, self.sent = status, []

    def post(self, url: str, *, data: bytes, headers: dict[str, str], **_: Any) -> Any:
        self.sent.append((url, headers, data))
        path = "/" + url.split("/", 3)[3]
        kind = headers["content-type"]
        rest = {name: value for name, value in headers.items() if name != "content-type"}
        client = Client(raise_request_exception=False)
        answer = client.generic("POST", path, data, content_type=kind, headers=rest)
        made = requests.Response()
        made.status_code = self.status or answer.status_code
        made.elapsed = dt.timedelta(milliseconds=7)
        return made


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Through:
    made = Through()
    monkeypatch.setattr(test_firing.requests, "post", made.post)
    return made
