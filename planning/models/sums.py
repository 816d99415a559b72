"""Numbers by family, market and month: what pages and charts sum over instead of demand units."""

from django.db import models

from catalog.models import Family, Market
from core.fields import MonthField


class ByFamily(models.Model):
    """A row of sums. Foreign keys without a constraint: families and markets are never deleted, and
    whole tables of sums are written at once."""

    family = models.ForeignKey(
        Family, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    market = models.ForeignKey(
        Market, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    month = MonthField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.family_id} in {self.market_id} {self.month:%b %Y}"
