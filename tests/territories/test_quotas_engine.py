"""Quotas as arithmetic: everything adds up, bounds are kept, order does not matter, days are counted."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.engine.months import months_from
from territories.engine.quotas.bounds import Bound, BoundsDoNotFit, bounded_split
from territories.engine.quotas.cascade import Node, NoFit, Rules, allocate, given_down, hedge_of, season
from territories.engine.quotas.days import Term, by_days, days_in, ramp_percent
from territories.engine.quotas.moving import moved_months
from territories.engine.quotas.pace import amount_between, pace_on, quarters
from territories.engine.quotas.seasons import over_months, season_of_history
from territories.engine.quotas.shares import blend
from territories.engine.quotas.wholes import grid, split

JANUARY = dt.date(2027, 1, 1)
YEAR = months_from(JANUARY, 12)
CENTS = st.integers(0, 10**9).map(lambda cents: Decimal(cents) / 100)
WEIGHTS = st.dictionaries(st.integers(1, 60), st.integers(0, 10**6), min_size=1, max_size=12)
STEPS = st.sampled_from([Decimal("0.01"), Decimal(1), Decimal(100)])


def rules(**values: object) -> Rules:
    weights = {"history": Decimal(100)}
    return Rules(**({"weights": weights, "step": Decimal(1), "from_month": JANUARY} | values))


def months_of(amount: int) -> dict[dt.date, Decimal]:
    return over_months(Decimal(amount), YEAR, [Fraction(1)] * 12, Decimal(1))


@given(CENTS, WEIGHTS, STEPS)
def test_parts_add_up_to_the_total(total: Decimal, weights: dict[int, int], step: Decimal) -> None:
    assert sum(split(total, weights, step).values()) == total


@given(CENTS, WEIGHTS, STEPS)
def test_the_order_of_parts_changes_nothing(total: Decimal, weights: dict[int, int], step: Decimal) -> None:
    turned = dict(reversed(list(weights.items())))
    assert split(total, weights, step) == split(total, turned, step)


@given(st.integers(0, 10**6), st.integers(0, 10**4), WEIGHTS)
def test_a_larger_total_takes_one_step_at_most_from_a_part(
    total: int, more: int, weights: dict[int, int]
) -> None:
    before, after = split(Decimal(total), weights), split(Decimal(total + more), weights)
    assert all(after[key] >= before[key] - Decimal("0.01") for key in weights)


def test_thirds_of_a_euro_differ_by_a_cent() -> None:
    assert sorted(split(Decimal(1), {"a": 1, "b": 1, "c": 1}).values()) == [
        Decimal("0.33"),
        Decimal("0.33"),
        Decimal("0.34"),
    ]


@given(WEIGHTS, st.integers(0, 10**8), st.lists(st.integers(0, 100), min_size=12, max_size=12))
def test_a_grid_adds_up_both_ways_and_has_nothing_below_zero(
    weights: dict[int, int], cents: int, shares: list[int]
) -> None:
    total = Decimal(cents) / 100
    rows = split(total, weights)
    columns = split(total, dict(zip(YEAR, shares, strict=True)))
    cells = grid(rows, columns)
    assert {row: sum(line.values()) for row, line in cells.items()} == rows
    assert {month: sum(line[month] for line in cells.values()) for month in YEAR} == columns
    assert min(amount for line in cells.values() for amount in line.values()) >= 0


def test_a_blend_weighs_the_methods_by_hand() -> None:
    children = {
        "a": {"history": Decimal(300), "potential": Decimal(10)},
        "b": {"history": Decimal(100), "potential": Decimal(30)},
    }
    mixed = blend(children, {"history": Decimal(60), "potential": Decimal(40)})
    assert mixed.shares == {"a": Fraction(55, 100), "b": Fraction(45, 100)}  # .6*.75+.4*.25


def test_a_method_that_nobody_has_gives_its_weight_to_the_others() -> None:
    children = {"a": {"history": Decimal(3)}, "b": {"history": Decimal(1)}}
    mixed = blend(children, {"history": Decimal(50), "pipeline": Decimal(50)})
    assert mixed.dropped == ("pipeline",)
    assert mixed.shares == {"a": Fraction(3, 4), "b": Fraction(1, 4)}


def test_without_any_value_everybody_gets_the_same() -> None:
    mixed = blend({"a": {}, "b": {}}, {"history": Decimal(50), "pipeline": Decimal(50)})
    assert mixed.shares == {"a": Fraction(1, 2), "b": Fraction(1, 2)}
    assert mixed.dropped == ("history", "pipeline")


BOUNDED = st.dictionaries(
    st.integers(1, 40),
    st.tuples(st.integers(0, 1000), st.integers(0, 500), st.integers(0, 800)),
    min_size=1,
    max_size=9,
)


@settings(max_examples=300)
@given(BOUNDED, st.integers(0, 100), st.integers(0, 100))
def test_bounds_are_kept_and_no_part_falls_by_more_than_a_step_when_the_total_rises(
    children: dict[int, tuple[int, int, int]], place: int, more: int
) -> None:
    shares = {key: Fraction(one[0]) for key, one in children.items()}
    bounds = {key: Bound(Decimal(one[1]), Decimal(one[1] + one[2])) for key, one in children.items()}
    least = sum(one[1] for one in children.values())
    room = sum(one[2] for one in children.values())
    total = Decimal(least + room * place // 100)
    parts = bounded_split(total, shares, bounds, Decimal(1))
    assert sum(parts.values()) == total
    assert all(bounds[key].low <= parts[key] <= bounds[key].high for key in parts)
    higher = min(total + more, Decimal(least + room))
    raised = bounded_split(higher, shares, bounds, Decimal(1))
    assert all(raised[key] >= parts[key] - 1 for key in parts)
    turned = {key: shares[key] for key in reversed(list(shares))}
    assert bounded_split(total, turned, bounds, Decimal(1)) == parts


def test_water_filling_by_hand() -> None:
    shares = {"a": Fraction(1, 2), "b": Fraction(1, 4), "c": Fraction(1, 4)}
    bounds = {"a": Bound(None, Decimal(40)), "b": Bound(), "c": Bound()}
    assert bounded_split(Decimal(100), shares, bounds, Decimal(1)) == {"a": 40, "b": 30, "c": 30}


def test_floors_above_the_total_are_said_in_a_sentence() -> None:
    with pytest.raises(BoundsDoNotFit, match=r"The floors add up to 120.00, more than the 100.00 to give"):
        bounded_split(Decimal(100), {"a": Fraction(1)}, {"a": Bound(Decimal(120))}, Decimal(1))


NODES = st.lists(
    st.tuples(st.integers(0, 10**6), st.lists(st.integers(0, 10**6), max_size=4)), min_size=1, max_size=5
)


@settings(max_examples=150, deadline=None)
@given(NODES, st.integers(0, 10**8), st.lists(st.integers(0, 20), max_size=3), STEPS)
def test_every_level_and_every_month_adds_up(
    shape: list[tuple[int, list[int]]], target: int, hedges: list[int], step: Decimal
) -> None:
    plan = rules(hedges=tuple(Decimal(one) for one in hedges), step=step)
    tree = tuple(
        Node(
            f"t{place}",
            {"history": Decimal(own)},
            children=tuple(
                Node(f"t{place}-{under}", {"history": Decimal(value)}, terms=(owner(f"r{place}-{under}"),))
                for under, value in enumerate(below)
            ),
        )
        for place, (own, below) in enumerate(shape)
    )
    months = season(Decimal(target) / 100, YEAR, [Fraction(place) for place in range(12)], {}, step)
    found = allocate(tree, months, plan)

    def adds_up(children: tuple[Node, ...], parent: dict[dt.date, Decimal], level: int) -> None:
        pool = given_down(parent, hedge_of(plan, level), step, JANUARY)
        for month in YEAR:
            assert sum(found.nodes[child.key].months[month] for child in children) == pool[month]
        for child in children:
            own = found.nodes[child.key].months
            if child.children:
                adds_up(child.children, own, level + 1)
            else:
                below = given_down(own, hedge_of(plan, level + 1), step, JANUARY)
                reps = [found.reps[child.key, term.rep].months for term in child.terms]
                bare = found.uncovered[child.key]
                assert all(sum(rep[m] for rep in reps) + bare[m] == below[m] for m in YEAR)

    adds_up(tree, months, 0)


@settings(max_examples=60, deadline=None)
@given(NODES, st.integers(0, 10**8), STEPS)
def test_the_order_of_territories_changes_nothing_in_a_whole_tree(
    shape: list[tuple[int, list[int]]], target: int, step: Decimal
) -> None:
    def below(place: int, values: list[int]) -> tuple[Node, ...]:
        keys = [f"t{place}-{under}" for under in range(len(values))]
        return tuple(
            Node(key, {"history": Decimal(value)}, terms=(owner(f"r{key}"),))
            for key, value in zip(keys, values, strict=True)
        )

    tree = tuple(
        Node(f"t{place}", {"history": Decimal(own)}, children=below(place, values))
        for place, (own, values) in enumerate(shape)
    )
    turned = tuple(replace(node, children=node.children[::-1]) for node in tree[::-1])
    months = season(Decimal(target) / 100, YEAR, [Fraction(1)] * 12, {}, step)

    found, other = allocate(tree, months, rules(step=step)), allocate(turned, months, rules(step=step))

    assert found.nodes == other.nodes
    assert found.reps == other.reps


def owner(rep: str, *spans: tuple[dt.date | None, dt.date | None], **values: object) -> Term:
    return Term(rep, spans or ((None, None),), **values)


def test_a_hedge_gives_more_down_than_there_is() -> None:
    tree = (Node("a", {"history": Decimal(1)}), Node("b", {"history": Decimal(1)}))
    found = allocate(tree, months_of(1200), rules(hedges=(Decimal(10),)))
    assert found.nodes["a"].amount + found.nodes["b"].amount == 1320


def test_a_ceiling_hands_what_is_over_to_the_siblings() -> None:
    tree = (
        Node("a", {"history": Decimal(3)}, last_year=Decimal(300)),
        Node("b", {"history": Decimal(1)}, last_year=Decimal(100)),
        Node("new", {"history": Decimal(0)}),
    )
    found = allocate(tree, months_of(600), rules(ceiling=Decimal(10)))
    assert {key: line.amount for key, line in found.nodes.items()} == {"a": 330, "b": 110, "new": 160}
    assert found.nodes["a"].is_held


def test_bounds_that_cannot_be_kept_say_what_would_fit() -> None:
    tree = (Node("a", {"history": Decimal(1)}, last_year=Decimal(1000)),)
    with pytest.raises(NoFit) as refused:
        allocate(tree, months_of(1200), rules(ceiling=Decimal(5)))
    assert refused.value.parent is None
    assert refused.value.fits == 20


def test_past_months_stay_and_the_rest_of_the_year_bears_the_change() -> None:
    past = {month: Decimal(50) for month in YEAR[:6]}
    tree = (
        Node("a", {"history": Decimal(1)}, past=past),
        Node("b", {"history": Decimal(1)}, past={month: Decimal(150) for month in YEAR[:6]}),
    )
    months = season(
        Decimal(2400), YEAR, [Fraction(1)] * 12, {month: Decimal(200) for month in YEAR[:6]}, Decimal(1)
    )
    found = allocate(tree, months, rules(from_month=YEAR[6]))
    assert {month: found.nodes["a"].months[month] for month in YEAR[:6]} == past
    assert found.nodes["a"].amount == found.nodes["b"].amount == 1200
    assert found.nodes["a"].months[YEAR[6]] == 150


def test_a_rep_who_starts_on_the_sixteenth_of_april_gets_half_of_april() -> None:
    months = {month: Decimal(300) for month in YEAR}
    first = owner("old", (None, dt.date(2027, 4, 16)))
    second = owner("new", (dt.date(2027, 4, 16), None))
    found = by_days(months, [first, second], ())
    assert found.reps["old"][dt.date(2027, 4, 1)].given == 150
    assert found.reps["new"][dt.date(2027, 4, 1)].given == 150
    assert found.reps["new"][dt.date(2027, 3, 1)].given == 0
    assert not any(found.uncovered.values())


def test_days_without_a_rep_are_uncovered() -> None:
    months = {JANUARY: Decimal(310)}
    found = by_days(months, [owner("r", (dt.date(2027, 1, 11), None))], ())
    assert found.uncovered[JANUARY] == 100
    assert found.reps["r"][JANUARY].given == 210


def test_leave_takes_its_days_off() -> None:
    away = ((dt.date(2027, 1, 1), dt.date(2027, 2, 15)),)
    found = by_days({JANUARY: Decimal(310), YEAR[1]: Decimal(280)}, [owner("r", away=away)], ())
    assert found.reps["r"][JANUARY].given == 0
    assert found.reps["r"][YEAR[1]].leave == 140  # 14 of 28 days


def test_a_ramp_counts_months_from_the_start() -> None:
    started = dt.date(2027, 2, 20)
    assert [ramp_percent(started, month, (0, 50, 75)) for month in YEAR[1:5]] == [0, 50, 75, 100]
    assert ramp_percent(None, JANUARY, (0, 50)) == 100


def test_what_the_ramp_relieves_is_taken_over_by_the_others_where_asked() -> None:
    tree = (
        Node("a", {"history": Decimal(1)}, terms=(owner("new", started=JANUARY),)),
        Node("b", {"history": Decimal(1)}, terms=(owner("old"),)),
    )
    plain = allocate(tree, months_of(2400), rules(ramp=(50, 50)))
    assert plain.reps["a", "new"].ramp == 100
    assert plain.reps["a", "new"].amount == 1100
    spread = allocate(tree, months_of(2400), rules(ramp=(50, 50), spread_relief=True))
    assert spread.reps["b", "old"].amount == 1300
    assert sum(line.amount for line in spread.reps.values()) == 2400


def test_days_in_a_month_count_the_first_and_not_the_end() -> None:
    assert days_in(JANUARY, ((dt.date(2027, 1, 1), dt.date(2027, 1, 2)),)) == 1
    assert days_in(JANUARY, ((None, None), (JANUARY, None))) == 31


def test_the_season_is_the_mean_of_the_same_months() -> None:
    history = {dt.date(2025, 1, 1): Decimal(100), dt.date(2026, 1, 1): Decimal(300)}
    weights = season_of_history(history | {dt.date(2026, 2, 1): Decimal(100)}, YEAR)
    assert weights[:3] == [200, 100, 0]
    assert season_of_history({}, YEAR) == [1] * 12


def weekdays(month: dt.date) -> list[dt.date]:
    days = [month + dt.timedelta(days=place) for place in range(31)]
    return [day for day in days if day.month == month.month and day.weekday() < 5]


def test_pace_by_working_days() -> None:
    months = {month: Decimal(2100) for month in YEAR}  # January 2027 has 21 weekdays
    found = pace_on(dt.date(2027, 1, 15), months, weekdays)
    assert found.week == 500
    assert found.month_due == 1100  # 11 weekdays up to the 15th
    assert found.quarter == 6300
    assert found.year == 25200
    assert [amount for _, amount in quarters(months)] == [6300] * 4


def test_the_whole_year_by_days_is_the_year() -> None:
    months = months_of(100_001)
    assert amount_between(months, JANUARY, dt.date(2027, 12, 31), weekdays) == 100_001


def test_an_account_that_moves_on_the_eleventh_takes_the_days_left() -> None:
    months = {month: Decimal(3100) for month in YEAR}
    found = moved_months(months, Fraction(1, 10), dt.date(2027, 1, 11))
    assert found[JANUARY] == 210  # 21 of 31 days
    assert found[YEAR[1]] == 310
    assert moved_months(months, Fraction(1, 10), dt.date(2027, 3, 1)).keys() == set(YEAR[2:])
