"""Who has which role on which days, and who earns by which plan."""

import datetime as dt
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, NullIf

from catalog.selectors.rates import base_currency
from compensation.models import PayRole, PlanAssignment, PlanVersion, Position
from compensation.selectors.scope import reps_paid_visible_to, sees_all_pay
from core.models import Person
from crm.models import Rep


def pay_roles_visible_to(user: Person | None) -> QuerySet[PayRole]:
    """All roles: their names are no secret."""
    return PayRole.objects.all()


def positions_visible_to(user: Person | None) -> QuerySet[Position]:
    """Positions of the reps whose pay a person may see, each with `currency`, that of its role's plan."""
    of_role = _versions(
        plan__assignments__role=OuterRef("role"), plan__assignments__days__overlap=OuterRef("days")
    )
    currency = _currency_of(of_role.filter(days__overlap=OuterRef("days")))
    rows = Position.objects.select_related("rep", "role").annotate(currency=currency)
    return rows if sees_all_pay(user) else rows.filter(rep__in=_paid(user))


def assignments_visible_to(user: Person | None) -> QuerySet[PlanAssignment]:
    """Roles on plans for those who see all pay, and the rows of reps whose pay a person may see; each with
    `currency`, that of the plan."""
    currency = _currency_of(_versions(plan=OuterRef("plan"), days__overlap=OuterRef("days")))
    rows = PlanAssignment.objects.select_related("plan", "role", "rep").annotate(currency=currency)
    return rows if sees_all_pay(user) else rows.filter(rep__in=_paid(user))


def _versions(**chosen: Any) -> QuerySet[PlanVersion]:
    return PlanVersion.objects.filter(days__isnull=False, **chosen)


def _currency_of(versions: QuerySet[PlanVersion]) -> Coalesce:
    """The currency of the newest of some versions; the company's where they say none."""
    newest = versions.order_by("-days").values(said=KeyTextTransform("currency", "terms"))[:1]
    return Coalesce(NullIf(Subquery(newest), Value("")), Value(base_currency()), output_field=TextField())


def _paid(user: Person | None) -> Any:
    return reps_paid_visible_to(user).order_by().values("pk")


def earning(user: Person | None, day: dt.date) -> QuerySet[Rep]:
    """The reps whose pay a person may see and who have a position or a plan on a day.

    Each with `pay_role` (name), `base_salary`, `target` (a year's, the own one before the position's; None
    where the plan's own counts), their `currency`, `plan_names` and `own_terms`.
    """
    positions = Position.objects.filter(rep=OuterRef("pk"), days__contains=day)
    own = PlanAssignment.objects.filter(rep=OuterRef("pk"), days__contains=day, is_off=False)
    rows = reps_paid_visible_to(user).annotate(
        role_key=Subquery(positions.values("role")[:1]),
        pay_role=Subquery(positions.values("role__name")[:1]),
        base_salary=Subquery(positions.values("base_salary")[:1]),
        target=Coalesce(
            Subquery(own.filter(target_incentive__isnull=False).values("target_incentive")[:1]),
            Subquery(positions.values("target_incentive")[:1]),
        ),
        own_terms=Exists(own.exclude(changes={}, target_incentive=None)),
    )
    rows = rows.annotate(
        plan_names=ArraySubquery(_on_plans(day).values("plan__name")), currency=_currency_on(day)
    )
    return rows.filter(Q(role_key__isnull=False) | Exists(own)).order_by("name")


def _currency_on(day: dt.date) -> Coalesce:
    """The currency of what pays the outer rep on a day."""
    mine = Q(plan__assignments__rep=OuterRef("pk"), plan__assignments__is_off=False)
    of_role = Q(plan__assignments__role=OuterRef("role_key"))
    on_day = {"days__contains": day, "plan__assignments__days__contains": day}
    return _currency_of(PlanVersion.objects.filter(mine | of_role, **on_day))


def _on_plans(day: dt.date) -> QuerySet[PlanAssignment]:
    """The rows that put the outer rep on a plan: the own, or those of the role without an own one."""
    mine = PlanAssignment.objects.filter(
        plan=OuterRef("plan"), rep=OuterRef(OuterRef("pk")), days__contains=day
    )
    of_rep = Q(rep=OuterRef("pk"), is_off=False)
    of_role = Q(role=OuterRef("role_key")) & ~Exists(mine)
    rows = PlanAssignment.objects.filter(of_rep | of_role, days__contains=day)
    return rows.order_by(F("plan__name"))
