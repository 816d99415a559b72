"""Quotas for pay and scores of objectives: whose a person may see, and where they fit."""

import datetime as dt

from django.db.models import QuerySet

from catalog.engine.months import add_months
from compensation.engine.plan import MONTHS, Form, Plan
from compensation.engine.plan_cells import BadPlan
from compensation.engine.plan_reading import plan_from
from compensation.models import ObjectiveScore, PayPlan, PlanQuota
from compensation.selectors.plans import terms_to_show
from compensation.selectors.scope import reps_paid_visible_to, sees_all_pay
from core.models import Person

DAY = dt.timedelta(days=1)


def plan_quotas_visible_to(user: Person | None) -> QuerySet[PlanQuota]:
    """Quotas for pay of the reps whose pay a person may see."""
    rows = PlanQuota.objects.select_related("plan", "rep")
    return (
        rows
        if sees_all_pay(user)
        else rows.filter(rep__in=reps_paid_visible_to(user).order_by().values("pk"))
    )


def scores_visible_to(user: Person | None) -> QuerySet[ObjectiveScore]:
    """Scores of the reps whose pay a person may see."""
    rows = ObjectiveScore.objects.select_related("plan", "rep", "scored_by")
    return (
        rows
        if sees_all_pay(user)
        else rows.filter(rep__in=reps_paid_visible_to(user).order_by().values("pk"))
    )


def last_day_of(row: PlanQuota) -> dt.date:
    """The last day of a quota's time."""
    return end_of(row.first_month, row.months)


def end_of(first: dt.date, months: int) -> dt.date:
    """The last day of so many months."""
    return add_months(first, months) - DAY


def overlapping(row: PlanQuota) -> PlanQuota | None:
    """Another quota of the same rep and component that holds some of the same months."""
    rows = PlanQuota.objects.filter(plan=row.plan, rep=row.rep, component=row.component).exclude(pk=row.pk)
    end = end_of(row.first_month, row.months)
    near = rows.filter(first_month__lte=end, first_month__gt=add_months(row.first_month, -12))
    return next((one for one in near if last_day_of(one) >= row.first_month), None)


def plan_read_on(plan: PayPlan, day: dt.date) -> Plan | None:
    """What a plan says on a day (or will say); None without terms that read."""
    version = terms_to_show(plan, day)
    try:
        return plan_from(version.terms) if version is not None else None
    except BadPlan:
        return None


def fault_of_quota(plan: Plan, component: str, first: dt.date, months: int) -> str:
    """Why a quota does not fit a plan; empty where it does."""
    codes = [one.code for one in plan.components]
    if component and component not in codes:
        return f"The plan has no component “{component}”. Known: {', '.join(codes)}."
    if component and plan.component(component).measure.per:
        return f"The component “{component}” is a ratio and has no quota. Set one for another component."
    if (first.month - plan.year_begins) % months:
        return (
            f"{first:%B} begins no span of {months} months of the plan's year, which begins with month "
            f"{plan.year_begins}."
        )
    return ""


def fault_of_score(plan: Plan, component: str, objective: str, month: dt.date) -> str:
    """Why a score does not fit a plan; empty where it does."""
    cards = {one.code: one for one in plan.components if one.form is Form.SCORECARD}
    card = cards.get(component)
    if card is None:
        known = f"Known: {', '.join(cards)}." if cards else "It has none."
        return f"The plan has no scorecard “{component}”. {known}"
    codes = [one.code for one in card.objectives]
    if objective not in codes:
        return f"“{component}” has no objective “{objective}”. Known: {', '.join(codes)}."
    length = MONTHS.get(card.period, 1)
    if (month.month - plan.year_begins + 1) % length:
        return f"{month:%B} ends no {card.period} of the plan. Give the last month of the {card.period}."
    return ""
