"""The one way in which runs and adjustments move: the table's right, its guards, the revision, an event."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Model

from catalog.engine.moves import Move, MoveTable
from core.access import require
from core.errors import Conflict, Reason, Refused
from core.events import record
from core.models import Person
from core.roles import can

Guard = Callable[[Any, Person | None], list[Reason]]
Signing = Callable[[Move, Person | None], dict[str, Any]]


@dataclass(frozen=True)
class Workflow:
    """How rows of one table move. signing: the fields that a move sets besides the state; their values are
    people and days, never amounts: the event log is read by people who may not see pay."""

    model: type[Model]
    moves: MoveTable
    guards: Mapping[str, Guard]
    signing: Signing
    what: str

    def offered(self, row: Any, person: Person) -> list[Move]:
        """The moves out of the row's state that the person's role allows."""
        return [move for move in self.moves.leaving(row.state) if move.action and can(person, move.action)]

    def refusals(self, row: Any, move: Move, actor: Person | None) -> list[Reason]:
        """Every reason at once why the move is not possible now."""
        return [reason for name in move.guards for reason in self.guards[name](row, actor)]

    @transaction.atomic
    def perform(
        self, *, row: Any, name: str, actor: Person | None, reason: str = "", revision: int | None = None
    ) -> Any:
        """Make one move, or refuse it with every reason at once and change nothing.

        Raises Refused, Conflict on a stale revision, or Denied where the actor's role may not.
        """
        fresh: Any = self.model._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
        move = self._allowed(fresh, name, actor, reason, revision)
        after = self.signing(move, actor) | {"state": move.target}
        before = {field: getattr(fresh, field) for field in after}
        for field, value in after.items():
            setattr(fresh, field, value)
        fresh.revision += 1
        fresh.save(update_fields=[*after, "revision"])
        record(
            actor=actor,
            verb=f"{self.what}: {move.label.lower()}",
            subject=fresh,
            before=before,
            after=after,
            reason=reason.strip(),
        )
        return fresh

    def _allowed(self, row: Any, name: str, actor: Person | None, reason: str, revision: int | None) -> Move:
        move = self.moves.find(name, row.state)
        if move is None or (not move.action and actor is not None):
            text = f"{row} is “{row.get_state_display()}”; that is not possible now. Reload the page."
            raise Refused(Reason(text, "wrong_state"))
        if move.action:
            require(actor, move.action, row)
        if revision is not None and revision != row.revision:
            theirs = {"state": row.get_state_display()}
            raise Conflict(label=str(row), yours={}, theirs=theirs, revision=row.revision)
        reasons = self.refusals(row, move, actor)
        if move.asks_reason and not reason.strip():
            reasons.insert(0, Reason("Say why, in one sentence.", "reason_missing", "reason"))
        if reasons:
            raise Refused(*reasons)
        return move
