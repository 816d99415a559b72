"""Placing accounts into territories by day: what is entered holds until the next change entered already."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection

from core.errors import Invalid
from territories.models import Placement, PlacementEnd, TerritoryModel, TerritoryType
from territories.pipeline.placing import Move, place
from tests.territories.world import BEGIN, a_model, a_model_in_force, a_territory, an_account, an_overlay

pytestmark = pytest.mark.django_db
MARCH, MAY, JULY = dt.date(2026, 3, 1), dt.date(2026, 5, 1), dt.date(2026, 7, 1)
Pieces = list[tuple[str, dt.date, dt.date | None]]


def history(model: TerritoryModel, account: int) -> Pieces:
    rows = Placement.objects.filter(model=model, account=account).order_by("days").select_related("territory")
    return [(row.territory.code, row.days.lower, row.days.upper) for row in rows]


def test_an_account_lies_in_a_territory_from_the_day_on() -> None:
    model, account = a_model(), an_account("a")
    north = a_territory(model, "north")
    assert place(model, [Move(account.pk, north.pk)], BEGIN) == 1
    assert history(model, account.pk) == [("north", BEGIN, None)]


def test_a_later_move_closes_the_one_before_and_leaves_its_days_alone() -> None:
    model, account = a_model(), an_account("a")
    north, south = a_territory(model, "north"), a_territory(model, "south")
    place(model, [Move(account.pk, north.pk)], BEGIN)
    place(model, [Move(account.pk, south.pk)], MAY)
    assert history(model, account.pk) == [("north", BEGIN, MAY), ("south", MAY, None)]


def test_a_move_holds_until_the_change_that_is_entered_for_a_later_day() -> None:
    model, account = a_model(), an_account("a")
    north, south, east = (a_territory(model, code) for code in ("north", "south", "east"))
    place(model, [Move(account.pk, north.pk)], BEGIN)
    place(model, [Move(account.pk, south.pk)], MAY)
    place(model, [Move(account.pk, east.pk)], MARCH)
    assert history(model, account.pk) == [("north", BEGIN, MARCH), ("east", MARCH, MAY), ("south", MAY, None)]


def test_a_move_on_the_same_day_replaces_the_one_before() -> None:
    model, account = a_model(), an_account("a")
    north, south = a_territory(model, "north"), a_territory(model, "south")
    place(model, [Move(account.pk, north.pk)], BEGIN)
    place(model, [Move(account.pk, south.pk)], BEGIN)
    assert history(model, account.pk) == [("south", BEGIN, None)]


def test_the_same_place_again_changes_nothing() -> None:
    model, account = a_model(), an_account("a")
    north = a_territory(model, "north")
    place(model, [Move(account.pk, north.pk)], BEGIN)
    assert place(model, [Move(account.pk, north.pk)], BEGIN) == 0


def test_what_rules_come_to_again_on_a_later_day_changes_nothing() -> None:
    model, account = a_model(), an_account("a")
    north = a_territory(model, "north")
    place(model, [Move(account.pk, north.pk, placed_by="rule")], BEGIN)
    assert place(model, [Move(account.pk, north.pk, placed_by="rule")], MAY) == 0
    assert place(model, [Move(an_account("b").pk, None, placed_by="rule")], MAY) == 0
    assert history(model, account.pk) == [("north", BEGIN, None)]


def test_another_reason_for_the_same_place_holds_from_its_day() -> None:
    model, account = a_model(), an_account("a")
    north = a_territory(model, "north")
    place(model, [Move(account.pk, north.pk, placed_by="rule")], BEGIN)
    assert place(model, [Move(account.pk, north.pk, reason="Asked for by the account")], MAY) == 1
    assert list(Placement.objects.order_by("days").values_list("placed_by", "reason")) == [
        ("rule", ""),
        ("hand", "Asked for by the account"),
    ]


def test_an_account_that_goes_out_lies_nowhere_from_the_day_on() -> None:
    model, account = a_model(), an_account("a")
    north = a_territory(model, "north")
    place(model, [Move(account.pk, north.pk)], BEGIN)
    assert place(model, [Move(account.pk, None)], MAY) == 1
    assert place(model, [Move(account.pk, None)], MAY) == 0
    assert history(model, account.pk) == [("north", BEGIN, MAY)]


def test_a_way_out_that_is_entered_first_ends_what_is_entered_for_a_day_before() -> None:
    model, account = a_model(), an_account("a")
    north = a_territory(model, "north")
    place(model, [Move(account.pk, None)], MAY)
    place(model, [Move(account.pk, north.pk)], BEGIN)
    assert history(model, account.pk) == [("north", BEGIN, MAY)]
    place(model, [Move(account.pk, north.pk, reason="Back")], MAY)
    assert history(model, account.pk) == [("north", BEGIN, MAY), ("north", MAY, None)]
    assert not PlacementEnd.objects.exists()


def test_overlay_territories_do_not_disturb_the_owners_layer() -> None:
    model, account, role = a_model(), an_account("a"), an_overlay()
    north = a_territory(model, "north")
    special = a_territory(model, "special", type=TerritoryType.OVERLAY, role=role)
    place(model, [Move(account.pk, north.pk), Move(account.pk, special.pk, role=role.pk)], BEGIN)
    place(model, [Move(account.pk, None, role=role.pk)], MAY)
    assert sorted(history(model, account.pk)) == [("north", BEGIN, None), ("special", BEGIN, MAY)]


def test_models_do_not_disturb_each_other() -> None:
    now, next_year, account = a_model_in_force(), a_model("fy27"), an_account("a")
    north, other = a_territory(now, "north"), a_territory(next_year, "other")
    place(now, [Move(account.pk, north.pk)], BEGIN)
    place(next_year, [Move(account.pk, other.pk)], BEGIN)
    assert history(now, account.pk) == [("north", BEGIN, None)]
    assert history(next_year, account.pk) == [("other", BEGIN, None)]


def test_a_territory_of_another_model_is_refused_and_nothing_is_written() -> None:
    model, account = a_model(), an_account("a", name="Acme")
    north, foreign = a_territory(model, "north"), a_territory(a_model("fy27"), "foreign")
    with pytest.raises(Invalid, match="Acme cannot lie in foreign"):
        place(model, [Move(an_account("b").pk, north.pk), Move(account.pk, foreign.pk)], BEGIN)
    assert not Placement.objects.exists()


def test_a_territory_of_another_role_is_refused() -> None:
    model, account, role = a_model(), an_account("a"), an_overlay()
    special = a_territory(model, "special", type=TerritoryType.OVERLAY, role=role)
    with pytest.raises(Invalid, match="another model or role"):
        place(model, [Move(account.pk, special.pk)], BEGIN)


def test_an_account_that_is_moved_twice_is_refused() -> None:
    model, account = a_model(), an_account("a")
    north, south = a_territory(model, "north"), a_territory(model, "south")
    with pytest.raises(Invalid, match="moved twice"):
        place(model, [Move(account.pk, north.pk), Move(account.pk, south.pk)], BEGIN)


def test_thousands_of_moves_take_as_many_statements_as_one(django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    model = a_model()
    north, south = a_territory(model, "north"), a_territory(model, "south")
    accounts = [an_account(f"a{number}") for number in range(300)]
    place(model, [Move(account.pk, north.pk) for account in accounts], BEGIN)
    with django_assert_max_num_queries(18):
        assert (
            place(model, [Move(account.pk, south.pk, reason='say "x", y') for account in accounts], MAY)
            == 300
        )
    assert Placement.objects.filter(territory=south, reason='say "x", y').count() == 300


def test_the_database_refuses_two_territories_on_one_day() -> None:
    model, account = a_model(), an_account("a")
    north, south = a_territory(model, "north"), a_territory(model, "south")
    place(model, [Move(account.pk, north.pk)], BEGIN)
    with pytest.raises(IntegrityError, match="placement_one_territory_a_day"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO territories_placement (model_id, account_id, territory_id, days, placed_by, reason) "
            "VALUES (%s, %s, %s, daterange(%s, NULL), 'hand', '')",
            [model.pk, account.pk, south.pk, JULY],
        )
