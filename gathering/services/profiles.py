"""Import profiles: saved, changed, and suggested from a file."""

from typing import IO, Any

from django.db import transaction

from core.access import require
from core.editing import change_row, create_row
from core.errors import Invalid, Reason, Refused
from core.models import Person
from gathering.datasets import DATASETS
from gathering.engine.faults import FileFault, ProfileFault
from gathering.engine.profile_text import parse_profile
from gathering.engine.suggesting import Suggestion, suggest
from gathering.models import ImportProfile


@transaction.atomic
def create_profile(
    *, actor: Person | None, code: str, name: str, dataset: str, definition: str
) -> ImportProfile:
    """Save a new profile. Raises Invalid with every mistake in the YAML, each by its key."""
    require(actor, "profiles.manage")
    _refuse_mistakes(dataset, definition)
    row = ImportProfile(code=code, name=name, dataset=dataset, definition=definition)
    return create_row(actor=actor, row=row, verb="import profile created")


@transaction.atomic
def change_profile(
    *, actor: Person | None, profile: ImportProfile, revision: int, changes: dict[str, Any]
) -> ImportProfile:
    """Change name, definition or is_active. Raises Invalid and Conflict."""
    require(actor, "profiles.manage")
    if "definition" in changes:
        _refuse_mistakes(profile.dataset, changes["definition"])
    return change_row(
        actor=actor, row=profile, revision=revision, changes=changes, verb="import profile changed"
    )


def suggest_profile(*, actor: Person | None, file: IO[bytes], file_name: str, dataset: str) -> Suggestion:
    """How a file probably reads: definition (YAML), the columns matched by name, sample values, and
    questions that only a person can answer (day or month first, …). Raises Refused if unreadable.
    """
    require(actor, "imports.run")
    _refuse_mistakes(dataset, "")
    try:
        return suggest(file, DATASETS[dataset])
    except FileFault as fault:
        raise Refused(Reason(f"{file_name}: {fault}", "unreadable", "file")) from fault


def _refuse_mistakes(dataset: str, definition: str) -> None:
    if dataset not in DATASETS:
        raise Invalid(Reason(f"“{dataset}” is no dataset.", "invalid", "dataset"))
    try:
        parse_profile(definition, DATASETS[dataset])
    except ProfileFault as fault:
        raise Invalid(*(Reason(mistake, "invalid", "definition") for mistake in fault.mistakes)) from fault
