"""Reconciliation: comparing, contradictions, their decisions, and the guards of stage 4."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest

from catalog.models import Family
from core.errors import Denied, Invalid, Reason, Refused
from core.models import Person
from core.services.company import change_setting
from gathering.models import Budget
from planning.models import Cycle, Decision, Release, Scenario
from planning.selectors import supply
from planning.selectors.comparison import compare
from planning.selectors.contradictions import contradictions_of
from planning.services.reconciliation import settle_all, settle_contradiction
from planning.workflow import GUARDS
from tests.gathering.world import month
from tests.planning.conftest import HISTORY, Company
from tests.planning.release import ready


@pytest.fixture
def reconciling(firm: Company, cycle: Cycle, at_stage: Callable[..., Cycle]) -> Cycle:
    ready.solve(firm, ready.freeze(firm, cycle))
    return at_stage(cycle, "reconciliation")


def _texts(reasons: list[Reason]) -> str:
    return " ".join(reason.text for reason in reasons)


def test_the_plan_is_what_the_supply_run_delivers(reconciling: Cycle, manager: Person) -> None:
    found = compare(reconciling, manager)
    assert found is not None
    assert found.total("demand", "units") == 5400
    assert found.total("plan", "units") == 5400 - ready.SHORT
    assert found.total("plan", "margin") == pytest.approx((5400 - ready.SHORT) * 40)
    assert found.total("budget", "revenue") == 2 * 12 * 30_000
    assert len(found.budgeted) == 12


def test_a_release_and_its_run_compare_alike(release: Release, manager: Person) -> None:
    """What stage 4 showed (summed in SQL) is what the release holds (spread exactly)."""
    released = compare(release.cycle, manager)
    assert released is not None
    assert released.total("plan", "units") == pytest.approx(5400 - ready.SHORT)
    by_family = released.by("family", "units")
    assert by_family["plan"].sum() == pytest.approx(5400 - ready.SHORT)


def test_a_family_without_a_budget_counts_where_the_budget_is(
    reconciling: Cycle, firm: Company, manager: Person
) -> None:
    Budget.objects.filter(family=firm.world.touring).delete()
    found = compare(reconciling, manager)
    assert found is not None
    table = found.by("family", "units")
    assert list(table.index) == [firm.world.skis.pk]  # Touring lies below Skis
    assert table.loc[firm.world.skis.pk, "demand"] == 5400


def test_the_last_named_budget_counts(reconciling: Cycle, firm: Company, manager: Person) -> None:
    Budget.objects.create(
        name="Budget 2026 revised", family=firm.world.skis, market=firm.world.north, month=month(HISTORY),
        quantity=1, revenue=7, run=firm.world.run,
    )  # fmt: skip
    found = compare(reconciling, manager)
    assert found is not None
    assert found.total("budget", "revenue", [month(HISTORY)]) == 7


def test_contradictions_are_ranked_by_money_above_the_threshold(reconciling: Cycle, vp: Person) -> None:
    found = contradictions_of(reconciling)
    assert [row.gap for row in found] == [f"budget:SKIS:2026 Q{quarter}" for quarter in (1, 2, 3, 4)]
    assert found[0].title == "Skis, 2026 Q1: plan 60\u202f000 below budget"
    change_setting(actor=vp, key="decision_money", value="3000")
    rows = contradictions_of(reconciling)
    assert [row.money for row in rows] == sorted((row.money for row in rows), reverse=True)
    assert "supply:TOUR:2026 Q1" in {row.gap for row in rows}


def test_more_than_twenty_are_one_more_decision(reconciling: Cycle, firm: Company, vp: Person) -> None:
    change_setting(actor=vp, key="decision_money", value="1")
    Budget.objects.all().delete()
    for number in range(8):
        family = Family.objects.create(code=f"F{number}", name=f"Family {number}")
        Budget.objects.bulk_create(
            Budget(
                name="B", family=family, market=firm.world.north, month=month(HISTORY + i),
                run=firm.world.run, revenue=1000 * (number + 1),
            )
            for i in range(12)
        )  # fmt: skip
    rows = contradictions_of(reconciling)
    assert len(rows) == 21
    assert rows[-1].gap == "rest"
    assert rows[-1].count == 8 * 4 + 1 - 20


def test_every_contradiction_is_decided_before_the_stage_is_signed(
    reconciling: Cycle, manager: Person
) -> None:
    assert len(GUARDS["gaps_decided"](reconciling)) == 4
    settle_contradiction(
        actor=manager, cycle=reconciling, gap="budget:SKIS:2026 Q1", decided="Keep", reason="Snow."
    )
    settle_contradiction(actor=manager, cycle=reconciling, gap="budget:SKIS:2026 Q2", asks_executives=True)
    assert "2026 Q3" in _texts(GUARDS["gaps_decided"](reconciling))
    assert len(GUARDS["gaps_decided"](reconciling)) == 2
    settle_all(
        actor=manager, cycle=reconciling, contradictions=contradictions_of(reconciling), decided="Keep",
        reason="As agreed.",
    )  # fmt: skip
    assert GUARDS["gaps_decided"](reconciling) == []
    assert Decision.objects.get(gap="budget:SKIS:2026 Q1").money == Decimal(60_000)


def test_a_question_somebody_raised_is_decided_too(reconciling: Cycle, manager: Person) -> None:
    Decision.objects.create(cycle=reconciling, title="Which price?", owner=manager, due=dt.date(2026, 1, 20))
    assert "Which price?" in _texts(GUARDS["gaps_decided"](reconciling))


def test_what_is_no_contradiction_is_not_decided(reconciling: Cycle, manager: Person) -> None:
    with pytest.raises(Refused, match="no contradiction any more"):
        settle_contradiction(
            actor=manager, cycle=reconciling, gap="budget:SKIS:2031 Q1", decided="Keep", reason="Snow."
        )
    assert not Decision.objects.exists()


def test_a_decision_says_what_and_why(reconciling: Cycle, manager: Person) -> None:
    with pytest.raises(Invalid, match="what is decided and why"):
        settle_contradiction(actor=manager, cycle=reconciling, gap="budget:SKIS:2026 Q1", decided="Keep")


def test_an_analyst_does_not_decide(reconciling: Cycle, analyst: Person) -> None:
    with pytest.raises(Denied):
        settle_contradiction(
            actor=analyst, cycle=reconciling, gap="budget:SKIS:2026 Q1", decided="Keep", reason="Snow."
        )


def test_two_scenarios_are_compared_and_one_chosen(reconciling: Cycle, firm: Company) -> None:
    assert GUARDS["scenarios_compared"](reconciling)
    assert GUARDS["scenario_chosen"](reconciling)
    assert not GUARDS["supply_fresh"](reconciling)
    other = Scenario.objects.create(
        cycle=reconciling, name="Less", changes=[{"kind": "demand", "percent": -5}]
    )
    version = reconciling.demand_versions.get()
    ready.solve(firm, version, other)
    assert GUARDS["scenarios_compared"](reconciling) == []
    Scenario.objects.filter(pk=supply.scenario_of(reconciling).pk).update(is_chosen=True)
    assert GUARDS["scenario_chosen"](reconciling) == []


def test_a_supply_plan_of_older_demand_is_not_reconciled(reconciling: Cycle, firm: Company) -> None:
    ready.freeze(firm, reconciling)
    assert "demand was frozen again" in _texts(GUARDS["supply_fresh"](reconciling))
