"""Coverage: what was won and what is open in a period, by forecast category, against the quota.

Open deals count in the month in which they are to close, won deals in the month in which they closed.
Deals that should have closed before the period and are still open are told apart: nobody knows when.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, DateField, F, Q, QuerySet, Sum, When
from django.db.models.functions import TruncMonth

from core.models import Person
from crm.models import Deal, ForecastCategory, Rep
from crm.selectors.accounts import reps_visible_to
from crm.selectors.pipeline_deals import AMOUNT, IS_OPEN, IS_WON, WEIGHTED, bare
from crm.selectors.quotas import Quota, quotas
from crm.selectors.teams import memberships_visible_to

OPEN_CATEGORIES = (ForecastCategory.COMMIT, ForecastCategory.BEST_CASE, ForecastCategory.PIPELINE)
ZERO = Decimal(0)


@dataclass(frozen=True)
class Line:
    """One rep, team or month: quota (None where there is none), won, and the open deals by category,
    all in base currency. `weighted` is the open money times each deal's chance."""

    key: str
    name: str
    quota: Decimal | None
    won: Decimal = ZERO
    commit: Decimal = ZERO
    best_case: Decimal = ZERO
    pipeline: Decimal = ZERO
    omitted: Decimal = ZERO
    weighted: Decimal = ZERO
    deals: int = 0

    @property
    def open(self) -> Decimal:
        """The open deals that count: without those left out of the forecast."""
        return self.commit + self.best_case + self.pipeline

    @property
    def gap(self) -> Decimal | None:
        """What of the quota is still missing; negative where more was sold."""
        return None if self.quota is None else self.quota - self.won

    @property
    def coverage(self) -> Decimal | None:
        """Open deals over what is missing; None without a quota, or where nothing is missing."""
        return self.open / self.gap if self.gap is not None and self.gap > 0 else None

    @property
    def attained(self) -> Decimal | None:
        """Won over quota."""
        return self.won / self.quota if self.quota else None

    @property
    def expected(self) -> Decimal:
        """Won, and what of the open deals is likely."""
        return self.won + self.weighted

    def __add__(self, other: "Line") -> "Line":
        sums = {name: getattr(self, name) + getattr(other, name) for name in ADDED}
        quota = None if self.quota is None and other.quota is None else (self.quota or 0) + (other.quota or 0)
        return Line(self.key, self.name, None if quota is None else Decimal(quota), **sums)


ADDED = ("won", "commit", "best_case", "pipeline", "omitted", "weighted", "deals")


@dataclass(frozen=True)
class Coverage:
    """A period's total, its lines by rep, by team and by month, and the open deals that are overdue
    for it: how many, and their money."""

    total: Line
    reps: list[Line]
    teams: list[Line]
    months: list[tuple[dt.date, Line]]
    overdue: int = 0
    overdue_amount: Decimal = ZERO
    quotas_of_markets: Decimal = ZERO


def coverage(user: Person | None, deals: QuerySet[Deal], first: dt.date, last: dt.date) -> Coverage:
    """Coverage of the days from `first` to `last` by some pipeline deals. Five queries.

    Quotas are those of whole months, and of the reps that the person sees.
    """
    asked = quotas(user, first, last)
    reps = {rep.pk: rep for rep in reps_visible_to(user)}
    lines = [_deal_line(row) for row in _sums(deals, first, last)]
    lines += [_quota_line(one) for one in asked if one.rep in reps]
    overdue = (
        bare(deals)
        .filter(IS_OPEN, expected_close__lt=first)
        .aggregate(deals=Count("pk"), money=Sum(AMOUNT, default=ZERO))
    )
    return Coverage(
        total=_total(lines),
        reps=_by_rep(lines, reps),
        teams=_by_team(lines, _team_of(user, last)),
        months=_by_month(lines),
        overdue=overdue["deals"],
        overdue_amount=overdue["money"],
        quotas_of_markets=sum((one.amount for one in asked if one.rep is None), ZERO),
    )


@dataclass(frozen=True)
class _Piece:
    """A line and where it belongs."""

    rep: int | None
    month: dt.date
    line: Line


def _sums(deals: QuerySet[Deal], first: dt.date, last: dt.date) -> Iterable[Any]:
    """By rep, month and category. One query."""
    closes = Q(IS_WON, closed__range=(first, last)) | Q(IS_OPEN, expected_close__range=(first, last))
    day = Case(When(IS_WON, then=F("closed")), default=F("expected_close"), output_field=DateField())
    return (
        bare(deals)
        .filter(closes)
        .annotate(month=TruncMonth(day))
        .values("rep", "month", "category_now")
        .annotate(deals=Count("pk"), money=Sum(AMOUNT), likely=Sum(WEIGHTED))
    )


def _deal_line(row: dict[str, Any]) -> _Piece:
    category = row["category_now"]
    name = "won" if category == ForecastCategory.CLOSED else category
    likely = row["likely"] if category in OPEN_CATEGORIES else ZERO
    sums = {name: row["money"], "weighted": likely, "deals": row["deals"]}
    return _Piece(row["rep"], row["month"], Line("", "", None, **sums))


def _quota_line(quota: Quota) -> _Piece:
    return _Piece(quota.rep, quota.month, Line("", "", quota.amount))


def _added(key: str, name: str, pieces: Iterable[_Piece]) -> Line:
    return sum((piece.line for piece in pieces), Line(key, name, None))


def _total(pieces: list[_Piece]) -> Line:
    return _added("", "All", pieces)


def _split(pieces: list[_Piece], key: Any) -> dict[Any, list[_Piece]]:
    found: dict[Any, list[_Piece]] = {}
    for piece in pieces:
        found.setdefault(key(piece), []).append(piece)
    return found


def _by_rep(pieces: list[_Piece], reps: dict[int, Rep]) -> list[Line]:
    lines = []
    for pk, mine in _split(pieces, lambda piece: piece.rep).items():
        rep = reps.get(pk)
        lines.append(_added(rep.code if rep else "", rep.name if rep else "No rep", mine))
    return _ranked(lines)


def _by_team(pieces: list[_Piece], team_of: dict[int, tuple[str, str]]) -> list[Line]:
    split = _split(pieces, lambda piece: team_of.get(piece.rep, ("", "No team")))
    return _ranked([_added(team[0], team[1], mine) for team, mine in split.items()])


def _by_month(pieces: list[_Piece]) -> list[tuple[dt.date, Line]]:
    split = _split(pieces, lambda piece: piece.month)
    return [(month, _added("", f"{month:%b %y}", split[month])) for month in sorted(split)]


def _ranked(lines: list[Line]) -> list[Line]:
    """Those that miss the most money first."""
    return sorted(lines, key=lambda line: (-(line.gap or ZERO), -line.open, line.name))


def _team_of(user: Person | None, day: dt.date) -> dict[int, tuple[str, str]]:
    """Each rep's team on a day, as (code, name)."""
    rows = memberships_visible_to(user).filter(days__contains=day)
    return {row.rep_id: (row.team.code, row.team.name) for row in rows}
