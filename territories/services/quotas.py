"""Writes of single quotas: amounts set by hand, proposals from below, and when reps began."""

import datetime as dt
from decimal import Decimal

from django.db import transaction

from core.access import require
from core.editing import change_row, create_row
from core.errors import Conflict, Denied, Invalid, Reason, Refused
from core.events import record
from core.models import Person
from crm.models import Rep
from crm.selectors.accounts import own_reps
from territories.engine.quotas.cascade import NoFit
from territories.models import Quota, QuotaPlan, QuotaState, RepStart, Territory
from territories.pipeline.quota_adjusting import (
    explain_difference,
    past_of,
    set_overlay,
    set_rep,
    set_territory,
)
from territories.selectors.quota_tree import Tree, TreeRow, overlay_row, overlays_to_choose, tree_of
from territories.selectors.quotas import quotas_visible_to
from territories.services.quota_plans import locked, may_plan

ASK = "quotas.ask"
OVERLAY_REASON = "Say what this quota rests on: nothing above decides it."


@transaction.atomic
def set_quota(
    *,
    actor: Person | None,
    quota: Quota,
    revision: int,
    amount: Decimal,
    reason: str,
    spread: bool = False,
) -> Quota:
    """Give a territory or a rep another amount for the year; what lies below a territory follows.

    `spread`: its siblings bear the difference, so that the parent's quota still adds up.
    Raises Refused where the plan is no draft, Conflict, Invalid by field, Denied.
    """
    may_plan(actor)
    return place_amount(
        actor=actor, quota=quota, revision=revision, amount=amount, reason=reason, spread=spread
    )


def place_amount(
    *,
    actor: Person | None,
    quota: Quota,
    revision: int,
    amount: Decimal,
    reason: str,
    spread: bool,
) -> Quota:
    """The same once the right is known: requests that are accepted come here too."""
    plan = locked(quota.plan)
    _refuse_not_draft(plan.state, str(plan))
    tree = tree_of(plan)
    row = tree.find(quota.pk) or overlay_row(quota)
    if row is None:
        raise Refused(Reason(f"{quota} is not there any more. Reload the page.", "gone"))
    if row.quota.revision != revision:
        raise Conflict(
            label=str(quota),
            yours={"amount": str(amount)},
            theirs={"amount": str(row.quota.amount)},
            revision=row.quota.revision,
        )
    _check(row, amount, reason, plan.step, past_of(plan, row))
    before = row.quota.amount
    if row.is_overlay:
        set_overlay(plan, row, amount, reason.strip())
    elif row.quota.rep_id:
        set_rep(plan, row, amount)
    else:
        _set_in_tree(plan, tree, row, amount, spread=spread)
    explain_difference(row.quota, reason.strip())
    record(
        actor=actor,
        verb="quota set",
        subject=row.quota,
        before={"amount": before},
        after={"amount": row.quota.amount},
        reason=reason.strip(),
    )
    return row.quota


@transaction.atomic
def set_overlay_quota(
    *, actor: Person | None, plan: QuotaPlan, territory: Territory | None, amount: Decimal, reason: str
) -> Quota:
    """Give an overlay a quota of its own in a draft: it stands beside the tree and adds up to nothing.

    Raises Refused where the plan is no draft, Invalid by field, Denied.
    """
    may_plan(actor)
    fresh = locked(plan)
    _refuse_not_draft(fresh.state, str(fresh))
    if territory is None or not overlays_to_choose(fresh).filter(pk=territory.pk).exists():
        text = "Choose an overlay of the plan's territory model that has no quota in it yet."
        raise Invalid(Reason(text, "no_overlay", "territory"))
    quota = Quota.objects.create(plan=fresh, territory=territory)
    return place_amount(
        actor=actor, quota=quota, revision=quota.revision, amount=amount, reason=reason, spread=False
    )


@transaction.atomic
def propose(
    *, actor: Person | None, quota: Quota, revision: int, amount: Decimal | None, note: str = ""
) -> Quota:
    """Say from below what a territory or rep can sell in the year; None takes it back.

    Raises Refused where the plan is no draft, Conflict, Invalid, Denied outside of the own team.
    """
    require(actor, ASK)
    _refuse_outside(actor, quota)
    plan = locked(quota.plan)
    _refuse_not_draft(plan.state, str(plan))
    if amount is not None and amount < 0:
        raise Invalid(Reason("A quota is 0 or more.", "negative", "amount"))
    changes = {"bottom_up": amount, "bottom_up_by": actor if amount is not None else None}
    return change_row(
        actor=actor,
        row=quota,
        revision=revision,
        changes=changes | {"bottom_up_note": note.strip()},
        verb="quota proposed",
        reason=note.strip(),
    )


@transaction.atomic
def set_start(*, actor: Person | None, rep: Rep, day: dt.date | None, revision: int | None = None) -> None:
    """Say when a rep began to sell here, for the ramp; None takes it back.

    `revision`: of the start that stands. Raises Denied, Conflict, Invalid where one stands and none is sent.
    """
    may_plan(actor)
    row = RepStart.objects.filter(rep=rep).first()
    if row is None:
        if day is not None:
            create_row(actor=actor, row=RepStart(rep=rep, day=day), verb="rep's start set")
        return
    if revision is None:
        raise Invalid(Reason("Send the revision that you read with the start.", "required", "revision"))
    changes = {} if day is None else {"day": day}
    fresh = change_row(actor=actor, row=row, revision=revision, changes=changes, verb="rep's start changed")
    if day is None:
        record(actor=actor, verb="rep's start taken back", subject=rep, before={"day": fresh.day})
        fresh.delete()


def _refuse_not_draft(state: str, label: str) -> None:
    if state != QuotaState.DRAFT:
        text = f"{label} is {QuotaState(state).label.lower()}: quotas change only in a draft."
        raise Refused(Reason(text, "not_a_draft"))


def _refuse_outside(actor: Person | None, quota: Quota) -> None:
    """People who sell speak for themselves and their team; a rep also while the plan is a draft."""
    own = own_reps(actor)
    if own is None:
        return
    seen = quotas_visible_to(actor).filter(pk=quota.pk).exists()
    if not seen and not own.filter(pk=quota.rep_id or 0).exists():
        raise Denied("That is not your quota nor one of your team.")


def _check(row: TreeRow, amount: Decimal, reason: str, step: Decimal, past: Decimal) -> None:
    reasons = []
    if amount < past:
        text = f"The months that are over hold {past:,.2f} already. Give that or more."
        reasons.append(Reason(text, "below_the_past", "amount"))
    if amount % step and not row.quota.rep_id:
        text = f"Quotas of this plan are multiples of {step.normalize():f}. Round the amount."
        reasons.append(Reason(text, "not_a_step", "amount"))
    if not reason.strip():
        text = OVERLAY_REASON if row.is_overlay else "Say why it differs from what came from above."
        reasons.append(Reason(text, "reason_missing", "reason"))
    if reasons:
        raise Invalid(*reasons)


def _set_in_tree(plan: QuotaPlan, tree: Tree, row: TreeRow, amount: Decimal, *, spread: bool) -> None:
    """A territory's amount, with what lies below it and, where asked, its siblings."""
    try:
        set_territory(plan, tree, row, amount, spread=spread)
    except NoFit as found:
        text = "The siblings cannot bear the difference. Choose less, or leave it open."
        raise Invalid(Reason(text, "siblings_full", "amount")) from found
    if spread:
        above = tree.parent_of(row)
        _explain_siblings(above.below if above else tree.tops, row)


def _explain_siblings(siblings: list[TreeRow], moved: TreeRow) -> None:
    for one in siblings:
        if one is not moved and one.quota.rep_id is None:
            text = one.quota.difference_reason or f"Bears the difference of {moved.label}."
            explain_difference(one.quota, text)
