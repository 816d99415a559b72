"""How rows with states move, in every room: offered by right, held back by guards, stored with the event.

A room lists its moves in a MoveTable and writes the guards; what a move sets besides the state, and what
follows from it, is the room's own. A guard gives the reasons against a move of a row by somebody (None: the
system).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.engine.moves import Move, MoveTable
from core.access import require
from core.errors import Conflict, Reason, Refused
from core.events import record
from core.models import Person
from core.roles import can

Guard = Callable[[Any, Person | None], list[Reason]]


@dataclass(frozen=True)
class Workflow:
    """The moves of rows with `state` and `revision`. what: the first word of their events."""

    moves: MoveTable
    guards: Mapping[str, Guard]
    what: str

    def offered(self, row: Any, person: Person) -> list[Move]:
        """The moves out of the row's state that the person's role allows, in the table's order."""
        return [move for move in self.moves.leaving(row.state) if move.action and can(person, move.action)]

    def refusals(self, row: Any, move: Move, actor: Person | None) -> list[Reason]:
        """Every reason at once why the move is not possible now."""
        return [reason for name in move.guards for reason in self.guards[name](row, actor)]

    def allowed(
        self,
        row: Any,
        name: str,
        actor: Person | None,
        *,
        reason: str = "",
        revision: int | None = None,
        besides: Sequence[Reason] = (),
    ) -> Move:
        """The move, if it may be made now of the locked row. besides: reasons against it that no guard gives.

        Raises Refused with every reason, Conflict where the row is of another revision, Denied by role.
        """
        move = self._move_out(row, name, actor)
        if revision is not None and revision != row.revision:
            theirs = {"state": row.get_state_display()}
            raise Conflict(label=str(row), yours={}, theirs=theirs, revision=row.revision)
        reasons = [*besides, *self.refusals(row, move, actor)]
        if move.asks_reason and not reason.strip():
            reasons.insert(0, Reason("Say why, in one sentence.", "reason_missing", "reason"))
        if reasons:
            raise Refused(*reasons)
        return move

    def _move_out(self, row: Any, name: str, actor: Person | None) -> Move:
        move = self.moves.find(name, row.state)
        if move is None or (not move.action and actor is not None):
            state = row.get_state_display().lower()
            text = f"{row} is {state}; that is not possible now. Reload the page."
            raise Refused(Reason(text, "wrong_state"))
        if move.action:
            require(actor, move.action, row)
        return move

    def store(self, row: Any, move: Move, settled: dict[str, Any], actor: Person | None, reason: str) -> None:
        """Write the new state, what the move settled and the event. The event log is read by people who may
        not see pay: what is settled are people, days and notes, never amounts."""
        after = settled | {"state": move.target}
        before = {field: getattr(row, field) for field in after}
        for field, value in after.items():
            setattr(row, field, value)
        row.revision += 1
        row.save(update_fields=[*after, "revision"])
        verb = f"{self.what}: {move.label.lower()}"
        record(actor=actor, verb=verb, subject=row, before=before, after=after, reason=reason.strip())
