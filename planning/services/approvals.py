"""Asking executives for their signatures, and signing: approve, approve with changes, reject."""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction

from core import company
from core.access import require
from core.editing import create_row
from core.errors import Invalid, Reason, Refused
from core.events import record
from core.models import Person
from core.roles import can
from core.services.notifications import notify
from planning.engine.canonical import fingerprint
from planning.engine.moves import STAGES
from planning.models import Approval, ApprovalRequest, Cycle, StageName, Task, Verdict
from planning.pipeline.plan_rows import hash_of_values, plan_rows, values_of
from planning.selectors import supply
from planning.selectors.addresses import cycle_path
from planning.selectors.approvals import (
    changes_since,
    counting_approvals,
    own_work_of,
    possible_approvers,
    what_is_asked,
)
from planning.services.moves import make_move
from planning.services.packs import send_pack
from planning.services.reauthentication import confirm_password
from planning.services.requests import close_request
from planning.workflow.release import stale_upstream

__all__ = ["close_request", "request_approval", "send_pack", "sign"]

TITLE = 200


@transaction.atomic
def request_approval(
    *, actor: Person | None, cycle: Cycle, approvers: Sequence[Person] | None = None
) -> ApprovalRequest:
    """Ask executives to sign the plan as it is now; an open request is replaced by the new one.

    Without `approvers` every executive who may is asked, and VPs where the quorum needs them. Raises
    Refused with every reason: another stage, something stale, nobody or the wrong people to ask.
    """
    require(actor, "approval.request")
    cycle = _in_release(cycle)
    quorum = int(company.value("quorum"))
    people = list(approvers) if approvers is not None else _usual(cycle, actor, quorum)
    reasons = [*stale_upstream(cycle), *_wrong_people(cycle, actor, people, quorum)]
    if reasons:
        raise Refused(*reasons)
    close_request(actor=actor, cycle=cycle, why="Asked anew.")
    request = _new_request(cycle, actor, quorum)
    request.approvers.set(people)
    record(
        actor=actor,
        verb="approval requested",
        subject=cycle,
        after={"request": request.number, "approvers": people, "content_hash": request.content_hash},
    )
    notify(
        people=people,
        title=f"{cycle}: your approval is asked for.",
        text="Read the pack, then approve, approve with changes, or reject to a stage.",
        url=cycle_path(cycle, "release"),
    )
    return request


def _in_release(cycle: Cycle) -> Cycle:
    """The cycle, locked, in its last stage."""
    locked = Cycle.objects.select_for_update(of=("self",)).get(pk=cycle.pk)
    if locked.stage != StageName.RELEASE:
        stage = locked.get_stage_display().lower()
        text = f"{locked} is in {stage}; approval is asked for and given in the release stage."
        raise Refused(Reason(text, "wrong_stage", url=cycle_path(locked)))
    return locked


def _usual(cycle: Cycle, actor: Person | None, quorum: int) -> list[Person]:
    people = possible_approvers(cycle, actor)
    executives = [person for person in people if "executive" in person.roles]
    others = [person for person in people if person not in executives]
    return executives + others[: max(0, quorum - len(executives))]


def _wrong_people(cycle: Cycle, actor: Person | None, people: list[Person], quorum: int) -> list[Reason]:
    reasons = []
    for person in people:
        decision = can(person, "approval.sign")
        own = own_work_of(cycle, person)
        if actor is not None and person.pk == actor.pk:
            own = own or f"{person.name} asks for the approval; nobody approves own work."
        if not person.is_active or not decision:
            reasons.append(Reason(f"{person.name} may not approve plans.", "not_an_approver", "approvers"))
        elif own:
            reasons.append(Reason(own, "own_work", "approvers"))
    if len(set(people)) < quorum:
        text = (
            f"The quorum is {quorum}, but only {len(set(people))} may sign who did not work on this plan. "
            "Give somebody the role of an executive approver, or change the company setting."
        )
        reasons.append(Reason(text, "too_few_approvers", "approvers"))
    return reasons


def _new_request(cycle: Cycle, actor: Person | None, quorum: int) -> ApprovalRequest:
    run = supply.run_of(cycle)
    if run is None:  # stale_upstream has said so
        raise Refused(Reason("There is no supply plan to sign.", "stale", url=cycle_path(cycle, "supply")))
    asked: dict[str, Any] = what_is_asked(cycle, run)
    asked["values"] = hash_of_values(values_of(plan_rows(run)))
    return ApprovalRequest.objects.create(
        cycle=cycle,
        number=cycle.approval_requests.count() + 1,
        asked=asked,
        content_hash=fingerprint(asked),
        quorum=quorum,
        requested_by=actor,
    )


@transaction.atomic
def sign(
    *,
    actor: Person,
    request: ApprovalRequest,
    verdict: str,
    password: str | None,
    to_stage: str = "",
    text: str = "",
) -> Approval:
    """Approve the plan, approve it with changes, or reject it to a stage, which reopens that stage.

    `password` None is for commands, run by whoever operates the server; the event says so. Raises
    Denied, Invalid (what to type) or Refused (not asked, own work, signed already, stale, closed).
    """
    require(actor, "approval.sign")
    _check_words(verdict, to_stage, text)
    if password is not None:
        confirm_password(actor=actor, password=password)
    cycle = _in_release(request.cycle)
    request = ApprovalRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    request.cycle = cycle
    _refuse_signer(request, actor)
    _refuse_stale(request, verdict)
    approval = _store(request, actor, verdict, to_stage, text)
    by_command = {"signed by": "command"} if password is None else {}
    record(
        actor=actor,
        verb=f"plan: {approval.get_verdict_display().lower()}",
        subject=cycle,
        after={"request": request.number, "content_hash": request.content_hash, **by_command},
        reason=approval.text,
    )
    _follow_up(request, approval)
    return approval


def _check_words(verdict: str, to_stage: str, text: str) -> None:
    reasons = []
    if verdict not in Verdict.values:
        reasons.append(Reason("Choose approve, approve with changes, or reject.", "invalid", "verdict"))
    if verdict in {Verdict.APPROVE_WITH_CHANGES, Verdict.REJECT} and not text.strip():
        what = "what has to change" if verdict == Verdict.APPROVE_WITH_CHANGES else "why you reject it"
        reasons.append(Reason(f"Say {what}, in a sentence or two.", "reason_missing", "text"))
    if verdict == Verdict.REJECT and to_stage not in STAGES[:-1]:
        reasons.append(Reason("Choose the stage the plan goes back to.", "invalid", "to_stage"))
    if reasons:
        raise Invalid(*reasons)


def _refuse_signer(request: ApprovalRequest, actor: Person) -> None:
    if request.closed is not None:
        raise Refused(Reason("This request is closed. Reload the page to see where the plan is.", "closed"))
    if request.approvals.filter(approver=actor).exists():
        raise Refused(Reason("You have signed this plan already; one signature counts.", "signed_already"))
    own = own_work_of(request.cycle, actor, request)
    if own:
        raise Refused(Reason(own, "own_work"))
    if not request.approvers.filter(pk=actor.pk).exists():
        names = ", ".join(person.name for person in request.approvers.all())
        raise Refused(Reason(f"You are not asked to sign this plan; {names} are.", "not_asked"))


def _refuse_stale(request: ApprovalRequest, verdict: str) -> None:
    """A plan that changed can still be rejected, never approved."""
    if verdict == Verdict.REJECT:
        return
    changes = changes_since(request)
    if changes:
        text = f"The plan is not any more what you were asked to sign: {'; '.join(changes)}. "
        raise Refused(Reason(f"{text}The S&OP manager asks for approval again.", "request_stale"))


def _store(request: ApprovalRequest, actor: Person, verdict: str, to_stage: str, text: str) -> Approval:
    try:
        with transaction.atomic():
            return Approval.objects.create(
                request=request,
                approver=actor,
                verdict=verdict,
                to_stage=to_stage if verdict == Verdict.REJECT else "",
                text=text.strip(),
                content_hash=request.content_hash,
            )
    except IntegrityError as error:
        text = "You have signed this plan already; one signature counts."
        raise Refused(Reason(text, "signed_already")) from error


def _follow_up(request: ApprovalRequest, approval: Approval) -> None:
    if approval.verdict == Verdict.REJECT:
        _go_back(request, approval)
        return
    if approval.verdict == Verdict.APPROVE_WITH_CHANGES:
        _ask_for_changes(request, approval)
    there = counting_approvals(request)
    if there == request.quorum:
        stage = request.cycle.stages.select_related("owner").get(name=StageName.RELEASE)
        notify(
            people=[stage.owner],
            title=f"{request.cycle}: {there} of {request.quorum} approvals are there. Release the plan.",
            url=cycle_path(request.cycle, "release"),
        )


def _go_back(request: ApprovalRequest, approval: Approval) -> None:
    """The system reopens the stage on the executive's behalf: a rejection is no right to reopen."""
    reason = f"Rejected by {approval.approver.name}: {approval.text}"
    make_move(actor=None, cycle=request.cycle, name=f"reopen-{approval.to_stage}", reason=reason)
    if request.requested_by is not None:
        title = f"{request.cycle}: {approval.approver.name} rejected the plan."
        notify(people=[request.requested_by], title=title, text=approval.text, url=cycle_path(request.cycle))


def _ask_for_changes(request: ApprovalRequest, approval: Approval) -> None:
    """The signature counts; what it asks for becomes somebody's task."""
    stages = request.cycle.stages.select_related("owner")
    owner = request.requested_by or stages.get(name=StageName.RECONCILIATION).owner
    task = Task(
        cycle=request.cycle,
        stage=StageName.RELEASE,
        title=f"{approval.approver.name} approved with changes: {approval.text}"[:TITLE],
        text=approval.text,
        owner=owner,
        due=stages.get(name=StageName.RELEASE).due,
    )
    create_row(actor=approval.approver, row=task, verb="task given")
    notify(people=[owner], title=task.title, text=approval.text, url=cycle_path(request.cycle, "release"))
