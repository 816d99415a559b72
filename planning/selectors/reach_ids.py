"""The reader's scope as ids, for set-based queries: `family_id = ANY(…)`, or no limit."""

from dataclasses import dataclass

from catalog.selectors import families_below, markets_below, reach_of
from core.models import Person

WITHIN = """
    (%(families)s::bigint[] IS NULL OR {family} = ANY(%(families)s))
    AND (%(markets)s::bigint[] IS NULL OR {market} = ANY(%(markets)s))
"""


@dataclass(frozen=True)
class ReachIds:
    """Families and markets that may be read; None is no limit."""

    families: list[int] | None
    markets: list[int] | None

    @property
    def is_everything(self) -> bool:
        """Whether neither families nor markets are limited."""
        return self.families is None and self.markets is None

    @property
    def parameters(self) -> dict[str, list[int] | None]:
        """The parameters that `within` asks for."""
        return {"families": self.families, "markets": self.markets}


def reach_ids_of(user: Person | None) -> ReachIds:
    """The scope with everything below it."""
    reach = reach_of(user)
    families = families_below(reach.families).order_by("pk") if reach.families else None
    markets = markets_below(reach.markets).order_by("pk") if reach.markets else None
    return ReachIds(
        None if families is None else list(families.values_list("pk", flat=True)),
        None if markets is None else list(markets.values_list("pk", flat=True)),
    )


def within(family: str, market: str) -> str:
    """The SQL condition on two columns; give the query `ReachIds.parameters`."""
    return WITHIN.format(family=family, market=market)
