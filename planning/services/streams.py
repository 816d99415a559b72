"""Whether a stream has spoken: submit it, do without it, open it again, weigh it."""

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.access import require
from core.editing import change_row
from core.errors import Denied, Invalid, Reason, Refused
from core.models import Person
from core.roles import PLANNERS, Role
from planning.models import Cycle, StageName, Stream, StreamName
from planning.pipeline.consensus import has_consensus, recompute
from planning.services.data_stage import locked_in


@transaction.atomic
def submit_stream(*, actor: Person | None, cycle: Cycle, stream: str) -> Stream:
    """Say that a stream has given all its numbers; they stay as they are until it is reopened.

    Raises Refused outside demand planning or where it has spoken already, Denied for another's stream.
    """
    require(actor, "demand.submit")
    row = _open_stream(actor, cycle, stream)
    return _settle(actor, row, "submitted", "stream submitted")


@transaction.atomic
def waive_stream(*, actor: Person | None, cycle: Cycle, stream: str, reason: str) -> Stream:
    """Do without a stream in this cycle, with the reason. Raises Refused where it has numbers."""
    require(actor, "demand.waive")
    row = _open_stream(None, cycle, stream)
    if not reason.strip():
        raise Invalid(Reason("Say why the cycle can do without it, in one sentence.", "required", "reason"))
    said = row.cycle.inputs.filter(stream=stream, is_withdrawn=False).count()
    if said:
        text = f"{row} holds {said} numbers. Submit it, or withdraw them first."
        raise Refused(Reason(text, "stream_has_inputs", "stream"))
    return _settle(actor, row, "waived", "stream waived", reason.strip())


@transaction.atomic
def reopen_stream(*, actor: Person | None, cycle: Cycle, stream: str, reason: str = "") -> Stream:
    """Let a stream speak again. Raises Refused for one that is open."""
    require(actor, "demand.submit")
    _is_own(actor, stream)
    row = _stream(cycle, stream)
    if row.state == "open":
        raise Refused(Reason(f"{row} is open already.", "stream_open", "stream"))
    changes: dict[str, Any] = {"state": "open", "settled_by": None, "settled": None, "reason": ""}
    return _change(actor, row, changes, "stream reopened", reason.strip())


@transaction.atomic
def weigh_stream(*, actor: Person | None, stream: Stream, revision: int, weight: Decimal) -> Stream:
    """Change a stream's weight (a share from 0 to 1) and work the whole consensus out again.

    Raises Conflict after somebody else's save, Refused outside demand planning.
    """
    require(actor, "demand.freeze")
    fresh = locked_in(stream.cycle, StageName.DEMAND)
    if not 0 <= weight <= 1:
        raise Invalid(Reason("A weight is between 0 and 1.", "invalid", "weight"))
    changes = {"weight": round(weight, 4)}
    row = change_row(actor=actor, row=stream, revision=revision, changes=changes, verb="stream weighed")
    if row.revision != revision and has_consensus(fresh):
        recompute(fresh)
    return row


def _open_stream(actor: Person | None, cycle: Cycle, stream: str) -> Stream:
    _is_own(actor, stream)
    row = _stream(cycle, stream)
    if row.state != "open":
        text = f"{row} is {row.get_state_display().lower()} already."
        raise Refused(Reason(text, "stream_settled", "stream"))
    return row


def _stream(cycle: Cycle, name: str) -> Stream:
    fresh = locked_in(cycle, StageName.DEMAND)
    row = Stream.objects.filter(cycle=fresh, name=name).select_related("cycle").first()
    if row is None:
        raise Invalid(Reason(f"“{name}” is not a stream of {fresh}.", "invalid", "stream"))
    return row


def _is_own(actor: Person | None, stream: str) -> None:
    if actor is None or PLANNERS.union({Role.SERVICE}).intersection(actor.roles):
        return
    if stream != StreamName.SALES:
        raise Denied("You speak for sales; another stream is settled by its owner.")


def _settle(actor: Person | None, row: Stream, state: str, verb: str, reason: str = "") -> Stream:
    changes = {"state": state, "settled_by": actor, "settled": timezone.now(), "reason": reason}
    return _change(actor, row, changes, verb, reason)


def _change(actor: Person | None, row: Stream, changes: dict[str, Any], verb: str, reason: str) -> Stream:
    return change_row(actor=actor, row=row, revision=row.revision, changes=changes, verb=verb, reason=reason)
