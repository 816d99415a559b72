"""manage.py supply: published answers, the files of a plan, and one sentence for each mistake."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples" / "supply"


def run(problem: Path, out: Path, *options: str) -> dict[str, Any]:
    call_command("supply", str(problem), "--out", str(out), *options)
    return json.loads((out / "summary.json").read_text(encoding="utf-8"))


def refused(
    problem: Path, out: Path, capsys: pytest.CaptureFixture[str], status: int, *options: str
) -> list[str]:
    with pytest.raises(SystemExit) as ended:
        call_command("supply", str(problem), "--out", str(out), *options)
    assert ended.value.code == status
    assert not out.exists()
    return capsys.readouterr().err.splitlines()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small problem that works: two products on one line, three months."""
    problem = tmp_path / "problem"
    problem.mkdir()
    files = {
        "products.csv": "product,make_cost,holding_cost,backlog_cost\na,2,1,5\nb,3,1,5\n",
        "demand.csv": "product,month,quantity\na,1,10\na,2,10\na,3,10\nb,1,5\nb,2,5\nb,3,5\n",
        "resources.csv": "resource,regular\nline,20\n",
        "use.csv": "product,resource\na,line\nb,line\n",
    }
    for name, text in files.items():
        (problem / name).write_text(text, encoding="utf-8")
    return problem


def test_red_tomato_tools(tmp_path: Path) -> None:
    """Chopra & Meindl: 422,275.00, or 422,660 with whole workers."""
    summary = run(EXAMPLES / "red-tomato", tmp_path / "plan")
    whole = run(EXAMPLES / "red-tomato", tmp_path / "whole", "--whole-numbers")

    assert summary["cost"] == 422_275.00
    assert summary["revenue"] == 640_000
    assert whole["cost"] == pytest.approx(422_660, abs=0.5)
    assert whole["shadow_prices"] == []
    workers = [float(row["workers"]) for row in _rows(tmp_path / "whole" / "resources.csv")]
    assert all(number == pytest.approx(round(number), abs=1e-5) for number in workers)


def test_the_cost_of_a_given_level_plan(tmp_path: Path) -> None:
    """Stevenson, chapter 11: regular 72,000, overtime 6,000, inventory 600."""
    summary = run(EXAMPLES / "level-plan", tmp_path / "plan")

    assert summary["status"] == "given plan"
    assert summary["cost"] == 78_600
    assert summary["costs"] == {"regular time": 72_000, "overtime": 6_000, "holding": 600}


def test_the_files_of_a_plan_hold_together(folder: Path, tmp_path: Path) -> None:
    summary = run(folder, tmp_path / "plan")

    rows = _rows(tmp_path / "plan" / "plan.csv")
    loads = _rows(tmp_path / "plan" / "resources.csv")
    costs = _rows(tmp_path / "plan" / "costs.csv")
    assert sum(float(row["make"]) for row in rows) == pytest.approx(45)
    assert [row["month"] for row in loads] == ["1", "2", "3"]
    assert sum(float(row["cost"]) for row in costs) == pytest.approx(summary["cost"]) == 3 * (20 + 15)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_semicolons_decimal_commas_and_any_order_of_columns_are_read(folder: Path, tmp_path: Path) -> None:
    (folder / "products.csv").write_text(
        "\ufeffMake cost;Product;holding-cost;backlog_cost\n2,5;a;1;5\n3;b;1;5\n", encoding="utf-8"
    )
    assert run(folder, tmp_path / "plan")["costs"] == {"material": 30 * 2.5 + 45}


def test_months_are_in_the_order_of_their_numbers(folder: Path, tmp_path: Path) -> None:
    lines = "product,month,quantity\n" + "".join(f"a,{month},10\n" for month in (12, 1, 2))
    (folder / "demand.csv").write_text(lines, encoding="utf-8")
    run(folder, tmp_path / "plan")
    assert [row["month"] for row in _rows(tmp_path / "plan" / "resources.csv")] == ["1", "2", "12"]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("products.csv", "product,make_cost\na,many\nb,1\n", "products.csv, line 2: “many” in “make_cost”"),
        ("products.csv", "product,make_cost\na,-1\nb,1\n", "“make_cost” is -1; it must be 0 or more"),
        ("products.csv", "product,make_cots\na,1\n", "Did you mean “make_cost”?"),
        ("products.csv", "product\na\na\nb\n", "products.csv, line 3: “a” stands there twice"),
        ("products.csv", "", "products.csv is empty"),
        ("demand.csv", "product,month,quantity\nc,1,5\n", "demand.csv, line 2: “c” is not in products.csv"),
        ("demand.csv", "product,month,quantity\na,1,\n", "demand.csv, line 2: “quantity” is empty"),
        ("demand.csv", "product,month,quantity\na,1,5\na,1,6\n", "“a” has 1 already"),
        ("demand.csv", "product,month\na,1\n", "the column “quantity” is missing"),
        ("use.csv", "product,resource\na,oven\n", "use.csv, line 2: “oven” is not in resources.csv"),
        (
            "capacity.csv",
            "resource,month,regular\nline,9,5\n",
            "capacity.csv, line 2: “9” is not in demand.csv",
        ),
        ("targets.csv", "product,stock\nz,5\n", "targets.csv, line 2: “z” is not in products.csv"),
        ("notes.csv", "a\n", "notes.csv is not a file of a supply problem"),
    ],
)
def test_each_mistake_is_one_sentence_with_file_and_line(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, sentence: str
) -> None:
    (folder / name).write_text(text, encoding="utf-8")

    said = refused(folder, tmp_path / "plan", capsys, 2)

    assert any(sentence in line for line in said), said


def test_all_mistakes_are_told_at_once(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "use.csv").write_text("product,resource,per_unit\na,oven,1\nz,line,x\n", encoding="utf-8")
    (folder / "demand.csv").unlink()

    said = refused(folder, tmp_path / "plan", capsys, 2)

    assert len(said) >= 3
    assert "demand.csv is missing" in " ".join(said)


def test_a_folder_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "There is no folder" in refused(tmp_path / "nothing", tmp_path / "plan", capsys, 2)[0]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("resources.csv", "resource,regular\nline,12\n", "units of demand up to"),
        (
            "products.csv",
            "product,ending_stock,backlog_cost\na,100,5\nb,,5\n",
            "a: the ending stock of 100 cannot be reached; 15 are left at most",
        ),
    ],
)
def test_a_problem_without_a_plan_says_which_limits_cannot_be_kept(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, sentence: str
) -> None:
    (folder / name).write_text(text, encoding="utf-8")

    said = refused(folder, tmp_path / "plan", capsys, 1)

    assert said[0] == "There is no plan that keeps every limit."
    assert sentence in said[1]


def test_lost_sales_make_a_plan_possible(folder: Path, tmp_path: Path) -> None:
    (folder / "resources.csv").write_text("resource,regular\nline,12\n", encoding="utf-8")
    (folder / "products.csv").write_text("product,lost_cost\na,50\nb,60\n", encoding="utf-8")

    summary = run(folder, tmp_path / "plan")

    assert summary["units"]["lost"] == pytest.approx(9)
    assert summary["shadow_prices"][0]["saves"] == pytest.approx(50)
