"""Who looks after a finding: whoever is responsible for the family or market, else for the source."""

from django.db.models import QuerySet

from catalog.models import DemandUnit, Family, Market, Product, Scope
from core.roles import Role
from gathering.models import DataSource

LOOKS_AFTER = {Role.ANALYST, Role.COORDINATOR}


class Owners:
    """The answers for one check, read once. The narrowest scope wins; the family before the market."""

    def __init__(self) -> None:
        scopes = Scope.objects.filter(person__is_active=True, person__roles__overlap=list(LOOKS_AFTER))
        self._families = _below(Family.objects.all(), _first(scopes, "family_id"))
        self._markets = _below(Market.objects.all(), _first(scopes, "market_id"))
        self._sources = _sources()
        scoped = bool(self._families or self._markets)
        self._family_of = dict(Product.objects.values_list("id", "family_id")) if scoped else {}
        self._market_of = dict(DemandUnit.objects.values_list("id", "market_id")) if self._markets else {}

    def of(self, dataset: str, product: int | None, demand_unit: int | None) -> int | None:
        """The owner's id, or None where nobody is responsible."""
        by_family = self._families.get(self._family_of.get(product)) if product else None
        by_market = self._markets.get(self._market_of.get(demand_unit)) if demand_unit else None
        return by_family or by_market or self._sources.get(dataset)


def _first(scopes: QuerySet[Scope], field: str) -> dict[int | None, int]:
    rows = scopes.exclude(**{field: None}).order_by("-person__name").values_list(field, "person_id")
    return dict(rows)


def _below(tree: QuerySet, owners: dict[int | None, int]) -> dict[int | None, int]:
    """The owner of every node: its own, else that of the nearest node above it."""
    if not owners:
        return {}
    parents = dict(tree.values_list("id", "parent_id"))
    found: dict[int | None, int] = {}
    for node in parents:
        above: int | None = node
        while above is not None and above not in owners:
            above = parents[above]
        if above is not None:
            found[node] = owners[above]
    return found


def _sources() -> dict[str, int]:
    rows = DataSource.objects.filter(is_active=True, owner__is_active=True).order_by("-code")
    return dict(rows.values_list("dataset", "owner_id"))
