"""Asking executives for their signatures, and signing."""

import datetime as dt

import pytest

from core.errors import Denied, Invalid, Refused
from core.models import Event, Notification, Person
from planning.models import Approval, Assumption, Cycle, Decision, Task
from planning.selectors.approvals import request_of
from planning.services.approvals import request_approval, sign
from planning.services.moves import make_move
from tests.conftest import PASSWORD
from tests.planning.release import ready


def _codes(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.code for reason in refusal.value.reasons]


def test_executives_are_asked_and_told(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person]
) -> None:
    request = request_approval(actor=coordinator, cycle=ready_cycle)
    assert set(request.approvers.all()) == set(executives)
    assert len(request.content_hash) == 64
    for person in executives:
        assert Notification.objects.filter(person=person, url=f"/cycles/{ready_cycle.pk}/release/").exists()
    assert Event.objects.get(verb="approval requested").after["content_hash"] == request.content_hash


def test_a_vp_fills_the_quorum_where_executives_are_too_few(
    ready_cycle: Cycle, coordinator: Person, executive: Person, vp: Person
) -> None:
    request = request_approval(actor=coordinator, cycle=ready_cycle)
    assert set(request.approvers.all()) == {executive, vp}


def test_too_few_people_to_ask_are_named(ready_cycle: Cycle, coordinator: Person, vp: Person) -> None:
    with pytest.raises(Refused, match="quorum is 2, but only 1"):
        request_approval(actor=coordinator, cycle=ready_cycle)
    assert request_of(ready_cycle) is None


def test_only_those_with_the_right_are_asked(
    ready_cycle: Cycle, coordinator: Person, executive: Person, analyst: Person
) -> None:
    with pytest.raises(Refused, match="Ada Analyst may not approve"):
        request_approval(actor=coordinator, cycle=ready_cycle, approvers=[executive, analyst])


def test_who_signed_a_stage_is_not_asked(
    ready_cycle: Cycle, coordinator: Person, executive: Person, vp: Person
) -> None:
    ready_cycle.stages.filter(name="supply").update(signed_by=vp)
    with pytest.raises(Refused) as refusal:
        request_approval(actor=coordinator, cycle=ready_cycle, approvers=[executive, vp])
    assert "own_work" in _codes(refusal)


def test_an_analyst_does_not_ask(ready_cycle: Cycle, analyst: Person) -> None:
    with pytest.raises(Denied):
        request_approval(actor=analyst, cycle=ready_cycle)


def test_approval_is_asked_for_in_the_release_stage_only(cycle: Cycle, coordinator: Person) -> None:
    with pytest.raises(Refused, match="data gathering"):
        request_approval(actor=coordinator, cycle=cycle)


def test_what_is_stale_is_not_asked_to_be_signed(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person]
) -> None:
    ready_cycle.streams.filter(name="sales").update(weight="0.9", revision=2)
    with pytest.raises(Refused, match="streams or their weights changed"):
        request_approval(actor=coordinator, cycle=ready_cycle)


def test_a_second_request_closes_the_first(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person]
) -> None:
    first = request_approval(actor=coordinator, cycle=ready_cycle)
    second = request_approval(actor=coordinator, cycle=ready_cycle)
    first.refresh_from_db()
    assert first.closed is not None
    assert (second.number, request_of(ready_cycle)) == (2, second)


def test_a_signature_carries_the_hash_of_what_was_asked(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person]
) -> None:
    request = request_approval(actor=coordinator, cycle=ready_cycle)
    approval = sign(actor=executives[0], request=request, verdict="approve", password=PASSWORD)
    assert approval.content_hash == request.content_hash
    assert Event.objects.filter(verb="plan: approve", actor=executives[0]).count() == 1


def test_a_wrong_password_signs_nothing_and_five_lock(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person]
) -> None:
    request = request_approval(actor=coordinator, cycle=ready_cycle)
    person = executives[0]
    for left in ("4 tries are left", "3 tries", "2 tries", "1 try is left", "wait five minutes"):
        with pytest.raises(Invalid, match=left):
            sign(actor=person, request=request, verdict="approve", password="wrong")
    with pytest.raises(Refused, match="locked for five minutes"):
        sign(actor=person, request=request, verdict="approve", password=PASSWORD)
    assert not Approval.objects.exists()


def test_an_account_without_a_password_is_told_what_to_do(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person]
) -> None:
    request = request_approval(actor=coordinator, cycle=ready_cycle)
    executives[0].set_unusable_password()
    with pytest.raises(Refused, match="no password to sign with"):
        sign(actor=executives[0], request=request, verdict="approve", password=PASSWORD)


def test_one_signature_counts_a_person(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person]
) -> None:
    request = request_approval(actor=coordinator, cycle=ready_cycle)
    sign(actor=executives[0], request=request, verdict="approve", password=PASSWORD)
    with pytest.raises(Refused, match="signed this plan already"):
        sign(actor=executives[0], request=request, verdict="approve", password=PASSWORD)
    assert Approval.objects.count() == 1


def test_who_is_not_asked_does_not_sign(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person], vp: Person
) -> None:
    request = request_approval(actor=coordinator, cycle=ready_cycle)
    with pytest.raises(Refused, match="not asked to sign"):
        sign(actor=vp, request=request, verdict="approve", password=PASSWORD)


def test_a_manager_does_not_sign(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person], manager: Person
) -> None:
    request = request_approval(actor=coordinator, cycle=ready_cycle)
    with pytest.raises(Denied):
        sign(actor=manager, request=request, verdict="approve", password=PASSWORD)


def test_nobody_approves_own_work(ready_cycle: Cycle, coordinator: Person, executives: list[Person]) -> None:
    request = request_approval(actor=coordinator, cycle=ready_cycle)
    ready_cycle.stages.filter(name="demand").update(signed_by=executives[0])
    with pytest.raises(Refused, match="nobody approves own work"):
        sign(actor=executives[0], request=request, verdict="approve", password=PASSWORD)
    request.requested_by = executives[1]
    request.save()
    with pytest.raises(Refused, match="nobody approves own work"):
        sign(actor=executives[1], request=request, verdict="approve", password=PASSWORD)


def test_a_plan_that_changed_is_not_approved_but_can_be_rejected(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person], manager: Person
) -> None:
    request = request_approval(actor=coordinator, cycle=ready_cycle)
    Assumption.objects.create(cycle=ready_cycle, text="The euro stays where it is.", owner=manager)
    with pytest.raises(Refused, match="assumptions changed"):
        sign(actor=executives[0], request=request, verdict="approve", password=PASSWORD)
    sign(
        actor=executives[0], request=request, verdict="reject", password=PASSWORD,
        to_stage="reconciliation", text="Decide on the currency first.",
    )  # fmt: skip
    ready_cycle.refresh_from_db()
    assert ready_cycle.stage == "reconciliation"


def test_approval_with_changes_counts_and_becomes_a_task(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person]
) -> None:
    request = request_approval(actor=coordinator, cycle=ready_cycle)
    sign(
        actor=executives[0], request=request, verdict="changes", password=PASSWORD, text="Cut skis in May.",
    )  # fmt: skip
    task = Task.objects.get(cycle=ready_cycle, text="Cut skis in May.")
    assert task.owner == coordinator
    assert task.title == "Eve Executive approved with changes: Cut skis in May."


@pytest.mark.parametrize(
    ("verdict", "to_stage", "text", "field"),
    [
        ("maybe", "", "", "verdict"),
        ("changes", "", " ", "text"),
        ("reject", "supply", "", "text"),
        ("reject", "", "Too much.", "to_stage"),
        ("reject", "release", "Too much.", "to_stage"),
    ],
)
def test_what_is_missing_from_a_verdict_is_said_beside_its_field(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person],
    verdict: str, to_stage: str, text: str, field: str,
) -> None:  # fmt: skip
    request = request_approval(actor=coordinator, cycle=ready_cycle)
    with pytest.raises(Invalid) as refusal:
        sign(
            actor=executives[0], request=request, verdict=verdict, password=PASSWORD,
            to_stage=to_stage, text=text,
        )  # fmt: skip
    assert [reason.field for reason in refusal.value.reasons] == [field]


def test_a_rejection_reopens_the_stage_with_the_executives_words(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person], manager: Person
) -> None:
    request = request_approval(actor=coordinator, cycle=ready_cycle)
    sign(
        actor=executives[0], request=request, verdict="reject", password=PASSWORD,
        to_stage="demand", text="Skis in spring are far too high.",
    )  # fmt: skip
    ready_cycle.refresh_from_db()
    request.refresh_from_db()
    assert (ready_cycle.stage, request.closed is not None) == ("demand", True)
    event = Event.objects.get(verb="reopen")
    assert event.actor is None
    assert event.reason == "Rejected by Eve Executive: Skis in spring are far too high."
    assert [stage.name for stage in ready_cycle.stages.exclude(signed=None)] == ["data"]
    assert Notification.objects.filter(person=manager, text__contains="Skis in spring").exists()


def test_a_closed_request_is_not_signed(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person]
) -> None:
    first = request_approval(actor=coordinator, cycle=ready_cycle)
    request_approval(actor=coordinator, cycle=ready_cycle)
    with pytest.raises(Refused, match="closed"):
        sign(actor=executives[0], request=first, verdict="approve", password=PASSWORD)


def test_abandoning_closes_the_request(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person], vp: Person
) -> None:
    request_approval(actor=coordinator, cycle=ready_cycle)
    make_move(actor=vp, cycle=ready_cycle, name="abandon", reason="The company is sold.")
    assert request_of(ready_cycle) is None


def test_a_release_needs_request_pack_and_quorum_and_says_so_at_once(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person], vp: Person
) -> None:
    with pytest.raises(Refused) as refusal:
        make_move(actor=vp, cycle=ready_cycle, name="release")
    assert _codes(refusal) == ["not_asked"]

    request = request_approval(actor=coordinator, cycle=ready_cycle)
    with pytest.raises(Refused) as refusal:
        make_move(actor=vp, cycle=ready_cycle, name="release")
    assert _codes(refusal) == ["pack_not_sent", "quorum"]

    ready.sent_days_ago(request, 0)
    sign(actor=executives[0], request=request, verdict="approve", password=PASSWORD)
    with pytest.raises(Refused, match="1 of 2 approvals") as refusal:
        make_move(actor=vp, cycle=ready_cycle, name="release")
    assert _codes(refusal) == ["pack_too_late", "quorum"]


def test_what_executives_are_asked_to_decide_is_decided_before_the_release(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person], vp: Person, manager: Person
) -> None:
    decision = Decision.objects.create(
        cycle=ready_cycle, title="A third shift?", asks_executives=True, owner=manager,
        due=dt.date(2026, 1, 30),
    )  # fmt: skip
    ready.approved(ready_cycle, coordinator, executives)
    with pytest.raises(Refused, match="A third shift"):
        make_move(actor=vp, cycle=ready_cycle, name="release")

    decision.decided, decision.reason, decision.decided_by = "Yes", "Demand is there.", executives[0]
    decision.save()
    make_move(actor=vp, cycle=ready_cycle, name="release")
    ready_cycle.refresh_from_db()
    assert ready_cycle.stage == "released"


def test_a_change_after_the_signatures_stops_the_release(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person], vp: Person, manager: Person
) -> None:
    ready.approved(ready_cycle, coordinator, executives)
    Assumption.objects.create(cycle=ready_cycle, text="Snow falls early.", owner=manager)
    with pytest.raises(Refused, match="assumptions changed"):
        make_move(actor=vp, cycle=ready_cycle, name="release")


def test_a_stale_supply_plan_stops_the_release(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person], vp: Person
) -> None:
    ready.approved(ready_cycle, coordinator, executives)
    scenario = ready_cycle.scenarios.get(is_chosen=True)
    scenario.changes = [{"kind": "demand", "percent": 5}]
    scenario.save()
    with pytest.raises(Refused) as refusal:
        make_move(actor=vp, cycle=ready_cycle, name="release")
    assert "stale" in _codes(refusal)
