"""The network of a test: what is sent to our own address goes to this application."""

import datetime as dt
from typing import Any

import pytest
import requests
from django.test import Client

from core.models import Job, Person
from crm.models import Endpoint
from crm.pipeline import test_firing
from crm.services.test_firing import start_test
from crm.tasks import try_an_address


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


def tried(actor: Person, endpoint: Endpoint) -> Job:
    """The job that tried the address of an endpoint, once a worker is through with it."""
    return by_a_worker(start_test(actor=actor, endpoint=endpoint))


def by_a_worker(job: Job) -> Job:
    """The job after a worker took it."""
    try_an_address(job.pk)
    return Job.objects.get(pk=job.pk)
