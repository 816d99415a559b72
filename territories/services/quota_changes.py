"""Requests for another quota, upward: asked by reps and managers, decided by somebody else."""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from core.access import require
from core.editing import change_row, create_row
from core.errors import Denied, Invalid, Reason, Refused
from core.models import Person
from core.services.notifications import notify
from crm.selectors.accounts import own_reps
from territories.models import ChangeState, Quota, QuotaChange, QuotaPlan, QuotaState
from territories.selectors.quota_tree import tree_of
from territories.selectors.quotas import open_plan, quotas_visible_to
from territories.services.quota_plans import locked, may_plan, new_version
from territories.services.quotas import place_amount
from territories.workflow.quotas import quota_url

ASK = "quotas.ask"


@transaction.atomic
def ask_change(*, actor: Person | None, quota: Quota, amount: Decimal, reason: str) -> QuotaChange:
    """Ask for another amount of the year, with the reason; the plan's owner and the manager are told.

    Raises Refused for a superseded plan or a second request, Invalid by field, Denied outside the team.
    """
    require(actor, ASK)
    if own_reps(actor) is not None and not quotas_visible_to(actor).filter(pk=quota.pk).exists():
        raise Denied("That is not your quota nor one of your team.")
    if quota.plan.state == QuotaState.SUPERSEDED:
        text = f"{quota.plan} is superseded. Ask about the version that holds now."
        raise Refused(Reason(text, "superseded"))
    if not reason.strip():
        raise Invalid(Reason("Say why another amount is right.", "reason_missing", "reason"))
    if amount == quota.amount:
        raise Invalid(Reason("That is the quota as it is. Write the amount you ask for.", "same", "amount"))
    row = QuotaChange(quota=quota, asked_by=actor, amount=amount, reason=reason.strip())
    saved = create_row(actor=actor, row=row, verb="quota change asked", reason=reason.strip())
    _tell_deciders(saved)
    return saved


@transaction.atomic
def decide_change(
    *, actor: Person | None, change: QuotaChange, accept: bool, answer: str = "", revision: int
) -> QuotaChange:
    """Accept or decline a request. Accepting sets the quota in the draft, or in a new version of an approved
    plan from the next month on; its siblings bear the difference of a territory.

    Raises Refused where it is decided or the plan is submitted, Invalid, Conflict, Denied for the own one.
    """
    may_plan(actor)
    if actor is not None and actor.pk == change.asked_by_id:
        raise Denied("You asked for this change yourself. A colleague decides.")
    if change.state != ChangeState.OPEN:
        state = change.get_state_display().lower()
        raise Refused(Reason(f"This request is {state} already.", "decided"))
    if not accept and not answer.strip():
        raise Invalid(Reason("Say why not, in one sentence.", "answer_missing", "answer"))
    led_to = _carry_out(actor, change) if accept else None
    saved = change_row(
        actor=actor,
        row=change,
        revision=revision,
        changes={
            "state": ChangeState.ACCEPTED if accept else ChangeState.DECLINED,
            "decided_by": actor,
            "decided": timezone.now(),
            "answer": answer.strip(),
            "led_to": led_to,
        },
        verb="quota change accepted" if accept else "quota change declined",
        reason=answer.strip(),
    )
    _tell_asker(saved)
    return saved


@transaction.atomic
def withdraw_change(*, actor: Person | None, change: QuotaChange, revision: int) -> QuotaChange:
    """Take the own request back. Raises Denied for another's, Refused once it is decided, Conflict."""
    require(actor, ASK)
    if actor is not None and actor.pk != change.asked_by_id:
        raise Denied("Only who asked takes a request back.")
    if change.state != ChangeState.OPEN:
        raise Refused(Reason("This request is decided already.", "decided"))
    return change_row(
        actor=actor,
        row=change,
        revision=revision,
        changes={"state": ChangeState.WITHDRAWN},
        verb="quota change withdrawn",
    )


def _carry_out(actor: Person | None, change: QuotaChange) -> Quota:
    plan = _draft_of(actor, change.quota.plan)
    quota = plan.quotas.filter(territory=change.quota.territory_id, rep=change.quota.rep_id).first()
    if quota is None:
        text = f"{plan} has no quota of this any more, so it cannot be set. Decline with a word why."
        raise Refused(Reason(text, "gone"))
    step = plan.step
    amount = change.amount if quota.rep_id else round(change.amount / step) * step
    return place_amount(
        actor=actor,
        quota=quota,
        revision=quota.revision,
        amount=amount,
        reason=f"Asked: {change.reason}"[:500],
        spread=quota.rep_id is None and tree_of(plan).left == 0,
    )


def _draft_of(actor: Person | None, plan: QuotaPlan) -> QuotaPlan:
    """The draft in which a request is carried out: the plan itself, or the version that follows it."""
    if plan.state == QuotaState.DRAFT:
        return locked(plan)
    found = plan if plan.state == QuotaState.SUBMITTED else open_plan(plan.first_month, plan.measure)
    if found is not None and found.state == QuotaState.SUBMITTED:
        text = f"{found} waits for approval. Take it back first, then accept the request."
        raise Refused(Reason(text, "submitted"))
    return found or new_version(actor=actor, plan=plan)


def _tell_deciders(change: QuotaChange) -> None:
    people = [change.quota.plan.owner, change.quota.plan.submitted_by]
    rep = change.quota.rep
    if rep is not None and rep.manager is not None:
        people.append(rep.manager.person)
    told = [one for one in people if one is not None and one.pk != change.asked_by_id]
    title = f"Another quota is asked for: {change.quota}"
    notify(people=told, title=title, text=change.reason, url=quota_url(change.quota))


def _tell_asker(change: QuotaChange) -> None:
    if change.asked_by is not None:
        word = change.get_state_display().lower()
        title = f"Your request is {word}: {change.quota}"
        notify(people=[change.asked_by], title=title, text=change.answer, url=quota_url(change.quota))
