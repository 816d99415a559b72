"""The pages of routing: rules in order, seats, absences, and that somebody always gets a lead."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.test import Client
from django.urls import reverse

from core.models import Person
from crm.models import Absence, Lead, LeadSource, Rep, RoutingRule, RoutingSeat
from tests.crm.lead_world import Sales, now, sales

__all__ = ["now", "sales"]
SignedIn = Callable[[Person], Client]


def url(name: str, *keys: int) -> str:
    return reverse(f"crm:{name}", args=keys)


def text(answer: Any) -> str:
    return answer.content.decode()


def test_rules_are_shown_in_order_with_loads_and_a_trial(
    sales: Sales, analyst: Person, signed_in: SignedIn
) -> None:
    sales.lead()
    client = signed_in(analyst)

    page = text(client.get(url("lead-routing")))
    assert page.index("Market Alps or below") < page.index("Whatever no other rule takes")
    assert "1 of 20" in page
    tried = text(client.get(url("lead-routing"), {"market": "TYR", "try": "yes"}))
    assert "<b>Paul Pitch</b>: Rule “Alps”" in tried
    assert Lead.objects.count() == 1  # nothing is stored


def test_an_empty_routing_says_that_nobody_catches_leads(
    sales: Sales, analyst: Person, signed_in: SignedIn
) -> None:
    RoutingSeat.objects.filter(rule=sales.fallback).delete()

    assert "Nobody catches the leads" in text(signed_in(analyst).get(url("lead-routing")))


def test_a_new_rule_is_asked_before_the_fallback_and_moved(
    sales: Sales, coordinator: Person, signed_in: SignedIn
) -> None:
    client = signed_in(coordinator)
    typed = {"name": "Big", "least_employees": "500", "hours": "2", "is_active": "on"}
    client.post(url("routing-rule-add"), typed)
    big = RoutingRule.objects.get(name="Big")

    names = list(RoutingRule.objects.order_by("position").values_list("name", flat=True))
    assert names == ["Alps", "Big", "Everybody else"]
    client.post(url("routing-rule-move", big.pk), {"up": "yes"})
    assert RoutingRule.objects.order_by("position").first() == big
    client.post(url("routing-rule-move", big.pk), {"up": "yes"})  # it is the first already
    client.post(url("routing-seat-add", big.pk), {"rep": "SAM", "capacity": "5"})
    assert sales.lead(employees=600).owner == sales.sam
    client.post(url("routing-rule-remove", big.pk))
    assert not RoutingRule.objects.filter(pk=big.pk).exists()


def test_somebody_always_gets_a_lead(sales: Sales, coordinator: Person, signed_in: SignedIn) -> None:
    client = signed_in(coordinator)
    seat = RoutingSeat.objects.get(rule=sales.fallback)

    refused = [
        client.post(url("routing-seat-remove", seat.pk)),
        client.post(url("routing-rule-remove", sales.fallback.pk)),
        client.post(
            url("routing-rule-edit", sales.fallback.pk),
            {"name": "Rest", "hours": "8", "revision": "1"},  # not active any more
        ),
        client.post(
            url("routing-rule-edit", sales.fallback.pk),
            {"name": "Rest", "hours": "8", "revision": "1", "is_active": "on", "country": "Austria"},
        ),
        client.post(url("routing-rule-fallback", sales.rule.pk)),  # it asks for a market
    ]

    assert [answer.status_code for answer in refused] == [409, 409, 400, 400, 400]
    sales.fallback.refresh_from_db()
    assert (sales.fallback.is_active, sales.fallback.country, sales.fallback.seats.count()) == (True, "", 1)


def test_another_rule_becomes_the_fallback(sales: Sales, coordinator: Person, signed_in: SignedIn) -> None:
    RoutingRule.objects.filter(pk=sales.rule.pk).update(market=None)

    signed_in(coordinator).post(url("routing-rule-fallback", sales.rule.pk))

    rules = RoutingRule.objects.order_by("position")
    assert [(rule.name, rule.is_fallback) for rule in rules] == [("Everybody else", False), ("Alps", True)]


def test_a_seat_is_changed_and_left(sales: Sales, coordinator: Person, signed_in: SignedIn) -> None:
    client, seat = signed_in(coordinator), RoutingSeat.objects.get(rep=sales.rita)

    client.post(url("routing-seat-edit", seat.pk), {"capacity": "3", "revision": "1"})
    seat.refresh_from_db()
    assert seat.capacity == 3
    assert client.get(url("routing-rule", sales.rule.pk)).status_code == 200
    client.post(url("routing-seat-remove", seat.pk))
    assert not RoutingSeat.objects.filter(pk=seat.pk).exists()


def test_a_rep_notes_the_own_absence_and_nobody_elses(
    sales: Sales, sales_rep: Person, sales_manager: Person, signed_in: SignedIn
) -> None:
    days = {"first": "2026-03-11", "last": "2026-03-13", "reason": "Holiday"}
    rita, sam = signed_in(sales_rep), signed_in(sales_manager)

    assert rita.post(url("absence-add"), {"rep": "RITA", **days}).status_code == 302
    assert rita.post(url("absence-add"), {"rep": "PAUL", **days}).status_code == 400  # not on her list
    assert sam.post(url("absence-add"), {"rep": "PAUL", **days}).status_code == 302
    assert sales.lead().owner == sales.otto
    row = Absence.objects.get(rep=sales.rita)
    assert row.days.upper == dt.date(2026, 3, 14)
    assert "13 Mar 2026" in text(rita.get(url("absence", row.pk)))
    assert rita.post(url("absence-remove", row.pk)).status_code == 302
    assert not Absence.objects.filter(pk=row.pk).exists()


def test_an_absence_that_ends_before_it_begins_is_refused(
    sales: Sales, coordinator: Person, signed_in: SignedIn
) -> None:
    typed = {"rep": "RITA", "first": "2026-03-13", "last": "2026-03-11"}

    answer = signed_in(coordinator).post(url("absence-add"), typed)

    assert answer.status_code == 400
    assert "last" in answer.context["form"].errors


def test_an_analyst_notes_no_absence(sales: Sales, analyst: Person, signed_in: SignedIn) -> None:
    typed = {"rep": "RITA", "first": "2026-03-11", "last": "2026-03-11"}

    assert signed_in(analyst).post(url("absence-add"), typed).status_code == 403
    assert Rep.objects.count() == 4
    assert LeadSource.objects.count() == 2
