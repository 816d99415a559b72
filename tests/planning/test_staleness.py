"""Green, yellow, red: after every kind of change upstream."""

import datetime as dt

import pytest
from django.utils import timezone
from psycopg2.extras import DateRange

from catalog.models import Family
from core.models import Person
from forecasting.models import ForecastRun
from planning.models import Cycle, DataFreeze, DemandEvent, DemandInput, DemandVersion, Scenario, SupplyRun
from planning.models import Decision as CycleDecision
from planning.selectors import data, demand, reconciliation
from planning.selectors.artefacts import colour_of, colours_of
from planning.selectors.supply import made_from_of, scenario_of
from planning.services.registers import decide, raise_decision
from tests.planning.conftest import AtStage, Company


def freeze_data(cycle: Cycle, number: int = 1) -> DataFreeze:
    content = {"imports": data.last_imports()}
    return DataFreeze.objects.create(cycle=cycle, fingerprint=str(number) * 64, content=content)


def freeze_demand(cycle: Cycle, number: int = 1) -> DemandVersion:
    return DemandVersion.objects.create(
        cycle=cycle,
        number=number,
        fingerprint=str(number) * 64,
        made_from=demand.made_from(cycle),
        units=100,
        revenue=1000,
    )


def solve(scenario: Scenario, key: str = "a") -> SupplyRun:
    return SupplyRun.objects.create(
        cycle=scenario.cycle,
        scenario=scenario,
        version=scenario.cycle.demand_versions.latest("number"),
        state="done",
        made_from=made_from_of(scenario),
        input_hash=key * 64,
        engine_version="test",
        finished=timezone.now(),
    )


def sign_reconciliation(cycle: Cycle, person: Person) -> None:
    cycle.stages.filter(name="reconciliation").update(
        signed=timezone.now(), signed_by=person, made_from=reconciliation.made_from(cycle)
    )


@pytest.fixture
def made(cycle: Cycle, manager: Person, at_stage: AtStage) -> Cycle:
    """A cycle in release with a data freeze, a demand version, a supply plan and a signed stage 4."""
    freeze_data(cycle)
    freeze_demand(cycle)
    solve(scenario_of(cycle))
    sign_reconciliation(cycle, manager)
    return at_stage(cycle, "release")


def colours(cycle: Cycle) -> list[str]:
    cycle.refresh_from_db()
    return [colour.colour for colour in colours_of(cycle).values()]


def imported(firm: Company, dataset: str) -> None:
    """A file of the dataset is committed now."""
    firm.world.new_run(dataset)


def test_nothing_is_there_at_first(cycle: Cycle) -> None:
    assert colours(cycle) == ["red"] * 5


def test_everything_made_from_todays_inputs_is_green(made: Cycle) -> None:
    assert colours(made) == ["green", "green", "green", "green", "red"]


def test_an_import_after_the_freeze_makes_all_of_it_yellow(made: Cycle, firm: Company) -> None:
    imported(firm, "sales")

    assert colours(made) == ["yellow", "yellow", "yellow", "yellow", "red"]
    assert "data was imported after the freeze" in colour_of(made, "data").text
    assert colours_of(made)["demand"].text == "Consensus demand plan: data pack is to be made again."


def test_freezing_the_data_again_makes_the_demand_yellow(made: Cycle) -> None:
    freeze_data(made, 2)

    assert colours(made) == ["green", "yellow", "yellow", "yellow", "red"]
    assert colour_of(made, "demand").reasons == ("the data was frozen again",)


def test_another_forecast_makes_the_demand_yellow(made: Cycle) -> None:
    run = ForecastRun.objects.create(
        last_month="2025-12-01", horizon=18, engine_version="t", input_hash="f" * 64, state="done"
    )
    Cycle.objects.filter(pk=made.pk).update(forecast_run=run)

    assert colours(made)[1] == "yellow"
    assert colour_of(made, "demand").reasons == ("the forecast was run again",)


@pytest.fixture
def said(cycle: Cycle, firm: Company, analyst: Person) -> DemandInput:
    """What was said before anything was frozen."""
    return DemandInput.objects.create(
        cycle=cycle,
        stream="sales",
        family=Family.objects.first(),
        month="2026-01-01",
        value=5,
        author=analyst,
    )


def test_a_new_input_makes_the_demand_yellow(made: Cycle, analyst: Person) -> None:
    DemandInput.objects.create(cycle=made, stream="sales", month="2026-02-01", value=7, author=analyst)

    assert colour_of(made, "demand").reasons == ("inputs changed",)


def test_a_changed_input_makes_the_demand_yellow(said: DemandInput, made: Cycle) -> None:
    DemandInput.objects.filter(pk=said.pk).update(value=6, revision=2)

    assert colour_of(made, "demand").reasons == ("inputs changed",)


def test_another_event_makes_the_demand_yellow(made: Cycle, firm: Company, analyst: Person) -> None:
    DemandEvent.objects.create(
        cycle=made,
        kind="promotion",
        title="Spring sale",
        product=firm.world.ridge,
        period=DateRange(dt.date(2026, 3, 1), dt.date(2026, 4, 1)),
        units_a_month=20,
        owner=analyst,
    )

    assert colour_of(made, "demand").reasons == ("events changed",)


def test_a_changed_weight_makes_the_demand_yellow(made: Cycle) -> None:
    made.streams.filter(name="sales").update(revision=2)

    assert colour_of(made, "demand").reasons == ("streams or their weights changed",)


def test_freezing_the_demand_again_makes_supply_yellow(made: Cycle) -> None:
    freeze_demand(made, 2)

    assert colours(made) == ["green", "green", "yellow", "yellow", "red"]
    assert colour_of(made, "supply").reasons == ("the demand was frozen again",)


@pytest.mark.parametrize("dataset", ["stock", "capacity"])
def test_new_stock_or_capacity_makes_supply_yellow(made: Cycle, firm: Company, dataset: str) -> None:
    imported(firm, dataset)

    assert "imported after the solve" in colour_of(made, "supply").text


def test_a_changed_scenario_makes_supply_yellow(made: Cycle) -> None:
    Scenario.objects.filter(cycle=made, is_base=True).update(changes=[{"kind": "demand", "percent": 5}])

    assert colour_of(made, "supply").reasons == ("another scenario counts, or it changed",)


def test_a_chosen_scenario_without_a_plan_makes_supply_red(made: Cycle) -> None:
    Scenario.objects.create(cycle=made, name="Overtime", is_chosen=True)

    assert colours(made)[2] == "red"


def test_solving_again_makes_the_reconciliation_yellow(made: Cycle) -> None:
    solve(scenario_of(made), "b")

    assert colours(made) == ["green", "green", "green", "yellow", "red"]
    assert colour_of(made, "reconciliation").reasons == ("the supply plan was solved again",)


def test_another_decision_makes_the_reconciliation_yellow(made: Cycle, manager: Person) -> None:
    question = raise_decision(actor=manager, cycle=made, title="Build or buy?", owner=manager)
    assert colours(made)[3] == "green", "a question alone changes nothing"

    decide(actor=manager, decision=question, decided="Build.", reason="It is cheaper.")

    assert colour_of(made, "reconciliation").reasons == ("decisions changed",)
    assert CycleDecision.objects.get(pk=question.pk).decided == "Build."


def test_reopening_takes_the_reconciled_plan_away(made: Cycle, vp: Person) -> None:
    made.stages.filter(name="reconciliation").update(signed=None, signed_by=None, made_from={})

    assert colours(made)[3] == "red"


def test_what_comes_later_leaves_a_released_plan_alone(made: Cycle, firm: Company, at_stage: AtStage) -> None:
    released = at_stage(made, "released")

    imported(firm, "sales")

    assert colours(released)[:4] == ["green"] * 4
