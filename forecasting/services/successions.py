"""Which demand unit follows which, and which ones end."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from catalog.models import DemandUnit
from core.editing import change_row, create_row
from core.errors import Invalid, Reason
from core.models import Person
from forecasting.models import Launch, Succession
from forecasting.services.steering import may_steer, reason_given

MOST_STEPS = 24


@transaction.atomic
def plan_succession(
    *,
    actor: Person | None,
    old: DemandUnit,
    new: DemandUnit | None,
    first_month: dt.date,
    reason: str,
    ramp: Sequence[int] = (),
) -> Succession:
    """Let `new` take over `old`'s demand from a month on, or phase `old` out without a successor.

    `ramp`: the percent of both that the new one has in the first months. Raises Invalid by field, Denied.
    """
    may_steer(actor, old, *([new] if new else []))
    _check(old, new)
    row = Succession(
        old=old,
        new=new,
        first_month=first_month.replace(day=1),
        ramp=_checked_ramp(ramp),
        owner=actor,
        reason=reason_given(reason),
    )
    return create_row(actor=actor, row=row, verb="succession planned", reason=row.reason)


@transaction.atomic
def change_succession(
    *, actor: Person | None, succession: Succession, revision: int, changes: dict[str, Any]
) -> Succession:
    """Change the successor, the month, the ramp or the reason. Raises Conflict, Invalid, Denied."""
    new = changes.get("new", succession.new)
    may_steer(actor, succession.old, *([new] if new else []))
    _check(succession.old, new, own=succession.pk)
    wanted: dict[str, Any] = {name: changes[name] for name in ("new", "reason") if name in changes}
    if "reason" in wanted:
        wanted["reason"] = reason_given(wanted["reason"])
    if "first_month" in changes:
        wanted["first_month"] = changes["first_month"].replace(day=1)
    if "ramp" in changes:
        wanted["ramp"] = _checked_ramp(changes["ramp"])
    return change_row(
        actor=actor,
        row=succession,
        revision=revision,
        changes=wanted,
        verb="succession changed",
        reason=wanted.get("reason", ""),
    )


@transaction.atomic
def withdraw_succession(*, actor: Person | None, succession: Succession, revision: int) -> Succession:
    """Take a succession back: each of the two is forecast from its own history again."""
    may_steer(actor, succession.old)
    return change_row(
        actor=actor,
        row=succession,
        revision=revision,
        changes={"is_withdrawn": True},
        verb="succession withdrawn",
    )


def _check(old: DemandUnit, new: DemandUnit | None, own: int | None = None) -> None:
    """Everything that is wrong with the pair at once."""
    if new is None:
        return
    problems = []
    if new.pk == old.pk:
        problems.append("Nothing follows itself. Choose another item.")
    if new.market_id != old.market_id:
        problems.append(f"{new} is sold in another market than {old}. Choose an item of the same market.")
    if new.product.unit_id != old.product.unit_id:
        problems.append(f"{new} and {old} are counted in different units. Choose an item of the same unit.")
    if not new.is_active:
        problems.append(f"{new} is not planned. Make it active first, or phase out without a successor.")
    if new.pk != old.pk and old.pk in _after(new.pk, own):
        problems.append(f"{old} follows {new} already: they would follow each other in a circle.")
    if Launch.objects.filter(demand_unit=new, is_withdrawn=False).exists():
        problems.append(f"{new} has a launch plan. Withdraw it first: a successor takes over a history.")
    if problems:
        raise Invalid(*[Reason(text, "invalid", "new") for text in problems])


def _after(unit: int, own: int | None) -> set[int]:
    """All units that follow this one, directly or later."""
    rows = Succession.objects.filter(is_withdrawn=False)
    if own is not None:
        rows = rows.exclude(pk=own)
    follows = dict(rows.exclude(new=None).values_list("old_id", "new_id"))
    found: set[int] = set()
    while (following := follows.get(unit)) is not None and following not in found:
        found.add(following)
        unit = following
    return found


def _checked_ramp(ramp: Sequence[int]) -> list[int]:
    shares = [int(share) for share in ramp]
    if len(shares) > MOST_STEPS or any(not 0 <= share <= 100 for share in shares):
        text = f"Shares are whole percent from 0 to 100, of at most {MOST_STEPS} months: 25, 50, 75."
        raise Invalid(Reason(text, "invalid", "ramp"))
    if shares != sorted(shares):
        raise Invalid(Reason("The new item's share never falls: 25, 50, 75.", "invalid", "ramp"))
    return shares
