"""Import profiles: saved, changed, and suggested from a file."""

from typing import IO

from core.models import Person
from gathering.engine.suggesting import Suggestion
from gathering.models import ImportProfile


def create_profile(
    *, actor: Person | None, code: str, name: str, dataset: str, definition: str
) -> ImportProfile:
    """Save a new profile. Raises Invalid with every mistake in the YAML, each by its key."""
    raise NotImplementedError


def change_profile(
    *, actor: Person | None, profile: ImportProfile, revision: int, changes: dict
) -> ImportProfile:
    """Change name, definition or is_active. Raises Invalid and Conflict."""
    raise NotImplementedError


def suggest_profile(*, actor: Person | None, file: IO[bytes], file_name: str, dataset: str) -> Suggestion:
    """How a file probably reads: definition (YAML), the columns matched by name, sample values, and
    questions that only a person can answer (day or month first, …). Raises Refused if unreadable.
    """
    raise NotImplementedError
