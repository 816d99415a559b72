"""The home of who sells tells the own pay, and who leads a team its pay; nobody else's."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from compensation.models import Dispute
from compensation.services.acceptances import accept_plan, standing_of
from core.models import Person
from crm.models import Rep
from tests.compensation.company import TERMS, credit, line, plan_of, rep_on, run_of
from tests.dashboards.home import home, needs

pytestmark = pytest.mark.django_db
MAY, JUNE = dt.date(2026, 5, 1), dt.date(2026, 6, 1)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: dt.date(2026, 6, 20))


@pytest.fixture
def ann(sales_rep: Person) -> Rep:
    """May is paid with 500.00; in June 30,000 of the 60,000 due count so far."""
    version = plan_of(TERMS)
    rep = rep_on(version, "ann", person=sales_rep, quota=120_000)
    of_may = credit(rep, 10_000, MAY)
    run_of(MAY, {rep: [line(of_may)]}, version, "paid", paid_on=dt.date(2026, 6, 5))
    credit(rep, 20_000, JUNE)
    return rep


def told(figures: list[dict[str, Any]]) -> dict[str, str]:
    return {one["label"]: str(one["value"]).replace("\u202f", " ") for one in figures}


def test_a_rep_reads_what_was_paid_what_comes_and_how_far_the_quota_is(
    ann: Rep, sales_rep: Person, signed_in: Callable
) -> None:
    text, context = home(signed_in(sales_rep))
    assert told(context["own_pay"]) == {
        "Paid for May": "500.00",
        "June as of today": "1 000.00",
        "Own bookings": "50.0 %",
    }
    assert "on 5 Jun 2026" in text
    assert "of the quota to the end of June; 15 of 22 working days gone" in text
    assert context["team_pay"] == []


def test_a_sales_manager_reads_the_team_s_payout_without_the_own_and_its_disputes(
    ann: Rep, sales_manager: Person, signed_in: Callable, pinned_queries: Callable
) -> None:
    version = ann.statements.get().parts.get().version
    sam = rep_on(version, "sam", person=sales_manager)
    bob = rep_on(version, "bob", manager=sam)
    Rep.objects.filter(pk=ann.pk).update(manager=bob)
    stranger = rep_on(version, "eve")
    paid = {rep: [line(credit(rep, 1000, JUNE))] for rep in (ann, bob, sam, stranger)}
    run_of(JUNE, paid, version, "approved")
    statement = bob.statements.get()
    Dispute.objects.create(statement=statement, rep=bob, about="amount", text="Less", due=timezone.now())
    client = signed_in(sales_manager)
    with pinned_queries():
        _, context = home(client)
    assert told(context["team_pay"]) == {"Payout of June": "100.00", "Open disputes": "1"}
    assert context["team_pay"][0]["change"] == "2 people"
    assert told(context["own_pay"])["Approved for June"] == "50.00"


def test_a_month_that_is_not_approved_is_told_to_nobody(
    ann: Rep, sales_rep: Person, sales_manager: Person, signed_in: Callable
) -> None:
    version = ann.statements.get().parts.get().version
    sam = rep_on(version, "sam", person=sales_manager)
    Rep.objects.filter(pk=ann.pk).update(manager=sam)
    run_of(JUNE, {ann: [line(None, pay=Decimal("7777.77"))]}, version, "reviewed")
    for person in (sales_rep, sales_manager):
        assert "7\u202f777.77" not in home(signed_in(person))[0]
    assert "Payout of May" in told(home(signed_in(sales_manager))[1]["team_pay"])


def test_who_has_no_pay_by_a_plan_has_no_block_of_pay(
    ann: Rep, advisor: Person, effectiveness_manager: Person, sales_manager: Person, signed_in: Callable
) -> None:
    rep_on(None, "sam", person=sales_manager)
    for person in (advisor, effectiveness_manager, sales_manager):
        text, context = home(signed_in(person))
        assert (context["own_pay"], context["team_pay"]) == ([], [])
        assert "own-pay-title" not in text and "team-pay-title" not in text


def test_a_plan_that_cannot_be_worked_out_leaves_the_home_standing(
    ann: Rep, sales_rep: Person, signed_in: Callable
) -> None:
    plan_of({"plan": "P", "components": [{"code": "x", "form": "whole"}]}, code="broken")
    assert told(home(signed_in(sales_rep))[1]["own_pay"]) == {"Paid for May": "500.00"}


def test_a_plan_to_accept_waits_for_its_rep_until_it_is_accepted(
    ann: Rep, sales_rep: Person, signed_in: Callable
) -> None:
    client = signed_in(sales_rep)
    assert needs(home(client)[1]) == {"Pay plans to accept": ["Plan ae, version 1"]}
    (row,) = standing_of(ann)
    accept_plan(actor=sales_rep, version=row.version, document_hash=row.hash, typed_name=sales_rep.name)
    assert needs(home(client)[1]) == {}
