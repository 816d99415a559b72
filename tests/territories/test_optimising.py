"""Solving a realignment: balanced, cheap, locks kept, the same twice, and plain when there is no plan."""

import pytest
from django.db import transaction

from core.errors import Denied, Refused
from core.jobs import ask_to_cancel
from core.models import JobState, Person
from territories.models import (
    AccountWork,
    RepBase,
    Scenario,
    ScenarioAccount,
    ScenarioSolve,
    TerritoryRep,
)
from territories.pipeline.placing import Move, place
from territories.services.scenario_accounts import lock_accounts, move_accounts
from territories.services.scenarios import change_scenario, start_solve
from tests.territories.realigning import Realigned, goes_to, rows_of, run_job
from tests.territories.world import BEGIN, a_rep, a_territory, an_account, covers


def _solved(world: Realigned, actor: Person, **values: object) -> Scenario:
    scenario = world.scenario(actor, **values)
    job = run_job(start_solve(actor=actor, scenario=scenario))
    assert job.state == JobState.DONE, job.error
    return Scenario.objects.get(pk=scenario.pk)


def test_a_new_scenario_leaves_every_account_where_it_lies(world: Realigned, analyst: Person) -> None:
    scenario = world.scenario(analyst)

    assert set(goes_to(scenario).values()) == {"north", "south"}
    assert not any(row.moves for row in scenario.accounts.all())
    assert scenario.accounts.count() == 12


def test_the_plan_is_balanced_and_gives_each_rep_the_near_accounts(world: Realigned, analyst: Person) -> None:
    scenario = _solved(world, analyst)

    near_south = {f"a{number:02}" for number in range(6, 12)}
    assert {code for code, where in goes_to(scenario).items() if where == "south"} == near_south
    solve = scenario.solves.get()
    assert (solve.moves, solve.ending, solve.accounts, solve.reps) == (5, "optimal", 12, 2)
    assert solve.gap == pytest.approx(0, abs=1e-6)


def test_locked_accounts_stay_when_it_is_solved_again(world: Realigned, analyst: Person) -> None:
    scenario = _solved(world, analyst)
    before = goes_to(scenario)
    lock_accounts(actor=analyst, scenario=scenario, rows=rows_of(scenario, "a09", "a10", "a00"), locked=True)
    move_accounts(actor=analyst, scenario=scenario, rows=rows_of(scenario, "a01"), territory=world.south)

    run_job(start_solve(actor=analyst, scenario=scenario))

    after = goes_to(scenario)
    assert all(after[code] == before[code] for code in ("a09", "a10", "a00"))
    assert after["a01"] == "south"
    row = ScenarioAccount.objects.get(scenario=scenario, account__code="a01")
    assert (row.by_hand, row.locked, row.solve) == (True, True, None)
    assert sum(where == "south" for where in after.values()) == 6


def test_the_same_input_settings_and_seed_give_the_same_plan(world: Realigned, analyst: Person) -> None:
    one = _solved(world, analyst, code="one", seed=7)
    two = _solved(world, analyst, code="two", seed=7)

    assert goes_to(one) == goes_to(two)
    assert one.solves.get().input_hash == two.solves.get().input_hash
    assert one.solves.get().objective == two.solves.get().objective


def test_moving_costs_so_much_that_only_balance_moves_accounts(world: Realigned, analyst: Person) -> None:
    scenario = _solved(world, analyst, accounts_within=None, move_penalty=100_000)

    assert not any(row.moves for row in scenario.accounts.all())


def test_without_a_plan_the_solve_says_what_would_have_to_give(world: Realigned, analyst: Person) -> None:
    RepBase.objects.filter(rep=world.sid).update(most_accounts=2)
    scenario = world.scenario(analyst)
    before = goes_to(scenario)

    job = run_job(start_solve(actor=analyst, scenario=scenario))

    solve = scenario.solves.get()
    assert (job.state, solve.ending, solve.can_relax, solve.objective) == ("done", "no plan", True, None)
    assert "Sid South" in " ".join(solve.relaxations) or "balance" in " ".join(solve.relaxations)
    assert goes_to(scenario) == before


def test_the_smallest_relaxation_gives_a_plan_that_names_it(world: Realigned, analyst: Person) -> None:
    RepBase.objects.filter(rep=world.sid).update(most_accounts=2)
    scenario = world.scenario(analyst)
    run_job(start_solve(actor=analyst, scenario=scenario))

    run_job(start_solve(actor=analyst, scenario=scenario, relaxes=True))

    solve = scenario.solves.first()
    assert solve is not None and solve.objective is not None
    assert solve.relaxations


def test_relaxing_is_refused_before_a_solve_has_asked_for_it(world: Realigned, analyst: Person) -> None:
    with pytest.raises(Refused, match="without relaxation first"):
        start_solve(actor=analyst, scenario=world.scenario(analyst), relaxes=True)


def test_territories_without_a_rep_are_named(world: Realigned, analyst: Person) -> None:
    a_territory(world.model, "west")

    with pytest.raises(Refused, match="west"):
        start_solve(actor=analyst, scenario=world.scenario(analyst))


def test_the_accounts_of_a_territory_without_a_rep_are_spread_when_wished(
    world: Realigned, analyst: Person
) -> None:
    west, lost = a_territory(world.model, "west"), an_account("lost")
    place(world.model, [Move(lost.pk, west.pk)], BEGIN)

    scenario = _solved(world, analyst, spreads_vacant=True)

    assert goes_to(scenario)["lost"] in {"north", "south"}


def test_accounts_without_a_territory_come_in_when_gaps_are_filled(world: Realigned, analyst: Person) -> None:
    an_account("gap")

    assert "gap" not in goes_to(_solved(world, analyst, code="without"))
    assert goes_to(_solved(world, analyst, code="with", fills_gaps=True))["gap"] in {"north", "south"}


def test_a_model_without_owners_is_refused(world: Realigned, analyst: Person) -> None:
    TerritoryRep.objects.all().delete()

    with pytest.raises(Refused, match="has an owner"):
        start_solve(actor=analyst, scenario=world.scenario(analyst))


def test_accounts_go_only_to_reps_with_what_they_need(world: Realigned, analyst: Person) -> None:
    RepBase.objects.filter(rep=world.nora).update(skills=["German"])
    AccountWork.objects.filter(account__code__in=["a10", "a11"]).update(needs=["german"])

    scenario = _solved(world, analyst)
    free = _solved(world, analyst, code="free", by_needs=False)

    assert {goes_to(scenario)[code] for code in ("a10", "a11")} == {"north"}
    assert goes_to(free)["a11"] == "south"


def test_companies_stay_together_when_wished(world: Realigned, analyst: Person) -> None:
    head, branch = world.accounts[0], world.accounts[11]
    branch.parent = head
    branch.save(update_fields=["parent"])

    scenario = _solved(world, analyst, keeps_families=True)

    where = goes_to(scenario)
    assert where["a00"] == where["a11"]


def test_locks_that_tear_a_company_apart_are_named(world: Realigned, analyst: Person) -> None:
    world.accounts[11].parent = world.accounts[0]
    world.accounts[11].save(update_fields=["parent"])
    scenario = world.scenario(analyst, keeps_families=True)
    lock_accounts(actor=analyst, scenario=scenario, rows=rows_of(scenario, "a00", "a11"), locked=True)

    with pytest.raises(Refused, match="a00"):
        start_solve(actor=analyst, scenario=scenario)


def test_a_lock_to_a_rep_who_left_is_named(world: Realigned, analyst: Person) -> None:
    scenario = world.scenario(analyst)
    lock_accounts(actor=analyst, scenario=scenario, rows=rows_of(scenario, "a11"), locked=True)
    TerritoryRep.objects.filter(rep=world.sid).delete()
    covers(a_rep("new"), world.south)

    with pytest.raises(Refused, match="a11"):
        start_solve(actor=analyst, scenario=scenario)


def test_a_rep_of_two_territories_keeps_accounts_where_they_are(world: Realigned, analyst: Person) -> None:
    east, extra = a_territory(world.model, "east"), an_account("extra")
    covers(world.nora, east)
    place(world.model, [Move(extra.pk, east.pk)], BEGIN)

    scenario = _solved(world, analyst, accounts_within=None, move_penalty=100_000)

    assert goes_to(scenario)["extra"] == "east"


def test_a_change_while_it_is_solved_throws_the_plan_away(
    world: Realigned, analyst: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = world.scenario(analyst)
    job = start_solve(actor=analyst, scenario=scenario)
    solved = "territories.pipeline.optimising.checked_proposal"
    original = __import__("territories.pipeline.optimising", fromlist=["x"]).checked_proposal

    def meanwhile(draft: Scenario) -> object:
        proposal = original(draft)
        lock_accounts(actor=analyst, scenario=scenario, rows=rows_of(scenario, "a05"), locked=True)
        return proposal

    monkeypatch.setattr(solved, meanwhile)
    ended = run_job(job)

    assert ended.state == JobState.FAILED
    assert "Solve it again" in ended.error
    assert not ScenarioSolve.objects.exists()


def test_a_cancelled_solve_stores_nothing(world: Realigned, analyst: Person) -> None:
    scenario = world.scenario(analyst)
    job = start_solve(actor=analyst, scenario=scenario)
    ask_to_cancel(actor=analyst, job=job)

    assert run_job(job).state == JobState.CANCELLED
    assert not ScenarioSolve.objects.exists()


def test_a_double_click_starts_one_solve(world: Realigned, analyst: Person) -> None:
    scenario = world.scenario(analyst)

    assert start_solve(actor=analyst, scenario=scenario) == start_solve(actor=analyst, scenario=scenario)


def test_only_those_who_plan_may_solve(world: Realigned, analyst: Person, executive: Person) -> None:
    scenario = world.scenario(analyst)

    with pytest.raises(Denied):
        start_solve(actor=executive, scenario=scenario)


def test_only_a_draft_is_solved(world: Realigned, analyst: Person) -> None:
    scenario = world.scenario(analyst)
    with transaction.atomic():
        Scenario.objects.filter(pk=scenario.pk).update(state="withdrawn")

    with pytest.raises(Refused, match="only a draft"):
        start_solve(actor=analyst, scenario=scenario)


def test_settings_are_checked_field_by_field(world: Realigned, analyst: Person) -> None:
    scenario = world.scenario(analyst)

    with pytest.raises(Refused) as refused:
        change_scenario(
            actor=analyst, scenario=scenario, revision=scenario.revision, changes={"potential_within": -3}
        )

    assert "0 to 500 percent" in str(refused.value)
