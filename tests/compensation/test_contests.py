"""Contests and SPIFs: rankings as they stand, seen by those who take part."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from compensation.engine.contests import rounds
from compensation.engine.plan import Component, Form, Period
from compensation.models import PlanVersion
from compensation.pipeline.contests import board_of, contest_visible_to, contests_visible_to
from core.models import Person
from crm.models import Rep
from tests.compensation.company import RACE, credit, plan_of, rep_on

pytestmark = pytest.mark.django_db
SignedIn = Callable[[Person], Client]
Api = Callable[[Person], APIClient]
TODAY = dt.date(2026, 2, 20)
BASE = {"code": "own", "name": "Own bookings", "form": "flat", "measure": {"of": "bookings"}, "rate": "5%"}
SPIF = {
    "code": "spif",
    "name": "February spif",
    "form": "flat",
    "measure": {"of": "bookings"},
    "rate": "10%",
    "starts": "2026-02-01",
    "ends": "2026-02-28",
    "budget": 400,
}


def plan_with(*components: dict[str, Any], code: str = "ae") -> PlanVersion:
    return plan_of({"plan": "AE", "currency": "EUR", "components": [BASE, *components]}, code=code)


def day(month: int, number: int = 10) -> dt.date:
    return dt.date(2026, month, number)


@pytest.fixture
def race(sales_rep: Person) -> PlanVersion:
    """Ann sold 300, Bob 900, Cid 600, Dan nothing in the first quarter."""
    version = plan_with(RACE, SPIF)
    reps = {name: rep_on(version, name) for name in ("ann", "bob", "cid", "dan")}
    Rep.objects.filter(pk=reps["ann"].pk).update(person=sales_rep)
    for name, amount, when in (
        ("ann", 300, day(2)),
        ("bob", 500, day(1)),
        ("bob", 400, day(2)),
        ("cid", 600, day(3)),
        ("dan", 5000, day(4)),
    ):
        credit(reps[name], amount, when)
    return version


def board(race: PlanVersion, code: str, last: dt.date) -> Any:
    found = contest_visible_to(None, race.pk, code, last.isoformat(), TODAY)
    assert found is not None
    return board_of(found)


def test_a_quarterly_contest_has_four_rounds_within_its_days() -> None:
    quarterly = Component("c", "C", Form.CONTEST, period=Period.QUARTER, over=Period.QUARTER)
    found = rounds(quarterly, day(1, 1))
    assert [(one.first, one.last) for one in found][:2] == [
        (day(1, 1), day(3, 31)),
        (day(4, 1), day(6, 30)),
    ]
    dated = Component(
        "c",
        "C",
        Form.CONTEST,
        period=Period.QUARTER,
        over=Period.QUARTER,
        starts="2026-02-15",
        ends="2026-04-20",
    )
    assert [(one.first, one.last) for one in rounds(dated, day(1, 1))] == [
        (day(2, 15), day(3, 31)),
        (day(4, 1), day(4, 20)),
    ]


def test_a_spif_has_one_round() -> None:
    spif = Component("c", "C", Form.FLAT, starts="2025-12-01", ends="2026-02-28")
    assert [(one.first, one.last) for one in rounds(spif, day(1, 1))] == [(day(1, 1), day(2, 28))]
    assert rounds(Component("c", "C", Form.FLAT, starts="2027-01-01"), day(1, 1)) == []


def test_the_ranking_says_how_much_is_missing_to_the_next_prize(race: PlanVersion) -> None:
    rows = board(race, "race", day(3, 31)).rows
    assert [(row.rep.code, row.rank, row.amount, row.prize, row.gap) for row in rows] == [
        ("bob", 1, 900, 1000, None),
        ("cid", 2, 600, 500, 300),
        ("ann", 3, 300, None, 300),
        ("dan", 0, 0, None, None),
    ]


def test_a_spif_ranks_what_counts_in_its_days_and_says_what_is_used(race: PlanVersion) -> None:
    found = board(race, "spif", day(2, 28))
    assert [(row.rep.code, row.amount) for row in found.rows if row.rank] == [("bob", 400), ("ann", 300)]
    assert found.used == Decimal("70.00")


def test_equal_amounts_share_a_rank(race: PlanVersion) -> None:
    credit(Rep.objects.get(code="ann"), 300, day(1))
    ranks = {row.rep.code: row.rank for row in board(race, "race", day(3, 31)).rows}
    assert ranks == {"bob": 1, "ann": 2, "cid": 2, "dan": 0}


def test_a_gate_that_is_not_reached_gives_no_place() -> None:
    gated = RACE | {"gate": {"component": "goal", "at_least": "100%"}}
    goal = BASE | {"code": "goal", "form": "marginal", "against": "quota", "over": "year"}
    goal = {key: value for key, value in goal.items() if key != "rate"} | {
        "tiers": [{"from": 0, "rate": "1%"}]
    }
    version = plan_with(goal, gated)
    ann, bob = rep_on(version, "ann", quota=100_000), rep_on(version, "bob", quota=500)
    credit(ann, 900, day(1))
    credit(bob, 600, day(1))
    rows = board(version, "race", day(3, 31)).rows
    assert [(row.rep.code, row.rank) for row in rows] == [("bob", 1), ("ann", 0)]


# --- who sees it ----------------------------------------------------------------------------------


def test_those_who_take_part_see_it_and_others_do_not(
    race: PlanVersion, sales_rep: Person, sales_manager: Person, manager: Person, coordinator: Person
) -> None:
    other = plan_with(RACE, code="se")
    rep_on(other, "sue", person=sales_manager)

    def plans(person: Person) -> set[str]:
        return {one.version.plan.code for one in contests_visible_to(person, TODAY)}

    assert plans(sales_rep) == {"ae"}
    assert plans(sales_manager) == {"se"}
    assert plans(manager) == {"ae", "se"}
    assert plans(coordinator) == set()
    Rep.objects.filter(code="bob").update(manager=Rep.objects.get(code="sue"))
    assert plans(sales_manager) == {"ae", "se"}


def test_the_pages_show_ranks_and_prizes_but_no_pay(
    race: PlanVersion, sales_rep: Person, coordinator: Person, signed_in: SignedIn, monkeypatch: Any
) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    rep = signed_in(sales_rep)
    assert "Spring race" in rep.get("/pay/contests/").text
    url = f"/pay/contests/{race.pk}/race/2026-03-31/"
    page = rep.get(url)
    assert "Ann (you)" in page.text
    assert "Days left" in page.text
    assert "500.00" in page.text
    spif = rep.get(f"/pay/contests/{race.pk}/spif/2026-02-28/").text
    assert "Budget used" in spif
    assert "30.00" not in spif  # what Ann earns by it
    assert b"Bob" in rep.get(f"{url}?export=csv").getvalue()
    stranger = signed_in(coordinator)
    assert "No contests yet" in stranger.get("/pay/contests/").text
    assert stranger.get(url).status_code == 404
    assert rep.get(f"/pay/contests/{race.pk}/race/2026-03-32/").status_code == 404


def test_contests_by_api(
    race: PlanVersion, sales_rep: Person, coordinator: Person, api: Api, monkeypatch: Any
) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    rows = api(sales_rep).get("/api/v1/contests/").json()
    assert {(row["code"], row["state"]) for row in rows if row["first"] < "2026-03-01"} == {
        ("race", "running"),
        ("spif", "running"),
    }
    one = f"/api/v1/contests/{race.pk}/spif/2026-02-28/"
    body = api(sales_rep).get(one).json()
    assert (body["rows"][0]["rep"], body["budget_used"]) == ("bob", "70.0000")
    assert api(coordinator).get(one).status_code == 404
    assert api(coordinator).get("/api/v1/contests/").json() == []
