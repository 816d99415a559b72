"""Every write of deals and their lines by people. What is written becomes an event of the deal's CRM
(“here” for deals that live in sopcycle), so that its history tells of it like of any other news."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from core.access import require
from core.editing import change_row, create_row
from core.errors import Conflict, Denied, Invalid, Reason, Refused
from core.events import plain, record
from core.models import Person
from crm.engine.webhooks.events import Event, EventKind
from crm.models import Deal, DealLine, StageKind
from crm.pipeline.deals import apply_deal_events
from crm.pipeline.names import OUR_CODES
from crm.selectors.accounts import own_reps
from crm.selectors.deals import deals_visible_to

EDIT = "deals.edit"
HERE = "here"
EVENT_NAMES = {"rep": "owner"}
FIELDS = (
    *("name", "account", "rep", "stage", "product", "pipeline", "amount", "currency", "probability"),
    *("category", "created", "expected_close", "closed", "next_step", "lost_reason"),
)


@transaction.atomic
def create_deal(*, actor: Person | None, values: dict[str, Any], reason: str = "") -> Deal:
    """Write a new deal down here. Whoever only sells and names no rep gets it.

    Raises Invalid by field, Denied without the right or for a rep outside of the actor's scope.
    """
    require(actor, EDIT)
    values = {name: values[name] for name in FIELDS if name in values and values[name] not in (None, "")}
    if "rep" not in values and (rep := _own_rep(actor)):
        values["rep"] = rep
    values.setdefault("created", timezone.localdate())
    _check(values, new=True)
    key = f"D-{uuid.uuid4().hex[:12]}"
    _tell(HERE, key, EventKind.CHANGE, values)
    deal = Deal.objects.get(source=HERE, external_id=key)
    _refuse_out_of_scope(actor, deal)
    record(actor=actor, verb="deal added", subject=deal, after=values, reason=reason)
    return deal


@transaction.atomic
def change_deal(
    *, actor: Person | None, deal: Deal, revision: int, changes: dict[str, Any], reason: str = ""
) -> Deal:
    """Change a deal; only what differs is told. Later news of its CRM may change it again.

    Raises Conflict on a stale revision, Invalid by field, Refused for a deal that is deleted or merged,
    Denied without the right or out of scope.
    """
    require(actor, EDIT)
    fresh = _locked(actor, deal)
    _refuse_gone(fresh)
    changes = {name: changes[name] for name in FIELDS if name in changes}
    before = {name: getattr(fresh, name) for name in changes}
    differing = {name: value for name, value in changes.items() if before[name] != value}
    _refuse_stale(fresh, revision, changes)
    if not differing:
        return fresh
    _check({name: getattr(fresh, name) for name in FIELDS} | changes, new=False)
    if "stage" in differing and "closed" not in differing:
        differing["closed"] = _closed_by(changes["stage"])
        before["closed"] = fresh.closed
    _tell(fresh.source, fresh.external_id, EventKind.CHANGE, differing)
    fresh.refresh_from_db()
    _refuse_out_of_scope(actor, fresh)
    was = {name: before[name] for name in differing}
    record(actor=actor, verb="deal changed", subject=fresh, before=was, after=differing, reason=reason)
    return fresh


@transaction.atomic
def delete_deal(*, actor: Person | None, deal: Deal, reason: str) -> Deal:
    """Take a deal out of the pipeline, with a reason; its history stays. Refused where it is gone already."""
    require(actor, EDIT)
    fresh = _locked(actor, deal)
    _refuse_gone(fresh)
    return _end(actor, fresh, EventKind.DELETE, "deal deleted", reason)


@transaction.atomic
def restore_deal(*, actor: Person | None, deal: Deal, reason: str) -> Deal:
    """Bring a deleted deal back, with a reason. Refused where it is not deleted."""
    require(actor, EDIT)
    fresh = _locked(actor, deal)
    if not fresh.is_deleted:
        raise Refused(f"{fresh} is not deleted. There is nothing to bring back.")
    return _end(actor, fresh, EventKind.RESTORE, "deal restored", reason)


def _end(actor: Person | None, deal: Deal, kind: EventKind, verb: str, reason: str) -> Deal:
    if not reason.strip():
        raise Invalid(Reason("Say in a few words why.", "required", "reason"))
    was = deal.is_deleted
    _tell(deal.source, deal.external_id, kind, {})
    deal.refresh_from_db()
    after = {"is_deleted": deal.is_deleted}
    record(actor=actor, verb=verb, subject=deal, before={"is_deleted": was}, after=after, reason=reason)
    return deal


@transaction.atomic
def add_line(*, actor: Person | None, deal: Deal, values: dict[str, Any]) -> DealLine:
    """Add a product line to a deal, below the others. Raises Invalid by field, Refused, Denied."""
    require(actor, EDIT)
    fresh = _locked(actor, deal)
    _refuse_gone(fresh)
    last = fresh.lines.aggregate(last=models.Max("position"))["last"] or 0
    _check_line(values)
    row = DealLine(deal=fresh, **({"position": last + 1} | values))
    return create_row(actor=actor, row=row, verb="deal line added")


@transaction.atomic
def change_line(*, actor: Person | None, line: DealLine, revision: int, changes: dict[str, Any]) -> DealLine:
    """Change a line. Raises Conflict on a stale revision, Invalid by field, Refused, Denied."""
    require(actor, EDIT)
    _refuse_gone(_locked(actor, line.deal))
    _check_line({"product": line.product, "text": line.text} | changes)
    return change_row(actor=actor, row=line, revision=revision, changes=changes, verb="deal line changed")


@transaction.atomic
def remove_line(*, actor: Person | None, line: DealLine) -> None:
    """Take a line out of a deal; the history of the deal tells what it was. Raises Refused, Denied."""
    require(actor, EDIT)
    deal = _locked(actor, line.deal)
    _refuse_gone(deal)
    was = {"product": line.product, "text": line.text, "quantity": line.quantity, "amount": line.amount}
    record(
        actor=actor, verb="deal line removed", subject=deal, before={"line": plain(was)}, after={"line": ""}
    )
    line.delete()


def _locked(actor: Person | None, deal: Deal) -> Deal:
    fresh = deals_visible_to(actor).select_for_update(of=("self",)).filter(pk=deal.pk).first()
    if fresh is None:
        raise Denied(f"{deal} is outside of your scope.")
    return fresh


def _refuse_gone(deal: Deal) -> None:
    if deal.merged_into is not None:
        raise Refused(f"{deal} was merged into {deal.merged_into}. Change that deal.")
    if deal.is_deleted:
        raise Refused(f"{deal} is deleted. Bring it back first.")


def _refuse_stale(deal: Deal, revision: int, changes: dict[str, Any]) -> None:
    if deal.revision == revision:
        return
    theirs = {name: plain(getattr(deal, name)) for name in changes}
    yours = {name: plain(value) for name, value in changes.items()}
    differing = [name for name in changes if yours[name] != theirs[name]]
    raise Conflict(
        label=str(deal),
        yours={name: yours[name] for name in differing},
        theirs={name: theirs[name] for name in differing},
        revision=deal.revision,
    )


def _refuse_out_of_scope(actor: Person | None, deal: Deal) -> None:
    if not deals_visible_to(actor).filter(pk=deal.pk).exists():
        raise Denied(f"{deal} would lie outside of your scope. Choose a rep and an account of your own.")


def _own_rep(actor: Person | None) -> Any:
    own = own_reps(actor)
    return None if own is None else own.filter(person=actor).first()


def _check(values: dict[str, Any], *, new: bool) -> None:
    """What no deal may be, by field, all at once."""
    stage, closed = values.get("stage"), values.get("closed")
    created, amount = values.get("created"), values.get("amount")
    reasons = []
    if new and not str(values.get("name") or "").strip():
        reasons.append(Reason("Give the deal a name.", "required", "name"))
    if stage is None:
        reasons.append(Reason("Choose the stage that the deal is in.", "required", "stage"))
    elif stage.kind == StageKind.LOST and not str(values.get("lost_reason") or "").strip():
        reasons.append(Reason("Say in a few words why the deal was lost.", "required", "lost_reason"))
    if closed and closed > timezone.localdate():
        reasons.append(Reason("A deal cannot have closed on a day to come.", "invalid", "closed"))
    if closed and created and closed < created:
        reasons.append(Reason("The deal closed before it was created. Mend a day.", "invalid", "closed"))
    if created and created > timezone.localdate():
        reasons.append(Reason("A deal cannot be created on a day to come.", "invalid", "created"))
    if amount is not None and amount < 0:
        reasons.append(Reason("An amount is 0 or more.", "invalid", "amount"))
    if reasons:
        raise Invalid(*reasons)


def _check_line(values: dict[str, Any]) -> None:
    if values.get("product") is None and not str(values.get("text") or "").strip():
        raise Invalid(Reason("Choose a product, or write what it is.", "required", "product"))


def _closed_by(stage: Any) -> dt.date | None:
    return None if stage.kind == StageKind.OPEN else timezone.localdate()


def _tell(source: str, key: str, kind: EventKind, values: dict[str, Any]) -> None:
    event = Event(
        entity="deal",
        external_id=key,
        kind=kind,
        occurred=timezone.now(),
        dedupe_key=f"here-{uuid.uuid4()}",
        fields={EVENT_NAMES.get(name, name): _text(value) for name, value in values.items()},
    )
    (settled,) = apply_deal_events(source, [event], named_by=OUR_CODES)
    if settled.unknown or settled.error:
        named = ", ".join(str(one) for one in settled.unknown)
        raise Refused(settled.error or f"Nothing here is called {named}.")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value.code) if isinstance(value, models.Model) else str(value)  # type: ignore[attr-defined]
