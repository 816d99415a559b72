"""The board of a cycle, its timeline, and its moves."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from catalog.engine.moves import Move
from core.access import person_of
from core.errors import Denied, Reason, Refused
from core.models import Event
from core.roles import can
from planning.engine.days import due_in
from planning.engine.moves import NAMES, STAGES, find_move, moves_from
from planning.forms.cycles import MoveForm, ReopenForm
from planning.models import Cycle, StageName
from planning.selectors.addresses import cycle_path
from planning.selectors.board import SHOWN, CycleBoard, StageLine
from planning.selectors.timeline import timeline_of
from planning.services.checklists import may_tick
from planning.services.moves import make_move
from planning.views.base import TONES, WORDS, CyclePage, cycle_context
from planning.workflow.offers import Offer, offers
from planning.workflow.perform import refusals

EVENTS_A_PAGE = 200


class BoardPage(CyclePage):
    """Where the month stands, what holds it up, who has what to do."""

    action = "cycle.view"

    def get(self, request: HttpRequest, cycle_pk: int) -> HttpResponse:
        cycle = self.cycle(request, cycle_pk)
        person = person_of(request)
        board = CycleBoard(person, cycle)
        offered = offers(cycle, person)
        sign = next((offer for offer in offered if offer.is_signing), None)
        context = {
            **cycle_context(cycle, "", board.stages, board.colours),
            "board": board,
            "lines": [_line(line) for line in board.lines],
            "sign": sign,
            "against": sign.reasons if sign else against_signing(cycle),
            "may_reopen": any(offer.move.name.startswith("reopen-") for offer in offered),
            "may_abandon": any(offer.move.name == "abandon" for offer in offered),
            "may_plan": cycle.stage in STAGES and bool(can(person, "cycle.plan")),
            "may_revise": cycle.stage == StageName.RELEASED and bool(can(person, "cycle.open")),
            "may_tick": board.stage_now is not None and may_tick(person, board.stage_now),
            "tasks": [(task, due_in(task.due, board.today)) for task in board.tasks[:SHOWN]],
            "decisions": board.decisions[:SHOWN],
            "figures": board_figures(board),
            "events": [event_line(event) for event in board.events],
            "revised_by": Cycle.objects.filter(supersedes=cycle).exclude(stage="abandoned").first(),
        }
        return render(request, "planning/board.html", context)


def against_signing(cycle: Cycle) -> list[Reason]:
    """What holds the stage up, for those who may not sign it: they may well mend it."""
    move = next((move for move in moves_from(cycle.stage) if not move.asks_reason), None)
    return refusals(cycle, move) if move and move.name != "supersede" else []


def _line(line: StageLine) -> dict[str, Any]:
    colour = line.colour.colour
    quiet = line.is_ahead and colour == "red"
    return {
        "stage": line.stage,
        "url": cycle_path(line.stage.cycle, line.stage.name),
        "artefact": line.artefact,
        "tone": "quiet" if quiet else TONES[colour],
        "word": "not begun" if quiet else WORDS[colour],
        "why": "" if quiet else line.colour.text,
        "is_now": line.is_now,
        "is_late": line.is_late,
        "when": "" if line.stage.signed else due_in(line.stage.due, line.today),
    }


def board_figures(board: CycleBoard) -> list[dict[str, Any]]:
    """What needs somebody, in at most four figures."""
    late = [task for task in board.tasks if task.due < board.today]
    signed = sum(stage.signed is not None for stage in board.stages)
    figures: list[dict[str, Any]] = [
        {"label": "Stages signed", "value": f"{signed} of {len(STAGES)}", "url": "#stages"},
        {
            "label": "Tasks late",
            "value": len(late),
            "tone": "bad" if late else "",
            "change": f"{len(board.tasks)} open",
            "url": f"{reverse('planning:task-list')}?cycle={board.cycle.pk}&state=late",
        },
        {
            "label": "Decisions open",
            "value": len(board.decisions),
            "url": f"{reverse('planning:decision-list')}?cycle={board.cycle.pk}&is_decided=false",
        },
    ]
    return [_due_figure(board), *figures] if board.stage_now else figures


def _due_figure(board: CycleBoard) -> dict[str, Any]:
    stage = board.stage_now
    assert stage is not None  # noqa: S101 - asked by board_figures
    days = (stage.due - board.today).days
    tone = "bad" if days < 0 else "warn" if days <= 1 else ""
    return {
        "label": stage.get_name_display(),
        "value": due_in(stage.due, board.today),
        "tone": tone,
        "change": f"with {stage.owner.name}",
        "url": cycle_path(board.cycle, stage.name),
    }


def event_line(event: Event) -> dict[str, Any]:
    """An event as the timeline writes it."""
    return {
        "at": event.at,
        "who": event.actor.name if event.actor else "the system",
        "what": event.verb,
        "about": event.subject_label,
        "reason": event.reason,
    }


class TimelinePage(CyclePage):
    """Everything that happened in the cycle, the newest first."""

    action = "cycle.view"

    def get(self, request: HttpRequest, cycle_pk: int) -> HttpResponse:
        cycle = self.cycle(request, cycle_pk)
        found = timeline_of(person_of(request), cycle, limit=EVENTS_A_PAGE, details=True)
        context = {"events": [event_line(event) for event in found], "most": EVENTS_A_PAGE}
        return self.show(request, cycle, "planning/timeline.html", context)


class MovePage(CyclePage):
    """Asks whether the move is meant, with what stands against it; makes it, or says why not."""

    action = "cycle.view"

    def get(self, request: HttpRequest, cycle_pk: int, name: str) -> HttpResponse:
        cycle = self.cycle(request, cycle_pk)
        return self._ask(request, cycle, name, self._form(cycle, name))

    def post(self, request: HttpRequest, cycle_pk: int, name: str) -> HttpResponse:
        cycle = self.cycle(request, cycle_pk)
        form = self._form(cycle, name, request.POST)
        if find_move(_full(name, form), cycle.stage) is not None and not form.is_valid():
            return self._ask(request, cycle, name, form, status=400)
        reason = form.data.get("reason", "")
        try:
            moved = make_move(actor=person_of(request), cycle=cycle, name=_full(name, form), reason=reason)
        except Denied:
            raise
        except Refused as refusal:
            return self._ask(request, cycle, name, form, refused=refusal.reasons, status=refusal.status)
        messages.success(request, f"{moved} is now in {moved.get_stage_display().lower()}.")
        return redirect(cycle_path(moved))

    def _form(self, cycle: Cycle, name: str, data: Any = None) -> forms.Form:
        if name == "reopen":
            back = STAGES[: STAGES.index(cycle.stage)] if cycle.stage in STAGES else STAGES
            return ReopenForm(data, stages=[(stage, StageName(stage).label) for stage in back])
        if name not in NAMES or name.startswith("reopen-"):
            raise Http404(f"There is no move “{name}”.")
        move = find_move(name, cycle.stage)
        return MoveForm(data, asks_reason=bool(move and move.asks_reason))

    def _ask(
        self,
        request: HttpRequest,
        cycle: Cycle,
        name: str,
        form: forms.Form,
        refused: list[Reason] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        move = _meant(cycle, name)
        if move is None and refused is None:
            refused = [
                Reason(f"{cycle} is in {cycle.get_stage_display().lower()}: this is not possible now.")
            ]
            status = 409
        offer = Offer(move, refusals(cycle, move)) if move else None
        if move is not None:
            decision = can(request.user, move.action)
            if not decision:
                raise Denied(decision.reason)
        context = {
            "move": move,
            "name": name,
            "form": form,
            "refused": refused,
            "against": offer.reasons if offer and refused is None else [],
            "stage_now": cycle.get_stage_display(),
            "danger": name in {"reopen", "abandon"},
            "what": WHAT_FOLLOWS.get(name, ""),
            "target": StageName(move.target).label if move and name != "reopen" else "",
        }
        return self.show(request, cycle, "planning/move.html", context, status=status)


WHAT_FOLLOWS = {
    "reopen": "The signatures of that stage and of every later one are taken back, and their signers are "
    "told. What was made later turns yellow until it is made again.",
    "abandon": "Nothing of this cycle can be changed any more. A new cycle of the month can be opened.",
    "release": "The plan is hashed and published. It never changes again; a correction is a revision.",
}


def _full(name: str, form: forms.Form) -> str:
    """ "reopen" with the chosen stage is the move's name."""
    return f"reopen-{form.data.get('stage', '')}" if name == "reopen" else name


def _meant(cycle: Cycle, name: str) -> Move | None:
    """The move of the page; for reopening any of them: they share right and guards."""
    if name != "reopen":
        return find_move(name, cycle.stage)
    return next((move for move in moves_from(cycle.stage) if move.name.startswith("reopen-")), None)
