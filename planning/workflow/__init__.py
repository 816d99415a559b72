"""How a cycle moves through its stages: the guards of the move table, and the one way to move.

The table is planning.engine.moves; a guard is a function of the cycle that gives every reason
against the move. What follows a move (publishing, telling people) is planning.services.moves.
"""

from planning.workflow.perform import GUARDS, offered_moves, perform, refusals

__all__ = ["GUARDS", "offered_moves", "perform", "refusals"]
