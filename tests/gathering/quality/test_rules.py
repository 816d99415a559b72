"""Each rule finds what it is for, says it in words, and leaves the good data alone."""

import datetime as dt
from decimal import Decimal

import pytest

from catalog.models import CapacityUse, MonthRate, Product, Resource
from gathering.models import QualityIssue, StockLevel, UnmappedValue
from gathering.pipeline.quality import RULES, check_facts, rows_behind, store_findings
from tests.gathering.world import FOREVER, World, month


def found(rule: str) -> list[QualityIssue]:
    """The issues of one rule after a check."""
    store_findings(found=check_facts(only=(rule,)), actor=None)
    return list(QualityIssue.objects.filter(rule=rule).order_by("subject"))


def behind(issue: QualityIssue) -> list[dict]:
    return rows_behind(issue)[1]


def test_good_data_have_no_findings(world: World) -> None:
    world.history(world.ridge_tyrol, 36, lambda i: 20 + i % 12)
    world.history(world.slope_north, 36, lambda i: 50 + i % 12)
    world.line(world.ridge_tyrol)

    findings = {code: rows for code, (_, rows) in check_facts().items() if rows}

    assert findings == {}


def test_lines_below_cost_are_one_finding_per_product_with_the_money_lost(world: World) -> None:
    for day in (dt.date(2025, 3, 1), dt.date(2025, 3, 9), dt.date(2025, 4, 1)):
        world.line(world.ridge_tyrol, revenue=Decimal(50), day=day)
    world.line(world.slope_north)

    issue = found("below_cost")[0]

    assert (issue.product, issue.rows, issue.money) == (world.ridge, 3, Decimal(30))
    assert "3 lines in 2 months" in issue.message
    assert [(row["month"], row["lines"], row["lost"]) for row in behind(issue)] == [
        (dt.date(2025, 4, 1), 1, 10),
        (dt.date(2025, 3, 1), 2, 20),
    ]


def test_money_in_another_currency_is_counted_at_the_rate_of_its_month(world: World) -> None:
    world.euro.__class__.objects.create(code="CHF", name="Franc")
    MonthRate.objects.create(currency_id="CHF", month=dt.date(2025, 3, 1), rate=Decimal("1.1"))
    world.line(world.ridge_tyrol, revenue=Decimal(50), currency="CHF")

    assert found("below_cost")[0].money == Decimal("11")


def test_a_negative_price_blocks_and_a_zero_price_warns(world: World) -> None:
    world.line(world.ridge_tyrol, revenue=Decimal(-100), unit_price=Decimal(-50))
    world.line(world.slope_north, revenue=Decimal(0), unit_price=Decimal(0))

    negative, zero = found("price_not_positive")

    assert (negative.product, negative.severity) == (world.ridge, "blocking")
    assert (zero.product, zero.severity) == (world.slope, "warning")
    assert len(behind(negative)) == len(behind(zero)) == 1


def test_returned_lines_are_no_negative_prices(world: World) -> None:
    world.line(world.ridge_tyrol, kind="return", revenue=Decimal(-100))

    assert found("price_not_positive") == []


def test_a_price_ten_times_the_usual_is_found_with_its_month(world: World) -> None:
    world.history(world.ridge_tyrol, 12)
    world.sell(world.ridge_tyrol, month(12), price=1000)

    issue = found("price_level")[0]

    assert issue.rows == 1
    assert [row["month"] for row in behind(issue)] == [month(12)]


def test_gap_months_are_found_where_a_unit_usually_sells(world: World) -> None:
    world.history(world.ridge_tyrol, 24, lambda i: 0 if i in {10, 11, 18} else 10)
    world.history(world.slope_north, 24)

    issue = found("gap_months")[0]

    assert issue.rows == 3
    assert "in 21 of 24 months, but not in Nov 23–Dec 23, Jul 24." in issue.message
    assert {row["month"] for row in behind(issue)} == {month(10), month(11), month(18)}


def test_a_unit_that_sells_now_and_then_has_no_gaps(world: World) -> None:
    world.history(world.ridge_tyrol, 24, lambda i: 10 if i % 3 == 0 else 0)
    world.history(world.slope_north, 24)

    assert found("gap_months") == []


def test_a_unit_that_stops_selling_has_a_gap_at_the_end_unless_it_is_discontinued(world: World) -> None:
    world.history(world.ridge_tyrol, 22)
    world.history(world.slope_north, 24)
    assert {row["month"] for row in behind(found("gap_months")[0])} == {month(22), month(23)}

    Product.objects.filter(pk=world.ridge.pk).update(
        life_cycle="discontinued", discontinued_on=dt.date(2024, 10, 31)
    )
    assert [issue.state for issue in found("gap_months")] == ["resolved"]


def test_a_peak_is_an_outlier_once_and_not_again_a_year_later(world: World) -> None:
    wiggle = [0, 2, -1, 3, 1, -2, 0, 1, 2, -3, 1, 0, -1]
    world.history(
        world.ridge_tyrol, 48, lambda i: 400 if i == 20 else 50 + 20 * (i % 12 > 8) + wiggle[i % 13]
    )

    issue = found("outlier")[0]

    assert [row["month"] for row in behind(issue)] == [month(20)]
    assert "Sep 24" in issue.message


def test_a_peak_in_the_first_year_is_found_by_its_echo(world: World) -> None:
    wiggle = [0, 2, -1, 3, 1, -2, 0, 1, 2, -3, 1, 0, -1]
    world.history(world.ridge_tyrol, 36, lambda i: 300 if i == 5 else 50 + wiggle[i % 13])

    assert [row["month"] for row in behind(found("outlier")[0])] == [month(5)]


def test_season_and_trend_are_no_outliers(world: World) -> None:
    season = [1, 1, 1, 2, 2, 3, 5, 8, 5, 3, 2, 1]
    wiggle = [0, 2, -1, 3, 1, -2, 0, 1, 2, -3, 1, 0, -1]
    world.history(world.ridge_tyrol, 60, lambda i: 20 * season[i % 12] + i + wiggle[i % 13])

    assert found("outlier") == []


def test_a_short_series_is_measured_against_its_own_level(world: World) -> None:
    world.history(world.ridge_tyrol, 12, lambda i: 500 if i == 6 else 50 + i % 3)

    assert [row["month"] for row in behind(found("outlier")[0])] == [month(6)]


def test_a_changed_unit_is_found_and_a_single_peak_is_not(world: World) -> None:
    world.history(world.ridge_tyrol, 24, lambda i: 10 if i < 12 else 120)
    world.history(world.slope_north, 24, lambda i: 500 if i == 12 else 10)

    issues = found("unit_change")

    assert [issue.demand_unit for issue in issues] == [world.ridge_tyrol]
    assert issues[0].month == month(12)


def test_sales_before_the_launch_and_after_the_end_are_found(world: World) -> None:
    Product.objects.filter(pk=world.ridge.pk).update(
        launched_on=dt.date(2023, 6, 15), discontinued_on=dt.date(2023, 9, 15)
    )
    world.history(world.ridge_tyrol, 12)

    issue = found("outside_life_cycle")[0]

    assert issue.rows == 8
    assert "Launched 15 Jun 2023" in issue.message


def test_the_same_line_twice_in_an_order_is_found(world: World) -> None:
    for line in ("1", "2"):
        world.line(world.ridge_tyrol, order_number="A1", line=line)
    world.line(world.ridge_tyrol, order_number="A2")

    issue = found("duplicate_lines")[0]

    assert (issue.rows, issue.money) == (1, Decimal(100))
    assert behind(issue)[0]["times"] == 2


def test_two_products_of_the_same_name_are_found_whatever_their_case(world: World) -> None:
    world.product("RIDGE-2", name="ridge 92 ")

    issue = found("duplicate_names")[0]

    assert issue.rows == 2
    assert "RIDGE, RIDGE-2" in issue.message
    assert [row["code"] for row in behind(issue)] == ["RIDGE", "RIDGE-2"]


def test_an_unknown_name_blocks_its_dataset_until_it_is_mapped(world: World) -> None:
    unknown = UnmappedValue.objects.create(
        kind="product", value="Ridge 93", rows=4, money=800, first_run=world.run
    )
    issue = found("unmapped")[0]
    assert (issue.severity, issue.dataset, issue.money) == ("blocking", "sales", Decimal(800))

    unknown.is_open = False
    unknown.save()
    assert found("unmapped")[0].state == "resolved"


def test_a_currency_without_a_rate_blocks(world: World) -> None:
    world.line(world.ridge_tyrol, currency="USD")

    issue = found("missing_rate")[0]

    assert issue.severity == "blocking"
    assert "no rate for Mar 25" in issue.message


def test_negative_stock_is_found_by_its_latest_day_only(world: World) -> None:
    for product, day, quantity in (
        (world.ridge, 1, -5),
        (world.ridge, 2, 5),
        (world.slope, 2, -7),
    ):
        StockLevel.objects.create(
            site=world.site, product=product, day=dt.date(2025, 3, day), quantity=quantity, run=world.run
        )

    issue = found("stock_negative")[0]

    assert QualityIssue.objects.count() == 1
    assert (issue.product, issue.money) == (world.slope, Decimal(7 * 60))


def test_old_stock_is_found_per_site(world: World) -> None:
    StockLevel.objects.create(
        site=world.site, product=world.ridge, day=dt.date(2020, 1, 31), quantity=5, run=world.run
    )

    assert "31 Jan 2020" in found("stock_stale")[0].message


def test_a_planned_resource_without_capacity_is_found(world: World) -> None:
    press = Resource.objects.create(code="PRESS", name="Press", site=world.site)
    Resource.objects.create(code="IDLE", name="Not planned", site=world.site)
    CapacityUse.objects.create(product=world.ridge, resource=press, per_unit=1, valid=FOREVER)

    issues = found("capacity_missing")

    assert [issue.subject for issue in issues] == ["Press (PRESS)"]
    assert issues[0].rows == 18


@pytest.mark.parametrize("rule", ["missing_price", "missing_cost"])
def test_products_without_a_value_are_one_finding_per_family(world: World, rule: str) -> None:
    for code in ("A", "B"):
        world.unit(world.product(code), world.tyrol)

    issue = found(rule)[0]

    assert issue.rows == 2
    assert "2 of 3 products" in issue.message
    assert [row["code"] for row in behind(issue)] == ["A", "B"]


def test_a_whole_month_without_sales_blocks(world: World) -> None:
    world.history(world.ridge_tyrol, 12, lambda i: 0 if i == 6 else 10)

    issue = found("empty_month")[0]

    assert (issue.severity, issue.month) == ("blocking", month(6))
    assert len(behind(issue)) == 11


def test_a_month_with_half_of_the_usual_lines_is_found(world: World) -> None:
    world.history(world.ridge_tyrol, 12)
    sale = world.sell(world.ridge_tyrol, month(12))
    sale.lines = 2
    sale.save()

    assert [issue.month for issue in found("thin_month")] == [month(12)]


def test_every_rule_says_what_to_do_and_shows_the_rows_behind() -> None:
    for rule in RULES.values():
        assert rule.advice.endswith(".")
        assert rule.behind.columns
