"""The public form of a source: strangers write, programs are thanked and forgotten, floods end."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from crm.models import Lead
from tests.crm.lead_world import Sales, now, sales

__all__ = ["now", "sales"]
TYPED = {"company": "Acme", "name": "Ann Buyer", "email": "ann@acme.example", "text": "How much?"}


@pytest.fixture(autouse=True)
def _counts_begin_anew() -> None:
    cache.clear()


@pytest.fixture
def address(sales: Sales) -> str:
    sales.web.takes_form = True
    sales.web.save()
    return reverse("crm:lead-form", args=["web"])


def test_a_stranger_writes_and_somebody_gets_the_lead(address: str, sales: Sales, client: Client) -> None:
    assert "What can we do for you?" in client.get(address).content.decode()

    answer = client.post(address, TYPED, follow=True)

    assert "Thank you" in answer.content.decode()
    lead = Lead.objects.get()
    assert (lead.source, lead.company, lead.text, lead.owner) == (sales.web, "Acme", "How much?", sales.otto)


def test_a_program_that_fills_the_hidden_field_is_thanked_and_forgotten(address: str, client: Client) -> None:
    answer = client.post(address, TYPED | {"website": "http://spam.example"}, follow=True)

    assert "Thank you" in answer.content.decode()
    assert not Lead.objects.exists()


def test_what_is_wrong_stands_beside_the_field_and_nothing_typed_is_lost(
    address: str, client: Client
) -> None:
    answer = client.post(address, TYPED | {"email": "nonsense"})

    assert answer.status_code == 400
    assert "email" in answer.context["form"].errors
    assert "How much?" in answer.content.decode()


def test_the_sixth_message_of_an_address_within_minutes_is_refused(address: str, client: Client) -> None:
    codes = [client.post(address, TYPED | {"email": f"a{n}@b.example"}).status_code for n in range(6)]

    assert codes == [302] * 5 + [429]
    assert Lead.objects.count() == 5
    elsewhere = client.post(address, TYPED | {"email": "z@b.example"}, REMOTE_ADDR="198.51.100.7")
    assert elsewhere.status_code == 302


@pytest.mark.parametrize("change", [{"takes_form": False}, {"is_active": False}])
def test_a_form_that_is_closed_is_not_there(
    address: str, sales: Sales, client: Client, change: dict[str, bool]
) -> None:
    for name, value in change.items():
        setattr(sales.web, name, value)
    sales.web.save()

    assert client.get(address).status_code == 404
    assert client.post(address, TYPED).status_code == 404


def test_the_form_needs_its_token(address: str) -> None:
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(address, TYPED).status_code == 403
    assert not Lead.objects.exists()


def test_strangers_learn_nothing_of_the_company(address: str, client: Client) -> None:
    page = client.get(address).content.decode()

    assert "Web site" not in page
    assert "Otto" not in page
