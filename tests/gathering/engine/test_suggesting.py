"""What a file probably is: matched by name, asked where only a person can know."""

import io

import pytest

from gathering.datasets import DATASETS
from gathering.engine.faults import ProfileFault
from gathering.engine.profile_text import parse_profile
from gathering.engine.suggesting import suggest

SALES = DATASETS["sales"]
FOREIGN = (
    "SalesOrderNumber|OrderDate|ProductKey|Region|Quantity|Sales|Colour\n"
    "SO1|03/05/2024|P1|North|2|1,234|red\n"
)


def test_columns_are_matched_by_the_names_that_others_use() -> None:
    found = {column.header: column.field for column in suggest(io.BytesIO(FOREIGN.encode()), SALES).columns}

    assert found == {
        "SalesOrderNumber": "order_number",
        "OrderDate": "day",
        "ProductKey": "product",
        "Region": "market",
        "Quantity": "quantity",
        "Sales": "revenue",
        "Colour": "",
    }


def test_the_suggested_definition_is_a_profile() -> None:
    suggestion = suggest(io.BytesIO(FOREIGN.encode()), SALES)

    profile = parse_profile(suggestion.definition, SALES)

    assert (profile.delimiter, profile.header_row) == ("|", 1)
    assert suggestion.missing == ()


def test_ambiguous_dates_and_commas_are_asked_not_guessed() -> None:
    questions = suggest(io.BytesIO(FOREIGN.encode()), SALES).questions

    assert [question.key for question in questions] == ["date_format", "decimal"]
    assert [value for value, _ in questions[0].choices] == ["DMY", "MDY"]


def test_required_fields_without_a_column_are_named() -> None:
    assert suggest(io.BytesIO(b"Date,Qty\n2024-01-05,1\n"), SALES).missing == ("product", "market")


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        ("colums: {}", ["colums: is no key here"]),
        ("decimal: x\nquote: y\nheader_row: -1", ["header_row", "quote", "decimal"]),
        ("columns: {day: {format: DMY}}", ["columns.day.column: name their column, or give a constant"]),
        ("columns: {day: {column: D, format: soon}}", ["columns.day.format: “soon” is no date format"]),
        (
            "columns: {quantity: {column: Q, factor: many}}",
            ["columns.quantity.factor: “many” is not a number"],
        ),
        ("header_row: 0", ["header: header_row 0 means the file has no header"]),
        ("keep: [{column: A}]", ["keep[1].column: a filter needs a column"]),
        ("joins: [{on: A}]", ["joins[1].on: a join needs"]),
        ("duplicates: maybe", ["duplicates: “maybe” is not possible"]),
        ("a: [", ["line 1: this is not YAML"]),
        ("just a text", ["The profile must be a list"]),
    ],
)
def test_every_mistake_of_a_profile_is_told_with_its_key(text: str, mistakes: list[str]) -> None:
    with pytest.raises(ProfileFault) as fault:
        parse_profile(text, SALES)

    assert len(fault.value.mistakes) == len(mistakes)
    for found, expected in zip(sorted(fault.value.mistakes), sorted(mistakes), strict=True):
        assert found.startswith(expected)


def test_texts_in_yaml_stay_texts() -> None:
    profile = parse_profile("columns: {kind: {column: K, values: {NO: sale, 007: return}}}", SALES)

    assert profile.rules[0].values == (("NO", "sale"), ("007", "return"))
