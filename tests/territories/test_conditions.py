"""Conditions of rules: reading, words, rows of the form, and answers over all accounts at once."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from territories.engine.columns import (
    Accounts,
    NumberColumn,
    PostcodeColumn,
    TagColumn,
    TextColumn,
    answer,
)
from territories.engine.condition_rows import Row, Rows, rows_of, tree_of
from territories.engine.conditions import Unclear, asks_of, in_words, parse

COUNTRIES = ["Germany", "GERMANY ", "France", "germ", ""]
POSTCODES = ["10117", "10117-2345", "9500", "01067", "19999", "20000", "SW1A 1AA", "SW2 5AB", "SW19 4AA", ""]
MARKETS = {"DE": ["DE", "EU"], "FR": ["FR", "EU"], "": []}
EU = ["EU", "DE", "FR", "US"]


def accounts_of(rows: list[dict[str, Any]]) -> Accounts:
    pairs = [(place, tag) for place, row in enumerate(rows) for tag in MARKETS[row["market"]]]
    return Accounts(
        np.arange(len(rows)),
        {
            ("country", 0): TextColumn([row["country"] for row in rows]),
            ("postcode", 0): PostcodeColumn([row["postcode"] for row in rows]),
            ("employees", 0): NumberColumn([row["employees"] for row in rows]),
            ("market", 0): TagColumn([p for p, _ in pairs], [t for _, t in pairs], len(rows)),
        },
    )


def meets(tree: dict[str, Any], rows: list[dict[str, Any]]) -> list[bool]:
    return [bool(one) for one in answer(parse(tree), accounts_of(rows))]


def an_account(**values: Any) -> dict[str, Any]:
    return {"country": "", "postcode": "", "employees": None, "market": ""} | values


# --- the plainest possible evaluation, one account at a time --------------------------------------


def plainly(tree: dict[str, Any], row: dict[str, Any]) -> bool:
    if "all" in tree:
        return all(plainly(part, row) for part in tree["all"])
    if "any" in tree:
        return any(plainly(part, row) for part in tree["any"])
    if "not" in tree:
        return not plainly(tree["not"], row)
    value = tree.get("value", [])
    values = value if isinstance(value, list) else [value]
    op = tree["is"]
    if op in {"is not", "none of"}:
        return not plainly(tree | {"is": "is"}, row)
    if op == "not empty":
        return not plainly(tree | {"is": "empty"}, row)
    return PLAIN[tree["field"]](row, op, values)


def plain_country(row: dict[str, Any], op: str, values: list[str]) -> bool:
    have = row["country"].strip().lower()
    if op == "empty":
        return have == ""
    if op == "starts with":
        return any(have.startswith(value.strip().lower()) for value in values)
    return have in [value.strip().lower() for value in values]


def plain_postcode(row: dict[str, Any], op: str, values: list[str]) -> bool:
    have = row["postcode"].replace(" ", "").replace("-", "")
    short = [value.replace(" ", "").replace("-", "") for value in values]
    if op == "empty":
        return have == ""
    if op == "starts with":
        return any(have.startswith(value) for value in short)
    if op == "between":  # only asked with five digits here
        first = row["postcode"].split("-")[0]
        return first.isdigit() and len(first) == 5 and int(short[0]) <= int(first) <= int(short[1])
    return have in short


def plain_employees(row: dict[str, Any], op: str, values: list[float]) -> bool:
    have = row["employees"]
    if op == "empty":
        return have is None
    if have is None:
        return False
    if op == "between":
        return values[0] <= have <= values[1]
    return {"at least": have >= values[0], "at most": have <= values[0], "is": have == values[0]}[op]


def plain_market(row: dict[str, Any], op: str, values: list[str]) -> bool:
    have = MARKETS[row["market"]]
    return not have if op == "empty" else any(value in have for value in values)


PLAIN = {
    "country": plain_country,
    "postcode": plain_postcode,
    "employees": plain_employees,
    "market": plain_market,
}

rows_of_accounts = st.lists(
    st.fixed_dictionaries(
        {
            "country": st.sampled_from(COUNTRIES),
            "postcode": st.sampled_from(POSTCODES),
            "employees": st.none() | st.integers(0, 20),
            "market": st.sampled_from(list(MARKETS)),
        }
    ),
    min_size=1,
    max_size=12,
)


def a_test(field: str, ops: list[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda op, value: {"field": field, "is": op, "value": value}, st.sampled_from(ops), values
    )


names = st.sampled_from([name for name in COUNTRIES if name])
numbers = st.integers(0, 20)
codes = st.sampled_from([code for code in POSTCODES if code])
single_tests = st.one_of(
    a_test("country", ["is", "is not", "starts with"], names),
    a_test("country", ["one of", "none of"], st.lists(names, min_size=1, max_size=3)),
    st.sampled_from([{"field": field, "is": op} for field in PLAIN for op in ("empty", "not empty")]),
    a_test("postcode", ["is", "starts with"], codes | st.sampled_from(["1", "10", "SW", "SW1"])),
    st.builds(
        lambda ends: {"field": "postcode", "is": "between", "value": [f"{one:05d}" for one in sorted(ends)]},
        st.tuples(st.integers(0, 30000), st.integers(0, 30000)),
    ),
    a_test("employees", ["is", "is not", "at least", "at most"], numbers),
    st.builds(
        lambda ends: {"field": "employees", "is": "between", "value": sorted(ends)},
        st.tuples(numbers, numbers),
    ),
    a_test("market", ["is", "is not"], st.sampled_from(EU)),
    a_test("market", ["one of", "none of"], st.lists(st.sampled_from(EU), min_size=1, max_size=3)),
)
trees = st.recursive(
    single_tests,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=6,
)


def depth(tree: dict[str, Any]) -> int:
    inner = tree.get("all") or tree.get("any") or ([tree["not"]] if "not" in tree else [])
    return 1 + max((depth(part) for part in inner), default=0)


@given(trees.filter(lambda tree: depth(tree) <= 5), rows_of_accounts)
def test_a_condition_over_all_accounts_says_what_it_says_of_each(
    tree: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    assert meets(tree, rows) == [plainly(tree, row) for row in rows]


@given(st.text(max_size=12), st.sampled_from(["", "Germany"]))
def test_any_text_may_stand_in_an_account(text: str, other: str) -> None:
    rows = [an_account(country=text, postcode=text), an_account(country=other)]
    found = meets({"any": [{"field": "country", "is": "is", "value": "Germany"}]}, rows)
    assert found == [" ".join(text.split()).casefold() == "germany", other != ""]


@pytest.mark.parametrize(
    ("low", "high", "inside", "outside"),
    [
        ("10000", "19999", ["10117", "10117-2345", "19999"], ["9500", "20000", "01067", "SW1A 1AA", ""]),
        ("SW1", "SW19", ["SW2 5AB", "SW19 4AA", "SW1 2AA"], ["SW20 1AA", "SE1 1AA", "10117"]),
        ("1000", "9999", ["9500"], ["10117", "01067"]),
    ],
)
def test_postcodes_lie_between_by_runs_of_letters_and_digits(
    low: str, high: str, inside: list[str], outside: list[str]
) -> None:
    tree = {"field": "postcode", "is": "between", "value": [low, high]}
    rows = [an_account(postcode=code) for code in (*inside, *outside)]
    assert meets(tree, rows) == [True] * len(inside) + [False] * len(outside)


@pytest.mark.parametrize(
    ("tree", "sentence"),
    [
        ([], "is no object"),
        ({"field": "colour", "value": "red"}, "names no known field"),
        ({"field": "country", "is": "at least", "value": "A"}, "cannot be asked"),
        ({"field": "country", "is": "is", "value": ""}, "nothing to compare with"),
        ({"field": "country", "is": "is", "value": ["A", "B"]}, "Choose “one of”"),
        ({"field": "employees", "is": "at least", "value": "many"}, "wants a number"),
        ({"field": "employees", "is": "between", "value": [5]}, "wants two values"),
        ({"field": "employees", "is": "between", "value": [9, 5]}, "turn them round"),
        ({"field": "country", "is": "is", "value": "A", "months": 3}, "knows no months"),
        ({"field": "product", "is": "is", "value": "A", "months": 0}, "whole number from 1"),
        ({"all": []}, "at least one condition"),
        ({"all": [{"field": "country", "value": "A"}], "any": []}, "mixes"),
        ({"field": "country", "value": "A", "then": 1}, "unknown name “then”"),
        ({"not": {"not": {"not": {"not": {"not": {"field": "country", "value": "A"}}}}}}, "levels deep"),
        ({"all": [{"field": "country", "value": "A"}] * 201}, "200 are the most"),
        ({"field": "employees", "is": "is", "value": float("nan")}, "wants a number"),
        ({"field": "postcode", "is": "is", "value": "--"}, "letters and digits"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(tree: Any, sentence: str) -> None:
    with pytest.raises(Unclear, match=sentence.replace("(", r"\(")):
        parse(tree)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["all", "any", "not", "field", "is", "value", "x"]), inner, max_size=3
            )
        ),
        max_leaves=8,
    )
)
def test_whatever_is_sent_is_read_or_refused(tree: Any) -> None:
    try:
        found = parse(tree)
    except Unclear as unclear:
        assert str(unclear)
    else:
        assert in_words(found) and isinstance(asks_of(found), list)


def test_an_empty_condition_takes_no_account() -> None:
    assert meets({}, [an_account(country="Germany")]) == [False]
    assert "no condition yet" in in_words(parse({}))


def test_a_condition_is_told_in_words() -> None:
    tree = {
        "all": [
            {"field": "country", "is": "is", "value": "Germany"},
            {
                "any": [
                    {"field": "industry", "is": "one of", "value": ["Retail", "Wholesale"]},
                    {"field": "employees", "is": "at least", "value": 12000},
                ]
            },
            {"field": "product", "is": "is", "value": "P1", "months": 6},
        ]
    }
    assert in_words(parse(tree)) == (
        "country is Germany and (industry is one of Retail, Wholesale or number of employees is at least "
        "12,000) and product bought in the last 6 months is P1"
    )


@given(
    st.lists(
        st.sampled_from(
            [
                Row("country", "is", "Germany"),
                Row("employees", "at least", "500"),
                Row("postcode", "between", "10000 – 19999"),
                Row("market", "empty"),
                Row("product", "one of", "P1, P2", 6),
            ]
        ),
        min_size=1,
        max_size=4,
    ),
    st.lists(st.sampled_from([Row("city", "is", "Graz"), Row("city", "is", "Linz")]), max_size=2),
    st.sampled_from(["all", "any"]),
)
def test_rows_of_the_form_come_back_as_they_were_typed(rows: list[Row], group: list[Row], joint: str) -> None:
    typed = Rows(joint, tuple(rows), "any", tuple(group))
    tree = tree_of(typed)
    parse(tree)
    assert rows_of(tree) == typed


@pytest.mark.parametrize(
    ("row", "value"),
    [
        (Row("postcode", "between", "10000-19999"), ["10000", "19999"]),
        (Row("postcode", "between", "00-001-02-999"), ["00-001", "02-999"]),
        (Row("employees", "between", "12,000 to 20,000"), ["12,000", "20,000"]),
        (Row("industry", "is", "Retail; Wholesale"), ["Retail", "Wholesale"]),
    ],
)
def test_values_are_read_as_people_type_them(row: Row, value: list[str]) -> None:
    tree = tree_of(Rows("all", (row,)))
    assert tree["all"][0]["value"] == value
    parse(tree)


@pytest.mark.parametrize(
    "tree",
    [
        {"not": {"field": "country", "is": "is", "value": "A"}},
        {"all": [{"any": [{"all": [{"field": "city", "is": "is", "value": "A"}]}]}]},
    ],
)
def test_what_rows_cannot_show_stays_text(tree: dict[str, Any]) -> None:
    assert rows_of(tree) is None
