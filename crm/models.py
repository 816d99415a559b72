"""The company's customers and the people who sell to them."""

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from catalog.models import Market, Named, TreeTrigger, trigrams
from core.models import Person


@pghistory.track()
@pgtrigger.register(TreeTrigger("manager_id"))
@pgtrigger.register(pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete))
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
@pgtrigger.register(pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete))
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
