"""Reading how leads are routed: rules with their seats and loads, absences, and who works when."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from catalog.models import Market, WorkingCalendar
from catalog.selectors import company_work_rule, reach_of, work_rule
from catalog.selectors.calendars import company_calendar
from core import company
from core.models import Person
from crm.engine.routing import Rule, Seat
from crm.engine.working_hours import WorkingHours
from crm.models import Absence, Lead, LeadState, Rep, RoutingRule, RoutingSeat
from crm.selectors.accounts import reps_visible_to
from crm.selectors.leads import OPEN_LEADS


def rules_visible_to(user: Person | None) -> QuerySet[RoutingRule]:
    """The rules in their order; those of markets outside of the person's scope are left out."""
    inside = reach_of(user).of_market("market", or_everywhere=True)
    return RoutingRule.objects.filter(inside).select_related("market", "source").order_by("position")


def seats_visible_to(user: Person | None) -> QuerySet[RoutingSeat]:
    """Who takes turns in the rules a person sees."""
    rows = RoutingSeat.objects.filter(rule__in=rules_visible_to(user).order_by().values("pk"))
    return rows.select_related("rule", "rep").order_by("rule__position", "rep__name")


def absences_visible_to(user: Person | None) -> QuerySet[Absence]:
    """The absences of the reps a person sees, the latest first."""
    rows = Absence.objects.filter(rep__in=reps_visible_to(user).order_by().values("pk"))
    return rows.select_related("rep").order_by("-days", "rep__name")


def open_leads_of(reps: Collection[int]) -> Counter[int]:
    """How many leads each rep has that wait for an answer or are being worked on."""
    busy = OPEN_LEADS & Q(state__in=[LeadState.NEW, LeadState.WORKING])
    rows = Lead.objects.filter(busy, owner__in=reps).values_list("owner_id", flat=True)
    return Counter(rows)


def away_on(day: dt.date, reps: Collection[int] | None = None) -> set[int]:
    """The reps who get no leads on a day: absent, or no longer active."""
    wanted = Q() if reps is None else Q(pk__in=reps)
    absent = Absence.objects.filter(days__contains=day).values("rep_id")
    return set(Rep.objects.filter(wanted, Q(is_active=False) | Q(pk__in=absent)).values_list("pk", flat=True))


def routing_rules(day: dt.date) -> list[Rule]:
    """The active rules in their order as the engine wants them: a few queries, whatever their number."""
    rules = list(RoutingRule.objects.filter(is_active=True).order_by("position").prefetch_related("seats"))
    reps = {seat.rep_id for rule in rules for seat in rule.seats.all()}
    away, loads, below = away_on(day, reps), open_leads_of(reps), _markets_below()
    return [
        Rule(
            key=rule.pk,
            name=rule.name,
            hours=rule.hours,
            markets=below(rule.market_id),
            source=rule.source_id,
            country=rule.country,
            least_employees=rule.least_employees,
            is_fallback=rule.is_fallback,
            seats=tuple(
                Seat(seat.rep_id, seat.capacity, loads[seat.rep_id], seat.last_given, seat.rep_id in away)
                for seat in rule.seats.all()
            ),
        )
        for rule in rules
    ]


class _MarketsBelow:
    """The ids of a market and of all below it, from one read of the tree."""

    def __init__(self, rows: Iterable[tuple[int, int | None]]) -> None:
        self._children: dict[int | None, list[int]] = {}
        for key, parent in rows:
            self._children.setdefault(parent, []).append(key)

    def __call__(self, market: int | None) -> frozenset[int]:
        if market is None:
            return frozenset()
        found, waiting = {market}, [market]
        while waiting:
            new = [key for key in self._children.get(waiting.pop(), []) if key not in found]
            found.update(new)
            waiting.extend(new)
        return frozenset(found)


def _markets_below() -> _MarketsBelow:
    return _MarketsBelow(Market.objects.values_list("pk", "parent_id"))


class Hours:
    """Who works when: the calendar of the rep's market or of one above it, else the company's.

    Reads markets and calendars once, then answers for any number of reps.
    """

    def __init__(self, day: dt.date) -> None:
        self._day = day
        self._markets = {
            row.pk: row for row in Market.objects.select_related("calendar").only("parent", "calendar")
        }
        self._by_calendar: dict[int | None, WorkingHours] = {}

    def of(self, rep: Rep | None) -> WorkingHours:
        """The working hours of the rep's market or of the nearest one above it, else the company's."""
        calendar = self._calendar_above(rep.market_id if rep is not None else None)
        key = calendar.pk if calendar is not None else None
        if key not in self._by_calendar:
            self._by_calendar[key] = _hours(calendar) if calendar is not None else company_hours(self._day)
        return self._by_calendar[key]

    def _calendar_above(self, market: int | None) -> WorkingCalendar | None:
        while market is not None and market in self._markets:
            calendar = self._markets[market].calendar
            if calendar is not None and calendar.weekdays:
                return calendar
            market = self._markets[market].parent_id
        return None


def company_hours(day: dt.date) -> WorkingHours:
    """The working hours of the company's own calendar; nine to five without one."""
    calendar = company_calendar(day)
    if calendar is not None:
        return _hours(calendar)
    return WorkingHours(rule=company_work_rule(day), zone=ZoneInfo(company.value("time_zone")))


def _hours(calendar: WorkingCalendar) -> WorkingHours:
    zone = ZoneInfo(calendar.time_zone or company.value("time_zone"))
    return WorkingHours(work_rule(calendar), calendar.opens, calendar.closes, zone)
