"""The home of who runs pay says where the oldest open month stands; nobody else's does."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from compensation.models import Adjustment, Dispute, PayRun
from core.models import Person
from crm.models import Rep
from dashboards.selectors.pay import pay_waiting
from tests.compensation.company import TERMS, credit, line, plan_of, rep_on, run_of
from tests.dashboards.home import home, needs

pytestmark = pytest.mark.django_db
APRIL, MAY, JUNE = (dt.date(2026, month, 1) for month in (4, 5, 6))


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: dt.date(2026, 6, 20))


def month_of_pay(month: dt.date, state: str) -> Rep:
    version = plan_of(TERMS, code=f"p{month:%m}")
    rep = rep_on(version, f"r{month:%m}")
    sums = {"pay": "1240000", "earned": "0", "deltas": "0", "held": "0"}
    more: dict[str, Any] = {"paid_on": month} if state == "paid" else {}
    totals = {"currencies": {"EUR": sums}}
    run_of(month, {rep: [line(credit(rep, 10_000, month))]}, version, state, totals=totals, **more)
    return rep


@pytest.mark.parametrize("who", ["vp", "manager", "analyst"])
def test_who_runs_pay_reads_the_next_step_the_money_and_what_is_open(
    who: str, request: pytest.FixtureRequest, signed_in: Callable
) -> None:
    month_of_pay(APRIL, "paid")
    rep = month_of_pay(MAY, "reviewed")
    about = {"rep": rep, "currency_id": "EUR", "amount": Decimal(5), "label": "Bonus", "reason": "Fair"}
    Adjustment.objects.create(month=MAY, **about)
    due = timezone.now()
    Dispute.objects.create(statement=rep.statements.get(), rep=rep, about="amount", text="Low", due=due)

    text, context = home(signed_in(request.getfixturevalue(who)))

    steps = ["Approve it", "1 adjustment", "1 dispute"]
    assert needs(context)["Pay of May: waiting for approval"] == steps
    assert "1.24 M EUR" in text


def test_a_locked_month_waits_to_be_paid_and_then_nothing_waits_before_the_month_is_over(
    analyst: Person,
) -> None:
    month_of_pay(MAY, "locked")
    assert pay_waiting(analyst).title == "Pay of May: waiting to be paid"
    PayRun.objects.update(state="paid", paid_on=JUNE)
    assert pay_waiting(analyst).count == 0


def test_before_the_first_run_the_last_month_waits_once_a_plan_pays(analyst: Person) -> None:
    assert pay_waiting(analyst).count == 0
    rep_on(plan_of(TERMS))
    waiting = pay_waiting(analyst)
    assert (waiting.title, waiting.items[0].text) == ("Pay of May: not calculated yet", "Calculate it")


@pytest.mark.parametrize("who", ["sales_rep", "sales_manager", "coordinator", "advisor"])
def test_nobody_else_is_told_of_it(who: str, request: pytest.FixtureRequest, signed_in: Callable) -> None:
    month_of_pay(MAY, "reviewed")
    text, context = home(signed_in(request.getfixturevalue(who)))
    assert not [title for title in needs(context) if title.startswith("Pay")]
    assert "1.24 M" not in text
