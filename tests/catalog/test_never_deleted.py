"""What released plans point at stays: the database itself refuses to delete it."""

import pytest
from django.db import InternalError, connection, transaction

from catalog.models import Resource
from tests.gathering.world import World, world

__all__ = ["world"]


@pytest.mark.parametrize("table", ["family", "market", "product", "site", "resource", "demandunit"])
def test_not_even_sql_deletes_what_plans_are_made_of(world: World, table: str) -> None:
    Resource.objects.create(code="LINE", name="Line", site=world.site)

    with (
        pytest.raises(InternalError, match="Cannot delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM catalog_{table}")
