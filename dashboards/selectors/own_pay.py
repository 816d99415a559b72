"""What the home page tells of pay: the own, and that of the team below."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum

from compensation.models import DisputeState, RunState, Statement
from compensation.selectors.disputes import disputes_visible_to
from compensation.selectors.scope import SHOWN_TO_SELLERS, statements_visible_to
from core.models import Person
from core.roles import Role
from crm.models import Rep
from crm.selectors.accounts import reps_below


@dataclass(frozen=True)
class TeamPay:
    """What the newest approved month pays the reps below, by currency: (currency, payout, people); and their
    open disputes."""

    month: dt.date | None
    sums: list[tuple[str, Decimal, int]]
    disputes: int


def newest_statement(user: Person, rep: Rep) -> Statement | None:
    """The newest month of a rep that is paid; before the first one, the newest that is approved."""
    rows = _approved(user).filter(rep=rep).order_by("-run__month", "-pay")
    return rows.filter(run__state=RunState.PAID).first() or rows.first()


def team_pay(user: Person, mine: Rep | None) -> TeamPay | None:
    """The pay of the team of who leads one, without the own; None for everybody else."""
    if mine is None or Role.SALES_MANAGER not in user.roles:
        return None
    team = reps_below([mine.pk]).exclude(pk=mine.pk).order_by().values("pk")
    if not team:
        return None
    rows = _approved(user).filter(rep__in=team)
    newest = rows.order_by("-run__month").first()
    waiting = disputes_visible_to(user).filter(state=DisputeState.OPEN, rep__in=team).count()
    if newest is None:
        return TeamPay(None, [], waiting)
    return TeamPay(newest.run.month, _sums(rows.filter(run__month=newest.run.month)), waiting)


def _sums(rows: QuerySet[Statement]) -> list[tuple[str, Decimal, int]]:
    sums = rows.order_by().values_list("currency_id")
    found = sums.annotate(total=Sum("pay"), people=Count("rep", distinct=True)).order_by("currency_id")
    return [(row[0], row[1], row[2]) for row in found]


def _approved(user: Person) -> QuerySet[Statement]:
    """The statements of approved months that somebody may see: an own dashboard tells nothing sooner."""
    return statements_visible_to(user).filter(run__state__in=SHOWN_TO_SELLERS)
