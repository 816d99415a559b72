"""The company's customers, whom to call there, and the people who sell to them."""

import pghistory
import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from catalog.models import NEVER_DELETED, Market, Named, TreeTrigger, trigrams
from core.models import Person, Revised


@pghistory.track()
@pgtrigger.register(TreeTrigger("manager_id"))
@pgtrigger.register(NEVER_DELETED)
class Rep(Named):
    """Somebody who sells. May sign in (person) or only be named in files."""

    email = models.EmailField(blank=True, default="")
    job_title = models.CharField(max_length=120, blank=True, default="")
    manager = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="team")
    market = models.ForeignKey(Market, models.PROTECT, null=True, blank=True, related_name="reps")
    person = models.OneToOneField(Person, models.PROTECT, null=True, blank=True, related_name="rep")
    is_active = models.BooleanField(default=True)

    class Meta(Named.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(manager=None) | ~Q(manager=F("id")),
                name="rep_is_not_the_own_manager",
                violation_error_message="Nobody is their own manager. Choose another rep.",
            )
        ]


@pghistory.track()
@pgtrigger.register(TreeTrigger())
@pgtrigger.register(NEVER_DELETED)
class Account(Named):
    """A customer, in a tree of companies."""

    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    owner = models.ForeignKey(Rep, models.PROTECT, null=True, blank=True, related_name="accounts")
    market = models.ForeignKey(Market, models.PROTECT, null=True, blank=True, related_name="accounts")
    industry = models.CharField(max_length=80, blank=True, default="")
    employees = models.PositiveIntegerField(null=True, blank=True)
    country = models.CharField(max_length=80, blank=True, default="")
    region = models.CharField(max_length=80, blank=True, default="")
    city = models.CharField(max_length=80, blank=True, default="")
    postcode = models.CharField(max_length=20, blank=True, default="")
    is_active = models.BooleanField(default=True)

    class Meta(Named.Meta):
        indexes = trigrams("account")
        constraints = [
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("id")),
                name="account_is_not_its_parent",
                violation_error_message="An account cannot be its own parent. Choose another account.",
            )
        ]


@pghistory.track(exclude=["name", "email", "phone", "job_title"])
class Contact(Revised):
    """Whom to call at an account. Kept to the minimum: no address, no notes about the person, and nothing
    personal in the history or the log, so that who is removed here is forgotten."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True, default="")
    phone = models.CharField(max_length=40, blank=True, default="")
    job_title = models.CharField(max_length=120, blank=True, default="")
    is_active = models.BooleanField(default=True)

    secret_fields = frozenset({"name", "email", "phone", "job_title"})  # the log says that they changed

    class Meta:
        ordering = ["account", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "email"],
                condition=~Q(email=""),
                name="contact_once_an_account",
                violation_error_message="This account has a contact with this e-mail address already.",
            )
        ]

    def __str__(self) -> str:
        return f"contact of {self.account}"


@pghistory.track()
@pgtrigger.register(NEVER_DELETED)
class Team(Named):
    """Reps who are looked at together, under a leader."""

    leader = models.ForeignKey(Rep, models.PROTECT, null=True, blank=True, related_name="teams_led")
    is_active = models.BooleanField(default=True)

    class Meta(Named.Meta):
        pass


@pghistory.track()
class TeamMembership(Revised):
    """The days on which a rep belongs to a team: one team a day."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    rep = models.ForeignKey(Rep, models.PROTECT, related_name="memberships")
    days = DateRangeField(help_text="From the first day, up to but not including the last.")

    class Meta:
        ordering = ["team", "rep", "days"]
        constraints = [
            ExclusionConstraint(
                name="team_membership_one_team_a_day",
                expressions=[("rep", RangeOperators.EQUAL), ("days", RangeOperators.OVERLAPS)],
                violation_error_message="The rep belongs to a team on some of these days already. "
                "End that membership first.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.rep}, {self.team}"
