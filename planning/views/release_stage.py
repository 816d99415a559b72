"""Stage 5's page: what is asked to be signed, who has signed, the pack, and the release."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from core.access import person_of, requires
from core.errors import Denied, Reason, Refused
from core.models import Job, JobState, Person
from core.pages import put_reasons
from core.roles import can
from core.selectors.jobs import job_progress
from planning.forms.reconciliation import SignForm, initial_verdict
from planning.models import ApprovalRequest, Cycle, PackFile, StageName
from planning.pipeline.packs import JOB
from planning.selectors.addresses import cycle_path
from planning.selectors.approvals import (
    changes_since,
    counting_approvals,
    last_request_of,
    own_work_of,
    possible_approvers,
    request_of,
    signers_of,
)
from planning.selectors.comparison import compare
from planning.selectors.contradictions import contradictions_of
from planning.selectors.cycles import cycles_visible_to
from planning.selectors.registers import top_risks_of
from planning.selectors.releases import release_of
from planning.services.approvals import request_approval, send_pack, sign
from planning.views.base import CyclePage
from planning.views.comparison_words import figures_of, months_chart
from planning.views.files import FILE_TYPES, as_download
from planning.workflow.offers import offers

TOP = 5


class ReleaseStagePage(CyclePage):
    """One page to read and sign, made for a phone; and what is left to do before the release."""

    action = "cycle.view"
    place = "release"

    def get(self, request: HttpRequest, cycle_pk: int) -> HttpResponse:
        return self.page(request, self.cycle(request, cycle_pk))

    def page(
        self,
        request: HttpRequest,
        cycle: Cycle,
        form: SignForm | None = None,
        refused: list[Reason] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        person = person_of(request)
        asked = request_of(cycle) or last_request_of(cycle)
        context: dict[str, Any] = {
            "released": release_of(cycle),
            "in_release": cycle.stage == StageName.RELEASE,
            "refused": refused,
            **_request_context(cycle, asked, person, form),
            **_to_do(cycle, person),
        }
        if can(person, "supply.view") and (context["in_release"] or asked):
            context |= _summary(cycle, person)
        return self.show(request, cycle, "planning/release.html", context, status=status)


def _request_context(
    cycle: Cycle, asked: ApprovalRequest | None, person: Person, form: SignForm | None
) -> dict[str, Any]:
    if asked is None:
        return {"asked": None}
    asked.cycle = cycle
    is_open = asked.closed is None
    signers = signers_of(asked)
    mine = next((signer for signer in signers if signer.person == person), None)
    may_sign = is_open and mine is not None and mine.approval is None and bool(can(person, "approval.sign"))
    own = own_work_of(cycle, person, asked) if may_sign else ""
    return {
        "asked": asked,
        "is_open": is_open,
        "signers": signers,
        "there": counting_approvals(asked),
        "changes": changes_since(asked) if is_open else [],
        "own_work": own,
        "form": (form or SignForm(initial=initial_verdict(asked))) if may_sign and not own else None,
        "pack": PackFile.objects.filter(request=asked).defer("content") if _may_read(person) else [],
        "may_read": _may_read(person),
        "pack_job": _pack_job(asked, person),
        "questions": cycle.decisions.filter(asks_executives=True).select_related("decided_by"),
    }


def _may_read(person: Person) -> bool:
    return bool(can(person, "release.export"))


def _pack_job(asked: ApprovalRequest, person: Person) -> dict[str, Any] | None:
    """The job that makes the pack, while it runs and where it failed."""
    if asked.pack_sent is not None:
        return None
    job = Job.objects.filter(kind=JOB, params__request=asked.pk).exclude(state=JobState.DONE).first()
    return job_progress(job, person) if job else None


def _to_do(cycle: Cycle, person: Person) -> dict[str, Any]:
    """What this person may do next: ask, send, release."""
    if cycle.stage != StageName.RELEASE:
        return {}
    may_ask = bool(can(person, "approval.request"))
    return {
        "sign": next((offer for offer in offers(cycle, person) if offer.is_signing), None),
        "may_ask": may_ask,
        "would_be_asked": possible_approvers(cycle, person) if may_ask else [],
    }


def _summary(cycle: Cycle, person: Person) -> dict[str, Any]:
    comparison = compare(cycle, person)
    if comparison is None:
        return {}
    found = contradictions_of(cycle, comparison)
    return {
        "figures": figures_of(comparison, found)[:3],
        "chart": months_chart(comparison, "revenue"),
        "contradictions": found[:TOP],
        "risks": top_risks_of(person, cycle)[:TOP],
    }


@require_POST
@requires("approval.request")
def approval_ask(request: HttpRequest, cycle_pk: int) -> HttpResponse:
    """Ask for approval; who is ticked is asked, or everybody who usually is."""
    cycle = _cycle(request, cycle_pk)
    chosen = request.POST.getlist("approvers")
    approvers = list(Person.objects.filter(pk__in=[key for key in chosen if key.isdigit()])) or None
    try:
        made = request_approval(actor=person_of(request), cycle=cycle, approvers=approvers)
    except Denied:
        raise
    except Refused as refusal:
        return _again(request, cycle, refusal)
    names = ", ".join(person.name for person in made.approvers.all())
    messages.success(request, f"{names} are asked to approve. Send them the pack.")
    return redirect(cycle_path(cycle, "release"))


@require_POST
@requires("approval.request")
def approval_pack(request: HttpRequest, cycle_pk: int) -> HttpResponse:
    """Make the pack and send it; a big one is sent when its job ends."""
    cycle = _cycle(request, cycle_pk)
    try:
        asked = send_pack(actor=person_of(request), cycle=cycle)
    except Denied:
        raise
    except Refused as refusal:
        return _again(request, cycle, refusal)
    said = "The pack is sent." if asked.pack_sent else "The pack is being made; it is sent when it is ready."
    messages.success(request, said)
    return redirect(cycle_path(cycle, "release") + "#pack")


@require_POST
@requires("approval.sign")
def approval_sign(request: HttpRequest, cycle_pk: int) -> HttpResponse:
    """Sign with a verdict and the password. What is refused stands beside its field."""
    cycle = _cycle(request, cycle_pk)
    form = SignForm(request.POST)
    if not form.is_valid():
        return ReleaseStagePage().page(request, cycle, form, status=400)
    data = dict(form.cleaned_data)
    asked = data.pop("request")
    if asked.cycle_id != cycle.pk:
        raise Http404("This request is about another cycle.")
    try:
        approval = sign(actor=person_of(request), request=asked, **data)
    except Denied:
        raise
    except Refused as refusal:
        put_reasons(form, refusal)
        return ReleaseStagePage().page(request, cycle, form, refusal.reasons, status=refusal.status)
    messages.success(request, f"Signed: {approval.get_verdict_display().lower()}. Thank you.")
    return redirect(cycle_path(cycle, "release"))


@requires("release.export")
def pack_file(request: HttpRequest, cycle_pk: int, form: str) -> HttpResponse:
    """One file of the pack that was sent with the newest request."""
    cycle = _cycle(request, cycle_pk)
    asked = last_request_of(cycle)
    if form not in FILE_TYPES:
        raise Http404("A pack has a PDF, an XLSX and a CSV file.")
    file = get_object_or_404(PackFile, request=asked, form=form)
    return as_download(bytes(file.content), f"plan-{cycle.month:%Y-%m}-for-approval", form)


def _cycle(request: HttpRequest, cycle_pk: int) -> Cycle:
    return get_object_or_404(cycles_visible_to(person_of(request)), pk=cycle_pk)


def _again(request: HttpRequest, cycle: Cycle, refusal: Refused) -> HttpResponse:
    return ReleaseStagePage().page(request, cycle, refused=refusal.reasons, status=refusal.status)
