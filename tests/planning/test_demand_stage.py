"""The pages of stages 1 and 2 in the browser: what they show, and what each button does."""

from collections.abc import Callable

import pytest
from django.test import Client

from core.models import Person
from planning.models import AccuracyReport, Cycle, DataFreeze, DemandVersion, FamilyReview
from planning.services.data import freeze_data
from tests.planning.conftest import Company
from tests.planning.demand_world import demand_cycle, forecast_of

__all__ = ["demand_cycle"]
pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]


def test_stage_1_freezes_forecasts_and_measures_one_button_after_the_other(
    cycle: Cycle, coordinator: Person, signed_in: SignIn
) -> None:
    client, page = signed_in(coordinator), f"/cycles/{cycle.pk}/data/"
    assert "The data is not frozen yet" in client.get(page).content.decode()
    assert client.post(f"{page}freeze/").status_code == 302
    assert DataFreeze.objects.get(cycle=cycle).frozen_by == coordinator
    forecast_of(cycle)  # the same work: the button finds the run that is done
    assert client.post(f"{page}forecast/").status_code == 302
    assert client.post(f"{page}accuracy/").status_code == 302
    assert AccuracyReport.objects.get(cycle=cycle).basis == "back_test"
    shown = client.get(page).content.decode()
    assert "Frozen" in shown and "back-tests of the forecast" in shown
    assert "20.0" in shown  # WAPE of the back-test


def test_a_forecast_before_the_freeze_is_refused_with_the_reason(
    cycle: Cycle, coordinator: Person, signed_in: SignIn
) -> None:
    answer = signed_in(coordinator).post(f"/cycles/{cycle.pk}/data/forecast/")
    assert answer.status_code == 409
    assert "Freeze it first" in answer.content.decode()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_data_pack_can_be_taken_out(
    cycle: Cycle, coordinator: Person, signed_in: SignIn, form: str
) -> None:
    answer = signed_in(coordinator).get(f"/cycles/{cycle.pk}/data/?export={form}")
    assert answer.status_code == 200
    assert f".{form}" in answer["Content-Disposition"]


def test_the_data_pack_compares_sales_with_last_year(
    cycle: Cycle, firm: Company, coordinator: Person, signed_in: SignIn
) -> None:
    answer = signed_in(coordinator).get(f"/cycles/{cycle.pk}/data/?export=csv")
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0].startswith("Family,Sold last month (units)")
    assert lines[1].startswith("Skis,410.0,")  # the third unit's December: 300 + 110


def test_the_stage_shows_streams_families_and_the_chart(
    demand_cycle: Cycle, manager: Person, signed_in: SignIn
) -> None:
    shown = signed_in(manager).get(f"/cycles/{demand_cycle.pk}/demand/").content.decode()
    for words in ("Who has spoken", "Touring skis", "Families: 0 of 2 reviewed", "demand-chart", "Budget"):
        assert words in shown


def test_the_pages_ask_few_questions(
    demand_cycle: Cycle, manager: Person, signed_in: SignIn, pinned_queries: Callable
) -> None:
    client, base = signed_in(manager), f"/cycles/{demand_cycle.pk}"
    pages = {"data": "/data/", "demand": "/demand/", "grid": "/demand/grid/", "inputs": "/demand/inputs/"}
    for name, path in pages.items():
        with pinned_queries(name):
            assert client.get(base + path).status_code == 200


def test_a_stream_is_submitted_and_reopened(demand_cycle: Cycle, manager: Person, signed_in: SignIn) -> None:
    client, base = signed_in(manager), f"/cycles/{demand_cycle.pk}/demand/streams/sales"
    assert client.post(f"{base}/submit/").status_code == 302
    assert demand_cycle.streams.get(name="sales").state == "submitted"
    again = client.post(f"{base}/submit/")
    assert (again.status_code, "submitted already" in again.content.decode()) == (409, True)
    assert client.post(f"{base}/reopen/").status_code == 302
    assert demand_cycle.streams.get(name="sales").state == "open"


def test_a_stream_is_waived_only_with_a_reason(
    demand_cycle: Cycle, manager: Person, signed_in: SignIn
) -> None:
    client, url = signed_in(manager), f"/cycles/{demand_cycle.pk}/demand/streams/marketing/waive/"
    assert client.post(url).status_code == 400
    assert client.post(url, {"reason": "No campaign this spring"}).status_code == 302
    assert demand_cycle.streams.get(name="marketing").reason == "No campaign this spring"


def test_a_family_is_reviewed_on_the_page(demand_cycle: Cycle, analyst: Person, signed_in: SignIn) -> None:
    url = f"/cycles/{demand_cycle.pk}/demand/families/TOUR/review/"
    assert signed_in(analyst).post(url, {"state": "reviewed"}).status_code == 302
    assert FamilyReview.objects.get(cycle=demand_cycle).reviewer == analyst
    flagged = signed_in(analyst).post(url, {"state": "attention", "note": ""})
    assert (flagged.status_code, "Say what needs attention" in flagged.content.decode()) == (400, True)


def test_the_consensus_is_frozen_on_the_page(demand_cycle: Cycle, manager: Person, signed_in: SignIn) -> None:
    assert signed_in(manager).post(f"/cycles/{demand_cycle.pk}/demand/freeze/").status_code == 302
    assert DemandVersion.objects.get(cycle=demand_cycle).number == 1
    assert "Version 1" in signed_in(manager).get(f"/cycles/{demand_cycle.pk}/demand/").content.decode()


def test_nothing_of_stage_1_is_done_in_stage_2(
    demand_cycle: Cycle, coordinator: Person, signed_in: SignIn
) -> None:
    answer = signed_in(coordinator).post(f"/cycles/{demand_cycle.pk}/data/freeze/")
    assert answer.status_code == 409
    assert "belongs to data gathering" in answer.content.decode()


def test_a_cycle_without_a_consensus_says_what_to_do(
    cycle: Cycle, manager: Person, signed_in: SignIn, at_stage: Callable[[Cycle, str], Cycle]
) -> None:
    freeze_data(actor=manager, cycle=cycle)
    at_stage(cycle, "demand")
    shown = signed_in(manager).get(f"/cycles/{cycle.pk}/demand/").content.decode()
    assert "No consensus yet" in shown
    refused = signed_in(manager).post(f"/cycles/{cycle.pk}/demand/recompute/")
    assert (refused.status_code, "no finished forecast" in refused.content.decode()) == (409, True)


def test_a_rep_may_look_but_not_review(demand_cycle: Cycle, sales_rep: Person, signed_in: SignIn) -> None:
    client = signed_in(sales_rep)
    assert client.get(f"/cycles/{demand_cycle.pk}/demand/").status_code == 200
    url = f"/cycles/{demand_cycle.pk}/demand/families/TOUR/review/"
    assert client.post(url, {"state": "reviewed"}).status_code == 403
