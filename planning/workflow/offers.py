"""What somebody may do with a cycle now: each move with every reason why it is refused."""

from dataclasses import dataclass

from catalog.engine.moves import Move
from core.errors import Reason
from core.models import Person
from planning.models import Cycle
from planning.workflow.perform import offered_moves, refusals


@dataclass(frozen=True)
class Offer:
    """A move out of the cycle's stage that the person's role allows, and what stands against it."""

    move: Move
    reasons: list[Reason]

    @property
    def is_signing(self) -> bool:
        """Whether it moves on: moves back and holds ask for a reason."""
        return not self.move.asks_reason


def offers(cycle: Cycle, person: Person) -> list[Offer]:
    """The moves out of this stage, in the table's order. "Supersede" follows by itself: no offer."""
    return [
        Offer(move, refusals(cycle, move))
        for move in offered_moves(cycle, person)
        if move.name != "supersede"
    ]
