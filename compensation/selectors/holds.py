"""Reads of pay that waits: what is held, and how much."""

from collections.abc import Iterable
from decimal import Decimal

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet, Sum, TextField
from django.db.models.functions import Cast, JSONObject

from compensation.engine.exact import from_ticks
from compensation.models import CLOSED, Credit, CreditHold, HeldPay, PayLine
from compensation.models.runs import OF_THE_MONTH
from compensation.selectors.line_shares import shares_of_line
from compensation.selectors.scope import reps_paid_visible_to, sees_all_pay, statements_visible_to
from core.models import Person

Money = dict[str, str]
ZERO = Decimal(0)


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
            found[code] = found.get(code, ZERO) + Decimal(money["amount"])
    return dict(sorted(found.items()))


def held_visible_to(user: Person | None) -> QuerySet[HeldPay]:
    """What holds keep back or let go, of the statements that a person may see."""
    statements = statements_visible_to(user).order_by().values("pk")
    rows = HeldPay.objects.filter(statement__in=statements)
    return rows.select_related("hold__rep", "deal", "statement__run", "statement__rep")


def pay_of_held_deal(row: HeldPay) -> list[tuple[PayLine, Decimal]]:
    """What the held deal's own lines on the statement pay, and its shares of lines for whole periods; the
    most first. Nothing for a hold of all pay."""
    hold, lines = row.hold, row.statement.lines.select_related("part", "credit", "counted")
    if hold.deal_id is None:
        return []
    if hold.component:
        lines = lines.filter(part__component=hold.component)
    credits = list(Credit.objects.filter(deal=hold.deal_id).values_list("pk", flat=True))
    found = [(line, line.pay) for line in lines.filter(deal=hold.deal_id)]
    for line in lines.filter(counted__credits__overlap=credits):
        given = shares_of_line(line)
        found.append((line, from_ticks(sum(given.get(credit, 0) for credit in credits))))
    return sorted((one for one in found if one[1]), key=lambda one: (-abs(one[1]), one[0].pk))


def waited_before(row: HeldPay) -> list[HeldPay]:
    """What the hold kept back for the rep in closed months before, oldest first."""
    of = row.statement
    rows = HeldPay.objects.filter(
        hold=row.hold_id, statement__rep=of.rep_id, statement__currency=of.currency_id
    )
    closed = rows.filter(statement__run__state__in=CLOSED, statement__run__month__lt=of.run.month)
    return list(closed.select_related("statement__run").order_by("statement__run__month", "pk"))
