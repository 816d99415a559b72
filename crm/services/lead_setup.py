"""What leads are routed and judged by: rules, seats, absences, sources, their costs, the agreement."""

import datetime as dt
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Max
from psycopg2.extras import DateRange

from core.access import require
from core.editing import change_row, create_row
from core.errors import Invalid, Reason, Refused
from core.events import record
from core.models import Person, Revised
from crm.models import Absence, LeadAgreement, LeadCost, LeadSource, Rep, RoutingRule, RoutingSeat

MANAGE = "leads.manage"
Row = TypeVar("Row", LeadSource, LeadCost, LeadAgreement, RoutingRule, RoutingSeat, Absence)
PARKED = 32_767  # the position of a rule while two change places


@transaction.atomic
def add_row(*, actor: Person | None, row: Row, reason: str = "") -> Row:
    """Add a source, a cost, an agreement, a seat or an absence. Raises Invalid by field, Denied."""
    require(actor, MANAGE)
    return create_row(actor=actor, row=row, verb=f"{_noun(row)} added", reason=reason)


@transaction.atomic
def change_setup(*, actor: Person | None, row: Row, revision: int, changes: dict[str, Any]) -> Row:
    """Change any of them. Raises Conflict on a stale revision, Invalid by field, Refused, Denied."""
    require(actor, MANAGE)
    if isinstance(row, RoutingRule):
        _refuse_losing_the_fallback(row, changes)
    return change_row(actor=actor, row=row, revision=revision, changes=changes, verb=f"{_noun(row)} changed")


@transaction.atomic
def add_rule(*, actor: Person | None, values: dict[str, Any]) -> RoutingRule:
    """Add a rule as the last before the fallback. Raises Invalid by field, Denied."""
    require(actor, MANAGE)
    highest = RoutingRule.objects.aggregate(Max("position"))["position__max"] or 0
    rule = RoutingRule(**values, position=highest + 1)
    if rule.is_fallback:
        _refuse_conditions_of_fallback(values)
    saved = create_row(actor=actor, row=rule, verb="routing rule added")
    fallback = RoutingRule.objects.filter(is_fallback=True).exclude(pk=saved.pk).first()
    if fallback is not None and fallback.position < saved.position:
        _swap(saved, fallback)
    return saved


def _refuse_conditions_of_fallback(values: dict[str, Any]) -> None:
    asked = [name for name in ("market", "source", "country", "least_employees") if values.get(name)]
    if asked:
        text = "The fallback takes whatever no other rule takes. Leave the conditions empty."
        raise Invalid(*(Reason(text, "invalid", name) for name in asked))


def _refuse_losing_the_fallback(rule: RoutingRule, changes: dict[str, Any]) -> None:
    after = {
        name: changes.get(name, getattr(rule, name))
        for name in ("is_fallback", "is_active", "market", "source", "country", "least_employees")
    }
    if rule.is_fallback and not (after["is_fallback"] and after["is_active"]):
        text = "Somebody must always get a lead. Make another rule the fallback before this one ends."
        raise Invalid(
            Reason(text, "last_fallback", "is_fallback" if not after["is_fallback"] else "is_active")
        )
    if after["is_fallback"]:
        _refuse_conditions_of_fallback(after)


@transaction.atomic
def make_fallback(*, actor: Person | None, rule: RoutingRule) -> RoutingRule:
    """Let this rule catch what no other takes, instead of the one that did. Raises Refused, Denied."""
    require(actor, MANAGE)
    row = RoutingRule.objects.select_for_update().get(pk=rule.pk)
    if not (row.is_active and row.seats.exists()):
        raise Refused(
            Reason(f"“{row}” needs a seat and must be active: somebody must get the lead.", "no_seat")
        )
    values = {name: getattr(row, name) for name in ("market", "source", "country", "least_employees")}
    _refuse_conditions_of_fallback(values)
    before = RoutingRule.objects.select_for_update().filter(is_fallback=True).exclude(pk=row.pk).first()
    if before is not None:
        _set(before, is_fallback=False)
    _set(row, is_fallback=True)
    last = RoutingRule.objects.order_by("-position").exclude(pk=row.pk).first()
    if last is not None and last.position > row.position:
        _swap(row, last)
    record(actor=actor, verb="fallback chosen", subject=row, before={"fallback": before})
    return row


@transaction.atomic
def move_rule(*, actor: Person | None, rule: RoutingRule, up: bool) -> RoutingRule:
    """Let a rule be asked one place earlier or later; the fallback stays the last. Denied."""
    require(actor, MANAGE)
    rules = list(RoutingRule.objects.select_for_update().filter(is_fallback=False).order_by("position"))
    place = next((number for number, one in enumerate(rules) if one.pk == rule.pk), None)
    if place is None:
        raise Refused(Reason("The fallback is always asked last.", "fallback"))
    other = place - 1 if up else place + 1
    if not 0 <= other < len(rules):
        return rules[place]
    _swap(rules[place], rules[other])
    before, after = (rules[other].position, rules[place].position)
    record(
        actor=actor,
        verb="routing rule moved",
        subject=rules[place],
        before={"position": before},
        after={"position": after},
    )
    return rules[place]


def _swap(one: RoutingRule, other: RoutingRule) -> None:
    """Both change places: positions are unique, so one of them waits aside."""
    first, second = one.position, other.position
    _set(one, position=PARKED)
    _set(other, position=first)
    _set(one, position=second)


def _set(rule: RoutingRule, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(rule, name, value)
    rule.revision += 1
    rule.save(update_fields=[*changes, "revision"])


@transaction.atomic
def remove_rule(*, actor: Person | None, rule: RoutingRule) -> None:
    """Remove a rule and its seats; leads that it gave keep their owners. Raises Refused, Denied."""
    require(actor, MANAGE)
    if rule.is_fallback:
        text = "Somebody must always get a lead. Make another rule the fallback before this one goes."
        raise Refused(Reason(text, "last_fallback"))
    record(actor=actor, verb="routing rule removed", subject=rule, before={"name": rule.name})
    rule.delete()


@transaction.atomic
def remove_seat(*, actor: Person | None, seat: RoutingSeat) -> None:
    """Take a rep out of a rule; the fallback keeps one at least. Raises Refused, Denied."""
    require(actor, MANAGE)
    others = RoutingSeat.objects.filter(rule=seat.rule).exclude(pk=seat.pk)
    if seat.rule.is_fallback and not others.exists():
        raise Refused(Reason("Somebody must always get a lead. Seat another rep here first.", "last_seat"))
    record(actor=actor, verb="rep left a routing rule", subject=seat, before={"capacity": seat.capacity})
    seat.delete()


def days_between(first: dt.date, last: dt.date) -> DateRange:
    """From the first day up to and with the last. Raises Invalid when they run backwards."""
    if last < first:
        raise Invalid(Reason("The last day lies before the first. Correct one of them.", "invalid", "last"))
    return DateRange(first, last + dt.timedelta(days=1))


@transaction.atomic
def add_absence(
    *, actor: Person | None, rep: Rep, first: dt.date, last: dt.date, reason: str = ""
) -> Absence:
    """Note the days on which a rep gets no leads: one's own, or anybody's by who manages leads.

    Raises Invalid by field, Denied.
    """
    _require_own_or_manage(actor, rep)
    row = Absence(rep=rep, days=days_between(first, last), reason=reason)
    return create_row(actor=actor, row=row, verb="absence added")


@transaction.atomic
def remove_absence(*, actor: Person | None, absence: Absence) -> None:
    """Take an absence back. Denied for others' absences without the right to manage leads."""
    _require_own_or_manage(actor, absence.rep)
    record(actor=actor, verb="absence removed", subject=absence, before={"days": absence.days})
    absence.delete()


def _require_own_or_manage(actor: Person | None, rep: Rep) -> None:
    own = actor is not None and rep.person_id == actor.pk
    require(actor, "leads.work" if own else MANAGE)


@transaction.atomic
def remove_cost(*, actor: Person | None, cost: LeadCost) -> None:
    """Take the cost of a month back. Denied."""
    require(actor, MANAGE)
    record(actor=actor, verb="lead cost removed", subject=cost, before={"amount": cost.amount})
    cost.delete()


def _noun(row: Revised) -> str:
    return str(row._meta.verbose_name)
