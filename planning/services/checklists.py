"""What must have been looked at before a stage is signed: the template, and ticking off."""

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from core.access import require
from core.editing import change_row, create_row
from core.errors import Denied, Reason, Refused
from core.events import record
from core.models import Person
from core.roles import can
from planning.models import ChecklistItem, Stage
from planning.services.stages import refuse_over

CHECKLISTS: dict[str, tuple[tuple[str, bool], ...]] = {
    "data": (
        ("Sales of the last month agree with the ledger", True),
        ("New and discontinued products are in the catalog", True),
        ("The data pack was read by somebody who did not load it", False),
    ),
    "demand": (
        ("The demand review met and its actions have owners", True),
        ("Assumptions behind the big changes are written down", True),
        ("Launches and phase-outs of the next half year are dated", False),
    ),
    "supply": (
        ("The supply review met and its actions have owners", True),
        ("Lead times of the main suppliers were confirmed", False),
    ),
    "reconciliation": (
        ("The pre-meeting met and its actions have owners", True),
        ("Decisions for the executives are drafted with options", False),
    ),
    "release": (("The executive meeting met and its minutes are written", False),),
}


def may_tick(actor: Person | None, stage: Stage) -> bool:
    """A stage's points are ticked off by its owner, by who may sign it, and by who plans the cycle."""
    if actor is None or actor.pk == stage.owner_id:
        return True
    signs = "stage.release" if stage.name == "release" else f"stage.sign_{stage.name}"
    return bool(can(actor, "cycle.plan")) or bool(can(actor, signs))


@transaction.atomic
def tick_item(*, actor: Person | None, item: ChecklistItem, revision: int, done: bool) -> ChecklistItem:
    """Tick a point off, or take the tick back. Raises Conflict after somebody else's tick."""
    if not may_tick(actor, item.stage):
        who = f"{item.stage.owner.name}, who owns the stage, a manager or a coordinator"
        raise Denied(f"Only {who} ticks its points off.")
    refuse_over(item.stage.cycle)
    changes = {"done": timezone.now() if done else None, "done_by": actor if done else None}
    if done == (item.done is not None):
        changes = {}
    verb = "checklist ticked off" if done else "checklist tick taken back"
    return change_row(actor=actor, row=item, revision=revision, changes=changes, verb=verb)


@transaction.atomic
def add_item(*, actor: Person | None, stage: Stage, text: str, is_required: bool = True) -> ChecklistItem:
    """Add a point to the end of a stage's checklist. A signed stage is reopened first."""
    require(actor, "cycle.plan")
    refuse_over(stage.cycle)
    _refuse_signed(stage)
    last = (
        Stage.objects.select_for_update().get(pk=stage.pk).checklist.aggregate(last=Max("position"))["last"]
    )
    item = ChecklistItem(stage=stage, position=(last or 0) + 1, text=text, is_required=is_required)
    return create_row(actor=actor, row=item, verb="checklist point added")


@transaction.atomic
def change_item(
    *, actor: Person | None, item: ChecklistItem, revision: int, changes: dict[str, Any]
) -> ChecklistItem:
    """Change what a point says or whether it is required. Raises Conflict after somebody else's save."""
    require(actor, "cycle.plan")
    refuse_over(item.stage.cycle)
    _refuse_signed(item.stage)
    return change_row(
        actor=actor, row=item, revision=revision, changes=changes, verb="checklist point changed"
    )


@transaction.atomic
def remove_item(*, actor: Person | None, item: ChecklistItem, revision: int, reason: str) -> None:
    """Take a point off the checklist, with the reason. Its history stays. Raises Conflict after
    somebody else's save."""
    require(actor, "cycle.plan")
    refuse_over(item.stage.cycle)
    _refuse_signed(item.stage)
    item = change_row(actor=actor, row=item, revision=revision, changes={}, verb="checklist point removed")
    if not reason.strip():
        raise Refused(Reason("Say why, in one sentence.", "reason_missing", "reason"))
    record(
        actor=actor,
        verb="checklist point removed",
        subject=item,
        before={"text": item.text, "is_required": item.is_required},
        reason=reason.strip(),
    )
    item.delete()


def _refuse_signed(stage: Stage) -> None:
    if stage.signed is not None:
        raise Refused(Reason(f"{stage} is signed. Reopen it first.", "stage_signed"))
