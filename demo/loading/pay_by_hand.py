"""What people do about the demo's pay by hand: a deal two sold, one that was cancelled, pay that is held, an
adjustment, and a dispute. Where a month has no deal that fits, that part is left out."""

import datetime as dt

from django.db import transaction

from catalog.engine.months import add_months
from catalog.selectors import base_currency
from compensation.models import CLOSED, Adjustment, DealSplit, Dispute, Statement
from compensation.selectors.splits import mark_of
from compensation.services.adjustments import move_adjustment, propose_adjustment
from compensation.services.cancellations import add_cancellation
from compensation.services.disputes import raise_dispute
from compensation.services.holds import put_hold
from compensation.services.splits import Share, set_splits
from core.roles import Role
from crm.models import Deal, Rep
from demo.company.pay import (
    ADJUSTED_REP,
    ADJUSTMENT,
    CANCELLED_REASON,
    CANCELLED_REP,
    DISPUTE,
    HELD_REP,
    HOLD_REASON,
    SPLIT,
    SPLIT_REASON,
)
from demo.loading.people import People

DAYS_INTO_THE_MONTH = 14


@transaction.atomic
def enter_by_hand(people: People, january: dt.date, newest: dt.date) -> None:
    """Before the months are paid. newest: the month that is paid last."""
    if Adjustment.objects.exists():
        return
    _share(people, january, newest)
    _cancel(people, january, newest)
    _hold(people, newest)
    _adjust(people, newest)


def dispute_a_statement(people: People, month: dt.date) -> None:
    """The rep who signs in misses a deal on the statement of a paid month."""
    rep = people[Role.SALES_REP]
    statement = Statement.objects.filter(run__month=month, run__state__in=CLOSED, rep__person=rep).first()
    if statement is not None and not Dispute.objects.exists():
        raise_dispute(actor=rep, statement=statement, about="missing", text=DISPUTE)


def _largest(code: str, first: dt.date, after: dt.date) -> Deal | None:
    """A rep's largest deal won in some days, the last not included."""
    won = Deal.objects.filter(rep__code=code, stage__kind="won", closed__gte=first, closed__lt=after)
    return won.order_by("-base_amount", "external_id").first()


def _share(people: People, january: dt.date, newest: dt.date) -> None:
    deal = _largest(SPLIT[0][0], january, newest)
    if deal is not None and not DealSplit.objects.exists():
        shares = [Share(Rep.objects.get(code=code), percent) for code, percent in SPLIT]
        analyst = people[Role.ANALYST]
        set_splits(actor=analyst, deal=deal, shares=shares, seen=mark_of([]), reason=SPLIT_REASON)


def _cancel(people: People, january: dt.date, newest: dt.date) -> None:
    deal = _largest(CANCELLED_REP, january, newest)
    if deal is not None:
        add_cancellation(
            actor=people[Role.ANALYST],
            deal=deal,
            kind="cancelled",
            day=newest + dt.timedelta(days=DAYS_INTO_THE_MONTH),
            reason=CANCELLED_REASON,
        )


def _hold(people: People, newest: dt.date) -> None:
    deal = _largest(HELD_REP, newest, add_months(newest, 1))
    if deal is not None:
        put_hold(actor=people[Role.ANALYST], deal=deal, since=newest, reason=HOLD_REASON)


def _adjust(people: People, newest: dt.date) -> None:
    amount, label, reason = ADJUSTMENT
    proposed = propose_adjustment(
        actor=people[Role.ANALYST],
        values={
            "rep": Rep.objects.get(code=ADJUSTED_REP),
            "month": newest,
            "currency_id": base_currency(),
            "amount": amount,
            "label": label,
            "reason": reason,
        },
    )
    move_adjustment(actor=people[Role.MANAGER], adjustment=proposed, name="approve")
