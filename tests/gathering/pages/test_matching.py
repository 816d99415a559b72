"""The form that matches a file's columns with ours."""

import yaml

from gathering.datasets import DATASETS
from gathering.engine.profile_text import parse_profile
from gathering.engine.suggesting import Column, Question, Suggestion
from gathering.forms.matching import MatchForm

STOCK = DATASETS["stock"]
SUGGESTION = Suggestion(
    definition="delimiter: ';'\ncolumns:\n  product: Artikel\n",
    columns=(
        Column("Artikel", ("A-1", "A-2"), "product"),
        Column("Datum", ("03/04/2026", "05/04/2026"), "day"),
        Column("Menge", ("12", "1.000")),
    ),
    questions=(
        Question("date_format", "Is 03/04 the third of April?", (("DMY", "3 April"), ("MDY", "March 4"))),
    ),
)


def matched(**typed: str) -> MatchForm:
    data = {
        "column_product": "Artikel",
        "column_day": "Datum",
        "column_quantity": "Menge",
        "constant_site": "PLANT-1",
        "answer_0": "DMY",
    }
    return MatchForm(data | typed, dataset=STOCK, suggestion=SUGGESTION)


def test_columns_with_usual_names_are_chosen_already() -> None:
    form = MatchForm(dataset=STOCK, suggestion=SUGGESTION)

    assert form["column_product"].value() == "Artikel"
    assert form["column_quantity"].value() == ""


def test_a_choice_of_column_shows_its_first_values() -> None:
    html = str(MatchForm(dataset=STOCK, suggestion=SUGGESTION)["column_product"])

    assert "Menge (12, 1.000)" in html


def test_what_was_confirmed_becomes_a_profile_that_can_be_read() -> None:
    form = matched()
    assert form.is_valid(), form.errors

    profile = parse_profile(form.definition(), STOCK)

    rules = {rule.field: rule for rule in profile.rules}
    assert profile.delimiter == ";"
    assert rules["quantity"].columns == ("Menge",)
    assert rules["site"].constant == "PLANT-1"
    assert "%d/%m/%Y" in profile.date_formats


def test_a_column_that_the_person_took_away_is_not_in_the_profile() -> None:
    form = matched(column_value="Menge")
    assert form.is_valid()
    assert yaml.safe_load(form.definition())["columns"]["value"] == "Menge"

    form = matched(column_value="")
    assert form.is_valid()
    assert "value" not in yaml.safe_load(form.definition())["columns"]


def test_a_needed_field_without_column_or_value_is_refused_beside_it() -> None:
    form = matched(constant_site="")

    assert not form.is_valid()
    assert "Every row needs this" in form.errors["column_site"][0]


def test_a_column_and_a_value_for_the_same_field_are_refused() -> None:
    form = matched(column_site="Artikel")

    assert "not both" in form.errors["constant_site"][0]


def test_an_unanswered_question_is_refused() -> None:
    assert "answer_0" in matched(answer_0="").errors
