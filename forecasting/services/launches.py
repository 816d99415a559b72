"""Launch plans: how new demand units are forecast, by whom and why."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction

from catalog.models import DemandUnit
from core.editing import change_row, create_row
from core.errors import Invalid, Reason
from core.models import Person
from forecasting.models import Launch, LaunchLike, Succession
from forecasting.services.steering import may_steer, reason_given

MOST_LIKES = 12
Likes = Sequence[tuple[DemandUnit, Decimal | float | int]]


@transaction.atomic
def plan_launch(
    *,
    actor: Person | None,
    demand_unit: DemandUnit,
    first_month: dt.date,
    likes: Likes,
    reason: str,
    level: Decimal | float | int | None = None,
) -> Launch:
    """Say which items a new one resembles, from which month on and at which level (units a month).

    Raises Invalid by field, Denied outside the actor's rights or scope.
    """
    may_steer(actor, demand_unit, *[unit for unit, _ in likes])
    checked = _checked(demand_unit, likes)
    _refuse_successor(demand_unit)
    row = Launch(
        demand_unit=demand_unit,
        first_month=first_month.replace(day=1),
        level=_quantity(level),
        modelled_on=in_words(checked),
        owner=actor,
        reason=reason_given(reason),
    )
    saved = create_row(actor=actor, row=row, verb="launch planned", reason=row.reason)
    _store(saved, checked)
    return saved


@transaction.atomic
def change_launch(*, actor: Person | None, launch: Launch, revision: int, changes: dict[str, Any]) -> Launch:
    """Change a launch plan; `likes` replaces all of them. Raises Conflict, Invalid, Denied."""
    may_steer(actor, launch.demand_unit, *[unit for unit, _ in changes.get("likes", [])])
    wanted = {name: changes[name] for name in ("reason",) if name in changes}
    if "reason" in wanted:
        wanted["reason"] = reason_given(wanted["reason"])
    if "first_month" in changes:
        wanted["first_month"] = changes["first_month"].replace(day=1)
    if "level" in changes:
        wanted["level"] = _quantity(changes["level"])
    likes = _checked(launch.demand_unit, changes["likes"]) if "likes" in changes else None
    if likes is not None:
        wanted["modelled_on"] = in_words(likes)
    saved = change_row(
        actor=actor,
        row=launch,
        revision=revision,
        changes=wanted,
        verb="launch plan changed",
        reason=wanted.get("reason", ""),
    )
    if likes is not None:
        _store(saved, likes)
    return saved


@transaction.atomic
def withdraw_launch(*, actor: Person | None, launch: Launch, revision: int) -> Launch:
    """Take a launch plan back: its unit is forecast from its own history again."""
    may_steer(actor, launch.demand_unit)
    return change_row(
        actor=actor,
        row=launch,
        revision=revision,
        changes={"is_withdrawn": True},
        verb="launch plan withdrawn",
    )


def in_words(likes: Likes) -> str:
    """The likes and how much each counts, as history and pages show them."""
    total = sum(Decimal(str(weight)) for _, weight in likes)
    parts = [f"{unit} ({Decimal(str(weight)) / total:.0%})" for unit, weight in likes]
    return ", ".join(parts)


def _checked(demand_unit: DemandUnit, likes: Likes) -> list[tuple[DemandUnit, Decimal]]:
    found = [(unit, Decimal(str(weight)).quantize(Decimal("0.0001"))) for unit, weight in likes]
    if not 1 <= len(found) <= MOST_LIKES:
        raise _bad(f"Choose 1 to {MOST_LIKES} items that it resembles.")
    if any(unit.pk == demand_unit.pk for unit, _ in found):
        raise _bad(f"{demand_unit} cannot be modelled on itself. Choose another item.")
    if len({unit.pk for unit, _ in found}) < len(found):
        raise _bad("An item is named twice. Name it once, with its whole weight.")
    if any(weight <= 0 or weight > 1000 for _, weight in found):
        raise _bad("A weight is above 0 and at most 1000. Leave out an item that does not count.")
    for unit, _ in found:
        if unit.product.unit_id != demand_unit.product.unit_id:
            raise _bad(
                f"{unit} is counted in {unit.product.unit.name}, {demand_unit} in "
                f"{demand_unit.product.unit.name}. Choose an item of the same unit."
            )
    return sorted(found, key=lambda like: (-like[1], like[0].pk))


def _bad(sentence: str) -> Invalid:
    return Invalid(Reason(sentence, "invalid", "likes"))


def _refuse_successor(demand_unit: DemandUnit) -> None:
    follows = Succession.objects.filter(new=demand_unit, is_withdrawn=False).select_related(
        "old__product", "old__market"
    )
    if found := follows.first():
        text = f"{found.old}’s history counts as its own already. Withdraw that first to plan a launch."
        raise Invalid(Reason(text, "has_predecessor", "demand_unit"))


def _quantity(level: Decimal | float | int | None) -> Decimal | None:
    return None if level is None else round(Decimal(str(level)), 4)


def _store(launch: Launch, likes: list[tuple[DemandUnit, Decimal]]) -> None:
    launch.likes.all().delete()
    LaunchLike.objects.bulk_create(
        LaunchLike(launch=launch, demand_unit=unit, weight=weight) for unit, weight in likes
    )
