"""manage.py forecast: a file of series in, a file of forecasts out, or one sentence and nothing."""

import csv
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

HEAD = "unique_id,ds,y"
SEASONAL = [f"A,{2022 + n // 12}-{n % 12 + 1:02d}-01,{100 + 10 * (n % 12)}" for n in range(48)]


@pytest.fixture
def run(tmp_path: Path):
    """`run(lines)`: the rows that the command wrote for these lines."""

    def run(*lines: str, horizon: int = 3, encoding: str = "utf-8") -> list[dict[str, str]]:
        source, target = tmp_path / "in.csv", tmp_path / "out.csv"
        source.write_bytes("\n".join(lines).encode(encoding))
        call_command("forecast", source, horizon=horizon, out=target, stdout=StringIO())
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
    ],
)
def test_a_mistake_is_named_with_its_line_and_nothing_is_written(
    run, tmp_path: Path, lines: list[str], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence) as refused:
        run(*lines)

    assert refused.value.returncode == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv"]


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
