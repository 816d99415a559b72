"""Whose pay a person may see."""

import datetime as dt
from typing import Any

import pytest

from compensation.selectors.scope import (
    may_see_pay_of,
    reps_paid_visible_to,
    runs_paid_visible_to,
    statements_visible_to,
)
from core.models import Person
from core.roles import Role
from crm.models import Rep
from tests.compensation.company import FLAT, credit, line, plan_of, rep_on, run_of, through

pytestmark = pytest.mark.django_db
JUNE = dt.date(2026, 6, 1)


def codes(rows: Any) -> list[str]:
    return sorted(row.code for row in rows)


@pytest.fixture
def reps(sales_rep: Person, sales_manager: Person) -> dict[str, Rep]:
    """sam leads lead and ann; lead leads bob; cid is beside them."""
    version = plan_of(FLAT)
    sam = rep_on(version, "sam", person=sales_manager)
    lead = rep_on(version, "lead", manager=sam)
    ann = rep_on(version, "ann", manager=sam, person=sales_rep)
    return {
        "sam": sam,
        "lead": lead,
        "ann": ann,
        "bob": rep_on(version, "bob", manager=lead),
        "cid": rep_on(version, "cid"),
        "version": version,  # type: ignore[dict-item]
    }


def test_a_rep_sees_only_the_own_pay(reps: dict[str, Rep], sales_rep: Person) -> None:
    assert codes(reps_paid_visible_to(sales_rep)) == ["ann"]
    assert may_see_pay_of(sales_rep, reps["ann"]) and not may_see_pay_of(sales_rep, reps["bob"])


def test_a_sales_manager_sees_all_levels_below_and_the_own(
    reps: dict[str, Rep], sales_manager: Person
) -> None:
    assert codes(reps_paid_visible_to(sales_manager)) == ["ann", "bob", "lead", "sam"]
    assert not may_see_pay_of(sales_manager, reps["cid"].pk)


def test_those_who_make_and_answer_for_pay_see_all(
    reps: dict[str, Rep],
    vp: Person,
    manager: Person,
    analyst: Person,
    executive: Person,
    service_account: Person,
) -> None:
    for person in (vp, manager, analyst, executive, service_account, None):
        assert len(codes(reps_paid_visible_to(person))) == 5


def test_everybody_else_sees_nobodys_pay(
    reps: dict[str, Rep],
    coordinator: Person,
    effectiveness_manager: Person,
    advisor: Person,
    stranger: Person,
) -> None:
    for person in (coordinator, effectiveness_manager, advisor, stranger):
        assert codes(reps_paid_visible_to(person)) == []
        assert not may_see_pay_of(person, reps["ann"])


def test_a_coordinator_who_is_also_a_rep_sees_the_own_pay_only(
    reps: dict[str, Rep], coordinator: Person
) -> None:
    Rep.objects.filter(pk=reps["cid"].pk).update(person=coordinator)
    assert codes(reps_paid_visible_to(coordinator)) == ["cid"]


def test_somebody_with_a_team_but_without_the_role_of_its_manager_sees_only_the_own(
    reps: dict[str, Rep], sales_manager: Person
) -> None:
    sales_manager.roles = [Role.SALES_REP]
    sales_manager.save()
    assert codes(reps_paid_visible_to(sales_manager)) == ["sam"]


@pytest.mark.parametrize("state", ["preview", "calculated", "reviewed"])
def test_who_sells_sees_a_month_only_from_its_approval_on(
    reps: dict[str, Any], sales_rep: Person, sales_manager: Person, analyst: Person, state: str
) -> None:
    paid: dict[Rep, Any] = {reps["ann"]: [line(credit(reps["ann"], 1000, JUNE))]}
    run = run_of(JUNE, paid, reps["version"], state)
    for person in (sales_rep, sales_manager):
        assert not statements_visible_to(person).exists() and not runs_paid_visible_to(person).exists()
    assert statements_visible_to(analyst).count() == 1
    through(run, "approved")
    for person in (sales_rep, sales_manager):
        assert statements_visible_to(person).count() == 1 and runs_paid_visible_to(person).count() == 1
