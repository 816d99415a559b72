"""Plan against actual: by lag and family, value added, tolerance."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pgtrigger
import pytest
from django.test import Client

from catalog.models import Scope
from core.models import Person
from core.services.company import change_setting
from gathering.models import Sales
from planning.models import DemandInput, DemandValue, Release
from planning.selectors.monitoring import accuracy_by_family, accuracy_by_lag, alerts_of
from planning.selectors.value_added import people_of, steps_of
from planning.selectors.waterfall import waterfall_of
from tests.planning.conftest import FIRST, Company

# Two months of 2026: every unit was planned 100 (baseline 90); sold were 80 in January, 120 in February.


def test_accuracy_by_lag(passed: Release) -> None:
    first, second = accuracy_by_lag(None)
    assert (first.lag, first.months, first.wape, first.bias) == (1, 1, 20 / 80, 20 / 80)
    assert first.baseline_wape == 10 / 80
    assert (second.lag, second.wape, second.bias) == (2, 20 / 120, -20 / 120)


def test_months_that_are_not_over_are_not_compared(release: Release) -> None:
    assert accuracy_by_lag(None) == []
    assert steps_of(None) == []


def test_a_unit_that_sold_nothing_counts_as_error(passed: Release, firm: Company) -> None:
    Sales.objects.filter(demand_unit=firm.units[2], month=FIRST).delete()
    first = accuracy_by_lag(None)[0]
    assert first.wape == (20 + 20 + 100) / 160


def test_accuracy_by_family_with_tracking_signal(passed: Release) -> None:
    rows = {row.family: row for row in accuracy_by_family(None, lag=1)}
    assert rows["Touring skis"].wape == 40 / 160
    assert rows["Touring skis"].signal == 1.0  # one month, too high
    assert accuracy_by_family(None, lag=2)[0].bias == -40 / 240


def test_scope_narrows_every_figure(passed: Release, firm: Company, analyst: Person) -> None:
    Scope.objects.create(person=analyst, market=firm.world.tyrol)
    assert [row.family for row in accuracy_by_family(analyst)] == ["Touring skis"]
    assert accuracy_by_lag(analyst)[0].units == 80
    assert {row.market for row in alerts_of(analyst)} <= {"Tyrol"}
    assert waterfall_of(analyst).sold[FIRST] == 80
    assert steps_of(analyst)[0].units == 80


def test_what_left_its_tolerance_is_ranked_by_money(passed: Release, vp: Person) -> None:
    assert alerts_of(None) == []  # differences of 2,000 are below the company's 10,000
    change_setting(actor=vp, key="exception_money", value="400")
    rows = alerts_of(None)
    assert [abs(row.difference) for row in rows] == sorted((abs(r.difference) for r in rows), reverse=True)
    january = next(row for row in rows if row.month == FIRST and row.family == "Skis")
    assert (january.planned, january.sold, january.difference) == (100, 80, -2000)
    change_setting(actor=vp, key="tolerance_percent", value="25")
    assert alerts_of(None) == []


def test_the_waterfall_shows_each_plan_and_what_was_sold(passed: Release) -> None:
    found = waterfall_of(None)
    assert found.cycles == [FIRST]
    assert found.said["consensus"][(FIRST, FIRST)] == 300
    assert found.sold[FIRST] == 240


def test_value_added_by_step(passed: Release, firm: Company) -> None:
    steps = {step.label: step for step in steps_of(None)}
    sold = 240
    ago = sum(
        abs(float(Sales.objects.get(demand_unit=unit, month=dt.date(2025, 1, 1)).quantity) - 80)
        for unit in firm.units
    )
    assert steps["Same month last year"].wape == pytest.approx(ago / sold)
    assert steps["Statistical baseline"].gained == pytest.approx((ago - 30) / sold)
    assert steps["Consensus"].gained == pytest.approx(
        -0.125
    )  # 25 % after 12.5 %: the consensus made it worse
    assert "Sales" not in steps  # nobody spoke


def test_what_a_persons_word_was_worth(
    firm: Company, ready_cycle: object, passed: Release, sales_manager: Person
) -> None:
    """The input is put in from behind: a released cycle takes none."""
    with pgtrigger.ignore("planning.DemandValue:never_changed", "planning.DemandInput:never_after_release"):
        cells = DemandValue.objects.filter(version=passed.run.version_id, month=FIRST)
        cells.filter(demand_unit=firm.units[0]).update(sales=85)
        DemandInput.objects.create(
            cycle=passed.cycle, stream="sales", family=firm.world.skis, market=firm.world.alps, month=FIRST,
            kind="replace", value=Decimal(85), author=sales_manager,
        )  # fmt: skip
    (row,) = people_of(None)
    assert (row.person, row.stream, row.cells) == ("Sam Sales", "Sales", 1)
    assert (row.wape, row.before) == (5 / 80, 10 / 80)
    sales = next(step for step in steps_of(None) if step.label == "Sales")
    assert sales.gained == pytest.approx(5 / 80)


def test_the_page_shows_it_all(
    passed: Release, manager: Person, signed_in: Callable[[Person], Client], pinned_queries: Callable
) -> None:
    client = signed_in(manager)
    client.get("/monitoring/")
    with pinned_queries():
        page = client.get("/monitoring/")
    text = page.content.decode()
    assert "25.0\u202f%" in text
    assert "Statistical baseline" in text
    assert client.get("/monitoring/", {"lag": "2"}).status_code == 200


def test_an_empty_page_teaches(manager: Person, signed_in: Callable[[Person], Client]) -> None:
    assert "No month to compare yet" in signed_in(manager).get("/monitoring/").content.decode()
