"""Reads of the credits behind pay for a whole period: what each counted, and its share of a line."""

from typing import Any

import numpy as np
from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Count, F, Func, QuerySet, Sum, Value

from compensation.engine.exact import TICKS, from_ticks
from compensation.engine.shares import Counts
from compensation.engine.shares import shares as shared
from compensation.models import Credit, PayLine
from compensation.selectors.credits import all_credits_visible_to
from core.fields import MoneyField
from core.models import Person

Shares = dict[int, int]
"""By credit, in ticks."""


def shares_of_line(line: PayLine) -> Shares:
    """Each credit's share of a line, in ticks; nothing for a line of which no shares are kept."""
    counted = line.counted
    if counted is None:
        return {}
    pay, given = int(line.pay * TICKS), [int(one * TICKS) for one in counted.pay]
    if line.is_delta and sum(given) == pay:
        return dict(zip(counted.credits, given, strict=True))
    amounts = np.array([int(one * TICKS) for one in counted.amounts], np.int64)
    counts = Counts(np.array(counted.credits, np.int64), amounts)
    return dict(zip(counted.credits, shared(pay, counts).tolist(), strict=True))


def credits_of_line(user: Person | None, line: PayLine) -> QuerySet[Credit]:
    """The credits that made a line, as far as the person may see them, those that are gone since among them;
    each with what it `counted` and its `share` of the pay."""
    share, kept = shares_of_line(line), line.counted
    amounts = dict(zip(kept.credits, kept.amounts, strict=True)) if kept else {}
    keys = list(share)
    rows = all_credits_visible_to(user).filter(pk__in=keys)
    return rows.annotate(
        counted=_at(keys, [amounts[key] for key in keys]),
        share=_at(keys, [from_ticks(share[key]) for key in keys]),
    )


def sums_of(rows: QuerySet[Credit]) -> dict[str, Any]:
    """How many such credits, what they counted, and their shares."""
    return rows.order_by().aggregate(credits=Count("pk"), amount=Sum("counted"), pay=Sum("share"))


def _at(keys: list[int], values: list[Any]) -> Func:
    """The value of each row's key, of two arrays of the same length."""
    numbers = Value(keys, output_field=ArrayField(BigIntegerField()))
    place = Func(numbers, F("pk"), function="array_position", output_field=BigIntegerField())
    money = Value(values, output_field=ArrayField(MoneyField()))
    return Func(money, place, template="(%(expressions)s]", arg_joiner=")[", output_field=MoneyField())
