"""Every read of disputes: the own ones, the team's, all for those who see all pay."""

import datetime as dt

from django.db.models import Case, DecimalField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Abs, Coalesce, Now

from compensation.models import Dispute, DisputeState, PayLine, PayPlan, PayRun, Statement, StatementPart
from compensation.selectors.scope import SHOWN_TO_SELLERS, reps_paid_visible_to, sees_all_pay
from core.models import Event, Person
from core.roles import ACTIONS
from crm.models import Deal, StageKind
from crm.selectors.deals import live_deals_visible_to

TOLD = "dispute is late"
NOTHING = Value(0, output_field=DecimalField(max_digits=18, decimal_places=4))
PAID = Coalesce("line__pay", NOTHING)
# Late: nobody answered in time. The first answer is a comment of who may decide, or the decision.
IS_LATE = Q(first_answer__isnull=True, state=DisputeState.OPEN, due__lt=Now()) | Q(first_answer__gt=F("due"))
# What it is about in money: what is wanted less what was paid; without an amount, what was paid.
WORTH = Case(When(expected=None, then=Abs(PAID)), default=Abs(F("expected") - PAID))
OPEN_FIRST = Case(When(state=DisputeState.OPEN, then=Value(0)), default=Value(1))
LATE_FIRST = Case(When(IS_LATE, then=Value(True)), default=Value(False))


def disputes_visible_to(user: Person | None) -> QuerySet[Dispute]:
    """The disputes about pay that a person may see; each with `worth` (in the statement's currency), `late`
    and `closed` (0 while it is open)."""
    rows = Dispute.objects.select_related(
        *("statement__run", "statement__currency", "line__part__version__plan", "rep", "deal", "owner"),
        *("raised_by", "decided_by", "adjustment"),
    ).annotate(worth=WORTH, late=LATE_FIRST, closed=OPEN_FIRST)
    if sees_all_pay(user):
        return rows
    return rows.filter(rep__in=reps_paid_visible_to(user).order_by().values("pk"))


def own_statements(user: Person) -> QuerySet[Statement]:
    """The person's own statements of approved runs: what may be disputed."""
    rows = Statement.objects.filter(rep__person=user, run__state__in=SHOWN_TO_SELLERS)
    return rows.select_related("run", "rep", "currency").order_by("-run__month", "currency")


def own_lines(user: Person) -> QuerySet[PayLine]:
    """The lines of those statements."""
    rows = PayLine.objects.filter(statement__in=own_statements(user).order_by().values("pk"))
    return rows.select_related("statement__run", "statement__currency", "part__version__plan", "deal")


def deals_to_name(user: Person, statement: Statement) -> QuerySet[Deal]:
    """The person's own won deals of the year up to the end of the statement's month."""
    month = statement.run.month
    first = month.replace(year=month.year - 1)
    after = (month + dt.timedelta(days=31)).replace(day=1)
    rows = live_deals_visible_to(user).filter(
        rep=statement.rep, stage__kind=StageKind.WON, closed__gte=first, closed__lt=after
    )
    return rows.order_by("-closed", "pk")


def people_who_decide(user: Person | None) -> QuerySet[Person]:
    """Active people whose role decides disputes."""
    roles = [role.value for role in ACTIONS["pay.decide"].roles]
    return Person.objects.filter(is_active=True, roles__overlap=roles).order_by("name")


def plans_of_disputes(user: Person | None) -> QuerySet[PayPlan]:
    """The plans of the statements about which a person may see disputes."""
    statements = disputes_visible_to(user).order_by().values("statement")
    parts = StatementPart.objects.filter(version__plan=OuterRef("pk"), statement__in=statements)
    return PayPlan.objects.filter(Exists(parts)).order_by("name")


def late_and_not_told() -> QuerySet[Dispute]:
    """Open disputes that nobody answered in time, and of whose being late nobody was told yet."""
    told = Event.objects.filter(subject_type=Dispute._meta.label_lower, verb=TOLD)
    rows = disputes_visible_to(None).filter(state=DisputeState.OPEN, first_answer=None, due__lt=Now())
    keys = told.values_list("subject_id", flat=True)
    open_keys = [str(key) for key in rows.order_by().values_list("pk", flat=True)]
    known = set(keys.filter(subject_id__in=open_keys))
    return rows.exclude(pk__in=[int(key) for key in known]).order_by("due", "pk")


def first_open_month(statement: Statement) -> dt.date:
    """The month in which what is agreed can be paid: the first without an approved run, from the statement's
    own on."""
    done = PayRun.objects.filter(state__in=SHOWN_TO_SELLERS, month__gte=statement.run.month)
    newest = done.order_by("-month").values_list("month", flat=True).first()
    if newest is None:
        return statement.run.month
    return (newest + dt.timedelta(days=32)).replace(day=1)
