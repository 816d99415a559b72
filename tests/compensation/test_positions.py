"""Positions: one role a day, dated, and the pay that goes with it."""

import datetime as dt
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from compensation.models import PayRun, Position
from compensation.selectors.positions import earning, positions_visible_to
from compensation.services.positions import change_position, give_position, remove_position
from compensation.services.roles import add_pay_role, change_pay_role
from core.errors import Conflict, Denied, Invalid, Refused
from core.models import Event, Person
from tests.compensation.company import JANUARY, TERMS, plan_of, rep_on, role, through

pytestmark = pytest.mark.django_db
JULY = dt.date(2026, 7, 1)
FAR = dt.date(2090, 1, 1)


def position(rep: Any) -> Position:
    return Position.objects.select_related("rep", "role").get(rep=rep)


def locked(month: dt.date) -> None:
    through(PayRun.objects.create(month=month, version=1), "locked")


def test_a_new_position_ends_the_one_before_and_is_recorded(analyst: Person) -> None:
    rep = rep_on(plan_of())
    senior = add_pay_role(actor=analyst, code="senior", name="Senior")
    new = give_position(actor=analyst, rep=rep, role=senior, first=JULY, base_salary=80_000)
    before = Position.objects.exclude(pk=new.pk).get(rep=rep)
    assert (before.days, new.days) == (DateRange(JANUARY, JULY), DateRange(JULY, None))
    event = Event.objects.get(verb="position given")
    assert (event.actor, event.after["base_salary"]) == (analyst, "80000")


def test_two_roles_on_a_day_are_refused(analyst: Person) -> None:
    rep = rep_on(plan_of(), begin=JULY)
    with pytest.raises(Invalid, match="has a role on some of these days already"):
        give_position(actor=analyst, rep=rep, role=role(), first=JANUARY)


def test_nobody_sets_the_own_position(analyst: Person) -> None:
    rep = rep_on(plan_of(), person=analyst)
    analyst.refresh_from_db()
    row = position(rep)
    with pytest.raises(Denied, match="Nobody sets the own pay"):
        give_position(actor=analyst, rep=rep, role=role(), first=FAR)
    with pytest.raises(Denied, match="Nobody sets the own pay"):
        change_position(actor=analyst, row=row, revision=1, changes={"base_salary": 1})
    with pytest.raises(Denied, match="Nobody sets the own pay"):
        remove_position(actor=analyst, row=row, revision=1)


def test_only_those_with_the_right_give_positions(vp: Person, sales_manager: Person) -> None:
    rep = rep_on(plan_of())
    for person in (vp, sales_manager):
        with pytest.raises(Denied):
            give_position(actor=person, rep=rep, role=role(), first=FAR)


def test_a_change_of_locked_months_needs_a_reason(analyst: Person) -> None:
    rep = rep_on(plan_of())
    locked(dt.date(2026, 3, 1))
    row = position(rep)
    with pytest.raises(Invalid, match="Say why: March 2026 is locked"):
        change_position(actor=analyst, row=row, revision=1, changes={"target_incentive": 9_000})
    with pytest.raises(Invalid, match="Say why: March 2026 is locked"):
        change_position(actor=analyst, row=row, revision=1, changes={"last": dt.date(2026, 2, 28)})
    change_position(actor=analyst, row=row, revision=1, changes={"last": dt.date(2026, 12, 31)})
    saved = change_position(
        actor=analyst,
        row=position(rep),
        revision=2,
        changes={"target_incentive": 9_000},
        reason="Contract amended",
    )
    assert (saved.target_incentive, saved.days.upper) == (9_000, dt.date(2027, 1, 1))
    assert Event.objects.filter(reason="Contract amended").exists()


def test_a_position_that_has_begun_is_ended_not_taken_back(analyst: Person) -> None:
    rep = rep_on(plan_of())
    with pytest.raises(Invalid, match="End it with a last day instead"):
        remove_position(actor=analyst, row=position(rep), revision=1)
    late = rep_on(plan_of(code="other"), "late", begin=FAR)
    remove_position(actor=analyst, row=position(late), revision=1)
    assert not Position.objects.filter(rep=late).exists()


def test_days_go_forward(analyst: Person) -> None:
    rep = rep_on(plan_of())
    with pytest.raises(Invalid, match="The last day lies before the first"):
        change_position(actor=analyst, row=position(rep), revision=1, changes={"last": dt.date(2025, 1, 1)})


def test_a_stale_change_is_refused_with_both(analyst: Person, colleague: Person) -> None:
    row = position(rep_on(plan_of()))
    change_position(actor=colleague, row=row, revision=1, changes={"base_salary": 70_000})
    with pytest.raises(Conflict):
        change_position(actor=analyst, row=row, revision=1, changes={"base_salary": 71_000})


def test_a_role_that_somebody_has_stays_in_use_and_an_unused_one_is_not_given(analyst: Person) -> None:
    rep = rep_on(plan_of())
    with pytest.raises(Refused, match="has this role"):
        change_pay_role(actor=analyst, role=role(), revision=1, changes={"is_active": False})
    old = add_pay_role(actor=analyst, code="old", name="Old")
    gone = change_pay_role(actor=analyst, role=old, revision=1, changes={"is_active": False})
    with pytest.raises(Invalid, match="is no longer used"):
        give_position(actor=analyst, rep=rep, role=gone, first=FAR)


def test_a_person_sees_the_positions_below_and_the_own(
    analyst: Person, sales_manager: Person, sales_rep: Person, coordinator: Person
) -> None:
    version = plan_of()
    boss = rep_on(version, "boss", person=sales_manager)
    middle = rep_on(version, "mid", manager=boss)
    rep_on(version, "ann", person=sales_rep, manager=middle)
    rep_on(version, "zoe")
    seen = {
        person: sorted(row.rep.code for row in positions_visible_to(person))
        for person in (analyst, sales_manager, sales_rep, coordinator)
    }
    assert seen[analyst] == ["ann", "boss", "mid", "zoe"]
    assert seen[sales_manager] == ["ann", "boss", "mid"]
    assert seen[sales_rep] == ["ann"]
    assert seen[coordinator] == []
    today = timezone.localdate()
    assert [row.code for row in earning(sales_manager, today)] == ["ann", "boss", "mid"]
    assert [row.code for row in earning(coordinator, today)] == []


def test_salaries_and_targets_are_in_the_currency_of_the_plan(analyst: Person) -> None:
    rep_on(plan_of(TERMS | {"currency": "USD"}, "us"), "ann", target=10_000)
    rep_on(plan_of({key: said for key, said in TERMS.items() if key != "currency"}, "eu"), "bob")
    rep_on(None, "cem")
    assert {row.rep.code: row.currency for row in positions_visible_to(analyst)} == {
        "ann": "USD",
        "bob": "EUR",
    }
    assert [(row.code, row.currency) for row in earning(analyst, JULY)] == [("ann", "USD"), ("bob", "EUR")]
