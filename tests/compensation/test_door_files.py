"""The files of `manage.py commission` as people have them: other delimiters, no deals, leave, no quotas."""

import json
from pathlib import Path

import pytest

from tests.compensation.test_door import rows, run

FLAT = "plan: P\ncurrency: EUR\ncomponents: [{code: pay, form: flat, rate: 10%}]\n"
TIERED = """
plan: P
currency: EUR
components:
  - code: pay
    form: whole
    period: quarter
    against: quota
    tiers: [{from: 0, rate: 1%}, {from: 100%, rate: 2%}]
"""
CURVE = """
plan: P
currency: EUR
target_incentive: 12000
components: [{code: pay, form: curve, against: quota, points: [[0, 0], [100%, 100%], [200%, 200%]]}]
"""
SCORES = """
plan: P
currency: EUR
target_incentive: 12000
components: [{code: goals, form: scorecard, period: quarter, objectives: [{code: one, weight: 100%}]}]
"""
HEAD = "deal,day,person,amount\n"
BACK = "deal,day,person,amount,reverses\na,2026-02-10,Ann,100,\n"


def paid(out: Path, **chosen: str) -> list[str]:
    """The pay of the statements that have these values."""
    return [row["pay"] for row in rows(out / "statements.csv") if chosen.items() <= row.items()]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_columns_may_be_parted_by_any_usual_sign(tmp_path: Path, delimiter: str) -> None:
    deals = "\ufeff" + (HEAD + "a,2026-01-05,Ann,100.50\n").replace(",", delimiter)
    code, said, out = run(tmp_path, FLAT, deals)
    assert (code, said) == (0, "1 statements, 1 lines, pay 10.05 EUR.\n")
    assert paid(out) == ["10.05"]


def test_a_third_is_written_as_one(tmp_path: Path) -> None:
    thirds = "".join(f"a,2026-01-05,{person},100,1/3\n" for person in ("Ann", "Bea", "Cem"))
    _, _, out = run(tmp_path, FLAT, "deal,day,person,amount,share\n" + thirds)
    assert [row["amount"] for row in rows(out / "lines.csv")] == ["33.3334", "33.3333", "33.3333"]


def test_scores_are_paid_without_any_deal(tmp_path: Path) -> None:
    scores = "person,component,objective,period,achieved\nAnn,goals,one,2026-Q1,90%\n"
    _, _, out = run(tmp_path, SCORES, HEAD, people="person\nAnn\n", scores=scores)
    assert paid(out, period="2026-03") == ["2700.00"]


def test_rows_that_say_the_same_all_count_and_are_named(tmp_path: Path) -> None:
    _, said, out = run(tmp_path, FLAT, HEAD + "a,2026-01-05,Ann,100\n" * 2)
    assert paid(out) == ["20.00"]
    assert "Deals that say what another row says: 1, the first in line 3 (see line 2). All count" in said


def test_without_deals_and_scores_the_time_must_be_said(tmp_path: Path) -> None:
    code, said, _ = run(tmp_path, FLAT, HEAD, people="person\nAnn\n")
    assert code == 2
    assert "deals.csv has no rows, so say what to pay: --periods 2026-Q1 or --through 2026-03." in said


def test_leave_takes_its_days_from_target_and_quota_and_its_deals_do_not_count(tmp_path: Path) -> None:
    people = "person,target_incentive,from,to\nAnn,12000,,2026-02-14\nAnn,24000,2026-03-01,\n"
    deals = HEAD + "a,2026-02-10,Ann,500\nb,2026-02-20,Ann,900\nc,2026-03-02,Ann,1000\n"
    _, said, out = run(tmp_path, CURVE, deals, people=people, quotas="person,period,amount\nAnn,2026,12000\n")
    assert [row["quota"] for row in rows(out / "quotas.csv")][:3] == ["1000", "500", "1000"]
    assert paid(out) == ["0.00", "500.00", "2000.00"]
    assert "1 rows of the deals do not count: the person was not on the plan that day.\n" in said
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["notes"] == ["1 rows of the deals do not count: the person was not on the plan that day."]


@pytest.mark.parametrize(("year", "quarter"), [(100, 25), (8, 2), (1000000, 250000)])
def test_a_quarter_of_the_years_quota_fills_the_quarters(tmp_path: Path, year: int, quarter: int) -> None:
    quotas = f"person,period,amount\nAnn,2026,{year}\n"
    _, _, out = run(tmp_path, TIERED, HEAD + f"a,2026-05-05,Ann,{quarter}\n", quotas=quotas)
    assert [row["rate"] for row in rows(out / "lines.csv")] == ["0.02"]


def test_what_a_team_brings_is_measured_by_the_sum_of_its_quotas(tmp_path: Path) -> None:
    team = CURVE.replace("against: quota", "against: quota, measure: {whose: team}")
    quotas = "person,period,amount\nAnn,2026-01,300\nBea,2026-01,100\n"
    deals = HEAD + "a,2026-01-05,Ann,200\n"
    _, _, out = run(tmp_path, team, deals, people="person,team\nAnn,North\nBea,North\n", quotas=quotas)
    assert paid(out) == ["500.00", "500.00"]


def test_a_pool_is_the_teams_when_the_plan_does_not_say_whose(tmp_path: Path) -> None:
    pool = "plan: P\ncurrency: EUR\ncomponents: [{code: pot, form: pool, pot: 900, period: quarter}]\n"
    people = "person,team\nAnn,North\nBea,North\nCem,North\n"
    _, _, out = run(tmp_path, pool, HEAD + "a,2026-01-05,Ann,200\n", people=people)
    assert paid(out, period="2026-03") == ["300.00"] * 3


def test_without_a_quota_tiers_are_refused_and_levels_are_at_nothing(tmp_path: Path) -> None:
    deals = HEAD + "a,2026-01-05,Ann,100\n"
    code, said, _ = run(tmp_path, TIERED, deals)
    assert (code, said) == (
        2,
        "Ann has no quota for the component pay: its tiers are shares of one. Add it to --quotas.\n",
    )
    code, said, _ = run(tmp_path, CURVE, deals)
    assert code == 0
    assert "Ann has no quota for the component pay: its attainment counts as 0 %.\n" in said


@pytest.mark.parametrize(
    ("deals", "sentence"),
    [
        ("", "deals.csv is empty. Its first line names the columns."),
        (HEAD, "deals.csv has no rows below its head."),
        (
            "deal,day,person,amount,currency\na,2026-01-05,Ann,1,EUR\nb,2026-01-05,Ann,1,usd\n",
            "line 3: the amount is in USD and the plan in EUR. Exchange it, or add --rates.",
        ),
        (BACK + "b,2026-01-31,Ann,-100,a\n", "line 3: it takes back the deal a before the day of that deal."),
        (
            BACK + "b,2026-03-01,Ann,100,a\n",
            "line 3: write the amount that is taken back as a negative number",
        ),
        (
            BACK + "b,2026-03-01,Ann,-60,a\nc,2026-03-02,Ann,-60,a\n",
            "line 4: more amount is taken back of the deal a than it had.",
        ),
    ],
)
def test_deals_that_would_be_paid_wrongly_are_refused(tmp_path: Path, deals: str, sentence: str) -> None:
    code, said, out = run(tmp_path, FLAT, deals)
    assert (code, out.exists()) == (2, False)
    assert sentence in said


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        (
            {"quotas": "person,period,amount\nAnn,2026,-1\n"},
            "quotas.csv, line 2: amount is -1; a quota is 0 or",
        ),
        (
            {"people": "person,from,to\nAnn,2026-01-01,2026-03-31\nAnn,2026-03-31,\n"},
            "people.csv, line 3: person Ann stands in line 2 already, for the same days. Keep one of them.",
        ),
        (
            {"people": "person,from,to\nAnn,2026-02-01,2026-01-01\n"},
            "to is 2026-01-01, before from, 2026-02-01.",
        ),
    ],
)
def test_people_and_quotas_that_cannot_be_are_refused(
    tmp_path: Path, files: dict[str, str], sentence: str
) -> None:
    code, said, _ = run(tmp_path, FLAT, HEAD + "a,2026-02-05,Ann,100\n", **files)
    assert code == 2
    assert sentence in said
