"""Solving a scenario: what the facts become, what is stored, and what is refused."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pytest
from django.db import Error as DatabaseRefused
from django.db import transaction

from catalog.models import CapacityUse, Cost, Market, Resource, Site
from core.errors import Denied, Refused
from core.models import Event, Job, Person
from gathering.models import Capacity, OpenOrder, StockLevel
from planning.models import Cycle, DemandValue, ResourceLoad, SupplyRun, SupplyValue
from planning.pipeline.supply import build
from planning.pipeline.supply.building import Built, Policy
from planning.pipeline.supply.facts import latest_stock
from planning.selectors.artefacts import colour_of
from planning.services.scenarios import add_scenario
from planning.services.supply import solve_now, start_solve
from tests.gathering.world import FOREVER, month
from tests.planning.supply_world import SupplyWorld

POLICY = Policy(95, 1, 24, 5, 25)


def built(supply: SupplyWorld) -> Built:
    return build(supply.base, supply.cycle.demand_versions.latest("number"), POLICY)


def item(found: Built, code: str) -> int:
    return found.problem.products.ids.index(code)


def test_every_stored_month_balances(supply: SupplyWorld) -> None:
    supply.freeze(330)
    run = supply.solve()

    rows = SupplyValue.objects.filter(run=run).order_by("product", "site", "month")
    assert rows.count() == 2 * 18
    before: dict[tuple[int, int], tuple[float, float]] = {}
    for row in rows:
        stock, owed = before.get((row.product_id, row.site_id), (80.0, 0.0))
        net = stock - owed + row.make + row.buy + row.lost - row.demand
        assert net == pytest.approx(row.stock - row.backlog, abs=1e-5)
        before[row.product_id, row.site_id] = (row.stock, row.backlog)


def test_the_load_stays_within_capacity_and_demand_is_all_of_the_version(supply: SupplyWorld) -> None:
    run = supply.solve()

    for load in ResourceLoad.objects.filter(run=run):
        assert load.load <= load.regular + load.overtime + 1e-6
        assert load.overtime <= load.overtime_limit + 1e-6
    demanded = sum(SupplyValue.objects.filter(run=run).values_list("demand", flat=True))
    asked = sum(DemandValue.objects.filter(version=run.version).values_list("quantity", flat=True))
    assert demanded == pytest.approx(asked)


def test_the_costs_of_the_summary_add_up(supply: SupplyWorld) -> None:
    supply.freeze(330)
    run = supply.solve()

    costs = run.summary["costs"]
    values = SupplyValue.objects.filter(run=run)
    loads = ResourceLoad.objects.filter(run=run)
    assert float(run.cost or 0) == pytest.approx(sum(costs.values()), abs=1e-3)
    assert costs["buy"] == pytest.approx(sum(v.buy for v in values) * 60 * 1.25)
    assert costs["make"] == pytest.approx(sum(v.make for v in values) * 60)
    assert costs["overtime"] == pytest.approx(sum(v.overtime for v in loads) * (30 - 20))
    assert costs["holding"] == pytest.approx(sum(v.stock for v in values) * 60 * 0.02)
    assert costs["late"] == pytest.approx(sum(v.backlog for v in values) * 100 * 0.05)


def test_overtime_is_used_before_buying_and_buying_before_losing(supply: SupplyWorld) -> None:
    supply.freeze(400)  # 1,200 a month where 920 can be made
    run = supply.solve()

    assert run.summary["units"]["buy"] > 0
    assert run.summary["units"]["lost"] == 0
    assert all(load.overtime == pytest.approx(60) for load in ResourceLoad.objects.filter(run=run))


def test_stock_is_not_sold_out_at_the_end_of_the_horizon(supply: SupplyWorld) -> None:
    problem = built(supply).problem
    assert np.allclose(problem.products.ending_value, 60)


def test_a_market_is_supplied_by_the_nearest_plant(supply: SupplyWorld) -> None:
    world = supply.firm.world
    near = Site.objects.create(code="BRE", name="Bremen", market=world.north)
    other = Resource.objects.create(code="LINE2", name="Second line", site=near)
    CapacityUse.objects.create(product=world.ridge, resource=other, per_unit=1, valid=FOREVER)

    found = built(supply)

    assert set(found.problem.products.ids) == {"RIDGE:INN", "RIDGE:BRE", "SLOPE:INN"}
    assert found.problem.demand[item(found, "RIDGE:BRE"), 0] == 300  # North
    assert found.problem.demand[item(found, "RIDGE:INN"), 0] == 300  # Tyrol


def test_of_equally_near_plants_the_first_by_code_supplies(supply: SupplyWorld) -> None:
    world = supply.firm.world
    twin = Site.objects.create(code="AAA", name="Twin", market=world.tyrol)
    other = Resource.objects.create(code="LINE2", name="Second line", site=twin)
    CapacityUse.objects.create(product=world.slope, resource=other, per_unit=1, valid=FOREVER)

    found = built(supply)

    assert found.problem.demand[item(found, "SLOPE:AAA"), 0] == 300
    assert found.problem.demand[item(found, "SLOPE:INN"), 0] == 0


def test_stock_of_a_warehouse_counts_for_the_plant_that_feeds_it(supply: SupplyWorld) -> None:
    world = supply.firm.world
    store = Site.objects.create(code="DC", name="Depot", kind="warehouse", market=world.north)
    StockLevel.objects.create(
        site=store, product=world.ridge, day=dt.date(2025, 12, 30), quantity=25, run=world.run
    )

    found = built(supply)

    assert found.problem.products.opening_stock[item(found, "RIDGE:INN")] == 105


def test_a_product_missing_from_the_last_count_has_no_stock_there(supply: SupplyWorld) -> None:
    world = supply.firm.world
    StockLevel.objects.all().delete()
    for day, product in ((dt.date(2025, 11, 30), world.ridge), (dt.date(2025, 12, 31), world.slope)):
        StockLevel.objects.create(site=world.site, product=product, day=day, quantity=9, run=world.run)

    stock = latest_stock(dt.date(2026, 1, 1))

    assert list(stock["product"]) == [world.slope.pk]


def test_stock_below_nothing_counts_as_nothing_and_is_named(supply: SupplyWorld) -> None:
    StockLevel.objects.filter(product=supply.firm.world.ridge).update(quantity=-6)

    found = built(supply)

    assert found.problem.products.opening_stock[item(found, "RIDGE:INN")] == 0
    assert any("below 0" in warning for warning in found.warnings)


def test_a_product_without_a_bill_of_capacity_is_bought_at_its_plain_cost(supply: SupplyWorld) -> None:
    CapacityUse.objects.filter(product=supply.firm.world.slope).delete()

    found = built(supply)
    place = item(found, "SLOPE:INN")

    assert found.problem.products.make_cost[place] == np.inf
    assert found.problem.products.buy_cost[place] == 60


def test_overdue_orders_are_owed_and_later_ones_are_not(supply: SupplyWorld) -> None:
    world = supply.firm.world
    for number, due in enumerate((dt.date(2025, 12, 20), dt.date(2026, 1, 20))):
        OpenOrder.objects.create(
            source="erp", order_number=f"O{number}", line="1", as_of=dt.date(2026, 1, 1), due=due,
            demand_unit=world.ridge_tyrol, quantity=7, currency=world.euro, run=world.run,
        )  # fmt: skip

    found = built(supply)

    assert found.problem.products.opening_backlog[item(found, "RIDGE:INN")] == 7


def test_months_without_capacity_take_the_same_month_of_the_year_before(supply: SupplyWorld) -> None:
    Capacity.objects.filter(month__gte=month(36 + 12)).delete()
    Capacity.objects.filter(month=month(36 + 2)).update(regular=111)

    found = built(supply)

    assert found.problem.resources.regular[0, 14] == 111
    assert found.problem.resources.regular[0, 15] == 400
    assert any("6 months" in warning for warning in found.warnings)


def test_a_resource_without_any_capacity_is_unlimited_and_named(supply: SupplyWorld) -> None:
    Capacity.objects.all().delete()

    found = built(supply)

    assert found.problem.resources.ids == ()
    assert any("LINE" in warning and "unlimited" in warning for warning in found.warnings)
    assert supply.solve().summary["units"]["buy"] == 0


def test_the_cost_of_a_unit_contains_its_regular_time(supply: SupplyWorld) -> None:
    products = built(supply).problem.products
    assert np.allclose(products.make_cost, 60 - 0.5 * 20)


def test_a_cost_at_the_site_counts_before_that_of_the_demand(supply: SupplyWorld) -> None:
    world = supply.firm.world
    Cost.objects.create(product=world.ridge, site=world.site, currency=world.euro, amount=72, valid=FOREVER)
    found = built(supply)
    assert found.cost[item(found, "RIDGE:INN")] == 72
    assert found.cost[item(found, "SLOPE:INN")] == 60


def test_products_without_price_and_cost_are_planned_and_named(supply: SupplyWorld) -> None:
    Cost.objects.all().delete()
    supply.freeze(300, price=0, cost=0)

    run = supply.solve()

    assert any("no cost" in warning for warning in run.summary["warnings"])
    assert run.summary["units"]["lost"] == 0


def test_the_same_work_finds_the_run_that_is_there(supply: SupplyWorld) -> None:
    first, second = supply.solve(), supply.solve()

    assert first == second
    assert SupplyRun.objects.count() == 1


def test_a_hand_made_change_of_the_catalog_is_other_work(supply: SupplyWorld) -> None:
    first = supply.solve()
    line = supply.firm.line
    Resource.objects.filter(pk=line.pk).update(regular_cost=25, revision=line.revision + 1)

    assert supply.solve() != first


def test_two_clicks_queue_one_job(supply: SupplyWorld, analyst: Person) -> None:
    first = start_solve(actor=analyst, scenario=supply.base)
    second = start_solve(actor=analyst, scenario=supply.base)

    assert first == second
    assert first.state == "queued"
    assert Job.objects.filter(kind="planning.solve_supply").count() == 1
    assert Event.objects.filter(verb="supply solve asked for").count() == 1


def test_a_run_whose_waiting_job_was_cancelled_is_asked_for_anew(
    supply: SupplyWorld, analyst: Person
) -> None:
    first = start_solve(actor=analyst, scenario=supply.base)
    Job.objects.filter(supply_runs=first).update(state="cancelled")

    second = start_solve(actor=analyst, scenario=supply.base)

    first.refresh_from_db()
    assert first.state == "cancelled"
    assert second != first


def test_without_a_frozen_demand_nothing_is_solved(
    cycle: Cycle, manager: Person, at_stage: Callable[[Cycle, str], Cycle]
) -> None:
    base = at_stage(cycle, "supply").scenarios.get(is_base=True)

    with pytest.raises(Refused, match="no frozen demand"):
        solve_now(actor=manager, scenario=base)
    assert not SupplyRun.objects.exists()


def test_supply_is_not_solved_beside_demand_planning(cycle: Cycle, manager: Person) -> None:
    with pytest.raises(Refused, match="data gathering"):
        start_solve(actor=manager, scenario=cycle.scenarios.get(is_base=True))


def test_a_coordinator_may_not_solve(supply: SupplyWorld, coordinator: Person) -> None:
    with pytest.raises(Denied):
        start_solve(actor=coordinator, scenario=supply.base)


def test_a_finished_run_and_its_rows_never_change(supply: SupplyWorld) -> None:
    run = supply.solve()

    for change in (
        lambda: SupplyRun.objects.filter(pk=run.pk).update(cost=Decimal(1)),
        lambda: SupplyRun.objects.filter(pk=run.pk).update(state="running"),
        lambda: SupplyRun.objects.filter(pk=run.pk).update(made_from={}),
        lambda: SupplyValue.objects.filter(run=run).update(make=1),
        lambda: ResourceLoad.objects.filter(run=run).delete(),
    ):
        with pytest.raises(DatabaseRefused), transaction.atomic():
            change()


def test_a_new_demand_version_makes_the_plan_yellow(supply: SupplyWorld) -> None:
    assert colour_of(supply.cycle, "supply").colour == "red"
    supply.solve()
    assert colour_of(supply.cycle, "supply").colour == "green"

    supply.freeze(310)

    assert colour_of(supply.cycle, "supply").reasons == ("the demand was frozen again",)


def test_new_stock_makes_the_plan_yellow(supply: SupplyWorld) -> None:
    supply.solve()

    supply.firm.world.new_run("stock")

    assert colour_of(supply.cycle, "supply").colour == "yellow"


def test_the_market_tree_counts_steps_over_the_nearest_common_ancestor(supply: SupplyWorld) -> None:
    world = supply.firm.world
    valley = Market.objects.create(code="VAL", name="Valley", parent=world.tyrol)
    far = Site.objects.create(code="AAB", name="Alpine plant", market=world.alps)
    near = Site.objects.create(code="ZZZ", name="Valley plant", market=valley)
    CapacityUse.objects.filter(product=world.ridge).delete()
    for site in (far, near):
        line = Resource.objects.create(code=f"L-{site.code}", name="Line", site=site)
        CapacityUse.objects.create(product=world.ridge, resource=line, per_unit=1, valid=FOREVER)
    world.unit(world.ridge, world.tyrol)

    found = built(supply)

    # Tyrol is one step from either: the first by code.
    assert found.problem.demand[item(found, "RIDGE:AAB"), 0] == 600


def test_the_result_of_a_solve_is_where_its_scenario_is_shown(supply: SupplyWorld, analyst: Person) -> None:
    """The supply page shows the scenario that counts: another one's result is among the scenarios."""
    less = add_scenario(
        actor=analyst, cycle=supply.cycle, name="Less", changes=[{"kind": "demand", "percent": -10}]
    )
    for scenario, place in ((supply.base, "supply"), (less, "scenarios")):
        job = start_solve(actor=analyst, scenario=scenario).job
        assert job is not None
        assert job.subject_url == f"/cycles/{supply.cycle.pk}/{place}/"
