"""A plan that is written and read again is the same plan, whatever its forms and settings."""

import json

import pytest
import yaml
from hypothesis import Phase, find, given, settings

from compensation.engine.plan import Form
from compensation.engine.plan_cells import BadPlan
from compensation.engine.plan_reading import plan_from
from compensation.engine.plan_text import terms_of_text
from compensation.engine.plan_writing import mapping_of
from compensation.engine.plan_yaml import plan_text
from tests.compensation.plan_strategies import SLOW, plans


@SLOW
@given(plans())
def test_a_plan_written_as_mapping_json_and_yaml_reads_as_the_same_plan(said):
    plan = plan_from(said)
    written = mapping_of(plan)
    assert plan_from(written) == plan
    assert plan_from(json.loads(json.dumps(written))) == plan
    assert plan_from(terms_of_text(plan_text(plan))) == plan
    assert mapping_of(plan_from(written)) == written


@pytest.mark.parametrize("form", Form)
def test_the_strategy_reaches_every_form(form):
    """`find` raises when it meets none."""
    once = settings(max_examples=2000, phases=[Phase.generate], database=None)
    find(plans(), lambda said: form in {one.form for one in plan_from(said).components}, settings=once)


PLAN = """
plan: Account executive
currency: EUR
target_incentive: 40000
components:
- code: own
  name: Own bookings
  form: marginal
  over: year
  against: quota
  tiers:
  - {from: 0, rate: 5%}
  - {from: 100%, rate: 8.5%}
  cap: {per: year, of_target: 300%}
"""


def test_what_a_person_would_write_is_what_is_written():
    assert yaml.safe_load(plan_text(plan_from(yaml.safe_load(PLAN)))) == yaml.safe_load(PLAN)
    assert plan_text(plan_from(yaml.safe_load(PLAN))).strip() == PLAN.strip()


def test_numbers_keep_every_place():
    said = {"plan": "P", "components": [{"code": "a", "form": "flat", "rate": "0.12345678%"}]}
    with pytest.raises(BadPlan, match="at most eight decimal places"):
        plan_from(said | {"components": [{"code": "a", "form": "flat", "rate": "0.1234567%"}]})
    said["components"][0]["rate"] = "0.123456%"
    assert mapping_of(plan_from(said))["components"][0]["rate"] == "0.123456%"


def test_a_number_with_more_digits_than_yaml_keeps_stays_exact():
    said = {"plan": "P", "components": [{"code": "a", "form": "contest", "prizes": ["9234567890123.12345"]}]}
    assert plan_from(terms_of_text(plan_text(plan_from(said)))) == plan_from(said)
