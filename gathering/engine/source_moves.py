"""The moves of a data source through its month, as data.

Buttons, the API's refusals, the database trigger (gathering.models.sources) and the tests are all
derived from this one table. Guards are named here and written in gathering.workflow.
"""

from catalog.engine.moves import Move, MoveTable


def _receive(source: str) -> Move:
    return Move("receive", "Receive", source, "received", "")


def _waive(source: str) -> Move:
    return Move("waive", "Waive for this month", source, "waived", "sources.waive", asks_reason=True)


TABLE = MoveTable(
    (
        _receive("missing"),
        _receive("received"),
        _receive("checked"),
        _receive("signed"),
        _receive("waived"),
        Move(
            "check",
            "Check the totals",
            "received",
            "checked",
            "sources.sign",
            ("totals_typed", "totals_agree"),
        ),
        Move(
            "sign",
            "Sign the source",
            "checked",
            "signed",
            "sources.sign",
            ("owner_or_deputy", "nothing_blocks"),
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
)

MOVES, NAMES, TRANSITIONS = TABLE.moves, TABLE.names, TABLE.transitions
moves_from, find_move = TABLE.leaving, TABLE.find
