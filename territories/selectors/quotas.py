"""Every read of quota plans and quotas.

A sales rep sees the own quotas once a plan is approved, a sales manager those of the team and of the
territories it works in at any time; everybody else sees all, within their markets. The newest approved
version of a year tells all its months.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from catalog.selectors import reach_of
from core.models import Person
from core.roles import Role
from crm.models import Rep
from crm.selectors import quotas as slot
from crm.selectors.accounts import own_reps, reps_visible_to
from territories.engine.quotas.moves import FROZEN
from territories.models import (
    Quota,
    QuotaAcceptance,
    QuotaChange,
    QuotaMeasure,
    QuotaMonth,
    QuotaPlan,
    QuotaState,
    RepStart,
)

OPEN = (QuotaState.DRAFT, QuotaState.SUBMITTED)


def only_sells(user: Person | None) -> bool:
    """Whether the person sees no more than the own or the team's quotas."""
    return own_reps(user) is not None


def quotas_visible_to(user: Person | None) -> QuerySet[Quota]:
    """The quotas a person may see, with plan, territory and rep."""
    rows = Quota.objects.select_related("plan", "territory", "rep", "rep__person", "bottom_up_by")
    own = own_reps(user)
    if own is None:
        if not reach_of(user).markets:
            return rows
        return rows.filter(Q(rep=None) | Q(rep__in=reps_visible_to(user).order_by().values("pk")))
    mine = Q(rep__in=own.values("pk"))
    if user is not None and Role.SALES_MANAGER in user.roles:
        below = Quota.objects.filter(
            plan=OuterRef("plan"), territory=OuterRef("territory"), rep__in=own.values("pk")
        )
        return rows.filter(mine | (Q(rep=None) & Exists(below)))
    return rows.filter(mine, plan__state__in=FROZEN)


def plans_visible_to(user: Person | None) -> QuerySet[QuotaPlan]:
    """The plans a person may see something of."""
    rows = QuotaPlan.objects.select_related("model", "submitted_by", "approved_by", "follows", "owner")
    if not only_sells(user):
        return rows
    return rows.filter(Exists(quotas_visible_to(user).filter(plan=OuterRef("pk")).order_by()))


def months_of_quotas(quotas: list[Quota]) -> dict[int, dict[dt.date, Decimal]]:
    """The months of each quota, in order, by the quota's key. One query."""
    found: dict[int, dict[dt.date, Decimal]] = {quota.pk: {} for quota in quotas}
    rows = QuotaMonth.objects.filter(quota__in=[quota.pk for quota in quotas]).order_by("month")
    for key, month, amount in rows.values_list("quota", "month", "amount"):
        found[key][month] = amount
    return found


def newest_approved(
    first_month: dt.date | None = None, measure: str = QuotaMeasure.BOOKINGS
) -> QuotaPlan | None:
    """The approved plan of a fiscal year, or the newest one."""
    rows = QuotaPlan.objects.filter(state=QuotaState.APPROVED, measure=measure)
    if first_month is not None:
        rows = rows.filter(first_month=first_month)
    return rows.order_by("-first_month").first()


def open_plan(first_month: dt.date, measure: str) -> QuotaPlan | None:
    """The draft or submitted plan of a fiscal year: there is one at most."""
    return QuotaPlan.objects.filter(first_month=first_month, measure=measure, state__in=OPEN).first()


def quotas_of_reps(user: Person | None, first: dt.date, last: dt.date) -> list[slot.Quota]:
    """What each rep must sell in each month: bookings, or sales revenue where no plan is of bookings.

    The CRM's coverage pages measure pipelines by it (crm.selectors.quotas).
    """
    rows = (
        QuotaMonth.objects.filter(
            quota__in=quotas_visible_to(user).filter(rep__isnull=False).order_by().values("pk"),
            quota__plan__state=QuotaState.APPROVED,
            month__range=(first, last),
        )
        .order_by()
        .values_list("quota__plan__measure", "quota__rep", "month")
        .annotate(total=Sum("amount"))
    )
    by_measure: dict[str, list[slot.Quota]] = defaultdict(list)
    for measure, rep, month, amount in rows:
        by_measure[measure].append(slot.Quota(rep=rep, market=None, month=month, amount=amount))
    return by_measure[QuotaMeasure.BOOKINGS] or by_measure[QuotaMeasure.SALES]


@dataclass(frozen=True)
class TerritoryMonth:
    """What a territory must sell in a month, in base currency. Primary keys."""

    territory: int
    month: dt.date
    amount: Decimal


def quotas_of_territories(
    user: Person | None, first: dt.date, last: dt.date, measure: str = QuotaMeasure.BOOKINGS
) -> list[TerritoryMonth]:
    """The approved quotas of the territories a person may see, by month."""
    rows = QuotaMonth.objects.filter(
        quota__in=quotas_visible_to(user).filter(rep=None).order_by().values("pk"),
        quota__plan__state=QuotaState.APPROVED,
        quota__plan__measure=measure,
        month__range=(first, last),
    )
    return [
        TerritoryMonth(*row) for row in rows.order_by().values_list("quota__territory", "month", "amount")
    ]


def changes_visible_to(user: Person | None) -> QuerySet[QuotaChange]:
    """Changes asked for, of the quotas that a person may see."""
    rows = QuotaChange.objects.select_related(
        "quota__plan", "quota__rep", "quota__territory", "asked_by", "decided_by"
    )
    return rows.filter(quota__in=quotas_visible_to(user).order_by().values("pk"))


def acceptances_visible_to(user: Person | None) -> QuerySet[QuotaAcceptance]:
    """Who accepted which sheet, of the reps that a person may see."""
    rows = QuotaAcceptance.objects.select_related("plan", "rep", "accepted_by")
    return rows.filter(rep__in=reps_visible_to(user).order_by().values("pk"))


def rep_starts_visible_to(user: Person | None) -> QuerySet[RepStart]:
    """Since when reps sell here."""
    return RepStart.objects.select_related("rep").filter(
        rep__in=reps_visible_to(user).order_by().values("pk")
    )


def rep_of(user: Person) -> Rep | None:
    """The rep that this person is."""
    return Rep.objects.filter(person=user).first()


def own_sheets(user: Person) -> list[QuotaPlan]:
    """The approved plans in which the person has a quota as a rep, newest year first."""
    mine = Quota.objects.filter(plan=OuterRef("pk"), rep__person=user)
    return list(QuotaPlan.objects.filter(Exists(mine), state=QuotaState.APPROVED))


def own_drafts(user: Person) -> list[Quota]:
    """The person's own rows of drafts, to propose an amount: what the plan wants is not shown yet."""
    rows = Quota.objects.filter(rep__person=user, plan__state=QuotaState.DRAFT)
    return list(rows.select_related("plan", "territory", "rep").order_by("plan", "territory__code"))


def own_draft(user: Person, quota: int) -> Quota | None:
    """One of them."""
    return next((one for one in own_drafts(user) if one.pk == quota), None)
