"""What other systems are told of who covers accounts, and owners that territories decide."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.utils import InternalError
from django.test import Client
from rest_framework.test import APIClient

from core import company
from core.errors import Denied, Refused
from core.models import Event, Person
from core.services import change_setting
from crm.models import Account, OutsideRecord, Rep
from planning.models import Dispatch, Subscription
from planning.pipeline.dispatching import send_waiting
from territories.models import OwnershipChange, OwnershipExport, Territory
from territories.pipeline import ownership
from territories.pipeline.assignments import settle
from territories.pipeline.owners import keep_ownership
from territories.pipeline.placing import Move, place
from territories.services.coverage import give_role
from territories.services.ownership import export_changes
from territories.services.roles import standard_roles
from tests.territories.world import BEGIN, a_model_in_force, a_rep, a_territory, an_account, covers

pytestmark = pytest.mark.django_db
MARCH, MAY, JULY = dt.date(2026, 3, 1), dt.date(2026, 5, 1), dt.date(2026, 7, 1)
DAY = dt.timedelta(days=1)
Told = list[tuple[dt.date, str | None, str | None, str]]


@pytest.fixture
def north() -> Territory:
    """Ann owns it and its account from the first day on."""
    made = a_territory(a_model_in_force(), "north")
    account = an_account("a")
    covers(a_rep("ann"), made)
    place(made.model, [Move(account.pk, made.pk, placed_by="rule")], BEGIN)
    settle()
    return made


@pytest.fixture
def subscription() -> Subscription:
    return Subscription.objects.create(
        label="CRM", url="https://example.com/hook", secret="whsec_c2VjcmV0", events=["ownership.changed"]
    )


def told() -> Told:
    rows = OwnershipChange.objects.order_by("pk").select_related("old_rep", "new_rep")
    return [
        (r.day, r.old_rep and r.old_rep.code, r.new_rep and r.new_rep.code, r.cause)  # type: ignore[misc]
        for r in rows
    ]


def give(territory: Territory, rep: Rep, first: dt.date, last: dt.date | None = None) -> None:
    role = standard_roles()["owner"]
    give_role(actor=None, territory=territory, role=role, rep=rep, first=first, last=last, reason="As it was")


def territories_decide(vp: Person) -> None:
    change_setting(actor=vp, key="account_owners", value="territories", revision=0, reason="")
    company.forget()


def test_a_change_is_written_once_when_its_day_has_come(north: Territory) -> None:
    give(north, a_rep("bob"), MARCH)
    assert keep_ownership(MARCH - DAY) == 1
    assert keep_ownership(MARCH - DAY) == 0
    assert keep_ownership(MARCH) == 1
    assert told() == [(BEGIN, None, "ann", "rule"), (MARCH, "ann", "bob", "rep")]


def test_days_that_nobody_looked_are_caught_up_in_order(north: Territory) -> None:
    give(north, a_rep("bob"), MARCH)
    south = a_territory(north.model, "south")
    covers(a_rep("cid"), south)
    place(
        north.model, [Move(Account.objects.get().pk, south.pk, placed_by="scenario", reason="FY26 plan")], MAY
    )
    place(north.model, [Move(Account.objects.get().pk, None)], JULY)
    settle()
    assert keep_ownership(JULY + DAY) == 4
    assert told()[1:] == [
        (MARCH, "ann", "bob", "rep"),
        (MAY, "bob", "cid", "scenario"),
        (JULY, "cid", None, "vacant"),
    ]
    assert OwnershipChange.objects.get(day=MAY).reason == "FY26 plan"


def test_a_correction_of_days_that_are_over_is_told_as_one(north: Territory) -> None:
    keep_ownership(MAY)
    give(north, a_rep("bob"), MARCH)
    keep_ownership(MAY)
    assert told()[1:] == [(MARCH, "ann", "bob", "rep")]
    give(north, a_rep("cid"), BEGIN + DAY)
    assert keep_ownership(MAY) == 0  # today it is still Bob
    give(north, Rep.objects.get(code="cid"), MARCH)
    assert keep_ownership(MAY) == 1
    assert keep_ownership(MAY) == 0
    assert told()[-1] == (BEGIN + DAY, "bob", "cid", "correction")


def test_what_was_told_is_never_changed(north: Territory) -> None:
    keep_ownership(MAY)
    with pytest.raises(InternalError, match="Cannot update"), connection.cursor() as cursor:
        cursor.execute("UPDATE territories_ownershipchange SET reason = 'other'")


def test_one_message_a_batch_goes_to_those_who_asked_with_codes_and_ids(
    north: Territory, subscription: Subscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    Subscription.objects.create(label="ERP", url="https://example.com/erp", secret="whsec_c2VjcmV0")
    OutsideRecord.objects.create(
        source="hubspot", entity="account", external_id="77", account=Account.objects.get()
    )
    for number in range(4):
        place(north.model, [Move(an_account(f"more{number}").pk, north.pk)], BEGIN)
    settle()
    monkeypatch.setattr(ownership, "A_BATCH", 2)
    keep_ownership(MAY)
    rows = list(Dispatch.objects.order_by("pk"))
    assert [row.subscription.label for row in rows] == ["CRM", "CRM", "CRM"]
    changes = [one for row in rows for one in row.payload["data"]["changes"]]
    assert len({one["change"] for one in changes}) == 5
    first = changes[0]
    assert (first["account"], first["external_ids"], first["new_rep"]) == ("a", ["hubspot:77"], "ann")
    keep_ownership(MAY)
    assert Dispatch.objects.count() == 3


def test_a_message_is_tried_again_until_it_arrives_and_the_page_says_so(
    north: Territory,
    subscription: Subscription,
    manager: Person,
    signed_in: Callable[[Person], Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep_ownership(MAY)
    client, answers = signed_in(manager), iter(["No answer: ConnectionError.", ""])
    monkeypatch.setattr("planning.pipeline.dispatching.deliver", lambda dispatch: next(answers))
    assert "On its way" in client.get("/territories/ownership-changes/").content.decode()
    assert send_waiting() == 0
    Dispatch.objects.update(next_try=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert send_waiting() == 1
    assert send_waiting() == 0
    assert "Arrived" in client.get("/territories/ownership-changes/").content.decode()


def test_what_is_rolled_back_is_not_sent(
    north: Territory, subscription: Subscription, monkeypatch: Any
) -> None:
    """A kill between writing and queueing leaves neither; the next run does both."""

    def killed(batch: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ownership, "publish", killed)
        with pytest.raises(KeyboardInterrupt):
            keep_ownership(MAY)
    assert (OwnershipChange.objects.count(), Dispatch.objects.count()) == (0, 0)
    keep_ownership(MAY)
    assert (OwnershipChange.objects.count(), Dispatch.objects.count()) == (1, 1)


def test_owners_stay_the_crms_unless_the_company_says_otherwise(north: Territory) -> None:
    keep_ownership(MAY)
    assert Account.objects.get().owner is None


def test_where_territories_decide_owners_follow_with_their_history(vp: Person, north: Territory) -> None:
    territories_decide(vp)
    keep_ownership(BEGIN)
    account = Account.objects.get()
    assert account.owner is not None
    assert (account.owner.code, account.revision) == ("ann", 2)
    event = Event.objects.filter(verb="account owner changed").get()
    assert (event.subject_id, event.after["owner"]) == (str(account.pk), "ann")
    keep_ownership(BEGIN)
    account.refresh_from_db()
    assert account.revision == 2
    place(north.model, [Move(account.pk, None)], MARCH)
    settle()
    keep_ownership(MARCH)
    account.refresh_from_db()
    assert account.owner is None


def test_accounts_without_a_territory_keep_the_owner_of_the_crm(vp: Person, north: Territory) -> None:
    other = an_account("other", owner=Rep.objects.get(code="ann"))
    territories_decide(vp)
    keep_ownership(MAY)
    other.refresh_from_db()
    assert other.owner is not None


def test_each_export_holds_what_is_new_and_its_file_can_be_fetched_again(
    manager: Person, north: Territory, signed_in: Callable[[Person], Client]
) -> None:
    client = signed_in(manager)
    keep_ownership(BEGIN)
    assert client.post("/territories/ownership-changes/export/").status_code == 302
    first = OwnershipExport.objects.get()
    url = f"/territories/ownership-changes/files/{first.pk}/"
    lines = b"".join(client.get(url).streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0].startswith("Change,From day,Account")
    assert "2026-01-01,a," in lines[1]
    assert len(lines) == 2
    again = b"".join(client.get(url).streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert again == lines
    with pytest.raises(Refused, match="Nothing changed hands since"):
        export_changes(actor=manager)
    give(north, a_rep("bob"), MARCH)
    keep_ownership(MARCH)
    second = export_changes(actor=manager)
    assert (second.after, second.last) == (first.last, OwnershipChange.objects.latest("pk").pk)


def test_readers_take_out_nothing(executive: Person, north: Territory) -> None:
    keep_ownership(MAY)
    with pytest.raises(Denied):
        export_changes(actor=executive)


def test_the_api_gives_what_is_new_after_a_change(
    manager: Person, north: Territory, api: Callable[[Person], APIClient]
) -> None:
    give(north, a_rep("bob"), MARCH)
    keep_ownership(MAY)
    client = api(manager)
    rows = client.get("/api/v1/ownership-changes/").json()["results"]
    assert [(row["old_rep"], row["new_rep"]) for row in rows] == [(None, "ann"), ("ann", "bob")]
    new = client.get("/api/v1/ownership-changes/", {"after": rows[0]["id"]}).json()["results"]
    assert [row["id"] for row in new] == [rows[1]["id"]]
    since = client.get("/api/v1/ownership-changes/", {"since": "2026-02-01"}).json()["results"]
    assert [row["new_rep"] for row in since] == ["bob"]
    one = client.get(f"/api/v1/ownership-changes/{rows[0]['id']}/").json()
    assert one["external_ids"] == []


def test_a_sales_rep_sees_the_own_changes_only(
    sales_rep: Person, north: Territory, api: Callable[[Person], APIClient]
) -> None:
    south = a_territory(north.model, "south")
    covers(a_rep("bob", person=sales_rep), south)
    place(north.model, [Move(an_account("mine").pk, south.pk)], BEGIN)
    settle()
    keep_ownership(MAY)
    rows = api(sales_rep).get("/api/v1/ownership-changes/").json()["results"]
    assert [row["account"] for row in rows] == ["mine"]


def test_the_page_takes_few_queries(
    manager: Person, north: Territory, signed_in: Callable[[Person], Client], pinned_queries: Any
) -> None:
    keep_ownership(MAY)
    client = signed_in(manager)
    with pinned_queries():
        assert client.get("/territories/ownership-changes/").status_code == 200
