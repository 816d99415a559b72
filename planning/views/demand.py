"""Stage 2 in the browser: streams, families, exceptions, the plan in a chart, the frozen versions."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from catalog.selectors import families_visible_to
from core import company
from core.access import person_of
from core.errors import Conflict, Denied, Reason, Refused
from core.forms import reasons_of
from core.models import Person
from core.roles import can
from planning.engine.moves import find_move
from planning.forms.demand import ReasonForm, ReviewForm, WeightForm
from planning.models import Cycle, Stream, StreamName
from planning.selectors.demand import version_of
from planning.selectors.demand_inputs import without_reason
from planning.selectors.demand_totals import family_lines, month_lines, sum_line
from planning.selectors.exceptions import exceptions_of
from planning.services.consensus import freeze_demand, recompute_demand
from planning.services.reviews import review_family
from planning.services.streams import reopen_stream, submit_stream, waive_stream, weigh_stream
from planning.views.base import CyclePage
from planning.views.demand_tables import demand_chart, exception_table, figures_of
from planning.workflow import refusals
from planning.workflow.demand import demand_frozen

SHOWN = 10
STREAM_DONE = {
    "submit": "{} is submitted.",
    "waive": "The cycle does without {}.",
    "reopen": "{} is open again.",
    "weigh": "{} has its new weight; the consensus is worked out again.",
}


class DemandPage(CyclePage):
    """What pages of stage 2 share."""

    place = "demand"

    def refused(
        self, request: HttpRequest, cycle: Cycle, reasons: list[Reason], status: int, **more: Any
    ) -> HttpResponse:
        """The stage's page with every reason on top."""
        fresh = self.cycle(request, cycle.pk)
        context = page_of(fresh, person_of(request)) | {"refused": reasons} | more
        return self.show(request, fresh, "planning/demand.html", context, status=status)


class DemandStage(DemandPage):
    """How far the consensus is, and what it says."""

    action = "demand.view"

    def get(self, request: HttpRequest, cycle_pk: int) -> HttpResponse:
        cycle = self.cycle(request, cycle_pk)
        return self.show(request, cycle, "planning/demand.html", page_of(cycle, person_of(request)))


class StreamMove(DemandPage):
    """Submit, waive, reopen or weigh one stream."""

    action = "demand.view"

    def post(self, request: HttpRequest, cycle_pk: int, stream: str, move: str) -> HttpResponse:
        cycle = self.cycle(request, cycle_pk)
        row = get_object_or_404(Stream.objects.select_related("cycle"), cycle=cycle, name=stream)
        try:
            _move_stream(request, row, move)
        except Denied:
            raise
        except Refused as refusal:
            return self.refused(request, cycle, refusal.reasons, refusal.status)
        messages.success(request, STREAM_DONE[move].format(row.get_name_display()))
        return redirect(f"{request.path.split('/streams/')[0]}/#streams")


class FamilyReviewing(DemandPage):
    """Flag one family."""

    action = "demand.review"

    def post(self, request: HttpRequest, cycle_pk: int, family: str) -> HttpResponse:
        cycle, person = self.cycle(request, cycle_pk), person_of(request)
        row = get_object_or_404(families_visible_to(person), code=family)
        form = ReviewForm(request.POST)
        if not form.is_valid():
            return self.refused(request, cycle, reasons_of(form), 400)
        try:
            review_family(actor=person, cycle=cycle, family=row, **form.cleaned_data)
        except Denied:
            raise
        except Refused as refusal:
            return self.refused(request, cycle, refusal.reasons, refusal.status)
        messages.success(request, f"{row.name}: {_review_word(form.cleaned_data['state'])}.")
        return redirect(f"{request.path.split('/families/')[0]}/#families")


class DemandAction(DemandPage):
    """Freeze the consensus, or work it out again."""

    action = "demand.freeze"

    def post(self, request: HttpRequest, cycle_pk: int, name: str) -> HttpResponse:
        cycle, person = self.cycle(request, cycle_pk), person_of(request)
        try:
            if name == "freeze":
                version = freeze_demand(actor=person, cycle=cycle)
                done = f"{version} is frozen: {version.units:,.0f} units."
            else:
                done = f"{recompute_demand(actor=person, cycle=cycle):,} cells are worked out again."
        except Denied:
            raise
        except Refused as refusal:
            return self.refused(request, cycle, refusal.reasons, refusal.status)
        messages.success(request, done)
        return redirect("planning:demand", cycle_pk)


def page_of(cycle: Cycle, person: Person) -> dict[str, Any]:
    """The context of the stage's page."""
    lines, families = month_lines(person, cycle), family_lines(person, cycle)
    found = exceptions_of(person, cycle, SHOWN)
    is_open = cycle.stage == "demand"
    move = find_move("sign-demand", cycle.stage)
    return {
        "is_open": is_open,
        "has_consensus": bool(lines),
        "blockers": refusals(cycle, move) if move else [],
        "currency": company.value("base_currency"),
        "figures": figures_of(sum_line(lines), families),
        "chart": demand_chart(cycle, lines),
        "streams": _streams(cycle, person, is_open),
        "families": families,
        "reviewed": sum(line.review is not None and line.review.state == "reviewed" for line in families),
        "exceptions": exception_table(found),
        "without_reason": without_reason(cycle).count(),
        "version": version_of(cycle),
        "version_problem": demand_frozen(cycle),
        "versions": cycle.demand_versions.select_related("frozen_by"),
        "may_review": is_open and bool(can(person, "demand.review")),
        "may_freeze": is_open and bool(can(person, "demand.freeze")),
        "may_input": is_open and bool(can(person, "demand.input")),
    }


def _streams(cycle: Cycle, person: Person, is_open: bool) -> list[dict[str, Any]]:
    counts: dict[str, int] = {}
    for name in cycle.inputs.filter(is_withdrawn=False).values_list("stream", flat=True):
        counts[name] = counts.get(name, 0) + 1
    rows = list(cycle.streams.select_related("owner", "settled_by"))
    order = list(StreamName.values)
    return [
        {
            "row": row,
            "inputs": counts.get(row.name, 0),
            "is_statistical": row.name == StreamName.STATISTICAL,
            "tone": {"open": "warn", "submitted": "good", "waived": "quiet"}[row.state],
            "percent": row.weight * 100,
            "may_settle": is_open and bool(can(person, "demand.submit")),
            "may_waive": is_open and bool(can(person, "demand.waive")),
            "may_weigh": is_open and bool(can(person, "demand.freeze")),
        }
        for row in sorted(rows, key=lambda one: order.index(one.name))
    ]


def _move_stream(request: HttpRequest, row: Stream, move: str) -> None:
    actor, name = person_of(request), row.name
    if move == "submit":
        submit_stream(actor=actor, cycle=row.cycle, stream=name)
    elif move == "waive":
        reason = ReasonForm(request.POST)
        waive_stream(actor=actor, cycle=row.cycle, stream=name, reason=_text(reason, "reason"))
    elif move == "reopen":
        reopen_stream(actor=actor, cycle=row.cycle, stream=name)
    elif move == "weigh":
        form = WeightForm(request.POST)
        if not form.is_valid():
            raise Refused(*reasons_of(form))
        weight, revision = form.cleaned_data["weight"] / 100, form.cleaned_data["revision"]
        try:
            weigh_stream(actor=actor, stream=row, revision=revision, weight=weight)
        except Conflict as conflict:
            raise Refused(*conflict.reasons) from conflict
    else:
        raise Http404(f"There is no move “{move}” of a stream.")


def _text(form: Form, name: str) -> str:
    return str(form.cleaned_data[name]) if form.is_valid() else ""


def _review_word(state: str) -> str:
    return {"reviewed": "reviewed", "attention": "needs attention", "undecided": "not looked at"}[state]
