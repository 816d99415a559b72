"""Standing in: absences and vacancies, and who is told."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from core.errors import Conflict, Denied, Invalid
from core.models import Event, Notification, Person
from crm.models import Absence, Rep
from territories.models import Assignment, Cover, Territory
from territories.pipeline.assignments import settle
from territories.pipeline.placing import Move, place
from territories.selectors.covers import covers_of_account, in_words, uncovered
from territories.services.covers import change_cover, end_cover, remove_cover, stand_in
from territories.services.roles import standard_roles
from tests.territories.world import a_model_in_force, a_rep, a_territory, an_account, covers

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 22)
WEEK, TWO_WEEKS = TODAY + dt.timedelta(days=7), TODAY + dt.timedelta(days=14)
BEGIN, DAY = dt.date(2026, 1, 1), dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)


@pytest.fixture
def north() -> Territory:
    """Ann owns north with one account."""
    made = a_territory(a_model_in_force(), "north", name="North")
    account = an_account("a")
    covers(a_rep("ann", name="Ann"), made)
    place(made.model, [Move(account.pk, made.pk)], BEGIN)
    settle()
    return made


@pytest.fixture
def bob() -> Rep:
    return a_rep("bob", name="Bob")


def cover(
    actor: Person | None, north: Territory, rep: Rep, first: dt.date = TODAY, last: dt.date = WEEK
) -> Cover:
    role = standard_roles()["owner"]
    return stand_in(
        actor=actor, territory=north, role=role, rep=rep, first=first, last=last, reason="Holidays"
    )


def ann_is_away(first: dt.date, last: dt.date) -> None:
    Absence.objects.create(rep=Rep.objects.get(code="ann"), days=DateRange(first, last + DAY))


def test_a_stand_in_leaves_ownership_as_it_is(manager: Person, north: Territory, bob: Rep) -> None:
    made = cover(manager, north, bob)
    assert Assignment.objects.get().rep.code == "ann"
    assert in_words(made) == "Stand-in as Owner: Bob until 29 Nov 2026"
    account = Assignment.objects.get().account_id
    assert covers_of_account(account) == [made]


def test_the_stand_in_the_owner_and_the_managers_are_told(
    manager: Person, sales_rep: Person, sales_manager: Person, analyst: Person, north: Territory
) -> None:
    boss = a_rep("boss", person=sales_manager)
    bob = a_rep("bob", person=sales_rep, manager=boss)
    covers(a_rep("head", person=analyst), north, role=standard_roles()["manager"])
    cover(manager, north, bob)
    told = {one.person for one in Notification.objects.all()}
    assert told == {sales_rep, sales_manager, analyst}
    assert "North: Stand-in as Owner: bob until 29 Nov 2026" in Notification.objects.first().title  # type: ignore[union-attr]


def test_who_is_away_cannot_stand_in(manager: Person, north: Territory, bob: Rep) -> None:
    Absence.objects.create(rep=bob, days=DateRange(WEEK, TWO_WEEKS))
    with pytest.raises(Invalid, match=r"Bob .* is away on 29 Nov 2026 to 05 Dec 2026"):
        cover(manager, north, bob)
    assert cover(manager, north, bob, last=WEEK - DAY).pk


def test_the_owner_inactive_reps_and_no_reason_are_refused(manager: Person, north: Territory) -> None:
    with pytest.raises(Invalid, match="has this role on some of these days"):
        cover(manager, north, Rep.objects.get(code="ann"))
    with pytest.raises(Invalid, match="not active"):
        cover(manager, north, a_rep("gone", is_active=False))
    with pytest.raises(Invalid, match="Say why"):
        stand_in(
            actor=manager,
            territory=north,
            role=standard_roles()["owner"],
            rep=a_rep("cid"),
            first=TODAY,
            last=WEEK,
            reason=" ",
        )


def test_two_stand_ins_on_one_day_are_refused_by_service_and_database(
    manager: Person, north: Territory, bob: Rep
) -> None:
    made = cover(manager, north, bob)
    with pytest.raises(Invalid, match="Somebody covers this role"):
        cover(manager, north, a_rep("cid"), first=WEEK, last=TWO_WEEKS)
    with pytest.raises(IntegrityError, match="cover_one_a_role_and_day"), transaction.atomic():
        Cover.objects.create(territory=north, role=made.role, rep=bob, days=made.days, reason="x")


def test_absences_without_a_stand_in_are_listed_for_the_days_that_are_missing(
    manager: Person, north: Territory, bob: Rep
) -> None:
    ann_is_away(TODAY, TWO_WEEKS)
    (found,) = uncovered(None)
    assert (found.rep.code, found.first, found.last, found.accounts) == ("ann", TODAY, TWO_WEEKS, 1)
    cover(manager, north, bob)
    assert [(one.first, one.last) for one in uncovered(None)] == [(WEEK + DAY, TWO_WEEKS)]
    cover(manager, north, bob, first=WEEK + DAY, last=TWO_WEEKS)
    assert uncovered(None) == []


def test_a_cover_is_changed_ended_and_taken_back(manager: Person, north: Territory, bob: Rep) -> None:
    made = cover(manager, north, bob)
    longer = change_cover(actor=manager, row=made, revision=1, changes={"last": TWO_WEEKS})
    with pytest.raises(Conflict):
        change_cover(actor=manager, row=made, revision=1, changes={"last": TODAY})
    ended = end_cover(actor=manager, row=longer, revision=2, last=TODAY)
    with pytest.raises(Invalid, match="ends on 22 Nov 2026 already"):
        end_cover(actor=manager, row=ended, revision=3, last=WEEK)
    with pytest.raises(Invalid, match="has begun"):
        remove_cover(actor=manager, row=ended, revision=3)
    later = cover(manager, north, bob, first=WEEK, last=TWO_WEEKS)
    remove_cover(actor=manager, row=later, revision=1, reason="Not needed")
    assert Event.objects.filter(verb="cover removed", reason="Not needed").exists()
    assert list(Cover.objects.values_list("pk", flat=True)) == [made.pk]


def test_readers_let_nobody_stand_in(
    executive: Person, sales_rep: Person, north: Territory, bob: Rep
) -> None:
    for person in (executive, sales_rep):
        with pytest.raises(Denied):
            cover(person, north, bob)


def test_the_pages_show_who_is_missing_and_let_somebody_stand_in(
    manager: Person, north: Territory, bob: Rep, signed_in: Callable[[Person], Client]
) -> None:
    ann_is_away(TODAY, WEEK)
    client = signed_in(manager)
    missing = client.get("/territories/coverage/missing/").content.decode()
    form = f"/territories/coverage/territories/{north.pk}/stand-in/"
    assert f"{form}?role=owner&amp;first=2026-11-22&amp;last=2026-11-29" in missing
    typed = {"role": "owner", "rep": "bob", "first": "2026-11-22", "last": "2026-11-29", "reason": "Holidays"}
    assert client.post(form, typed).status_code == 302
    row = Cover.objects.get()
    url = f"/territories/stand-ins/{row.pk}/"
    assert "Bob stands in for North" in client.get(url).content.decode()
    changed = {"rep": "bob", "first": "2026-11-22", "last": "2026-12-05", "reason": "Longer", "revision": 1}
    assert client.post(f"{url}edit/", changed).status_code == 302
    assert client.post(f"{url}edit/", changed | {"reason": "Other"}).status_code == 409
    assert client.post(f"{url}end/", {"last": "2026-11-25", "revision": 2}).status_code == 302
    assert (
        "Everybody who is away is covered"
        not in client.get("/territories/coverage/missing/").content.decode()
    )
    assert client.get("/territories/stand-ins/").context["table"]["count"] == 1
    account = Assignment.objects.get().account_id
    page = client.get(f"/territories/coverage/accounts/{account}/").content.decode()
    assert "Stand-in as Owner: Bob until 25 Nov 2026" in page
    territory = client.get(f"/territories/territories/{north.pk}/").content.decode()
    assert "Stand-in as Owner: Bob until 25 Nov 2026" in territory


def test_the_api_lets_somebody_stand_in(
    manager: Person, north: Territory, bob: Rep, api: Callable[[Person], APIClient]
) -> None:
    client = api(manager)
    ann_is_away(TODAY, WEEK)
    assert client.get("/api/v1/missing-cover/").json()["away"][0]["rep"] == "ann"
    body = {"territory": north.pk, "role": "owner", "rep": "bob", "first": "2026-11-22", "reason": "Holidays"}
    made = client.post("/api/v1/covers/", body, format="json")
    assert (made.status_code, made.json()["last"]) == (201, None)
    url = f"/api/v1/covers/{made.json()['id']}/"
    assert (
        client.patch(url, {"last": "2026-11-30", "revision": 1}, format="json").json()["last"] == "2026-11-30"
    )
    assert client.patch(url, {"role": "owner", "revision": 2}, format="json").status_code == 400


def test_the_api_takes_back_only_a_stand_in_that_has_not_begun(
    manager: Person, executive: Person, north: Territory, bob: Rep, api: Callable[[Person], APIClient]
) -> None:
    coming = cover(manager, north, bob, TODAY + dt.timedelta(days=10), TODAY + dt.timedelta(days=20))
    url = f"/api/v1/covers/{coming.pk}/take-back/"
    assert api(executive).post(url, {"revision": 1}, format="json").status_code == 403
    client = api(manager)
    assert client.post(url, {"revision": 1, "reason": "Back early"}, format="json").status_code == 204
    assert client.get("/api/v1/covers/").json()["results"] == []
    begun = cover(manager, north, bob)
    kept = f"/api/v1/covers/{begun.pk}/take-back/"
    refused = client.post(kept, {"revision": 1}, format="json")
    assert "End it with a day instead" in refused.json()["error"]["message"]


def test_a_stand_in_sees_where_they_stand_in(
    sales_rep: Person, manager: Person, north: Territory, api: Callable[[Person], APIClient]
) -> None:
    cover(manager, north, a_rep("bob", person=sales_rep))
    south = a_territory(north.model, "south")
    covers(a_rep("dan"), south)
    cover(manager, south, a_rep("cid"))
    rows = api(sales_rep).get("/api/v1/covers/").json()["results"]
    assert [row["rep"] for row in rows] == ["bob"]
