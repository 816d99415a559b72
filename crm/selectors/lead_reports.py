"""What became of leads: by source with cost and conversion, by reason, and against the agreement."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import (
    Aggregate,
    Count,
    F,
    FloatField,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Sum,
)
from django.db.models.functions import Cast, TruncDate, TruncMonth
from django.utils import timezone

from catalog.engine.months import add_months
from core.models import Person
from crm.engine.lead_moves import OPEN
from crm.models import Lead, LeadAgreement, LeadCost, LeadState, StageKind
from crm.selectors.leads import UP_FOR_CLAIM, counted, leads_visible_to

ANSWERED = ~Q(answered=None)
IN_TIME = Q(answered__lte=F("due"), breaches=0)
REACHED_QUALIFIED = Q(state__in=[LeadState.QUALIFIED, LeadState.CONVERTED])
CONVERTED = Q(state=LeadState.CONVERTED)
DISQUALIFIED = Q(state=LeadState.DISQUALIFIED)
WON = CONVERTED & Q(deal__stage__kind=StageKind.WON, deal__is_deleted=False, deal__merged_into=None)


class Median(Aggregate):
    """The middle value, between two where their number is even (PostgreSQL's percentile_cont)."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


@dataclass(frozen=True)
class Period:
    """From the first month up to and with the last, by the day on which leads arrived."""

    first: dt.date
    last: dt.date

    @property
    def begins(self) -> dt.datetime:
        """Midnight at which the first month begins."""
        return timezone.make_aware(dt.datetime.combine(self.first, dt.time.min))

    @property
    def ends(self) -> dt.datetime:
        """Midnight after the last month."""
        return timezone.make_aware(dt.datetime.combine(add_months(self.last, 1), dt.time.min))


@dataclass(frozen=True)
class Outcome:
    """What became of some leads. Shares are 0 to 1 and None where there is nothing to share; response in
    working hours, lag in days from arrival to deal; cost and won amount in base currency."""

    name: str
    code: str = ""
    leads: int = 0
    answered: int = 0
    judged: int = 0
    in_time: int = 0
    disqualified: int = 0
    qualified: int = 0
    converted: int = 0
    response: float | None = None
    lag: float | None = None
    won: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)

    @property
    def conversion(self) -> float | None:
        """The share of all leads that became deals."""
        return self.converted / self.leads if self.leads else None

    @property
    def in_time_share(self) -> float | None:
        """The share answered in time, of those whose answer is due or given."""
        return self.in_time / self.judged if self.judged else None

    @property
    def cost_per_lead(self) -> Decimal | None:
        """Base currency spent for each lead; None without costs."""
        return self.cost / self.leads if self.leads and self.cost else None

    @property
    def cost_per_deal(self) -> Decimal | None:
        """Base currency spent for each lead that became a deal; None without costs."""
        return self.cost / self.converted if self.converted and self.cost else None


def leads_of(user: Person | None, period: Period) -> QuerySet[Lead]:
    """The leads a person may see that arrived in the period, each person or company once."""
    rows = counted(leads_visible_to(user)).select_related(None)
    return rows.filter(arrived__gte=period.begins, arrived__lt=period.ends).order_by()


def last_months(number: int = 12) -> Period:
    """The last months, this one included."""
    last = timezone.localdate().replace(day=1)
    return Period(add_months(last, 1 - number), last)


def _sums() -> dict[str, Any]:
    """The aggregates of an Outcome; the prefix keeps them apart from the columns of the same name."""
    days = Func(
        TruncDate("converted"),
        TruncDate("arrived"),
        template="(%(expressions)s)",
        arg_joiner=" - ",  # of two days PostgreSQL makes their number
        output_field=IntegerField(),
    )
    judged = Q(due__lt=timezone.now()) | (ANSWERED & ~Q(due=None))
    return {
        "n_leads": Count("pk"),
        "n_answered": Count("pk", filter=ANSWERED),
        "n_judged": Count("pk", filter=judged),
        "n_in_time": Count("pk", filter=IN_TIME),
        "n_disqualified": Count("pk", filter=DISQUALIFIED),
        "n_qualified": Count("pk", filter=REACHED_QUALIFIED),
        "n_converted": Count("pk", filter=CONVERTED),
        "n_response": Median(Cast("response_hours", FloatField()), output_field=FloatField()),
        "n_lag": Median(days, output_field=FloatField()),
        "n_won": Sum("deal__base_amount", filter=WON),
    }


def _outcome(name: str, row: dict[str, Any], code: str = "", cost: Decimal | None = None) -> Outcome:
    sums = {key.removeprefix("n_"): value for key, value in row.items()}
    won = sums.pop("won") or Decimal(0)
    return Outcome(name=name, code=code, won=won, cost=cost or Decimal(0), **sums)


def by_source(user: Person | None, period: Period) -> list[Outcome]:
    """What became of the leads of each source, the most leads first; those that only cost are there too."""
    costs = _costs_by_source(period)
    rows: Any = leads_of(user, period).values("source__code", "source__name").annotate(**_sums())
    found = []
    for row in rows:
        code, name = row.pop("source__code"), row.pop("source__name")
        found.append(_outcome(name, row, code, costs.pop(code, (None, ""))[0]))
    unused = [Outcome(name, code, cost=cost or Decimal(0)) for code, (cost, name) in costs.items()]
    return sorted([*found, *unused], key=lambda one: (-one.leads, one.name))


def _costs_by_source(period: Period) -> dict[str, tuple[Decimal | None, str]]:
    rows = LeadCost.objects.filter(month__range=(period.first, period.last)).order_by()
    sums = rows.values("source__code", "source__name").annotate(total=Sum("amount"))
    return {row["source__code"]: (row["total"], row["source__name"]) for row in sums}


def altogether(user: Person | None, period: Period) -> Outcome:
    """What became of all leads of the period."""
    total = LeadCost.objects.filter(month__range=(period.first, period.last)).aggregate(total=Sum("amount"))
    return _outcome("All sources", leads_of(user, period).aggregate(**_sums()), cost=total["total"])


def by_reason(user: Person | None, period: Period) -> list[tuple[str, int]]:
    """Why leads were disqualified, the most frequent first."""
    rows = leads_of(user, period).filter(DISQUALIFIED).values("disqualified_because")
    counts = rows.annotate(count=Count("pk")).order_by("-count", "disqualified_because")
    return [(row["disqualified_because"], row["count"]) for row in counts]


# --- the agreement between marketing and sales ----------------------------------------------------


@dataclass(frozen=True)
class AgreedMonth:
    """A month of the agreement: what was promised, what came, what was worked on in time.

    `delivered` are leads that arrived and were not disqualified; shares are 0 to 1.
    """

    month: dt.date
    agreement: LeadAgreement | None
    arrived: int = 0
    delivered: int = 0
    judged: int = 0
    in_time: int = 0
    converted: int = 0

    @property
    def missing(self) -> int | None:
        """How many leads fewer than promised came; 0 where the promise is kept."""
        return max(self.agreement.promised - self.delivered, 0) if self.agreement is not None else None

    @property
    def in_time_share(self) -> float | None:
        """The share answered in time, of those whose answer is due or given."""
        return self.in_time / self.judged if self.judged else None

    @property
    def marketing_kept(self) -> bool | None:
        """Whether marketing brought as many leads as promised; None without an agreement."""
        return self.delivered >= self.agreement.promised if self.agreement is not None else None

    @property
    def sales_kept(self) -> bool | None:
        """Whether sales answered the promised share in time; None without an agreement or any to judge."""
        if self.agreement is None or self.in_time_share is None:
            return None
        return self.in_time_share * 100 >= self.agreement.in_time_percent


def agreed_months(user: Person | None, period: Period) -> list[AgreedMonth]:
    """The months of the period, the newest first: those with an agreement or with leads."""
    wanted = ("leads", "disqualified", "judged", "in_time", "converted")
    sums = {f"n_{name}": _sums()[f"n_{name}"] for name in wanted}
    month = TruncMonth("arrived", tzinfo=timezone.get_current_timezone())
    rows: Any = leads_of(user, period).annotate(month=month).values("month").annotate(**sums)
    counts = {row["month"].date(): row for row in rows}
    agreed = LeadAgreement.objects.filter(month__range=(period.first, period.last)).select_related("owner")
    agreements = {row.month: row for row in agreed}
    months = sorted({*counts, *agreements}, reverse=True)
    return [_agreed(one, agreements.get(one), counts.get(one)) for one in months]


def _agreed(month: dt.date, agreement: LeadAgreement | None, row: dict[str, Any] | None) -> AgreedMonth:
    if row is None:
        return AgreedMonth(month, agreement)
    return AgreedMonth(
        month,
        agreement,
        arrived=row["n_leads"],
        delivered=row["n_leads"] - row["n_disqualified"],
        judged=row["n_judged"],
        in_time=row["n_in_time"],
        converted=row["n_converted"],
    )


# --- what waits now -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """How many leads wait for an answer, are late, are up for claim, are open, and are open and mine."""

    waiting: int
    late: int
    up_for_claim: int
    open: int
    mine: int


def waiting_counts(person: Person) -> Waiting:
    """The leads that a person sees and that are not done with."""
    new = Q(state=LeadState.NEW)
    sums = counted(leads_visible_to(person)).select_related(None).filter(state__in=OPEN).order_by()
    return Waiting(
        **sums.aggregate(
            waiting=Count("pk", filter=new),
            late=Count("pk", filter=new & Q(due__lt=timezone.now())),
            up_for_claim=Count("pk", filter=UP_FOR_CLAIM),
            open=Count("pk"),
            mine=Count("pk", filter=Q(owner__person=person)),
        )
    )
