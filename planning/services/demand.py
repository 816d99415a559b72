"""What streams say about demand: write a statement, withdraw it."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from catalog.models import Family, Market, Product
from core.access import require
from core.editing import change_row, create_row
from core.errors import Conflict, Denied, Invalid, Reason, Refused
from core.events import plain
from core.models import Event, Person
from core.roles import PLANNERS, Role
from planning.models import Cycle, DemandInput, InputKind, ReasonCode, StageName, Stream, StreamName
from planning.pipeline.consensus import has_consensus, recompute
from planning.pipeline.consensus_cells import SPEAKERS
from planning.pipeline.consensus_voices import level_of
from planning.selectors.addresses import cycle_path
from planning.selectors.demand_coverage import Coverage, Level, require_planned
from planning.selectors.demand_inputs import sums_of
from planning.selectors.demand_scope import outside_scope
from planning.services.data_stage import locked_in

SAID = ("kind", "value", "reason_code", "note", "is_withdrawn")


@transaction.atomic
def write_input(
    *,
    actor: Person | None,
    cycle: Cycle,
    stream: str,
    month: dt.date,
    kind: str,
    value: Decimal | float | int,
    family: Family | None = None,
    product: Product | None = None,
    market: Market | None = None,
    reason_code: str = "",
    note: str = "",
    revision: int | None = None,
) -> DemandInput:
    """Say what a stream expects of a family or product (or everything) in a market (or all), one month.

    `value` is in units, or percent for the kind "percent". A statement on the same cell is replaced:
    send the `revision` that was read with it. Works the touched cells out at once. Raises Conflict with
    both versions after somebody else's word, Invalid for what cannot be, Refused outside demand
    planning or for a stream that has spoken, Denied outside the actor's streams and scope.
    """
    require(actor, "demand.input")
    may_speak(actor, stream)
    fresh = locked_in(cycle, StageName.DEMAND)
    month = month.replace(day=1)
    level = Level(
        family.pk if family else None, product.pk if product else None, market.pk if market else None
    )
    said = {"kind": kind, "value": _number(value), "reason_code": reason_code, "note": note.strip()}
    _refuse_impossible(fresh, stream, month, level, said)
    _within_scope(actor, level)
    refuse_settled(fresh, stream)
    cells = _Cells(fresh, level, month)
    place = {"stream": stream, "month": month, "family": family, "product": product, "market": market}
    row = _saved(actor, fresh, place, said, revision, cells)
    recompute(fresh, inputs=[row])
    return row


@transaction.atomic
def withdraw_input(*, actor: Person | None, row: DemandInput, revision: int) -> DemandInput:
    """Take a statement back: its cells are as if it had never been said. Undo is the same.

    Raises Conflict after somebody else's word, and what `write_input` raises about stage and stream.
    """
    require(actor, "demand.input")
    may_speak(actor, row.stream)
    _within_scope(actor, level_of(row))
    fresh = locked_in(row.cycle, StageName.DEMAND)
    refuse_settled(fresh, row.stream)
    taken = change_row(
        actor=actor, row=row, revision=revision, changes={"is_withdrawn": True}, verb="demand input withdrawn"
    )
    recompute(fresh, inputs=[taken])
    return taken


@dataclass
class _Cells:
    """What an input covers, summed before it is written."""

    cycle: Cycle
    level: Level
    month: dt.date

    def __post_init__(self) -> None:
        if not has_consensus(self.cycle):
            recompute(self.cycle)
        coverage = Coverage.of_cycle(self.cycle)
        ids = coverage.ids[coverage.rows(self.level)].tolist()
        if not ids:
            text = "No demand unit of the plan lies there. Choose a product or family sold in that market."
            raise Invalid(Reason(text, "covers_nothing", "product" if self.level.product else "family"))
        self.baseline, self.before = sums_of(self.cycle, self.month, ids)


def _saved(
    actor: Person | None,
    cycle: Cycle,
    place: dict[str, Any],
    said: dict[str, Any],
    revision: int | None,
    cells: _Cells,
) -> DemandInput:
    then = {"baseline": _number(cells.baseline), "before": _number(cells.before)}
    row = cycle.inputs.filter(**place).first()
    if row is None:
        if revision is not None:
            text = "That statement is not there. Leave the revision out to write a new one."
            raise Invalid(Reason(text, "invalid", "revision"))
        new = DemandInput(cycle=cycle, author=actor or nobody(cycle), **place, **said, **then)
        return create_row(actor=actor, row=new, verb="demand input written")
    _refuse_stale(row, revision, said)
    changes = said | {"is_withdrawn": False}
    if all(getattr(row, name) == value for name, value in changes.items()):
        return row
    changes |= then | {"author": actor or row.author, "take": None}
    return change_row(
        actor=actor, row=row, revision=row.revision, changes=changes, verb="demand input written"
    )


def _refuse_stale(row: DemandInput, revision: int | None, said: dict[str, Any]) -> None:
    """Only what people say can collide; a withdrawn statement is an empty cell."""
    if revision == row.revision or (revision is None and row.is_withdrawn):
        return
    wanted = said | {"is_withdrawn": False}
    differing = [name for name in SAID if getattr(row, name) != wanted[name]]
    if not differing:
        return
    events = Event.objects.filter(subject_type=row._meta.label_lower, subject_id=str(row.pk))
    last = events.select_related("actor").first()
    raise Conflict(
        label=str(row),
        yours={name: plain(wanted[name]) for name in differing},
        theirs={name: plain(getattr(row, name)) for name in differing},
        revision=row.revision,
        who=last.actor.name if last and last.actor else "",
    )


def nobody(cycle: Cycle) -> Person:
    """What the system writes is signed by the owner of the stage."""
    return cycle.stages.get(name=StageName.DEMAND).owner


def _number(value: Decimal | float | int) -> Decimal:
    number = Decimal(str(value))
    if not number.is_finite():
        raise Invalid(Reason("Write a number.", "invalid", "value"))
    return round(number, 4)


def _refuse_impossible(cycle: Cycle, stream: str, month: dt.date, level: Level, said: dict[str, Any]) -> None:
    if stream not in SPEAKERS:
        text = f"“{stream}” does not speak. Choose sales, marketing, finance or pipeline."
        raise Invalid(Reason(text, "invalid", "stream"))
    require_planned(cycle, month)
    if level.family and level.product:
        raise Invalid(Reason("Name a family or a product, not both.", "invalid", "family"))
    if said["reason_code"] and said["reason_code"] not in ReasonCode.values:
        raise Invalid(Reason("Choose one of the reasons of the list.", "invalid", "reason_code"))
    if sentence := _wrong_value(said["kind"], said["value"]):
        field = "kind" if said["kind"] not in InputKind.values else "value"
        raise Invalid(Reason(sentence, "invalid", field))


def _wrong_value(kind: str, value: Decimal) -> str:
    """What is wrong with the number, in a sentence; empty where nothing is."""
    if kind not in InputKind.values:
        return "Choose replace, add or percent."
    if kind == InputKind.REPLACE and value < 0:
        return "Demand is 0 or more. To take units off, add a negative number."
    if kind == InputKind.PERCENT and value < -100:
        return "No more than 100 % can be taken off."
    if abs(value) >= Decimal(10) ** 12:
        return "That is too large a number. Write fewer digits."
    return ""


def may_speak(actor: Person | None, stream: str) -> None:
    """Sellers speak for sales; planners and programs for every stream."""
    if actor is None or PLANNERS.union({Role.SERVICE}).intersection(actor.roles):
        return
    if stream != StreamName.SALES:
        raise Denied("You speak for sales; another stream's numbers are given by its owner.")


def _within_scope(actor: Person | None, level: Level) -> None:
    if sentence := outside_scope(actor, level):
        raise Denied(sentence)


def refuse_settled(cycle: Cycle, name: str) -> None:
    """Raise Refused where the stream has spoken in this cycle."""
    stream = Stream.objects.get(cycle=cycle, name=name)
    if stream.state != "open":
        text = f"{stream} is {stream.get_state_display().lower()}. Reopen it to change its numbers."
        raise Refused(Reason(text, "stream_settled", "stream", url=cycle_path(cycle, "demand") + "#streams"))
