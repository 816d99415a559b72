"""However the lines are split over files, in whatever order: Sales is their sum."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gathering.models import ImportRun, Sales, SalesLine
from gathering.pipeline.summing import all_sums
from tests.gathering.imports.conftest import lines

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalog")]
Bring = Callable[..., ImportRun]
LINE = st.tuples(
    st.integers(1, 12), st.sampled_from(["P1", "P2"]), st.sampled_from(["M1", "M2"]), st.integers(-3, 9)
)


def _sales() -> list[tuple[object, ...]]:
    keys = ("demand_unit__product__code", "demand_unit__market__code", "month")
    return sorted(Sales.objects.values_list(*keys, "quantity", "revenue", "returned_quantity", "lines"))


def _wanted() -> list[tuple[object, ...]]:
    query, params = all_sums()
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return sorted(row[:-1] for row in cursor.fetchall())


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(LINE, min_size=1, max_size=8),
    cuts=st.lists(st.integers(0, 7), max_size=2),
    seed=st.randoms(),
)
def test_any_split_over_files_in_any_order_gives_the_same_sales(
    bring: Bring, rows: list[tuple[int, str, str, int]], cuts: list[int], seed: object
) -> None:
    texts = [
        f"S{n},1,2024-{month:02d}-05,{product},{market},{quantity},{quantity * 10}.25,1"
        for n, (month, product, market, quantity) in enumerate(rows)
    ]
    _forget()
    bring("sales", lines(*texts))
    whole = _sales()
    _forget()

    seed.shuffle(texts)  # type: ignore[attr-defined]
    marks = [0, *sorted(min(cut, len(texts)) for cut in cuts), len(texts)]
    for first, last in pairwise(marks):
        if texts[first:last]:
            bring("sales", lines(*texts[first:last]))

    assert _sales() == whole
    stored = (
        "demand_unit_id",
        "month",
        "quantity",
        "revenue",
        "cost",
        "returned_quantity",
        "returned_revenue",
        "lines",
    )
    assert sorted(Sales.objects.values_list(*stored)) == _wanted()


def _forget() -> None:
    SalesLine.objects.all().delete()
    Sales.objects.all().delete()
    ImportRun.objects.update(state="cancelled")
