"""`manage.py commission --rates`: deals in other money count at the plan's policy."""

from pathlib import Path

import pytest

from tests.compensation.test_door import rows, run

PLAN = """
plan: Sellers
currency: EUR
year_begins: 4
components:
  - {code: own, form: flat, rate: 10%}
"""
HEAD = "deal,day,person,amount,currency"
DEALS = f"{HEAD}\na,2026-05-05,Ann,1000,USD\nb,2026-06-05,Ann,1000,usd\nc,2026-06-06,Ann,1000,EUR\n"
RATES = "currency,month,rate\nUSD,2026-04,0.80\nUSD,2026-05,0.90\nUSD,2026-06-15,0.95\n"


def paid(out: Path) -> list[str]:
    return [row["pay"] for row in rows(out / "statements.csv") if row["pay"] != "0.00"]


def test_each_deal_counts_at_the_rate_of_its_month(tmp_path: Path) -> None:
    _, _, out = run(tmp_path, PLAN, DEALS, rates=RATES)
    assert paid(out) == ["90.00", "195.00"]
    assert [row["amount"] for row in rows(out / "lines.csv")] == ["900", "950", "1000"]


def test_all_deals_of_a_year_count_at_the_rate_of_its_begin_where_the_plan_says_so(tmp_path: Path) -> None:
    _, _, out = run(tmp_path, PLAN.replace("year_begins", "rates: start\nyear_begins"), DEALS, rates=RATES)
    assert paid(out) == ["80.00", "180.00"]


def test_what_is_taken_back_counts_at_the_rate_of_its_deal(tmp_path: Path) -> None:
    deals = f"{HEAD},reverses\na,2026-05-05,Ann,1000,USD,\nb,2026-06-05,Ann,-1000,USD,a\n"
    _, _, out = run(tmp_path, PLAN, deals, rates=RATES)
    assert paid(out) == ["90.00", "-90.00"]


def test_a_split_deal_adds_up_to_what_it_is_worth(tmp_path: Path) -> None:
    deals = f"{HEAD},share\n" + "".join(f"a,2026-05-05,{who},100,USD,1/3\n" for who in ("Ann", "Bea", "Cem"))
    _, _, out = run(tmp_path, PLAN, deals, rates="currency,month,rate\nUSD,2026-05,1.23456789\n")
    amounts = [row["amount"] for row in rows(out / "lines.csv")]
    assert sorted(amounts) == ["41.1522", "41.1523", "41.1523"]


def test_rates_into_a_third_money_are_divided_by_that_of_the_plan(tmp_path: Path) -> None:
    """The product's own file of rates: what a unit is worth in base currency."""
    rates = "currency,month,rate\nUSD,2026-05,0.9\nCHF,2026-05,1.2\n"
    deals = f"{HEAD}\na,2026-05-05,Ann,1000,USD\n"
    _, _, out = run(tmp_path, PLAN.replace("EUR", "CHF"), deals, rates=rates)
    assert paid(out) == ["75.00"]


def test_margin_is_exchanged_too_and_other_columns_where_they_are_named(tmp_path: Path) -> None:
    plan = PLAN + "".join(
        f"  - {{code: {name}, form: flat, rate: 1, measure: {{of: {name}}}}}\n"
        for name in ("margin", "arr", "units")
    )
    deals = f"{HEAD},margin,arr,units\na,2026-05-05,Ann,1000,USD,100,100,100\n"
    _, said, out = run(tmp_path, plan, deals, rates=RATES)
    assert [row["amount"] for row in rows(out / "lines.csv")] == ["900", "90", "100", "100"]
    assert "Not exchanged: arr. Name by --money what of it is money.\n" in said
    _, said, out = run(tmp_path, plan, deals, rates=RATES, options=("--money", "arr"))
    assert [row["amount"] for row in rows(out / "lines.csv")] == ["900", "90", "90", "100"]
    assert "Not exchanged" not in said


@pytest.mark.parametrize(
    ("plan", "rates", "sentence"),
    [
        (
            PLAN,
            RATES.replace("USD,2026-06-15,0.95\n", ""),
            "deals.csv, line 3: there is no rate of USD for 2026-06.",
        ),
        (
            PLAN,
            RATES + "USD,2026-05,0.91\n",
            "rates.csv, line 5: the rate of USD for 2026-05 stands there twice.",
        ),
        (PLAN, RATES.replace("0.90", "-1"), "rates.csv, line 3: rate is “-1”; it must be more than 0."),
        (PLAN, RATES.replace("2026-05", "May"), "rates.csv, line 3: month is “May”; write 2026-03."),
        (PLAN, RATES.replace("USD,2026-05", ",2026-05"), "rates.csv, line 3: currency is empty."),
        (PLAN, "currency,rate\nUSD,1\n", "rates.csv, line 1: the column month is missing."),
        (
            PLAN.replace("currency: EUR\n", ""),
            RATES,
            "rates.csv: the plan names no currency to exchange into.",
        ),
    ],
)
def test_rates_that_are_missing_or_wrong_are_named_by_row(
    tmp_path: Path, plan: str, rates: str, sentence: str
) -> None:
    code, said, out = run(tmp_path, plan, DEALS, rates=rates)
    assert (code, out.exists()) == (2, False)
    assert sentence in said


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"rates": RATES}, "--money: the plan does not count “arr”. Known: amount, margin."),
        ({}, "--money names what is exchanged by rates: add --rates."),
    ],
)
def test_columns_of_money_that_say_nothing_are_refused(
    tmp_path: Path, files: dict[str, str], sentence: str
) -> None:
    code, said, _ = run(tmp_path, PLAN, DEALS, options=("--money", "arr"), **files)
    assert (code, said) == (2, f"{sentence}\n")
