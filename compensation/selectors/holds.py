"""Reads of pay that waits: what is held, and how much."""

from collections.abc import Iterable
from decimal import Decimal

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet, Sum, TextField
from django.db.models.functions import Cast, JSONObject

from compensation.models import CreditHold, HeldPay
from compensation.models.runs import OF_THE_MONTH
from compensation.selectors.scope import reps_paid_visible_to, sees_all_pay
from core.models import Person

Money = dict[str, str]


def holds_visible_to(user: Person | None) -> QuerySet[CreditHold]:
    """Holds, each with `waiting`: the pay that they keep back in the months' runs, {currency, amount} by
    currency. Those who do not see all pay see the holds of the reps whose pay they see, and of deals in so
    far as they keep back pay of those reps."""
    reps = reps_paid_visible_to(user).order_by().values("pk")
    held = HeldPay.objects.filter(hold=OuterRef("pk"), statement__run__state__in=OF_THE_MONTH)
    if not sees_all_pay(user):
        held = held.filter(statement__rep__in=reps)
    sums = held.values("statement__currency").annotate(sum=Sum("amount")).exclude(sum=0)
    money = JSONObject(currency="statement__currency", amount=Cast("sum", TextField()))
    rows = CreditHold.objects.select_related("deal", "rep", "held_by", "released_by").annotate(
        waiting=ArraySubquery(sums.order_by("statement__currency").values(money=money))
    )
    if sees_all_pay(user):
        return rows
    concerned = HeldPay.objects.filter(statement__rep__in=reps).values("hold")
    return rows.filter(Q(rep__in=reps) | Q(rep=None, pk__in=concerned))


def waiting_sums(many: Iterable[list[Money]]) -> dict[str, Decimal]:
    """What several holds keep back, by currency."""
    found: dict[str, Decimal] = {}
    for one in many:
        for money in one:
            code = money["currency"]
            found[code] = found.get(code, Decimal(0)) + Decimal(money["amount"])
    return dict(sorted(found.items()))
