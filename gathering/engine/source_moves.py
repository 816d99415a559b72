"""The moves of a data source through its month, as data.

Buttons, the API's refusals, the database trigger (gathering.models.sources) and the tests are all
derived from this one table. Guards are named here and written in gathering.workflow.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Move:
    """One change of state: its right (None is the system's own), its guards, whether it asks why."""

    name: str
    label: str
    source: str
    target: str
    action: str | None
    guards: tuple[str, ...] = ()
    asks_reason: bool = False


def _receive(source: str) -> Move:
    return Move("receive", "Receive", source, "received", None)


def _waive(source: str) -> Move:
    return Move("waive", "Waive for this month", source, "waived", "sources.waive", asks_reason=True)


MOVES: tuple[Move, ...] = (
    _receive("missing"),
    _receive("received"),
    _receive("checked"),
    _receive("signed"),
    _receive("waived"),
    Move(
        "check", "Check the totals", "received", "checked", "sources.sign", ("totals_typed", "totals_agree")
    ),
    Move(
        "sign", "Sign the source", "checked", "signed", "sources.sign", ("owner_or_deputy", "nothing_blocks")
    ),
    _waive("missing"),
    _waive("received"),
    _waive("checked"),
    Move(
        "take-back",
        "Take the signature back",
        "signed",
        "received",
        "sources.sign",
        ("owner_or_deputy",),
        True,
    ),
    Move("unwaive", "Take the waiver back", "waived", "missing", "sources.waive", ("has_no_file",), True),
    Move("resume", "Take the waiver back", "waived", "received", "sources.waive", ("has_a_file",), True),
)

NAMES = tuple(dict.fromkeys(move.name for move in MOVES))
TRANSITIONS = tuple(dict.fromkeys((m.source, m.target) for m in MOVES if m.source != m.target))


def moves_from(state: str) -> list[Move]:
    """The moves that leave a state, in the table's order."""
    return [move for move in MOVES if move.source == state]


def find_move(name: str, state: str) -> Move | None:
    """The move of this name out of this state, if the table has one."""
    return next((move for move in MOVES if move.name == name and move.source == state), None)
