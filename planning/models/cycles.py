"""One month's process: the cycle, its five stages, and what people do around them."""

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from catalog.models import Family, Market
from core.fields import MoneyField, MonthField, is_first_of_month
from core.models import Person, Revised
from forecasting.models import ForecastRun
from planning.engine.moves import TRANSITIONS
from planning.models.locks import never_after_release, released_stays


class StageName(models.TextChoices):
    """Where a cycle is. The moves between them are planning.engine.moves."""

    DATA = "data", "Data gathering"
    DEMAND = "demand", "Demand planning"
    SUPPLY = "supply", "Supply planning"
    RECONCILIATION = "reconciliation", "Reconciliation"
    RELEASE = "release", "Release"
    RELEASED = "released", "Released"
    SUPERSEDED = "superseded", "Superseded"
    ABANDONED = "abandoned", "Abandoned"


@pghistory.track()
@pgtrigger.register(
    pgtrigger.FSM(name="only_moves_of_the_table", field="stage", transitions=list(TRANSITIONS)),
    pgtrigger.Protect(
        name="begins_with_data", operation=pgtrigger.Insert, condition=pgtrigger.Q(new__stage__df="data")
    ),
    pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
    released_stays(),
)
class Cycle(Revised):
    """The plan of one month. `month` is the first month planned; history ends in the month before.

    A correction of a released cycle is a new cycle of the same month with the next `issue`; its
    release supersedes the older one.
    """

    month = MonthField()
    issue = models.PositiveSmallIntegerField(default=1)
    supersedes = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="revisions")
    horizon = models.PositiveSmallIntegerField(default=18)
    stage = models.CharField(max_length=14, choices=StageName.choices, default=StageName.DATA)
    opened_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="opened_cycles")
    opened = models.DateTimeField(auto_now_add=True)
    forecast_run = models.ForeignKey(
        ForecastRun, models.PROTECT, null=True, blank=True, related_name="cycles"
    )
    released = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-month", "-issue"]
        constraints = [
            models.UniqueConstraint(
                fields=["month", "issue"], condition=~Q(stage="abandoned"), name="cycle_issue_once"
            ),
            models.UniqueConstraint(
                fields=["supersedes"], condition=~Q(stage="abandoned"), name="cycle_has_one_revision"
            ),
            models.UniqueConstraint(
                fields=["month"],
                condition=~Q(stage__in=["released", "superseded", "abandoned"]),
                name="cycle_only_one_open_a_month",
            ),
            models.CheckConstraint(condition=Q(stage__in=StageName.values), name="cycle_stage_is_known"),
            models.CheckConstraint(
                condition=Q(horizon__gte=12, horizon__lte=36), name="cycle_horizon_is_12_to_36_months"
            ),
            models.CheckConstraint(
                condition=Q(issue=1) | Q(supersedes__isnull=False),
                name="cycle_revision_names_what_it_revises",
            ),
            is_first_of_month("cycle"),
        ]

    def __str__(self) -> str:
        again = f", revision {self.issue}" if self.issue > 1 else ""
        return f"Cycle {self.month:%b %Y}{again}"


@pghistory.track()
@pgtrigger.register(never_after_release())
class Stage(Revised):
    """One of a cycle's five stages: who owns it, when it is due, who signed it, made from what.

    `made_from` is the fingerprint of the artefact's inputs at signing; comparing it with today's
    gives green, yellow or red. It is never stored as a colour.
    """

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="stages")
    name = models.CharField(max_length=14, choices=StageName.choices)
    owner = models.ForeignKey(Person, models.PROTECT, related_name="owned_stages")
    due = models.DateField()
    signed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="signed_stages")
    signed = models.DateTimeField(null=True, blank=True)
    made_from = models.JSONField(default=dict, blank=True)
    note = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["cycle", "due"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "name"], name="stage_once"),
            models.CheckConstraint(
                condition=Q(name__in=["data", "demand", "supply", "reconciliation", "release"]),
                name="stage_name_is_known",
            ),
            models.CheckConstraint(
                condition=Q(signed=None, signed_by=None) | Q(signed__isnull=False, signed_by__isnull=False),
                name="stage_is_signed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_name_display()}, {self.cycle}"


@pghistory.track()
class ChecklistItem(Revised):
    """Something that must have been looked at before a stage is signed."""

    stage = models.ForeignKey(Stage, models.CASCADE, related_name="checklist")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=200)
    is_required = models.BooleanField(default=True)
    done_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    done = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["stage", "position"]
        constraints = [models.UniqueConstraint(fields=["stage", "position"], name="checklist_item_once")]

    def __str__(self) -> str:
        return self.text


@pghistory.track()
class Meeting(Revised):
    """A review of a stage: who, when, what about, and what came of it."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="meetings")
    stage = models.CharField(max_length=14, choices=StageName.choices)
    title = models.CharField(max_length=160)
    begins = models.DateTimeField()
    minutes_long = models.PositiveSmallIntegerField(default=60)
    place = models.CharField(max_length=200, blank=True, default="")
    attendees = models.ManyToManyField(Person, related_name="meetings", blank=True)
    agenda = models.TextField(blank=True, default="")
    minutes = models.TextField(blank=True, default="")
    owner = models.ForeignKey(Person, models.PROTECT, related_name="owned_meetings")

    class Meta:
        ordering = ["begins"]

    def __str__(self) -> str:
        return self.title


@pghistory.track()
class Task(Revised):
    """What somebody does by a date."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="tasks")
    stage = models.CharField(max_length=14, choices=StageName.choices)
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True, default="")
    owner = models.ForeignKey(Person, models.PROTECT, related_name="tasks")
    due = models.DateField()
    meeting = models.ForeignKey(Meeting, models.SET_NULL, null=True, blank=True, related_name="actions")
    done_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    done = models.DateTimeField(null=True, blank=True)
    reminded = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["due", "id"]
        indexes = [models.Index(fields=["owner", "due"], condition=Q(done=None), name="task_open_by_owner")]

    def __str__(self) -> str:
        return self.title


@pghistory.track()
class Assumption(Revised):
    """What the plan takes for granted."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="assumptions")
    text = models.TextField()
    family = models.ForeignKey(Family, models.PROTECT, null=True, blank=True, related_name="+")
    market = models.ForeignKey(Market, models.PROTECT, null=True, blank=True, related_name="+")
    owner = models.ForeignKey(Person, models.PROTECT, related_name="assumptions")
    outcome = models.CharField(
        max_length=8, choices=[("open", "Open"), ("held", "Held"), ("failed", "Did not hold")], default="open"
    )

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text[:80]


class Leaning(models.TextChoices):
    """Whether something may go worse or better than planned."""

    RISK = "risk", "Risk"
    OPPORTUNITY = "opportunity", "Opportunity"


@pghistory.track()
class RiskOrOpportunity(Revised):
    """What could make the plan come out lower or higher, with its money and its chance."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="risks_and_opportunities")
    leaning = models.CharField(max_length=11, choices=Leaning.choices)
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True, default="")
    money = MoneyField(help_text="Base currency, over the horizon.")
    probability = models.DecimalField(max_digits=5, decimal_places=4)
    family = models.ForeignKey(Family, models.PROTECT, null=True, blank=True, related_name="+")
    owner = models.ForeignKey(Person, models.PROTECT, related_name="risks_and_opportunities")
    is_open = models.BooleanField(default=True)

    class Meta:
        ordering = ["-money", "id"]
        verbose_name = "risk or opportunity"
        verbose_name_plural = "risks and opportunities"
        constraints = [
            models.CheckConstraint(condition=Q(leaning__in=Leaning.values), name="risk_leaning_is_known"),
            models.CheckConstraint(condition=Q(money__gte=0), name="risk_money_is_not_negative"),
            models.CheckConstraint(
                condition=Q(probability__gte=0, probability__lte=1), name="risk_probability_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return self.title


@pghistory.track()
class Decision(Revised):
    """A gap or question of the cycle, what can be done, and what was decided, by whom and why."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="decisions")
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True, default="")
    gap = models.CharField(max_length=120, blank=True, default="", help_text="Fingerprint of the gap.")
    options = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    money = MoneyField(default=0)
    asks_executives = models.BooleanField(default=False)
    owner = models.ForeignKey(Person, models.PROTECT, related_name="owned_decisions")
    due = models.DateField(null=True, blank=True)
    decided = models.CharField(max_length=300, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="decisions")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-money", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "gap"], condition=~Q(gap=""), name="decision_once_a_gap"
            ),
            models.CheckConstraint(
                condition=Q(decided="") | (~Q(reason="") & Q(decided_by__isnull=False)),
                name="decision_has_a_reason_and_an_author",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class CalendarAddress(Revised):
    """The secret address of a person's calendar feed: `number` is signed into it, and a new one ends it."""

    person = models.OneToOneField(Person, models.CASCADE, related_name="calendar_address")
    number = models.PositiveIntegerField(default=1)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["person"]

    def __str__(self) -> str:
        return f"Calendar of {self.person}"
