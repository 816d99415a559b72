"""Every read of realignment scenarios. A sales rep sees the published ones that touch the own accounts; a
sales manager plans with all of them and reads the accounts of the team."""

from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse

from catalog.selectors import reach_of
from core.models import Person
from core.roles import ACTIONS, Role, actions_of
from crm.selectors.accounts import own_reps
from territories.models import (
    ModelState,
    Scenario,
    ScenarioAccount,
    ScenarioSolve,
    ScenarioState,
    Territory,
    TerritoryModel,
)

MOVED = Q(to_territory__isnull=False) & (Q(from_territory=None) | ~Q(from_territory=F("to_territory")))
SHOWN_WITH = (
    *("model", "owner", "submitted_by", "approved_by", "published_by", "undone_by", "copied_from", "job"),
)
ROW_WITH = ("account", "from_territory", "from_rep", "to_territory", "to_rep", "solve", "scenario")


def scenarios_visible_to(user: Person | None) -> QuerySet[Scenario]:
    """All of them for whoever plans or reads plans; for a sales rep the published ones with own accounts."""
    rows = Scenario.objects.select_related(*SHOWN_WITH)
    own = own_reps(user)
    if own is None or (user is not None and Role.SALES_MANAGER in user.roles):
        return rows
    mine = own.values("pk")
    touched = ScenarioAccount.objects.filter(MOVED, Q(from_rep__in=mine) | Q(to_rep__in=mine))
    return rows.filter(state=ScenarioState.PUBLISHED, pk__in=touched.values("scenario"))


def with_moves(rows: QuerySet[Scenario]) -> QuerySet[Scenario]:
    """Each with `moves`: how many of its accounts change their territory."""
    moved = Q(accounts__to_territory__isnull=False) & (
        Q(accounts__from_territory=None) | ~Q(accounts__from_territory=F("accounts__to_territory"))
    )
    return rows.annotate(moves=Count("accounts", filter=moved))


def sees_the_whole(user: Person | None) -> bool:
    """Whether the sums over all reps are shown: not to whoever only sells."""
    return user is None or "realignment.compare" in actions_of(user)


def scenario_accounts_visible_to(user: Person | None) -> QuerySet[ScenarioAccount]:
    """The accounts of the scenarios one sees: those that own reps have or get, within the own markets."""
    own = own_reps(user)
    allowed = reach_of(user).of_market("account__market", or_everywhere=True)
    if own is not None:
        mine = own.values("pk")
        allowed &= Q(from_rep__in=mine) | Q(to_rep__in=mine)
    scenarios = scenarios_visible_to(user).order_by().values("pk")
    return ScenarioAccount.objects.filter(allowed, scenario__in=scenarios).select_related(*ROW_WITH)


def moved_accounts(rows: QuerySet[ScenarioAccount]) -> QuerySet[ScenarioAccount]:
    """Those that change their territory."""
    return rows.filter(MOVED)


def solves_visible_to(user: Person | None) -> QuerySet[ScenarioSolve]:
    """What the optimiser made of the scenarios one sees."""
    scenarios = scenarios_visible_to(user).order_by().values("pk")
    rows = ScenarioSolve.objects.filter(scenario__in=scenarios)
    return rows.select_related("scenario", "requested_by")


def newest_solve(scenario: Scenario) -> ScenarioSolve | None:
    """The last one, with a plan or without."""
    return scenario.solves.select_related("requested_by").first()


def models_to_realign(user: Person | None) -> QuerySet[TerritoryModel]:
    """The territory models that a scenario may be about: in planning or in force."""
    return TerritoryModel.objects.exclude(state=ModelState.ARCHIVED)


def territories_to_choose(scenario: Scenario) -> QuerySet[Territory]:
    """Where accounts of the scenario may go: the model's territories that give owners and have one on the
    scenario's day."""
    owned = Q(reps__role__kind="owner", reps__days__contains=scenario.publish_on)
    rows = Territory.objects.filter(owned, model=scenario.model_id, role=None)
    return rows.distinct().order_by("code")


def approvers(without: Person | None) -> QuerySet[Person]:
    """Who may approve a realignment, without the one who asks."""
    roles = [role.value for role in ACTIONS["realignment.approve"].roles]
    people = Person.objects.filter(is_active=True, roles__overlap=roles)
    return people if without is None else people.exclude(pk=without.pk)


def scenario_url(scenario: Any) -> str:
    """The page of a scenario."""
    return reverse("territories:scenario", args=[getattr(scenario, "pk", scenario)])
