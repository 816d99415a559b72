"""Giving territories their reps, day by day: services, pages and API."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from core.errors import Conflict, Denied, Invalid, Refused
from core.models import Event, Notification, Person
from crm.models import Account
from territories.models import Assignment, ModelState, Territory, TerritoryRep, TerritoryType
from territories.pipeline.placing import Move, place
from territories.selectors.coverage import vacancies
from territories.services.coverage import change_role, end_role, give_role, remove_role
from territories.services.roles import add_overlay_role, change_coverage_role, standard_roles
from tests.territories.world import (
    a_model,
    a_model_in_force,
    a_rep,
    a_territory,
    an_account,
    an_overlay,
    covers,
)

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 22)
BEGIN = dt.date(2026, 1, 1)
NEXT_MONTH, LATER = TODAY + dt.timedelta(days=30), TODAY + dt.timedelta(days=90)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)


@pytest.fixture
def north() -> Territory:
    """A territory of the model in force with one account."""
    model = a_model_in_force()
    made = a_territory(model, "north")
    place(model, [Move(an_account("a").pk, made.pk)], BEGIN)
    return made


def give(actor: Person | None, territory: Territory, rep: Any, first: dt.date, **values: Any) -> TerritoryRep:
    role = values.pop("role", None) or standard_roles()["owner"]
    return give_role(actor=actor, territory=territory, role=role, rep=rep, first=first, **values)


def days_of(territory: Territory) -> list[tuple[Any, ...]]:
    rows = TerritoryRep.objects.filter(territory=territory).order_by("days").select_related("rep")
    return [(row.rep.code, row.days.lower, row.days.upper) for row in rows]


def owners() -> list[tuple[Any, ...]]:
    rows = Assignment.objects.filter(account__code="a").order_by("days").select_related("rep")
    return [(row.rep.code, row.days.lower, row.days.upper) for row in rows]


def test_accounts_follow_the_rep_of_their_territory(manager: Person, north: Territory) -> None:
    give(manager, north, a_rep("ann"), TODAY)
    assert owners() == [("ann", TODAY, None)]


def test_the_next_rep_ends_the_one_before_the_day_before(manager: Person, north: Territory) -> None:
    give(manager, north, a_rep("ann"), TODAY)
    give(manager, north, a_rep("bob"), NEXT_MONTH)
    assert days_of(north) == owners() == [("ann", TODAY, NEXT_MONTH), ("bob", NEXT_MONTH, None)]


def test_what_is_entered_for_a_later_day_stays(manager: Person, north: Territory) -> None:
    give(manager, north, a_rep("ann"), TODAY)
    give(manager, north, a_rep("cid"), LATER)
    give(manager, north, a_rep("bob"), NEXT_MONTH)
    assert owners() == [("ann", TODAY, NEXT_MONTH), ("bob", NEXT_MONTH, LATER), ("cid", LATER, None)]


def test_a_rep_for_some_days_gives_the_territory_back(manager: Person, north: Territory) -> None:
    give(manager, north, a_rep("ann"), TODAY)
    give(manager, north, a_rep("bob"), NEXT_MONTH, last=LATER - DAY)
    assert owners() == [("ann", TODAY, NEXT_MONTH), ("bob", NEXT_MONTH, LATER), ("ann", LATER, None)]


def test_the_same_again_changes_nothing(manager: Person, north: Territory) -> None:
    first = give(manager, north, a_rep("ann"), TODAY)
    again = give(manager, north, first.rep, TODAY)
    assert (again.pk, again.revision, TerritoryRep.objects.count()) == (first.pk, 1, 1)


def test_an_end_leaves_the_role_vacant_until_somebody_comes(manager: Person, north: Territory) -> None:
    row = give(manager, north, a_rep("ann"), TODAY)
    end_role(actor=manager, row=row, revision=row.revision, last=NEXT_MONTH - DAY)
    give(manager, north, a_rep("bob"), LATER)
    assert owners() == [("ann", TODAY, NEXT_MONTH), ("bob", LATER, None)]
    assert [(v.first, v.last) for v in vacancies(None)] == [(BEGIN, TODAY - DAY), (NEXT_MONTH, LATER - DAY)][
        1:
    ]


def test_a_role_cannot_end_after_it_ended(manager: Person, north: Territory) -> None:
    row = give(manager, north, a_rep("ann"), TODAY, last=NEXT_MONTH)
    with pytest.raises(Invalid, match="ends on 22 Dec 2026 already"):
        end_role(actor=manager, row=row, revision=row.revision, last=LATER)


def test_a_change_of_days_never_takes_another_reps_days(manager: Person, north: Territory) -> None:
    row = give(manager, north, a_rep("ann"), TODAY)
    give(manager, north, a_rep("bob"), NEXT_MONTH)
    row.refresh_from_db()
    with pytest.raises(Invalid, match="Another rep has this role"):
        change_role(actor=manager, row=row, revision=row.revision, changes={"last": LATER})


def test_a_share_is_kept_and_reaches_the_accounts(manager: Person, north: Territory) -> None:
    row = give(manager, north, a_rep("ann"), TODAY)
    change_role(actor=manager, row=row, revision=1, changes={"share": Decimal("0.5")})
    assert Assignment.objects.get().share == Decimal("0.5")
    row.refresh_from_db()
    with pytest.raises(Invalid, match="above 0"):
        change_role(actor=manager, row=row, revision=row.revision, changes={"share": Decimal(0)})


def test_somebody_elses_save_is_not_overwritten(manager: Person, north: Territory) -> None:
    row = give(manager, north, a_rep("ann"), TODAY)
    end_role(actor=manager, row=row, revision=1, last=LATER)
    with pytest.raises(Conflict):
        end_role(actor=manager, row=row, revision=1, last=NEXT_MONTH)


def test_days_that_are_over_are_corrected_only_with_a_reason(manager: Person, north: Territory) -> None:
    ann, bob = a_rep("ann"), a_rep("bob")
    give(manager, north, ann, TODAY)
    past = TODAY - 10 * DAY
    with pytest.raises(Invalid, match="Say why"):
        give(manager, north, bob, past)
    give(manager, north, bob, past, last=TODAY - DAY, reason="He worked there already")
    assert owners() == [("bob", past, TODAY), ("ann", TODAY, None)]
    event = Event.objects.filter(verb="rep given a territory").first()
    assert event is not None
    assert event.reason == "He worked there already"


def test_a_shorter_past_is_a_correction_too(manager: Person, north: Territory) -> None:
    row = give(manager, north, a_rep("ann"), BEGIN, reason="As it was")
    with pytest.raises(Invalid, match="Say why"):
        end_role(actor=manager, row=row, revision=1, last=TODAY - 5 * DAY)
    end_role(actor=manager, row=row, revision=1, last=TODAY - 5 * DAY, reason="She left earlier")


def test_a_planned_model_has_no_past(manager: Person) -> None:
    planned = a_territory(a_model("fy27"), "planned")
    assert give(manager, planned, a_rep("ann"), BEGIN).pk
    assert not Assignment.objects.exists()


def test_days_outside_of_the_model_are_refused(manager: Person) -> None:
    ann = a_rep("ann")
    ends = a_territory(a_model("fy26", state=ModelState.ARCHIVED, days=DateRange(BEGIN, LATER)), "ends")
    with pytest.raises(Invalid, match="in force from 01 Jan 2026"):
        give(manager, ends, ann, BEGIN - DAY, reason="x")
    with pytest.raises(Invalid, match="in force until 19 Feb 2027"):
        give(manager, ends, ann, TODAY, last=LATER)


def test_inactive_reps_roles_given_up_and_other_overlays_are_refused(
    manager: Person, north: Territory
) -> None:
    role, other = an_overlay(), an_overlay("other")
    special = a_territory(north.model, "special", type=TerritoryType.OVERLAY, role=role)
    ann = a_rep("ann")
    with pytest.raises(Invalid, match="gone is not active"):
        give(manager, north, a_rep("gone", is_active=False), TODAY)
    with pytest.raises(Invalid, match="is for Specialist only"):
        give(manager, special, ann, TODAY, role=other)
    other.is_active = False
    other.save()
    with pytest.raises(Invalid, match="no longer used"):
        give(manager, north, ann, TODAY, role=other)
    with pytest.raises(Invalid, match="last day is before the first"):
        give(manager, north, ann, TODAY, last=BEGIN)


def test_only_a_role_to_come_is_taken_back(manager: Person, north: Territory) -> None:
    ann = give(manager, north, a_rep("ann"), TODAY)
    bob = give(manager, north, a_rep("bob"), LATER)
    remove_role(actor=manager, row=bob, revision=bob.revision)
    assert owners() == [("ann", TODAY, LATER)]
    ann.refresh_from_db()
    with pytest.raises(Invalid, match="has begun"):
        remove_role(actor=manager, row=ann, revision=ann.revision)


def test_who_gets_a_territory_is_told(manager: Person, sales_rep: Person, north: Territory) -> None:
    give(manager, north, a_rep("ann", person=sales_rep), TODAY)
    assert Notification.objects.get().person == sales_rep


def test_readers_change_nothing_and_sellers_only_their_teams(
    sales_rep: Person, sales_manager: Person, executive: Person, north: Territory
) -> None:
    boss = a_rep("boss", person=sales_manager)
    mine, foreign = a_rep("mine", manager=boss), a_rep("foreign")
    for person in (sales_rep, executive):
        with pytest.raises(Denied):
            give(person, north, foreign, TODAY)
    with pytest.raises(Denied, match="outside of your scope"):
        give(sales_manager, north, mine, TODAY)
    covers(boss, north)
    with pytest.raises(Denied, match="Choose a rep of your own team"):
        give(sales_manager, north, foreign, TODAY)
    assert give(sales_manager, north, mine, TODAY).rep == mine


def test_a_vacancy_counts_its_days_and_its_accounts(north: Territory) -> None:
    standard_roles()
    (found,) = vacancies(None)
    assert (found.territory, found.role.code, found.first, found.last) == (north, "owner", BEGIN, None)
    assert (found.days_open, found.accounts) == ((TODAY - BEGIN).days, 1)
    covers(a_rep("ann"), north)
    assert vacancies(None) == []


def test_overlay_roles_are_renamed_and_given_up_when_nobody_has_them(
    manager: Person, north: Territory
) -> None:
    role = add_overlay_role(actor=manager, code="sp", name="Specialist")
    renamed = change_coverage_role(actor=manager, role=role, revision=1, changes={"name": "Expert"})
    assert renamed.name == "Expert"
    row = covers(a_rep("ann"), north, role=role)
    with pytest.raises(Refused, match="has this role in north"):
        change_coverage_role(actor=manager, role=renamed, revision=2, changes={"is_active": False})
    row.delete()
    given_up = change_coverage_role(actor=manager, role=renamed, revision=2, changes={"is_active": False})
    assert not given_up.is_active
    owner = standard_roles()["owner"]
    with pytest.raises(Refused, match="stays in use"):
        change_coverage_role(actor=manager, role=owner, revision=1, changes={"is_active": False})


def test_the_pages_give_change_end_and_take_back(
    manager: Person, north: Territory, signed_in: Callable[[Person], Client]
) -> None:
    client, owner = signed_in(manager), standard_roles()["owner"]
    a_rep("ann"), a_rep("bob")
    url = f"/territories/coverage/territories/{north.pk}/"
    typed = {"role": owner.code, "rep": "ann", "first": "2026-11-22", "share": "80"}
    assert client.post(f"{url}give/", typed).status_code == 302
    row = TerritoryRep.objects.get()
    assert row.share == Decimal("0.8")
    page = f"/territories/coverage/{row.pk}/"
    assert "80.0\u202f%" in client.get(page).content.decode()
    changed = {"first": "2026-11-22", "last": "", "share": "100", "revision": row.revision}
    assert client.post(f"{page}edit/", changed).status_code == 302
    stale = client.post(f"{page}edit/", changed | {"share": "50"})
    assert stale.status_code == 409
    assert client.post(f"{page}end/", {"last": "2026-12-31", "revision": 2}).status_code == 302
    later = client.post(f"{url}give/", typed | {"rep": "bob", "first": "2027-02-01"})
    assert later.status_code == 302
    bob = TerritoryRep.objects.get(rep__code="bob")
    taken = client.post(f"/territories/coverage/{bob.pk}/remove/", {"reason": "No", "revision": 1})
    assert taken.status_code == 302
    assert [days[0] for days in days_of(north)] == ["ann"]


def test_a_refusal_stands_beside_its_field_and_keeps_what_was_typed(
    manager: Person, north: Territory, signed_in: Callable[[Person], Client]
) -> None:
    a_rep("ann")
    owner = standard_roles()["owner"]
    typed = {"role": owner.code, "rep": "ann", "first": "2026-10-01", "share": "100"}
    answer = signed_in(manager).post(f"/territories/coverage/territories/{north.pk}/give/", typed)
    assert answer.status_code == 400
    assert "Say why" in str(answer.context["form"].errors["reason"])
    assert not TerritoryRep.objects.exists()


def test_the_api_gives_and_ends(
    manager: Person, north: Territory, api: Callable[[Person], APIClient]
) -> None:
    standard_roles()
    a_rep("ann")
    client = api(manager)
    body = {"territory": north.pk, "role": "owner", "rep": "ann", "first": "2026-11-22"}
    made = client.post("/api/v1/territory-reps/", body, format="json")
    assert (made.status_code, made.json()["last"]) == (201, None)
    url = f"/api/v1/territory-reps/{made.json()['id']}/"
    ended = client.patch(url, {"last": "2026-12-31", "revision": 1}, format="json")
    assert (ended.status_code, ended.json()["last"]) == (200, "2026-12-31")
    stale = client.patch(url, {"last": "2026-11-30", "revision": 1}, format="json")
    assert stale.status_code == 409
    moved = client.patch(url, {"rep": "ann", "revision": 2}, format="json")
    assert "stays as it is" in moved.json()["error"]["message"]
    unknown = client.post("/api/v1/territory-reps/", body | {"territory": 0}, format="json")
    assert "no territory with the number 0" in unknown.json()["error"]["message"]
    empty = client.post("/api/v1/territory-reps/", {}, format="json")
    assert {reason["field"] for reason in empty.json()["error"]["reasons"]} == {
        "territory",
        "role",
        "rep",
        "first",
    }


def test_the_api_takes_back_only_what_has_not_begun(
    manager: Person, executive: Person, north: Territory, api: Callable[[Person], APIClient]
) -> None:
    begun = give(manager, north, a_rep("ann"), TODAY)
    coming = give(manager, north, a_rep("bob"), NEXT_MONTH)
    url = f"/api/v1/territory-reps/{coming.pk}/take-back/"
    assert api(executive).post(url, {"revision": 1}, format="json").status_code == 403
    client = api(manager)
    assert client.post(url, {}, format="json").status_code == 400
    assert client.post(url, {"revision": 9}, format="json").status_code == 409
    assert client.post(url, {"revision": coming.revision}, format="json").status_code == 204
    begun.refresh_from_db()
    kept = f"/api/v1/territory-reps/{begun.pk}/take-back/"
    refused = client.post(kept, {"revision": begun.revision}, format="json")
    assert "End it with a day instead" in refused.json()["error"]["message"]
    assert [row.rep.code for row in TerritoryRep.objects.all()] == ["ann"]


def test_a_sales_rep_sees_the_coverage_of_the_own_territories_only(
    sales_rep: Person, north: Territory, api: Callable[[Person], APIClient]
) -> None:
    covers(a_rep("ann", person=sales_rep), north)
    covers(a_rep("bob"), a_territory(north.model, "south"))
    rows = api(sales_rep).get("/api/v1/territory-reps/").json()["results"]
    assert [row["rep"] for row in rows] == ["ann"]


def test_the_list_takes_few_queries(
    manager: Person, north: Territory, signed_in: Callable[[Person], Client], pinned_queries: Any
) -> None:
    for number in range(5):
        covers(a_rep(f"r{number}"), a_territory(north.model, f"t{number}"))
    client = signed_in(manager)
    with pinned_queries("coverage"):
        assert client.get("/territories/coverage/").status_code == 200
    with pinned_queries("missing"):
        assert client.get("/territories/coverage/missing/").status_code == 200
    account = Account.objects.get()
    with pinned_queries("account"):
        assert client.get(f"/territories/coverage/accounts/{account.pk}/").status_code == 200
