"""Opening a cycle."""

import datetime as dt

import pytest

from core.errors import Denied, Invalid, Refused
from core.models import Event, Notification, Person
from planning.models import Cycle
from planning.services.cycles import open_cycle
from tests.planning.conftest import FIRST, Company


def test_a_new_cycle_has_five_stages_with_owners_and_workdays(cycle: Cycle, coordinator: Person) -> None:
    stages = {stage.name: stage for stage in cycle.stages.all()}
    assert list(stages) == ["data", "demand", "supply", "reconciliation", "release"]
    assert stages["data"].owner == coordinator
    assert stages["data"].due == dt.date(2026, 1, 5)  # third workday from Thursday, 1 January
    assert Notification.objects.filter(person=coordinator).exists()
    assert Event.objects.filter(verb="cycle opened", subject_id=str(cycle.pk)).count() == 1


def test_stream_weights_are_shares_of_one(cycle: Cycle) -> None:
    assert abs(sum(stream.weight for stream in cycle.streams.all()) - 1) < 0.001


def test_a_month_has_one_cycle(cycle: Cycle, manager: Person) -> None:
    with pytest.raises(Refused, match="has a cycle already"):
        open_cycle(actor=manager, month=FIRST)
    assert Cycle.objects.count() == 1


def test_a_horizon_is_12_to_36_months(firm: Company, planners: dict[str, Person], manager: Person) -> None:
    with pytest.raises(Invalid, match="12 to 36"):
        open_cycle(actor=manager, month=FIRST, horizon=60)


def test_an_analyst_may_not_open_a_cycle(firm: Company, analyst: Person) -> None:
    with pytest.raises(Denied):
        open_cycle(actor=analyst, month=FIRST)
