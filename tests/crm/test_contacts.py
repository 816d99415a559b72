"""Contacts: whom to call at an account, and nothing that stays when they are forgotten."""

from collections.abc import Callable

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from core.errors import Denied, Invalid
from core.models import Event, Person
from crm.models import Contact
from crm.selectors.accounts import contacts_visible_to
from crm.services.contacts import change_contact, create_contact, remove_contact
from tests.crm.selling import Selling, make_selling

In = Callable[[Person], Client]
Api = Callable[[Person], APIClient]


@pytest.fixture
def selling(sales_rep: Person, sales_manager: Person) -> Selling:
    return make_selling(sales_rep, sales_manager)


@pytest.fixture
def ada(selling: Selling, coordinator: Person) -> Contact:
    values = {"account": selling.account_of(selling.rita), "name": "Ada Berg", "email": "ada@example.com"}
    return create_contact(actor=coordinator, values=values)


def test_a_rep_sees_the_contacts_of_the_own_accounts(
    selling: Selling, ada: Contact, sales_rep: Person, signed_in: In, api: Api
) -> None:
    other = Contact.objects.create(account=selling.account_of(selling.otto), name="Bo Lund")

    assert list(contacts_visible_to(sales_rep)) == [ada]
    page = signed_in(sales_rep).get(reverse("crm:contact-list")).content.decode()
    assert ("Ada Berg" in page, "Bo Lund" in page) == (True, False)
    assert signed_in(sales_rep).get(reverse("crm:contact", args=[other.pk])).status_code == 404
    assert api(sales_rep).get("/api/v1/contacts/").json()["count"] == 1


def test_contacts_are_written_on_their_pages(selling: Selling, coordinator: Person, signed_in: In) -> None:
    client = signed_in(coordinator)
    typed = {"account": "A-RITA", "name": "Bo Lund", "email": "bo@example.com", "is_active": "on"}

    client.post(reverse("crm:contact-add"), typed)
    bo = Contact.objects.get()
    again = client.post(reverse("crm:contact-add"), typed)
    client.post(reverse("crm:contact-edit", args=[bo.pk]), typed | {"job_title": "Buyer", "revision": "1"})

    assert "has a contact with this e-mail address already" in again.content.decode()
    bo.refresh_from_db()
    assert bo.job_title == "Buyer"
    account = reverse("crm:account", args=[bo.account_id])
    assert "Bo Lund" in client.get(account).content.decode()
    assert client.get(reverse("crm:contact-edit", args=[bo.pk])).status_code == 200


def test_somebody_who_is_forgotten_leaves_nothing_in_history_and_log(
    ada: Contact, coordinator: Person, signed_in: In
) -> None:
    change_contact(actor=coordinator, row=ada, revision=1, changes={"phone": "0471 1234"})

    signed_in(coordinator).post(reverse("crm:contact-remove", args=[ada.pk]))

    assert not Contact.objects.exists()
    kept = str(list(apps.get_model("crm", "ContactEvent").objects.values())) + str(
        list(Event.objects.values())
    )
    for personal in ("Ada", "ada@example.com", "0471"):
        assert personal not in kept
    assert Event.objects.filter(verb="contact removed").exists()


def test_who_may_not_change_accounts_changes_no_contacts(
    selling: Selling, ada: Contact, sales_rep: Person, analyst: Person, signed_in: In
) -> None:
    values = {"account": ada.account, "name": "X"}
    for person in (sales_rep, analyst):
        for refused in (
            lambda who=person: create_contact(actor=who, values=values),
            lambda who=person: change_contact(actor=who, row=ada, revision=1, changes={"name": "X"}),
            lambda who=person: remove_contact(actor=who, row=ada),
        ):
            with pytest.raises(Denied, match="may not change accounts"):
                refused()
    assert signed_in(sales_rep).post(reverse("crm:contact-remove", args=[ada.pk])).status_code == 403


def test_an_address_that_is_none_is_refused_beside_its_field(selling: Selling, coordinator: Person) -> None:
    values = {"account": selling.account_of(selling.rita), "name": "X", "email": "nowhere"}
    with pytest.raises(Invalid) as refusal:
        create_contact(actor=coordinator, values=values)

    assert [reason.field for reason in refusal.value.reasons] == ["email"]


def test_contacts_are_written_by_the_api(selling: Selling, coordinator: Person, api: Api) -> None:
    client = api(coordinator)
    made = client.post("/api/v1/contacts/", {"account": "A-OTTO", "name": "Bo Lund"}).json()

    changed = client.patch(f"/api/v1/contacts/{made['id']}/", {"phone": "1", "revision": 1}).json()

    assert (changed["phone"], changed["account"]) == ("1", "A-OTTO")
    assert client.delete(f"/api/v1/contacts/{made['id']}/").status_code == 204
    assert client.get("/api/v1/contacts/").json()["count"] == 0
