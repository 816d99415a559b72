"""A plan as text: plain, small, and every fault with its line."""

import pytest

from compensation.engine.plan_cells import BadPlan
from compensation.engine.plan_text import LONGEST, terms_of_text, with_lines
from compensation.engine.plan_vocabulary import MEASURES, checked_plan
from compensation.models import Basis

TEXT = """\
plan: Hunters
currency: EUR
components:
  - code: own
    name: Own bookings
    form: marginal
    measure: {of: bookings}
    tiers:
      - {from: 0, rate: 5%}
      - {from: 0, rate: 8%}
  - code: new
    form: flat
    measure:
      of: smiles
      where: {mood: [good]}
    rate: 1%
"""


def faults(text: str) -> str:
    with pytest.raises(BadPlan) as refusal:
        checked_plan(terms_of_text(text))
    return "\n".join(with_lines(text, refusal.value.sentences))


def test_faults_between_parts_have_the_line_of_the_part() -> None:
    assert "Line 8, component own: tiers: each must begin above the one before." in faults(TEXT)


def test_words_that_credits_do_not_have_are_named_with_their_lines() -> None:
    said = faults(TEXT.replace("{from: 0, rate: 8%}", "{from: 100, rate: 8%}"))
    assert "Line 14, component new.measure.of: “smiles” is not counted." in said
    assert "Line 15, component new.measure.where.mood: credits have no such column." in said


def test_a_misspelt_name_has_its_own_line() -> None:
    assert "Line 2, curency: this is unknown. Do you mean currency?" in faults(
        TEXT.replace("currency:", "curency:")
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("plan: [1", "Line 1: this is no YAML"),
        ("- plan", "Line 1: a plan is written as names and values"),
        ("plan: A\nplan: B", "Line 2: “plan” stands there twice"),
        ("a: &x [1]\nb: *x", "Line 1: & * and ! have a meaning of their own"),
        ("a: !!python/object:os.system {}", "Line 1: & * and ! have a meaning of their own"),
        ("a: .inf", "a: “inf” is no number"),
        ('a: "\\0"', "a: the text has a character that cannot be kept"),
        ('a: "\\uD800"', "a: the text has a character that cannot be kept"),
        ("a: 2026-02-31", "A value cannot be read"),
        ("[" * 5000, "nested too deeply"),
        ("a: 1\n---\nb: 2", "Line 2: this is no YAML"),
        ("x" * (LONGEST + 1), "longer than 100,000 characters"),
    ],
)
def test_text_that_is_no_plan_gets_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(BadPlan) as refusal:
        terms_of_text(text)
    assert sentence in refusal.value.sentences[0]


def test_an_anchor_is_refused_in_one_sentence() -> None:
    with pytest.raises(BadPlan) as refusal:
        terms_of_text("a: &x [1]\nb: *x")
    assert refusal.value.sentences == ["Line 1: & * and ! have a meaning of their own in YAML. Write it out."]


@pytest.mark.parametrize(("rate", "far"), [("1e400", "large"), ("-1e999999", "large"), ("1e-400", "small")])
def test_numbers_without_measure_are_refused_with_their_line(rate: str, far: str) -> None:
    said = faults(TEXT.replace("{from: 0, rate: 8%}", f"{{from: 0, rate: {rate}}}"))
    assert f"“{rate}” is too {far}. Numbers of a plan are below 10,000,000,000,000." in said


def test_days_are_kept_as_json_keeps_them() -> None:
    assert terms_of_text("starts: 2026-03-01\nyes: no") == {"starts": "2026-03-01", "True": False}


def test_the_bases_of_credits_are_the_measures_that_plans_may_count() -> None:
    assert set(Basis.values) < set(MEASURES)
