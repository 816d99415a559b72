"""Territories: the map of who covers what, as a model that is planned, in force, and then kept.

A model holds a tree of territories. Rules, pins and exclusions say which accounts belong to which;
`territories.models.coverage` holds what came of them and who covers it on which days.
"""

import pghistory
import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from catalog.models import Market, Named, TreeTrigger
from core.models import Person, Revised
from crm.models import Account


class RoleKind(models.TextChoices):
    """What a rep does in a territory: one owner, others beside and above."""

    OWNER = "owner", "Owner"
    OVERLAY = "overlay", "Overlay"
    MANAGER = "manager", "Manager"


@pghistory.track()
class CoverageRole(Named):
    """What a rep is to an account: its one owner, an overlay beside the owner, or a manager."""

    kind = models.CharField(max_length=7, choices=RoleKind.choices)
    is_active = models.BooleanField(default=True)

    class Meta(Named.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RoleKind.values), name="coverage_role_kind_is_known"),
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(kind="owner"),
                name="coverage_role_one_owner",
                violation_error_message="There is one role of owner already. Choose overlay or manager.",
            ),
        ]


class ModelState(models.TextChoices):
    """Whether a map is planned, in force or kept."""

    PLANNING = "planning", "Planning"
    ACTIVE = "active", "Active"
    ARCHIVED = "archived", "Archived"


@pghistory.track()
class TerritoryModel(Named):
    """A dated map. `days`: when it is in force, empty while it is planned. `version` counts the copies
    of one map: `copied_from` is the one before."""

    state = models.CharField(max_length=8, choices=ModelState.choices, default=ModelState.PLANNING)
    days = DateRangeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    copied_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="copies")
    owner = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="territory_models")
    description = models.TextField(blank=True, default="")

    class Meta(Named.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ModelState.values), name="territory_model_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="planning", days=None) | (~Q(state="planning") & Q(days__isnull=False)),
                name="territory_model_in_force_has_days",
            ),
            models.UniqueConstraint(
                fields=["state"],
                condition=Q(state="active"),
                name="territory_model_one_active",
                violation_error_message="Another model is active. Archive that one first.",
            ),
            ExclusionConstraint(
                name="territory_model_one_a_day",
                expressions=[("days", RangeOperators.OVERLAPS)],
                condition=Q(days__isnull=False),
                violation_error_message="Another model is in force on some of these days.",
            ),
        ]


class TerritoryType(models.TextChoices):
    """By what a territory is cut."""

    GEOGRAPHIC = "geographic", "Geographic"
    INDUSTRY = "industry", "Industry"
    NAMED = "named", "Named accounts"
    OVERLAY = "overlay", "Overlay"


@pghistory.track()
@pgtrigger.register(
    TreeTrigger(),
    pgtrigger.Trigger(
        name="one_model_a_tree",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("parent_id", "model_id"),
        func="""
            IF NEW.parent_id IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM territories_territory WHERE id = NEW.parent_id AND model_id = NEW.model_id
            ) THEN
                RAISE EXCEPTION 'A territory lies below one of the same model'
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    ),
)
class Territory(Revised):
    """A part of a model. `role`: the overlay role whose accounts it holds; empty for all other types,
    whose accounts have their owner by it. An account lies in one territory of each role on a day."""

    model = models.ForeignKey(TerritoryModel, models.CASCADE, related_name="territories")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    type = models.CharField(max_length=10, choices=TerritoryType.choices)
    role = models.ForeignKey(CoverageRole, models.PROTECT, null=True, blank=True, related_name="territories")
    market = models.ForeignKey(Market, models.PROTECT, null=True, blank=True, related_name="territories")
    description = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["model", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["model", "code"],
                name="territory_code_once_a_model",
                violation_error_message="This model has a territory with this code already.",
            ),
            models.CheckConstraint(
                condition=Q(type__in=TerritoryType.values), name="territory_type_is_known"
            ),
            models.CheckConstraint(
                condition=Q(type="overlay", role__isnull=False) | (~Q(type="overlay") & Q(role=None)),
                name="territory_overlay_names_its_role",
                violation_error_message="An overlay territory names its role; others have none.",
            ),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("id")),
                name="territory_is_not_its_parent",
                violation_error_message="A territory cannot lie below itself.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})" if self.name != self.code else self.name


@pghistory.track()
class Rule(Revised):
    """Which accounts belong to a territory. The rule of the lowest priority number wins; at the same
    number the older one, and the two are shown as an overlap.

    `condition`: a tree of {"all": […]}, {"any": […]}, {"not": …} and {"field", "is", "value"}.
    `inherits`: the accounts must also meet a rule of the territory above.
    """

    territory = models.ForeignKey(Territory, models.CASCADE, related_name="rules")
    name = models.CharField(max_length=200)
    priority = models.PositiveIntegerField(default=100)
    condition = models.JSONField(default=dict)
    inherits = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["priority", "id"]

    def __str__(self) -> str:
        return self.name


class PinKind(models.TextChoices):
    """Whether a pin holds an account in a territory or out of it."""

    PIN = "pin", "Always here"
    EXCLUSION = "exclusion", "Never here"


@pghistory.track()
class Pin(Revised):
    """What a person says against the rules: an account is always in a territory, or never."""

    territory = models.ForeignKey(Territory, models.CASCADE, related_name="pins")
    account = models.ForeignKey(Account, models.PROTECT, related_name="territory_pins")
    kind = models.CharField(max_length=9, choices=PinKind.choices)
    reason = models.CharField(max_length=500)
    is_withdrawn = models.BooleanField(default=False)

    class Meta:
        ordering = ["territory", "account"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=PinKind.values), name="pin_kind_is_known"),
            models.UniqueConstraint(
                fields=["territory", "account"],
                condition=Q(is_withdrawn=False),
                name="pin_once_a_territory",
                violation_error_message="The account is pinned or excluded here already. Change that.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.get_kind_display()}"
