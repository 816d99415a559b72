"""Quotas that follow accounts: what moves with an account on a day goes from one rep's quota to another's."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db import transaction

from core.access import require
from core.errors import Reason, Refused
from core.events import record
from core.models import Person
from territories.engine.quotas.moving import moved_months
from territories.engine.quotas.seasons import Months
from territories.engine.quotas.shares import blend
from territories.models import Quota, QuotaMonth, QuotaPlan, QuotaState, Territory
from territories.pipeline.quota_rows import store_months
from territories.selectors.quota_tree import weights_of
from territories.selectors.quota_values import placed_accounts, values_of_accounts
from territories.selectors.quotas import months_of_quotas, open_plan
from territories.services.quota_plans import copy_of, publish_sheets
from territories.workflow.quotas import perform

NOTHING = Decimal(0)
Key = tuple[int | None, int | None]  # territory and rep; rep None for the territory itself


@dataclass(frozen=True)
class AccountMove:
    """An account that changes territory and rep on a day; primary keys, None where nobody covers it."""

    account: int
    from_territory: int | None
    from_rep: int | None
    to_territory: int | None
    to_rep: int | None


@dataclass(frozen=True)
class QuotaEffect:
    """What a realignment does to one quota of the year, in base currency."""

    territory: int | None
    rep: int | None
    before: Decimal
    after: Decimal

    @property
    def change(self) -> Decimal:
        return self.after - self.before


def preview(*, moves: Iterable[AccountMove], day: dt.date) -> list[QuotaEffect]:
    """What the quotas of the plan that holds on the day would become; nothing is kept."""
    plan = plan_on(day)
    if plan is None:
        return []
    before, after = _carried(plan, list(moves), day)
    return [
        QuotaEffect(*key, sum(before.get(key, {}).values(), NOTHING), sum(months.values(), NOTHING))
        for key, months in sorted(after.items(), key=str)
        if months != before.get(key, {})
    ]


@transaction.atomic
def follow_assignments(
    *,
    moves: Iterable[AccountMove],
    day: dt.date,
    submitted_by: Person | None,
    approved_by: Person | None,
    reason: str,
) -> QuotaPlan | None:
    """Let the quotas follow a realignment that two people signed: a version of the plan that holds on the
    day, approved with it. An account takes its share of the territory's quota along, pro-rated by days.

    Gives the version, or None where no plan holds or nothing changes. Raises Refused while another version
    of the year is open, Denied where the second person may not approve realignments.
    """
    require(approved_by, "realignment.approve")
    plan = plan_on(day)
    if plan is None:
        return None
    before, after = _carried(plan, list(moves), day)
    if before == after:
        return None
    if (found := open_plan(plan.first_month, plan.measure)) is not None:
        text = f"{found} is {found.get_state_display().lower()}. Approve or delete it first."
        raise Refused(Reason(text, "open_version"))
    version = copy_of(plan, actor=submitted_by, from_month=day.replace(day=1), reason=reason)
    _store(version, after, reason)
    _approve(plan, version, submitted_by, approved_by, reason)
    return version


@transaction.atomic
def take_back(*, version: QuotaPlan, actor: Person | None, reason: str) -> QuotaPlan:
    """Give everybody back what they had before a realignment that is undone: a version like the one before.

    Raises Refused where another version superseded it already.
    """
    require(actor, "realignment.publish")
    if version.state != QuotaState.APPROVED or version.follows is None:
        text = f"{version} is not in force any more: quotas were changed since. Make a new version by hand."
        raise Refused(Reason(text, "superseded"))
    before = version.follows
    restored = copy_of(version, actor=None, from_month=version.from_month, reason=reason)
    quotas = list(Quota.objects.filter(plan=before))
    months = months_of_quotas(quotas)
    _store(restored, {_key(quota): months[quota.pk] for quota in quotas}, reason)
    _approve(version, restored, None, actor, reason)
    return restored


def plan_on(day: dt.date) -> QuotaPlan | None:
    """The approved plan of the year that the day lies in: the year has begun by then and is not over."""
    rows = QuotaPlan.objects.filter(state=QuotaState.APPROVED, first_month__lte=day, model__isnull=False)
    found = rows.order_by("-first_month", "measure").first()
    if found is None or (day.year - found.first_month.year) * 12 + day.month - found.first_month.month >= 12:
        return None
    return found


def _carried(
    plan: QuotaPlan, moves: list[AccountMove], day: dt.date
) -> tuple[dict[Key, Months], dict[Key, Months]]:
    """Every quota's months before and after the moves."""
    quotas = list(Quota.objects.filter(plan=plan))
    months = months_of_quotas(quotas)
    before = {_key(quota): months[quota.pk] for quota in quotas}
    after = {key: dict(found) for key, found in before.items()}
    shares = _shares(plan, {move.account for move in moves})
    tree = Territory.objects.filter(model=plan.model_id)
    above: dict[int, int | None] = dict(tree.values_list("pk", "parent_id"))
    for move in moves:
        share = shares.get(move.account, Fraction(0))
        own = before.get((move.from_territory, None), {})
        moving = moved_months(own, share, day)
        _shift(after, _path(move.from_territory, above), moving, -1)
        _shift(after, _path(move.to_territory, above), moving, 1)
        carried = moved_months(before.get((move.from_territory, move.from_rep), {}), share, day)
        _shift(after, [(move.from_territory, move.from_rep)] if move.from_rep else [], carried, -1)
        _shift(after, [(move.to_territory, move.to_rep)] if move.to_rep else [], carried, 1)
    return before, {key: found for key, found in after.items() if found}


def _shift(after: dict[Key, Months], keys: list[Key], moving: Months, sign: int) -> None:
    for key in keys:
        own = after.setdefault(key, {})
        for month, amount in moving.items():
            own[month] = own.get(month, NOTHING) + sign * amount


def _path(territory: int | None, above: dict[int, int | None]) -> list[Key]:
    """The territory and all above it, as keys."""
    path: list[Key] = []
    while territory is not None:
        path.append((territory, None))
        territory = above.get(territory)
    return path


def _shares(plan: QuotaPlan, accounts: set[int]) -> dict[int, Fraction]:
    """What part of its territory each moving account is, by the plan's own weights."""
    placed, values = placed_accounts(plan), values_of_accounts(plan)
    moving = {placed[account] for account in accounts if account in placed}
    by_territory: dict[int, list[int]] = defaultdict(list)
    for account, territory in placed.items():
        if territory in moving:
            by_territory[territory].append(account)
    shares: dict[int, Fraction] = {}
    for inside in by_territory.values():
        found = blend({account: values.get(account, {}) for account in inside}, weights_of(plan)).shares
        shares |= {account: found[account] for account in inside if account in accounts}
    return shares


def _store(version: QuotaPlan, after: dict[Key, Months], reason: str) -> None:
    """The months of the version's quotas become these; those that moved say why."""
    there = {_key(quota): quota for quota in Quota.objects.filter(plan=version)}
    for key in after.keys() - there.keys():
        there[key] = Quota.objects.create(plan=version, territory_id=key[0], rep_id=key[1])
    QuotaMonth.objects.filter(quota__plan=version).delete()
    for key, quota in there.items():
        amount = sum(after.get(key, {}).values(), NOTHING)
        if amount != quota.amount:
            quota.amount, quota.difference_reason = amount, reason[:500]
            quota.save(update_fields=["amount", "difference_reason"])
    store_months({quota: after.get(key, {}) for key, quota in there.items()})


def _approve(
    before: QuotaPlan,
    version: QuotaPlan,
    submitted_by: Person | None,
    approved_by: Person | None,
    reason: str,
) -> None:
    """The version is signed by those who signed what it follows from."""
    QuotaPlan.objects.filter(pk=version.pk).update(state=QuotaState.SUBMITTED, submitted_by=submitted_by)
    perform(plan=before, name="supersede", actor=None)
    QuotaPlan.objects.filter(pk=version.pk).update(state=QuotaState.APPROVED, approved_by=approved_by)
    version.refresh_from_db()
    record(actor=approved_by, verb="quotas follow accounts", subject=version, reason=reason)
    publish_sheets(version)


def _key(quota: Quota) -> Key:
    return quota.territory_id, quota.rep_id
