"""Assignments are what placements and territory reps come to, day by day."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.db.backends.postgresql.psycopg_any import DateRange

from core.errors import Refused
from crm.models import Account
from territories.models import Assignment, CoverageRole, ModelState, TerritoryType
from territories.pipeline.assignments import settle
from territories.pipeline.placing import Move, place
from territories.services.roles import standard_roles
from tests.territories.world import (
    BEGIN,
    a_model,
    a_model_in_force,
    a_rep,
    a_territory,
    an_account,
    an_overlay,
    covers,
)

pytestmark = pytest.mark.django_db
MARCH, MAY, JULY = dt.date(2026, 3, 1), dt.date(2026, 5, 1), dt.date(2026, 7, 1)


def owners(account: Account, role: CoverageRole | None = None) -> list[tuple[Any, ...]]:
    role = role or standard_roles()["owner"]
    rows = Assignment.objects.filter(account=account, role=role).order_by("days").select_related("rep")
    return [(row.rep.code, row.days.lower, row.days.upper) for row in rows]


def test_an_account_is_owned_by_the_rep_of_its_territory() -> None:
    model, account = a_model_in_force(), an_account("a")
    north = a_territory(model, "north")
    covers(a_rep("ann"), north)
    place(model, [Move(account.pk, north.pk)], BEGIN)
    assert settle(accounts=[account.pk]) == 1
    assert owners(account) == [("ann", BEGIN, None)]


def test_days_of_the_place_and_of_the_rep_are_intersected() -> None:
    model, account = a_model_in_force(), an_account("a")
    north, south = a_territory(model, "north"), a_territory(model, "south")
    covers(a_rep("ann"), north, BEGIN, MARCH)
    covers(a_rep("bob"), north, MARCH)
    covers(a_rep("cid"), south, JULY)
    place(model, [Move(account.pk, north.pk)], BEGIN)
    place(model, [Move(account.pk, south.pk)], MAY)
    settle()
    assert owners(account) == [("ann", BEGIN, MARCH), ("bob", MARCH, MAY), ("cid", JULY, None)]


def test_adjacent_equal_days_are_one_assignment() -> None:
    model, account, ann = a_model_in_force(), an_account("a"), a_rep("ann")
    north = a_territory(model, "north")
    covers(ann, north, BEGIN, MARCH)
    covers(ann, north, MARCH)
    place(model, [Move(account.pk, north.pk)], BEGIN)
    place(model, [Move(account.pk, north.pk, reason="Confirmed")], MAY)
    settle()
    assert owners(account) == [("ann", BEGIN, None)]


def test_a_model_that_is_planned_assigns_nobody() -> None:
    model, account = a_model(), an_account("a")
    north = a_territory(model, "north")
    covers(a_rep("ann"), north)
    place(model, [Move(account.pk, north.pk)], BEGIN)
    assert settle() == 0


def test_a_model_assigns_on_its_own_days_only_and_the_next_one_follows() -> None:
    old = a_model("fy25", state=ModelState.ARCHIVED, days=DateRange(dt.date(2025, 1, 1), BEGIN))
    new, account = a_model_in_force(), an_account("a")
    before, after = a_territory(old, "before"), a_territory(new, "after")
    covers(a_rep("ann"), before, dt.date(2024, 1, 1))
    covers(a_rep("bob"), after, dt.date(2024, 1, 1))
    place(old, [Move(account.pk, before.pk)], dt.date(2024, 6, 1))
    place(new, [Move(account.pk, after.pk)], dt.date(2024, 6, 1))
    settle()
    assert owners(account) == [("ann", dt.date(2025, 1, 1), BEGIN), ("bob", BEGIN, None)]


def test_an_account_has_the_manager_of_the_nearest_territory_above_that_day() -> None:
    model, account, roles = a_model_in_force(), an_account("a"), standard_roles()
    country = a_territory(model, "country")
    region = a_territory(model, "region", parent=country)
    town = a_territory(model, "town", parent=region)
    covers(a_rep("top"), country, role=roles["manager"])
    covers(a_rep("mid"), region, MARCH, MAY, role=roles["manager"])
    place(model, [Move(account.pk, town.pk)], BEGIN)
    settle()
    expected = [("top", BEGIN, MARCH), ("mid", MARCH, MAY), ("top", MAY, None)]
    assert owners(account, roles["manager"]) == expected


def test_an_overlay_is_given_by_its_territory_or_beside_the_owner() -> None:
    model, account, role = a_model_in_force(), an_account("a"), an_overlay()
    special = a_territory(model, "special", type=TerritoryType.OVERLAY, role=role)
    covers(a_rep("sue"), special, role=role)
    place(model, [Move(account.pk, special.pk, role=role.pk)], BEGIN)
    settle()
    assert owners(account, role) == [("sue", BEGIN, None)]
    assert owners(account) == []


def test_two_territories_that_give_one_overlay_are_refused_in_a_sentence() -> None:
    model, account, role = a_model_in_force(), an_account("a", name="Acme"), an_overlay()
    north = a_territory(model, "north")
    special = a_territory(model, "special", type=TerritoryType.OVERLAY, role=role)
    covers(a_rep("sue"), special, MAY, role=role)
    covers(a_rep("tom"), north, role=role)
    place(model, [Move(account.pk, special.pk, role=role.pk), Move(account.pk, north.pk)], BEGIN)
    with pytest.raises(Refused, match="Acme would have two reps as Specialist from 01 May 2026 on: by north"):
        settle()
    assert not Assignment.objects.exists()


def test_settling_again_writes_nothing() -> None:
    model, account = a_model_in_force(), an_account("a")
    north = a_territory(model, "north")
    covers(a_rep("ann"), north)
    place(model, [Move(account.pk, north.pk)], BEGIN)
    settle()
    kept = list(Assignment.objects.values_list("pk", flat=True))
    assert settle() == 0
    assert list(Assignment.objects.values_list("pk", flat=True)) == kept


def test_only_what_differs_is_written() -> None:
    model, moved, stays = a_model_in_force(), an_account("a"), an_account("b")
    north, south = a_territory(model, "north"), a_territory(model, "south")
    covers(a_rep("ann"), north)
    covers(a_rep("bob"), south)
    place(model, [Move(moved.pk, north.pk), Move(stays.pk, north.pk)], BEGIN)
    settle()
    place(model, [Move(moved.pk, south.pk)], MAY)
    assert settle() == 3  # the open one goes, the closed one and the new one come
    assert owners(moved) == [("ann", BEGIN, MAY), ("bob", MAY, None)]


def test_settling_a_territory_reaches_the_accounts_below_it_and_no_others() -> None:
    model, below, beside = a_model_in_force(), an_account("a"), an_account("b")
    region, other = a_territory(model, "region"), a_territory(model, "other")
    town = a_territory(model, "town", parent=region)
    place(model, [Move(below.pk, town.pk), Move(beside.pk, other.pk)], BEGIN)
    manager = standard_roles()["manager"]
    covers(a_rep("mia"), region, role=manager)
    covers(a_rep("noa"), other, role=manager)
    settle(territories=[region.pk])
    assert owners(below, manager) == [("mia", BEGIN, None)]
    assert owners(beside, manager) == []


def test_accounts_that_left_a_territory_lose_its_rep_when_it_is_settled() -> None:
    model, account = a_model_in_force(), an_account("a")
    north = a_territory(model, "north")
    covers(a_rep("ann"), north)
    place(model, [Move(account.pk, north.pk)], BEGIN)
    settle()
    place(model, [Move(account.pk, None)], BEGIN)
    settle(territories=[north.pk])
    assert owners(account) == []


def test_the_database_refuses_two_reps_in_one_role_on_a_day() -> None:
    model, account, bob = a_model_in_force(), an_account("a"), a_rep("bob")
    north = a_territory(model, "north")
    covers(a_rep("ann"), north)
    place(model, [Move(account.pk, north.pk)], BEGIN)
    settle()
    owner = standard_roles()["owner"]
    with pytest.raises(IntegrityError, match="assignment_one_rep_a_role"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO territories_assignment (account_id, role_id, rep_id, territory_id, share, days) "
            "VALUES (%s, %s, %s, %s, 1, daterange(%s, %s))",
            [account.pk, owner.pk, bob.pk, north.pk, MARCH, MAY],
        )
