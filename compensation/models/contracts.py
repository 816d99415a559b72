"""How long contracts bring benefit: what the cost of obtaining them is spread over (ASC 340-40)."""

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from catalog.models import Currency
from compensation.models.runs import PayRun
from core.fields import MoneyField, MonthField, is_first_of_month
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


def never_changed() -> pgtrigger.Trigger:
    """What a locked month did to contract costs stays as it was."""
    return pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update | pgtrigger.Delete)


class Moves(models.Model):
    """How the asset of a month came about, and what became an expense at once."""

    opening = MoneyField()
    added = MoneyField()
    taken_back = MoneyField()
    amortised = MoneyField()
    written_off = MoneyField()
    expensed = MoneyField()
    closing = MoneyField()

    class Meta:
        abstract = True


@pgtrigger.register(never_changed())
class ContractMonth(Moves):
    """What a locked month did to the cost of a deal's contract; written when the month is locked.

    run: the one that closed the month. first: the month of the first pay for the deal. paid: for it so far.
    A deal has a row while something is left, and in each month that paid or took back.
    """

    run = models.ForeignKey(PayRun, models.PROTECT, db_index=False, related_name="contract_months")
    deal = models.ForeignKey(Deal, models.PROTECT, db_index=False, related_name="contract_months")
    currency = models.ForeignKey(Currency, models.PROTECT, db_index=False, related_name="+")
    first = MonthField()
    paid = MoneyField()

    class Meta:
        ordering = ["run", "-closing", "-paid", "deal"]
        indexes = [models.Index(fields=["run", "-closing", "-paid", "deal"], name="contract_month_most_left")]
        constraints = [
            models.UniqueConstraint(fields=["deal", "currency", "run"], name="contract_month_once"),
            models.CheckConstraint(
                condition=Q(
                    closing=F("opening") + F("added") - F("taken_back") - F("amortised") - F("written_off")
                ),
                name="contract_month_adds_up",
            ),
            models.CheckConstraint(condition=Q(closing__gte=0), name="contract_month_not_below_nothing"),
        ]

    def __str__(self) -> str:
        return f"Deal {self.deal_id}, run {self.run_id}"


@pgtrigger.register(never_changed())
class ContractTotal(Moves):
    """The sums of a locked month's ContractMonth rows in a currency. other: pay without a deal, never an
    asset."""

    run = models.ForeignKey(PayRun, models.PROTECT, related_name="contract_totals")
    currency = models.ForeignKey(Currency, models.PROTECT, db_index=False, related_name="+")
    other = MoneyField()

    class Meta:
        ordering = ["run", "currency"]
        constraints = [models.UniqueConstraint(fields=["run", "currency"], name="contract_total_once")]

    def __str__(self) -> str:
        return f"{self.currency_id}, run {self.run_id}"
