"""What somebody should look at before a month is paid, each with the money it is about."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
from django.db.models import Count, Sum

from catalog.engine.months import add_months, months_apart
from compensation.engine.exact import from_ticks
from compensation.engine.plan import Against
from compensation.models import OF_THE_MONTH, Basis, Credit, Statement
from compensation.pipeline.run_lines import Worked
from core.formats import grouped
from crm.models import Rep

MOST_LISTED = 12
JUMP = Decimal("0.5")  # half as much again, or half less, than the month before
NOTHING = Decimal(0)


@dataclass
class Doubts:
    """What the books of a month show: who is paid, who has no quota, which credits count somewhere.

    without_quota: what a rep has brought, by (rep, component). counted: primary keys of credits; of_margin:
    those whose margin counts."""

    paid: set[int] = field(default_factory=set)
    without_quota: dict[tuple[int, str], Decimal] = field(default_factory=dict)
    counted: set[int] = field(default_factory=set)
    of_margin: set[int] = field(default_factory=set)

    def look_at(self, worked: Worked, month: dt.date) -> None:
        """Take what a share shows of the month."""
        if month not in worked.share.months:
            return
        place = months_apart(worked.book.first, month)
        here = worked.book.book.people.here[:, place]
        self.paid |= {rep for number, rep in enumerate(worked.book.reps) if here[number]}
        self._count(worked, place)
        for part in worked.parts:
            for work in part.calculation.works:
                if work.component.against is Against.QUOTA:
                    lacking = here & (work.quota_to_date[:, place] == 0) & (work.so_far[:, place] > 0)
                    for person in (one for one in np.flatnonzero(lacking).tolist() if part.pays(one, place)):
                        key = (worked.book.reps[person], work.component.name)
                        self.without_quota[key] = from_ticks(int(work.so_far[person, place]))

    def _count(self, worked: Worked, place: int) -> None:
        credits = worked.book.book.credits
        own = (plans[place] for plans in worked.book.own_terms.values())
        for plan in {worked.book.plan, *own}:
            for component in plan.components:
                rows, _ = credits.measured(component.measure)
                keys = set(worked.book.keys[rows[credits.month[rows] == place]].tolist())
                self.counted |= keys
                self.of_margin |= keys if "margin" in component.measure.columns else set()


Warning = dict[str, Any]
"""{kind, text, money, currency ("" for base currency), rep (primary key or None)}."""


def warnings_of(month: dt.date, doubts: Doubts, pay: Mapping[tuple[int, str], Decimal]) -> list[Warning]:
    """All of them, the most money first. pay: by (rep, currency)."""
    names = dict(Rep.objects.values_list("pk", "name"))
    found = [
        *_without_plan(month, doubts, names),
        *_without_quota(doubts, names),
        *_without_margin(doubts, names),
        *_not_counted(month, doubts, names),
        *_jumps(month, pay, names),
    ]
    return sorted(found, key=lambda one: -abs(Decimal(one["money"])))


def _said(kind: str, text: str, money: Decimal, rep: int | None, currency: str = "") -> Warning:
    return {"kind": kind, "text": text, "money": format(money, "f"), "currency": currency, "rep": rep}


def _credits(month: dt.date) -> Any:
    ends = add_months(month, 1)
    return Credit.objects.filter(is_gone=False, day__gte=month, day__lt=ends, basis=Basis.BOOKINGS).order_by()


def _without_plan(month: dt.date, doubts: Doubts, names: Mapping[int, str]) -> Iterator[Warning]:
    rows = _credits(month).exclude(rep__in=doubts.paid).values_list("rep").annotate(total=Sum("amount"))
    for rep, total in rows:
        yield _said("no_plan", f"{names[rep]} has credits but is on no plan.", total, rep)


def _without_quota(doubts: Doubts, names: Mapping[int, str]) -> Iterator[Warning]:
    for (rep, component), so_far in doubts.without_quota.items():
        yield _said("no_quota", f"{names[rep]} has no quota for {component}.", so_far, rep)


def _without_margin(doubts: Doubts, names: Mapping[int, str]) -> Iterator[Warning]:
    """Credits whose margin counts, though nobody knows it."""
    rows = Credit.objects.filter(pk__in=doubts.of_margin, margin__isnull=True, rep__in=doubts.paid).order_by()
    for rep, count, total in rows.values_list("rep").annotate(count=Count("pk"), total=Sum("amount")):
        credits = "1 credit of" if count == 1 else f"{count} credits of"
        text = f"{credits} {names[rep]}: nobody knows the cost, so the margin counts as 0."
        yield _said("no_margin", text, total, rep)


def _not_counted(month: dt.date, doubts: Doubts, names: Mapping[int, str]) -> Iterator[Warning]:
    rows = _credits(month).filter(rep__in=doubts.paid).values_list("pk", "rep", "amount")
    sums: dict[int, list[Decimal]] = defaultdict(list)
    for pk, rep, amount in rows:
        if pk not in doubts.counted:
            sums[rep].append(amount)
    for rep, amounts in sums.items():
        text = f"{len(amounts)} of the credits of {names[rep]} count in no component of the plan."
        yield _said("not_counted", text, sum(amounts, NOTHING), rep)


def _jumps(
    month: dt.date, pay: Mapping[tuple[int, str], Decimal], names: Mapping[int, str]
) -> Iterator[Warning]:
    """The biggest changes against the month before."""
    rows = Statement.objects.filter(run__month=add_months(month, -1), run__state__in=OF_THE_MONTH)
    before = {(one.rep_id, one.currency_id): one.pay for one in rows}
    jumps = [
        (now - before[key], key)
        for key, now in pay.items()
        if before.get(key) and abs(now - before[key]) > JUMP * abs(before[key])
    ]
    for change, (rep, currency) in sorted(jumps, key=lambda one: -abs(one[0]))[:MOST_LISTED]:
        word = "more" if change > 0 else "less"
        text = f"{names[rep]} gets {grouped(abs(change), 2)} {currency} {word} than the month before."
        yield _said("jump", text, change, rep, currency)
