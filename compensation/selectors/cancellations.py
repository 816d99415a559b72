"""Reads of won deals that came to nothing."""

from decimal import Decimal

from django.db.models import DecimalField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from compensation.models import Cancellation, Credit
from compensation.selectors.scope import reps_paid_visible_to, sees_all_pay
from core.models import Person
from crm.models import Deal

MONEY = DecimalField(max_digits=18, decimal_places=4)


def cancellations_visible_to(user: Person | None) -> QuerySet[Cancellation]:
    """Cancellations of deals that count for reps whose pay a person may see, each with `taken`: what it takes
    back of direct credit of won deals, 0 or below."""
    back = Credit.objects.filter(
        cancellation=OuterRef("pk"), is_gone=False, basis="bookings", kind__in=("direct", "split")
    )
    taken = back.order_by().values("cancellation").annotate(sum=Sum("amount")).values("sum")
    rows = Cancellation.objects.select_related("deal__account", "deal__rep", "entered_by")
    rows = rows.annotate(taken=Coalesce(Subquery(taken), Decimal(0), output_field=MONEY))
    if sees_all_pay(user):
        return rows
    reps = reps_paid_visible_to(user).order_by().values("pk")
    counted = Credit.objects.filter(rep__in=reps, is_gone=False, deal__isnull=False).values("deal")
    return rows.filter(Q(deal__in=counted))


def cancelled_share(deal: Deal, without: int | None = None) -> Decimal:
    """How much of a deal is cancelled, in percent, leaving out one entry."""
    rows = Cancellation.objects.filter(deal=deal)
    if without is not None:
        rows = rows.exclude(pk=without)
    return rows.aggregate(sum=Coalesce(Sum("percent"), Decimal(0)))["sum"]
