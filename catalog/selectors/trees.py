"""Reading trees: what lies below, the way up, and a nested list with counts. One query each."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db.models import Count, Model

from catalog.selectors.scope import families_visible_to, markets_visible_to
from core.models import Person

Row = TypeVar("Row", bound=Model)

ABOVE = """
    WITH RECURSIVE above AS (
        SELECT id, {up}, 0 AS distance FROM {table} WHERE id = %s
        UNION ALL
        SELECT t.id, t.{up}, above.distance + 1 FROM {table} t JOIN above ON t.id = above.{up}
    )
    SELECT t.* FROM above JOIN {table} t USING (id) WHERE above.distance > 0 ORDER BY above.distance DESC
"""


@dataclass
class Node:
    """A row of a tree with what hangs on it: `own` are its own things, `total` those below as well."""

    row: Any
    own: int = 0
    children: list["Node"] = field(default_factory=list)

    @property
    def total(self) -> int:
        """What it has itself and everything below it."""
        return self.own + sum(child.total for child in self.children)


def path_of(row: Row, up: str = "parent_id") -> list[Row]:
    """The rows above this one, the root first."""
    sql = ABOVE.format(table=row._meta.db_table, up=up)
    return list(type(row)._default_manager.raw(sql, [row.pk]))


def family_tree(user: Person | None) -> list[Node]:
    """The families the person may see, with how many products each holds."""
    return nested(families_visible_to(user).annotate(own=Count("products")), lambda row: row.parent_id)


def market_tree(user: Person | None) -> list[Node]:
    """The markets the person may see, with how many demand units each holds."""
    return nested(markets_visible_to(user).annotate(own=Count("demand_units")), lambda row: row.parent_id)


def nested(rows: Iterable[Any], parent_of: Callable[[Any], int | None]) -> list[Node]:
    """Flat rows as trees. A row whose parent is not among them is a root."""
    nodes = {row.pk: Node(row, getattr(row, "own", 0)) for row in rows}
    below: dict[int | None, list[Node]] = defaultdict(list)
    for node in nodes.values():
        parent = parent_of(node.row)
        below[parent if parent in nodes else None].append(node)
    for key, node in nodes.items():
        node.children = below[key]
    return below[None]


def subtree(trees: list[Node], key: int) -> Node | None:
    """The node of a row anywhere in the trees."""
    for node in trees:
        found = node if node.row.pk == key else subtree(node.children, key)
        if found:
            return found
    return None
