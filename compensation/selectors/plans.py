"""Plans and their versions: which there are, which is in force, what is wrong with terms."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet

from catalog.models import Currency
from compensation.engine.own_terms import laid_over
from compensation.engine.plan import Plan
from compensation.engine.plan_cells import BadPlan
from compensation.engine.plan_vocabulary import faults_of_words, kept_plan
from compensation.models import CLOSED, PayPlan, PayRun, PlanVersion, VersionState
from compensation.selectors.scope import sees_all_pay
from core.models import Person

OPEN = (VersionState.DRAFT, VersionState.SUBMITTED)


def plans_visible_to(user: Person | None) -> QuerySet[PayPlan]:
    """All plans for those who see everybody's pay; none for others, who read the goals of their own."""
    rows = PayPlan.objects.select_related("owner")
    return rows if sees_all_pay(user) else rows.none()


def versions_visible_to(user: Person | None) -> QuerySet[PlanVersion]:
    """The versions of those plans."""
    rows = PlanVersion.objects.select_related("plan", "follows", "submitted_by", "approved_by")
    return rows if sees_all_pay(user) else rows.none()


def open_version(plan: PayPlan) -> PlanVersion | None:
    """The one that is being written or waits for approval."""
    return PlanVersion.objects.filter(plan=plan, state__in=OPEN).select_related("plan").first()


def first_day_to_pay(plan: PayPlan) -> dt.date | None:
    """The day with which a plan begins that no approved version pays by yet; None for the others."""
    rows = PlanVersion.objects.filter(plan=plan).order_by("number")
    return None if rows.filter(state=VersionState.APPROVED).exists() else _starts(rows.first())


def _starts(version: PlanVersion | None) -> dt.date | None:
    return version.starts if version else None


def newest_version(plan: PayPlan) -> PlanVersion | None:
    """The version with the highest number that was not withdrawn, else the highest."""
    rows = PlanVersion.objects.filter(plan=plan).order_by("-number")
    return rows.exclude(state=VersionState.WITHDRAWN).first() or rows.first()


def version_on(plan: PayPlan, day: dt.date) -> PlanVersion | None:
    """The version in force on a day."""
    return PlanVersion.objects.filter(plan=plan, days__contains=day).first()


def terms_to_show(plan: PayPlan, day: dt.date) -> PlanVersion | None:
    """What a plan says: the version in force on the day, else the newest."""
    return version_on(plan, day) or newest_version(plan)


def read_terms(terms: Mapping[str, Any]) -> Plan:
    """The plan of terms, in words that credits have and a currency of the company (its base currency without
    one). Raises BadPlan with a sentence for everything that is wrong."""
    plan = kept_plan(terms)
    faults = faults_of_words(plan)
    if plan.currency and not Currency.objects.filter(code=plan.currency).exists():
        known = ", ".join(Currency.objects.order_by("code").values_list("code", flat=True)[:12])
        faults.append(f"currency: {plan.currency} is not among the company's currencies: {known}.")
    if faults:
        raise BadPlan(faults)
    return plan


def faults_of_terms(terms: Mapping[str, Any]) -> list[str]:
    """A sentence for everything that is wrong with terms; none where they read."""
    try:
        read_terms(terms)
    except BadPlan as error:
        return error.sentences
    return []


def faults_of_own_terms(terms: Mapping[str, Any], changes: Mapping[str, Any]) -> list[str]:
    """The same for a person's own terms, laid over those of the plan."""
    try:
        return faults_of_terms(laid_over(terms, changes))
    except BadPlan as error:
        return error.sentences


def last_closed_month(first: dt.date | None = None, last: dt.date | None = None) -> dt.date | None:
    """The newest month whose pay is locked or paid, of those between two months where they are given."""
    within = Q() if first is None else Q(month__gte=first.replace(day=1))
    within &= Q() if last is None else Q(month__lte=last)
    rows = PayRun.objects.filter(within, state__in=CLOSED).order_by("-month")
    return rows.values_list("month", flat=True).first()
