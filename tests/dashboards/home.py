"""What the tests of the dashboards share: the page and its context, and things that wait."""

import datetime as dt
from typing import Any

from django.test import Client

from core.models import Person
from planning.models import (
    ApprovalRequest,
    Cycle,
    Decision,
    Task,
)


def home(client: Client, role: str = "") -> tuple[str, dict[str, Any]]:
    """The home page's text, and what its template was given."""
    page = client.get(f"/?as={role}" if role else "/")
    assert page.status_code == 200
    return page.content.decode(), page.context


def needs(context: dict[str, Any]) -> dict[str, list[str]]:
    return {need.title: [item.text for item in need.items] for need in context["needs"] if need.count}


def task(cycle: Cycle, owner: Person, **fields: Any) -> Task:
    values = {"stage": "demand", "title": "Call the dealers", "due": dt.date(2026, 1, 9)} | fields
    return Task.objects.create(cycle=cycle, owner=owner, **values)


def decision(cycle: Cycle, owner: Person, **fields: Any) -> Decision:
    return Decision.objects.create(
        cycle=cycle, owner=owner, **{"title": "Second shift", "money": 9000} | fields
    )


def asked(cycle: Cycle, *approvers: Person, asker: Person) -> ApprovalRequest:
    row = ApprovalRequest.objects.create(cycle=cycle, number=1, content_hash="a" * 64, requested_by=asker)
    row.approvers.set(approvers)
    return row
