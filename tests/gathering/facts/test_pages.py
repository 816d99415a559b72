"""Pages and API of the facts: scope, filters, totals, export, history."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest

from catalog.models import Scope
from core.models import Person
from gathering.models import Budget
from gathering.pipeline.quality import check_facts, store_findings
from tests.gathering.world import World, month

LISTS = ["sales", "lines", "returns", "stock", "open-orders", "capacity", "budget", "targets"]
LISTS += ["external-forecasts"]
API = ["sales", "sales-lines", "stock", "open-orders", "capacity", "budget", "targets", "external-forecasts"]


@pytest.mark.parametrize("name", LISTS)
def test_every_list_opens_empty_and_says_what_will_be_here(
    name: str, world: World, analyst: Person, signed_in: Callable
) -> None:
    page = signed_in(analyst).get(f"/data/{name}/")

    assert page.status_code == 200
    assert "empty-state" in page.content.decode()


@pytest.mark.parametrize("name", API)
def test_every_fact_is_read_by_api(name: str, world: World, analyst: Person, api: Callable) -> None:
    assert api(analyst).get(f"/api/v1/{name}/").json()["results"] == []


def test_sales_show_the_last_twelve_months_unless_asked(
    world: World, analyst: Person, signed_in: Callable, pinned_queries: Callable
) -> None:
    world.history(world.ridge_tyrol, 36)
    client = signed_in(analyst)

    with pinned_queries():
        page = client.get("/data/sales/")
    assert page.context["page"].paginator.count == 12
    assert client.get("/data/sales/?first=&last=").context["page"].paginator.count == 36
    assert client.get("/data/sales/?first=2023-02&last=2023-03").context["page"].paginator.count == 2


def test_a_family_means_everything_below_it(world: World, analyst: Person, signed_in: Callable) -> None:
    world.sell(world.ridge_tyrol, month(0))
    world.sell(world.slope_north, month(0))
    client = signed_in(analyst)

    assert client.get("/data/sales/?family=SKIS").context["page"].paginator.count == 2
    assert client.get("/data/sales/?family=TOUR").context["page"].paginator.count == 1
    assert client.get("/data/sales/?market=ALPS").context["page"].paginator.count == 1


def test_the_totals_above_are_those_of_the_filtered_rows(
    world: World, analyst: Person, signed_in: Callable
) -> None:
    world.sell(world.ridge_tyrol, month(0), quantity=10, price=100)
    world.sell(world.slope_north, month(0), quantity=5, price=100)

    figures = signed_in(analyst).get("/data/sales/?market=ALPS").context["figures"]

    assert figures[0]["value"] == "1\u202f000"


def test_scope_holds_in_list_history_and_api(
    world: World, analyst: Person, signed_in: Callable, api: Callable
) -> None:
    world.sell(world.ridge_tyrol, month(0))
    world.sell(world.slope_north, month(0))
    Scope.objects.create(person=analyst, market=world.alps)
    client = signed_in(analyst)

    assert client.get("/data/sales/").context["page"].paginator.count == 1
    assert client.get(f"/data/history/{world.slope_north.pk}/").status_code == 404
    assert api(analyst).get("/api/v1/sales/").json()["count"] == 1


def test_costs_are_hidden_from_those_who_may_not_see_them(
    world: World, sales_manager: Person, signed_in: Callable, api: Callable
) -> None:
    sale = world.sell(world.ridge_tyrol, month(0))

    labels = [c["label"] for c in signed_in(sales_manager).get("/data/sales/").context["table"]["columns"]]
    assert "Revenue" in labels
    assert "Cost" not in labels
    assert "cost" not in api(sales_manager).get(f"/api/v1/sales/{sale.pk}/").json()


def test_a_sales_rep_may_not_see_facts(sales_rep: Person, signed_in: Callable) -> None:
    assert signed_in(sales_rep).get("/data/sales/").status_code == 403


def test_exports_hold_all_filtered_rows(world: World, analyst: Person, signed_in: Callable) -> None:
    world.history(world.ridge_tyrol, 60)
    client = signed_in(analyst)

    csv = b"".join(client.get("/data/sales/?first=&export=csv").streaming_content).decode()
    assert len(csv.splitlines()) == 61
    assert client.get("/data/sales/?first=&export=xlsx").content[:2] == b"PK"


def test_the_lines_behind_a_month_name_their_file_and_row(
    world: World, analyst: Person, signed_in: Callable
) -> None:
    world.line(world.ridge_tyrol, day=dt.date(2025, 3, 31))
    world.line(world.ridge_tyrol, day=dt.date(2025, 4, 1))
    world.line(world.ridge_tyrol, kind="return", day=dt.date(2025, 3, 31))

    url = f"/data/lines/?demand_unit={world.ridge_tyrol.pk}&first=2025-03&last=2025-03"
    page = signed_in(analyst).get(url)

    assert page.context["page"].paginator.count == 1
    assert "sales.csv" in page.content.decode()


def test_history_shows_gaps_budget_flags_and_files(
    world: World, analyst: Person, signed_in: Callable, pinned_queries: Callable
) -> None:
    world.history(world.ridge_tyrol, 24, lambda i: 0 if i == 10 else 10)
    Budget.objects.create(
        product=world.ridge, market=world.tyrol, month=month(24), quantity=Decimal(12), run=world.run
    )
    store_findings(found=check_facts(only=("gap_months",)), actor=None)
    client = signed_in(analyst)

    with pinned_queries():
        page = client.get(f"/data/history/{world.ridge_tyrol.pk}/")

    chart = page.context["sections"][0]["context"]["chart"]
    assert len(chart["data"]["x"]) == 25
    assert chart["data"]["series"][0]["values"][10] is None
    assert {"x": "Nov 23", "text": "Months without sales"} in chart["data"]["marks"]
    assert "sales.csv" in page.content.decode()


def test_history_without_sales_says_so(world: World, analyst: Person, signed_in: Callable) -> None:
    assert "No sales yet" in signed_in(analyst).get(f"/data/history/{world.ridge_tyrol.pk}/").content.decode()


def test_a_filter_that_is_no_month_is_told_beside_the_field(
    world: World, analyst: Person, signed_in: Callable
) -> None:
    page = signed_in(analyst).get("/data/sales/?first=spring")

    assert page.status_code == 200
    assert page.context["filter"].form.errors["first"]
