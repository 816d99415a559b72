"""What lies below a row of a tree, as a query that other queries can be joined to."""

from collections.abc import Collection

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from catalog.models import Family, Market

BELOW = """
    WITH RECURSIVE below AS (
        SELECT id FROM {table} WHERE id = ANY(%s)
        UNION
        SELECT t.id FROM {table} t JOIN below ON t.{up} = below.id
    )
    SELECT id FROM below
"""


def ids_below(table: str, ids: Collection[int], up: str = "parent_id") -> RawSQL:
    """The ids and those of everything below them, for `…__in=`: one recursive query inside yours."""
    return RawSQL(BELOW.format(table=table, up=up), [list(ids)])  # noqa: S611 - the names are ours


def families_below(ids: Collection[int]) -> QuerySet[Family]:
    """These families and every family below them."""
    return Family.objects.filter(pk__in=ids_below(Family._meta.db_table, ids))


def markets_below(ids: Collection[int]) -> QuerySet[Market]:
    """These markets and every market below them."""
    return Market.objects.filter(pk__in=ids_below(Market._meta.db_table, ids))
