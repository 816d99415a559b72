"""The room's made parts of docs/: the five stages and every move between them, from the move table."""

from catalog.engine.moves import Move
from core.roles import ACTIONS, Role
from planning.engine.moves import ASKED, MOVES, STAGES, WORKDAYS
from planning.models import StageName
from planning.selectors.artefacts import ARTEFACTS
from planning.services.checklists import CHECKLISTS
from planning.services.cycles import STAGE_OWNERS
from sopcycle.documents.marks import table


def stages() -> str:
    """The stages in their order: days, owner, artefact, checklist."""
    rows = [
        [
            f"{place}. {StageName(name).label}",
            "WD{}–{}".format(*WORKDAYS[name]),
            _owner(name),
            ARTEFACTS[name].label,
            "<br>".join(f"{text}{'' if required else ' (optional)'}" for text, required in CHECKLISTS[name]),
        ]
        for place, name in enumerate(STAGES, start=1)
    ]
    return table(["stage", "workdays", "owner unless named", "artefact", "checklist of a new cycle"], rows)


def moves() -> str:
    """The moves: from where, to where, whose, and what must hold."""
    rows = [_line(move) for move in MOVES]
    return table(["move", "from", "to", "who may", "guards", "asks why"], rows)


def guards() -> str:
    """What each guard asks."""
    return table(["guard", "what must hold"], [[f"`{name}`", words] for name, words in ASKED.items()])


def _owner(name: str) -> str:
    return " or ".join(role.label for role in STAGE_OWNERS[name])


def _line(move: Move) -> list[str]:
    roles = ", ".join(role.label for role in Role if role in ACTIONS[move.action].roles)
    return [
        f"`{move.name}`",
        StageName(move.source).label,
        StageName(move.target).label,
        roles,
        ", ".join(f"`{guard}`" for guard in move.guards),
        "yes" if move.asks_reason else "",
    ]


# Found by sopcycle.documents.parts.
PARTS = {"stages": stages, "moves": moves, "guards": guards}
