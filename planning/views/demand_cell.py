"""One cell of the plan at any level: who says what, and the form for one stream's number."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from core import company
from core.access import person_of
from core.errors import Conflict, Denied, Refused
from core.explain import address
from core.formats import typed
from core.models import Event, Person
from core.pages import put_reasons
from core.roles import PLANNERS, can
from planning.engine.moves import STAGES
from planning.forms.demand import InputForm
from planning.models import Cycle, DemandInput, InputKind, ReasonCode
from planning.pipeline.consensus_cells import SPEAKERS
from planning.selectors.demand_coverage import Coverage, months_of
from planning.selectors.demand_grid import VOICES, units_of, voices_of
from planning.selectors.demand_scope import outside_scope
from planning.services.demand import write_input
from planning.views.demand import DemandPage
from planning.views.demand_places import Place, place_of

CONFLICT_LABELS = {
    "kind": "How",
    "value": "Number",
    "reason_code": "Reason",
    "note": "Note",
    "is_withdrawn": "Withdrawn",
}


class DemandCell(DemandPage):
    """The cell that a grid, an exception or an input links to."""

    action = "demand.view"

    def get(self, request: HttpRequest, cycle_pk: int) -> HttpResponse:
        cycle, person = self.cycle(request, cycle_pk), person_of(request)
        cell = _Cell(cycle, person, place_of(person, cycle, request.GET), request.GET.get("stream", ""))
        return self.show(request, cycle, "planning/demand_cell.html", cell.context(cell.form()))

    def post(self, request: HttpRequest, cycle_pk: int) -> HttpResponse:
        cycle, person = self.cycle(request, cycle_pk), person_of(request)
        cell = _Cell(cycle, person, place_of(person, cycle, request.GET), request.POST.get("stream", ""))
        form = InputForm(request.POST)
        if not form.is_valid():
            return self.show(request, cycle, "planning/demand_cell.html", cell.context(form), 400)
        said = form.cleaned_data
        try:
            write_input(actor=person, cycle=cycle, stream=cell.stream, **cell.place.rows, **said)
        except Conflict as conflict:
            context = cell.context(form) | {"conflict": cell.conflict(conflict, said)}
            return self.show(request, cycle, "planning/demand_cell.html", context, 409)
        except Denied:
            raise
        except Refused as refusal:
            put_reasons(form, refusal)
            return self.show(request, cycle, "planning/demand_cell.html", cell.context(form), refusal.status)
        messages.success(request, f"{cell.stream.capitalize()} is kept; the consensus follows it.")
        return redirect(cell.url)


class _Cell:
    """A cell, read once, for showing and for writing."""

    def __init__(self, cycle: Cycle, person: Person, place: Place, stream: str) -> None:
        self.cycle, self.person, self.place = cycle, person, place
        self.states = dict(cycle.streams.values_list("name", "state"))
        self.stream = stream if stream in SPEAKERS else self._first_stream()
        self.inputs = {
            row.stream: row
            for row in cycle.inputs.filter(is_withdrawn=False, **place.rows).select_related("author")
        }

    @property
    def url(self) -> str:
        path = reverse("planning:demand-cell", args=[self.cycle.pk])
        return f"{path}?{self.place.query}&stream={self.stream}"

    def form(self) -> InputForm:
        row = self.inputs.get(self.stream)
        if row is None:
            return InputForm()
        initial = {"value": typed(row.value), "revision": row.revision}
        names = ("kind", "reason_code", "note")
        return InputForm(initial=initial | {name: getattr(row, name) for name in names})

    def context(self, form: InputForm) -> dict[str, Any]:
        coverage = Coverage.of_cycle(self.cycle)
        covered = coverage.ids[coverage.rows(self.place.level)].tolist()
        seen = units_of(self.person, self.cycle).filter(pk__in=covered).order_by().values("pk")
        sums = voices_of(self.cycle, seen, self.place.month)
        return {
            "place": self.place,
            "form": form,
            "stream": self.stream,
            "stream_label": self.stream.capitalize(),
            "unit_count": len(covered),
            "sums": sums,
            "currency": company.value("base_currency"),
            "may_see_cost": bool(can(self.person, "catalog.costs")),
            "voices": [self._voice(name, sums[name]) for name in VOICES],
            "why_not": self._why_not(),
            "explained": self._explained(covered),
            "months": self._months(),
            "url": self.url,
        }

    def _explained(self, covered: list[int]) -> str:
        """The address that explains the consensus: of the one demand unit, or of the total."""
        place = self.place
        if len(covered) == 1:
            return address("consensus", self.cycle, covered[0], place.month)
        if place.product is not None or not covered:
            return ""
        span = (place.month, place.month, "units")
        return address("consensus-total", self.cycle, place.family, place.market, *span)

    def conflict(self, conflict: Conflict, said: dict[str, Any]) -> dict[str, Any]:
        """The context of parts/conflict.html: "Keep yours" posts the same on the newer revision."""
        row = DemandInput.objects.get(cycle=self.cycle, stream=self.stream, **self.place.rows)
        last = Event.objects.filter(subject_type=row._meta.label_lower, subject_id=str(row.pk)).first()
        hidden = {**said, "stream": self.stream, "revision": conflict.revision}
        return {
            "what": str(row),
            "who": conflict.who or "Somebody",
            "when": last.at if last else timezone.now(),
            "rows": [
                {
                    "label": CONFLICT_LABELS[name],
                    "yours": _word(name, conflict.yours[name]),
                    "theirs": _word(name, theirs),
                }
                for name, theirs in conflict.theirs.items()
            ],
            "action_url": self.url,
            "hidden": [{"name": name, "value": value} for name, value in hidden.items()],
            "theirs_url": self.url,
        }

    def _first_stream(self) -> str:
        if not PLANNERS.intersection(self.person.roles):
            return "sales"
        return next((name for name in SPEAKERS if self.states.get(name) == "open"), SPEAKERS[0])

    def _voice(self, name: str, value: float | None) -> dict[str, Any]:
        row = self.inputs.get(name)
        speaks = name in SPEAKERS
        own = speaks and (name == "sales" or bool(PLANNERS.intersection(self.person.roles)))
        path = reverse("planning:demand-cell", args=[self.cycle.pk])
        return {
            "name": name,
            "label": name.capitalize(),
            "value": value,
            "input": row,
            "here": name == self.stream,
            "url": f"{path}?{self.place.query}&stream={name}" if own else "",
        }

    def _why_not(self) -> str:
        """Why no number can be given here; empty where one can."""
        if self.cycle.stage != "demand":
            stage = self.cycle.get_stage_display().lower()
            now = f"in {stage}" if self.cycle.stage in STAGES else stage
            return f"Numbers are given in demand planning; the cycle is {now}."
        decision = can(self.person, "demand.input")
        if not decision:
            return decision.reason
        if self.states.get(self.stream) != "open":
            return f"{self.stream.capitalize()} has spoken. Reopen the stream to change its numbers."
        return outside_scope(self.person, self.place.level)

    def _months(self) -> dict[str, str]:
        """The cells of the months before and after."""
        months = months_of(self.cycle)
        path = reverse("planning:demand-cell", args=[self.cycle.pk])
        at = months.index(self.place.month) if self.place.month in months else -1
        found = {"before": at - 1, "after": at + 1}
        return {
            word: f"{path}?{Place(**{**self.place.rows, 'month': months[there]}).query}&stream={self.stream}"
            for word, there in found.items()
            if at >= 0 and 0 <= there < len(months)
        }


def _word(name: str, value: Any) -> str:
    """A value as people read it."""
    if name == "kind":
        return str(InputKind(value).label)
    if name == "reason_code":
        return str(ReasonCode(value).label) if value else "–"
    if name == "note":
        return str(value) or "–"
    if name == "is_withdrawn":
        return "Yes" if value else "No"
    return str(value)
