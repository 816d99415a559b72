"""Every read of statements: the statement, its parts, its lines, and why closed months are paid anew."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Min, Q, QuerySet, Sum, When
from django.db.models.functions import Abs
from django.urls import reverse

from compensation.models import (
    CLOSED,
    HeldPay,
    LineKind,
    PayLine,
    PayRun,
    RunState,
    Statement,
    StatementAdjustment,
    StatementPart,
)
from compensation.selectors.scope import runs_shown_to, statements_visible_to
from core.models import Person
from crm.selectors.deals import deals_visible_to

SHOWN_LINES = 20
KEPT = Min("pk", filter=Q(counted__isnull=False))
ZERO = Decimal(0)
# Kinds that price credits tier by tier; the others change the pay of a whole period.
BY_TIER = (LineKind.EARNED, LineKind.TRUE_UP, LineKind.TAKEN_BACK)


def statement_url(row: Any) -> str:
    """The page of a statement, given as the row or its key."""
    return reverse("compensation:statement", args=[getattr(row, "pk", row)])


def lines_visible_to(user: Person | None) -> QuerySet[PayLine]:
    """The lines of the statements that a person may see."""
    statements = statements_visible_to(user).order_by().values("pk")
    return PayLine.objects.filter(statement__in=statements).select_related(
        "part__version__plan", "credit", "deal", "statement__run", "statement__currency"
    )


def statements_shown(user: Person | None) -> QuerySet[Statement]:
    """For lists: the statements of runs that count, without those that failed or were thrown away."""
    return statements_visible_to(user).exclude(run__state__in=[RunState.FAILED, RunState.DISCARDED])


@dataclass(frozen=True)
class Rung:
    """Lines of one kind, tier and rate together: amount × rate = pay, of `count` lines. kept: the first
    of them whose credits are kept."""

    kind: str
    label: str
    tier: int | None
    rate: Decimal
    amount: Decimal
    pay: Decimal
    count: int
    is_delta: bool
    kept: int | None = None


@dataclass(frozen=True)
class PartOf:
    """A part with its rungs: by tier, and what changed the pay of the period."""

    part: StatementPart
    tiers: list[Rung]
    changes: list[Rung]


def parts_of(statement: Statement) -> list[PartOf]:
    """The parts in their order, with their own lines summed by kind, tier and rate."""
    rungs: dict[int, list[Rung]] = defaultdict(list)
    for row in _sums(statement):
        rungs[row.pop("part")].append(Rung(label=LineKind(row["kind"]).label, **row))
    parts = statement.parts.select_related("version__plan")
    return [
        PartOf(
            part,
            [one for one in rungs[part.pk] if one.kind in BY_TIER],
            [one for one in rungs[part.pk] if one.kind not in BY_TIER],
        )
        for part in parts
    ]


def _sums(statement: Statement) -> Any:
    places = (When(kind=kind, then=place) for place, kind in enumerate(LineKind.values))
    order = Case(*places, output_field=IntegerField())
    rows = statement.lines.filter(is_delta=False).order_by()
    return (
        rows.values("part", "kind", "tier", "rate", "is_delta")
        .annotate(amount=Sum("amount"), pay=Sum("pay"), count=Count("pk"), kept=KEPT)
        .order_by("part", order, F("tier").asc(nulls_last=True), "rate")
        .values("part", "kind", "tier", "rate", "is_delta", "amount", "pay", "count", "kept")
    )


def largest_lines(statement: Statement, most: int = SHOWN_LINES) -> list[PayLine]:
    """The own lines that pay or take most."""
    rows = statement.lines.filter(is_delta=False).select_related("credit", "deal", "part__version")
    return list(rows.order_by(Abs("pay").desc(), "pk")[:most])


@dataclass(frozen=True)
class Delta:
    """What a closed month would be today for a deal, less what was paid for it, and why it differs."""

    month: dt.date
    line: PayLine
    pay: Decimal
    why: str


def deltas_of(statement: Statement, most: int = SHOWN_LINES) -> list[Delta]:
    """The largest differences of closed months, each with its reason."""
    rows = statement.lines.filter(is_delta=True).select_related(
        "credit__run", "credit__cancellation", "deal", "part"
    )
    lines = list(rows.order_by(Abs("pay").desc(), "pk")[:most])
    closed = closings({line.month for line in lines})
    return [Delta(line.month, line, line.pay, why_late(line, closed.get(line.month))) for line in lines]


def closings(months: set[dt.date]) -> dict[dt.date, dt.datetime | None]:
    """When each of some months was locked."""
    if not months:
        return {}
    rows = PayRun.objects.filter(month__in=months, state__in=CLOSED)
    return dict(rows.values_list("month", "locked"))


def why_late(line: PayLine, locked: dt.datetime | None) -> str:
    """Why a closed month differs, by what is known of the credit."""
    credit = line.credit
    if credit is None:
        return "The month was worked out anew: a credit, quota, score or plan behind it changed."
    if credit.reverses_id:
        what = credit.cancellation
        told = f": {what.get_kind_display().lower()}, {what.reason}" if what else ""
        return f"Taken back on {credit.day.day} {credit.day:%b %Y}{told}"
    if credit.is_gone:
        return "It does not count any more: the deal, its owner or the rules of credit changed."
    if locked is not None and credit.run.made > locked:
        when = credit.run.made
        return f"The credit came or changed on {when.day} {when:%b %Y}, after the month was locked."
    return "Priced anew: the quota, the plan, or what counts before it changed."


def adjustments_of(statement: Statement) -> QuerySet[StatementAdjustment]:
    """The adjustments it pays."""
    return statement.adjustment_rows.select_related("adjustment__deal")


def held_of(statement: Statement) -> QuerySet[HeldPay]:
    """What holds keep back or let go."""
    return statement.held_rows.select_related("hold", "deal").order_by("-amount", "pk")


def neighbours(user: Person | None, statement: Statement) -> tuple[Statement | None, Statement | None]:
    """(the same rep's statement of the month before, of the one after), of runs that count."""
    rows = statements_shown(user).filter(rep=statement.rep_id, currency=statement.currency_id)
    month = statement.run.month
    before = rows.filter(run__month__lt=month).order_by("-run__month", "-run__version").first()
    after = rows.filter(run__month__gt=month).order_by("run__month", "-run__version").first()
    return before, after


def seen_deals(user: Person | None, keys: Iterable[int | None]) -> set[int]:
    """Of some deals, those whose page the person may open."""
    wanted = {key for key in keys if key}
    return set(deals_visible_to(user).filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()


def newest_by_month(user: Person | None, rep: int, first: dt.date, last: dt.date) -> list[Statement]:
    """A rep's statements between two months, oldest first: of each month and currency the newest run that
    counts."""
    rows = statements_shown(user).filter(rep=rep, run__month__range=(first, last))
    newest = rows.order_by("run__month", "currency_id", _rank(), "-run__version").distinct(
        "run__month", "currency_id"
    )
    return list(newest)


def _rank() -> Any:
    """The month's own calculation before previews of it."""
    return Case(When(run__state=RunState.PREVIEW, then=1), default=0, output_field=IntegerField())


def months_of(user: Person | None) -> list[dt.date]:
    """The months with statements, the newest first."""
    rows = PayRun.objects.filter(runs_shown_to(user)).exclude(
        state__in=[RunState.FAILED, RunState.DISCARDED, RunState.CALCULATING]
    )
    return list(rows.order_by("-month").values_list("month", flat=True).distinct())
