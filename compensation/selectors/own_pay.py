"""A rep's year of pay: the months, what was earned, what is paid and what is still to come."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from catalog.engine.workdays import workdays_of_month
from catalog.selectors.calendars import company_work_rule
from compensation.models import RunState, Statement
from compensation.selectors.statements import newest_by_month
from core.models import Person
from crm.models import Rep

ZERO = Decimal(0)


@dataclass(frozen=True)
class Sums:
    """A year's statements in one currency. earned: with differences of closed months and adjustments.
    paid: of months that are paid. coming: approved or locked, not paid yet. owed: of draws, at the end."""

    currency: str
    earned: Decimal
    paid: Decimal
    coming: Decimal
    held: Decimal
    owed: Decimal


@dataclass(frozen=True)
class PayYear:
    """One rep's calendar year, as far as the person may see it."""

    rep: Rep
    year: int
    statements: list[Statement]

    @property
    def sums(self) -> list[Sums]:
        """The year by currency, in the order of their codes."""
        by_currency: dict[str, list[Statement]] = defaultdict(list)
        for one in self.statements:
            by_currency[one.currency_id].append(one)
        return [_sums(currency, rows) for currency, rows in sorted(by_currency.items())]

    @property
    def last_month(self) -> dt.date | None:
        """The newest month with a statement."""
        return max((one.run.month for one in self.statements), default=None)


def pay_year(user: Person | None, rep: Rep, year: int) -> PayYear:
    """The statements of a rep's year; none where the person may not see that pay."""
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 1)
    return PayYear(rep, year, newest_by_month(user, rep.pk, first, last))


@dataclass(frozen=True)
class Pace:
    """How far a month has come: its working days up to a day, that day among them, and all of them."""

    gone: int
    days: int

    @property
    def share(self) -> Decimal:
        """1 for a month without working days."""
        return Decimal(self.gone) / self.days if self.days else Decimal(1)


def pace_of(month: dt.date, day: dt.date) -> Pace:
    """The pace of a month on a day, by the company's calendar."""
    days = workdays_of_month(company_work_rule(day), month)
    return Pace(sum(one <= day for one in days), len(days))


def own_rep(user: Person) -> Rep | None:
    """The rep that somebody is."""
    return Rep.objects.filter(person=user).first()


def _sums(currency: str, rows: list[Statement]) -> Sums:
    newest = max(rows, key=lambda one: one.run.month)
    final = [one for one in rows if one.run.state != RunState.PREVIEW]
    paid = sum((one.pay for one in final if one.run.state == RunState.PAID), ZERO)
    waits = [one for one in final if one.run.state in {RunState.APPROVED, RunState.LOCKED}]
    return Sums(
        currency=currency,
        earned=sum((one.earned + one.deltas + one.adjustments for one in final), ZERO),
        paid=paid,
        coming=sum((one.pay for one in waits), ZERO),
        held=sum((one.held - one.released for one in final), ZERO),
        owed=newest.owed,
    )
