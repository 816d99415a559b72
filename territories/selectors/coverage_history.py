"""Who covered an account on a day, what changed hands when, and the lines that pages draw of it.

Whoever only sells sees the own accounts (a sales manager those of the team): those owned in the CRM, and
those that they cover today or later in any role.
"""

import datetime as dt
from dataclasses import dataclass

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from catalog.selectors import reach_of
from core.models import Person
from crm.models import Account, Rep
from crm.selectors.accounts import accounts_visible_to, own_reps
from territories.models import Assignment, CoverageChange, CoverageRole, OwnershipChange, OwnershipExport

SHOWN_WITH = ("account", "role", "rep", "territory")
CHANGED_WITH = ("account", "role", "old_rep", "new_rep", "territory")


def covered_accounts_visible_to(user: Person | None) -> QuerySet[Account]:
    """The accounts whose coverage a person may see."""
    own = own_reps(user)
    if own is None:
        return accounts_visible_to(user)
    mine = Assignment.objects.filter(account=OuterRef("pk"), rep__in=own.values("pk"))
    current = mine.filter(days__overlap=DateRange(timezone.localdate(), None))
    inside = reach_of(user).of_market("market", or_everywhere=True)
    rows = Account.objects.filter(Q(owner__in=own.values("pk")) | Exists(current), inside)
    return rows.select_related("parent", "owner", "market")


def assignments_visible_to(user: Person | None) -> QuerySet[Assignment]:
    """Who covers which account on which days, of the accounts a person may see."""
    rows = Assignment.objects.select_related(*SHOWN_WITH)
    if user is None:
        return rows
    return rows.filter(account__in=covered_accounts_visible_to(user).order_by().values("pk"))


def assigned_on(user: Person | None, account: Account, day: dt.date) -> list[Assignment]:
    """Who covered an account on a day, in every role: read by the index on account, role and days."""
    rows = assignments_visible_to(user).filter(account=account, days__contains=day)
    return list(rows.order_by("role__kind", "role__name"))


def changes_visible_to(user: Person | None) -> QuerySet[CoverageChange]:
    """What changed hands or will, of the accounts a person may see and of the own reps."""
    rows = CoverageChange.objects.select_related(*CHANGED_WITH)
    own = own_reps(user)
    if own is None:
        return rows.filter(reach_of(user).of_market("account__market", or_everywhere=True))
    mine = own.values("pk")
    return rows.filter(Q(old_rep__in=mine) | Q(new_rep__in=mine))


def ownership_changes_visible_to(user: Person | None) -> QuerySet[OwnershipChange]:
    """What other systems are told of, of the accounts and reps a person may see, as noted."""
    rows = OwnershipChange.objects.select_related(*CHANGED_WITH)
    own = own_reps(user)
    if own is None:
        return rows.filter(reach_of(user).of_market("account__market", or_everywhere=True))
    mine = own.values("pk")
    return rows.filter(Q(old_rep__in=mine) | Q(new_rep__in=mine))


def exports_visible_to(user: Person | None) -> QuerySet[OwnershipExport]:
    """Every file of changes that was taken out."""
    return OwnershipExport.objects.select_related("made_by")


@dataclass(frozen=True)
class Band:
    """A rep's days in a line: begin and length as parts of 1000 of the time that is shown."""

    label: str
    title: str
    begin: int
    length: int
    number: int


@dataclass(frozen=True)
class Line:
    """The bands of one role, in the order of days."""

    role: CoverageRole
    bands: list[Band]


def lines_of(rows: list[Assignment], first: dt.date, last: dt.date) -> list[Line]:
    """An account's reps by role between two days; each rep has one number (a colour) on the page."""
    numbers = {rep: number for number, rep in enumerate(dict.fromkeys(row.rep_id for row in rows))}
    roles = {row.role_id: row.role for row in rows}
    return [
        Line(role, [_band(row, first, last, numbers[row.rep_id]) for row in rows if row.role_id == key])
        for key, role in sorted(roles.items(), key=lambda item: (item[1].kind != "owner", item[1].name))
    ]


def span_of(rows: list[Assignment], today: dt.date) -> tuple[dt.date, dt.date]:
    """The days that a line shows: from the first one known, to half a year after the last change."""
    edges = [day for row in rows for day in (row.days.lower, row.days.upper) if day is not None]
    ahead = dt.timedelta(days=182)
    return min([*edges, today]), max([*edges, today]) + ahead


def _band(row: Assignment, first: dt.date, last: dt.date, number: int) -> Band:
    whole = max(1, (last - first).days)
    begin = max(0, (row.days.lower - first).days) * 1000 // whole
    end = min(whole, ((row.days.upper or last) - first).days) * 1000 // whole
    until = f" to {row.days.upper - dt.timedelta(days=1):%d %b %Y}" if row.days.upper else " on"
    title = f"{row.role.name}: {row.rep.name} from {row.days.lower:%d %b %Y}{until}"
    return Band(row.rep.name, title, begin, max(2, end - begin), number % 5 + 1)


def accounts_on(rep: Rep, user: Person | None, day: dt.date) -> QuerySet[Assignment]:
    """What a rep covers on a day, of what a person may see."""
    return assignments_visible_to(user).filter(rep=rep, days__contains=day).order_by("account__name", "role")
