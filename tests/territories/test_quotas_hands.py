"""Quotas by hand, from below, asked for and accepted: what changes, what is refused, who may."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from rest_framework.test import APIClient

from core.errors import Conflict, Denied, Invalid, Refused
from core.models import Person
from crm.models import Absence
from crm.selectors.quotas import quotas as crm_quotas
from territories.models import ChangeState, QuotaChange, QuotaPlan, RepStart
from territories.selectors.quota_sheets import sheet_of
from territories.selectors.quota_tree import tree_of
from territories.selectors.quota_versions import compare_versions
from territories.selectors.quotas import plans_visible_to, quotas_of_territories, quotas_visible_to
from territories.services.quota_acceptance import accept_sheet
from territories.services.quota_changes import ask_change, decide_change, withdraw_change
from territories.services.quota_plans import allocate, move_plan, new_version
from territories.services.quotas import propose, set_quota, set_start
from tests.territories.quotas_world import a_company, a_draft, allocated, amounts, approved, quota_of

pytestmark = pytest.mark.django_db
JULY = dt.date(2026, 7, 1)


def set_to(actor: Person, quota: Any, amount: int, **values: Any) -> Any:
    wanted = {"revision": quota.revision, "reason": "A new plant", "spread": False} | values
    return set_quota(actor=actor, quota=quota, amount=Decimal(amount), **wanted)


def test_a_territory_set_by_hand_takes_those_below_along(manager: Person) -> None:
    world = a_company()
    plan = allocated(manager)
    set_to(manager, quota_of(plan, world["north"]), 8800)
    assert amounts(plan) | {"cid": 0} == {
        "north": 8800,
        "alpha": 6600,
        "beta": 2200,
        "south": 4000,
        "ann": 6600,
        "bob": 2200,
        "cid": 0,
    }
    assert tree_of(plan).left == -800
    with pytest.raises(Refused, match=r"The territories at the top have 800.00 more than there is to give"):
        move_plan(actor=manager, plan=plan, name="submit")


def test_siblings_bear_the_difference_where_asked(manager: Person) -> None:
    world = a_company()
    plan = allocated(manager)
    set_to(manager, quota_of(plan, world["alpha"]), 5000, spread=True)
    found = amounts(plan)
    assert (found["alpha"], found["beta"], found["ann"], found["bob"]) == (5000, 3000, 5000, 3000)
    assert quota_of(plan, world["beta"]).difference_reason.startswith("Bears the difference")
    move_plan(actor=manager, plan=plan, name="submit")


def test_a_rep_set_by_hand_leaves_the_rest_as_relief(manager: Person) -> None:
    world = a_company()
    plan = allocated(manager)
    set_to(manager, quota_of(plan, world["ann"]), 5500)
    assert quota_of(plan, world["ann"]).relief == 500
    assert all(not row.left for row in tree_of(plan).rows())
    move_plan(actor=manager, plan=plan, name="submit")


def test_a_quota_set_by_hand_says_why_and_keeps_the_step(manager: Person) -> None:
    world = a_company()
    plan = allocated(manager, step=Decimal(100))
    quota = quota_of(plan, world["north"])
    with pytest.raises(Invalid, match=r"multiples of 100.* Say why"):
        set_to(manager, quota, 8850, reason=" ")
    assert amounts(plan)["north"] == 8000


def test_somebody_elses_save_is_not_lost(manager: Person, analyst: Person) -> None:
    world = a_company()
    quota = quota_of(allocated(manager), world["south"])
    set_to(analyst, quota, 4500)
    with pytest.raises(Conflict):
        set_to(manager, quota, 4600)


def test_months_that_are_over_are_not_taken_back(manager: Person, vp: Person) -> None:
    world = a_company()
    second = new_version(actor=manager, plan=approved(manager, vp), from_month=JULY)
    with pytest.raises(Invalid, match=r"The months that are over hold .* already"):
        set_to(manager, quota_of(second, world["south"]), 1000)
    set_to(manager, quota_of(second, world["south"]), 3000)
    past = quota_of(second, world["cid"]).months.filter(month__lt=JULY)
    assert sum(past.values_list("amount", flat=True)) == sum(
        quota_of(second.follows, world["cid"]).months.filter(month__lt=JULY).values_list("amount", flat=True)
    )


def test_only_planners_set_quotas_and_only_in_drafts(
    manager: Person, vp: Person, sales_manager: Person
) -> None:
    world = a_company(None, sales_manager)
    plan = approved(manager, vp)
    with pytest.raises(Denied):
        set_to(sales_manager, quota_of(plan, world["ann"]), 1)
    with pytest.raises(Refused, match="quotas change only in a draft"):
        set_to(manager, quota_of(plan, world["ann"]), 1)


def test_a_proposal_stands_beside_the_plan(manager: Person, sales_manager: Person) -> None:
    world = a_company(None, sales_manager)
    plan = allocated(manager)
    quota = quota_of(plan, world["ann"])
    propose(
        actor=sales_manager, quota=quota, revision=quota.revision, amount=Decimal(5400), note="Plant shut"
    )
    row = tree_of(plan).find(quota.pk)
    assert row is not None
    assert (row.gap, row.quota.amount) == (-600, 6000)
    allocate(actor=manager, plan=plan)
    assert quota_of(plan, world["ann"]).bottom_up == 5400


def test_people_propose_for_their_own_team_only(
    manager: Person, sales_rep: Person, sales_manager: Person
) -> None:
    world = a_company(sales_rep, sales_manager)
    plan = allocated(manager)
    own, other = quota_of(plan, world["ann"]), quota_of(plan, world["cid"])
    propose(actor=sales_rep, quota=own, revision=own.revision, amount=Decimal(1))
    for actor in (sales_rep, sales_manager):
        with pytest.raises(Denied, match="not your quota nor one of your team"):
            propose(actor=actor, quota=other, revision=other.revision, amount=Decimal(1))


def test_a_rep_sees_the_own_quota_once_it_is_approved(
    manager: Person, vp: Person, sales_rep: Person, sales_manager: Person
) -> None:
    a_company(sales_rep, sales_manager)
    plan = allocated(manager)
    assert not quotas_visible_to(sales_rep).exists()
    assert not plans_visible_to(sales_rep).exists()
    assert {str(one) for one in quotas_visible_to(sales_manager)} == {
        "Quota of ann",
        "Quota of bob",
        "Quota of alpha",
        "Quota of beta",
    }
    move_plan(actor=manager, plan=plan, name="submit")
    move_plan(actor=vp, plan=plan, name="approve")
    assert [str(one) for one in quotas_visible_to(sales_rep)] == ["Quota of ann"]


def test_the_crm_measures_pipelines_by_approved_quotas(
    manager: Person, vp: Person, sales_rep: Person
) -> None:
    world = a_company(sales_rep)
    plan = allocated(manager)
    first, last = dt.date(2026, 1, 1), dt.date(2026, 3, 31)
    assert crm_quotas(None, first, last) == []
    move_plan(actor=manager, plan=plan, name="submit")
    move_plan(actor=vp, plan=plan, name="approve")
    own = crm_quotas(sales_rep, first, last)
    assert {one.rep for one in own} == {world["ann"].pk}
    assert sum(one.amount for one in own) == 1500
    assert sum(one.amount for one in crm_quotas(None, first, last)) == 3000
    tops = quotas_of_territories(None, first, last)
    north = sum(one.amount for one in tops if one.territory == world["north"].pk)
    assert abs(north - 2000) <= 3  # a quarter of 8,000 in whole steps


def test_a_change_asked_for_in_a_draft_is_carried_out(manager: Person, sales_manager: Person) -> None:
    world = a_company(None, sales_manager)
    plan = allocated(manager)
    asked = ask_change(
        actor=sales_manager, quota=quota_of(plan, world["ann"]), amount=Decimal(5000), reason="Plant shut"
    )
    assert manager.notifications.get().title.startswith("Another quota is asked for")
    done = decide_change(actor=manager, change=asked, accept=True, revision=asked.revision)
    assert (done.state, done.led_to.amount) == (ChangeState.ACCEPTED, 5000)
    assert done.led_to.difference_reason == "Asked: Plant shut"


def test_a_change_of_an_approved_quota_makes_a_version(
    manager: Person, vp: Person, sales_rep: Person
) -> None:
    world = a_company(sales_rep)
    plan = approved(manager, vp)
    asked = ask_change(
        actor=sales_rep, quota=quota_of(plan, world["ann"]), amount=Decimal(5900), reason="Plant shut"
    )
    done = decide_change(actor=manager, change=asked, accept=True, revision=asked.revision)
    assert done.led_to.plan.follows == plan
    assert amounts(plan)["ann"] == 6000
    assert amounts(done.led_to.plan)["ann"] == 5900
    assert sales_rep.notifications.order_by("-pk").first().title.startswith("Your request is accepted")


def test_nobody_decides_the_own_request_and_no_request_twice(manager: Person, analyst: Person) -> None:
    world = a_company()
    plan = allocated(manager)
    asked = ask_change(actor=manager, quota=quota_of(plan, world["ann"]), amount=Decimal(1), reason="Test")
    with pytest.raises(Denied, match="A colleague decides"):
        decide_change(actor=manager, change=asked, accept=True, revision=1)
    with pytest.raises(Invalid, match="Say why not"):
        decide_change(actor=analyst, change=asked, accept=False, revision=1)
    declined = decide_change(actor=analyst, change=asked, accept=False, answer="No room", revision=1)
    with pytest.raises(Refused, match="declined already"):
        decide_change(actor=analyst, change=declined, accept=True, revision=2)


def test_a_request_needs_a_reason_another_amount_and_no_open_one(manager: Person) -> None:
    world = a_company()
    quota = quota_of(allocated(manager), world["ann"])
    with pytest.raises(Invalid, match="Say why"):
        ask_change(actor=manager, quota=quota, amount=Decimal(1), reason="")
    with pytest.raises(Invalid, match="That is the quota as it is"):
        ask_change(actor=manager, quota=quota, amount=quota.amount, reason="x")
    ask_change(actor=manager, quota=quota, amount=Decimal(1), reason="x")
    with pytest.raises(Invalid, match="Somebody asked already"):
        ask_change(actor=manager, quota=quota, amount=Decimal(2), reason="x")


def test_open_requests_are_decided_before_the_plan_is_submitted(manager: Person) -> None:
    world = a_company()
    plan = allocated(manager)
    asked = ask_change(actor=manager, quota=quota_of(plan, world["ann"]), amount=Decimal(1), reason="x")
    with pytest.raises(Refused, match="Decide that first"):
        move_plan(actor=manager, plan=plan, name="submit")
    withdraw_change(actor=manager, change=asked, revision=asked.revision)
    move_plan(actor=manager, plan=plan, name="submit")


def test_only_who_asked_takes_a_request_back(manager: Person, analyst: Person, sales_manager: Person) -> None:
    world = a_company(None, sales_manager)
    asked = ask_change(
        actor=sales_manager, quota=quota_of(allocated(manager), world["ann"]), amount=Decimal(1), reason="x"
    )
    with pytest.raises(Denied, match="Only who asked"):
        withdraw_change(actor=manager, change=asked, revision=1)
    assert QuotaChange.objects.get().state == ChangeState.OPEN


def test_a_rep_accepts_the_sheet_that_was_read(manager: Person, vp: Person, sales_rep: Person) -> None:
    world = a_company(sales_rep)
    plan = approved(manager, vp)
    sheet = sheet_of(sales_rep, plan, world["ann"])
    assert sheet is not None
    assert sheet.year == 6000
    with pytest.raises(Refused, match="The sheet is not the one you read"):
        accept_sheet(actor=sales_rep, plan=plan, fingerprint="0" * 64)
    row = accept_sheet(actor=sales_rep, plan=plan, fingerprint=sheet.fingerprint)
    assert row.sheet_hash == sheet.fingerprint
    with pytest.raises(Refused, match="accepted this version already"):
        accept_sheet(actor=sales_rep, plan=plan, fingerprint=sheet.fingerprint)


def test_a_version_that_was_superseded_meanwhile_is_not_accepted(
    manager: Person, vp: Person, sales_rep: Person
) -> None:
    world = a_company(sales_rep)
    first = approved(manager, vp)
    sheet = sheet_of(sales_rep, first, world["ann"])
    assert sheet is not None
    second = new_version(actor=manager, plan=first, from_month=JULY)
    move_plan(actor=manager, plan=second, name="submit")
    move_plan(actor=vp, plan=second, name="approve")
    with pytest.raises(Refused, match="another version holds now"):
        accept_sheet(actor=sales_rep, plan=first, fingerprint=sheet.fingerprint)


def test_nobody_accepts_for_others(manager: Person, vp: Person, sales_manager: Person) -> None:
    a_company(None, sales_manager)
    plan = approved(manager, vp)
    with pytest.raises(Denied, match="may not accept the own quota"):
        accept_sheet(actor=manager, plan=plan, fingerprint="")
    with pytest.raises(Denied, match="You have no quota in this plan"):
        accept_sheet(actor=sales_manager, plan=plan, fingerprint="")


def test_a_new_hire_ramps_and_leave_is_prorated(manager: Person) -> None:
    world = a_company()
    set_start(actor=manager, rep=world["ann"], day=dt.date(2026, 1, 10))
    Absence.objects.create(rep=world["bob"], days=DateRange(dt.date(2026, 2, 1), dt.date(2026, 3, 1)))
    Absence.objects.create(rep=world["cid"], days=DateRange(dt.date(2026, 2, 1), dt.date(2026, 2, 10)))
    found = amounts(allocate(actor=manager, plan=a_draft(manager, ramp=[0, 50])))
    assert found["ann"] == 6000 - 500 - 250
    assert 2000 - found["bob"] in (166, 167)  # all of February
    assert found["cid"] == 4000  # nine days are a holiday
    set_start(actor=manager, rep=world["ann"], day=None, revision=1)
    assert not RepStart.objects.exists()


def test_versions_compared_show_who_has_more_and_from_when(manager: Person, vp: Person) -> None:
    world = a_company()
    first = approved(manager, vp)
    second = new_version(actor=manager, plan=first, from_month=JULY)
    set_to(manager, quota_of(second, world["cid"]), 4600)
    (only,) = compare_versions(manager, first, QuotaPlan.objects.get(pk=second.pk))
    assert (only.label, only.change, only.first_month) == ("cid", 600, JULY)


def test_a_reps_start_is_set_changed_and_taken_back_by_the_api(
    manager: Person, sales_rep: Person, api: Callable[[Person], APIClient]
) -> None:
    world, path = a_company(sales_rep), "/api/v1/rep-starts/"
    planner, rep = api(manager), api(sales_rep)

    made = planner.post(path, {"rep": "ann", "day": "2026-01-10"}, format="json")
    assert (made.status_code, made.json()["day"]) == (200, "2026-01-10")
    planner.post(path, {"rep": "bob", "day": "2026-02-01"}, format="json")
    sent = {"rep": "ann", "day": "2026-03-01", "revision": made.json()["revision"]}
    assert planner.post(path, sent, format="json").status_code == 200
    assert planner.post(path, sent, format="json").status_code == 409
    assert [row["rep"] for row in rep.get(path).json()["results"]] == ["ann"]
    assert rep.post(path, sent, format="json").status_code == 403
    for day in ("2026-04-01", None):
        refused = planner.post(path, {"rep": "ann", "day": day}, format="json")
        assert (refused.status_code, "revision" in refused.text) == (400, True)
    assert RepStart.objects.get(rep=world["ann"]).day == dt.date(2026, 3, 1)
    stale, newest = ({"rep": "ann", "day": None, "revision": number} for number in (1, 2))
    assert planner.post(path, stale, format="json").status_code == 409
    assert planner.post(path, newest, format="json").status_code == 204
    assert not RepStart.objects.filter(rep=world["ann"]).exists()
