"""The generator: the same seed gives the same company, and it looks like one."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from demo.company import File, make_company
from demo.company.products import life_of
from demo.company.span import HISTORY, first_day, last_day, month_number
from demo.company.trade import LINES, MARKETS
from gathering.datasets import DATASETS

UNTIL = dt.date(2026, 10, 1)


@pytest.fixture(scope="module")
def files() -> dict[str, File]:
    return {file.name: file for file in make_company(scale=1, seed=7, until=UNTIL)}


@pytest.fixture(scope="module")
def sales(files: dict[str, File]) -> pd.DataFrame:
    """Every readable order line, with its month."""
    lines = pd.concat([file.rows for file in files.values() if file.dataset == "sales"], ignore_index=True)
    lines["day"] = pd.to_datetime(lines["day"], errors="coerce")
    for name in ("quantity", "unit_price", "revenue", "cost"):
        lines[name] = pd.to_numeric(lines[name], errors="coerce")
    return lines.dropna(subset=["day", "quantity", "unit_price"]).assign(
        month=lambda rows: rows["day"].dt.to_period("M")
    )


def test_the_same_seed_gives_the_same_files() -> None:
    again = make_company(scale=1, seed=7, until=UNTIL)
    once = make_company(scale=1, seed=7, until=UNTIL)

    assert [file.name for file in once] == [file.name for file in again]
    for one, other in zip(once, again, strict=True):
        pd.testing.assert_frame_equal(one.rows, other.rows)


def test_another_seed_gives_other_sales(files: dict[str, File]) -> None:
    other = {file.name: file for file in make_company(scale=1, seed=8, until=UNTIL)}

    assert len(other["sales-2024.csv"].rows) != len(files["sales-2024.csv"].rows)
    pd.testing.assert_frame_equal(other["units.csv"].rows, files["units.csv"].rows)


def test_it_has_the_size_that_it_promises(files: dict[str, File], sales: pd.DataFrame) -> None:
    units = sales[["product", "market"]].drop_duplicates()

    assert len(LINES) == 12
    assert len(files["products.csv"].rows.query("unit == 'PCE' and family != 'MATERIALS'")) == 120
    assert len(MARKETS) == 8
    assert 560 <= len(units) <= 600
    assert sales["month"].nunique() == HISTORY
    assert sales["month"].max() == pd.Period("2026-10")


def test_twice_the_scale_is_twice_the_products_with_names_of_their_own() -> None:
    twice = {file.name: file for file in make_company(scale=2, seed=7, until=UNTIL)}
    products = twice["products.csv"].rows

    assert len(products.query("family != 'MATERIALS'")) == 240
    assert products["name"].is_unique
    assert products["code"].is_unique


def test_every_column_is_a_field_of_its_dataset(files: dict[str, File]) -> None:
    unknown = {
        (file.name, column)
        for file in files.values()
        if not file.profile
        for column in set(file.rows.columns) - set(DATASETS[file.dataset].names)
    }

    assert unknown == set()


def test_names_point_at_something_except_the_two_that_nobody_knows(
    files: dict[str, File], sales: pd.DataFrame
) -> None:
    products = set(files["products.csv"].rows["code"])
    accounts = set(files["accounts.csv"].rows["code"])
    markets = set(files["markets.csv"].rows["code"])

    assert len(set(sales["product"]) - products) == 2
    assert set(sales["account"]) <= accounts
    assert set(sales["market"]) - {""} <= markets
    assert set(files["capacity_uses.csv"].rows["resource"]) == set(files["resources.csv"].rows["code"])


def test_an_order_line_has_one_number(files: dict[str, File], sales: pd.DataFrame) -> None:
    assert not sales.duplicated(["order_number", "line"]).any()
    assert not files["returns.csv"].rows.duplicated(["order_number", "line"]).any()


def test_families_sell_best_in_their_season(files: dict[str, File], sales: pd.DataFrame) -> None:
    family = files["products.csv"].rows.set_index("code")["family"]
    lines = sales[~sales["market"].str.endswith("ONLINE")].assign(family=sales["product"].map(family))
    by_month = lines.groupby(["family", lines["day"].dt.month])["quantity"].sum()

    for line in LINES:
        if line.swing >= 0.5:
            best = int(by_month[line.code].idxmax())
            assert min(abs(best - line.peak), 12 - abs(best - line.peak)) <= 2, line.code


def test_the_company_earns_money_but_not_with_every_line(sales: pd.DataFrame) -> None:
    margin = 1 - sales["cost"].sum() / sales["revenue"].sum()
    below_cost = (sales["cost"] > sales["revenue"]).sum()

    assert 0.3 < margin < 0.6
    assert 50 < below_cost < len(sales) / 50


def test_the_last_month_has_rows_that_cannot_be_read(files: dict[str, File]) -> None:
    rows = files["sales-2026-10.csv"].rows

    assert (rows["quantity"] == "twelve").sum() == 1
    assert (pd.to_datetime(rows["day"], errors="coerce").isna()).sum() == 1
    assert (rows["market"] == "").sum() == 1


def test_a_renewed_product_follows_its_predecessor(files: dict[str, File], sales: pd.DataFrame) -> None:
    followers = files["products.csv"].rows.query("predecessor != ''")
    first_sale = sales.groupby("product")["day"].min()
    last_sale = sales.groupby("product")["day"].max()

    assert len(followers) == 6
    for row in followers.itertuples():
        assert first_sale[row.code] > sales["day"].min()
        assert last_sale[row.predecessor] >= first_sale[row.code]


def test_planned_products_have_not_been_sold(files: dict[str, File], sales: pd.DataFrame) -> None:
    planned = files["products.csv"].rows.query("life_cycle == 'planned'")

    assert len(planned) == 3
    assert not set(planned["code"]) & set(sales["product"])
    assert all(day > UNTIL for day in planned["launched_on"])


def test_lives_begin_before_they_end() -> None:
    lives = [life_of(line, place, HISTORY) for line in range(len(LINES)) for place in range(10)]

    assert all(life.launch < life.end for life in lives)
    assert {life.state for life in lives} == {"active", "launch", "planned", "phase_out", "discontinued"}


@pytest.mark.parametrize("until", [dt.date(2024, 2, 29), dt.date(2025, 12, 31), dt.date(2026, 1, 1)])
def test_it_ends_in_the_month_it_is_told(until: dt.date) -> None:
    files = make_company(scale=1, seed=1, until=until)
    budget = next(file.rows for file in files if file.dataset == "budget")
    newest = next(file for file in files if file.name == f"sales-{until:%Y-%m}.csv")
    days = pd.to_datetime(newest.rows["day"], errors="coerce").dropna()
    now = month_number(until) + 1

    assert set(days.dt.strftime("%Y-%m")) == {f"{until:%Y-%m}"}
    assert np.datetime64(first_day(now)) in budget["month"].to_numpy()
    assert last_day(month_number(until)) >= days.max().date()


def test_a_few_open_deals_stand_still_too_long_but_none_for_ever(files: dict[str, File]) -> None:
    deals, steps = files["deals.csv"].rows, files["deal_history.csv"].rows
    sold = deals[~deals["stage"].isin(["WON", "LOST"])]
    moved = steps[steps["stage"] != ""].groupby("deal")["occurred"].max()
    still = pd.to_datetime(deals["as_of"].max()) - pd.to_datetime(moved[sold["external_id"]])

    assert 3 <= (still.dt.days > 30).sum() <= len(still) / 4
    assert still.dt.days.max() <= 132
