"""Adjustments: proposed by one person, approved by another, paid by the month's run."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from rest_framework.test import APIClient

from compensation.models import Adjustment
from compensation.services.adjustments import change_adjustment, move_adjustment, propose_adjustment
from core.errors import Denied, Invalid, Refused
from core.models import Notification, Person
from crm.models import Rep
from tests.compensation.company import FLAT, deal, euro, plan_of, rep_on
from tests.compensation.paying import (
    FEBRUARY,
    JANUARY,
    _today,  # noqa: F401 - a fixture
    calculated,
    closed,
    moved,
    sheet,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> Rep:
    return rep_on(plan_of(FLAT))


def somebody() -> Person:
    """An analyst whom no test is about."""
    given = {"name": "Some Body", "roles": ["analyst"]}
    return Person.objects.get_or_create(email="somebody@example.com", defaults=given)[0]


def proposed(actor: Person | None, rep: Rep, **values: Any) -> Adjustment:
    given = {
        "rep": rep,
        "month": JANUARY,
        "currency": euro(),
        "amount": Decimal(250),
        "label": "Prize",
        "reason": "Won the summer race",
    }
    return propose_adjustment(actor=actor or somebody(), values=given | values)


def approved(rep: Rep, **values: Any) -> Adjustment:
    return move_adjustment(actor=None, adjustment=proposed(None, rep, **values), name="approve")


def test_an_approved_adjustment_is_on_the_statement_and_paid_by_the_lock(ann: Rep) -> None:
    deal(ann, 10_000, JANUARY)
    row = approved(ann)
    run = closed(JANUARY)
    statement = sheet(run, ann)
    assert (statement.earned, statement.adjustments, statement.pay) == (500, 250, 750)
    assert [one.adjustment for one in statement.adjustment_rows.all()] == [row]
    row.refresh_from_db()
    assert (row.state, row.run) == ("paid", run)


def test_what_is_only_proposed_is_not_paid(ann: Rep) -> None:
    proposed(None, ann)
    assert sheet(calculated(JANUARY), ann).pay == 0


def test_an_approval_after_the_calculation_makes_the_run_old(ann: Rep) -> None:
    run = calculated(JANUARY)
    approved(ann)
    with pytest.raises(Refused, match="adjustments changed"):
        moved(run, "take")


def test_nobody_approves_the_own_proposal_nor_the_own_pay(manager: Person, vp: Person, ann: Rep) -> None:
    row = proposed(manager, ann)
    with pytest.raises(Refused, match="You proposed this"):
        move_adjustment(actor=manager, adjustment=row, name="approve")
    Rep.objects.filter(pk=ann.pk).update(person=vp)
    with pytest.raises(Refused, match="of your own pay"):
        move_adjustment(actor=vp, adjustment=row, name="approve")


def test_the_database_knows_it_too(manager: Person, ann: Rep) -> None:
    row = proposed(manager, ann)
    with pytest.raises(IntegrityError, match="adjustment_is_not_approved_by_its_maker"), transaction.atomic():
        Adjustment.objects.filter(pk=row.pk).update(state="approved", decided_by=manager)


def test_an_analyst_proposes_and_does_not_decide(analyst: Person, colleague: Person, ann: Rep) -> None:
    row = proposed(analyst, ann)
    with pytest.raises(Denied):
        move_adjustment(actor=colleague, adjustment=row, name="approve")


def test_a_sales_manager_proposes_nothing(sales_manager: Person, ann: Rep) -> None:
    with pytest.raises(Denied):
        proposed(sales_manager, ann)


def test_a_locked_month_takes_no_adjustment(ann: Rep) -> None:
    early = proposed(None, ann, month=FEBRUARY)
    closed(JANUARY)
    with pytest.raises(Refused, match="January 2026 is locked"):
        proposed(None, ann)
    with pytest.raises(Refused, match="January 2026 is locked"):
        change_adjustment(actor=None, adjustment=early, revision=early.revision, changes={"month": JANUARY})


def test_an_adjustment_of_nothing_is_refused(ann: Rep) -> None:
    with pytest.raises(Invalid, match="other than 0"):
        proposed(None, ann, amount=Decimal(0))


def test_what_was_decided_stays(ann: Rep) -> None:
    row = approved(ann)
    with pytest.raises(Refused, match="stays as it is"):
        change_adjustment(actor=None, adjustment=row, revision=row.revision, changes={"amount": 9})


def test_a_double_click_proposes_once(analyst: Person, ann: Rep) -> None:
    proposed(analyst, ann)
    with pytest.raises(Refused, match="“Prize” is proposed already"):
        proposed(analyst, ann)
    assert proposed(analyst, ann, label="Second prize").state == "proposed"


def test_a_month_is_not_locked_while_an_adjustment_waits(ann: Rep) -> None:
    run = moved(calculated(JANUARY), "take", "review", "approve")
    row = proposed(None, ann)
    with pytest.raises(Refused, match="“Prize” for Ann waits for a decision"):
        moved(run, "lock")
    move_adjustment(actor=None, adjustment=row, name="reject", reason="Not agreed")
    assert moved(run, "lock").state == "locked"


def test_a_rejection_says_why_and_tells_who_proposed(analyst: Person, vp: Person, ann: Rep) -> None:
    row = proposed(analyst, ann)
    with pytest.raises(Refused, match="Say why"):
        move_adjustment(actor=vp, adjustment=row, name="reject")
    found = move_adjustment(actor=vp, adjustment=row, name="reject", reason="Not agreed")
    assert (found.state, found.answer) == ("rejected", "Not agreed")
    told = Notification.objects.get(person=analyst)
    assert (told.title, told.text) == ("“Prize” is rejected", "Not agreed")


def test_pages_propose_edit_and_decide(
    analyst: Person, vp: Person, ann: Rep, signed_in: Callable[[Person], Client]
) -> None:
    sent = {
        "rep": ann.code,
        "month": "2026-01",
        "amount": "-120.50",
        "currency": "EUR",
        "label": "Overpaid",
        "reason": "December was paid twice",
    }
    client = signed_in(analyst)
    page = client.post("/pay/adjustments/add/", sent, follow=True).content.decode()
    assert "Overpaid" in page and "waits for a colleague" in page
    row = Adjustment.objects.get()
    edited = sent | {"amount": "-100", "revision": row.revision}
    assert client.post(f"/pay/adjustments/{row.pk}/edit/", edited).status_code == 302
    assert client.post(f"/pay/adjustments/{row.pk}/edit/", edited).status_code == 409
    assert signed_in(vp).post(f"/pay/adjustments/{row.pk}/moves/approve/").status_code == 302
    row.refresh_from_db()
    assert (row.amount, row.state, row.decided_by) == (-100, "approved", vp)


def test_the_api_proposes_and_decides(
    analyst: Person, vp: Person, ann: Rep, api: Callable[[Person], APIClient]
) -> None:
    sent = {
        "rep": ann.code,
        "month": "2026-01-15",
        "amount": "80.00",
        "currency": "EUR",
        "label": "Prize",
        "reason": "Won",
    }
    made = api(analyst).post("/api/v1/pay-adjustments/", sent)
    assert (made.status_code, made.data["month"]) == (201, "2026-01-01"), made.data
    move = f"/api/v1/pay-adjustments/{made.data['id']}/move/"
    refused = api(analyst).post(move, {"move": "approve"})
    assert refused.status_code == 403
    assert api(vp).post(move, {"move": "approve"}).data["state"] == "approved"


@pytest.mark.parametrize("who", ["sales_rep", "sales_manager", "advisor"])
def test_others_do_not_read_adjustments(
    who: str, ann: Rep, request: pytest.FixtureRequest, api: Callable[[Person], APIClient]
) -> None:
    row = proposed(None, ann)
    client = api(request.getfixturevalue(who))
    assert client.get("/api/v1/pay-adjustments/").status_code == 403
    assert client.get(f"/api/v1/pay-adjustments/{row.pk}/").status_code == 403
