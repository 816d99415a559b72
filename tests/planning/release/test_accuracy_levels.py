"""Accuracy by lag, level, month and planner; the waterfall; what each step and person added."""

import csv
import datetime as dt
import io
from collections.abc import Callable
from decimal import Decimal

import pgtrigger
import pytest
from django.test import Client
from rest_framework.test import APIClient

from catalog.models import Scope
from core.models import Person
from crm.models import Rep
from planning.models import Cycle, DemandInput, DemandValue, FamilyReview, Release
from planning.selectors.accuracy_cells import Asked, cells_of
from planning.selectors.accuracy_table import Row, rows_of, total_of
from planning.selectors.value_added import people_of, steps_by_family, steps_in, steps_of
from planning.selectors.waterfall import convergence_of, waterfall_of
from tests.gathering.world import month
from tests.planning.conftest import FIRST, HISTORY, Company

# Every unit was planned 100 at 100 EUR a unit (baseline 90); sold were 80 in January, 120 in February.
FEBRUARY = dt.date(2026, 2, 1)
PAGES = ("/accuracy/", "/accuracy/cells/", "/accuracy/waterfall/", "/accuracy/value-added/")


@pytest.fixture
def reviewed(ready_cycle: Cycle, firm: Company, analyst: Person) -> Cycle:
    """The analyst reviewed Touring skis before the release."""
    FamilyReview.objects.update_or_create(
        cycle=ready_cycle, family=firm.world.touring, defaults={"state": "reviewed", "reviewer": analyst}
    )
    return ready_cycle


@pytest.fixture
def spoken(passed: Release, firm: Company, sales_manager: Person) -> Release:
    """The sales manager said 85 for Ridge in Tyrol in January, put in from behind."""
    with pgtrigger.ignore("planning.DemandValue:never_changed", "planning.DemandInput:never_after_release"):
        cells = DemandValue.objects.filter(version=passed.run.version_id, month=FIRST)
        cells.filter(demand_unit=firm.units[0]).update(sales=85)
        DemandInput.objects.create(
            cycle=passed.cycle, stream="sales", family=firm.world.skis, market=firm.world.alps, month=FIRST,
            kind="replace", value=Decimal(85), author=sales_manager,
        )  # fmt: skip
    return passed


def rows(user: Person | None, level: str, maker: str = "consensus", **asked: object) -> list[Row]:
    wanted = Asked(**asked)  # type: ignore[arg-type]
    return rows_of(user, cells_of(user, wanted), wanted, level, maker)


def test_every_maker_is_measured_on_the_same_cells(passed: Release) -> None:
    totals = total_of(cells_of(None, Asked()))
    assert totals["consensus"].wape == pytest.approx(60 / 240)
    assert totals["consensus"].bias == pytest.approx(60 / 240)
    assert totals["consensus"].money == pytest.approx(60 * 100)
    assert totals["consensus"].smape == pytest.approx(200 * 20 / 180)
    assert totals["statistical"].wape == pytest.approx(30 / 240)
    # sold in January 2025: 100, 200 and 300
    assert totals["naive"].wape == pytest.approx((20 + 120 + 220) / 240)
    # each year is like the one before: no seasonal step to scale by; 23 plain steps of 10 and 2 of −110
    assert totals["consensus"].mase is None
    assert totals["consensus"].rmsse == pytest.approx((400 / ((23 * 100 + 2 * 12100) / 25)) ** 0.5)


def test_a_lag_takes_the_month_so_far_ahead(passed: Release) -> None:
    assert total_of(cells_of(None, Asked(lag=2)))["consensus"].bias == pytest.approx(-60 / 360)
    assert total_of(cells_of(None, Asked(lag=3))) == {}


def test_families_lead_down_to_demand_units_and_cells(passed: Release, firm: Company) -> None:
    (top,) = rows(None, "family")
    assert (top.label, top.is_leaf, top.measures.money) == ("Skis", False, 6000)
    inside = {row.label: row for row in rows(None, "family", family=firm.world.skis)}
    assert {name: row.measures.money for name, row in inside.items()} == {"Touring skis": 4000, "Skis": 2000}
    assert all(row.is_leaf for row in inside.values())
    units = rows(None, "unit", family=firm.world.touring)
    assert [row.measures.money for row in units] == [2000, 2000]
    assert {row.narrow["unit"] for row in units} == {str(unit.pk) for unit in firm.units[:2]}


def test_markets_and_months_are_levels_too(passed: Release) -> None:
    assert {row.label: row.measures.sold for row in rows(None, "market")} == {"Alps": 80, "North": 160}
    (january,) = rows(None, "month")
    assert (january.label, january.narrow) == ("Jan 2026", {"month": "2026-01"})


def test_a_planner_answers_for_the_families_reviewed(
    reviewed: Cycle, passed: Release, analyst: Person, manager: Person, colleague: Person
) -> None:
    def seen(user: Person) -> dict[str, float]:
        return {row.label: row.measures.money for row in rows(user, "planner")}

    assert seen(manager) == {analyst.name: 4000, "Nobody reviewed it": 2000}
    assert seen(analyst) == seen(manager)
    assert seen(colleague) == {"Other planners": 4000, "Nobody reviewed it": 2000}


def test_scope_narrows_every_level(passed: Release, firm: Company, analyst: Person) -> None:
    Scope.objects.create(person=analyst, market=firm.world.tyrol)
    assert total_of(cells_of(analyst, Asked()))["consensus"].sold == 80
    assert [row.label for row in rows(analyst, "unit")] == ["Ridge 92 · Tyrol"]
    assert rows(analyst, "unit", unit=firm.units[2].pk) == []
    assert waterfall_of(analyst).said["consensus"][(FIRST, FIRST)] == 100
    assert waterfall_of(analyst, Asked(unit=firm.units[2].pk)).cycles == []
    assert steps_of(analyst)[0].units == 80


def test_the_waterfall_of_a_place_and_of_one_unit(passed: Release, firm: Company) -> None:
    found = waterfall_of(None, Asked(family=firm.world.touring))
    assert found.said["consensus"][(FIRST, FIRST)] == 200
    assert found.said["statistical"][(FIRST, FEBRUARY)] == 180
    assert found.sold == {FIRST: 160, FEBRUARY: 240}
    assert found.error("consensus", FIRST, FIRST) == pytest.approx(40 / 160)
    assert found.error("consensus", FIRST, month(HISTORY + 5)) is None
    one = waterfall_of(None, Asked(unit=firm.units[0].pk))
    assert one.said["consensus"][(FIRST, FIRST)] == 100


def test_convergence_is_the_mean_wape_by_lag(passed: Release, firm: Company) -> None:
    for asked in (Asked(), Asked(family=firm.world.touring), Asked(unit=firm.units[0].pk)):
        near, far = convergence_of(None, asked, waterfall_of(None, asked))
        assert (near.lag, near.wape["consensus"]) == (1, pytest.approx(20 / 80))
        assert (far.lag, far.wape["consensus"]) == (2, pytest.approx(20 / 120))
        assert far.wape["statistical"] == pytest.approx(30 / 120)


def test_the_stair_in_points_and_money(spoken: Release) -> None:
    steps = {step.label: step for step in steps_in(cells_of(None, Asked()))}
    assert list(steps)[:3] == ["Same month last year", "Statistical baseline", "Sales"]
    assert steps["Same month last year"].gained is None
    assert steps["Statistical baseline"].gained == pytest.approx((360 - 30) / 240)
    assert steps["Statistical baseline"].money == pytest.approx(33_000)
    assert (steps["Sales"].cells, steps["Sales"].against) == (1, "Statistical baseline")
    assert steps["Sales"].money == pytest.approx(500)
    assert steps["Consensus"].money == pytest.approx(-3_000)
    assert {step.caution for step in steps.values()} <= {
        "The step to beat",
        "No change",
        "Too few cells to say",
    }
    assert steps["Released plan"].against == "Consensus"


def test_the_stair_of_each_family(spoken: Release, firm: Company) -> None:
    asked = Asked(family=firm.world.skis)
    found = {
        row.label: row.steps["consensus"].money for row in steps_by_family(None, cells_of(None, asked), asked)
    }
    assert found == {"Touring skis": pytest.approx(-2_000), "Skis": pytest.approx(-1_000)}


def test_what_a_persons_word_was_worth_is_for_them_and_who_leads_them(
    spoken: Release, sales_manager: Person, manager: Person, vp: Person, analyst: Person, sales_rep: Person
) -> None:
    for reader in (sales_manager, manager, vp):
        (word,) = people_of(reader)
        assert (word.person, word.money, word.cells) == (sales_manager.name, pytest.approx(500), 1)
    assert people_of(analyst) == []
    chief = Rep.objects.create(code="CHIEF", name="Chief", person=analyst)
    Rep.objects.create(code="SM", name="Seller", person=sales_manager, manager=chief)
    assert [word.person for word in people_of(analyst)] == [sales_manager.name]
    assert people_of(sales_rep) == []
    assert people_of(manager, Asked(lag=2)) == []


def test_the_pages_answer_in_a_pinned_number_of_queries(
    spoken: Release, manager: Person, signed_in: Callable[[Person], Client], pinned_queries: Callable
) -> None:
    client = signed_in(manager)
    for path in PAGES:
        assert client.get(path).status_code == 200
        with pinned_queries(path):
            client.get(path)


def test_the_page_leads_down_and_names_what_it_shows(
    spoken: Release, firm: Company, manager: Person, analyst: Person, signed_in: Callable[[Person], Client]
) -> None:
    client = signed_in(manager)
    page = client.get("/accuracy/").content.decode()
    assert "/accuracy/?family=SKIS" in page
    assert "/accuracy/cells/?family=SKIS" in page
    assert "25.0\u202f%" in page
    leaf = client.get("/accuracy/", {"family": "SKIS"}).content.decode()
    assert "family=TOUR&amp;level=unit" in leaf
    fall = client.get("/accuracy/waterfall/").content.decode()
    assert "▲ +25.0 %" in fall
    assert "What the plans said about Feb 2026" in fall
    assert "about Jan 2026" in client.get("/accuracy/waterfall/", {"month": "2026-01"}).content.decode()
    assert "Sam Sales" in client.get("/accuracy/value-added/").content.decode()
    assert "Sam Sales" not in signed_in(analyst).get("/accuracy/value-added/").content.decode()


def test_the_file_holds_the_cells_behind_a_figure(
    passed: Release, manager: Person, signed_in: Callable[[Person], Client]
) -> None:
    client = signed_in(manager)
    answer = client.get("/accuracy/cells/", {"family": "TOUR", "export": "csv"})
    lines = list(csv.DictReader(io.StringIO(b"".join(answer).decode())))
    assert [(line["Consensus (units)"], line["Sold (units)"]) for line in lines] == [("100.0", "80.0")] * 2
    assert sum(float(line["Error (EUR)"]) for line in lines) == 4000
    for path in PAGES:
        assert client.get(path, {"export": "csv"})["Content-Type"].startswith("text/csv")


def test_a_question_that_cannot_be_is_said_beside_the_field(
    passed: Release,
    manager: Person,
    signed_in: Callable[[Person], Client],
    api: Callable[[Person], APIClient],
) -> None:
    for name, value, word in (
        ("lag", "99", "is not offered"),
        ("family", "NONE", "in your scope"),
        ("month", "soon", "2027-03"),
    ):
        page = signed_in(manager).get("/accuracy/", {name: value})
        assert (page.status_code, word in page.content.decode()) == (400, True)
        answer = api(manager).get("/api/v1/accuracy/", {name: value})
        assert answer.status_code == 400
        assert word in answer.data["error"]["reasons"][0]["text"]


def test_what_lies_outside_the_scope_cannot_be_asked_for(
    passed: Release, firm: Company, analyst: Person, signed_in: Callable[[Person], Client]
) -> None:
    Scope.objects.create(person=analyst, market=firm.world.tyrol)
    client = signed_in(analyst)
    assert client.get("/accuracy/", {"market": "NOR"}).status_code == 400
    assert client.get("/accuracy/waterfall/", {"unit": firm.units[2].pk}).status_code == 400


def test_without_a_plan_every_page_says_what_is_missing(
    manager: Person, sales_rep: Person, signed_in: Callable[[Person], Client]
) -> None:
    for path in PAGES:
        assert "Nothing to compare yet" in signed_in(manager).get(path).content.decode()
        assert signed_in(sales_rep).get(path).status_code == 403


def test_the_api_says_what_the_pages_say(
    spoken: Release, firm: Company, manager: Person, api: Callable[[Person], APIClient]
) -> None:
    client = api(manager)
    body = client.get("/api/v1/accuracy/", {"level": "market"}).data
    assert body["makers"]["consensus"]["wape"] == pytest.approx(0.25)
    assert [row["narrow"]["market"] for row in body["rows"]] == ["NOR", "ALPS"]
    cells = client.get("/api/v1/accuracy/cells/", {"unit": firm.units[0].pk}).data
    assert (cells["count"], cells["results"][0]["error"]) == (1, 20)
    assert client.get("/api/v1/accuracy/cells/", {"page": "2"}).status_code == 400
    fall = client.get("/api/v1/accuracy/waterfall/").data
    assert (fall["cells"][0]["consensus"], fall["cells"][0]["sold"]) == (300, 240)
    assert fall["convergence"][0]["wape"]["consensus"] == pytest.approx(0.25)
    added = client.get("/api/v1/accuracy/value-added/").data
    assert [person["person"] for person in added["people"]] == ["Sam Sales"]
    assert added["families"][0]["steps"]["consensus"]["money"] == pytest.approx(-3000)
