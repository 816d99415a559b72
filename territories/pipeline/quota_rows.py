"""Storing quotas: what a draft has now and what it should have, in a few statements."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from territories.models import Quota, QuotaMonth, QuotaPlan

NOTHING = Decimal(0)
WRITTEN = ["top_down", "amount", "difference_reason", "last_year", "share", "uncovered", "relief", "made"]


@dataclass(frozen=True)
class Row:
    """A quota as it should be: keys of territory and rep, its months, and how it was made."""

    territory: int | None
    rep: int | None
    months: Mapping[dt.date, Decimal]
    last_year: Decimal | None = None
    share: Fraction | Decimal | None = None
    uncovered: Decimal = NOTHING
    relief: Decimal = NOTHING
    made: list[dict[str, Any]] = field(default_factory=list)

    @property
    def amount(self) -> Decimal:
        """The year."""
        return sum(self.months.values(), NOTHING)


def store(plan: QuotaPlan, rows: list[Row]) -> None:
    """Make the plan's quotas these: proposals and requests of those that stay are kept, and so is what
    overlays have, which nothing of the tree decides."""
    of_tree = Quota.objects.filter(plan=plan, territory__role=None)
    there = {(quota.territory_id, quota.rep_id): quota for quota in of_tree}
    wanted = {(row.territory, row.rep): row for row in rows}
    gone = [quota.pk for key, quota in there.items() if key not in wanted]
    QuotaMonth.objects.filter(quota__in=[quota.pk for quota in there.values()]).delete()
    Quota.objects.filter(pk__in=gone).delete()
    changed = [_filled(there[key], row) for key, row in wanted.items() if key in there]
    Quota.objects.bulk_update(changed, [*WRITTEN, "revision"], batch_size=1000)
    made = Quota.objects.bulk_create(
        _filled(Quota(plan=plan, territory_id=key[0], rep_id=key[1], revision=0), row)
        for key, row in wanted.items()
        if key not in there
    )
    keys = {(quota.territory_id, quota.rep_id): quota for quota in (*changed, *made)}
    store_months({keys[key]: row.months for key, row in wanted.items()})


def store_months(months: Mapping[Quota, Mapping[dt.date, Decimal]]) -> None:
    """The months of quotas that have none now."""
    QuotaMonth.objects.bulk_create(
        QuotaMonth(quota=quota, month=month, amount=amount)
        for quota, found in months.items()
        for month, amount in sorted(found.items())
    )


def _filled(quota: Quota, row: Row) -> Quota:
    quota.top_down = quota.amount = row.amount
    quota.difference_reason = ""
    quota.last_year, quota.uncovered, quota.relief, quota.made = (
        row.last_year,
        row.uncovered,
        row.relief,
        row.made,
    )
    quota.share = None if row.share is None else _decimal(row.share)
    quota.revision += 1
    return quota


def _decimal(share: Fraction | Decimal) -> Decimal:
    exact = Fraction(share)
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("0.00000001"))
