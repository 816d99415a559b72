"""Every point on which products disagree, as a setting: what each says, in cents."""

from decimal import Decimal
from pathlib import Path

import pytest

from compensation.engine.statements import rounded_lines
from tests.compensation.test_published import decimals
from tests.compensation.working import component, plan, sales, tiers, worked

QUOTA = "person,period,amount\nAnn,2026,120000"


def test_whole_tiers_pay_earlier_months_what_the_new_tier_is_more(tmp_path: Path) -> None:
    steps = tiers((0, "1%"), (1500, "2%"))
    found = worked(tmp_path, plan(component("whole", over="year", tiers=steps)), sales(1000, 1000, month=1))
    assert found.pay() == decimals("10", "30")


def test_whole_until_the_kicker_and_marginal_above_it(tmp_path: Path) -> None:
    """Nothing is paid anew above 75 %: the kicker reaches back, the accelerator does not."""
    steps = tiers((0, "5%"), ("75%", "8%"), ("100%", "12%"))
    kicker = component("whole_until", over="year", against="quota", until="75%", tiers=steps)
    found = worked(tmp_path, plan(kicker), sales(60000, 40000, 40000, month=1), quotas=QUOTA)
    assert found.pay() == decimals("3000", "5000", "4000")
    assert found.earned() == Decimal("0.08") * 120000 + Decimal("0.12") * 20000


def test_an_accelerator_begins_where_the_years_quota_is_full(tmp_path: Path) -> None:
    steps = tiers((0, "5%"), ("100%", "10%"))
    fast = component("marginal", over="year", against="quota", tiers=steps)
    found = worked(tmp_path, plan(fast), sales(100000, 40000, month=1), quotas=QUOTA)
    assert found.pay() == decimals("5000", "3000")


def test_a_threshold_pays_nothing_below_and_everything_once_reached(tmp_path: Path) -> None:
    told = plan(component("flat", rate="10%", over="year", threshold="90%"))
    found = worked(tmp_path, told, sales(8000, 12000, month=1), quotas=QUOTA)
    assert found.pay() == decimals("0", "2000")


def test_a_gate_looks_at_another_component(tmp_path: Path) -> None:
    deals = """deal,day,person,amount,type
        a,2026-01-01,Ann,4000,new
        b,2026-01-02,Ann,9000,renewal"""
    new = component("flat", "new", rate="1%", measure={"where": {"type": "new"}})
    renewals = component(
        "flat",
        "renewals",
        rate="1%",
        measure={"where": {"type": "renewal"}},
        gate={"component": "new", "at_least": "50%", "otherwise": "25%"},
    )
    quotas = "person,component,period,amount\nAnn,new,2026-01,10000"
    found = worked(tmp_path, plan(new, renewals), deals, quotas=quotas)
    assert found.sheets[0].components == {"new": Decimal(40), "renewals": Decimal("22.5")}


REVENUE = component("flat", "revenue", rate=0)


@pytest.mark.parametrize(("sold", "pay"), [(9999.99, 0), (10000, 1000)])
def test_a_gate_may_look_at_an_amount_without_any_quota(tmp_path: Path, sold: float, pay: int) -> None:
    gate = {"component": "revenue", "at_least": 10000, "in": "amount"}
    paid = component("flat", rate="10%", gate=gate)
    found = worked(tmp_path, plan(paid, REVENUE), sales(sold))
    assert (found.earned(), found.loaded.notes) == (pay, ())


@pytest.mark.parametrize(("sold", "pay"), [(4000, 200), (5000, 500), (8000, 960)])
def test_a_multiplier_may_look_at_an_amount(tmp_path: Path, sold: int, pay: int) -> None:
    steps = [[0, "50%"], [5000, "100%"], [8000, "120%"]]
    paid = component("flat", rate="10%", multiplier={"component": "revenue", "in": "amount", "steps": steps})
    assert worked(tmp_path, plan(paid, REVENUE), sales(sold)).earned() == pay


def test_a_matrix_may_look_at_an_amount_on_one_side_and_a_quota_on_the_other(tmp_path: Path) -> None:
    both = {
        "rows_by": "revenue",
        "rows_in": "amount",
        "rows": [0, 5000],
        "columns_by": "count",
        "columns": [0, "100%"],
        "values": [[1, 2], [3, 4]],
    }
    told = plan(
        component("matrix", gives="money", matrix=both),
        REVENUE,
        component("flat", "count", rate=0, measure={"of": "count"}),
    )
    quotas = "person,component,period,amount\nAnn,count,2026-01,2"
    assert worked(tmp_path, told, sales(3000, 3000), quotas=quotas).earned() == 4
    assert worked(tmp_path, told, sales(6000), quotas=quotas).earned() == 3


@pytest.mark.parametrize(("after", "pay"), [(True, 100), (False, 150)])
def test_a_cap_stands_before_or_after_the_multiplier(tmp_path: Path, after: bool, pay: int) -> None:
    cap = {"per": "month", "amount": 100, "after_multipliers": after}
    told = plan(component("flat", rate="10%", multiplier={"fixed": 1.5}, cap=cap))
    assert worked(tmp_path, told, sales(5000)).earned() == pay


def test_caps_by_deal_and_by_year(tmp_path: Path) -> None:
    caps = [{"per": "deal", "amount": 60}, {"per": "year", "amount": 150}]
    told = plan(component("flat", rate="10%", cap=caps))
    found = worked(tmp_path, told, sales(1000, 500, 1000, 1000, month=1))
    assert found.pay() == decimals("60", "50", "40", "0")


def test_a_cap_as_a_share_of_the_target_pay(tmp_path: Path) -> None:
    told = plan(
        component("flat", rate="10%", cap={"per": "month", "of_target": "200%"}), target_incentive=1200
    )
    assert worked(tmp_path, told, sales(5000)).earned() == 200


def test_a_curve_pays_the_year_so_far_less_what_it_paid(tmp_path: Path) -> None:
    curve = component("curve", over="year", against="quota", points=[[0, 0], [1, 1], [2, 3]])
    found = worked(tmp_path, plan(curve, target_incentive=12000), sales(10000, 20000, month=1), quotas=QUOTA)
    assert found.pay() == decimals("1000", "3000")


def test_steps_give_the_highest_or_all_that_are_reached(tmp_path: Path) -> None:
    steps = [[100, 10], [200, 30]]
    highest = worked(tmp_path, plan(component("steps", steps=steps)), sales(250))
    each = worked(tmp_path, plan(component("steps", steps=steps, adds_up=True)), sales(250))
    assert (highest.earned(), each.earned()) == (30, 40)


def test_a_matrix_looks_at_two_components(tmp_path: Path) -> None:
    deals = "deal,day,person,amount,units\na,2026-01-01,Ann,90,6"
    quotas = "person,component,period,amount\nAnn,money,2026-01,100\nAnn,units,2026-01,5"
    matrix = {
        "rows_by": "money",
        "rows": ["0%", "80%", "100%"],
        "columns_by": "units",
        "columns": ["0%", "100%"],
        "values": [[0, 0], ["50%", "75%"], ["100%", "130%"]],
    }
    told = plan(
        component("flat", "money", rate=0),
        component("flat", "units", rate=0, measure={"of": "units"}),
        component("matrix", "both", matrix=matrix),
        target_incentive=12000,
    )
    assert worked(tmp_path, told, deals, quotas=quotas).earned() == 750


def test_own_and_team_target_are_weighed(tmp_path: Path) -> None:
    """75 % by the own attainment of 100 %, 25 % by the team's of 80 %."""
    deals = "deal,day,person,amount\na,2026-01-01,Ann,100\nb,2026-01-01,Bea,60"
    line = [[0, 0], [1, 1], [2, 2]]
    own = component("curve", "own", weight="75%", against="quota", points=line)
    team = component("curve", "team", weight="25%", against="quota", points=line, measure={"whose": "team"})
    quotas = "person,component,period,amount\nAnn,own,2026-01,100\nAnn,team,2026-01,200"
    people = "person,team,target_incentive\nAnn,west,12000\nBea,west,0"
    found = worked(tmp_path, plan(own, team), deals, quotas=quotas, people=people)
    assert found.earned("Ann") == 750 + 200


def test_a_manager_is_paid_on_everybody_below(tmp_path: Path) -> None:
    people = "person,manager\nMo,\nSam,Mo\nAnn,Sam"
    below = component("flat", rate="1%", measure={"whose": "below"})
    reports = component("flat", rate="1%", measure={"whose": "reports"})
    deals = sales(1000)
    assert worked(tmp_path, plan(below), deals, people=people).pay() == decimals("10", "10", "0")
    assert worked(tmp_path, plan(reports), deals, people=people).pay() == decimals("0", "10", "0")


def test_a_budget_goes_to_whoever_comes_first(tmp_path: Path) -> None:
    deals = """deal,day,person,amount
        late,2026-01-09,Ann,1
        early,2026-01-02,Bea,1
        mid,2026-01-05,Ann,1"""
    each = component("flat", rate=250, measure={"of": "count"}, budget=600)
    found = worked(tmp_path, plan(each), deals)
    assert found.by_deal() == {"early": Decimal(250), "mid": Decimal(250), "late": Decimal(100)}


def test_a_spiff_counts_only_its_days(tmp_path: Path) -> None:
    each = component("flat", rate=250, measure={"of": "count"}, starts="2026-01-02", ends="2026-01-03")
    assert worked(tmp_path, plan(each), sales(1, 1, 1, 1)).earned() == 500


@pytest.mark.parametrize(
    ("ties", "pay"),
    [("share", ["750", "750", "0"]), ("both", ["1000", "1000", "0"]), ("first", ["500", "1000", "0"])],
)
def test_a_contest_says_what_equal_results_win(tmp_path: Path, ties: str, pay: list[str]) -> None:
    deals = """deal,day,person,amount
        a,2026-01-09,Ann,100
        b,2026-01-02,Bea,100
        c,2026-01-05,Cy,90"""
    found = worked(tmp_path, plan(component("contest", prizes=[1000, 500], ties=ties)), deals)
    assert found.pay() == decimals(*pay)


def test_a_pool_by_what_each_has_brought(tmp_path: Path) -> None:
    deals = "deal,day,person,amount\na,2026-01-01,Ann,300\nb,2026-01-01,Bea,100"
    people = "person,team\nAnn,west\nBea,west"
    pool = component("pool", rate="10%", measure={"whose": "team"}, pool_share="credit")
    assert worked(tmp_path, plan(pool), deals, people=people).pay() == decimals("30", "10")


BACK = """deal,day,person,amount,reverses
    a,2026-01-10,Ann,1000,
    back,2026-04-10,Ann,-1000,a"""


@pytest.mark.parametrize(
    ("clawback", "returned"),
    [
        ({}, "-100"),
        ({"window": 12}, "-100"),
        ({"window": 3}, "0"),
        ({"window": 12, "by_months_left": True}, "-75"),
        ({"share": "50%"}, "-50"),
    ],
)
def test_how_much_goes_back_depends_on_the_window(
    tmp_path: Path, clawback: dict[str, object], returned: str
) -> None:
    found = worked(tmp_path, plan(component("flat", rate="10%"), clawback=clawback), BACK)
    assert found.pay()[3] == Decimal(returned)


def test_what_is_taken_back_leaves_the_attainment_or_stays(tmp_path: Path) -> None:
    """January fills the first tier; after the return it is open again, or counted as full."""
    deals = f"{BACK}\nb,2026-05-10,Ann,1000,"
    pay = component("marginal", over="year", tiers=tiers((0, "10%"), (1000, "20%")))
    restated = worked(tmp_path, plan(pay), deals)
    kept = worked(tmp_path, plan(pay, clawback={"attainment": "kept"}), deals)
    assert restated.pay() == decimals("100", "0", "0", "-100", "100")
    assert kept.pay() == decimals("100", "0", "0", "-100", "200")


def test_what_is_taken_back_at_todays_rate(tmp_path: Path) -> None:
    deals = """deal,day,person,amount,reverses
        a,2026-01-10,Ann,1000,
        b,2026-02-10,Ann,1000,
        back,2026-04-10,Ann,-1000,a"""
    pay = component("marginal", over="year", tiers=tiers((0, "10%"), (1000, "20%")))
    historic = worked(tmp_path, plan(pay), deals)
    today = worked(tmp_path, plan(pay, clawback={"at": "today"}), deals)
    assert (historic.pay()[3], today.pay()[3]) == (Decimal(-100), Decimal(-200))


def test_part_of_a_deal_takes_back_that_part(tmp_path: Path) -> None:
    found = worked(tmp_path, plan(component("flat", rate="10%")), BACK.replace("-1000", "-250"))
    assert found.pay()[3] == -25


@pytest.mark.parametrize(
    ("mode", "pay"), [("half up", "0.03"), ("half even", "0.02"), ("up", "0.03"), ("down", "0.02")]
)
def test_pay_is_rounded_once_as_the_plan_says(tmp_path: Path, mode: str, pay: str) -> None:
    told = plan(component("flat", rate="10%"), rounding=mode)
    assert worked(tmp_path, told, sales("0.10", "0.10", "0.05")).earned() == Decimal(pay)


@pytest.mark.parametrize(
    ("mode", "pays"),
    [
        ("half up", ["0.00", "0.03", "-0.03"]),
        ("half even", ["0.00", "0.02", "-0.02"]),
        ("up", ["0.01", "0.03", "-0.03"]),
        ("down", ["0.00", "0.02", "-0.02"]),
    ],
)
def test_every_deal_is_rounded_by_itself_where_the_plan_says_so(
    tmp_path: Path, mode: str, pays: list[str]
) -> None:
    told = plan(component("flat", rate="10%"), rounding=mode, rounded_by="line")
    found = worked(tmp_path, told, sales("0.01", "0.25", "-0.25"))
    units, unit = rounded_lines(found.calculation)
    assert [Decimal(int(one)) / unit for one in units] == decimals(*pays)
    assert found.earned() == sum(decimals(*pays))


def test_pay_below_nothing_is_lost_where_the_plan_says_so(tmp_path: Path) -> None:
    told = plan(component("flat", rate="10%", never_negative=True))
    assert worked(tmp_path, told, sales(-500, 1000, month=1)).pay() == decimals("0", "100")


def test_a_ramp_lowers_the_first_months_quota(tmp_path: Path) -> None:
    terms = {"ramp": ["25%", "50%"], "prorate": "none"}
    people = "person,from\nAnn,2026-01-01"
    found = worked(
        tmp_path, plan(component("flat", rate=0), quota=terms), sales(1), people=people, quotas=QUOTA
    )
    months = found.loaded.book.quotas["pay"][0, :3] / 10_000
    assert months.tolist() == [2500, 5000, 10000]


def test_target_pay_follows_the_days_on_the_plan(tmp_path: Path) -> None:
    people = "person,from,to\nAnn,2026-01-17,2026-03-31"
    steps = component("steps", gives="target", steps=[[0, 1]])
    found = worked(tmp_path, plan(steps, target_incentive=37200), sales(1, 1, 1, month=2), people=people)
    assert found.pay()[:3] == decimals("1500", "3100", "3100")


def test_a_forgiving_draw_forgets_at_the_end_of_the_year(tmp_path: Path) -> None:
    told = plan(component("flat", rate=1), draw={"amount": 100, "forgiven": True})
    found = worked(tmp_path, told, sales(*[0] * 12, month=1))
    last = found.sheets[-1].draw
    assert last is not None
    assert (last.forgiven, last.balance) == (1200, 0)


@pytest.mark.parametrize(
    ("left", "day", "back"),
    [
        (False, "2026-04-09", "-90"),
        (False, "2026-04-10", "-90"),
        (False, "2026-04-11", "0"),
        (True, "2026-02-09", "-60"),
        (True, "2026-04-10", "0"),
    ],
)
def test_a_window_in_days_counts_from_the_deals_own_day(
    tmp_path: Path, left: bool, day: str, back: str
) -> None:
    deals = f"deal,day,person,amount,reverses\na,2026-01-10,Ann,900,\nb,{day},Ann,-900,a"
    clawback = {"window": 90, "window_in": "days", "by_months_left": left}
    found = worked(tmp_path, plan(component("flat", rate="10%"), clawback=clawback), deals)
    assert found.pay()[-1] == Decimal(back)
