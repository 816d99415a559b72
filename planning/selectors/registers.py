"""Reading assumptions, risks and opportunities, and decisions, in the reader's scope."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from catalog.selectors import reach_of
from core.fields import MoneyField
from planning.models import Assumption, Cycle, Decision, RiskOrOpportunity

SIGN = Case(When(leaning="risk", then=Value(-1)), default=Value(1))
EXPECTED = F("money") * F("probability")


def assumptions_visible_to(user: Any) -> QuerySet[Assumption]:
    """Assumptions about the families and markets in scope, and those about everything."""
    reach = reach_of(user)
    rows = Assumption.objects.select_related("cycle", "family", "market", "owner")
    return rows.filter(_family(reach), reach.of_market("market", or_everywhere=True))


def risks_visible_to(user: Any) -> QuerySet[RiskOrOpportunity]:
    """Risks and opportunities in scope. `expected` is money × probability, negative for a risk."""
    rows = RiskOrOpportunity.objects.select_related("cycle", "family", "owner")
    return rows.filter(_family(reach_of(user))).annotate(expected=_money(SIGN * EXPECTED))


def decisions_visible_to(user: Any) -> QuerySet[Decision]:
    """Every decision: those who may see cycles see what was asked and decided."""
    return Decision.objects.select_related("cycle", "owner", "decided_by")


def open_decisions_of(user: Any, cycle: Cycle) -> QuerySet[Decision]:
    """What waits to be decided in a cycle, the largest money first."""
    return decisions_visible_to(user).filter(cycle=cycle, decided="").order_by("-money", "pk")


def top_risks_of(user: Any, cycle: Cycle) -> QuerySet[RiskOrOpportunity]:
    """What is open in a cycle, the largest expected money first."""
    rows = risks_visible_to(user).filter(cycle=cycle, is_open=True)
    return rows.annotate(size=_money(EXPECTED)).order_by("-size", "pk")


@dataclass(frozen=True)
class Balance:
    """What open risks and opportunities come to: money × probability, base currency."""

    risks: Decimal
    opportunities: Decimal

    @property
    def net(self) -> Decimal:
        """Opportunities less risks."""
        return self.opportunities - self.risks


def balance_of(rows: QuerySet[RiskOrOpportunity]) -> Balance:
    """The expected money of the open ones among the rows."""
    sums = rows.filter(is_open=True).aggregate(
        risks=_sum(Q(leaning="risk")), opportunities=_sum(Q(leaning="opportunity"))
    )
    return Balance(sums["risks"], sums["opportunities"])


def _sum(condition: Q) -> Any:
    return Coalesce(Sum(_money(EXPECTED), filter=condition), Value(Decimal(0)), output_field=MoneyField())


def _money(expression: Any) -> Any:
    return Case(default=expression, output_field=MoneyField())


def _family(reach: Any) -> Q:
    return reach.of_family("family") | Q(family=None) if reach.families else Q()
