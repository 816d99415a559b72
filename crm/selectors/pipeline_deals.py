"""Deals as the pipeline pages look at them: what state they are in, how likely, how long in their stage.

Everything is told in base currency. A deal's own chance and category come before those of its stage;
a won deal is certain, a lost one is out.
"""

from decimal import Decimal

from django.db.models import Case, CharField, DecimalField, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from core.models import Person
from crm.models import Deal, ForecastCategory, StageKind
from crm.selectors.deals import live_deals_visible_to

AS_SHARE = DecimalField(max_digits=5, decimal_places=4)
AS_MONEY = DecimalField(max_digits=18, decimal_places=4)
IS_OPEN = Q(stage__kind=StageKind.OPEN)
IS_WON = Q(stage__kind=StageKind.WON)
IS_LOST = Q(stage__kind=StageKind.LOST)
CHANCE = Case(
    When(IS_WON, then=Value(Decimal(1))),
    When(IS_LOST, then=Value(Decimal(0))),
    default=Coalesce(F("probability"), F("stage__probability"), Value(Decimal(0))),
    output_field=AS_SHARE,
)
CATEGORY = Case(
    When(IS_WON, then=Value(ForecastCategory.CLOSED.value)),
    When(IS_LOST, then=Value(ForecastCategory.OMITTED.value)),
    When(~Q(category=""), then=F("category")),
    default=Coalesce(F("stage__category"), Value(ForecastCategory.PIPELINE.value)),
    output_field=CharField(),
)
AMOUNT = Coalesce(F("base_amount"), Value(Decimal(0)), output_field=AS_MONEY)
WEIGHTED = AMOUNT * CHANCE


def pipeline_deals(user: Person | None) -> QuerySet[Deal]:
    """The live deals a person may see that have a stage, each with `chance` (0–1), `weighted` (base
    currency) and `category_now`."""
    deals = live_deals_visible_to(user).filter(stage__isnull=False)
    deals = deals.defer("written")  # only the appliers read it, and it is wide
    return deals.annotate(chance=CHANCE, weighted=WEIGHTED, category_now=CATEGORY)


def bare(deals: QuerySet[Deal]) -> QuerySet[Deal]:
    """The same deals, ready to be summed: no order, no joined rows."""
    return deals.select_related(None).order_by()
