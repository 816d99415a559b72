"""manage.py pipeline: a file of deals in, chances, expected revenue and a back-test out, no database."""

import csv
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.forecasting.deal_world import LAST, made_up, write_file
from tests.real_files import shared_folder

HEAD = "opportunity_id,sales_agent,product,deal_stage,engage_date,close_date,close_value\n"


@pytest.fixture
def deals(tmp_path: Path) -> Path:
    return write_file(tmp_path / "deals.csv", made_up(600))


def run(file: Path, out: Path, as_of: str = f"{LAST}", **options: object) -> None:
    call_command("pipeline", file, as_of=as_of, out=out, **options)


def test_a_file_of_deals_gives_chances_revenue_and_a_back_test(deals: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"

    run(deals, out)

    told = list(csv.DictReader((out / "deals.csv").open()))
    money = list(csv.DictReader((out / "revenue.csv").open()))
    tested = json.loads((out / "backtest.json").read_text())
    assert len(told) == sum(1 for deal in made_up(600) if deal.closed is None)
    assert all(0 <= float(row["win_probability"]) <= 1 and row["why"] for row in told)
    assert [row["month"] for row in money] == ["2025-07", "2025-08", "2025-09"]
    expected = sum(float(row["expected_revenue"]) for row in told)
    assert sum(float(row["expected_revenue"]) for row in money) == pytest.approx(expected, rel=1e-3)
    assert float(money[0]["lo-95"]) <= float(money[0]["lo-80"]) <= float(money[0]["hi-80"])
    assert set(tested["methods"]) == {"stage", "age", "hazard", "blend"}
    assert tested["method"] == tested["winner"]


def test_the_same_file_gives_the_same_bytes(deals: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        run(deals, tmp_path / name)

    for file in ("deals.csv", "revenue.csv", "backtest.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_an_earlier_day_is_told_alike_whether_the_file_knows_what_came_after(tmp_path: Path) -> None:
    """No leak through the door: the file cut at the day, or the whole file."""
    day = "2025-03-31"
    whole, cut = tmp_path / "whole.csv", tmp_path / "cut.csv"
    deals = made_up(600)
    write_file(whole, deals)
    rows = list(csv.reader(whole.open()))
    kept = [row for row in rows[1:] if row[4] <= day]
    for row in kept:
        if row[5] > day:
            row[3], row[5], row[6] = "Engaging", "", ""
    with cut.open("w", newline="") as file:
        csv.writer(file).writerows([rows[0], *kept])

    run(whole, tmp_path / "a", day)
    run(cut, tmp_path / "b", day)

    for file in ("deals.csv", "revenue.csv", "backtest.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_every_bad_row_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    file, out = tmp_path / "bad.csv", tmp_path / "out"
    file.write_text(
        HEAD
        + "A,Ann,P,Won,2025-01-01,,10\n"
        + "B,Ann,P,Won,2025-02-01,2025-01-01,10\n"
        + "C,Ann,P,Engaging,01/02/2025,,\n"
        + "D,Ann,P,Won,2025-01-01,2025-02-01,much\n"
        + "E,Ann,P,,2025-01-01,,\n"
        + "F,Ann,P,Engaging,2025-01-01,,\n"
        + "F,Ann,P,Engaging,2025-01-01,,\n"
        + "G,Ann\n"
    )

    with pytest.raises(CommandError) as told:
        run(file, out)

    assert told.value.returncode == 2
    for sentence in (
        "line 2: deal A is Won, and no close date says since when.",
        "line 3: deal B closed on 2025-01-01, before it began on 2025-02-01.",
        "line 4: created is “01/02/2025”; write a day as 2026-03-31.",
        "line 5: won_value is “much”; write an amount as 1234.5, or leave it empty.",
        "line 6: deal E has no stage.",
        "line 8: deal F stands in line 7 already. Keep one of them.",
        "line 9: there are 2 cells, fewer than the columns of the head.",
    ):
        assert sentence in str(told.value)
    assert not out.exists()


def test_unknown_columns_are_named_with_the_way_out_and_a_profile_is_it(tmp_path: Path) -> None:
    file, profile = tmp_path / "own.csv", tmp_path / "profile.json"
    file.write_text(
        "Nr;Stand;Beginn;Ende;Wert\n1;offen;2025-01-05;;50\n2;gewonnen;2025-01-01;2025-02-01;70\n"
    )
    with pytest.raises(CommandError, match="line 1: no column says which deal it is") as told:
        run(file, tmp_path / "out")
    assert '{"columns": {"id": "…"}}' in str(told.value)
    columns = {"id": "Nr", "stage": "Stand", "created": "Beginn", "closed": "Ende", "amount": "Wert"}
    profile.write_text(json.dumps({"columns": columns, "won": ["gewonnen"], "lost": ["verloren"]}))

    run(file, tmp_path / "out", "2025-03-01", profile=profile)

    (row,) = csv.DictReader((tmp_path / "out/deals.csv").open())
    assert (row["id"], row["stage"], row["worth"], row["worth_from"]) == ("1", "offen", "50.00", "amount")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "This is not JSON"),
        ('{"colums": {}}', "“colums” is not known"),
        ('{"columns": {"size": "x"}}', "“size” is not known"),
        ('{"columns": {"amount": "Betrag"}}', "column “Betrag” is not in the file"),
        ('{"prices": {"P": "dear"}}', "write a number for each product"),
    ],
)
def test_a_wrong_profile_is_refused_in_a_sentence(
    deals: Path, tmp_path: Path, text: str, sentence: str
) -> None:
    profile = tmp_path / "profile.json"
    profile.write_text(text)

    with pytest.raises(CommandError, match=sentence) as told:
        run(deals, tmp_path / "out", profile=profile)

    assert told.value.returncode == 2


def test_wrong_options_are_refused(deals: Path, tmp_path: Path) -> None:
    for options, sentence in (
        ({"as_of": "soon"}, "write a day as"),
        ({"horizon": 0}, "use 1 to 36"),
        ({"as_of": "1999-01-01"}, "No deal was open on 1999-01-01"),
    ):
        with pytest.raises(CommandError, match=sentence):
            run(deals, tmp_path / "out", **options)
    with pytest.raises(CommandError, match="cannot be read"):
        run(tmp_path / "none.csv", tmp_path / "out")


def test_amounts_that_only_closed_deals_have_are_known_from_the_close_on(tmp_path: Path, capsys) -> None:
    file = tmp_path / "late.csv"
    file.write_text("id,stage,created,closed,amount\n1,Won,2025-01-01,2025-02-01,90\n2,Offer,2025-01-09,,\n")

    run(file, tmp_path / "out", "2025-03-01")

    (row,) = csv.DictReader((tmp_path / "out/deals.csv").open())
    assert row["worth_from"] == "mean of all"
    assert "No open deal has an amount" in capsys.readouterr().out


def test_on_the_shared_crm_file_the_default_beats_stage_weights_and_the_age_rule(tmp_path: Path) -> None:
    run(shared_folder("crm") / "sales_pipeline.csv", tmp_path / "out", "2017-12-31")

    tested = json.loads((tmp_path / "out/backtest.json").read_text())
    best = tested["methods"][tested["method"]]
    for rule in ("stage", "age"):
        assert best["brier"] < tested["methods"][rule]["brier"]
        assert abs(best["money_bias"]) < abs(tested["methods"][rule]["money_bias"])
    assert best["calibration_error"] <= 0.05
