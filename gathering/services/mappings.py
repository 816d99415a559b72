"""What foreign names mean here. Saving a mapping replays the rows that waited for it."""

from typing import Any

from django.db import transaction

from core.access import require
from core.editing import change_row, create_row
from core.errors import Conflict, Invalid, Reason
from core.jobs import start_job
from core.models import Job, Person
from gathering.models import HeldRow, Mapping, UnmappedValue
from gathering.models.imports import MappingKind
from gathering.pipeline.names import is_known

REPLAY = "gathering.replay_held_rows"


@transaction.atomic
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
    require(actor, "mappings.manage")
    _refuse_target(kind, target_code, ignore, reason)
    meaning = {"target_code": "" if ignore else target_code, "is_ignored": ignore, "reason": reason}
    known = Mapping.objects.filter(kind=kind, source=source, value=value).first()
    if known is None:
        row = Mapping(kind=kind, source=source, value=value, decided_by=actor, **meaning)
        create_row(actor=actor, row=row, verb="name mapped", reason=reason)
    else:
        _change(actor, known, revision, meaning)
    queue = UnmappedValue.objects.filter(kind=kind, value=value)
    (queue.filter(source=source) if source else queue).update(is_open=False)
    return _start_replay(actor, kind, source, value)


@transaction.atomic
def change_mapping(
    *, actor: Person | None, mapping: Mapping, revision: int, changes: dict[str, Any]
) -> Mapping:
    """Change target_code, is_ignored or reason for files to come; committed rows stay as they are."""
    require(actor, "mappings.manage")
    meaning = {
        name: changes.get(name, getattr(mapping, name)) for name in ("target_code", "is_ignored", "reason")
    }
    _refuse_target(mapping.kind, meaning["target_code"], meaning["is_ignored"], meaning["reason"])
    if meaning["is_ignored"]:
        meaning["target_code"] = ""
    changed = _change(actor, mapping, revision, meaning)
    _start_replay(actor, mapping.kind, mapping.source, mapping.value)
    return changed


def _change(actor: Person | None, mapping: Mapping, revision: int | None, meaning: dict[str, Any]) -> Mapping:
    if revision is None and any(getattr(mapping, name) != value for name, value in meaning.items()):
        shown = ("target_code", "is_ignored", "reason")
        raise Conflict(
            label=str(mapping),
            yours=meaning,
            theirs={name: getattr(mapping, name) for name in shown},
            revision=mapping.revision,
            who=mapping.decided_by.name if mapping.decided_by else "",
        )
    return change_row(
        actor=actor,
        row=mapping,
        revision=mapping.revision if revision is None else revision,
        changes=meaning | {"decided_by": actor},
        verb="mapping changed",
        reason=meaning["reason"],
    )


def _refuse_target(kind: str, target_code: str, ignore: bool, reason: str) -> None:
    if kind not in MappingKind.values:
        raise Invalid(Reason(f"“{kind}” is no kind of name.", "invalid", "kind"))
    if ignore:
        if not reason.strip():
            raise Invalid(Reason("Say why rows with this name are left out.", "required", "reason"))
        return
    if not target_code:
        raise Invalid(Reason("Choose what the name means, or leave its rows out.", "required", "target_code"))
    if not is_known(kind, target_code):
        text = f"No {kind} has the code “{target_code}”. Choose one that exists, or create it first."
        raise Invalid(Reason(text, "invalid", "target_code"))


def _start_replay(actor: Person | None, kind: str, source: str, value: str) -> Job | None:
    waiting = HeldRow.objects.filter(replayed=None, waits_for__contains=[f"{kind}:{value}"])
    if source:
        waiting = waiting.filter(run__source=source)
    if not waiting.exists():
        return None
    return start_job(
        actor=actor,
        kind=REPLAY,
        label=f"Replay rows with the {kind} “{value}”"[:200],
        params={"kind": kind, "source": source, "value": value},
        subject_url="/data/mappings/",
    )
