"""`manage.py commission`: files in, files out, and one clear sentence for whatever is wrong."""

import csv
import json
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

PLAN = """
plan: Sellers
currency: EUR
components:
  - code: bookings
    form: marginal
    over: year
    tiers: [{from: 0, rate: 5%}, {from: 1000, rate: 10%}]
"""
DEALS = "deal,day,person,amount\na,2026-01-05,Ann,800\nb,2026-02-05,Ann,700\n"


def run(
    folder: Path, plan: str = PLAN, deals: str = DEALS, options: Sequence[str] = (), **files: str
) -> tuple[int, str, Path]:
    """(exit code, what it says, the folder of results)."""
    (folder / "plan.yaml").write_text(plan, encoding="utf-8")
    (folder / "deals.csv").write_text(deals, encoding="utf-8")
    options = [*options]
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        options += [f"--{name}", str(folder / f"{name}.csv")]
    out, wrong = StringIO(), StringIO()
    try:
        call_command(
            "commission",
            str(folder / "plan.yaml"),
            str(folder / "deals.csv"),
            *options,
            "--out",
            str(folder / "out"),
            stdout=out,
            stderr=wrong,
        )
    except SystemExit as error:
        return int(str(error.code)), wrong.getvalue(), folder / "out"
    return 0, out.getvalue(), folder / "out"


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_every_line_names_its_deal_its_tier_and_its_rate(tmp_path: Path) -> None:
    code, said, out = run(tmp_path)
    assert (code, said) == (0, "2 statements, 3 lines, pay 100.00 EUR.\n")
    assert [tuple(row.values()) for row in rows(out / "lines.csv")] == [
        ("Ann", "2026-01", "bookings", "a", "earned", "1", "800", "0.05", "40.00"),
        ("Ann", "2026-02", "bookings", "b", "earned", "1", "200", "0.05", "10.00"),
        ("Ann", "2026-02", "bookings", "b", "earned", "2", "500", "0.1", "50.00"),
    ]


def test_lines_statements_and_the_summary_agree(tmp_path: Path) -> None:
    _, _, out = run(tmp_path)
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert [row["pay"] for row in rows(out / "statements.csv")] == ["40.00", "60.00"]
    assert (summary["pay"], summary["components"], summary["lines"]) == ("100.00", {"bookings": "100.00"}, 3)


def test_quotas_come_with_what_was_reached_of_them(tmp_path: Path) -> None:
    _, _, out = run(tmp_path, quotas="person,period,amount\nAnn,2026,12000\n")
    first = rows(out / "quotas.csv")[0]
    assert (first["quota"], first["so_far"], first["attained_percent"]) == ("1000", "800", "80.00")


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        ("plan: [", "plan.yaml: Line 1: this is no YAML"),
        ("- a", "plan.yaml: Line 1: a plan is written as names and values"),
        (PLAN + "plan: again\n", "“plan” stands there twice. Keep one of them."),
        (PLAN.replace("code: bookings", "code: &a bookings"), "& * and ! have a meaning of their own"),
        ("plan: x", "components: a plan needs at least one."),
        (
            PLAN.replace("marginal", "marginall"),
            "component bookings.form: “marginall” is unknown. Choose one of",
        ),
        (
            PLAN.replace("over: year", "ovr: year"),
            "component bookings.ovr: this is unknown. Do you mean over?",
        ),
        (PLAN.replace("rate: 5%", "rate: five"), "tiers[1].rate: “five” is no number. Write 1234.5 or 5%."),
        (PLAN.replace("from: 1000", "from: 0"), "tiers: each must begin above the one before."),
        (PLAN.replace("rate: 5%", "rate: 0.1234567891"), "a rate has at most eight decimal places"),
        (PLAN + "    gate: {component: other, at_least: 50%}", "“other” is no component of this plan."),
        (
            PLAN + "    gives: target",
            "gives: tiers give a rate. For shares of the target pay write form: curve",
        ),
        (PLAN + "    cap: {per: month}", "give either amount or of_target."),
        (PLAN + "    period: year\n", None),
        (
            PLAN.replace("over: year", "over: month\n    period: quarter"),
            "a month cannot be paid by the quarter",
        ),
    ],
)
def test_a_plan_that_is_wrong_says_where(tmp_path: Path, plan: str, sentence: str | None) -> None:
    code, said, out = run(tmp_path, plan)
    if sentence is None:
        assert code == 0
        return
    assert code == 2
    assert sentence in said
    assert not out.exists()


@pytest.mark.parametrize(
    ("deals", "sentence"),
    [
        ("deal,day,person\na,2026-01-05,Ann\n", "deals.csv, line 1: the column amount is missing."),
        (DEALS.replace("800", "8e99"), "deals.csv, line 2: amount is “8e99”; write a number as 1234.5."),
        (
            DEALS.replace("2026-01-05", "05.01.2026"),
            "line 2: day is “05.01.2026”; write a day as 2026-03-31.",
        ),
        (DEALS.replace("a,2026", ",2026"), "line 2: deal is empty."),
        (
            "deal,day,person,amount,share\na,2026-01-05,Ann,100,60%\na,2026-01-05,Bea,100,30%\n",
            "line 2: the shares of the deal a add up to 90 %, not to 100 %.",
        ),
        (
            "deal,day,person,amount,reverses\nb,2026-01-05,Ann,-100,a\n",
            "line 2: it takes back the deal a, which Ann has no credit for.",
        ),
    ],
)
def test_deals_that_are_wrong_say_where(tmp_path: Path, deals: str, sentence: str) -> None:
    code, said, out = run(tmp_path, deals=deals)
    assert (code, out.exists()) == (2, False)
    assert sentence in said


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"people": "person\nBea\n"}, "deals.csv, line 2: Ann is not among the people."),
        ({"quotas": "person,period,amount\nAnn,2026-Q5,1\n"}, "quotas.csv, line 2: period is “2026-Q5”"),
        ({"quotas": "person,component,period,amount\nAnn,x,2026,1\n"}, "“x” is no component of the plan."),
        (
            {"scores": "person,component,objective,period,achieved\nAnn,x,y,2026,1\n"},
            "“y” is no objective of x.",
        ),
    ],
)
def test_other_files_that_are_wrong_say_where(tmp_path: Path, files: dict[str, str], sentence: str) -> None:
    code, said, _ = run(tmp_path, **files)
    assert code == 2
    assert sentence in said


def test_several_faults_are_said_at_once(tmp_path: Path) -> None:
    _, said, _ = run(tmp_path, deals=DEALS.replace("800", "x").replace("700", "y"))
    assert said.count("amount is") == 2


def test_the_example_of_the_documents_is_paid_as_they_say(tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / "docs" / "pay"
    plan, deals, people, quotas = (
        (example / name).read_text(encoding="utf-8")
        for name in ("plan.yaml", "deals.csv", "people.csv", "quotas.csv")
    )
    code, said, out = run(tmp_path, plan, deals, people=people, quotas=quotas)
    assert (code, said) == (0, "11 statements, 9 lines, pay 22,900.00 EUR.\n")
    back = next(row for row in rows(out / "lines.csv") if row["kind"] == "taken back")
    assert (back["deal"], back["pay"]) == ("D-5", "-4500.00")


def test_only_the_periods_asked_for_are_written_and_earlier_deals_still_count(tmp_path: Path) -> None:
    run(tmp_path)
    files = [str(tmp_path / name) for name in ("plan.yaml", "deals.csv")]
    said = StringIO()
    out = tmp_path / "february"

    call_command("commission", *files, "--periods", "2026-02", "--out", str(out), stdout=said)

    assert said.getvalue() == "1 statements, 2 lines, pay 60.00 EUR.\n"
    assert [row["pay"] for row in rows(out / "lines.csv")] == ["10.00", "50.00"]
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert (summary["first_period"], summary["last_period"], summary["lines"]) == ("2026-02", "2026-02", 2)


def test_a_quarter_holds_its_months_and_what_is_no_period_is_refused(tmp_path: Path) -> None:
    run(tmp_path)
    files = [str(tmp_path / name) for name in ("plan.yaml", "deals.csv")]
    said = StringIO()
    call_command("commission", *files, "--periods", "2026-Q1", "--out", str(tmp_path / "q"), stdout=said)
    assert said.getvalue().endswith("pay 100.00 EUR.\n")

    wrong = StringIO()
    with pytest.raises(SystemExit):
        call_command("commission", *files, "--periods", "spring", "--out", str(tmp_path / "x"), stderr=wrong)
    assert "“spring” is no period; write 2026, 2026-H1, 2026-Q1 or 2026-03." in wrong.getvalue()
    assert not (tmp_path / "x").exists()
