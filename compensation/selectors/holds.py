"""Reads of pay that waits: what is held, and how much."""

from decimal import Decimal

from django.db.models import DecimalField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from compensation.models import CreditHold, HeldPay
from compensation.models.runs import OF_THE_MONTH
from compensation.selectors.scope import reps_paid_visible_to, sees_all_pay
from core.models import Person

MONEY = DecimalField(max_digits=18, decimal_places=4)


def holds_visible_to(user: Person | None) -> QuerySet[CreditHold]:
    """Holds, each with `waiting`: the pay that they keep back in the months' runs, in the currency of the
    statements. Those who do not see all pay see the holds of the reps whose pay they see, and of deals in so
    far as they keep back pay of those reps."""
    reps = reps_paid_visible_to(user).order_by().values("pk")
    held = HeldPay.objects.filter(hold=OuterRef("pk"), statement__run__state__in=OF_THE_MONTH)
    if not sees_all_pay(user):
        held = held.filter(statement__rep__in=reps)
    total = held.order_by().values("hold").annotate(sum=Sum("amount")).values("sum")
    rows = CreditHold.objects.select_related("deal", "rep", "held_by", "released_by").annotate(
        waiting=Coalesce(Subquery(total), Decimal(0), output_field=MONEY)
    )
    if sees_all_pay(user):
        return rows
    concerned = HeldPay.objects.filter(statement__rep__in=reps).values("hold")
    return rows.filter(Q(rep__in=reps) | Q(rep=None, pk__in=concerned))
