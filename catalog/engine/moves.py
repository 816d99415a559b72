"""A table of moves between states, as data: what workflows, buttons, triggers and tests derive from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Move:
    """One change of state: its right ("" is the system's own), its guards, whether it asks why.

    The label is its button. Guards are names; the room's workflow writes them.
    """

    name: str
    label: str
    source: str
    target: str
    action: str
    guards: tuple[str, ...] = ()
    asks_reason: bool = False


@dataclass(frozen=True)
class MoveTable:
    """Every move there is, in the order of the buttons."""

    moves: tuple[Move, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the moves, each once."""
        return tuple(dict.fromkeys(move.name for move in self.moves))

    @property
    def transitions(self) -> tuple[tuple[str, str], ...]:
        """From and to, as the database's own trigger lets through; moves that stay need none."""
        changes = (move for move in self.moves if move.source != move.target)
        return tuple(dict.fromkeys((move.source, move.target) for move in changes))

    def leaving(self, state: str) -> list[Move]:
        """The moves that leave a state."""
        return [move for move in self.moves if move.source == state]

    def find(self, name: str, state: str) -> Move | None:
        """The move of this name out of this state, if the table has one."""
        return next((move for move in self.leaving(state) if move.name == name), None)
