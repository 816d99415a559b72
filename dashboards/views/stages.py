"""The stages of a cycle as a short table: who, until when, what is late, how far the checklist is."""

from typing import Any

from core.listing import Column, Empty
from core.pages import plain_table
from planning.engine.days import due_in
from planning.selectors.addresses import cycle_path
from planning.selectors.board import CycleBoard, StageLine

TONES = {"green": "good", "yellow": "warn", "red": "bad"}
WORDS = {"green": "up to date", "yellow": "to be made again", "red": "missing"}


def stage_table(board: CycleBoard) -> dict[str, Any]:
    """The five stages in their order; each opens its page."""
    return plain_table(
        board.lines,
        COLUMNS,
        caption="Stages of the cycle",
        empty=Empty("No stages", "Every cycle has five."),
        row_url=lambda line: cycle_path(board.cycle, line.stage.name),
    )


def _state(line: StageLine) -> str:
    if line.stage.signed_by is not None:
        return f"signed by {line.stage.signed_by.name}"
    return due_in(line.stage.due, line.today)


def _tone(line: StageLine) -> str:
    if line.stage.signed is not None:
        return "good"
    return "bad" if line.is_late else "info" if line.is_now else "quiet"


def _checked(line: StageLine) -> str:
    """How much of the checklist is done; required items alone hold a signature up."""
    items = list(line.stage.checklist.all())
    return f"{sum(item.done is not None for item in items)} of {len(items)}" if items else ""


def _colour(line: StageLine) -> str:
    return "not begun" if line.is_ahead and line.colour.colour == "red" else WORDS[line.colour.colour]


def _colour_tone(line: StageLine) -> str:
    return "quiet" if line.is_ahead and line.colour.colour == "red" else TONES[line.colour.colour]


COLUMNS = [
    Column("stage", "Stage", lambda line: line.stage.get_name_display()),
    Column("owner", "Owner", "stage.owner.name"),
    Column("due", "Due", "stage.due", "date"),
    Column("state", "State", _state, "badge", tone=_tone),
    Column("artefact", "Artefact", _colour, "badge", tone=_colour_tone, help="What the stage makes."),
    Column("checklist", "Checklist", _checked),
]
