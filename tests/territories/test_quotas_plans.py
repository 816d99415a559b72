"""A quota plan: its target, the way down, who may do what, submit, approve, follow by a version."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db.models import F

from catalog.models import Family, Scope
from core.errors import Conflict, Denied, Invalid, Refused
from core.models import Person
from crm.models import Account
from territories.models import QuotaMonth, QuotaPlan, QuotaState
from territories.selectors import targets
from territories.selectors.quota_tree import tree_of
from territories.selectors.targets import TargetPart
from territories.services.quota_plans import (
    allocate,
    change_plan,
    delete_draft,
    make_plan,
    move_plan,
    new_version,
    take_target_from_plan,
    try_weights,
)
from tests.territories.attainment_world import a_line
from tests.territories.quotas_world import (
    JANUARY,
    a_company,
    a_draft,
    allocated,
    amounts,
    approved,
    quota_of,
    won,
)

pytestmark = pytest.mark.django_db


def test_the_target_goes_down_the_tree_by_history(manager: Person) -> None:
    a_company()
    assert amounts(allocated(manager)) == {
        "north": 8000,
        "alpha": 6000,
        "beta": 2000,
        "south": 4000,
        "ann": 6000,
        "bob": 2000,
        "cid": 4000,
    }


def test_weights_blend_history_and_potential(manager: Person) -> None:
    a_company()
    plan = allocated(manager, weight_history=Decimal(50), weight_potential=Decimal(50))
    found = amounts(plan)
    assert found["north"] == 8000  # both say two thirds
    assert found["alpha"] == 5000  # between 3/4 by history and 1/2 by potential


def test_sales_revenue_goes_down_by_order_lines_not_by_deals(manager: Person) -> None:
    world = a_company()
    for code, revenue in (("alpha", 100), ("beta", 300), ("south", 400)):
        account = Account.objects.get(code=f"at-{code}")
        a_line(account, world["cid"], revenue, dt.date(2025, 6, 15))
    a_line(Account.objects.get(code="at-beta"), world["cid"], 100, dt.date(2025, 7, 1), kind="return")

    found = amounts(allocated(manager, measure="sales", target=Decimal(7000)))

    assert (found["alpha"], found["beta"], found["south"]) == (1000, 2000, 4000)
    assert (found["north"], found["ann"]) == (3000, 1000)


def test_a_hedge_shows_in_the_tree_and_nothing_is_left(manager: Person) -> None:
    a_company()
    plan = allocated(manager, hedges=[Decimal(5), Decimal(0), Decimal(10)])
    tree = tree_of(plan)
    assert tree.pool == 12_600
    assert tree.left == 0
    assert all(not row.left for row in tree.rows())
    assert amounts(plan)["ann"] == round(amounts(plan)["alpha"] * Decimal("1.1"))


def test_every_quota_has_its_twelve_months(manager: Person) -> None:
    a_company()
    plan = allocated(manager)
    assert QuotaMonth.objects.filter(quota__plan=plan).count() == 12 * 7
    assert quota_of(plan, plan.quotas.first().territory).months.count() == 12


def test_a_ceiling_that_cannot_be_kept_says_what_would_fit(manager: Person) -> None:
    a_company()  # sold 7,200 in 2025
    with pytest.raises(Invalid, match=r"At the top: .* raise the ceiling to 66.7 %") as refused:
        allocated(manager, ceiling_percent=Decimal(10))
    assert refused.value.reasons[0].field == "ceiling_percent"


def test_a_bound_that_holds_is_noted(manager: Person) -> None:
    a_company()
    plan = allocated(
        manager, weight_history=Decimal(0), weight_even=Decimal(100), ceiling_percent=Decimal(100)
    )
    assert any("is held by its ceiling" in note for note in plan.notes)


def test_a_method_without_values_is_noted(manager: Person) -> None:
    a_company()
    plan = allocated(manager, weight_pipeline=Decimal(30))
    assert plan.notes[0].startswith("Nobody has a value for pipeline")


def test_the_season_follows_history(manager: Person) -> None:
    world = a_company()
    won(world["cid"].accounts.get(), 600, dt.date(2025, 12, 20))
    plan = allocated(manager, seasonality="history")
    months = dict(quota_of(plan, world["cid"]).months.values_list("month", "amount"))
    assert abs(months[dt.date(2026, 12, 1)] - 2 * months[dt.date(2026, 11, 1)]) <= 3  # whole steps


def test_given_shares_of_months_are_twelve(manager: Person) -> None:
    with pytest.raises(Invalid, match="Give twelve shares"):
        a_draft(manager, seasonality="given", season_weights=[Decimal(1)] * 11)


def test_a_typed_target_says_why(manager: Person) -> None:
    with pytest.raises(Invalid, match="Say why this target is typed by hand"):
        a_draft(manager, target_reason=" ")


def test_the_year_begins_with_the_fiscal_year(manager: Person) -> None:
    with pytest.raises(Invalid, match="The fiscal year begins in month 1"):
        a_draft(manager, first_month=dt.date(2026, 4, 1))


def test_without_a_plan_of_all_months_the_target_is_asked_for(manager: Person) -> None:
    with pytest.raises(Invalid, match="No released plan and no sales cover Jan 2026 to Dec 2026"):
        a_draft(manager, target=None)


def test_the_target_is_what_the_plan_sells(manager: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def known(user: Person | None, months: list[dt.date]) -> list[TargetPart]:
        return [
            TargetPart(month, None, Decimal("1000.25"), "release", "Plan of May", 7, "abc")
            for month in months
        ]

    monkeypatch.setattr(targets, "providers", [known])
    plan = a_draft(manager, target=None)
    assert plan.target == Decimal("12003.00")
    assert plan.target_parts[0]["fingerprint"] == "abc"
    typed = change_plan(
        actor=manager,
        plan=plan,
        revision=plan.revision,
        changes={"target": Decimal(5), "target_reason": "Test"},
    )
    assert (typed.target_source, typed.target_parts) == ("hand", [])
    again = take_target_from_plan(actor=manager, plan=typed, revision=typed.revision)
    assert (again.target, again.target_source) == (Decimal("12003.00"), "plan")


def test_other_weights_are_tried_and_nothing_is_kept(manager: Person) -> None:
    world = a_company()
    plan = allocated(manager)
    found = try_weights(actor=manager, plan=plan, weights={"even": Decimal(100)})
    assert found[world["south"].pk] == 6000
    assert amounts(plan)["south"] == 4000


@pytest.mark.parametrize("who", ["vp", "coordinator", "sales_rep", "sales_manager", "executive"])
def test_only_planners_of_quotas_make_them(who: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(Denied, match="may not set quotas"):
        a_draft(request.getfixturevalue(who))


def test_a_stale_change_shows_both_versions(manager: Person, analyst: Person) -> None:
    plan = a_draft(manager)
    change_plan(actor=analyst, plan=plan, revision=1, changes={"step": Decimal(10)})
    with pytest.raises(Conflict):
        change_plan(actor=manager, plan=plan, revision=1, changes={"step": Decimal(100)})


def test_what_is_submitted_changes_no_more_until_it_is_taken_back(manager: Person) -> None:
    a_company()
    plan = allocated(manager)
    submitted = move_plan(actor=manager, plan=plan, name="submit")
    for act in (
        lambda: allocate(actor=manager, plan=submitted),
        lambda: change_plan(actor=manager, plan=submitted, revision=submitted.revision, changes={"step": 5}),
        lambda: delete_draft(actor=manager, plan=submitted),
    ):
        with pytest.raises(Refused, match="it changes only as a draft"):
            act()
    with pytest.raises(Refused, match="Say why"):
        move_plan(actor=manager, plan=submitted, name="take_back")
    back = move_plan(actor=manager, plan=submitted, name="take_back", reason="A rep left")
    assert (back.state, back.submitted_by) == (QuotaState.DRAFT, None)
    allocate(actor=manager, plan=back)


def test_nothing_is_submitted_without_quotas_of_reps(manager: Person) -> None:
    with pytest.raises(Refused, match="No rep has a quota yet"):
        move_plan(actor=manager, plan=a_draft(manager), name="submit")


def test_nobody_approves_the_own_quotas(manager: Person, vp: Person) -> None:
    a_company()
    plan = move_plan(actor=manager, plan=allocated(manager), name="submit")
    with pytest.raises(Refused, match="You submitted these quotas yourself"):
        move_plan(actor=manager, plan=plan, name="approve")
    done = move_plan(actor=vp, plan=plan, name="approve")
    assert (done.state, done.approved_by) == (QuotaState.APPROVED, vp)


def test_only_approvers_approve_and_send_back(manager: Person, analyst: Person, vp: Person) -> None:
    a_company()
    plan = move_plan(actor=manager, plan=allocated(manager), name="submit")
    with pytest.raises(Denied, match="may not approve quotas"):
        move_plan(actor=analyst, plan=plan, name="approve")
    assert move_plan(actor=vp, plan=plan, name="send_back", reason="Too low").state == QuotaState.DRAFT


def test_a_plan_is_not_approved_twice(manager: Person, vp: Person) -> None:
    a_company()
    plan = approved(manager, vp)
    with pytest.raises(Refused, match="is approved; that is not possible now"):
        move_plan(actor=vp, plan=plan, name="approve")
    with pytest.raises(Refused, match="not possible now"):
        move_plan(actor=manager, plan=plan, name="supersede")


def test_approving_tells_the_reps(manager: Person, vp: Person, sales_rep: Person) -> None:
    a_company(sales_rep)
    plan = approved(manager, vp)
    assert sales_rep.notifications.get().url == f"/territories/quotas/{plan.pk}/mine/"


def test_a_new_version_keeps_the_past_and_supersedes(manager: Person, vp: Person) -> None:
    world = a_company()
    first = approved(manager, vp)
    second = new_version(actor=manager, plan=first, from_month=dt.date(2026, 7, 1))
    assert amounts(second) == amounts(first)
    changed = change_plan(
        actor=manager,
        plan=second,
        revision=second.revision,
        changes={"target": Decimal(24_000), "target_reason": "A new market"},
    )
    allocate(actor=manager, plan=changed)
    months = dict(quota_of(second, world["cid"]).months.values_list("month", "amount"))
    assert months[JANUARY] == Decimal(333) or months[JANUARY] == Decimal(334)
    assert amounts(second)["cid"] == 8000
    assert sum(amount for month, amount in months.items() if month < dt.date(2026, 7, 1)) == sum(
        quota_of(first, world["cid"]).months.filter(month__lt="2026-07-01").values_list("amount", flat=True)
    )
    move_plan(actor=manager, plan=second, name="submit")
    move_plan(actor=vp, plan=second, name="approve")
    assert QuotaPlan.objects.get(pk=first.pk).state == QuotaState.SUPERSEDED


def test_a_version_that_changes_the_past_is_not_submitted(manager: Person, vp: Person) -> None:
    a_company()
    second = new_version(actor=manager, plan=approved(manager, vp), from_month=dt.date(2026, 7, 1))
    months = QuotaMonth.objects.filter(quota__plan=second, quota__rep__code="cid")
    months.filter(month=JANUARY).update(amount=F("amount") + 5)
    months.filter(month="2026-08-01").update(amount=F("amount") - 5)
    with pytest.raises(Refused, match="Months before Jul 2026 differ from version 1"):
        move_plan(actor=manager, plan=second, name="submit")


def test_only_approved_plans_are_followed_and_once(manager: Person, vp: Person) -> None:
    a_company()
    with pytest.raises(Refused, match="Only an approved plan"):
        new_version(actor=manager, plan=allocated(manager))
    plan = QuotaPlan.objects.get()
    move_plan(actor=manager, plan=plan, name="submit")
    done = move_plan(actor=vp, plan=plan, name="approve")
    with pytest.raises(Invalid, match="A version begins in a month of its year"):
        new_version(actor=manager, plan=done, from_month=dt.date(2027, 1, 1))
    new_version(actor=manager, plan=done, from_month=dt.date(2026, 3, 1))
    with pytest.raises(Refused, match="open version already"):
        new_version(actor=manager, plan=done, from_month=dt.date(2026, 3, 1))


def test_a_draft_is_thrown_away(manager: Person) -> None:
    a_company()
    delete_draft(actor=manager, plan=allocated(manager))
    assert not QuotaPlan.objects.exists()


def test_a_narrowed_planner_takes_no_target_down(analyst: Person) -> None:
    family = Family.objects.create(code="f", name="F")
    Scope.objects.create(person=analyst, family=family)
    with pytest.raises(Denied, match="only a part of the company"):
        make_plan(actor=analyst, values={"first_month": JANUARY})
