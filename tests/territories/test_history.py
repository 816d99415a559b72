"""Who covered which account on which day: the same whatever the order of entry, read by index."""

import datetime as dt
import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from rest_framework.test import APIClient

from core.models import Person
from crm.models import Account, Rep
from territories.models import Assignment, CoverageRole, Placement, Territory, TerritoryModel
from territories.pipeline.assignments import settle
from territories.pipeline.placing import Move, place
from territories.selectors.coverage_history import assigned_on, changes_visible_to
from territories.services.coverage import give_role
from territories.services.roles import standard_roles
from tests.territories.world import BEGIN, a_model_in_force, a_rep, a_territory, an_account, covers

MARCH, MAY, JULY = dt.date(2026, 3, 1), dt.date(2026, 5, 1), dt.date(2026, 7, 1)
FEW = settings(max_examples=10, deadline=None)
OFFSETS = st.lists(st.integers(0, 300), min_size=1, max_size=6, unique=True)


def day(offset: int) -> dt.date:
    return BEGIN + dt.timedelta(days=offset)


def on_each_day(account: Account, role: CoverageRole) -> list[str | None]:
    """The code of the rep on each of 320 days; fails where there are two."""
    rows = list(Assignment.objects.filter(account=account, role=role).select_related("rep"))
    found: list[str | None] = []
    for offset in range(320):
        here = [r.rep.code for r in rows if r.days.lower <= day(offset) < (r.days.upper or dt.date.max)]
        assert len(here) <= 1
        found.append(here[0] if here else None)
    return found


class Replays(TestCase):
    """Dated changes, entered in any order."""

    def begin(self) -> None:
        """In each example's transaction: what setUp writes would stay."""
        self.model = a_model_in_force()
        self.territories: list[Territory | None] = [a_territory(self.model, code) for code in "xyz"]
        self.reps = [a_rep(f"rep {code}") for code in "xyz"]
        self.owner = standard_roles()["owner"]

    @FEW
    @given(offsets=OFFSETS, seed=st.integers(0, 99), data=st.data())
    def test_placements_come_to_the_same_history(self, offsets: list[int], seed: int, data: Any) -> None:
        self.begin()
        wanted = {one: data.draw(st.sampled_from([*self.territories, None])) for one in offsets}
        expected = [_at(wanted, offset) for offset in range(320)]
        for number, order in enumerate((sorted(offsets), random.Random(seed).sample(offsets, len(offsets)))):
            account = an_account(f"a{number}-{seed}-{offsets}"[:60])
            for one in order:
                goal = wanted[one]
                place(self.model, [Move(account.pk, goal.pk if goal else None)], day(one))
            assert _placed(self.model, account) == expected

    @FEW
    @given(offsets=OFFSETS, seed=st.integers(0, 99), data=st.data())
    def test_reps_come_to_the_same_history_and_every_account_has_one_owner(
        self, offsets: list[int], seed: int, data: Any
    ) -> None:
        self.begin()
        wanted: dict[int, Rep] = {one: data.draw(st.sampled_from(self.reps)) for one in offsets}
        expected = [code.code if (code := _at(wanted, offset)) else None for offset in range(320)]
        for number, order in enumerate((sorted(offsets), random.Random(seed).sample(offsets, len(offsets)))):
            name = f"t{number}-{seed}-{offsets}"[:60]
            territory, account = a_territory(self.model, name), an_account(name)
            place(self.model, [Move(account.pk, territory.pk)], BEGIN)
            for one in order:
                give_role(
                    actor=None,
                    territory=territory,
                    role=self.owner,
                    rep=wanted[one],
                    first=day(one),
                    reason="As it was",
                )
            assert on_each_day(account, self.owner) == expected

    @FEW
    @given(offsets=OFFSETS, data=st.data())
    def test_settling_a_part_is_settling_everything_and_twice_is_once(
        self, offsets: list[int], data: Any
    ) -> None:
        self.begin()
        account = an_account(f"p{offsets}"[:60])
        for territory, rep in zip(self.territories, self.reps, strict=True):
            assert territory is not None
            if not territory.reps.exists():
                covers(rep, territory, day(data.draw(st.integers(0, 50))))
        for one in offsets:
            goal = data.draw(st.sampled_from(self.territories))
            place(self.model, [Move(account.pk, goal.pk)], day(one))
        settle(accounts=[account.pk])
        part = list(Assignment.objects.filter(account=account).values_list("rep", "days"))
        settle()
        assert list(Assignment.objects.filter(account=account).values_list("rep", "days")) == part
        assert settle() == 0


def _at(wanted: dict[int, Any], offset: int) -> Any:
    """What a step function that changes on some days is on a day."""
    before = [one for one in wanted if one <= offset]
    return wanted[max(before)] if before else None


def _placed(model: TerritoryModel, account: Account) -> list[Territory | None]:
    rows = list(Placement.objects.filter(model=model, account=account).select_related("territory"))
    found: list[Territory | None] = []
    for offset in range(320):
        here = [r.territory for r in rows if r.days.lower <= day(offset) < (r.days.upper or dt.date.max)]
        assert len(here) <= 1
        found.append(here[0] if here else None)
    return found


@pytest.fixture
def moved(db: None) -> Account:
    """An account of north until May, then of south; north's rep changes in March."""
    model, account = a_model_in_force(), an_account("a", name="Acme")
    north, south = a_territory(model, "north"), a_territory(model, "south")
    covers(a_rep("ann"), north, BEGIN, MARCH)
    covers(a_rep("bob"), north, MARCH)
    covers(a_rep("cid"), south)
    place(model, [Move(account.pk, north.pk)], BEGIN)
    place(model, [Move(account.pk, south.pk)], MAY)
    place(model, [Move(account.pk, None)], JULY)
    settle()
    return account


def test_who_owned_an_account_on_a_day(moved: Account) -> None:
    owners = [
        (one.rep.code if (one := next(iter(assigned_on(None, moved, on)), None)) else None) for on in DAYS
    ]
    assert owners == [None, "ann", "bob", "cid", None]


DAYS = [BEGIN - dt.timedelta(days=1), BEGIN, MARCH, MAY, JULY]


def test_what_changed_hands_on_which_day(moved: Account) -> None:
    rows = changes_visible_to(None).order_by("day")
    told = [(row.day, row.old_rep and row.old_rep.code, row.new_rep and row.new_rep.code) for row in rows]
    assert told == [
        (BEGIN, None, "ann"),
        (MARCH, "ann", "bob"),
        (MAY, "bob", "cid"),
        (JULY, "cid", None),
    ]


def test_the_page_answers_for_the_day_that_is_asked(
    moved: Account, manager: Person, signed_in: Callable[[Person], Client]
) -> None:
    client, url = signed_in(manager), f"/territories/coverage/accounts/{moved.pk}/"
    assert "Bob" not in client.get(url).content.decode()
    answer = client.get(url, {"day": "2026-04-01"})
    assert [one.rep.code for one in answer.context["on_day"]] == ["bob"]
    (line,) = answer.context["lines"]
    assert [band.label for band in line.bands] == ["ann", "bob", "cid"]
    assert [band.begin for band in line.bands] == sorted(band.begin for band in line.bands)
    assert client.get(url, {"day": "nonsense"}).status_code == 200


def test_the_page_of_a_rep_shows_what_came_and_went(
    moved: Account, manager: Person, signed_in: Callable[[Person], Client]
) -> None:
    bob = Rep.objects.get(code="bob")
    text = signed_in(manager).get(f"/territories/coverage/reps/{bob.pk}/").content.decode()
    assert "Gained" in text
    assert "Lost" in text


def test_changes_are_listed_by_the_days_that_are_asked(
    moved: Account, manager: Person, signed_in: Callable[[Person], Client]
) -> None:
    client = signed_in(manager)
    asked = client.get("/territories/coverage/changes/", {"since": "2026-03-01", "until": "2026-05-31"})
    assert asked.context["table"]["count"] == 2
    this_month = client.get("/territories/coverage/changes/")
    assert this_month.status_code == 200
    assert "Nothing changed hands" in this_month.content.decode()


def test_the_api_answers_for_account_and_day(
    moved: Account, manager: Person, api: Callable[[Person], APIClient]
) -> None:
    client = api(manager)
    answer = client.get("/api/v1/account-coverage/", {"account": "a", "day": "2026-04-01"}).json()
    assert [(one["role"], one["rep"], one["last"]) for one in answer["assignments"]] == [
        ("owner", "bob", "2026-04-30")
    ]
    assert client.get("/api/v1/account-coverage/", {"account": "nobody"}).status_code == 404
    assert client.get("/api/v1/account-coverage/").status_code == 400
    changes = client.get("/api/v1/coverage-changes/", {"rep": "bob"}).json()["results"]
    assert [(one["old_rep"], one["new_rep"]) for one in changes] == [("ann", "bob"), ("bob", "cid")]


def test_a_sales_rep_sees_the_coverage_of_the_own_accounts_only(
    db: None, sales_rep: Person, api: Callable[[Person], APIClient], signed_in: Callable[[Person], Client]
) -> None:
    model, mine, foreign = a_model_in_force(), an_account("mine"), an_account("foreign")
    north, south = a_territory(model, "north"), a_territory(model, "south")
    covers(a_rep("ann", person=sales_rep), north)
    covers(a_rep("bob"), south)
    place(model, [Move(mine.pk, north.pk), Move(foreign.pk, south.pk)], BEGIN)
    settle()
    client = api(sales_rep)
    assert client.get("/api/v1/account-coverage/", {"account": "mine"}).status_code == 200
    assert client.get("/api/v1/account-coverage/", {"account": "foreign"}).status_code == 404
    assert [one["account"] for one in client.get("/api/v1/coverage-changes/").json()["results"]] == ["mine"]
    page = signed_in(sales_rep).get(f"/territories/coverage/accounts/{foreign.pk}/")
    assert page.status_code == 404


def test_the_history_of_many_accounts_is_read_by_index(db: None) -> None:
    """50,000 rows: an index answers, in milliseconds, and no table is read through."""
    model, rep, owner = a_model_in_force(), a_rep("ann"), standard_roles()["owner"]
    territory = a_territory(model, "north")
    Account.objects.bulk_create([Account(code=f"a{n}", name=f"a{n}") for n in range(12_500)])
    keys = list(Account.objects.order_by("pk").values_list("pk", flat=True))
    Assignment.objects.bulk_create(
        [
            Assignment(
                account_id=key,
                role=owner,
                rep=rep,
                territory=territory,
                days=DateRange(day(90 * part), day(90 * part + 80)),
            )
            for key in keys
            for part in range(4)
        ],
        batch_size=5000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE territories_assignment")
    asked = Assignment.objects.filter(account=keys[6000], role=owner, days__contains=MARCH).order_by()
    plan = asked.explain()
    assert "Seq Scan" not in plan, plan
    assert "Index" in plan, plan
    began = time.perf_counter()
    for key in keys[:200]:
        assert (
            Assignment.objects.filter(account=key, role=owner, days__contains=MARCH).values_list("rep").get()
        )
    milliseconds = (time.perf_counter() - began) / 200 * 1000
    assert milliseconds < 20, f"{milliseconds:.2f} ms"
