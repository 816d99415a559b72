"""Every write of the stages of deals."""

from decimal import Decimal
from typing import Any

from django.db import transaction

from core.access import require
from core.editing import change_row, create_row
from core.errors import Invalid, Reason
from core.models import Person
from crm.models import DealStage, ForecastCategory, StageKind

MANAGE = "deal_stages.manage"
CERTAIN = {StageKind.WON: Decimal(1), StageKind.LOST: Decimal(0)}
ENDS = {ForecastCategory.CLOSED, ForecastCategory.OMITTED}


@transaction.atomic
def create_stage(*, actor: Person | None, values: dict[str, Any], reason: str = "") -> DealStage:
    """Add a stage. Raises Invalid by field, Denied."""
    require(actor, MANAGE)
    row = DealStage(**values)
    _check(row)
    return create_row(actor=actor, row=row, verb="deal stage added", reason=reason)


@transaction.atomic
def change_stage(
    *, actor: Person | None, row: DealStage, revision: int, changes: dict[str, Any], reason: str = ""
) -> DealStage:
    """Change a stage. A stage that deals are in keeps its kind. Raises Conflict, Invalid by field, Denied."""
    require(actor, MANAGE)
    wanted = DealStage(
        **{name: changes.get(name, getattr(row, name)) for name in ("kind", "probability", "category")}
    )
    _check(wanted)
    if wanted.kind != row.kind and row.deals.exists():
        text = "Deals are in this stage, so it stays what it is. Add another stage and move them there."
        raise Invalid(Reason(text, "in_use", "kind"))
    return change_row(
        actor=actor, row=row, revision=revision, changes=changes, verb="deal stage changed", reason=reason
    )


def _check(row: DealStage) -> None:
    kind = StageKind(row.kind)
    reasons = []
    if kind in CERTAIN and row.probability != CERTAIN[kind]:
        certain = "1 (100 %)" if kind == StageKind.WON else "0"
        text = f"The chance in a stage where deals are {kind.label.lower()} is {certain}."
        reasons.append(Reason(text, "invalid", "probability"))
    if kind == StageKind.OPEN and row.category == ForecastCategory.CLOSED:
        text = "Only stages in which deals end are “Closed”. Choose another category."
        reasons.append(Reason(text, "invalid", "category"))
    if kind != StageKind.OPEN and row.category not in ENDS:
        reasons.append(Reason("A deal that ended is “Closed” or “Left out”.", "invalid", "category"))
    if reasons:
        raise Invalid(*reasons)
