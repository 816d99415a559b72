"""manage.py forecast: a file of series in, a file of forecasts out, or one sentence and nothing."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

HEAD = "unique_id,ds,y"
SEASONAL = [f"A,{2022 + n // 12}-{n % 12 + 1:02d}-01,{100 + 10 * (n % 12)}" for n in range(48)]


@pytest.fixture
def run(tmp_path: Path):
    """`run(lines)`: the rows that the command wrote for these lines."""

    def run(
        *lines: str, horizon: int = 3, encoding: str = "utf-8", **options: object
    ) -> list[dict[str, str]]:
        source, target = tmp_path / "in.csv", tmp_path / "out.csv"
        source.write_bytes("\n".join(lines).encode(encoding))
        call_command("forecast", source, horizon=horizon, out=target, stdout=StringIO(), **options)
        with target.open(encoding="utf-8") as file:
            return list(csv.DictReader(file))

    return run


def test_each_series_is_forecast_from_its_own_end_on(run) -> None:
    rows = run(HEAD, *SEASONAL, '"B, small",2024-05,3', '"B, small",2024-06-30,3')

    assert list(rows[0]) == ["unique_id", "ds", "mean", "lo-80", "hi-80", "lo-95", "hi-95", "model"]
    assert [(row["unique_id"], row["ds"]) for row in rows] == [
        *[("A", f"2026-0{n}-01") for n in (1, 2, 3)],
        *[("B, small", f"2024-0{n}-01") for n in (7, 8, 9)],
    ]
    assert [float(row["mean"]) for row in rows[:3]] == pytest.approx([100, 110, 120], rel=0.02)
    assert rows[3]["model"] == "constant"


def test_order_gaps_and_other_columns_do_not_matter(run) -> None:
    straight = run(HEAD, *SEASONAL)

    shuffled = run("y,split,ds,unique_id", *[f"{y},x,{ds},{name}" for name, ds, y in
                                            (line.split(",") for line in reversed(SEASONAL))])  # fmt: skip
    gappy = run(HEAD, *SEASONAL[:7], "A,2022-08-01,", *SEASONAL[8:])

    assert shuffled == straight
    assert [float(row["mean"]) for row in gappy] == pytest.approx([100, 110, 120], rel=0.05)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([], "line 1: the column unique_id is missing"),
        ([HEAD], "The file has no rows"),
        (["unique_id,ds,sold", "A,2024-01-01,5"], "line 1: the column y is missing"),
        ([HEAD, "A,2024-01-01,5", "A,2024-02-01"], "line 3: there are 2 cells"),
        ([HEAD, "A,2024-01-01,many"], "line 2: y is “many”"),
        ([HEAD, "A,2024-01-01,inf"], "line 2: y is “inf”"),
        ([HEAD, "A,01/02/2024,5"], "line 2: ds is “01/02/2024”"),
        ([HEAD, ",2024-01-01,5"], "line 2: unique_id is empty"),
        ([HEAD, "A,2024-01-01,5", "A,2024-01-31,6"], "line 3: A has 2024-01 twice"),
        ([HEAD, "A,0024-01-01,5", "A,2024-01-31,6"], "A spans 24001 months"),
        ([HEAD, "A,1,5", "A,2024-01-31,6"], "line 3: ds is a day, unlike the rows above"),
        ([HEAD, "A,2024-01-31,6", "B,7,1"], "line 3: ds is a number, unlike the rows above"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_nothing_is_written(
    run, tmp_path: Path, lines: list[str], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence) as refused:
        run(*lines)

    assert refused.value.returncode == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv"]


def test_all_mistakes_are_named_at_once_up_to_twenty(run) -> None:
    with pytest.raises(CommandError) as refused:
        run(HEAD, *[f"A,2024-{month:02d}-01,x" for month in range(1, 14)], *["B,2024-01-01,1"] * 10)

    sentences = str(refused.value).splitlines()
    assert len(sentences) == 21
    assert "line 14: ds is “2024-13-01”" in sentences[12]
    assert "line 16: B has 2024-01 twice" in sentences[13]
    assert sentences[-1].endswith("… and 2 more.")


@pytest.mark.parametrize(
    ("frequency", "written", "next_one"),
    [
        ("M", ["2025-01-31", "2025-02-28"], "2025-03-31"),
        ("M", ["2025-01-15", "2025-02-15"], "2025-03-15"),
        ("M", ["2025-01-15", "2025-02-01"], "2025-03-01"),
        ("M", ["2025-01", "2025-02"], "2025-03"),
        ("Q", ["2025-03-31", "2025-06-30"], "2025-09-30"),
        ("Q", ["2025-01-01", "2025-04-01"], "2025-07-01"),
        ("Q", ["2024Q4", "2025-Q1"], "2025Q2"),
        ("W", ["2025-01-05", "2025-01-12"], "2025-01-19"),
        ("W", ["2025-01-06", "2025-01-15"], "2025-01-20"),
        ("M", ["17", "18"], "19"),
    ],
)
def test_periods_go_on_as_the_file_writes_them(
    run, frequency: str, written: list[str], next_one: str
) -> None:
    rows = run(HEAD, *[f"A,{when},5" for when in written], horizon=1, frequency=frequency)

    assert rows[0]["ds"] == next_one


@pytest.mark.parametrize(("frequency", "season"), [("Q", 4), ("W", 52)])
def test_quarters_and_weeks_have_seasons_of_their_own(run, frequency: str, season: int) -> None:
    sold = [100 + 50 * (n % season) / season for n in range(6 * season)]

    rows = run(HEAD, *[f"A,{n},{value}" for n, value in enumerate(sold)], frequency=frequency, horizon=season)

    assert [float(row["mean"]) for row in rows] == pytest.approx(sold[:season], rel=0.02)


def test_a_back_test_is_written_beside_the_forecast_and_sees_nothing_of_what_it_tests(
    run, tmp_path: Path
) -> None:
    noise = [(7 * n * n) % 11 for n in range(60)]
    rows = [f"A,{n},{200 + 30 * (n % 12) + noise[n]}" for n in range(60)]
    run(HEAD, *rows, horizon=6, backtest=2)
    found = json.loads((tmp_path / "out.backtest.json").read_text())
    with (tmp_path / "out.backtest.csv").open() as file:
        (line,) = csv.DictReader(file)

    assert (found["origins"], found["periods_between_origins"], found["series"]) == (2, 6, 1)
    assert found["wape"] == pytest.approx(_wape_by_hand(run, rows), rel=1e-4)
    assert float(line["wape"]) == pytest.approx(found["wape"], rel=1e-4)
    assert 0 < found["owa"] < 1.5
    assert len(found["wape_by_horizon"]) == 6


def _wape_by_hand(run, rows: list[str]) -> float:
    errors = whole = 0.0
    for end in (54, 48):
        told = run(HEAD, *rows[:end], horizon=6)
        for row, said in zip(rows[end : end + 6], told, strict=True):
            actual = float(row.split(",")[2])
            errors, whole = errors + abs(float(said["mean"]) - actual), whole + actual
    return errors / whole


def test_series_too_short_for_a_back_test_say_nothing_instead_of_a_number(run, tmp_path: Path) -> None:
    run(HEAD, "A,1,5", "A,2,6", horizon=6, backtest=3)

    found = json.loads((tmp_path / "out.backtest.json").read_text())
    assert (found["mase"], found["wape"], found["owa"], found["coverage_80"]) == (None, None, None, None)


@pytest.mark.parametrize("ends", [0, 25])
def test_an_impossible_number_of_back_tests_is_refused(run, ends: int) -> None:
    with pytest.raises(CommandError, match="use 1 to 24 ends"):
        run(HEAD, *SEASONAL, backtest=ends)


def test_a_file_that_is_no_utf8_text_is_refused(run) -> None:
    with pytest.raises(CommandError, match="not UTF-8"):
        run(HEAD, "Köln,2024-01-01,5", encoding="latin-1")


@pytest.mark.parametrize("horizon", [0, 61])
def test_an_impossible_horizon_is_refused(run, horizon: int) -> None:
    with pytest.raises(CommandError, match="use 1 to 60"):
        run(HEAD, *SEASONAL, horizon=horizon)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("\n".join([HEAD, *SEASONAL]))

    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        call_command("forecast", source, horizon=2, out=tmp_path / "nowhere" / "out.csv", stdout=StringIO())


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("forecast", tmp_path / "no.csv", horizon=2, out=tmp_path / "out.csv", stdout=StringIO())
