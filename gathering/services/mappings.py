"""What foreign names mean here. Saving a mapping replays the rows that waited for it."""

from core.models import Job, Person
from gathering.models import Mapping


def save_mapping(
    *,
    actor: Person | None,
    kind: str,
    source: str,
    value: str,
    target_code: str = "",
    ignore: bool = False,
    reason: str = "",
    revision: int | None = None,
) -> Job | None:
    """Say what a name of a source means (or that its rows are left out, with a reason).

    Starts the replay of the rows that wait for it (gathering.replay_held_rows) and returns its job,
    None when nothing waits. Raises Invalid for an unknown target code, Conflict for a stale revision.
    """
    raise NotImplementedError


def change_mapping(*, actor: Person | None, mapping: Mapping, revision: int, changes: dict) -> Mapping:
    """Change target_code, is_ignored or reason for files to come; committed rows stay as they are."""
    raise NotImplementedError
