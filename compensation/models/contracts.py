"""How long contracts bring benefit: what the cost of obtaining them is spread over (ASC 340-40)."""

import pghistory
from django.db import models
from django.db.models import Q

from core.fields import MonthField, is_first_of_month
from core.models import Revised
from crm.models import Deal


@pghistory.track()
class ContractTerm(Revised):
    """A deal's contract, where it differs from the company's usual one (company settings)."""

    deal = models.OneToOneField(Deal, models.PROTECT, related_name="contract_term")
    months = models.PositiveSmallIntegerField(help_text="Of the contract.")
    renewal_months = models.PositiveSmallIntegerField(default=0, help_text="Of renewals that are expected.")
    commensurate = models.BooleanField(default=False, help_text="Renewals are paid like the first contract.")
    ended = MonthField(null=True, blank=True, help_text="When it ended early: the rest is written off.")
    reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ["deal"]
        constraints = [
            is_first_of_month("contract_term", "ended"),
            models.CheckConstraint(
                condition=Q(months__gte=1, months__lte=240),
                name="contract_term_months",
                violation_error_message="A contract lasts 1 to 240 months.",
            ),
            models.CheckConstraint(condition=Q(renewal_months__lte=240), name="contract_term_renewals"),
        ]

    def __str__(self) -> str:
        return f"Contract of {self.deal_id}"
