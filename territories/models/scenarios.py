"""Realignment scenarios: proposals of who gets which account from a day on, how a machine or a person made
them, and what their publication replaced."""

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.db.models import F, Q

from catalog.models import NEVER_DELETED, Named
from core.fields import MoneyField
from core.models import Job, Person, Revised
from crm.models import Account, Rep
from territories.engine.scenario_moves import SCENARIO_MOVES
from territories.models.coverage import DAYS, PlacedBy
from territories.models.quotas import QuotaPlan
from territories.models.territories import Pin, Rule, Territory, TerritoryModel


class ScenarioState(models.TextChoices):
    """How far a realignment is; territories/workflow/scenarios.py says how it gets on."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Waiting for approval"
    APPROVED = "approved", "Approved"
    PUBLISHED = "published", "Published"
    UNDONE = "undone", "Undone"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"


SETTLED = (ScenarioState.PUBLISHED, ScenarioState.UNDONE)
DECIDED = (ScenarioState.APPROVED, *SETTLED)
STAYS = """
    IF to_jsonb(OLD) - ARRAY['state', 'revision', 'decision_note', 'undone_by_id']
        IS DISTINCT FROM to_jsonb(NEW) - ARRAY['state', 'revision', 'decision_note', 'undone_by_id']
        OR NEW.state = OLD.state THEN
        RAISE EXCEPTION 'A published scenario never changes' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""
ONLY_OF_A_DRAFT = """
    IF NOT EXISTS (
        SELECT 1 FROM territories_scenario
        WHERE id = COALESCE(NEW.scenario_id, OLD.scenario_id) AND state = 'draft'
    ) THEN
        RAISE EXCEPTION 'Only the accounts of a draft change' USING ERRCODE = 'check_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
"""


@pghistory.track(exclude=["job"])
@pgtrigger.register(
    pgtrigger.FSM(
        name="only_moves_of_the_table", field="state", transitions=list(SCENARIO_MOVES.transitions)
    ),
    pgtrigger.Trigger(
        name="published_stays",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Q(old__state__in=[state.value for state in SETTLED]),
        func=STAYS,
    ),
    NEVER_DELETED,
)
class Scenario(Named):
    """One proposal for a territory model from a day on, and the settings its plan is made by.

    `…_within`: each rep's part of a measure may differ so many percent from its fair part; empty is not
    balanced. `move_penalty`: what moving an account of average revenue costs, in km. `distance_weight`: what
    a km from base to account costs, in km.
    """

    model = models.ForeignKey(TerritoryModel, models.PROTECT, related_name="scenarios")
    publish_on = models.DateField("from day", help_text="The first day on which the new owners count.")
    state = models.CharField(
        max_length=9, choices=ScenarioState.choices, default=ScenarioState.DRAFT, editable=False
    )
    description = models.TextField(blank=True, default="")
    potential_within = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    revenue_within = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    workload_within = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    accounts_within = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    move_penalty = models.DecimalField(max_digits=9, decimal_places=2, default=50)
    distance_weight = models.DecimalField(max_digits=6, decimal_places=2, default=1)
    most_accounts = models.PositiveIntegerField(null=True, blank=True)
    keeps_families = models.BooleanField(default=False)
    by_needs = models.BooleanField(default=True)
    by_market = models.BooleanField(default=False)
    by_industry = models.BooleanField(default=False)
    spreads_vacant = models.BooleanField(default=False)
    fills_gaps = models.BooleanField(default=False)
    seed = models.PositiveIntegerField(default=0)
    time_limit = models.PositiveSmallIntegerField(default=60, help_text="In seconds.")
    holdover_days = models.PositiveSmallIntegerField(default=30)
    copied_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="copies")
    owner = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    submitted_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    submission_note = models.TextField(blank=True, default="", editable=False)
    approved_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    published_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    undone_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    decision_note = models.TextField(blank=True, default="", editable=False)
    job = models.ForeignKey(
        Job, models.SET_NULL, null=True, blank=True, editable=False, related_name="territory_scenarios"
    )

    class Meta:
        verbose_name = "scenario"
        ordering = ["-publish_on", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ScenarioState.values), name="territory_scenario_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None)
                | Q(submitted_by__isnull=False) & ~Q(approved_by=F("submitted_by")),
                name="territory_scenario_is_not_approved_by_its_submitter",
                violation_error_message="Nobody approves the own realignment. Ask a colleague.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=DECIDED) | Q(approved_by__isnull=False),
                name="territory_scenario_in_force_is_approved",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{name: None}) | Q(**{f"{name}__gte": 0, f"{name}__lte": 500}),
                    name=f"territory_scenario_{name}_is_percent",
                    violation_error_message="Balance is kept within 0 to 500 percent, or left empty.",
                )
                for name in ("potential_within", "revenue_within", "workload_within", "accounts_within")
            ),
            models.CheckConstraint(
                condition=Q(move_penalty__gte=0, distance_weight__gte=0),
                name="territory_scenario_costs_are_not_negative",
                violation_error_message="The penalty for a move and the weight of distance are 0 or more.",
            ),
            models.CheckConstraint(
                condition=Q(time_limit__gte=1, time_limit__lte=3600),
                name="territory_scenario_time_limit",
                violation_error_message="The time limit is 1 to 3,600 seconds.",
            ),
            models.CheckConstraint(
                condition=Q(most_accounts=None) | Q(most_accounts__gte=1),
                name="territory_scenario_most_accounts",
                violation_error_message="A rep has at least one account. Leave it empty for no limit.",
            ),
            models.CheckConstraint(
                condition=Q(holdover_days__lte=730),
                name="territory_scenario_holdover",
                violation_error_message="Open deals stay at most 730 days with who has them.",
            ),
        ]


class SolveEnding(models.TextChoices):
    """The engine's endings, and that there was no plan."""

    OPTIMAL = "optimal", "Proven the cheapest"
    GAP = "gap reached", "Close enough to the cheapest"
    SEARCHED = "searched through", "Searched through"
    TIME = "time limit", "Out of time"
    NONE = "no plan", "No plan keeps every limit"


@pgtrigger.register(
    pgtrigger.Protect(name="never_changes", operation=pgtrigger.Update | pgtrigger.Delete),
)
class ScenarioSolve(models.Model):
    """What the optimiser once made of a scenario: written once. Objective and bound in km (distance ×
    its weight + penalties of moves); gap as a share, 0.01 for 1 %."""

    scenario = models.ForeignKey(Scenario, models.PROTECT, related_name="solves")
    engine_version = models.PositiveSmallIntegerField()
    settings = models.JSONField(default=dict)
    input_hash = models.CharField(max_length=64)
    seed = models.PositiveIntegerField()
    ending = models.CharField(max_length=16, choices=SolveEnding.choices)
    objective = models.FloatField(null=True)
    bound = models.FloatField(null=True)
    gap = models.FloatField(null=True)
    seconds = models.FloatField()
    accounts = models.PositiveIntegerField()
    reps = models.PositiveIntegerField()
    moves = models.PositiveIntegerField(default=0)
    relaxations = ArrayField(
        models.TextField(), default=list, help_text="Which limits had to give, in words."
    )
    can_relax = models.BooleanField(default=False, help_text="Moving limits so far would give a plan.")
    requested_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ending__in=SolveEnding.values), name="scenario_solve_ending"),
            models.CheckConstraint(
                condition=Q(ending=SolveEnding.NONE.value, objective=None)
                | ~Q(ending=SolveEnding.NONE.value) & Q(objective__isnull=False),
                name="scenario_solve_has_a_plan_or_none",
            ),
        ]

    def __str__(self) -> str:
        return f"Solve {self.pk} of {self.scenario}"


@pghistory.track()
@pgtrigger.register(
    pgtrigger.Trigger(
        name="only_of_a_draft",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=ONLY_OF_A_DRAFT,
    )
)
class ScenarioAccount(Revised):
    """An account in a scenario: where it lies on the scenario's day as things stand, where it would lie, and
    what it weighs (potential and revenue a year in base currency, hours a year, km to either base)."""

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="accounts")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    from_territory = models.ForeignKey(Territory, models.PROTECT, null=True, blank=True, related_name="+")
    from_rep = models.ForeignKey(Rep, models.PROTECT, null=True, blank=True, related_name="+")
    to_territory = models.ForeignKey(Territory, models.PROTECT, null=True, blank=True, related_name="+")
    to_rep = models.ForeignKey(Rep, models.PROTECT, null=True, blank=True, related_name="+")
    locked = models.BooleanField(default=False)
    by_hand = models.BooleanField(default=False)
    solve = models.ForeignKey(ScenarioSolve, models.PROTECT, null=True, blank=True, related_name="+")
    potential = MoneyField(default=0)
    revenue = MoneyField(default=0)
    workload = models.FloatField(default=0)
    from_km = models.FloatField(null=True, blank=True)
    to_km = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["scenario", "account"]
        constraints = [
            models.UniqueConstraint(fields=["scenario", "account"], name="scenario_account_once"),
            models.CheckConstraint(
                condition=Q(locked=False) | Q(to_rep__isnull=False),
                name="scenario_account_is_locked_somewhere",
                violation_error_message="An account without a rep cannot be locked.",
            ),
        ]
        indexes = [models.Index(fields=["scenario", "to_rep"], name="scenario_account_by_rep")]

    def __str__(self) -> str:
        return str(self.account)

    @property
    def moves(self) -> bool:
        """It gets another territory or another rep."""
        return (self.from_territory_id, self.from_rep_id) != (self.to_territory_id, self.to_rep_id)


class ScenarioPlacement(models.Model):
    """A placement of a moved account just before and just after a publication, so that it can be undone
    exactly, and only while nobody has moved the account since. Without a territory: an end entered for the
    first of the days."""

    scenario = models.ForeignKey(Scenario, models.PROTECT, related_name="placements")
    is_after = models.BooleanField()
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    territory = models.ForeignKey(Territory, models.PROTECT, null=True, related_name="+")
    days = DateRangeField(help_text=DAYS)
    placed_by = models.CharField(max_length=8, choices=PlacedBy.choices)
    rule = models.ForeignKey(Rule, models.SET_NULL, null=True, related_name="+")
    pin = models.ForeignKey(Pin, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["scenario", "is_after", "account", "days"]
        indexes = [models.Index(fields=["scenario", "is_after", "account"], name="scenario_placement_lookup")]

    def __str__(self) -> str:
        return f"{self.account_id} in {self.territory_id}, {self.days}"


class ScenarioQuotas(models.Model):
    """The version of the quotas that followed a publication, so that undoing it takes just that one back."""

    scenario = models.OneToOneField(Scenario, models.PROTECT, related_name="quotas")
    version = models.ForeignKey(QuotaPlan, models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "scenario quotas"

    def __str__(self) -> str:
        return f"{self.version} follows {self.scenario}"
