"""The clock of an answer: who does not answer in time loses the lead to the next."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from core.models import Event, Notification, Person
from crm.models import Lead, RoutingSeat
from crm.pipeline.lead_giving import move_overdue
from crm.services.lead_moves import answer_lead
from crm.tasks import move_overdue_leads
from tests.crm.lead_world import NOW, Sales, now, sales

__all__ = ["now", "sales"]
HOUR = dt.timedelta(hours=1)
LATE = NOW + 5 * HOUR


def fresh(lead: Lead) -> Lead:
    return Lead.objects.select_related("owner", "rule").get(pk=lead.pk)


def test_a_lead_that_nobody_answers_goes_to_the_next_rep_with_new_hours(sales: Sales, now: Any) -> None:
    lead = sales.lead()
    now(LATE)

    assert move_overdue(LATE) == 1

    after = fresh(lead)
    assert (after.owner, after.breaches, after.rule) == (sales.paul, 1, sales.rule)
    assert after.due == LATE + 20 * HOUR  # two hours are left today, two are tomorrow's
    assert list(after.steps.order_by("pk").values_list("kind", "rep__code")) == [
        ("arrived", None),
        ("routed", "RITA"),
        ("breached", "RITA"),
        ("routed", "PAUL"),
    ]


def test_everybody_concerned_is_told(sales: Sales, now: Any, sales_manager: Person) -> None:
    lead = sales.lead(company="Buyer")
    now(LATE)
    move_overdue(LATE)

    moved = "Not answered in time: Buyer went from Rita Rep to Paul Pitch"
    assert Notification.objects.filter(title=moved).count() == 2  # Rita, and Sam who leads her
    assert set(Notification.objects.filter(title=moved).values_list("person", flat=True)) == {
        sales.rita.person_id,
        sales_manager.pk,
    }
    assert Notification.objects.filter(person=sales.paul.person, title__startswith="A lead for you").exists()
    event = Event.objects.get(verb="lead was not answered in time", subject_id=str(lead.pk))
    assert (event.before["owner"], event.after["owner"]) == ("Rita Rep (RITA)", "Paul Pitch (PAUL)")


def test_who_let_it_wait_does_not_get_it_back(sales: Sales, now: Any) -> None:
    lead = sales.lead()
    for hours in (5, 30):
        now(NOW + hours * HOUR)
        move_overdue(timezone.now())

    assert fresh(lead).owner == sales.otto  # neither Rita nor Paul: the fallback


def test_at_the_fallback_it_stays_and_who_manages_leads_is_told(
    sales: Sales, now: Any, manager: Person
) -> None:
    lead = sales.lead(market=sales.north, company="Buyer")
    late = NOW + dt.timedelta(days=2)
    now(late)

    move_overdue(late)

    after = fresh(lead)
    assert (after.owner, after.breaches) == (sales.otto, 1)
    assert after.due is not None and after.due > late
    assert Notification.objects.get(person=manager).title == (
        "Nobody answers the lead Buyer: it waits with Otto Other (OTTO)"
    )


def test_the_account_owner_who_does_not_answer_loses_the_lead_to_the_rules(sales: Sales, now: Any) -> None:
    sales.account(owner=sales.otto)
    lead = sales.lead(company="Acme")
    now(LATE)

    move_overdue(LATE)

    assert fresh(lead).owner == sales.rita


def test_an_answer_stops_the_clock(sales: Sales, now: Any) -> None:
    lead = sales.lead()
    answer_lead(actor=None, lead=lead)
    now(LATE)

    assert move_overdue(LATE) == 0
    assert fresh(lead).owner == sales.rita


@pytest.mark.parametrize("change", [{"is_deleted": True}, {"state": "working"}, {"duplicate_of": "other"}])
def test_leads_that_nobody_must_answer_are_left_alone(sales: Sales, now: Any, change: dict[str, Any]) -> None:
    lead, other = sales.lead(), sales.lead()
    Lead.objects.filter(pk=other.pk).update(state="working")
    values = {name: other if value == "other" else value for name, value in change.items()}
    Lead.objects.filter(pk=lead.pk).update(**values)

    assert move_overdue(LATE) == 0


def test_nothing_moves_over_the_weekend(sales: Sales, now: Any) -> None:
    friday = dt.datetime(2026, 3, 13, 15, tzinfo=dt.UTC)
    now(friday)
    sales.lead()
    sunday = friday + dt.timedelta(days=2)

    assert move_overdue(sunday) == 0


def test_a_task_that_arrives_twice_moves_a_lead_once(sales: Sales, now: Any) -> None:
    lead = sales.lead()
    now(LATE)

    assert (move_overdue_leads(), move_overdue_leads()) == (1, 0)
    assert fresh(lead).breaches == 1


def test_hundreds_of_late_leads_move_in_rounds(sales: Sales, now: Any) -> None:
    RoutingSeat.objects.filter(rule=sales.rule).update(capacity=1000)
    for _ in range(3):
        sales.lead()
    rows = [
        Lead(source=sales.web, market=sales.tyrol, company=f"C{n}", arrived=NOW, owner=sales.rita, due=NOW)
        for n in range(420)
    ]
    Lead.objects.bulk_create(rows)
    now(NOW + HOUR)

    assert move_overdue(NOW + HOUR) == 420
    assert not Lead.objects.filter(company__startswith="C", owner=sales.rita).exists()
