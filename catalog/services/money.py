"""Currencies and their month rates."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from catalog.models import Currency, MonthRate
from catalog.selectors import base_currency
from catalog.services.masters import EDIT
from core.access import require
from core.editing import change_row, create_row
from core.errors import Invalid, Reason
from core.events import plain, record
from core.models import Person


@transaction.atomic
def add_currency(*, actor: Person | None, code: str, name: str) -> Currency:
    """Add a currency by its ISO code. Raises Invalid for one that is there or is no code."""
    require(actor, EDIT)
    currency = Currency(code=code.strip().upper(), name=name.strip())
    try:
        currency.full_clean()
    except ValidationError as error:
        raise Invalid(
            *[Reason(m, "invalid", f) for f, ms in error.message_dict.items() for m in ms]
        ) from error
    currency.save(force_insert=True)
    record(
        actor=actor,
        verb="currency added",
        subject=currency,
        after={"code": currency.code, "name": currency.name},
    )
    return currency


@transaction.atomic
def set_rate(
    *,
    actor: Person | None,
    currency: Currency,
    month: dt.date,
    rate: Decimal,
    revision: int | None = None,
    reason: str = "",
) -> MonthRate:
    """Enter what a currency is worth in a month; with the `revision` that one has seen, change it.

    Raises Invalid for the base currency, whose rate is 1, and where a rate is there already; Conflict.
    """
    require(actor, EDIT)
    if currency.code == base_currency():
        text = f"{currency.code} is the company's base currency: its rate is 1 and is not entered."
        raise Invalid(Reason(text, "base_currency", "rate"))
    found = MonthRate.objects.filter(currency=currency, month=month).first()
    if found is None:
        row = MonthRate(currency=currency, month=month, rate=rate)
        return create_row(actor=actor, row=row, verb="month rate added", reason=reason)
    if revision is None:
        text = f"{currency.code} has a rate for {month:%b %Y} already: {plain(found.rate)}. Change that one."
        raise Invalid(Reason(text, "is_there", "month"))
    changes: dict[str, Any] = {"rate": rate}
    verb = "month rate changed"
    return change_row(actor=actor, row=found, revision=revision, changes=changes, verb=verb, reason=reason)
