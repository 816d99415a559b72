"""How a quota plan moves: the guards of the move table, and the one way to move."""

from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from catalog.engine.moves import Move
from catalog.workflow import Guard, Workflow
from core.errors import Reason
from core.models import Person
from territories.engine.quotas.moves import QUOTA_MOVES
from territories.models import ChangeState, Quota, QuotaChange, QuotaPlan, QuotaState
from territories.selectors.quota_tree import TreeRow, tree_of

MOST_LISTED = 8


def has_quotas(plan: QuotaPlan, actor: Person | None) -> list[Reason]:
    """Some rep has a quota."""
    if plan.quotas.filter(rep__isnull=False).exists():
        return []
    text = "No rep has a quota yet. Allocate the target, and give territories their reps."
    return [Reason(text, "no_quotas", url=plan_url(plan))]


def adds_up(plan: QuotaPlan, actor: Person | None) -> list[Reason]:
    """What every parent has is given down, no more and no less. Plans without territories have no tree."""
    if plan.model_id is None:
        return []
    tree = tree_of(plan)
    wrong = [row for row in tree.rows() if row.left and row.below]
    reasons = [_left(f"{row.label} gives down", row.left, quota_url(row.quota)) for row in wrong]
    if tree.left and tree.tops:
        reasons.insert(0, _left("The territories at the top have", tree.left, plan_url(plan)))
    if len(reasons) > MOST_LISTED:
        more = len(reasons) - MOST_LISTED
        reasons = [*reasons[:MOST_LISTED], Reason(f"{more} more territories do not add up.", "not_added_up")]
    return reasons


def _left(who: str, left: Any, url: str) -> Reason:
    word = "less" if left > 0 else "more"
    text = f"{who} {abs(left):,.2f} {word} than there is to give. Spread the difference."
    return Reason(text, "not_added_up", url=url)


def differences_have_reasons(plan: QuotaPlan, actor: Person | None) -> list[Reason]:
    """Whoever departed from what came from above said why."""
    rows = Quota.objects.filter(plan=plan, difference_reason="").select_related("territory", "rep")
    return [
        Reason(
            f"{row} differs from what came from above. Say why.", "difference_unexplained", url=quota_url(row)
        )
        for row in rows
        if row.amount != row.top_down
    ][:MOST_LISTED]


def past_months_stay(plan: QuotaPlan, actor: Person | None) -> list[Reason]:
    """Months before the version begins are as the version before had them."""
    if plan.follows is None:
        return []
    was, now = _past(plan.follows, plan), _past(plan, plan)
    if was == now:
        return []
    text = f"Months before {plan.from_month:%b %Y} differ from version {plan.follows.version}. Allocate anew."
    return [Reason(text, "past_changed", url=plan_url(plan))]


def _past(plan: QuotaPlan, until: QuotaPlan) -> dict[Any, Any]:
    rows: list[TreeRow] = list(tree_of(plan).rows())
    found = {
        (row.quota.territory_id, row.quota.rep_id): {
            month: amount for month, amount in row.months.items() if month < until.from_month and amount
        }
        for row in rows
    }
    return {key: months for key, months in found.items() if months}


def no_open_changes(plan: QuotaPlan, actor: Person | None) -> list[Reason]:
    """Every change that was asked for is decided."""
    rows = QuotaChange.objects.filter(quota__plan=plan, state=ChangeState.OPEN)
    return [
        Reason(
            f"{row.quota} was asked to become {row.amount:,.0f}. Decide that first.",
            "change_open",
            url=plan_url(plan) + "#changes",
        )
        for row in rows.select_related("quota__territory", "quota__rep")[:MOST_LISTED]
    ]


def not_own(plan: QuotaPlan, actor: Person | None) -> list[Reason]:
    """Whoever submitted a plan does not approve it."""
    if actor is None or actor.pk != plan.submitted_by_id:
        return []
    return [Reason("You submitted these quotas yourself. A colleague approves them.", "own_plan")]


GUARDS: dict[str, Guard] = {
    guard.__name__: guard
    for guard in (
        has_quotas,
        adds_up,
        differences_have_reasons,
        past_months_stay,
        no_open_changes,
        not_own,
    )
}


QUOTAS = Workflow(QUOTA_MOVES, GUARDS, "quotas")


@transaction.atomic
def perform(
    *, plan: QuotaPlan, name: str, actor: Person | None, reason: str = "", revision: int | None = None
) -> QuotaPlan:
    """Make one move, or refuse it with every reason at once and change nothing.

    Raises Refused, Conflict on a stale revision, or Denied where the actor's role may not.
    """
    row = QuotaPlan.objects.select_for_update(of=("self",)).select_related("follows").get(pk=plan.pk)
    move = QUOTAS.allowed(row, name, actor, reason=reason, revision=revision)
    QUOTAS.store(row, move, _signing(move, actor), actor, reason)
    return row


def _signing(move: Move, actor: Person | None) -> dict[str, Any]:
    """Who submitted and who approved; forgotten when the plan becomes a draft again."""
    now = timezone.now()
    if move.target == QuotaState.DRAFT:
        return {"submitted_by": None, "submitted": None}
    if move.name == "submit":
        return {"submitted_by": actor, "submitted": now}
    return {"approved_by": actor, "approved": now} if move.name == "approve" else {}


def plan_url(plan: QuotaPlan) -> str:
    """The page of a quota plan."""
    return reverse("territories:quota-plan", args=[plan.pk])


def quota_url(quota: Quota) -> str:
    """The page of one quota."""
    return reverse("territories:quota", args=[quota.pk])
