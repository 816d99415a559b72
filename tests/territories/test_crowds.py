"""Points that would lie on each other on a map stand around their place, each with room of its own."""

import math
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from territories.engine.crowds import APART, WIDEST, offsets

BERLIN, HAMBURG = (13.4, 52.5), (10.0, 53.6)
degrees = st.floats(-60, 60, allow_nan=False)


def test_who_stands_alone_stays_at_the_own_place() -> None:
    assert offsets([BERLIN, HAMBURG]) == [(0, 0), (0, 0)]
    assert offsets([]) == []


def test_accounts_of_one_city_stand_a_symbol_apart_and_other_cities_stay() -> None:
    crowd = [(BERLIN[0] + 0.001 * number, BERLIN[1]) for number in range(40)]

    *found, alone = offsets([*crowd, HAMBURG])

    assert alone == (0, 0)
    assert min(math.dist(one, other) for one, other in combinations(found, 2)) >= APART
    assert max(math.hypot(*one) for one in found) <= APART * math.sqrt(40)


def test_a_city_on_the_border_of_two_cells_is_one_crowd() -> None:
    shown = 10.0  # the grid's cells are 0.12 degrees wide: 0 is a border
    found = offsets([(-0.01, 0.0), (0.01, 0.0), (shown, 0.0)])

    assert found[1] != (0, 0)


def test_accounts_near_a_base_stand_around_its_star_and_others_stay() -> None:
    near, *_, alone = offsets([BERLIN, BERLIN, HAMBURG], [BERLIN])

    assert math.hypot(*near) >= 2  # the star is two symbols wide
    assert alone == (0, 0)


def test_a_large_crowd_stands_closer_rather_than_wider() -> None:
    found = offsets([BERLIN] * 2000)

    assert max(math.hypot(*one) for one in found) <= WIDEST
    assert len(set(found)) == 2000


@given(st.lists(st.tuples(degrees, degrees), max_size=60))
def test_the_same_places_always_stand_the_same_and_no_two_on_each_other(
    places: list[tuple[float, float]],
) -> None:
    found = offsets(places)

    assert found == offsets(places)
    assert all(math.hypot(*one) <= WIDEST for one in found)
    stand = [(*place, *offset) for place, offset in zip(places, found, strict=True)]
    assert len(set(stand)) == len(stand)
