"""What pay for a whole period was made of, kept with the run that paid it."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from catalog.models import Currency
from compensation.models.runs import PayRun, written_while_calculating
from core.fields import MoneyField


@pgtrigger.register(*written_while_calculating("n.run_id"))
class CountedCredits(models.Model):
    """The credits that counted for lines about a whole period, as they were when the run was calculated.

    `amounts`: what each counted, in the component's unit. `pay`: each credit's share of all lines that point
    here. A team has one row for all lines of its members; a delta has its own, with the differences.
    """

    run = models.ForeignKey(PayRun, models.PROTECT, related_name="counted")
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="+")
    credits = ArrayField(models.BigIntegerField())
    amounts = ArrayField(MoneyField())
    pay = ArrayField(MoneyField())

    class Meta:
        ordering = ["run", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(credits__len=F("amounts__len"), pay__len=F("amounts__len")),
                name="counted_credits_belong_together",
            )
        ]

    def __str__(self) -> str:
        return f"{len(self.credits)} credits"
