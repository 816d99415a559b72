"""What a person may see of the catalog."""

import pghistory
from django.db import models
from django.db.models import Q

from catalog.models.places import Market
from catalog.models.products import Family
from core.models import Person, Revised


@pghistory.track()
class Scope(Revised):
    """Narrows what a person sees to a market's or a family's subtree. No rows: everything."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="scopes")
    market = models.ForeignKey(Market, models.CASCADE, null=True, blank=True)
    family = models.ForeignKey(Family, models.CASCADE, null=True, blank=True)

    class Meta:
        ordering = ["person"]
        constraints = [
            models.CheckConstraint(
                condition=Q(market=None, family__isnull=False) | Q(market__isnull=False, family=None),
                name="scope_is_a_market_or_a_family",
                violation_error_message="A scope is either a market or a family, not both.",
            ),
            models.UniqueConstraint(
                fields=["person", "market", "family"],
                nulls_distinct=False,
                name="scope_once",
                violation_error_message="The person has this scope already.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.market or self.family)
