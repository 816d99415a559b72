"""Opening a cycle with everything that belongs to it."""

import datetime as dt
from decimal import Decimal

from django.db import IntegrityError, transaction

from core import company
from core.access import require
from core.errors import Invalid, Reason, Refused
from core.events import record
from core.models import Person
from core.roles import Role
from core.services.notifications import notify
from gathering.selectors.sources import DueDays
from planning.engine.moves import STAGES, WORKDAYS
from planning.models import ChecklistItem, Cycle, Scenario, Stage, StageName, Stream, StreamName
from planning.services.checklists import CHECKLISTS

OVER = (StageName.RELEASED, StageName.SUPERSEDED, StageName.ABANDONED)
# Who owns a stage or a stream unless told: the first active person of the first role that has one.
STAGE_OWNERS = {
    "data": (Role.COORDINATOR, Role.MANAGER),
    "demand": (Role.MANAGER, Role.ANALYST),
    "supply": (Role.MANAGER, Role.ANALYST),
    "reconciliation": (Role.MANAGER, Role.VP),
    "release": (Role.VP, Role.MANAGER),
}
STREAM_OWNERS = {
    "statistical": (Role.ANALYST, Role.MANAGER),
    "sales": (Role.SALES_MANAGER, Role.MANAGER),
    "marketing": (Role.COORDINATOR, Role.MANAGER),
    "finance": (Role.ANALYST, Role.MANAGER),
    "pipeline": (Role.ANALYST, Role.MANAGER),
}


@transaction.atomic
def open_cycle(
    *,
    actor: Person | None,
    month: dt.date,
    horizon: int | None = None,
    supersedes: Cycle | None = None,
    owners: dict[str, Person] | None = None,
    reason: str = "",
) -> Cycle:
    """Open the cycle of a month: stages with owners and due days, checklists, streams, base scenario.

    `supersedes` names the released cycle that this one revises. `owners` maps stage names to people;
    others get the first person of the fitting role. Raises Refused where the month has a cycle, also
    when two people open it at once.
    """
    require(actor, "cycle.open")
    month = month.replace(day=1)
    horizon = int(company.value("horizon")) if horizon is None else horizon
    _refuse_impossible(month, horizon, supersedes)
    cycle = _create(
        Cycle(
            month=month,
            horizon=horizon,
            issue=supersedes.issue + 1 if supersedes else 1,
            supersedes=supersedes,
            opened_by=actor,
        )
    )
    stages = _add_stages(cycle, owners or {}, actor)
    _add_streams(cycle, actor)
    Scenario.objects.create(cycle=cycle, name="Base", is_base=True, owner=stages["supply"].owner)
    after = {"month": month, "horizon": horizon}
    record(actor=actor, verb="cycle opened", subject=cycle, after=after, reason=reason.strip())
    first = stages["data"]
    notify(
        people=[first.owner],
        title=f"{cycle} is open: data gathering is yours until {first.due:%d %b}.",
        url=f"/cycles/{cycle.pk}/",
    )
    return cycle


def _create(cycle: Cycle) -> Cycle:
    """Of two people who open a month at once, the database lets one through."""
    try:
        with transaction.atomic():
            cycle.save()
    except IntegrityError as error:
        text = f"{cycle.month:%B %Y} was just opened by somebody else. Reload the list of cycles."
        raise Refused(Reason(text, "month_taken", "month", url="/cycles/")) from error
    return cycle


def _refuse_impossible(month: dt.date, horizon: int, supersedes: Cycle | None) -> None:
    if not 12 <= horizon <= 36:
        text = f"The horizon is {horizon} months; use 12 to 36."
        raise Invalid(Reason(text, "horizon", "horizon"))
    there = Cycle.objects.filter(month=month).exclude(stage=StageName.ABANDONED).first()
    if supersedes is None and there is not None:
        text = f"{month:%B %Y} has a cycle already. Open that one, or revise it once it is released."
        raise Refused(Reason(text, "month_taken", "month", url=f"/cycles/{there.pk}/"))
    if supersedes is not None:
        _refuse_revision(supersedes, month)


def _refuse_revision(supersedes: Cycle, month: dt.date) -> None:
    if supersedes.stage != StageName.RELEASED or supersedes.month != month:
        raise Refused(Reason(f"{supersedes} is not a released plan of this month.", "not_released"))
    if Cycle.objects.filter(month=month).exclude(stage__in=OVER).exists():
        raise Refused(Reason(f"A revision of {supersedes} is open already.", "month_taken"))


def _add_stages(cycle: Cycle, owners: dict[str, Person], actor: Person | None) -> dict[str, Stage]:
    due_days = DueDays(cycle.month)
    stages = {}
    for name in STAGES:
        stage = Stage.objects.create(
            cycle=cycle,
            name=name,
            owner=owners.get(name) or _first_of(STAGE_OWNERS[name], actor),
            due=due_days.of(WORKDAYS[name][1]),
        )
        stages[name] = stage
        ChecklistItem.objects.bulk_create(
            ChecklistItem(stage=stage, position=position, text=text, is_required=required)
            for position, (text, required) in enumerate(CHECKLISTS[name], start=1)
        )
    return stages


def _add_streams(cycle: Cycle, actor: Person | None) -> None:
    weights = {name: Decimal(company.value(f"weight_{name}")) for name in StreamName.values}
    total = sum(weights.values()) or Decimal(1)
    for name, weight in weights.items():
        Stream.objects.create(
            cycle=cycle,
            name=name,
            owner=_first_of(STREAM_OWNERS[name], actor),
            weight=(weight / total).quantize(Decimal("0.0001")),
        )


def _first_of(roles: tuple[Role, ...], actor: Person | None) -> Person:
    for role in roles:
        person = Person.objects.filter(roles__contains=[role], is_active=True).order_by("pk").first()
        if person is not None:
            return person
    if actor is not None:
        return actor
    raise Refused("There is nobody to own the stages. Add people with the roles of planners first.")
