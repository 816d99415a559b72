"""The one way in which runs and adjustments move: signed by whoever moves them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Model

from catalog.engine.moves import Move
from catalog.workflow import Workflow
from core.models import Person

Signing = Callable[[Move, Person | None], dict[str, Any]]


@dataclass(frozen=True)
class SignedWorkflow(Workflow):
    """How rows of one table move. signing: the people and days that a move sets besides the state."""

    model: type[Model]
    signing: Signing

    @transaction.atomic
    def perform(
        self, *, row: Any, name: str, actor: Person | None, reason: str = "", revision: int | None = None
    ) -> Any:
        """Make one move, or refuse it with every reason at once and change nothing.

        Raises Refused, Conflict on a stale revision, or Denied where the actor's role may not.
        """
        fresh: Any = self.model._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
        move = self.allowed(fresh, name, actor, reason=reason, revision=revision)
        self.store(fresh, move, self.signing(move, actor), actor, reason)
        return fresh
