"""Teams: one a day for each rep, put together by those who may."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from core.errors import Conflict, Denied, Invalid
from core.models import Person
from crm.models import Team, TeamMembership
from crm.selectors.teams import members_of, memberships_visible_to, team_on
from crm.services.teams import change_team, create_team, end_membership, put_into_team
from tests.crm.selling import Selling, make_selling

In = Callable[[Person], Client]
Api = Callable[[Person], APIClient]
JAN, MAY, JUNE, JULY = (dt.date(2026, month, 1) for month in (1, 5, 6, 7))


@pytest.fixture
def selling(sales_rep: Person, sales_manager: Person) -> Selling:
    return make_selling(sales_rep, sales_manager)


@pytest.fixture
def north(selling: Selling) -> Team:
    return Team.objects.create(code="NORTH", name="North", leader=selling.sam)


@pytest.fixture
def south(selling: Selling) -> Team:
    return Team.objects.create(code="SOUTH", name="South")


def test_a_newer_team_ends_the_one_before_on_the_day_before(
    selling: Selling, north: Team, south: Team, coordinator: Person
) -> None:
    put_into_team(actor=coordinator, team=north, rep=selling.rita, first=JAN)
    put_into_team(actor=coordinator, team=south, rep=selling.rita, first=JUNE)

    assert team_on(selling.rita, MAY) == north
    assert team_on(selling.rita, JUNE) == south
    assert list(members_of(north, MAY)) == [selling.rita]
    assert not members_of(north, JULY).exists()
    assert TeamMembership.objects.get(team=north).revision == 2


def test_a_membership_to_come_is_in_the_way_and_days_do_not_run_backwards(
    selling: Selling, north: Team, south: Team, coordinator: Person
) -> None:
    put_into_team(actor=coordinator, team=north, rep=selling.rita, first=JUNE)

    with pytest.raises(Invalid, match="End that membership first"):
        put_into_team(actor=coordinator, team=south, rep=selling.rita, first=JAN)
    with pytest.raises(Invalid, match="last day is before the first"):
        put_into_team(actor=coordinator, team=south, rep=selling.otto, first=JUNE, last=JAN)

    put_into_team(actor=coordinator, team=south, rep=selling.rita, first=JAN, last=dt.date(2026, 5, 31))
    assert team_on(selling.rita, MAY) == south


def test_the_database_itself_allows_one_team_a_day(selling: Selling, north: Team, south: Team) -> None:
    days = DateRange(JAN, None)
    TeamMembership.objects.create(team=north, rep=selling.rita, days=days)

    with pytest.raises(IntegrityError, match="one_team_a_day"), transaction.atomic():
        TeamMembership.objects.create(team=south, rep=selling.rita, days=days)


def test_a_membership_ends_with_a_day_unless_somebody_was_faster(
    selling: Selling, north: Team, coordinator: Person
) -> None:
    row = put_into_team(actor=coordinator, team=north, rep=selling.rita, first=JAN)

    ended = end_membership(actor=coordinator, row=row, revision=1, last=MAY)

    assert ended.days.upper == MAY + dt.timedelta(days=1)
    with pytest.raises(Conflict):
        end_membership(actor=coordinator, row=row, revision=1, last=JUNE)
    with pytest.raises(Invalid, match="last day is before the first"):
        end_membership(actor=coordinator, row=ended, revision=2, last=dt.date(2025, 1, 1))


def test_a_sales_manager_forms_teams_of_the_own_people_only(
    selling: Selling, north: Team, sales_manager: Person
) -> None:
    row = put_into_team(actor=sales_manager, team=north, rep=selling.rita, first=JAN)
    foreign = TeamMembership.objects.create(team=north, rep=selling.otto, days=DateRange(JAN, None))

    for refused in (
        lambda: put_into_team(actor=sales_manager, team=north, rep=selling.otto, first=JULY),
        lambda: end_membership(actor=sales_manager, row=foreign, revision=1, last=MAY),
        lambda: create_team(actor=sales_manager, values={"code": "X", "name": "X", "leader": selling.otto}),
        lambda: change_team(actor=sales_manager, row=north, revision=1, changes={"leader": selling.otto}),
    ):
        with pytest.raises(Denied, match="outside of your scope"):
            refused()
    assert list(memberships_visible_to(sales_manager)) == [row]


def test_a_rep_and_an_analyst_form_no_teams(
    selling: Selling, north: Team, sales_rep: Person, analyst: Person
) -> None:
    row = TeamMembership.objects.create(team=north, rep=selling.rita, days=DateRange(JAN, None))
    for person in (sales_rep, analyst):
        for refused in (
            lambda who=person: create_team(actor=who, values={"code": "X", "name": "X"}),
            lambda who=person: change_team(actor=who, row=north, revision=1, changes={"name": "X"}),
            lambda who=person: put_into_team(actor=who, team=north, rep=selling.rita, first=JULY),
            lambda who=person: end_membership(actor=who, row=row, revision=1, last=MAY),
        ):
            with pytest.raises(Denied, match="may not put reps into teams"):
                refused()


def test_teams_are_formed_on_their_pages(selling: Selling, coordinator: Person, signed_in: In) -> None:
    client = signed_in(coordinator)
    client.post(reverse("crm:team-add"), {"code": "EAST", "name": "East", "is_active": "on"})
    team = Team.objects.get(code="EAST")

    client.post(reverse("crm:team-member-add", args=[team.pk]), {"rep": "RITA", "first": "2026-01-01"})

    page = client.get(reverse("crm:team", args=[team.pk])).content.decode()
    assert "Rita Rep" in page and "Today" in page
    assert ">1<" in client.get(reverse("crm:team-list")).content.decode().replace("\n", "").replace(" ", "")
    member = TeamMembership.objects.get()
    ended = {"last": "2026-05-31", "revision": "1"}
    assert client.post(reverse("crm:team-member-end", args=[member.pk]), ended).status_code == 302
    assert "Over" in client.get(reverse("crm:team", args=[team.pk])).content.decode()
    assert "East" in client.get(reverse("crm:rep", args=[selling.rita.pk])).content.decode()
    edited = {"code": "EAST", "name": "Far east", "is_active": "on", "revision": "1"}
    assert client.post(reverse("crm:team-edit", args=[team.pk]), edited).status_code == 302
    assert client.get(reverse("crm:team-edit", args=[team.pk])).status_code == 200


def test_teams_are_formed_by_the_api(selling: Selling, coordinator: Person, api: Api) -> None:
    client = api(coordinator)
    team = client.post("/api/v1/teams/", {"code": "EAST", "name": "East", "leader": "SAM"}).json()
    put = {"team": "EAST", "rep": "RITA", "first": "2026-01-01"}

    member = client.post("/api/v1/team-members/", put).json()
    missing = client.post("/api/v1/team-members/", {"rep": "RITA"})
    other = client.patch(f"/api/v1/team-members/{member['id']}/", {"rep": "OTTO", "revision": 1})
    ended = client.patch(f"/api/v1/team-members/{member['id']}/", {"last": "2026-05-31", "revision": 1})

    assert (team["leader"], member["first"], member["last"]) == ("SAM", "2026-01-01", None)
    assert (missing.status_code, other.status_code) == (400, 400)
    assert ended.json()["last"] == "2026-05-31"
    assert client.get("/api/v1/team-members/", {"on": "2026-06-01"}).json()["count"] == 0
    named = client.patch(f"/api/v1/teams/{team['id']}/", {"name": "Far east", "revision": 1}).json()
    assert named["name"] == "Far east"
