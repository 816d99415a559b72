"""Whether a person's families and markets hold all that a statement is about."""

from catalog.models import Product
from catalog.selectors import families_below, markets_below, reach_of
from core.models import Person
from planning.selectors.demand_coverage import Level


def outside_scope(user: Person | None, level: Level, *, any_market: bool = False) -> str:
    """Why the person may not speak about the level; empty where they may.

    `any_market` asks only about the family.
    """
    reach = reach_of(user)
    if reach.markets and not any_market:
        if level.market is None:
            return "You plan only some markets. Name one of them."
        if not markets_below(reach.markets).filter(pk=level.market).exists():
            return "That market is not yours. Choose one that you may see."
    if reach.families:
        family = level.family
        if level.product is not None:
            family = Product.objects.values_list("family_id", flat=True).get(pk=level.product)
        if family is None:
            return "You plan only some families. Name one of them, or one of their products."
        if not families_below(reach.families).filter(pk=family).exists():
            return "That family is not yours. Choose one that you may see."
    return ""
