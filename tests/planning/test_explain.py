"""Any number can be asked where it comes from: one shape, one test for each kind of number."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.template import Context, Template
from django.urls import reverse

from catalog.models import Scope
from core.explain import Explanation, Fact, address, explain, key_of, kinds
from core.models import Person
from gathering.models import StockLevel
from planning.models import (
    DemandInput,
)
from tests.planning.conftest import FIRST, Company
from tests.planning.planned import Plan, plan

__all__ = ["plan"]


def labels(number: Explanation) -> list[str]:
    return [part.label for part in number.parts]


def below(number: Explanation, label: str) -> Explanation:
    """The part whose label begins so."""
    return next(part for part in number.parts if part.label.startswith(label))


def fact(number: Explanation, label: str) -> str:
    return next(fact.text for fact in number.facts if fact.label == label)


def test_a_consensus_cell_tells_baseline_streams_weights_inputs_and_events(
    plan: Plan, firm: Company, analyst: Person
) -> None:
    unit = firm.world.ridge_tyrol

    cell = explain(analyst, "consensus", key_of(plan.cycle, unit, FIRST))

    assert cell.value == pytest.approx((100 * 0.6 + 140 * 0.4) / 1.0 + 12)
    assert "(100.00 × 0.6 + 140.00 × 0.4) / 1 + 12.00" in cell.formula
    assert labels(cell) == ["Baseline", "Sales", "Events"]
    said = below(cell, "Sales").parts[0]
    assert (said.value, fact(said, "Who")) == (140, "Sam Sales")
    assert fact(said, "Why") == "Promotion: Two dealers confirmed"
    assert fact(below(cell, "Sales"), "Weight here") == "40.0\u202f%"
    assert below(cell, "Events").parts[0].label == "Promotion: Winter sale"


def test_a_frozen_cell_tells_what_was_said_then_and_not_later(
    plan: Plan, firm: Company, analyst: Person
) -> None:
    history: Any = DemandInput._meta.get_field("history").related_model
    kept = history.objects.get(cycle=plan.cycle)
    copied = {f.attname: getattr(kept, f.attname) for f in kept._meta.concrete_fields if f.name != "pgh_id"}
    later = history.objects.create(**copied | {"value": 999, "author_id": analyst.pk})
    assert later.pgh_created_at > plan.version.frozen

    cell = explain(analyst, "demand", key_of(plan.version, firm.world.ridge_tyrol, FIRST))

    said = below(cell, "Sales").parts
    assert [(one.value, fact(one, "Who")) for one in said] == [(140, "Sam Sales")]


def test_a_forecast_tells_run_method_interval_and_the_sales_it_was_made_from(
    plan: Plan, firm: Company, analyst: Person
) -> None:
    number = explain(analyst, "forecast", key_of(plan.run, firm.world.ridge_tyrol, FIRST))

    assert number.value == 100
    assert number.formula.startswith("Theta: Seasonal, 36 months. Made from")
    assert fact(number, "80 % interval") == "80.00 to 120.00"
    assert fact(number, "Back-test WAPE") == "12.0\u202f%"
    assert labels(number)[:2] == ["Sold in Dec 2025", "Sold in Nov 2025"]
    assert number.parts[0].parts[0].label == "sales.csv"


def test_a_month_of_sales_tells_the_files_and_the_import(firm: Company, analyst: Person) -> None:
    unit = firm.world.slope_north
    firm.world.line(unit, day=dt.date(2025, 12, 3), quantity=Decimal(7))
    firm.world.line(unit, day=dt.date(2026, 1, 3), quantity=Decimal(9))

    number = explain(analyst, "sales", key_of(unit, dt.date(2025, 12, 1)))

    assert [(part.label, part.value) for part in number.parts] == [("sales.csv", 7)]
    source = number.parts[0].source
    assert source and source.url == f"/data/imports/{firm.world.run.pk}/"


def test_a_released_cell_leads_down_to_imports(plan: Plan, firm: Company, vp: Person) -> None:
    number = explain(vp, "released", key_of(plan.release, firm.world.ridge_tyrol, FIRST))

    assert number.value == pytest.approx(64)
    assert "delivers 50.0\u202f% of the agreed demand" in number.formula
    baseline = below(below(number, "Agreed demand"), "Baseline")
    file = baseline.parts[0].parts[0]
    assert file.label == "sales.csv"
    assert file.source == Fact(
        "Import", file.source.text if file.source else "", f"/data/imports/{firm.world.run.pk}/"
    )
    assert fact(number, "SHA-256") == "c" * 64


def test_a_supply_cell_adds_up_and_names_what_binds(plan: Plan, firm: Company, manager: Person) -> None:
    key = key_of(plan.solve, firm.world.ridge, firm.world.site, FIRST, "stock")

    number = explain(manager, "supply", key)

    assert number.value == sum(float(part.value or 0) for part in number.parts) == 0
    opening = below(number, "Opening stock")
    assert opening.value == 80
    assert fact(number, "What binds") == (
        "Press line is full: one more unit of its capacity would save 14.50 EUR"
    )
    assert fact(number, "One more unit of demand") == "would cost 30.00 EUR"
    assert number.source and str(plan.version) in number.source.text


def test_a_later_month_of_stock_begins_with_the_month_before(
    plan: Plan, firm: Company, manager: Person
) -> None:
    key = key_of(plan.solve, firm.world.ridge, firm.world.site, dt.date(2026, 2, 1), "stock")

    first = explain(manager, "supply", key).parts[0]

    assert (first.label, first.value) == ("Stock at the end of Jan 2026, less what was owed", -28)
    assert first.asked.endswith("_2026-01_stock/")


def test_the_demand_of_a_supply_cell_is_that_of_its_version(
    plan: Plan, firm: Company, manager: Person
) -> None:
    key = key_of(plan.solve, firm.world.ridge, firm.world.site, FIRST, "demand")

    number = explain(manager, "supply", key)

    assert labels(number) == ["Tyrol", "North"]
    assert number.value == pytest.approx(sum(float(part.value or 0) for part in number.parts))


def test_a_load_is_the_sum_of_what_is_made_there(plan: Plan, firm: Company, manager: Person) -> None:
    number = explain(manager, "load", key_of(plan.solve, firm.line, FIRST))

    assert (number.parts[0].label, number.parts[0].value) == ("Ridge 92", 60)
    assert number.parts[-1].source is not None, "The capacity has its import."


def test_a_stock_tells_its_import(firm: Company, analyst: Person) -> None:
    row = StockLevel.objects.filter(product=firm.world.ridge).first()

    number = explain(analyst, "stock", key_of(row))

    assert number.value == 80
    assert number.source and "sales.csv" in number.source.text


TOTALS = ("consensus-total", "demand-total", "released-total")


@pytest.mark.parametrize("kind", TOTALS)
def test_a_total_is_the_sum_of_its_parts_down_to_the_cells(
    kind: str, plan: Plan, firm: Company, manager: Person
) -> None:
    begin = {"consensus-total": plan.cycle, "demand-total": plan.version, "released-total": plan.release}[
        kind
    ]
    half = 0.5 if kind == "released-total" else 1
    last = dt.date(2026, 3, 1)

    everything = explain(manager, kind, key_of(begin, None, None, FIRST, last, "revenue"))
    touring = explain(manager, kind, key_of(begin, firm.world.touring, None, FIRST, FIRST, "units"))
    tyrol = explain(manager, kind, key_of(begin, firm.world.touring, firm.world.tyrol, FIRST, FIRST, "units"))

    assert labels(everything) == ["Touring skis", "Skis"]
    assert everything.value == pytest.approx((128 + 100 + 4 * 100 + 300) * 100 * half)
    assert [(part.label, part.value) for part in touring.parts] == [
        ("Tyrol", pytest.approx(128 * half)),
        ("North", pytest.approx(100 * half)),
    ]
    assert labels(tyrol) == ["Ridge 92 in Tyrol"]
    assert explain(manager, *_asked(tyrol.parts[0])).value == pytest.approx(128 * half)


def _asked(part: Explanation) -> tuple[str, str]:
    _, _, kind, key, _ = part.asked.split("/")
    return kind, key


def test_totals_of_sales_and_of_the_budget_are_explained(firm: Company, manager: Person) -> None:
    december = dt.date(2025, 12, 1)

    sold = explain(manager, "sales-total", key_of(None, None, december, december, "units"))
    budget = explain(manager, "budget-total", key_of(None, None, FIRST, FIRST, "revenue"))

    assert sold.value == 100 + 200 + 300 + 3 * 110
    assert budget.value == 60_000
    assert labels(budget) == ["Skis in North, Jan 2026", "Touring skis in North, Jan 2026"]


def test_more_than_ten_parts_end_in_one_line_for_the_others(firm: Company, manager: Person) -> None:
    months = [dt.date(2025, number, 1) for number in range(1, 13)]

    year = explain(
        manager, "sales-total", key_of(firm.world.touring, firm.world.tyrol, *months[::11], "units")
    )

    assert len(year.parts) == 11
    assert year.parts[-1].label == "2 others"
    assert year.value == sum(float(part.value or 0) for part in year.parts)


def test_the_margin_of_a_total_needs_the_right_to_see_costs(
    plan: Plan, signed_in: Callable, manager: Person, sales_manager: Person
) -> None:
    url = address("demand-total", plan.version, None, None, FIRST, FIRST, "margin")

    assert signed_in(sales_manager).get(url).status_code == 403
    assert signed_in(manager).get(url).status_code == 200
    assert signed_in(sales_manager).get(url.replace("margin", "units")).status_code == 200


def test_outside_the_scope_there_is_no_number(plan: Plan, firm: Company, analyst: Person) -> None:
    Scope.objects.create(person=analyst, market=firm.world.north)
    from_tyrol = firm.world.ridge_tyrol

    seen = explain(analyst, "demand-total", key_of(plan.version, None, None, FIRST, FIRST, "units"))

    assert seen.value == pytest.approx(200)
    for kind, begin in (("demand", plan.version), ("forecast", plan.run), ("released", plan.release)):
        with pytest.raises(Exception, match="There is no such demand unit"):
            explain(analyst, kind, key_of(begin, from_tyrol, FIRST))


def test_who_may_not_see_sales_sees_the_plan_without_them(
    plan: Plan, firm: Company, sales_rep: Person
) -> None:
    cell = explain(sales_rep, "demand", key_of(plan.version, firm.world.ridge_tyrol, FIRST))

    baseline = below(cell, "Baseline")
    assert (baseline.value, baseline.parts) == (100, ())
    assert baseline.formula == "Your role does not show how this number was made."
    assert "Cost" not in [fact.label for fact in cell.facts]


@pytest.mark.parametrize(
    "asked",
    [
        "nothing/1",
        "sales/1",
        "sales/x_2025-12",
        "sales/1_2025-13",
        "sales/1_2025-12_3",
        "supply/1_1_1_2026-01_x",
        "sales/99999999999999999999_2025-12",
        "demand-total/1_all_all_2026-01_2026-01_units",
    ],
)
def test_what_is_no_number_is_not_found(asked: str, analyst: Person, api: Callable) -> None:
    assert api(analyst).get(f"/api/v1/explain/{asked}/").status_code == 404


def test_a_role_without_the_right_is_refused_with_the_reason(
    plan: Plan, firm: Company, sales_rep: Person, api: Callable
) -> None:
    key = key_of(firm.world.ridge_tyrol, FIRST)

    answer = api(sales_rep).get(f"/api/v1/explain/sales/{key}/")

    assert answer.status_code == 403
    assert "may not see sales" in answer.json()["error"]["message"]


def test_page_panel_and_api_tell_the_same(
    plan: Plan, firm: Company, vp: Person, signed_in: Callable, api: Callable, pinned_queries: Callable
) -> None:
    url = address("released", plan.release, firm.world.ridge_tyrol, FIRST)
    client = signed_in(vp)

    with pinned_queries():
        page = client.get(url)
    panel = client.get(url, headers={"HX-Request": "true", "HX-Target": "panel"})
    answer = api(vp).get(f"/api/v1{url}")

    for text in (page.content.decode(), panel.content.decode()):
        assert "Two dealers confirmed" in text
        assert "Winter sale" in text
    assert "<html" in page.content.decode()
    assert "<html" not in panel.content.decode()
    told = answer.json()
    assert told["value"] == pytest.approx(64)
    assert told["parts"][0]["parts"][0]["label"] == "Baseline"
    assert set(told) == {"label", "value", "unit", "formula", "parts", "source", "facts", "asked"}


def test_every_kind_of_number_has_a_test_here() -> None:
    tested = {"sales", "stock", "capacity", "forecast", "consensus", "demand", "released", "supply", "load"}

    tested |= {"quota"}  # by tests/territories/test_quotas_pages.py
    tested |= {"statement", "pay_part", "pay_line", "credit"}  # by tests/compensation/test_statements.py
    tested |= {"held_pay"}  # by tests/compensation/test_held_shares.py
    assert set(kinds()) == tested | {"sales-total", "budget-total", *TOTALS}


def test_the_written_address_is_the_pages(firm: Company) -> None:
    unit = firm.world.ridge_tyrol

    url = address("sales", unit, FIRST)

    assert url == reverse("core:explain", args=["sales", f"{unit.pk}_2026-01"])


def test_the_tag_writes_a_link_for_the_side_panel(firm: Company) -> None:
    drawn = Template('{% explain "sales" unit month %}').render(
        Context({"unit": firm.world.ridge_tyrol, "month": FIRST})
    )

    assert f'hx-get="{address("sales", firm.world.ridge_tyrol, FIRST)}" hx-target="#panel"' in drawn
