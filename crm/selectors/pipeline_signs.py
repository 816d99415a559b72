"""Signs that an open deal needs care, as a table: what each is called and which deals show it.

The thresholds are company settings. Lists, counts and chips of a deal all read this one table.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, Case, Count, Q, QuerySet, Sum, Value, When
from django.utils import timezone

from core import company
from crm.models import Deal
from crm.selectors.pipeline_deals import AMOUNT, IS_OPEN, bare

SLIPPING, STALLED, AT_RISK, INCOMPLETE = "slipping", "stalled", "at_risk", "incomplete"
GROUPS = {
    SLIPPING: "Slipping",
    STALLED: "Stalled",
    AT_RISK: "At risk",
    INCOMPLETE: "Incomplete",
}


@dataclass(frozen=True)
class Limits:
    """The thresholds that hold today."""

    now: dt.datetime
    today: dt.date
    pushes: int
    stalled_days: int
    risk_days: int
    risk_share: Decimal

    @property
    def soon(self) -> dt.date:
        """Up to this day an expected close is near."""
        return self.today + dt.timedelta(days=self.risk_days)


@dataclass(frozen=True)
class Sign:
    """`shows` says which open deals show it; `short` is its label in a narrow column."""

    key: str
    group: str
    label: str
    short: str
    shows: Callable[[Limits], Q]

    @property
    def column(self) -> str:
        """The name under which the sign is annotated on deals."""
        return f"sign_{self.key}"


def _soon(limits: Limits) -> Q:
    return Q(expected_close__range=(limits.today, limits.soon))


SIGNS = (
    Sign(
        "overdue",
        SLIPPING,
        "Close date has passed",
        "Overdue",
        lambda limits: Q(expected_close__lt=limits.today),
    ),
    Sign("pushed", SLIPPING, "Pushed again and again", "Pushed", lambda limits: Q(pushes__gte=limits.pushes)),
    Sign(
        "stalled",
        STALLED,
        "Too long in its stage",
        "Stalled",
        lambda limits: Q(entered_stage__lt=limits.now - dt.timedelta(days=limits.stalled_days)),
    ),
    Sign(
        "unlikely",
        AT_RISK,
        "Closes soon, but is not likely",
        "Unlikely",
        lambda limits: _soon(limits) & Q(chance__lt=limits.risk_share),
    ),
    Sign(
        "no_next_step",
        AT_RISK,
        "Closes soon without a next step",
        "No next step",
        lambda limits: _soon(limits) & Q(next_step=""),
    ),
    Sign(
        "no_amount",
        INCOMPLETE,
        "No amount",
        "No amount",
        lambda limits: Q(base_amount__isnull=True) | Q(base_amount=0),
    ),
    Sign("no_date", INCOMPLETE, "No close date", "No date", lambda limits: Q(expected_close__isnull=True)),
    Sign("no_owner", INCOMPLETE, "Nobody owns it", "No owner", lambda limits: Q(rep__isnull=True)),
)
ANY = "any"
CHOICES = [
    (ANY, "Any sign"),
    *GROUPS.items(),
    *((sign.key, sign.label) for sign in SIGNS if sign.key != sign.group),
]


@dataclass(frozen=True)
class Shown:
    """How many deals show a group of signs, and their money in base currency."""

    group: str
    label: str
    deals: int
    amount: Decimal


@dataclass(frozen=True)
class Counted:
    """How many deals there are, and how many of them show each group of signs."""

    deals: int
    groups: list[Shown]


def limits_today() -> Limits:
    """The thresholds of the company settings."""
    return Limits(
        now=timezone.now(),
        today=timezone.localdate(),
        pushes=int(company.value("pipeline_pushes")),
        stalled_days=int(company.value("stalled_days")),
        risk_days=int(company.value("risk_days")),
        risk_share=Decimal(company.value("risk_percent")) / 100,
    )


def with_sign(deals: QuerySet[Deal], key: str) -> QuerySet[Deal]:
    """The open ones among some pipeline deals that show a sign, a group of signs, or any.

    Raises KeyError for a sign that there is not.
    """
    return deals.filter(IS_OPEN & _condition(key, limits_today()))


def marked(deals: QuerySet[Deal]) -> QuerySet[Deal]:
    """Pipeline deals with a column for each sign (`sign_overdue` …)."""
    limits = limits_today()
    columns: dict[str, Any] = {
        sign.column: Case(
            When(IS_OPEN & sign.shows(limits), then=Value(True)),
            default=Value(False),
            output_field=BooleanField(),
        )
        for sign in SIGNS
    }
    return deals.annotate(**columns)


def signs_of(deal: Deal) -> list[Sign]:
    """The signs a deal from `marked` shows."""
    return [sign for sign in SIGNS if getattr(deal, sign.column)]


def counted(deals: QuerySet[Deal]) -> Counted:
    """How many open deals are among some pipeline deals, and how many show each group of signs, in one
    query."""
    limits = limits_today()
    sums: dict[str, Any] = {"deals": Count("pk")}
    for group in GROUPS:
        condition = _condition(group, limits)
        sums[f"{group}_deals"] = Count("pk", filter=condition)
        sums[f"{group}_amount"] = Sum(AMOUNT, filter=condition, default=Decimal(0))
    found = bare(deals).filter(IS_OPEN).aggregate(**sums)
    groups = [
        Shown(group, label, found[f"{group}_deals"], found[f"{group}_amount"])
        for group, label in GROUPS.items()
    ]
    return Counted(found["deals"], groups)


def _condition(key: str, limits: Limits) -> Q:
    chosen = [sign for sign in SIGNS if key in (ANY, sign.group, sign.key)]
    if not chosen:
        raise KeyError(f"There is no sign {key!r}.")
    either = Q()
    for sign in chosen:
        either |= sign.shows(limits)
    return either
