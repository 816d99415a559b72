"""Stage 1: what freezes, forecasts and accuracy are, and every guard of its signature."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.utils import timezone

from core.errors import Denied, Refused
from core.models import Person
from forecasting.models import ForecastRun
from gathering.models import SourceMonth
from planning.models import Cycle
from planning.selectors.artefacts import colour_of
from planning.services.data import compute_accuracy, freeze_data, pin_forecast, start_forecast
from planning.services.forecast_now import forecast_now
from planning.workflow import GUARDS
from tests.planning.conftest import FIRST, Company
from tests.planning.demand_world import LAST, forecast_of

pytestmark = pytest.mark.django_db


def codes(cycle: Cycle, guard: str) -> list[str]:
    return [reason.code for reason in GUARDS[guard](Cycle.objects.get(pk=cycle.pk))]


def settle(cycle: Cycle, firm: Company, owner: Person, state: str) -> None:
    """A required source in the cycle's month, signed or waived the way the table allows."""
    source = firm.world.source(owner)
    row = SourceMonth.objects.create(source=source, month=FIRST, due=FIRST)
    way = {"signed": ["received", "checked", "signed"], "waived": ["waived"]}[state]
    for step in way:
        SourceMonth.objects.filter(pk=row.pk).update(
            state=step, settled_by=owner, settled_at=timezone.now(), reason="not needed"
        )


def test_a_required_source_must_be_settled_in_the_cycles_month(
    cycle: Cycle, firm: Company, coordinator: Person
) -> None:
    source = firm.world.source(coordinator)
    (reason,) = GUARDS["sources_settled"](cycle)
    assert "ERP sales is neither signed nor waived for Jan 2026" in reason.text
    assert reason.url == f"/data/sources/{source.pk}/2026-01/"
    SourceMonth.objects.create(source=source, month=dt.date(2025, 12, 1), due=FIRST)
    assert codes(cycle, "sources_settled") == ["source_open"]


@pytest.mark.parametrize("state", ["signed", "waived"])
def test_a_settled_source_does_not_block(
    cycle: Cycle, firm: Company, coordinator: Person, state: str
) -> None:
    settle(cycle, firm, coordinator, state)
    assert codes(cycle, "sources_settled") == []


@pytest.mark.parametrize("other", [{"is_required": False}, {"is_active": False}])
def test_only_required_sources_in_use_block(
    cycle: Cycle, firm: Company, coordinator: Person, other: dict[str, bool]
) -> None:
    firm.world.source(coordinator, **other)
    assert codes(cycle, "sources_settled") == []


def test_a_blocking_issue_blocks_until_it_is_closed(cycle: Cycle, firm: Company) -> None:
    firm.world.issue(severity="warning")
    assert codes(cycle, "no_blocking_issue") == []
    issue = firm.world.issue(severity="blocking")
    (reason,) = GUARDS["no_blocking_issue"](cycle)
    assert reason.url == f"/data/quality/{issue.pk}/"
    type(issue).objects.filter(pk=issue.pk).update(state="resolved")
    assert codes(cycle, "no_blocking_issue") == []


def test_many_blocking_issues_are_counted_in_one_sentence(cycle: Cycle, firm: Company) -> None:
    for _ in range(13):
        firm.world.issue(severity="blocking")
    reasons = GUARDS["no_blocking_issue"](cycle)
    assert len(reasons) == 11
    assert reasons[-1].text == "3 more blocking quality issues are open."


def test_the_data_must_be_frozen_and_stay_so(cycle: Cycle, firm: Company, coordinator: Person) -> None:
    assert codes(cycle, "data_frozen") == ["not_frozen"]
    assert colour_of(cycle, "data").colour == "red"
    freeze_data(actor=coordinator, cycle=cycle)
    assert codes(cycle, "data_frozen") == []
    assert colour_of(cycle, "data").colour == "green"
    firm.world.new_run("stock")
    assert codes(cycle, "data_frozen") == ["freeze_stale"]
    assert colour_of(cycle, "data").colour == "yellow"


def test_the_same_facts_give_the_same_freeze(cycle: Cycle, firm: Company, coordinator: Person) -> None:
    first = freeze_data(actor=coordinator, cycle=cycle)
    assert freeze_data(actor=coordinator, cycle=cycle) == first
    firm.world.sell(firm.units[0], FIRST)
    assert freeze_data(actor=coordinator, cycle=cycle) != first
    assert first.content["facts"]["sales"]["rows"] == 108


def test_a_forecast_needs_a_fresh_freeze(cycle: Cycle, firm: Company, coordinator: Person) -> None:
    with pytest.raises(Refused, match="not frozen yet"):
        start_forecast(actor=coordinator, cycle=cycle)
    freeze_data(actor=coordinator, cycle=cycle)
    firm.world.new_run("sales")
    with pytest.raises(Refused, match="newer than its freeze"):
        start_forecast(actor=coordinator, cycle=cycle)


def test_the_forecast_must_be_done_and_of_the_frozen_history(
    cycle: Cycle, firm: Company, coordinator: Person
) -> None:
    assert codes(cycle, "forecast_complete") == ["no_forecast"]
    freeze_data(actor=coordinator, cycle=cycle)
    run = start_forecast(actor=coordinator, cycle=cycle)
    assert codes(cycle, "forecast_complete") == ["forecast_not_done"]
    done = forecast_now(actor=coordinator, cycle=cycle)
    assert done == run
    assert codes(cycle, "forecast_complete") == []
    firm.world.history(firm.world.unit(firm.world.slope, firm.world.tyrol), 36)
    freeze_data(actor=coordinator, cycle=cycle)
    assert codes(cycle, "forecast_complete") == ["forecast_stale"]


def test_every_active_demand_unit_must_be_forecast(cycle: Cycle, firm: Company, coordinator: Person) -> None:
    pin_forecast(actor=coordinator, cycle=cycle, run=forecast_of(cycle))
    assert codes(cycle, "forecast_complete") == []
    unit = firm.world.unit(firm.world.slope, firm.world.tyrol)
    assert codes(cycle, "forecast_complete") == ["forecast_incomplete"]
    type(unit).objects.filter(pk=unit.pk).update(is_active=False)
    assert codes(cycle, "forecast_complete") == []


def test_a_run_of_other_months_or_a_short_one_is_not_pinned(cycle: Cycle, coordinator: Person) -> None:
    wrong = ForecastRun.objects.create(
        last_month=dt.date(2025, 11, 1), horizon=6, engine_version="x", input_hash="other"
    )
    with pytest.raises(Refused) as refusal:
        pin_forecast(actor=coordinator, cycle=cycle, run=wrong)
    assert [reason.code for reason in refusal.value.reasons] == ["other_months", "short_horizon"]
    stopped = ForecastRun.objects.create(last_month=LAST, horizon=18, engine_version="x", input_hash="y")
    ForecastRun.objects.filter(pk=stopped.pk).update(state="cancelled")
    stopped.refresh_from_db()
    with pytest.raises(Refused, match="Start it again"):
        pin_forecast(actor=coordinator, cycle=cycle, run=stopped)


def test_a_first_cycle_is_measured_by_the_back_test(cycle: Cycle, coordinator: Person) -> None:
    assert codes(cycle, "accuracy_known") == ["accuracy_missing"]
    freeze_data(actor=coordinator, cycle=cycle)
    with pytest.raises(Refused, match="no released plan"):
        compute_accuracy(actor=coordinator, cycle=cycle)
    pin_forecast(actor=coordinator, cycle=cycle, run=forecast_of(cycle))
    report = compute_accuracy(actor=coordinator, cycle=cycle)
    assert report.basis == "back_test"
    assert report.content["families"]["TOUR"]["bias"] == pytest.approx(0.1)
    assert codes(cycle, "accuracy_known") == []


def test_accuracy_on_an_older_freeze_does_not_count(cycle: Cycle, firm: Company, coordinator: Person) -> None:
    freeze_data(actor=coordinator, cycle=cycle)
    pin_forecast(actor=coordinator, cycle=cycle, run=forecast_of(cycle))
    compute_accuracy(actor=coordinator, cycle=cycle)
    firm.world.sell(firm.units[0], FIRST, quantity=Decimal(3))
    freeze_data(actor=coordinator, cycle=cycle)
    assert codes(cycle, "accuracy_known") == ["accuracy_missing"]


def test_stage_1_is_worked_by_its_people_only(cycle: Cycle, executive: Person, sales_manager: Person) -> None:
    for person in (executive, sales_manager):
        for service in (freeze_data, start_forecast, compute_accuracy):
            with pytest.raises((Denied, Refused)) as refusal:
                service(actor=person, cycle=cycle)
            if service is not start_forecast:
                assert isinstance(refusal.value, Denied)


def test_nothing_of_stage_1_is_written_later(
    cycle: Cycle, coordinator: Person, at_stage: Callable[[Cycle, str], Cycle]
) -> None:
    at_stage(cycle, "demand")
    for service in (freeze_data, start_forecast, compute_accuracy):
        with pytest.raises(Refused, match="belongs to data gathering"):
            service(actor=coordinator, cycle=cycle)
