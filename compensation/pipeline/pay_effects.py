"""What a realignment does to the yearly pay of those who lose and get accounts: rough, and told as such.

What the accounts that change hands booked in the last twelve months, times what one more unit of money pays
the rep at today's attainment: the plan's year so far is paid once as it is, once without the credits that
leave, once with those that come. Where nothing was booked this year yet, the twelve months are tried as one
credit of today. Before: this year's pay so far, as if it went on.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from django.utils import timezone

from catalog.engine.months import months_apart, months_from
from catalog.selectors.rates import rate
from compensation.engine.plan_cells import BadPlan
from compensation.models import Basis, Credit, CreditKind, PlanVersion, VersionState
from compensation.pipeline.books import PlanBook, calculated, plan_book, read_terms
from compensation.pipeline.plan_credits import ExtraCredit, NoRate
from compensation.selectors.members import members
from compensation.selectors.scope import reps_paid_visible_to
from core.models import Person
from crm.models import Rep
from territories.models import Scenario, ScenarioAccount
from territories.selectors.scenario_effects import Effect
from territories.selectors.scenario_figures import HANDED_OVER

ZERO = Decimal(0)
Pay = dict[int, Decimal]


@dataclass
class Handed:
    """The credits of the last twelve months that leave or come to a rep."""

    leave: list[Credit] = field(default_factory=list)
    come: list[Credit] = field(default_factory=list)


def pay_effect(user: Person | None, scenario: Scenario) -> list[Effect]:
    """The yearly pay before and after of the reps whom a realignment touches and whose pay a person may see,
    in base currency."""
    visible = reps_paid_visible_to(user)
    today = timezone.localdate()
    handed = _handed(scenario, today)
    wanted = set(visible.filter(pk__in=list(handed)).order_by().values_list("pk", flat=True))
    found: dict[int, tuple[Decimal, Decimal]] = {}
    for version in PlanVersion.objects.filter(state=VersionState.APPROVED, days__contains=today):
        for rep, (before, change) in _of_version(version, handed, wanted, today).items():
            old = found.get(rep, (ZERO, ZERO))
            found[rep] = (old[0] + before, old[1] + change)
    reps = Rep.objects.in_bulk([rep for rep, (_, change) in found.items() if round(change, 2)])
    effects = [Effect(row, float(found[rep][0]), float(sum(found[rep]))) for rep, row in reps.items()]
    return sorted(effects, key=lambda one: (one.change, one.rep.name))


def _handed(scenario: Scenario, today: dt.date) -> dict[int, Handed]:
    """By rep: direct and split credits of bookings, of whoever has the account now."""
    moved = ScenarioAccount.objects.filter(HANDED_OVER, scenario=scenario).order_by()
    pairs = moved.values_list("account", "from_rep", "to_rep")
    hands: dict[int | None, tuple[int, int]] = {account: (old, new) for account, old, new in pairs}
    found: dict[int, Handed] = defaultdict(Handed)
    rows = Credit.objects.filter(
        account__in=list(hands),
        is_gone=False,
        basis=Basis.BOOKINGS,
        kind__in=[CreditKind.DIRECT, CreditKind.SPLIT],
        day__gt=_a_year_before(today),
        day__lte=today,
    )
    for row in rows.select_related("market", "product__family", "account", "territory").order_by("pk"):
        source, target = hands[row.account_id]
        if row.rep_id == source:
            found[source].leave.append(row)
            if target is not None:
                found[target].come.append(row)
    return dict(found)


def _a_year_before(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=365)


def _of_version(
    version: PlanVersion, handed: dict[int, Handed], wanted: set[int], today: dt.date
) -> dict[int, tuple[Decimal, Decimal]]:
    """(yearly pay before, change) by rep, of one plan; nothing where it cannot be worked out."""
    try:
        begins = read_terms(version.terms).year_begins
        first = dt.date(today.year - (today.month < begins), begins, 1)
        last = months_from(first, 13)[12] - dt.timedelta(days=1)
        reps = wanted & set(members(version.plan, first, last))
        return _changes(version, first, {rep: handed[rep] for rep in sorted(reps)}, today)
    except (BadPlan, NoRate):  # its own pages say what is wrong with it
        return {}


def _changes(
    version: PlanVersion, first: dt.date, handed: dict[int, Handed], today: dt.date
) -> dict[int, tuple[Decimal, Decimal]]:
    if not handed:
        return {}
    book = plan_book(version, first, reps=list(handed))
    worth = rate(book.currency, today)
    if worth is None:
        raise NoRate(f"There is no rate of {book.currency} for {today:%B %Y}.")
    leave = {rep: _since(first, one.leave) for rep, one in handed.items()}
    extra = [row for rep, one in handed.items() for row in _supposed(rep, one, first, today, worth)]
    now = _pay(book)
    fewer = _pay(plan_book(version, first, reps=list(handed), without=_keys(leave.values())))
    more = _pay(plan_book(version, first, reps=list(handed), extra=extra))
    months = months_apart(first, today) + 1
    found = {}
    for rep, one in handed.items():
        tried = sum((row.amounts["amount"] for row in extra if row.rep == rep), ZERO) * worth
        up = (more[rep] - now[rep]) * worth / tried if tried else ZERO
        lost = _sum(leave[rep])
        down = (now[rep] - fewer[rep]) * worth / lost if lost else up
        change = up * _sum(one.come) - down * _sum(one.leave)
        found[rep] = (now[rep] * worth * 12 / months, change)
    return found


def _supposed(rep: int, one: Handed, first: dt.date, today: dt.date, worth: Decimal) -> list[ExtraCredit]:
    """What comes, as credits of this year; else what would come or leave in a year, as one of today."""
    this_year = _since(first, one.come)
    if this_year:
        return [_extra(rep, row, row.day, row.amount, worth) for row in this_year]
    tried = one.come or ([] if _since(first, one.leave) else one.leave)
    return [_extra(rep, tried[-1], today, _sum(tried), worth)] if tried else []


def _extra(rep: int, row: Credit, day: dt.date, amount: Decimal, worth: Decimal) -> ExtraCredit:
    """A credit like another one, for another rep."""
    share = amount / row.amount if row.amount else ZERO
    margin = (row.margin or ZERO) * share
    named = {"market": row.market, "product": row.product, "account": row.account, "territory": row.territory}
    words = {name: found.code for name, found in named.items() if found is not None}
    if row.product is not None:
        words["family"] = row.product.family.code
    if row.account is not None:
        words["industry"] = row.account.industry
    return ExtraCredit(
        rep=rep,
        label=row.label,
        day=day,
        amounts={"amount": amount / worth, "units": row.quantity * share, "margin": margin / worth},
        words=words | {"kind": row.kind, "role": row.role, "pipeline": row.pipeline},
    )


def _pay(book: PlanBook) -> Pay:
    """What each member's year comes to with the credits there are, in the plan's currency."""
    found: Pay = defaultdict(Decimal)
    for part in calculated(book):
        lines = part.calculation.lines
        sums = lines.pay.sums(lines.person, len(book.reps))
        for place in np.unique(lines.person).tolist():
            found[book.reps[place]] += sums.decimal(place)
    return found


def _since(first: dt.date, rows: Collection[Credit]) -> list[Credit]:
    return [row for row in rows if row.day >= first]


def _keys(many: Collection[list[Credit]]) -> list[int]:
    return [row.pk for rows in many for row in rows]


def _sum(rows: Collection[Credit]) -> Decimal:
    return sum((row.amount for row in rows), ZERO)
