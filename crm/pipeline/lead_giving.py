"""Giving leads to reps: by routing when they arrive, and to somebody else when nobody answered."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from core.events import record
from core.models import Person
from core.roles import ACTIONS
from core.services.notifications import notify
from crm.engine.routing import OWNER_HOURS, Asked, Placement, Rule, after_giving, place, turn_at
from crm.engine.working_hours import NeverOpen, due_after
from crm.models import Lead, LeadState, LeadStep, LeadStepKind, Rep, RoutingSeat
from crm.selectors.lead_routing import Hours, away_on, routing_rules
from crm.selectors.leads import lead_path, leads_path, reps_who_let_wait

ONE_AT_A_TIME = 7_301_004
BATCH = 200
OVERDUE = Q(state=LeadState.NEW, duplicate_of=None, is_deleted=False)
GIVEN = ["owner", "rule", "assigned", "due", "revision"]


@dataclass
class Giving:
    """One round of giving leads: the rules as they stand, who is away, and what people are to be told.

    Holds the gate of routing until the transaction ends, so that two rounds never give the same turn.
    """

    at: dt.datetime
    rules: list[Rule] = field(init=False)
    steps: list[LeadStep] = field(default_factory=list)
    news: dict[int, list[Lead]] = field(default_factory=lambda: defaultdict(list))
    turns: dict[tuple[int, int], dt.datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        self.day = timezone.localdate(self.at)
        self.rules = routing_rules(self.day)
        self.away = away_on(self.day)
        self.hours = Hours(self.day)
        self.reps: dict[int, Rep] = {}

    def route(self, lead: Lead, passed_over: Iterable[int] = ()) -> Placement | None:
        """Give the lead to whom the rules say; without any fallback it stays up for claim."""
        asked = _asked(lead, self.away, frozenset(passed_over))
        placement = place(asked, self.rules)
        if placement is None:
            self._leave(lead)
        else:
            self._give(lead, placement)
        return placement

    def hand_over(self, lead: Lead, rep: Rep, *, hours: int = OWNER_HOURS) -> None:
        """Give the lead to a rep whom somebody or something else chose."""
        self.reps[rep.pk] = rep
        lead.owner, lead.rule, lead.assigned = rep, None, self.at
        lead.due = self._due(lead, hours)

    def note(self, lead: Lead, kind: LeadStepKind, text: str = "", **who: object) -> None:
        """Remember a step of the lead's history; all steps are stored together at the end."""
        self.steps.append(LeadStep(lead=lead, kind=kind, at=self.at, text=text[:300], **who))

    def _give(self, lead: Lead, placement: Placement) -> None:
        rep = self._rep(placement.rep)
        lead.owner, lead.rule_id, lead.assigned = rep, placement.rule, self.at
        lead.due = self._due(lead, placement.hours)
        self.note(lead, LeadStepKind.ROUTED, placement.why, rep=rep)
        self.news[rep.pk].append(lead)
        turn = turn_at(self.rules, placement, self.at)
        self.rules = after_giving(self.rules, placement, turn)
        if placement.rule is not None:
            self.turns[placement.rule, placement.rep] = turn

    def _leave(self, lead: Lead) -> None:
        lead.owner, lead.rule, lead.assigned = None, None, None
        lead.due = self._due(lead, OWNER_HOURS)
        self.note(lead, LeadStepKind.ROUTED, "Nobody: no fallback rule has a seat. Up for claim")

    def _due(self, lead: Lead, hours: int) -> dt.datetime | None:
        return _due(self.hours, lead.owner, self.at, hours)

    def _rep(self, key: int) -> Rep:
        if key not in self.reps:
            self.reps[key] = Rep.objects.select_related("person", "manager__person").get(pk=key)
        return self.reps[key]

    def finish(self) -> None:
        """Store the steps and whose turn it is, and tell each rep once."""
        LeadStep.objects.bulk_create(self.steps)
        self.steps = []
        for (rule, rep), at in self.turns.items():
            RoutingSeat.objects.filter(rule=rule, rep=rep).update(last_given=at)
        for rep, leads in self.news.items():
            tell_of(self._rep(rep), leads)


def due_for(rep: Rep, at: dt.datetime, hours: int | None = None) -> dt.datetime | None:
    """By when a rep who gets a lead at a moment answers it; `hours` are working hours."""
    return _due(Hours(timezone.localdate(at)), rep, at, hours or OWNER_HOURS)


def _due(hours: Hours, rep: Rep | None, at: dt.datetime, wanted: int) -> dt.datetime | None:
    try:
        return due_after(hours.of(rep), at, wanted)
    except NeverOpen:
        return None


def _asked(lead: Lead, away: set[int], passed_over: frozenset[int]) -> Asked:
    owner = lead.account.owner_id if lead.account is not None else None
    return Asked(
        market=lead.market_id,
        source=lead.source_id,
        country=lead.country,
        employees=lead.employees,
        owner=owner,
        owner_is_away=owner in away,
        passed_over=passed_over,
    )


def tell_of(rep: Rep, leads: Sequence[Lead]) -> None:
    """Tell a rep of the leads that are now theirs: one message, however many there are."""
    if rep.person is None or not leads:
        return
    if len(leads) == 1:
        title = f"A lead for you: {leads[0]}{_until(leads[0])}"
        notify(people=[rep.person], title=title, text=leads[0].text, url=lead_path(leads[0]))
        return
    due = [lead.due for lead in leads if lead.due]
    first = f", the first answer is due {_moment(min(due))}" if due else ""
    url = f"{leads_path()}?owner={rep.code}&state=new"
    notify(people=[rep.person], title=f"{len(leads)} leads for you{first}", url=url)


def _until(lead: Lead) -> str:
    return f", answer by {_moment(lead.due)}" if lead.due else ""


def _moment(at: dt.datetime) -> str:
    local = timezone.localtime(at)
    return f"{local.day} {local:%b %H:%M}"


def managers_of_leads() -> list[Person]:
    """Who looks after leads that nobody answers."""
    return list(Person.objects.filter(is_active=True, roles__overlap=list(ACTIONS["leads.manage"].roles)))


# --- nobody answered ------------------------------------------------------------------------------


def move_overdue(now: dt.datetime) -> int:
    """Give the leads that nobody answered in time to somebody else, some hundred a round; says how many."""
    moved = 0
    while Lead.objects.filter(OVERDUE, due__lt=now).exists():
        with transaction.atomic():
            giving = Giving(now)
            leads = overdue_leads(now)
            pass_on(leads, giving)
            giving.finish()
        if not leads:  # all that are left are in somebody's hands just now
            break
        moved += len(leads)
    return moved


def overdue_leads(now: dt.datetime) -> list[Lead]:
    """Some of the leads whose answer is overdue, locked; those in somebody's hands are left out."""
    rows = Lead.objects.filter(OVERDUE, due__lt=now).select_related(
        "source", "account", "owner__person", "owner__manager__person", "rule"
    )
    return list(
        rows.order_by("due", "pk").select_for_update(of=("self",), skip_locked=True, no_key=True)[:BATCH]
    )


def pass_on(leads: Sequence[Lead], giving: Giving) -> None:
    """Note that nobody answered in time, and give each lead to the next rep in turn."""
    waited = reps_who_let_wait([lead.pk for lead in leads])
    for lead in leads:
        before = lead.owner
        giving.steps.append(note_breach(lead, giving.at))
        lead.revision += 1
        passed_over = waited.get(lead.pk, set()) | ({before.pk} if before else set())
        placement = giving.route(lead, passed_over)
        stays = placement is not None and before is not None and placement.rep == before.pk
        _tell_of_breach(lead, before, stays=stays)
        record(
            actor=None,
            verb="lead was not answered in time",
            subject=lead,
            before={"owner": before},
            after={"owner": lead.owner, "due": lead.due},
        )
    Lead.objects.bulk_update(leads, [*GIVEN, "breaches"])


def note_breach(lead: Lead, at: dt.datetime) -> LeadStep:
    """Count the breach of a lead whose time is over; the step is to be stored."""
    lead.breaches += 1
    text = f"Due {_moment(lead.due)}" if lead.due else ""
    return LeadStep(lead=lead, kind=LeadStepKind.BREACHED, at=at, text=text, rep=lead.owner)


def _tell_of_breach(lead: Lead, before: Rep | None, *, stays: bool) -> None:
    if stays or before is None:
        whom = managers_of_leads()
        title = f"Nobody answers the lead {lead}: it waits with {before or 'nobody'}"
    else:
        boss = before.manager.person if before.manager is not None else None
        whom = [person for person in (before.person, boss) if person is not None]
        after = lead.owner.name if lead.owner is not None else "nobody"
        title = f"Not answered in time: {lead} went from {before.name} to {after}"
    notify(people=whom, title=title, url=lead_path(lead))
