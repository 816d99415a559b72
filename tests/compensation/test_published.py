"""Worked cases that others published, expressed as plans and deals. Where a published answer is wrong, the
right one stands here and the comment says why. Sources: docs/compensation.md."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from compensation.engine.draws import ledger
from compensation.engine.plan import Draw, Table
from compensation.engine.tables import value_at
from tests.compensation.working import component, plan, sales, tiers, worked

ORACLE = tiers((0, "1%"), (1000, "2%"), (3000, "3%"), (8000, "5%"))
TRANSACTIONS = (200, 300, 1500, 1200, 2000, 4500)


def decimals(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


def test_each_transaction_is_split_over_the_tiers_by_itself(tmp_path: Path) -> None:
    found = worked(tmp_path, plan(component("marginal", over="deal", tiers=ORACLE)), sales(*TRANSACTIONS))
    assert list(found.by_deal().values()) == decimals("2", "3", "20", "14", "30", "95")
    assert found.earned() == 164


def test_interpolated_amounts_fill_each_tier_in_proportion(tmp_path: Path) -> None:
    rows = [(0, 1000, 10), (1000, 3000, 40), (3000, 8000, 100), (8000, 20000, 2000)]
    filled = [{"from": low, "to": high, "money": money} for low, high, money in rows]
    found = worked(tmp_path, plan(component("interpolated", over="deal", tiers=filled)), sales(*TRANSACTIONS))
    assert list(found.by_deal().values()) == decimals("2", "3", "20", "14", "30", "80")
    assert found.earned() == 149


def test_the_highest_tier_reached_prices_the_whole_amount(tmp_path: Path) -> None:
    steps = tiers((0, "1%"), (10000, "2%"), (50000, "3%"), (100000, "4%"))
    found = worked(tmp_path, plan(component("whole", over="deal", tiers=steps)), sales(5000, 15000, 60000))
    assert (found.calculation.lines.rate * 100 // 10**8).tolist() == [1, 2, 3]


def test_a_blended_rate_shows_what_each_tier_gives(tmp_path: Path) -> None:
    steps = tiers((0, "1%"), (1000, "2%"), (5000, "3%"), (10000, 0))
    found = worked(tmp_path, plan(component("marginal", tiers=steps)), sales(2500))
    assert [100 * pay / 2500 for pay in found.by_tier()] == decimals("0.4", "1.2")
    assert 100 * found.earned() / 2500 == Decimal("1.6")


def test_a_yearly_goal_is_spread_evenly_over_the_months(tmp_path: Path) -> None:
    deals = """deal,day,person,amount
        a,2026-01-05,I1,1000
        b,2026-01-06,I1,1500
        c,2026-01-07,I1,500
        d,2026-01-05,I2,1500
        e,2026-01-06,I2,500"""
    quotas = "person,period,amount\nI1,2026,36000\nI2,2026,36000"
    found = worked(tmp_path, plan(component("flat", rate="1%")), deals, quotas=quotas)
    attained = [100 * found.calculation.attained("pay", person, 0) for person in (0, 1)]
    assert attained == [100, Fraction(200, 3)]


def test_a_month_that_crosses_a_tier_of_the_year(tmp_path: Path) -> None:
    steps = tiers((0, "0.1%"), (4166667, "0.2%"), (8333333, "0.3%"), (12500000, "0.4%"))
    found = worked(
        tmp_path, plan(component("marginal", over="year", tiers=steps)), sales(3507000, 1500000, month=1)
    )
    assert found.pay()[1] == Decimal("2340.33")


def test_three_tiers_of_one_amount(tmp_path: Path) -> None:
    steps = tiers((0, "5%"), (2000, "10%"), (5000, "15%"))
    found = worked(tmp_path, plan(component("marginal", tiers=steps)), sales(7000))
    assert found.by_tier() == decimals("100", "300", "300")


def test_two_blended_tiers(tmp_path: Path) -> None:
    steps = tiers((0, "10%"), (10000, "20%"))
    found = worked(tmp_path, plan(component("marginal", tiers=steps)), sales(15000))
    assert found.earned() == 2000
    assert round(100 * found.earned() / 15000, 1) == Decimal("13.3")


def test_tiers_that_do_not_reach_back(tmp_path: Path) -> None:
    steps = tiers((0, "3%"), (300000, "5%"), (500000, "7%"))
    found = worked(tmp_path, plan(component("marginal", tiers=steps)), sales(600000))
    assert found.earned() == 26000


def test_four_pay_cycles_by_half_open_tiers(tmp_path: Path) -> None:
    """Published as 424.98 and 2,224.98: bounds that end in .99 lose cents. 1,500 earns 125 + 300."""
    steps = tiers((0, "25%"), (500, "30%"), (3000, "40%"))
    found = worked(tmp_path, plan(component("marginal", tiers=steps)), sales(400, 100, 1500, 5000, month=1))
    assert found.pay() == decimals("100", "25", "425", "1675")


def test_tiers_that_the_result_reaches(tmp_path: Path) -> None:
    """Published with 29,889.09 in the last row, where the sheet mistypes 29,666.67."""
    shares = [
        {"from": 0, "rates": {"1": "30%", "2": "40%"}},
        {"from": 90000, "rates": {"1": "20%", "2": "30%"}},
        {"from": 150000, "rates": {"1": "20%", "2": "20%"}},
    ]
    deals = """deal,day,person,amount,category
        a,2026-01-01,Ann,65000,2
        b,2026-01-02,Ann,60000,1
        c,2026-01-03,Ann,75000,2
        d,2026-01-04,Ann,85000,1
        e,2026-01-05,Ann,80000,2
        f,2026-01-06,Ann,100000,2"""
    found = worked(tmp_path, plan(component("result", by="category", tiers=shares, over="year")), deals)
    paid = list(found.by_deal().values())
    assert paid == decimals("26000", "18000", "30000", "22333.33", "24000", "29888.89")
    assert sum(paid) == Decimal("150222.22")


def test_pay_between_two_points_of_a_curve(tmp_path: Path) -> None:
    curve = component("curve", against="quota", points=[["40%", "20%"], ["60%", "35%"]])
    found = worked(
        tmp_path,
        plan(curve, target_incentive=1200),
        sales(50),
        quotas="person,period,amount\nAnn,2026-01,100",
    )
    assert found.earned() == Decimal("27.5")


def test_a_recoverable_draw_over_six_months(tmp_path: Path) -> None:
    found = worked(
        tmp_path,
        plan(component("flat", rate=1), draw={"amount": 2000}),
        sales(2750, 3000, 1500, 2375, 3000, 2750, month=1),
    )
    assert found.pay() == decimals("2750", "3000", "2000", "2000", "2875", "2750")
    owed = [sheet.draw.balance for sheet in found.sheets if sheet.draw]
    assert owed == decimals("0", "0", "500", "125", "0", "0")


def test_earnings_above_and_below_a_draw() -> None:
    (above,) = ledger(Draw(Decimal(4000)), [Decimal(6000)])
    (below,) = ledger(Draw(Decimal(3000)), [Decimal(2000)])
    assert above.pay - 4000 == 2000
    assert below.balance == 1000


def test_a_draw_on_top_of_the_earnings(tmp_path: Path) -> None:
    found = worked(
        tmp_path,
        plan(component("flat", rate=1), draw={"amount": 1000, "kind": "additive", "months": 1}),
        sales(1000, 3000, month=1),
    )
    assert found.pay() == decimals("2000", "2000")


def test_a_factor_by_attainment_of_the_quota(tmp_path: Path) -> None:
    by_quota = {"component": "pay", "steps": [["0%", "80%"], ["75%", "90%"], ["85%", "100%"]]}
    found = worked(
        tmp_path,
        plan(component("flat", rate="5%", multiplier=by_quota)),
        sales(100000),
        quotas="person,period,amount\nAnn,2026-01,125000",
    )
    assert found.earned() == 4500


def test_attainment_of_a_year_so_far(tmp_path: Path) -> None:
    """Published as 50 %: 75,000 is 5 % of 1,500,000."""
    found = worked(
        tmp_path,
        plan(component("flat", rate="1%", over="year")),
        sales(75000),
        quotas="person,period,amount\nAnn,2026,1500000",
        until="2026-12-01",
    )
    assert 100 * found.calculation.attained("pay", 0, 11) == 5


def test_only_the_credits_that_a_measure_names_count(tmp_path: Path) -> None:
    deals = """deal,day,person,amount,type
        a,2026-01-01,Ann,100,bookings
        b,2026-01-02,Ann,50,bookings
        c,2026-01-03,Ann,50,revenue
        c,2026-01-03,Ann,100,extra
        d,2026-01-04,Ann,50,revenue"""
    counted = component("flat", rate=1, over="year", measure={"where": {"type": ["bookings", "revenue"]}})
    found = worked(tmp_path, plan(counted), deals)
    ends = found.calculation.works[0].counted.amount.cumsum() // 10_000
    assert ends.tolist()[-2:] == [200, 250]


def test_a_quota_for_who_starts_in_march(tmp_path: Path) -> None:
    """The posted formula also gives people who start in December no quota; here they get theirs."""
    terms = {"weights": [20, 20, 20, 40], "prorate": "months"}
    people = "person,from\nAnn,2026-03-01\nDee,2026-12-01"
    quotas = "person,period,amount\nAnn,2026,100000\nDee,2026,100000"
    found = worked(
        tmp_path, plan(component("flat", rate="1%"), quota=terms), sales(1), people=people, quotas=quotas
    )
    assert round(found.quota("pay")) == 86667
    assert found.quota("pay", 1) == Decimal("13333.33")


def test_a_goal_by_days_says_whether_the_first_day_counts(tmp_path: Path) -> None:
    """Published as 10 and 6 with the first day left out once and counted once; the rule is a setting."""
    people = "person,from\nAnn,2026-06-15\nBea,2026-06-21"
    quotas = "person,period,amount\nAnn,2026-06,20\nBea,2026-06,20"
    by_days = {
        counts: worked(
            tmp_path,
            plan(component("flat", rate="1%"), quota={"start_day_counts": counts}),
            "deal,day,person,amount\na,2026-06-30,Ann,1",
            people=people,
            quotas=quotas,
        )
        for counts in (True, False)
    }
    assert [by_days[True].quota("pay", n) for n in (0, 1)] == decimals("10.67", "6.67")
    assert [by_days[False].quota("pay", n) for n in (0, 1)] == decimals("10", "6")


def test_a_deal_in_two_territories(tmp_path: Path) -> None:
    deals = """deal,day,person,amount,share
        a,2026-01-01,Ann,100000,60%
        a,2026-01-01,Bea,100000,40%"""
    found = worked(tmp_path, plan(component("flat", rate="10%")), deals)
    assert found.pay() == decimals("6000", "4000")


def test_one_sets_the_meeting_and_the_other_sells(tmp_path: Path) -> None:
    """Published as 2 % of the whole deal; 300 is 2 % of the 15 % that are credited."""
    deals = """deal,day,person,amount,share,role
        a,2026-01-01,Sid,100000,15%,meeting
        a,2026-01-01,Ann,100000,85%,seller"""
    found = worked(
        tmp_path,
        plan(
            component("flat", "meetings", rate=50, measure={"of": "count", "roles": "meeting"}),
            component("flat", "set", rate="2%", measure={"roles": ["meeting"]}),
            component("flat", "sold", rate="10%", measure={"roles": ["seller"]}),
        ),
        deals,
    )
    assert found.earned("Sid") == 350
    assert found.earned("Ann") == 8500


def test_a_team_shares_by_role(tmp_path: Path) -> None:
    people = "person,team,role\nAnn,west,AE\nCy,west,SC\nMo,west,SM"
    shares = {"AE": "60%", "SC": "25%", "SM": "15%"}
    pool = component("pool", rate="8%", measure={"whose": "team"}, pool_share="role", shares=shares)
    found = worked(tmp_path, plan(pool), sales(400000), people=people)
    assert found.pay() == decimals("19200", "8000", "4800")


def test_a_pool_in_equal_parts_for_those_who_reached_half_of_their_quota(tmp_path: Path) -> None:
    names = [f"rep{place:02d}" for place in range(12)]
    amounts = [50] * 10 + [49, 0]
    deals = [
        "deal,day,person,amount",
        *(f"d{n},2026-01-01,{n},{a}" for n, a in zip(names, amounts, strict=True)),
    ]
    quotas = "\n".join(["person,component,period,amount", *(f"{n},own,2026-01,100" for n in names)])
    own = component("flat", "own", rate=0)
    pool = component(
        "pool", "pool", pot=10000, measure={"whose": "company"}, gate={"component": "own", "at_least": "50%"}
    )
    found = worked(tmp_path, plan(own, pool), deals, quotas=quotas)
    assert found.pay() == [Decimal(1000)] * 10 + [Decimal(0)] * 2


def test_own_and_company_results_multiply(tmp_path: Path) -> None:
    factors = [{"fixed": 1.5}, {"fixed": 0.8}]
    found = worked(tmp_path, plan(component("flat", rate="10%", multiplier=factors)), sales(80000))
    assert found.earned() == 9600


def test_weighted_objectives(tmp_path: Path) -> None:
    weights = {"a": "40%", "b": "20%", "c": "15%", "d": "15%"}
    achieved = {"a": "105%", "b": "90%", "c": "120%", "d": "100%"}
    card = component("scorecard", objectives=[{"code": c, "weight": w} for c, w in weights.items()])
    rows = [f"Ann,pay,{code},2026-01,{score}" for code, score in achieved.items()]
    scores = "\n".join(["person,component,objective,period,achieved", *rows])
    found = worked(tmp_path, plan(card, target_incentive=1200), sales(0), scores=scores)
    assert found.by_tier() == decimals("42", "18", "18", "15")


def test_a_cliff_a_straight_line_and_a_modifier() -> None:
    """Percent of base pay: 40 at 80 % and 50 at 100 % for the one, 32 and 40 for the other."""
    chief = Table(
        at=tuple(decimals("0.8", "1", "1.2")), value=tuple(decimals("40", "50", "80")), straight=True
    )
    deputy = Table(
        at=tuple(decimals("0.8", "1", "1.2")), value=tuple(decimals("32", "40", "64")), straight=True
    )
    levels = [Fraction("0.79"), Fraction(1), Fraction("1.2")]
    assert [value_at(chief, level) for level in levels] == [0, 50, 80]
    assert [value_at(deputy, level) for level in levels] == [0, 40, 64]
    assert value_at(chief, Fraction(3)) * Fraction("1.25") == 100
    assert value_at(deputy, Fraction(3)) * Fraction("1.25") == 80
    assert value_at(chief, Fraction("0.8")) == 40


def test_an_early_exit_takes_back_half(tmp_path: Path) -> None:
    deals = """deal,day,person,amount,reverses
        a,2026-01-01,Ann,100000,
        a back,2026-04-01,Ann,-100000,a"""
    found = worked(tmp_path, plan(component("flat", rate="10%"), clawback={"share": "50%"}), deals)
    assert found.pay() == decimals("10000", "0", "0", "-5000")


def test_a_sum_for_each_deal_and_a_share_of_revenue(tmp_path: Path) -> None:
    found = worked(
        tmp_path,
        plan(
            component("flat", "each", rate=250, measure={"of": "count"}),
            component("flat", "revenue", rate="2%"),
        ),
        sales(20000, 10000, 15000, 5000),
    )
    (sheet,) = found.sheets
    assert sheet.components == {"each": Decimal(1000), "revenue": Decimal(1000)}


def test_a_sum_by_deals_closed_reaches_back_or_not(tmp_path: Path) -> None:
    """1–3 deals 250 each, 4–6 400, 7 or more 600: seven deals, both ways."""
    steps = tiers((0, 250), (4, 400), (7, 600))
    counts = {"of": "count"}
    back = worked(tmp_path, plan(component("whole", tiers=steps, measure=counts)), sales(*[1] * 7))
    not_back = worked(
        tmp_path,
        plan(component("marginal", tiers=tiers((0, 250), (3, 400), (6, 600)), measure=counts)),
        sales(*[1] * 7),
    )
    assert back.earned() == 4200
    assert not_back.earned() == 3 * 250 + 3 * 400 + 600


def test_the_cost_of_a_contract_is_a_tenth(tmp_path: Path) -> None:
    found = worked(tmp_path, plan(component("flat", rate="10%")), sales(54000))
    assert found.earned() == 5400


def test_part_of_what_is_reported_is_credited(tmp_path: Path) -> None:
    deals = """deal,day,person,amount,share,extra
        a,2026-01-01,Ann,1200000,90%,yes"""
    found = worked(tmp_path, plan(component("flat", rate="12%")), deals)
    assert found.calculation.works[0].totals.sum() == 1_080_000 * 10_000
    assert found.earned() == 129600
