"""Going back: signatures fall, signers are told, what was made later turns yellow."""

import pytest
from django.utils import timezone

from core.errors import Refused
from core.models import Event, Notification, Person
from planning.engine.moves import STAGES
from planning.models import Cycle
from planning.services.moves import make_move
from tests.planning.conftest import AtStage


@pytest.fixture
def at_release(cycle: Cycle, at_stage: AtStage, manager: Person, coordinator: Person) -> Cycle:
    """A cycle in release whose four earlier stages were signed."""
    signers = dict(zip(STAGES[:4], (coordinator, manager, manager, manager), strict=True))
    for name, person in signers.items():
        cycle.stages.filter(name=name).update(signed=timezone.now(), signed_by=person, made_from={"a": 1})
    return at_stage(cycle, "release")


def test_reopening_takes_back_the_signatures_from_there_on(at_release: Cycle, vp: Person) -> None:
    make_move(actor=vp, cycle=at_release, name="reopen-supply", reason="A press broke down.")

    signed = {stage.name: stage.signed is not None for stage in at_release.stages.all()}
    assert signed == {
        "data": True,
        "demand": True,
        "supply": False,
        "reconciliation": False,
        "release": False,
    }
    assert at_release.stages.get(name="supply").made_from == {}


def test_every_signer_whose_signature_fell_is_told_why(
    at_release: Cycle, vp: Person, manager: Person, coordinator: Person
) -> None:
    make_move(actor=vp, cycle=at_release, name="reopen-demand", reason="A customer left.")

    told = Notification.objects.filter(title__contains="your signature is taken back")
    assert [notification.person for notification in told] == [manager], "once, not once a stage"
    assert told[0].text == "Vera VP: A customer left."
    assert not told.filter(person=coordinator).exists(), "the data stays signed"


def test_the_owner_of_the_reopened_stage_is_told(at_release: Cycle, vp: Person, coordinator: Person) -> None:
    make_move(actor=vp, cycle=at_release, name="reopen-data", reason="Sales were counted twice.")

    told = Notification.objects.get(person=coordinator, title__contains="Data gathering is reopened")
    assert told.text == "Sales were counted twice."


def test_the_reason_stands_in_the_event(at_release: Cycle, vp: Person) -> None:
    make_move(actor=vp, cycle=at_release, name="reopen-demand", reason=" A customer left. ")

    event = Event.objects.get(verb="reopen")
    assert (event.before, event.after, event.reason) == (
        {"stage": "release"},
        {"stage": "demand"},
        "A customer left.",
    )


def test_without_a_reason_nothing_is_reopened(at_release: Cycle, vp: Person) -> None:
    with pytest.raises(Refused, match="Say why"):
        make_move(actor=vp, cycle=at_release, name="reopen-demand")

    assert at_release.stages.exclude(signed=None).count() == 4


def test_a_released_plan_is_not_reopened(cycle: Cycle, vp: Person, at_stage: AtStage) -> None:
    with pytest.raises(Refused, match="that is not possible now"):
        make_move(actor=vp, cycle=at_stage(cycle, "released"), name="reopen-demand", reason="Too late.")
