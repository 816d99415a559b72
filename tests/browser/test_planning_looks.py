"""The pages of planning and forecasting: accessible in light and dark, and never wider than a phone."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from core.models import Person
from planning.models import Cycle, Release
from planning.services.cycles import open_cycle
from planning.services.demand import write_input
from planning.services.moves import make_move
from planning.services.registers import add_assumption, add_risk
from tests.browser.conftest import PHONE, OpenPage, SignIn
from tests.browser.sight import sideways, violations
from tests.dashboards.home import decision, task
from tests.gathering.world import world
from tests.planning.conftest import FIRST, Company, at_stage, cycle, firm, planners
from tests.planning.release import ready, whole_cycle

__all__ = ["at_stage", "cycle", "firm", "planners", "world"]
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LAPTOP = {"width": 1366, "height": 900}
SIGHTS = [(False, LAPTOP), (True, LAPTOP), (False, PHONE)]
NEXT = dt.date(2026, 2, 1)
PAGES = (
    "cycle-list", "cycle-add", "task-list", "meeting-list", "calendar", "assumption-list", "risk-list",
    "decision-list", "release-list", "monitoring", "accuracy", "accuracy-cells", "waterfall", "value-added",
)  # fmt: skip
OF_THE_RELEASED = (
    "cycle",
    "data",
    "supply",
    "supply-grid",
    "scenario-list",
    "reconciliation",
    "release-stage",
)
OF_THE_OPEN = (
    "cycle", "cycle-timeline", "data", "demand", "demand-grid", "demand-exceptions", "demand-input-list",
    "demand-event-list", "demand-event-add", "supply", "scenario-add", "reconciliation", "release-stage",
    "task-add", "meeting-add", "risk-add",
)  # fmt: skip


@dataclass
class Months:
    """January, released and sold, and February in demand planning."""

    released: Cycle
    open: Cycle
    release: Release

    @property
    def addresses(self) -> list[str]:
        """Every page of the two months that a manager works on."""
        run = self.open.forecast_run_id
        assert run is not None
        unit = self.open.consensus.order_by("pk").values_list("demand_unit", flat=True)[0]
        grid, place = reverse("planning:demand-grid", args=[self.open.pk]), "family=TOUR&market=TYR"
        return [
            *(reverse(f"planning:{name}") for name in PAGES),
            *(reverse(f"planning:{name}", args=[self.released.pk]) for name in OF_THE_RELEASED),
            *(reverse(f"planning:{name}", args=[self.open.pk]) for name in OF_THE_OPEN),
            *(
                reverse("planning:cycle-move", args=[self.open.pk, name])
                for name in ("sign-demand", "reopen")
            ),
            f"{grid}?rows=units",
            f"{reverse('planning:demand-cell', args=[self.open.pk])}?{place}&month=2026-02",
            *(reverse(f"planning:{name}", args=[self.release.pk]) for name in ("release", "release-verify")),
            reverse("forecasting:run-list"),
            reverse("forecasting:run-add"),
            *(reverse(f"forecasting:{name}", args=[run]) for name in ("run", "value-list", "classes")),
            reverse("forecasting:series", args=[run, unit]),
        ]


@pytest.fixture
def months(cycle: Cycle, firm: Company, planners: dict[str, Person], vp: Person, executive: Person) -> Months:
    manager = planners["manager"]
    whole_cycle.to_release(cycle, planners)
    cycle.refresh_from_db()
    ready.approved(cycle, planners["coordinator"], [executive, ready.second_executive()])
    make_move(actor=vp, cycle=cycle, name="release")
    for unit in firm.units:
        firm.world.sell(unit, FIRST, 130)
    return Months(cycle, _february(firm, planners, manager), Release.objects.get(cycle=cycle))


def _february(firm: Company, people: dict[str, Person], manager: Person) -> Cycle:
    """In demand planning, with a number of sales, a task, a decision, an assumption and a risk."""
    cycle = open_cycle(actor=manager, month=NEXT)
    whole_cycle.data(cycle, people)
    cycle.refresh_from_db()
    whole_cycle.tick_all(cycle, manager)
    cycle = make_move(actor=manager, cycle=cycle, name="sign-data")
    write_input(
        actor=manager, cycle=cycle, stream="sales", month=NEXT, kind="percent", value=20,
        family=firm.world.touring, market=firm.world.tyrol, reason_code="promotion", note="Spring sale.",
    )  # fmt: skip
    task(cycle, manager)
    decision(cycle, manager, asks_executives=True)
    add_assumption(actor=manager, cycle=cycle, text="Snow until April", owner=manager)
    add_risk(actor=manager, cycle=cycle, title="A warm winter", owner=manager, money=900, probability="0.5")
    return cycle


@pytest.mark.parametrize(("dark", "viewport"), SIGHTS, ids=["light", "dark", "phone"])
def test_the_pages_of_two_months_are_accessible_and_never_scroll_sideways(
    open_page: OpenPage, sign_in: SignIn, months: Months, manager: Person, dark: bool, viewport: Any
) -> None:
    page = sign_in(open_page(dark=dark, viewport=viewport), manager)

    faults = {address: found for address in months.addresses if (found := _faults(page, address))}

    assert faults == {}


def _faults(page: Page, address: str) -> list[str]:
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 200, address
    charts = page.locator("[data-chart]").count()
    expect(page.locator("[data-chart]:has(canvas)")).to_have_count(charts)
    wider = sideways(page)
    return [*violations(page), *([f"{wider} px too wide"] if wider else [])]
