"""Where rooms above say which months dated events move: those say nothing about other months."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from catalog.models import Market, Product
from forecasting.models import MaskedPeriod


@transaction.atomic
def mask_period(
    *, source: str, title: str, product: Product, market: Market | None, first: dt.date, last: dt.date
) -> MaskedPeriod:
    """Mask the months from one day to another for a product, in a market and below or everywhere.

    `source` is the caller's name of the event: the same name replaces what it said before.
    """
    row, _ = MaskedPeriod.objects.update_or_create(
        source=source,
        defaults={
            "title": title,
            "product": product,
            "market": market,
            "first_month": first.replace(day=1),
            "last_month": last.replace(day=1),
            "is_over": False,
        },
    )
    return row


@transaction.atomic
def end_masks(*, sources: Iterable[str]) -> int:
    """Events that are called off mask nothing any more. Says how many did."""
    return MaskedPeriod.objects.filter(source__in=list(sources), is_over=False).update(is_over=True)
