"""The workbench and its cells: what is shown, what a number does, and what happens when two write."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client

from catalog.models import Scope
from core.models import Person
from planning.models import ConsensusCell, Cycle, DemandInput
from tests.planning.conftest import FIRST, Company
from tests.planning.demand_world import demand_cycle

__all__ = ["demand_cycle"]
pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]
HUNDRED = {"kind": "replace", "value": "500", "reason_code": "promotion", "note": "Fair", "stream": "sales"}


def cell_url(cycle: Cycle, query: str) -> str:
    return f"/cycles/{cycle.pk}/demand/cell/?{query}&month=2026-01"


RIDGE_TYROL = "product=RIDGE&market=TYR"


def test_the_grid_shows_history_and_plan_of_each_demand_unit(
    demand_cycle: Cycle, analyst: Person, signed_in: SignIn
) -> None:
    shown = signed_in(analyst).get(f"/cycles/{demand_cycle.pk}/demand/grid/").content.decode()
    assert shown.count('<tr id="row-') == 3
    assert "Jan 24" in shown and "Jun 27" in shown  # 24 months back, 18 ahead
    assert "product=RIDGE&amp;market=TYR&amp;month=2026-01" in shown


def test_money_and_families_are_one_click_away(
    demand_cycle: Cycle, analyst: Person, signed_in: SignIn
) -> None:
    client, grid = signed_in(analyst), f"/cycles/{demand_cycle.pk}/demand/grid/"
    assert "10\u202f000</a>" in client.get(f"{grid}?show=money").content.decode()  # 100 units at 100
    families = client.get(f"{grid}?rows=families").content.decode()
    assert "Touring skis" in families and "400</a>" in families  # 100 + 300 in January


def test_an_open_row_shows_every_voice(
    demand_cycle: Cycle, firm: Company, analyst: Person, signed_in: SignIn
) -> None:
    grid = f"/cycles/{demand_cycle.pk}/demand/grid/?open={firm.units[0].pk}"
    shown = signed_in(analyst).get(grid).content.decode()
    for voice in ("Baseline", "Sales", "Marketing", "Finance", "Pipeline", "Events"):
        assert f'<th scope="row">{voice}</th>' in shown


def test_a_filter_narrows_the_rows(demand_cycle: Cycle, analyst: Person, signed_in: SignIn) -> None:
    grid = f"/cycles/{demand_cycle.pk}/demand/grid/"
    assert signed_in(analyst).get(f"{grid}?market=TYR").content.decode().count('<tr id="row-') == 1
    assert signed_in(analyst).get(f"{grid}?search=slope").content.decode().count('<tr id="row-') == 1


def test_a_person_sees_only_the_own_markets(
    demand_cycle: Cycle, firm: Company, sales_rep: Person, signed_in: SignIn
) -> None:
    Scope.objects.create(person=sales_rep, market=firm.world.tyrol)
    client = signed_in(sales_rep)
    assert client.get(f"/cycles/{demand_cycle.pk}/demand/grid/").content.decode().count('<tr id="row-') == 1
    assert client.get(cell_url(demand_cycle, "product=RIDGE&market=NOR")).status_code == 404
    families = client.get(f"/cycles/{demand_cycle.pk}/demand/grid/?rows=families").content.decode()
    assert "100</a>" in families and "400</a>" not in families


def test_a_number_typed_into_a_cell_moves_the_consensus(
    demand_cycle: Cycle, firm: Company, analyst: Person, signed_in: SignIn
) -> None:
    answer = signed_in(analyst).post(cell_url(demand_cycle, RIDGE_TYROL), HUNDRED)
    assert answer.status_code == 302
    row = DemandInput.objects.get()
    assert (row.author, row.stream, row.value) == (analyst, "sales", Decimal(500))
    assert (row.baseline, row.before) == (Decimal(100), Decimal(100))
    cell = ConsensusCell.objects.get(cycle=demand_cycle, demand_unit=firm.units[0], month=FIRST)
    assert cell.sales == 500


@pytest.mark.parametrize("place", ["", "family=SKIS", "market=ALPS", "family=TOUR&market=NOR"])
def test_a_number_can_be_given_at_any_level(
    demand_cycle: Cycle, analyst: Person, signed_in: SignIn, place: str
) -> None:
    client = signed_in(analyst)
    assert client.get(cell_url(demand_cycle, place)).status_code == 200
    assert client.post(cell_url(demand_cycle, place), HUNDRED).status_code == 302
    said = ConsensusCell.objects.filter(cycle=demand_cycle, month=FIRST, sales__isnull=False)
    assert sum(cell.sales or 0 for cell in said) == pytest.approx(500, abs=1e-9)


def test_two_people_write_the_same_cell_and_the_second_sees_both_values(
    demand_cycle: Cycle, analyst: Person, colleague: Person, signed_in: SignIn
) -> None:
    url = cell_url(demand_cycle, RIDGE_TYROL)
    first, second = signed_in(analyst), signed_in(colleague)
    second.get(url)  # reads the empty cell
    first.post(url, HUNDRED)
    answer = second.post(url, {**HUNDRED, "value": "700"})
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "Ada Analyst changed" in shown and "<ins>700" in shown and "<td>500" in shown
    assert DemandInput.objects.get().value == 500
    kept = second.post(url, {**HUNDRED, "value": "700", "revision": "1"})  # what "Keep yours" posts
    assert kept.status_code == 302
    assert DemandInput.objects.get().value == 700


def test_what_cannot_be_is_said_beside_the_field(
    demand_cycle: Cycle, analyst: Person, signed_in: SignIn
) -> None:
    url = cell_url(demand_cycle, RIDGE_TYROL)
    answer = signed_in(analyst).post(url, {**HUNDRED, "value": "-1"})
    assert (answer.status_code, "Demand is 0 or more" in answer.content.decode()) == (400, True)
    typed = signed_in(analyst).post(url, {**HUNDRED, "value": "many"})
    assert typed.status_code == 400
    assert not DemandInput.objects.exists()


def test_a_month_beyond_the_horizon_is_not_planned(
    demand_cycle: Cycle, analyst: Person, signed_in: SignIn
) -> None:
    url = f"/cycles/{demand_cycle.pk}/demand/cell/?{RIDGE_TYROL}&month=2030-01"
    answer = signed_in(analyst).post(url, HUNDRED)
    assert answer.status_code == 400
    assert "is not planned" in answer.content.decode()


def test_undo_takes_the_number_back(
    demand_cycle: Cycle, firm: Company, analyst: Person, signed_in: SignIn
) -> None:
    client = signed_in(analyst)
    client.post(cell_url(demand_cycle, RIDGE_TYROL), HUNDRED)
    row = DemandInput.objects.get()
    page = f"/cycles/{demand_cycle.pk}/demand/inputs/{row.pk}/"
    assert "Withdraw it" in client.get(page).content.decode()
    assert client.post(f"{page}withdraw/", {"revision": row.revision}).status_code == 302
    cell = ConsensusCell.objects.get(cycle=demand_cycle, demand_unit=firm.units[0], month=FIRST)
    assert (cell.sales, cell.quantity) == (None, pytest.approx(cell.baseline))
    assert client.post(f"{page}withdraw/", {"revision": row.revision}).status_code == 409


def test_a_withdrawn_cell_can_be_written_again(
    demand_cycle: Cycle, analyst: Person, signed_in: SignIn
) -> None:
    client, url = signed_in(analyst), cell_url(demand_cycle, RIDGE_TYROL)
    client.post(url, HUNDRED)
    row = DemandInput.objects.get()
    client.post(f"/cycles/{demand_cycle.pk}/demand/inputs/{row.pk}/withdraw/", {"revision": row.revision})
    assert client.post(url, {**HUNDRED, "value": "300"}).status_code == 302
    assert DemandInput.objects.get().value == 300


def test_inputs_are_listed_with_reason_and_exported(
    demand_cycle: Cycle, analyst: Person, signed_in: SignIn
) -> None:
    client = signed_in(analyst)
    client.post(cell_url(demand_cycle, RIDGE_TYROL), HUNDRED)
    client.post(cell_url(demand_cycle, "family=SKIS"), {**HUNDRED, "reason_code": "", "note": ""})
    inputs = f"/cycles/{demand_cycle.pk}/demand/inputs/"
    shown = client.get(inputs).content.decode()
    assert "Promotion" in shown and "Fair" in shown and "Ada Analyst" in shown
    silent = client.get(f"{inputs}?silent=true").content.decode()
    assert "Skis (SKIS)" in silent and "RIDGE" not in silent.split('id="list"')[1].split("<tbody>")[1]
    lines = b"".join(client.get(f"{inputs}?export=csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert lines.count("\n") == 3


def test_events_are_added_and_changed_in_forms(
    demand_cycle: Cycle, firm: Company, analyst: Person, signed_in: SignIn
) -> None:
    client, base = signed_in(analyst), f"/cycles/{demand_cycle.pk}/demand/events/"
    said = {
        "kind": "promotion", "title": "Fair", "product": "SLOPE", "market": "", "first": "2026-01-05",
        "last": "2026-01-20", "units_a_month": "40", "note": "",
    }  # fmt: skip
    assert client.get(f"{base}add/").status_code == 200
    assert client.post(f"{base}add/", said).status_code == 302
    event = demand_cycle.demand_events.get()
    assert event.period.upper == dt.date(2026, 1, 21)
    changed = client.post(f"{base}{event.pk}/edit/", {**said, "units_a_month": "60", "revision": "1"})
    assert changed.status_code == 302
    cell = ConsensusCell.objects.get(cycle=demand_cycle, demand_unit=firm.units[2], month=FIRST)
    assert cell.events == 60
    stale = client.post(f"{base}{event.pk}/edit/", {**said, "units_a_month": "70", "revision": "1"})
    assert stale.status_code == 409
    wrong = client.post(f"{base}add/", {**said, "last": "2026-01-01"})
    assert (wrong.status_code, "ends before it begins" in wrong.content.decode()) == (400, True)
    assert "Fair" in client.get(base).content.decode()


def test_exceptions_open_their_cell(demand_cycle: Cycle, analyst: Person, signed_in: SignIn) -> None:
    client = signed_in(analyst)
    client.post(cell_url(demand_cycle, RIDGE_TYROL), {**HUNDRED, "value": "5000"})
    page = client.get(f"/cycles/{demand_cycle.pk}/demand/exceptions/").content.decode()
    assert "Away from the baseline" in page
    assert f"/cycles/{demand_cycle.pk}/demand/cell/?product=RIDGE&amp;market=TYR&amp;month=2026-01" in page
