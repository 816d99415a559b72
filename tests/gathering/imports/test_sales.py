"""Order lines come in: once, summed, restated, returned."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest

from catalog.models import DemandUnit, MonthRate
from core.errors import Refused
from core.models import Event
from gathering.models import ImportRun, ImportState, Sales, SalesLine
from tests.gathering.imports.conftest import lines

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalog")]
Bring = Callable[..., ImportRun]
ONE = "S1,1,2024-01-05,P1,M1,2,20.00,12.00"
TWO = "S1,2,2024-01-06,P2,M1,3,30.50,18.00"


def _sales() -> dict[tuple[str, str, dt.date], tuple[Decimal, Decimal, Decimal]]:
    rows = Sales.objects.select_related("demand_unit__product", "demand_unit__market")
    return {
        (r.demand_unit.product.code, r.demand_unit.market.code, r.month): (r.quantity, r.revenue, r.cost)
        for r in rows
    }


def test_lines_are_kept_and_summed_by_demand_unit_and_month(bring: Bring) -> None:
    run = bring("sales", lines(ONE, TWO, "S2,1,2024-01-31,P1,M1,1,10,6", "S3,1,2024-02-01,P1,M1,4,40,24"))

    assert run.state == ImportState.COMMITTED
    assert (run.rows_read, run.rows_good, run.rows_new) == (4, 4, 4)
    assert SalesLine.objects.count() == 4
    assert DemandUnit.objects.count() == 2
    assert _sales() == {
        ("P1", "M1", dt.date(2024, 1, 1)): (Decimal(3), Decimal(30), Decimal(18)),
        ("P2", "M1", dt.date(2024, 1, 1)): (Decimal(3), Decimal("30.50"), Decimal(18)),
        ("P1", "M1", dt.date(2024, 2, 1)): (Decimal(4), Decimal(40), Decimal(24)),
    }


def test_every_line_says_which_row_of_which_import_it_came_from(bring: Bring) -> None:
    run = bring("sales", lines(ONE, TWO))

    assert list(SalesLine.objects.order_by("row_number").values_list("run", "row_number")) == [
        (run.pk, 2),
        (run.pk, 3),
    ]


def test_the_same_file_twice_is_refused_and_says_when_and_by_whom(bring: Bring) -> None:
    bring("sales", lines(ONE))

    with pytest.raises(Refused, match=r"already imported .* by Cora Coordinator: nothing to do") as refusal:
        bring("sales", lines(ONE))

    assert refusal.value.reasons[0].url
    assert ImportRun.objects.count() == 1


def test_an_overlapping_file_changes_only_what_differs(bring: Bring) -> None:
    bring("sales", lines(ONE, TWO))

    run = bring("sales", lines(TWO, "S9,1,2024-01-09,P1,M1,1,10,6"))

    assert (run.rows_new, run.rows_changed, run.rows_unchanged) == (1, 0, 1)
    assert SalesLine.objects.count() == 3


def test_a_restated_line_replaces_its_values_and_the_sum_follows_it_to_another_month(bring: Bring) -> None:
    bring("sales", lines(ONE, TWO))

    run = bring("sales", lines("S1,1,2024-03-05,P1,M2,5,50,30"))

    assert (run.rows_new, run.rows_changed) == (0, 1)
    assert run.preview["changes"][0]["before"]["quantity"] == "2"
    assert _sales() == {
        ("P2", "M1", dt.date(2024, 1, 1)): (Decimal(3), Decimal("30.50"), Decimal(18)),
        ("P1", "M2", dt.date(2024, 3, 1)): (Decimal(5), Decimal(50), Decimal(30)),
    }


def test_returns_and_negative_quantities_are_kept_apart(bring: Bring) -> None:
    bring("sales", lines(ONE, "S1,3,2024-01-07,P1,M1,-1,-10,-6"))
    bring("returns", lines("R1,1,2024-01-09,P1,M1,1,9.50,6"))

    found = Sales.objects.get()
    assert (found.quantity, found.revenue, found.cost) == (2, 20, 12)
    assert (found.returned_quantity, found.returned_revenue) == (2, Decimal("19.50"))


def test_revenue_follows_from_quantity_and_unit_price(bring: Bring) -> None:
    header = "order_number,line,day,product,market,quantity,unit_price"
    run = bring("sales", lines("S1,1,2024-01-05,P1,M1,3,9.99", "S1,2,2024-01-05,P1,M1,3,", header=header))

    assert SalesLine.objects.get().revenue == Decimal("29.97")
    assert run.problems.get().problem == "Revenue and Unit price are both missing."


def test_another_currency_is_summed_at_the_months_rate(bring: Bring) -> None:
    MonthRate.objects.create(currency_id="USD", month=dt.date(2024, 1, 1), rate=Decimal("0.5"))
    header = "order_number,line,day,product,market,quantity,revenue,currency"

    bring("sales", lines("S1,1,2024-01-05,P1,M1,1,100,USD", "S1,2,2024-01-05,P1,M1,1,100,EUR", header=header))

    assert Sales.objects.get().revenue == Decimal(150)


def test_a_missing_rate_blocks_the_commit_and_names_the_month(bring: Bring) -> None:
    header = "order_number,line,day,product,market,quantity,revenue,currency"

    with pytest.raises(Refused, match="No rate is known for USD in 2024-01"):
        bring("sales", lines("S1,1,2024-01-05,P1,M1,1,100,USD", header=header))

    assert ImportRun.objects.get().state == ImportState.CHECKED
    assert not SalesLine.objects.exists()


def test_lines_without_a_number_are_found_again_in_an_overlapping_file(bring: Bring) -> None:
    header = "day,product,market,quantity,revenue"
    january = ["2024-01-05,P1,M1,1,10", "2024-01-05,P1,M1,1,10", "2024-01-06,P2,M1,2,20"]
    bring("sales", lines(*january, header=header))

    run = bring("sales", lines(*january[1:], "2024-02-01,P1,M1,1,10", header=header))

    assert (run.rows_new, run.rows_changed, run.rows_unchanged) == (1, 0, 2)
    assert SalesLine.objects.count() == 4


def test_rows_with_the_same_key_are_refused_together(bring: Bring) -> None:
    run = bring("sales", lines(ONE, TWO, "S1,1,2024-01-05,P1,M1,7,70,42"))

    assert (run.rows_good, run.rows_rejected) == (1, 2)
    assert run.problems.first().problem == "Rows 2, 4 have the same Order number and Line."
    assert list(run.rejects.values_list("row_number", flat=True)) == [2, 4]


@pytest.mark.parametrize(("rule", "quantity"), [("first", 2), ("last", 7), ("sum", 9)])
def test_a_profile_may_settle_rows_with_the_same_key(bring: Bring, rule: str, quantity: int) -> None:
    run = bring("sales", lines(ONE, "S1,1,2024-01-05,P1,M1,7,70,42"), definition=f"duplicates: {rule}")

    assert SalesLine.objects.get().quantity == quantity
    assert run.preview["skipped"]["rows that stand twice, settled as the profile says"] == 1


def test_the_import_leaves_its_events(bring: Bring) -> None:
    run = bring("sales", lines(ONE))

    verbs = Event.objects.filter(subject_type="gathering.importrun", subject_id=str(run.pk))
    assert list(verbs.order_by("id").values_list("verb", flat=True)) == [
        "file uploaded",
        "import checked",
        "import committed",
    ]


def test_the_preview_tells_totals_days_and_new_demand_units(bring: Bring) -> None:
    run = bring("sales", lines(ONE, TWO, "S2,1,2024-02-01,nobody knows,M1,1,99.00,1"), dry_run=True)

    assert run.state == ImportState.CHECKED
    assert run.preview["totals"]["revenue"] == {"file": "149.50", "accepted": "50.50"}
    assert run.preview["days"] == {"first": "2024-01-05", "last": "2024-02-01"}
    assert run.preview["new_demand_units"] == 2
    assert run.preview["unmapped"] == [
        {"kind": "product", "value": "nobody knows", "rows": 1, "money": "99.00"}
    ]
