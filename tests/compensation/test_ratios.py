"""A component that measures a ratio: margin in the amount, discount a deal, deals won of those tried."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compensation.engine.plan_cells import BadPlan
from compensation.engine.plan_examples import curves, example
from compensation.engine.plan_reading import plan_from
from compensation.engine.plan_vocabulary import checked_plan
from compensation.engine.plan_words import component_words
from compensation.engine.shares import Sharing
from compensation.engine.simulation import Terms
from compensation.engine.simulation_levels import Stretcher, levels_of
from territories.pipeline.tables import BadTable
from tests.compensation.test_door import rows, run
from tests.compensation.test_published import decimals
from tests.compensation.working import Worked, component, plan, worked

FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
RATIO = {"of": "margin", "per": "amount"}
MARGIN = component("flat", "margin", rate=0, over="quarter", measure=RATIO)
BY_MARGIN = {"component": "margin", "steps": [[0, "80%"], ["20%", "100%"], ["30%", "120%"]]}
OWN = component("flat", "own", rate="10%", period="quarter", multiplier=BY_MARGIN)
HEAD = "deal,day,person,amount,margin"


def sold(*deals: tuple[Any, Any], person: str = "Ann", month: int = 1) -> list[str]:
    """A row for each (amount, margin), on one day after the other."""
    return [
        f"{person}{month}{place},2026-{month:02d}-{place + 1:02d},{person},{amount},{margin}"
        for place, (amount, margin) in enumerate(deals)
    ]


def ratio_of(found: Worked, month: int, person: int = 0, code: str = "margin") -> Fraction:
    return found.calculation.attained(code, person, month)


@pytest.mark.parametrize(("margin", "pay"), [(190, 80), (200, 100), (299, 100), (300, 120), (-100, 0)])
def test_commission_is_multiplied_by_the_quarters_gross_margin(tmp_path: Path, margin: int, pay: int) -> None:
    """The ratio of the sums, not the mean of the deals' ratios; below the first step nothing is paid."""
    deals = [HEAD, *sold((900, margin - 60)), *sold((100, 60), month=3)]
    found = worked(tmp_path, plan(OWN, MARGIN), deals)
    assert found.earned() == pay
    assert ratio_of(found, 2) == Fraction(margin, 1000)


def test_there_is_no_accelerator_below_twenty_percent_margin(tmp_path: Path) -> None:
    gate = {"component": "margin", "at_least": "20%"}
    extra = component(
        "marginal",
        "extra",
        over="year",
        tiers=[{"from": 0, "rate": 0}, {"from": 1000, "rate": "5%"}],
        gate=gate,
    )
    deals = [HEAD, *sold((2000, 380), month=1), *sold((2000, 1000), month=4)]
    found = worked(tmp_path, plan(extra, MARGIN), deals)
    assert [found.pay()[place] for place in (0, 3)] == decimals("0", "150")


def test_a_curve_pays_a_share_of_the_target_by_the_ratio_itself(tmp_path: Path) -> None:
    curve = component(
        "curve", period="quarter", measure=RATIO, points=[["20%", "50%"], ["30%", "100%"]], weight="50%"
    )
    told = plan(curve, target_incentive=8000)
    found = worked(tmp_path, told, [HEAD, *sold((1000, 200), (1000, 300))])
    assert found.earned() == Decimal("0.75") * 1000


def test_steps_pay_money_by_the_average_deal(tmp_path: Path) -> None:
    big = component("steps", measure={"of": "amount", "per": "count"}, steps=[[1000, 50], [1500, 90]])
    found = worked(tmp_path, plan(big), [HEAD, *sold((1000, 0), (2000, 0)), *sold((1400, 0), month=2)])
    assert found.pay() == decimals("90", "50")


def test_each_deal_by_itself_pays_by_its_own_ratio_and_gives_it_back(tmp_path: Path) -> None:
    steps = component("steps", over="deal", measure=RATIO, steps=[["30%", 200]])
    deals = [
        f"{HEAD},reverses",
        "a,2026-01-01,Ann,1000,300,",
        "b,2026-01-02,Ann,1000,299,",
        "c,2026-01-03,Ann,0,50,",
        "d,2026-02-01,Ann,-1000,-300,a",
    ]
    found = worked(tmp_path, plan(steps), deals)
    assert found.by_deal() == {"a": 200, "b": 0, "c": 0, "d": -200}


def test_nothing_to_divide_by_is_a_ratio_of_0(tmp_path: Path) -> None:
    found = worked(tmp_path, plan(OWN, MARGIN), [HEAD, *sold((0, 50)), *sold((1000, 250), month=4)])
    assert (ratio_of(found, 2), ratio_of(found, 5)) == (0, Fraction(1, 4))


def test_a_teams_ratio_is_that_of_its_sums(tmp_path: Path) -> None:
    team = {**MARGIN, "measure": {**RATIO, "whose": "team"}}
    deals = [HEAD, *sold((3000, 300)), *sold((1000, 500), person="Bea")]
    people = "person,team\nAnn,North\nBea,North"
    found = worked(tmp_path, plan(OWN, team), deals, people=people)
    assert [ratio_of(found, 2, person) for person in (0, 1)] == [Fraction(800, 4000)] * 2
    assert found.earned("Bea") == 100


def test_only_what_its_conditions_count_is_in_both_sums(tmp_path: Path) -> None:
    new = {**MARGIN, "measure": {**RATIO, "where": {"type": "new"}}}
    deals = [f"{HEAD},type", "a,2026-01-01,Ann,1000,400,new", "b,2026-01-02,Ann,1000,0,old"]
    assert ratio_of(worked(tmp_path, plan(OWN, new), deals), 2) == Fraction(2, 5)


@pytest.mark.parametrize(("attainment", "ratio"), [("restated", (100, 1000)), ("kept", (700, 3000))])
def test_a_cancelled_deal_leaves_both_sums_unless_it_is_kept(
    tmp_path: Path, attainment: str, ratio: tuple[int, int]
) -> None:
    deals = [
        f"{HEAD},reverses",
        "a,2026-01-01,Ann,1000,100,",
        "b,2026-01-02,Ann,2000,600,",
        "c,2026-02-01,Ann,-2000,-600,b",
    ]
    found = worked(tmp_path, plan(OWN, MARGIN, clawback={"attainment": attainment}), deals)
    assert ratio_of(found, 2) == Fraction(*ratio)


CENTS = st.integers(1, 10**7).map(lambda cents: Decimal(cents) / 100)
DEALS = st.lists(
    st.tuples(st.sampled_from(["Ann", "Bea"]), st.integers(1, 12), CENTS, CENTS), min_size=1, max_size=10
)


def as_rows(deals: list[tuple[str, int, Decimal, Decimal]]) -> list[str]:
    return [
        f"d{place},2026-{month:02d}-10,{person},{amount},{margin}"
        for place, (person, month, amount, margin) in enumerate(deals)
    ]


@FOLDER
@given(DEALS, st.randoms(use_true_random=False))
def test_a_ratio_is_what_fractions_by_hand_give_in_any_order(
    tmp_path: Path, deals: list[tuple[str, int, Decimal, Decimal]], chance: Any
) -> None:
    mixed = as_rows(deals)
    chance.shuffle(mixed)
    found = worked(tmp_path, plan(OWN, MARGIN), [HEAD, *mixed])
    for place, person in enumerate(found.loaded.book.people.ids):
        for month in range(12):
            window = range(month // 3 * 3 + 1, month + 2)
            mine = [one for one in deals if one[0] == person and one[1] in window]
            amount, margin = (sum((Fraction(one[column]) for one in mine), Fraction(0)) for column in (2, 3))
            assert ratio_of(found, month, place) == (margin / amount if amount else 0)


@FOLDER
@given(DEALS, st.integers(1, 99))
def test_splitting_deals_changes_neither_ratios_nor_pay(
    tmp_path: Path, deals: list[tuple[str, int, Decimal, Decimal]], percent: int
) -> None:
    part = Decimal(percent) / 100
    halves = [(who, month, amount * part, margin * part) for who, month, amount, margin in deals]
    halves += [(who, month, amount * (1 - part), margin * (1 - part)) for who, month, amount, margin in deals]
    whole = worked(tmp_path, plan(OWN, MARGIN), [HEAD, *as_rows(deals)])
    parts = worked(tmp_path, plan(OWN, MARGIN), [HEAD, *as_rows(halves)])
    assert whole.pay() == parts.pay()
    assert [ratio_of(whole, month) for month in range(12)] == [ratio_of(parts, month) for month in range(12)]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (component("marginal", measure=RATIO, tiers=[{"from": 0, "rate": "5%"}]), "per: no rate can be paid"),
        (component("flat", measure=RATIO, rate="5%"), "per: no rate can be paid"),
        (component("flat", measure=RATIO, rates={"new": "5%"}, by="type"), "per: no rate can be paid"),
        (component("pool", measure=RATIO, rate="5%"), "per: no rate can be paid"),
        (component("contest", measure=RATIO, prizes=[5]), "per: no rate can be paid"),
        (component("curve", measure=RATIO, gives="rate", points=[[0, 1]]), "per: no rate can be paid"),
        (component("flat", measure=RATIO, rate=0, against="quota"), "against: a ratio has no quota."),
    ],
)
def test_what_makes_no_sense_of_a_ratio_is_refused_in_a_sentence(said: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadPlan) as bad:
        plan_from(plan(said))
    assert any(one.startswith(f"component pay: {sentence}") for one in bad.value.sentences)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("gate", {"component": "margin", "in": "amount", "at_least": 5}),
        ("multiplier", {"component": "margin", "in": "amount", "steps": [[0, 1]]}),
    ],
)
def test_a_ratio_is_not_looked_at_as_an_amount(setting: str, said: dict[str, Any]) -> None:
    with pytest.raises(BadPlan, match=rf"{setting}: “margin” is a ratio: its levels are the ratio itself"):
        plan_from(plan(component("flat", rate="5%", **{setting: said}), MARGIN))


def test_a_divisor_that_credits_do_not_have_is_refused() -> None:
    with pytest.raises(BadPlan, match=r"margin\.measure\.per: “seats” divides nothing\. Known: amount"):
        checked_plan(plan({**MARGIN, "measure": {"of": "margin", "per": "seats"}}))


def test_a_quota_for_a_ratio_is_refused_by_its_row(tmp_path: Path) -> None:
    quotas = "person,component,period,amount\nAnn,margin,2026,5"
    with pytest.raises(BadTable, match=r"line 2: “margin” is a ratio and has no quota\."):
        worked(tmp_path, plan(OWN, MARGIN), [HEAD, *sold((1000, 300))], quotas=quotas)


def test_a_quota_of_all_components_does_not_touch_a_ratio(tmp_path: Path) -> None:
    quotas = "person,period,amount\nAnn,2026,12000"
    found = worked(tmp_path, plan(OWN, MARGIN), [HEAD, *sold((1000, 300))], quotas=quotas)
    assert (ratio_of(found, 2), found.loaded.notes) == (Fraction(3, 10), ())


def test_the_files_tell_what_was_divided_by_what(tmp_path: Path) -> None:
    text = """
plan: Sellers
currency: EUR
components:
  - {code: margin, form: flat, rate: 0, over: quarter, measure: {of: margin, per: amount}}
"""
    _, _, out = run(tmp_path, text, "\n".join([HEAD, *sold((800, 200))]))
    row = rows(out / "quotas.csv")[0]
    assert (row["quota"], row["quota_to_date"], row["attained_percent"]) == ("", "", "25.00")
    assert (row["so_far"], row["divided_by"]) == ("200", "800")


@pytest.mark.parametrize(
    ("measure", "at", "told"),
    [
        (RATIO, "20%", "from 20 %"),
        ({"of": "amount", "per": "count"}, 25000, "from 25 000 EUR a deal"),
        ({"of": "units", "per": "count"}, "2.5", "from 2.5 units a deal"),
        ({"of": "won", "per": "count"}, "40%", "from 40 %"),
    ],
)
def test_a_ratio_is_told_as_a_share_or_as_so_much_for_each(
    measure: dict[str, Any], at: Any, told: str
) -> None:
    own = {**OWN, "multiplier": {"component": "margin", "steps": [[at, "120%"]], "below_as_first": True}}
    made = plan_from(plan(own, {**MARGIN, "measure": measure}, currency="EUR"))
    said = " ".join(component_words(made, made.components[0])).replace("\u202f", " ")
    assert f"multiplied by what your “margin” gives: 120 % {told}; 120 % below that" in said


def test_what_counts_of_a_ratio_is_told() -> None:
    made = plan_from(plan({**MARGIN, "measure": {**RATIO, "where": {"basis": ["sales"]}}}))
    assert component_words(made, made.components[0])[0] == (
        "What counts: your margin as a share of sales, counting only basis sales."
    )


def test_selling_more_of_the_same_leaves_the_ratio_as_it_is(tmp_path: Path) -> None:
    """Stretching to a level moves what has a quota; the multiplier stays at 1.2, whatever the level."""
    own = {**OWN, "against": "quota", "form": "marginal", "tiers": [{"from": 0, "rate": "10%"}]}
    own.pop("rate")
    quotas = "person,component,period,amount\nAnn,own,2026,4000"
    found = worked(tmp_path, plan(own, MARGIN), [HEAD, *sold((1000, 300))], quotas=quotas)
    stretcher = Stretcher(Terms(found.calculation.plan, (0,)), found.loaded.book)
    pay = [stretcher.at_level(Fraction(level, 2)).total / 10_000 for level in (1, 2, 3)]
    assert pay == [240, 480, 720]


def test_levels_of_ratios_are_no_levels_of_quotas() -> None:
    def tried(*components: dict[str, Any]) -> list[Fraction]:
        return levels_of(Terms(plan_from(plan(*components)), ()), Fraction(1))

    assert tried(OWN, MARGIN) == tried({**OWN, "multiplier": []}, MARGIN)


def test_credits_share_pay_by_a_ratio_in_proportion_to_what_it_is_divided_by(tmp_path: Path) -> None:
    steps = component("steps", measure=RATIO, steps=[["10%", 100]])
    found = worked(tmp_path, plan(steps), [HEAD, *sold((3000, 900), (1000, -100))])
    counts = Sharing(found.calculation.works[0]).counted(0, 0, earlier=False)
    assert counts is not None
    assert (counts.amounts // 10_000).tolist() == [3000, 1000]


def test_an_example_takes_the_ratio_at_which_everything_is_paid_in_full() -> None:
    made = plan_from(plan(OWN, MARGIN))
    shown = example(made, {"own": Decimal(1000)})
    assert shown.quotas["margin"] == Decimal("0.2")
    assert shown.by_component["own"] == tuple(decimals("50", "80", "100", "120", "150"))


def test_a_curve_of_a_ratio_goes_by_the_ratio() -> None:
    steps = component("steps", "bonus", measure=RATIO, steps=[["20%", 100], ["40%", 300]])
    curve = curves(plan_from(plan(steps)), {})["bonus"]
    pay = dict(zip(curve.levels, curve.pay, strict=True))
    assert (pay[Decimal("0.18")], pay[Decimal("0.2")], pay[Decimal("0.4")]) == (0, 1200, 3600)
