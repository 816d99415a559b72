"""What every page of a cycle shares: the cycle it is about, and the stepper on top."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from core.access import Page, person_of
from planning.engine.moves import STAGES
from planning.models import Cycle, Stage
from planning.selectors.addresses import cycle_path
from planning.selectors.artefacts import Colour, colours_of
from planning.selectors.cycles import cycles_visible_to

TONES = {"green": "good", "yellow": "warn", "red": "bad"}
WORDS = {"green": "up to date", "yellow": "to be made again", "red": "missing"}


class CyclePage(Page):
    """A page at /cycles/<cycle_pk>/…; `place` is the stage it belongs to, "" for the board.

    Templates extend planning/base.html and are rendered by `show`, which adds cycle and stepper.
    """

    place = ""

    def cycle(self, request: HttpRequest, cycle_pk: int) -> Cycle:
        """The cycle, if the person may see it; 404 otherwise."""
        return get_object_or_404(cycles_visible_to(person_of(request)), pk=cycle_pk)

    def show(
        self, request: HttpRequest, cycle: Cycle, template: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        return render(request, template, cycle_context(cycle, self.place) | context, status=status)


def cycle_context(
    cycle: Cycle, place: str, stages: Iterable[Stage] | None = None, colours: dict[str, Colour] | None = None
) -> dict[str, Any]:
    """The context of planning/base.html; who has read stages and colours already gives them along."""
    return {"cycle": cycle, "steps": steps_of(cycle, place, stages, colours), "cycle_url": cycle_path(cycle)}


def steps_of(
    cycle: Cycle,
    place: str,
    known: Iterable[Stage] | None = None,
    colours: dict[str, Colour] | None = None,
) -> list[dict[str, Any]]:
    """The five stages as parts/steps.html wants them, with the colour of each artefact."""
    rows = cycle.stages.select_related("owner") if known is None else known
    stages = {stage.name: stage for stage in rows}
    colours = colours or colours_of(cycle)
    return [_step(cycle, stages[name], colours[name], name == place) for name in STAGES]


def _step(cycle: Cycle, stage: Stage, colour: Colour, is_here: bool) -> dict[str, Any]:
    now = stage.name == cycle.stage
    is_ahead = cycle.stage in STAGES and STAGES.index(stage.name) > STAGES.index(cycle.stage)
    missing = colour.colour == "red"
    word = "not begun" if is_ahead and missing else WORDS[colour.colour]
    return {
        "label": stage.get_name_display(),
        "state": "current" if now else "done" if stage.signed else "todo",
        "tone": "quiet" if is_ahead and missing else TONES[colour.colour],
        "word": word,
        "owner": stage.owner.name,
        "url": "" if is_here else cycle_path(cycle, stage.name),
        "help": colour.text,
    }
