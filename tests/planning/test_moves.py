"""A move with what follows it: the machine's own guards, and telling people."""

import datetime as dt

import pytest

from core.errors import Refused
from core.models import Event, Notification, Person
from planning.models import ChecklistItem, Cycle
from planning.services.checklists import tick_item
from planning.services.cycles import open_cycle
from planning.services.moves import make_move
from planning.workflow.perform import GUARDS
from tests.planning.conftest import AtStage

MONTH = dt.date(2026, 1, 1)


@pytest.fixture
def content(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every guard but the checklist is content."""
    for name in GUARDS:
        if name != "checklist_done":
            monkeypatch.setitem(GUARDS, name, lambda cycle: [])


def tick_all(cycle: Cycle) -> None:
    for item in ChecklistItem.objects.filter(stage__cycle=cycle, stage__name=cycle.stage):
        tick_item(actor=None, item=item, revision=item.revision, done=True)


def test_an_open_point_of_the_checklist_stops_the_signature(
    cycle: Cycle, coordinator: Person, content: None
) -> None:
    with pytest.raises(Refused) as refused:
        make_move(actor=coordinator, cycle=cycle, name="sign-data")

    required = ChecklistItem.objects.filter(stage__cycle=cycle, stage__name="data", is_required=True)
    assert len(refused.value.reasons) == required.count() == 2
    assert {reason.url for reason in refused.value.reasons} == {f"/cycles/{cycle.pk}/#checklist"}


def test_all_reasons_come_at_once(cycle: Cycle, coordinator: Person) -> None:
    with pytest.raises(Refused) as refused:
        make_move(actor=coordinator, cycle=cycle, name="sign-data")

    codes = {reason.code for reason in refused.value.reasons}
    assert "checklist_open" in codes
    assert len(codes) >= 3, "the other guards of stage 1 have reasons of their own"
    assert not Event.objects.filter(verb="sign data gathering off").exists()


def test_a_signature_stands_under_the_stage_and_the_next_owner_is_told(
    cycle: Cycle, coordinator: Person, manager: Person, content: None
) -> None:
    tick_all(cycle)

    moved = make_move(actor=coordinator, cycle=cycle, name="sign-data", reason="All files are in.")

    stage = moved.stages.get(name="data")
    assert (moved.stage, stage.signed_by, stage.note) == ("demand", coordinator, "All files are in.")
    assert "imports" in stage.made_from
    told = Notification.objects.filter(person=manager, title__contains="Demand planning is yours").get()
    assert told.url == f"/cycles/{cycle.pk}/demand/"


def test_pressing_twice_gives_one_clear_sentence(cycle: Cycle, coordinator: Person, content: None) -> None:
    tick_all(cycle)
    make_move(actor=coordinator, cycle=cycle, name="sign-data")

    with pytest.raises(Refused, match="is in demand planning; that is not possible now") as refused:
        make_move(actor=coordinator, cycle=cycle, name="sign-data")

    assert refused.value.reasons[0].code == "wrong_stage"
    assert Event.objects.filter(verb="sign data gathering off").count() == 1


def test_abandoning_tells_the_owners_and_frees_the_month(
    cycle: Cycle, manager: Person, coordinator: Person
) -> None:
    make_move(actor=manager, cycle=cycle, name="abandon", reason="Opened for the wrong month.")

    assert Notification.objects.filter(person=coordinator, title__contains="is abandoned").exists()
    again = open_cycle(actor=manager, month=MONTH)
    assert (again.issue, again.stage) == (1, "data")


def test_a_revision_can_be_abandoned_and_opened_again(
    cycle: Cycle, manager: Person, at_stage: AtStage
) -> None:
    released = at_stage(cycle, "released")
    first = open_cycle(actor=manager, month=MONTH, supersedes=released, reason="The price list was old.")
    make_move(actor=manager, cycle=first, name="abandon", reason="Not needed after all.")

    second = open_cycle(actor=manager, month=MONTH, supersedes=released)

    assert (second.issue, second.supersedes) == (2, released)
    assert (
        Event.objects.get(subject_id=str(first.pk), verb="cycle opened").reason == "The price list was old."
    )


def test_a_plan_is_superseded_only_by_a_released_revision(
    cycle: Cycle, vp: Person, manager: Person, at_stage: AtStage
) -> None:
    released = at_stage(cycle, "released")
    with pytest.raises(Refused, match="has no revision"):
        make_move(actor=vp, cycle=released, name="supersede")

    revision = open_cycle(actor=manager, month=MONTH, supersedes=released)
    with pytest.raises(Refused, match="is not released yet"):
        make_move(actor=vp, cycle=released, name="supersede")

    at_stage(revision, "released")
    assert make_move(actor=vp, cycle=released, name="supersede").stage == "superseded"


def test_only_a_released_plan_is_revised(cycle: Cycle, manager: Person) -> None:
    with pytest.raises(Refused, match="is not a released plan"):
        open_cycle(actor=manager, month=MONTH, supersedes=cycle)
