"""What marketing plans and what the market does, in dated words."""

import pghistory
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Q

from catalog.models import Family, Market
from core.fields import MoneyField
from core.models import Person, Revised


@pghistory.track()
class Campaign(Revised):
    """A marketing campaign over a range of days, for markets and families."""

    name = models.CharField(max_length=160)
    text = models.TextField(blank=True, default="", help_text="What is done, and what it should bring.")
    period = DateRangeField()
    markets = models.ManyToManyField(Market, related_name="campaigns", blank=True)
    families = models.ManyToManyField(Family, related_name="campaigns", blank=True)
    spend = MoneyField(null=True, blank=True)
    uplift = models.DecimalField(
        max_digits=7, decimal_places=4, null=True, blank=True, help_text="Expected share: 0.15 is +15 %."
    )
    owner = models.ForeignKey(Person, models.PROTECT, related_name="campaigns")

    class Meta:
        ordering = ["-period"]
        constraints = [
            models.CheckConstraint(
                condition=Q(spend=None) | Q(spend__gte=0), name="campaign_spend_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class NoteKind(models.TextChoices):
    """Where what happened in the market came from."""

    COMPETITOR = "competitor", "Competitor"
    REGULATION = "regulation", "Regulation"
    ECONOMY = "economy", "Economy"
    CUSTOMER = "customer", "Customer"
    SUPPLY = "supply", "Supply"
    OTHER = "other", "Other"


@pghistory.track()
class MarketNote(Revised):
    """Something outside that moves demand, over a range of days."""

    kind = models.CharField(max_length=12, choices=NoteKind.choices)
    title = models.CharField(max_length=160)
    text = models.TextField(blank=True, default="")
    period = DateRangeField()
    markets = models.ManyToManyField(Market, related_name="notes", blank=True)
    families = models.ManyToManyField(Family, related_name="notes", blank=True)
    owner = models.ForeignKey(Person, models.PROTECT, related_name="market_notes")

    class Meta:
        ordering = ["-period"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=NoteKind.values), name="market_note_kind_is_known"),
        ]

    def __str__(self) -> str:
        return self.title
