"""Whose pay a person may see: the one place that says so.

Pay is secret. A rep sees only the own; a sales manager that of the reps below (all levels) and the own; the
VP, managers, analysts, executives and service accounts see all; everybody else nothing but the own. Whoever
only sells sees a month's pay from its approval on.
"""

from django.db.models import Q, QuerySet

from compensation.models import PayRun, RunState, Statement
from core.models import Person
from core.roles import PAY_READERS, Role
from crm.models import Rep
from crm.selectors.accounts import reps_below, rows_of_rep

SHOWN_TO_SELLERS = (RunState.APPROVED, RunState.LOCKED, RunState.PAID)


def sees_all_pay(user: Person | None) -> bool:
    """Whether a person may see everybody's pay. `None` is the system itself."""
    return user is None or bool(PAY_READERS.intersection(user.roles))


def reps_paid_visible_to(user: Person | None) -> QuerySet[Rep]:
    """The reps whose pay a person may see, the own among them."""
    if sees_all_pay(user):
        return Rep.objects.all()
    if user is not None and Role.SALES_MANAGER in user.roles:
        return reps_below(list(rows_of_rep(user)))
    return Rep.objects.filter(person=user)


def may_see_pay_of(user: Person | None, rep: Rep | int) -> bool:
    """Whether a person may see the pay of a rep, given as the row or its key."""
    key = rep.pk if isinstance(rep, Rep) else rep
    return sees_all_pay(user) or reps_paid_visible_to(user).filter(pk=key).exists()


def runs_shown_to(user: Person | None, path: str = "") -> Q:
    """The condition of runs whose pay a person may see by their state, for rows that find their run by `path`
    (such as `run__`): all for those who see everybody's pay, those approved at least for the others."""
    return Q() if sees_all_pay(user) else Q(**{f"{path}state__in": SHOWN_TO_SELLERS})


def runs_paid_visible_to(user: Person | None) -> QuerySet[PayRun]:
    """The runs of pay a person may know of by their state. Their totals are for those who see all pay."""
    return PayRun.objects.filter(runs_shown_to(user))


def statements_visible_to(user: Person | None) -> QuerySet[Statement]:
    """The statements a person may see, with their run, rep and currency."""
    reps = reps_paid_visible_to(user).order_by().values("pk")
    allowed = Q() if sees_all_pay(user) else Q(rep__in=reps)
    rows = Statement.objects.filter(allowed, runs_shown_to(user, "run__"))
    return rows.select_related("run", "rep", "currency")
