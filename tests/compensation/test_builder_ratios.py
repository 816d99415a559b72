"""Ratios and levels of amounts in the plan builder: typed, kept, drawn, refused beside their fields."""

from typing import Any

import pytest

from compensation.engine.plan_editing import component_in
from compensation.engine.plan_reading import plan_from
from compensation.engine.plan_writing import mapping_of
from tests.compensation.company import FLAT
from tests.compensation.test_builder import as_posted, draft, page, typed

pytestmark = pytest.mark.django_db
RATIO: dict[str, Any] = {
    "code": "ratio",
    "name": "Gross margin",
    "form": "steps",
    "measure": {"of": "margin", "per": "amount"},
    "period": "quarter",
    "threshold": "10%",
    "gate": {"component": "size", "at_least": 25000},
    "steps": [["20%", 500], ["30%", 900]],
}
SIZE = {"code": "size", "form": "flat", "measure": {"of": "amount", "per": "count"}, "rate": 0}
PLAN = {"plan": "P", "currency": "EUR", "components": [RATIO, SIZE]}


def test_a_ratio_is_kept_by_the_form_as_it_is(analyst, signed_in):
    version, browser = draft(PLAN), signed_in(analyst)
    form = browser.get(page(version, "components/ratio/")).context["form"]
    sent = as_posted(form) | {"name": "Margin of the quarter"}
    assert browser.post(page(version, "components/ratio/"), sent).status_code == 302
    version.refresh_from_db()
    kept = component_in(mapping_of(plan_from(version.terms)), "ratio")
    assert kept == component_in(mapping_of(plan_from(PLAN)), "ratio") | {"name": "Margin of the quarter"}


MATRIX = {
    "rows_by": "sales",
    "rows_in": "amount",
    "rows": [0, 5000],
    "columns_by": "ratio",
    "columns": ["0%", "20%"],
    "values": [["0%", "50%"], ["50%", "100%"]],
}
AMOUNTS: dict[str, Any] = {
    "code": "looks",
    "form": "matrix",
    "matrix": MATRIX,
    "gate": [{"component": "sales", "in": "amount", "at_least": 10000, "otherwise": "50%"}],
    "multiplier": [{"component": "sales", "in": "amount", "steps": [[0, "80%"], [9000, "120%"]]}],
}
SALES = {"code": "sales", "form": "flat", "rate": "5%"}


def test_levels_that_are_amounts_are_kept_by_the_form_as_they_are(analyst, signed_in):
    said = {**PLAN, "components": [AMOUNTS, SALES, RATIO, SIZE]}
    version, browser = draft(said), signed_in(analyst)
    shown = browser.get(page(version)).content.decode().replace("\u202f", " ")
    assert "“sales” from" in shown and ">5 000 EUR<" in shown and "“Gross margin” from 20 %" in shown
    form = browser.get(page(version, "components/looks/")).context["form"]
    sent = as_posted(form) | {"name": "Looks at amounts"}
    answer = browser.post(page(version, "components/looks/"), sent)
    assert answer.status_code == 302, answer.context["form"].errors
    version.refresh_from_db()
    kept = component_in(mapping_of(plan_from(version.terms)), "looks")
    assert kept == component_in(mapping_of(plan_from(said)), "looks") | {"name": "Looks at amounts"}


def test_an_amount_of_a_ratio_is_refused_beside_its_field(analyst, signed_in):
    version = draft(PLAN)
    sent = typed(version, name="Own", of="amount", rate="5%", gate=[["ratio", "5000", "", "amount"]])
    answer = signed_in(analyst).post(page(version, "add/?form=flat"), sent)
    assert "“ratio” is a ratio: its levels are the ratio itself" in str(answer.context["form"].errors["gate"])


def test_what_makes_no_sense_of_a_ratio_stands_beside_its_field(analyst, signed_in):
    version, browser = draft(FLAT), signed_in(analyst)
    sent = typed(version, name="Margin", of="margin", per="amount", rate="5%")
    answer = browser.post(page(version, "add/?form=flat"), sent)
    assert answer.status_code == 400
    assert "No rate can be paid on a ratio." in str(answer.context["form"].errors["per"])
    sent = typed(version, name="Margin", of="margin", per="amount", against="amount", points=[["20", "50%"]])
    answer = browser.post(page(version, "add/?form=curve"), sent)
    assert answer.context["form"].errors["points"] == ["“20” would be 2000%. Write 20%."]
    sent |= {"against": "quota", "points-0-0": "20%"}
    answer = browser.post(page(version, "add/?form=curve"), sent)
    assert "A ratio has no quota." in str(answer.context["form"].errors["against"])


def test_another_form_of_pay_drops_what_divides(analyst, signed_in):
    version = draft(PLAN)
    form = signed_in(analyst).get(page(version, "components/ratio/?form=marginal")).context["form"]
    assert "per" not in form.fields


def test_the_builder_draws_pay_by_the_ratio_itself(analyst, signed_in):
    version = draft(PLAN)
    shown = signed_in(analyst).get(page(version)).content.decode().replace("\u202f", " ")
    assert "Gross margin by ratio" in shown and "3 600 EUR from 30 % on" in shown
    assert "quota-ratio" not in shown
    assert "ratios stay as they are (Gross margin 30 %, size 25 000 EUR a deal)" in shown
