"""The order lines behind attainment in sales, each with the rep it counts for."""

from typing import Any

from django.db.models import Case, F, FilteredRelation, Q, QuerySet, When
from django.db.models.functions import Coalesce

from core.models import Person
from crm.models import Rep
from crm.selectors.accounts import reps_visible_to
from crm.selectors.bookings import MONEY
from gathering.models import SalesLine
from gathering.selectors.facts import lines_visible_to
from territories.models import CoverageRole, RoleKind
from territories.selectors.attainment import Asked
from territories.selectors.attainment_sums import Credit


def credited_lines(user: Person | None, asked: Asked) -> QuerySet[SalesLine, Any]:
    """The lines of the period that count for the reps a person sees; those who see all reps see the lines of
    nobody as well. Each has `credited` (a rep's key), `credited_code`, `credited_name` and `signed`: returns
    are negative. In the line's own currency."""
    rows: Any = lines_visible_to(user).filter(day__range=(asked.period.first, asked.period.last))
    rows = with_credit(rows, asked.credit)
    reps = reps_visible_to(user).order_by()
    seen = Q(credited__in=reps.values("pk"))
    if reps.count() == Rep.objects.count():
        seen |= Q(credited=None)
    signed = Case(When(kind="return", then=-F("revenue")), default=F("revenue"), output_field=MONEY)
    return rows.filter(seen).annotate(signed=signed)


def with_credit(rows: Any, credit: str) -> Any:
    """Lines with the rep they count for."""
    if credit == Credit.SELLER:
        return rows.annotate(credited=F("rep_id"), credited_code=F("rep__code"), credited_name=F("rep__name"))
    role = CoverageRole.objects.filter(kind=RoleKind.OWNER).values_list("pk", flat=True).first()
    that_day = Q(account__assignments__role=role, account__assignments__days__contains=F("day"))
    return rows.annotate(owned=FilteredRelation("account__assignments", condition=that_day)).annotate(
        credited=Coalesce(F("owned__rep_id"), F("rep_id")),
        credited_code=Coalesce(F("owned__rep__code"), F("rep__code")),
        credited_name=Coalesce(F("owned__rep__name"), F("rep__name")),
    )
