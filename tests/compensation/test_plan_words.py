"""A plan in sentences: every form and every setting says its own numbers."""

import pytest
from hypothesis import given, settings

from compensation.engine.calculation import BY_LEVEL
from compensation.engine.plan import Form
from compensation.engine.plan_examples import LEVELS, curves, example
from compensation.engine.plan_limit_words import plan_words
from compensation.engine.plan_reading import plan_from
from compensation.engine.plan_templates import TEMPLATES, components_of, terms_of
from compensation.engine.plan_vocabulary import checked_plan
from compensation.engine.plan_words import FORM_NAMES, component_words
from tests.compensation.plan_strategies import SLOW, plans

TIERS = [{"from": 0, "rate": "2.5%"}, {"from": "100%", "rate": "5%"}]
QUOTA = {"against": "quota", "over": "year"}


def told(*, plan=None, others=(), **said):
    """The sentences about one component, with plain spaces."""
    whole = {
        "plan": "P",
        "currency": "EUR",
        "target_incentive": 40_000,
        **(plan or {}),
        "components": [{"code": "own", **said}, *others],
    }
    made = plan_from(whole)
    return " ".join(component_words(made, made.components[0])).replace("\u202f", " ")


MARGIN = {"code": "margin", "name": "Margin", "form": "flat", "rate": 0}


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"form": "flat", "rate": "5%"}, "Every EUR pays 5 %."),
        ({"form": "flat", "rate": 12, "measure": {"of": "units"}}, "Each unit pays 12 EUR."),
        ({"form": "flat", "rate": 0}, "This is only measured: it pays nothing by itself."),
        (
            {"form": "flat", "rate": "2%", "by": "family", "rates": {"Hardware": "5%"}},
            "Every EUR pays 5 % for Hardware and 2 % for all others.",
        ),
        ({"form": "marginal", "tiers": TIERS, **QUOTA}, "Up to your quota every EUR pays 2.5 %."),
        ({"form": "marginal", "tiers": TIERS, **QUOTA}, "From your quota on, every EUR above it pays 5 %."),
        (
            {"form": "marginal", "tiers": [{"from": 0, "rate": "1%"}, {"from": 50000, "rate": "2%"}]},
            "From 50 000 EUR on, every EUR above it pays 2 %.",
        ),
        (
            {"form": "whole", "tiers": TIERS, "against": "quota", "over": "quarter"},
            "The level you reach pays for everything since the quarter began: "
            "2.5 % and from your quota on 5 %.",
        ),
        (
            {"form": "whole_until", "tiers": TIERS, "until": "120%", **QUOTA},
            "That holds up to 120 % of your quota; above it each rate pays only for its own part.",
        ),
        (
            {"form": "curve", "points": [["80%", "40%"], ["100%", "100%"]], **QUOTA},
            "It pays 40 % of its target pay at 80 % of your quota and 100 % of its target pay at your quota, "
            "in straight lines between. Below 80 % of your quota it pays nothing; "
            "beyond your quota it grows no more.",
        ),
        (
            {"form": "curve", "points": [["80%", "40%"], ["100%", "100%"]], "goes_on": True, **QUOTA},
            "beyond your quota the last line goes on.",
        ),
        (
            {"form": "steps", "steps": [["80%", 400], ["100%", 1000]], **QUOTA},
            "You get 400 EUR at 80 % of your quota and 1 000 EUR at your quota. "
            "Only the highest level reached counts.",
        ),
        ({"form": "steps", "steps": [[5, 400], [9, 1]], "adds_up": True}, "All levels reached add up."),
        (
            {"form": "scorecard", "objectives": [{"code": "Visits", "weight": "60%", "most": "120%"}]},
            "It pays by how far you reach 1 objectives: “Visits” counts 60 %, at most 120 %.",
        ),
        (
            {"form": "pool", "pot": 5000, "period": "quarter"},
            "Each quarter the team shares a pot of 5 000 EUR.",
        ),
        (
            {"form": "pool", "pot": 5000, "pool_share": "role", "shares": {"AE": "60%", "SE": "40%"}},
            "The parts by role, divided among those who have it: AE 60 % and SE 40 %.",
        ),
        (
            {"form": "contest", "prizes": [500, 300], "ties": "first", "period": "quarter"},
            "The best of each quarter win: 500 EUR for place 1 and 300 EUR for place 2. "
            "Of two who are equal, the one who was there first is ahead.",
        ),
        (
            {"form": "result", "tiers": [{"from": 0, "rate": "5%"}, {"from": 9000, "rate": "2%"}]},
            "Up to 9 000 EUR of pay every EUR pays 5 %.",
        ),
        (
            {"form": "flat", "rate": "5%", "weight": "75%"},
            "75 % of your target incentive (30 000 EUR a year)",
        ),
        ({"form": "flat", "rate": "5%", "threshold": "50%"}, "Below 50 % of your quota it pays nothing."),
        (
            {"form": "flat", "rate": "5%", "gate": {"component": "margin", "at_least": "90%"}},
            "You need at least 90 % on “Margin”; otherwise it pays nothing.",
        ),
        (
            {"form": "flat", "rate": "5%", "multiplier": {"component": "margin", "steps": [["85%", "90%"]]}},
            "what your attainment of “Margin” gives: 90 % from 85 %; 0 % below that.",
        ),
        ({"form": "flat", "rate": "5%", "multiplier": {"fixed": "90%"}}, "The result is multiplied by 90 %."),
        (
            {"form": "flat", "rate": "5%", "cap": {"per": "deal", "amount": 900, "after_multipliers": False}},
            "It pays at most 900 EUR for each deal, before multipliers; what is above is lost.",
        ),
        ({"form": "flat", "rate": "5%", "starts": "2026-03-01"}, "Only deals from 1 March 2026 on count."),
        ({"form": "flat", "rate": "5%", "budget": 9000}, "All together get at most 9 000 EUR"),
        ({"form": "flat", "rate": "5%", "never_negative": True}, "is not taken from you."),
        (
            {"form": "flat", "rate": "5%", "measure": {"whose": "team", "where": {"kind": ["new", "more"]}}},
            "the bookings of your team, yours included, counting only kind new or more.",
        ),
    ],
)
def test_a_setting_is_said_with_its_numbers(said, sentence):
    assert sentence in told(**said, others=[MARGIN])


def test_levels_that_are_amounts_are_told_as_money():
    gate = {"component": "margin", "in": "amount", "at_least": 10_000}
    steps = {"component": "margin", "in": "amount", "steps": [[5000, "120%"]]}
    said = told(form="flat", rate="5%", gate=gate, multiplier=steps, others=[MARGIN])
    assert "You need at least 10 000 EUR on “Margin”; otherwise it pays nothing." in said
    assert "multiplied by what your “Margin” gives: 120 % from 5 000 EUR; 0 % below that." in said


def test_a_matrix_names_both_results():
    matrix = {
        "rows_by": "own",
        "rows": ["0%"],
        "columns_by": "margin",
        "columns": ["0%", "90%"],
        "values": [["10%", "20%"]],
    }
    assert (
        "The attainments of “own” and “Margin” decide together: from 10 % of its target pay to 20 %"
        in told(form="matrix", matrix=matrix, others=[MARGIN])
    )


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"draw": {"amount": 2000, "months": 6}}, "You get at least 2 000 EUR a month in the first 6 months"),
        (
            {"draw": {"amount": 2000, "kind": "additive"}},
            "On top of what you earn you are advanced 2 000 EUR",
        ),
        ({"draw": {"amount": 2000, "recoverable": False}}, "You never pay an advance back."),
        ({"draw": {"amount": 2000, "most_back": "50%"}}, "at most 50 % of your pay at once."),
        ({"draw": {"amount": 2000, "forgiven": True}}, "at the end of the year is forgiven."),
        ({"clawback": {"share": "0%"}}, "When a deal is cancelled you keep what it paid."),
        ({"clawback": {"window": 12}}, "returned within 12 months, 100 % of what it paid is taken back."),
        (
            {"clawback": {"window": 90, "window_in": "days"}},
            "returned within 90 days, 100 % of what it paid is taken back.",
        ),
        ({"clawback": {"attainment": "kept"}}, "Your attainment keeps the deal."),
        ({"clawback": {"at": "today"}}, "100 % of what it would pay at today's rates is taken back."),
        ({"quota": {"weights": [20, 20, 20, 40]}}, "divided over its quarters as 20, 20, 20 and 40."),
        ({"quota": {"ramp": ["25%", "50%"]}}, "25 % and 50 % of a full quota in the first 2 months."),
        ({"year_begins": 4}, "The year begins with April."),
        ({"rounding": "down", "places": 0}, "rounded once, down, to 0 decimal places."),
        ({"rounded_by": "line"}, "Every line of pay is rounded by itself, half up, to 2 decimal places."),
    ],
)
def test_what_holds_for_the_whole_plan_is_said(said, sentence):
    plan = plan_from({"plan": "P", "currency": "EUR", **said, "components": [MARGIN]})
    assert sentence in " ".join(plan_words(plan)).replace("\u202f", " ")


@settings(SLOW, max_examples=60)
@given(plans())
def test_every_plan_can_be_told(said):
    plan = plan_from(said)
    for component in plan.components:
        sentences = component_words(plan, component)
        assert sentences
        assert all(one[0] == one[0].upper() and one.endswith(".") for one in sentences)
    assert plan_words(plan)


def test_every_form_has_a_name():
    assert set(FORM_NAMES) == set(Form)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.code)
def test_every_template_reads_and_pays(template):
    plan = checked_plan(terms_of(template.code, name="New plan", currency="EUR"))
    paid = example(plan, {})
    if {one.form for one in plan.components} & {*BY_LEVEL, Form.SCORECARD, Form.MARGINAL, Form.WHOLE}:
        assert paid.totals[0] < paid.totals[2] <= paid.totals[4]
    assert [component["code"] for component in components_of(template.code)] == list(paid.by_component)


def test_an_example_is_what_the_engine_pays():
    said = terms_of("accelerator", name="A", currency="EUR")
    paid = example(plan_from(said), {"own": 1_000_000})
    assert paid.levels == LEVELS
    assert [int(one) for one in paid.totals] == [12_500, 20_000, 25_000, 35_000, 50_000]


def test_a_curve_moves_one_component_and_keeps_the_others_at_their_quota():
    said = terms_of("own-team", name="A", currency="EUR")
    found = curves(plan_from(said), {}, levels=LEVELS)
    assert [int(one) for one in found["own"].pay] == [15_000, 24_000, 30_000, 42_000, 60_000]
    assert [int(one) for one in found["team"].pay] == [0, 3_333, 10_000, 15_000, 15_000]


def test_an_example_stops_at_the_budget_and_tells_the_prize_of_the_first_place_beside_the_total():
    said = terms_of("flat", name="A", currency="EUR")
    spiff = {"code": "spiff", "form": "flat", "rate": "10%", "budget": 9000}
    race = {"code": "race", "form": "contest", "prizes": [500, 300], "ties": "first", "period": "quarter"}
    plan = plan_from({**said, "components": [spiff, race]})
    paid = example(plan, {"spiff": 100_000})
    assert [int(one) for one in paid.by_component["spiff"]] == [5_000, 8_000, 9_000, 9_000, 9_000]
    assert paid.prizes == {"race": 2_000}
    assert paid.totals == paid.by_component["spiff"]


def test_a_pot_and_prizes_are_not_the_persons_pay():
    plan = plan_from(terms_of("pool", name="A", currency="EUR"))
    paid = example(plan, {})
    assert paid.by_component["pool"][2] > 0
    assert set(paid.totals) == {0}


def test_what_has_no_part_of_the_target_pay_does_not_name_its_part():
    said = {"form": "flat", "rate": "5%"}
    assert "target pay" not in told(**said, weight="0%")
    assert "target pay is 40 %" in told(**said, weight="40%")
