"""Reading quality issues within the person's scope, ranked by severity and money."""

from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Sum, Value, When

from catalog.selectors import reach_of
from core.models import Person
from gathering.models import IssueState, QualityIssue, Severity

RANKS = {Severity.BLOCKING: 0, Severity.WARNING: 1, Severity.NOTE: 2}
RANK = Case(
    *(When(severity=severity, then=Value(rank)) for severity, rank in RANKS.items()),
    output_field=IntegerField(),
)


def issues_visible_to(user: Person | None) -> QuerySet[QualityIssue]:
    """Every issue in the person's scope; issues about no product are open to all who see issues."""
    reach = reach_of(user)
    family = reach.of_family("product__family")
    market = reach.of_market("demand_unit__market", or_everywhere=True)
    rows = QualityIssue.objects.filter((family | Q(product=None)) if family else Q(), market)
    return rows.select_related("owner", "waived_by", "product", "demand_unit", "run").annotate(rank=RANK)


def open_issues_of_unit(user: Person | None, unit: int, product: int) -> QuerySet[QualityIssue]:
    """The open and waived issues about one demand unit or its product."""
    about = Q(demand_unit=unit) | Q(product=product, demand_unit=None)
    rows = issues_visible_to(user).filter(about).exclude(state=IssueState.RESOLVED)
    return rows.order_by(RANK, "-money")


def totals_of_issues(rows: QuerySet[QualityIssue]) -> dict[str, Any]:
    """How many open issues of each severity there are, and the money at stake."""
    is_open = Q(state=IssueState.OPEN)
    return rows.order_by().aggregate(
        count=Count("pk"),
        blocking=Count("pk", filter=is_open & Q(severity=Severity.BLOCKING)),
        warnings=Count("pk", filter=is_open & Q(severity=Severity.WARNING)),
        waived=Count("pk", filter=Q(state=IssueState.WAIVED)),
        money=Sum("money", filter=is_open, default=Decimal(0)),
    )
