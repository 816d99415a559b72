"""Deals: who sees whose, and how they are written on pages and by the API."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from core.errors import Conflict, Denied, Invalid, Refused
from core.models import Event, Person
from crm.models import Deal, DealLine, DealStage
from crm.selectors.deals import deals_visible_to, live_deals_visible_to
from crm.services.deal_stages import change_stage, create_stage
from crm.services.deals import (
    add_line,
    change_deal,
    change_line,
    create_deal,
    delete_deal,
    remove_line,
    restore_deal,
)
from tests.crm.selling import MARCH, Selling, days_ago, make_selling

In = Callable[[Person], Client]
Api = Callable[[Person], APIClient]


@pytest.fixture
def selling(sales_rep: Person, sales_manager: Person) -> Selling:
    return make_selling(sales_rep, sales_manager)


def test_a_rep_sees_the_own_deals_a_manager_those_of_the_team_and_a_planner_all(
    selling: Selling, sales_rep: Person, sales_manager: Person, analyst: Person
) -> None:
    ritas, sams, ottos = (selling.deal(rep) for rep in (selling.rita, selling.sam, selling.otto))

    assert set(deals_visible_to(sales_rep)) == {ritas}
    assert set(deals_visible_to(sales_manager)) == {ritas, sams}
    assert set(deals_visible_to(analyst)) == {ritas, sams, ottos}


def test_list_detail_export_search_and_api_agree_on_what_a_rep_sees(
    selling: Selling, sales_rep: Person, signed_in: In, api: Api
) -> None:
    own, other = selling.deal(selling.rita, "Own order"), selling.deal(selling.otto, "Foreign order")
    client = signed_in(sales_rep)

    page = client.get(reverse("crm:deal-list")).content.decode()
    exported = b"".join(client.get(reverse("crm:deal-list"), {"export": "csv"})).decode()
    found = client.get(reverse("dashboards:search"), {"q": "order"}).content.decode()

    for text in (page, exported, found):
        assert ("Own order" in text, "Foreign order" in text) == (True, False)
    assert client.get(reverse("crm:deal", args=[own.pk])).status_code == 200
    assert client.get(reverse("crm:deal", args=[other.pk])).status_code == 404
    assert api(sales_rep).get("/api/v1/deals/").json()["count"] == 1
    assert api(sales_rep).get(f"/api/v1/deals/{other.pk}/").status_code == 404


def test_a_deal_written_on_the_page_is_an_event_of_here_and_belongs_to_who_wrote_it(
    selling: Selling, sales_rep: Person, signed_in: In
) -> None:
    typed = {"name": "Summer order", "stage": "TALK", "account": "A-RITA", "amount": "2500.50"}

    answer = signed_in(sales_rep).post(reverse("crm:deal-add"), typed, follow=True)

    deal = Deal.objects.get(name="Summer order")
    assert "Summer order is added." in answer.content.decode()
    assert (deal.source, deal.rep, deal.created) == ("here", selling.rita, timezone.localdate())
    assert (deal.amount, deal.base_amount) == (Decimal("2500.5"), Decimal("2500.5"))
    assert Event.objects.filter(verb="deal added", subject_id=str(deal.pk)).exists()


def test_what_no_deal_may_be_stands_beside_its_field_all_at_once(
    selling: Selling, coordinator: Person, signed_in: In
) -> None:
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    typed = {"name": "Odd", "stage": "LOST", "amount": "-1", "closed": tomorrow.isoformat()}

    answer = signed_in(coordinator).post(reverse("crm:deal-add"), typed)

    page = answer.content.decode()
    assert answer.status_code == 400
    for sentence in (
        "Say in a few words why the deal was lost.",
        "An amount is 0 or more.",
        "A deal cannot have closed on a day to come.",
    ):
        assert sentence in page
    assert not Deal.objects.exists()


def test_a_deal_without_name_and_stage_or_that_closed_before_it_began_is_refused(
    selling: Selling, coordinator: Person
) -> None:
    days = {"created": days_ago(5).date(), "closed": days_ago(9).date()}
    with pytest.raises(Invalid) as refusal:
        create_deal(actor=coordinator, values={"name": " "} | days)

    assert {reason.field for reason in refusal.value.reasons} == {"name", "stage", "closed"}


def test_a_rep_gives_no_deal_to_somebody_out_of_reach(selling: Selling, sales_rep: Person) -> None:
    stage = selling.stage("TALK")
    with pytest.raises(Denied, match="outside of your scope"):
        create_deal(actor=sales_rep, values={"name": "Gift", "stage": stage, "rep": selling.otto})
    deal = selling.deal(selling.rita)
    with pytest.raises(Denied, match="outside of your scope"):
        change_deal(actor=sales_rep, deal=deal, revision=deal.revision, changes={"rep": selling.otto})
    deal.refresh_from_db()
    assert deal.rep == selling.rita


def test_an_executive_reads_deals_and_changes_none(
    selling: Selling, executive: Person, signed_in: In
) -> None:
    deal = selling.deal(selling.rita)

    assert signed_in(executive).get(reverse("crm:deal", args=[deal.pk])).status_code == 200
    assert signed_in(executive).get(reverse("crm:deal-edit", args=[deal.pk])).status_code == 403
    for refused in (
        lambda: create_deal(actor=executive, values={"name": "X", "stage": selling.stage("NEW")}),
        lambda: change_deal(actor=executive, deal=deal, revision=deal.revision, changes={"name": "X"}),
        lambda: delete_deal(actor=executive, deal=deal, reason="because"),
        lambda: restore_deal(actor=executive, deal=deal, reason="because"),
        lambda: add_line(actor=executive, deal=deal, values={"text": "X", "amount": Decimal(1)}),
    ):
        with pytest.raises(Denied, match="may not change deals"):
            refused()


def test_nobody_changes_a_deal_out_of_sight(selling: Selling, sales_rep: Person) -> None:
    deal = selling.deal(selling.otto)
    with pytest.raises(Denied, match="outside of your scope"):
        change_deal(actor=sales_rep, deal=deal, revision=deal.revision, changes={"name": "Mine"})
    with pytest.raises(Denied, match="outside of your scope"):
        delete_deal(actor=sales_rep, deal=deal, reason="because")


def test_only_what_differs_is_told_and_an_untouched_form_changes_nothing(
    selling: Selling, coordinator: Person, signed_in: In
) -> None:
    deal = selling.deal(selling.rita, next_step="Call", probability="0.35")
    client, url = signed_in(coordinator), reverse("crm:deal-edit", args=[deal.pk])
    typed = {field.html_name: field.value() for field in client.get(url).context["form"]}
    kept = {name: value for name, value in typed.items() if value not in (None, False)}
    told = deal.changes.count()

    assert client.post(url, kept).status_code == 302
    deal.refresh_from_db()
    assert (deal.revision, deal.changes.count()) == (int(kept["revision"]), told)

    client.post(url, kept | {"next_step": "Send the quote"})
    deal.refresh_from_db()
    assert (deal.next_step, deal.changes.count()) == ("Send the quote", told)


def test_a_stale_change_shows_both_versions(selling: Selling, manager: Person, coordinator: Person) -> None:
    deal = selling.deal(selling.rita)
    revision = deal.revision
    change_deal(actor=manager, deal=deal, revision=revision, changes={"amount": Decimal(1500)})

    with pytest.raises(Conflict) as conflict:
        change_deal(actor=coordinator, deal=deal, revision=revision, changes={"amount": Decimal(1200)})

    assert conflict.value.yours == {"amount": "1200"}
    assert conflict.value.theirs == {"amount": "1500"}


def test_a_deal_that_is_won_by_hand_closes_today_and_one_that_opens_again_has_no_day(
    selling: Selling, coordinator: Person
) -> None:
    deal = selling.deal(selling.rita)

    deal = change_deal(
        actor=coordinator, deal=deal, revision=deal.revision, changes={"stage": selling.stage("WON")}
    )
    assert deal.closed == timezone.localdate()
    deal = change_deal(
        actor=coordinator, deal=deal, revision=deal.revision, changes={"stage": selling.stage("OFFER")}
    )
    assert deal.closed is None


def test_a_deleted_deal_is_in_no_list_until_it_is_brought_back(
    selling: Selling, coordinator: Person, signed_in: In
) -> None:
    deal, client = selling.deal(selling.rita, "Doubtful order"), signed_in(coordinator)

    empty = client.post(reverse("crm:deal-delete", args=[deal.pk]), {"reason": " "})
    client.post(reverse("crm:deal-delete", args=[deal.pk]), {"reason": "Entered twice"})

    assert empty.status_code == 400
    assert not live_deals_visible_to(coordinator).exists()
    assert "This deal is deleted" in client.get(reverse("crm:deal", args=[deal.pk])).content.decode()
    assert "Doubtful" not in client.get(reverse("crm:deal-list")).content.decode()
    assert "Doubtful" in client.get(reverse("crm:deal-list"), {"life": "dead"}).content.decode()
    with pytest.raises(Refused, match="Bring it back first"):
        change_deal(actor=coordinator, deal=deal, revision=9, changes={"name": "X"})
    with pytest.raises(Refused, match="is deleted"):
        delete_deal(actor=coordinator, deal=deal, reason="again")

    client.post(reverse("crm:deal-restore", args=[deal.pk]), {"reason": "It is another one"})
    assert live_deals_visible_to(coordinator).get() == deal
    with pytest.raises(Refused, match="not deleted"):
        restore_deal(actor=coordinator, deal=deal, reason="again")


def test_a_merged_deal_points_to_the_one_that_lives(
    selling: Selling, coordinator: Person, signed_in: In
) -> None:
    loser, winner = selling.deal(selling.rita, "Twin"), selling.deal(selling.rita, "The one")
    Deal.objects.filter(pk=loser.pk).update(merged_into=winner)

    page = signed_in(coordinator).get(reverse("crm:deal", args=[loser.pk])).content.decode()

    assert "merged into" in page
    assert reverse("crm:deal", args=[winner.pk]) in page
    with pytest.raises(Refused, match="was merged into The one"):
        change_deal(actor=coordinator, deal=loser, revision=loser.revision, changes={"name": "X"})


def test_lines_are_added_changed_and_removed(selling: Selling, coordinator: Person, signed_in: In) -> None:
    deal, client = selling.deal(selling.rita), signed_in(coordinator)
    add = reverse("crm:deal-line-add", args=[deal.pk])

    nothing = client.post(add, {"quantity": "1", "amount": "5"})
    client.post(add, {"product": "P1", "quantity": "12", "amount": "1200"})
    client.post(add, {"text": "Freight", "quantity": "1", "amount": "80"})

    assert "Choose a product, or write what it is." in nothing.content.decode()
    first, freight = deal.lines.all()
    assert [(line.position, line.amount) for line in (first, freight)] == [(1, 1200), (2, 80)]
    page = client.get(reverse("crm:deal", args=[deal.pk])).content.decode()
    assert "Product 1" in page and "Freight" in page

    change_line(actor=coordinator, line=freight, revision=1, changes={"amount": Decimal(90)})
    with pytest.raises(Invalid, match="write what it is"):
        change_line(actor=coordinator, line=freight, revision=2, changes={"text": ""})
    client.post(reverse("crm:deal-line-remove", args=[freight.pk]))
    assert list(DealLine.objects.all()) == [first]


def test_a_gone_deal_takes_no_lines(selling: Selling, coordinator: Person) -> None:
    deal = selling.deal(selling.rita)
    line = add_line(actor=coordinator, deal=deal, values={"text": "Freight", "amount": Decimal(5)})
    delete_deal(actor=coordinator, deal=deal, reason="Entered twice")

    for refused in (
        lambda: add_line(actor=coordinator, deal=deal, values={"text": "X", "amount": Decimal(1)}),
        lambda: change_line(actor=coordinator, line=line, revision=1, changes={"text": "X"}),
        lambda: remove_line(actor=coordinator, line=line),
    ):
        with pytest.raises(Refused, match="Bring it back first"):
            refused()


def test_the_api_reads_a_deal_back_by_its_id_with_its_history(
    selling: Selling, service_account: Person, api: Api
) -> None:
    selling.tell("H-1", MARCH, name="Order", stage="NEW", amount="100")
    selling.tell("H-1", days_ago(1), stage="OFFER", amount="120")
    selling.tell("H-2", MARCH, name="Other", stage="NEW")

    answer = api(service_account).get("/api/v1/deals/", {"external_id": "H-1"}).json()

    (deal,) = answer["results"]
    assert (deal["source"], deal["stage"], deal["stage_kind"], deal["amount"]) == (
        "crm",
        "OFFER",
        "open",
        "120.0000",
    )
    assert {(step["field"], step["before"], step["after"]) for step in deal["history"][:2]} == {
        ("amount", "", "100"),
        ("stage", "", "NEW"),
    }
    assert {(step["field"], step["before"], step["after"]) for step in deal["history"][2:]} == {
        ("amount", "100", "120"),
        ("stage", "NEW", "OFFER"),
    }


def test_the_api_shows_a_tombstone_by_its_id_and_hides_it_from_the_list(
    selling: Selling, service_account: Person, api: Api
) -> None:
    deal = selling.deal(selling.rita)
    client = api(service_account)

    gone = client.post(f"/api/v1/deals/{deal.pk}/delete/", {"reason": "Entered twice"})
    again = client.post(f"/api/v1/deals/{deal.pk}/delete/", {"reason": "Entered twice"})

    assert (gone.status_code, gone.json()["is_deleted"], again.status_code) == (200, True, 409)
    assert client.get("/api/v1/deals/").json()["count"] == 0
    found = client.get("/api/v1/deals/", {"external_id": deal.external_id}).json()["results"]
    assert [one["is_deleted"] for one in found] == [True]
    back = client.post(f"/api/v1/deals/{deal.pk}/restore/", {"reason": "A mistake"})
    assert back.json()["is_deleted"] is False


def test_deals_and_lines_are_written_by_the_api(selling: Selling, sales_rep: Person, api: Api) -> None:
    client = api(sales_rep)
    made = client.post("/api/v1/deals/", {"name": "By API", "stage": "NEW", "amount": "10"}).json()

    stale = client.patch(f"/api/v1/deals/{made['id']}/", {"amount": "12", "revision": 99})
    changed = client.patch(
        f"/api/v1/deals/{made['id']}/", {"amount": "12", "stage": "OFFER", "revision": made["revision"]}
    ).json()
    line = client.post("/api/v1/deal-lines/", {"deal": made["id"], "product": "P1", "amount": "12"}).json()
    missing = client.post("/api/v1/deal-lines/", {"text": "Freight", "amount": "12"})

    assert stale.status_code == 409
    assert (changed["amount"], changed["stage"]) == ("12.0000", "OFFER")
    assert (line["position"], line["quantity"], missing.status_code) == (1, "1.0000", 400)
    assert client.delete(f"/api/v1/deal-lines/{line['id']}/").status_code == 204
    assert client.delete(f"/api/v1/deals/{made['id']}/").status_code == 405


def test_a_stage_keeps_its_kind_while_deals_are_in_it(selling: Selling, coordinator: Person) -> None:
    selling.deal(selling.rita)
    stage = selling.stage("TALK")
    changes = {"kind": "won", "probability": Decimal(1), "category": "closed"}

    with pytest.raises(Invalid, match="Deals are in this stage") as refusal:
        change_stage(actor=coordinator, row=stage, revision=1, changes=changes)
    assert refusal.value.reasons[0].field == "kind"

    assert (
        change_stage(actor=coordinator, row=selling.stage("NEW"), revision=1, changes=changes).kind == "won"
    )


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "won", "probability": Decimal("0.9"), "category": "closed"}, "probability"),
        ({"kind": "lost", "probability": Decimal("0.1"), "category": "omitted"}, "probability"),
        ({"kind": "lost", "probability": Decimal(0), "category": "commit"}, "category"),
        ({"kind": "open", "probability": Decimal("0.5"), "category": "closed"}, "category"),
    ],
)
def test_a_stage_that_contradicts_itself_is_refused(
    selling: Selling, coordinator: Person, values: dict, field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        create_stage(actor=coordinator, values={"code": "X", "name": "X", "position": 9} | values)

    assert [reason.field for reason in refusal.value.reasons] == [field]


def test_stages_are_managed_by_those_who_may(
    selling: Selling, coordinator: Person, sales_manager: Person, signed_in: In, api: Api
) -> None:
    typed = {"code": "DEMO", "name": "Demo", "position": "9", "kind": "open", "probability": "0.2"}
    typed |= {"category": "pipeline"}

    assert signed_in(coordinator).post(reverse("crm:deal-stage-add"), typed).status_code == 302
    stage = DealStage.objects.get(code="DEMO")
    page = signed_in(coordinator).get(reverse("crm:deal-stage-list")).content.decode()
    assert reverse("crm:deal-stage-edit", args=[stage.pk]) in page
    theirs = signed_in(sales_manager).get(reverse("crm:deal-stage-list")).content.decode()
    assert "Demo" in theirs and "/edit/" not in theirs
    with pytest.raises(Denied):
        create_stage(actor=sales_manager, values={"code": "Y"})
    with pytest.raises(Denied):
        change_stage(actor=sales_manager, row=stage, revision=1, changes={"name": "Y"})
    patched = {"name": "Demonstration", "revision": 1}
    assert (
        api(coordinator).patch(f"/api/v1/deal-stages/{stage.pk}/", patched).json()["name"] == "Demonstration"
    )


def test_the_list_and_the_page_of_deals_take_few_queries(
    selling: Selling, coordinator: Person, signed_in: In, api: Api, pinned_queries: Callable
) -> None:
    for number in range(5):
        deal = selling.deal(selling.rita, f"Order {number}", product="P1")
    client, caller = signed_in(coordinator), api(coordinator)
    client.get(reverse("crm:deal-list"))

    with pinned_queries("list"):
        client.get(reverse("crm:deal-list"))
    with pinned_queries("page"):
        client.get(reverse("crm:deal", args=[deal.pk]))
    with pinned_queries("api"):
        caller.get("/api/v1/deals/")
