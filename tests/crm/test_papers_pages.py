"""Pages of order papers: written, moved and refused in the browser's words."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.test import Client
from django.urls import reverse

from core.models import Person
from crm.models import Deal, OrderPaper
from tests.crm.paper_world import SOON, Shop, Write, shop, walk, write

__all__ = ["shop", "write"]


def test_a_paper_is_written_sent_and_signed_on_pages(
    write: Write, shop: Shop, coordinator: Person, signed_in: Callable[[Person], Client]
) -> None:
    client = signed_in(coordinator)
    typed = {
        "kind": "quote", "deal": "D1", "amount": "1200", "currency": "EUR", "due": SOON.isoformat(),
        "document": "https://files.example/1.pdf",
    }  # fmt: skip

    page = client.post(reverse("crm:paper-add"), typed, follow=True)
    paper = OrderPaper.objects.get()
    for name in ("send", "sign"):
        page = client.post(reverse("crm:paper-move", args=[paper.pk, name]), follow=True)

    assert f"Quote {paper.number} is signed." in page.content.decode()
    assert (paper.account, paper.deal) == (shop.account, shop.deal)


def test_a_refused_move_shows_every_reason_and_where_it_is_mended(
    write: Write, coordinator: Person, signed_in: Callable[[Person], Client]
) -> None:
    paper = write(document="", due=None)

    page = signed_in(coordinator).post(reverse("crm:paper-move", args=[paper.pk, "send"]))

    text = page.content.decode()
    assert page.status_code == 409
    assert "The document is missing." in text
    assert "The due day is missing." in text
    assert reverse("crm:paper-edit", args=[paper.pk]) in text


def test_an_unknown_deal_is_refused_beside_its_field(
    shop: Shop, coordinator: Person, signed_in: Callable[[Person], Client]
) -> None:
    Deal.objects.create(source="crm", external_id="D1", account=shop.account)
    typed = {"kind": "quote", "amount": "1200", "currency": "EUR"}
    client = signed_in(coordinator)

    unknown = client.post(reverse("crm:paper-add"), typed | {"deal": "D9"})
    several = client.post(reverse("crm:paper-add"), typed | {"deal": "D1"})
    exact = client.post(reverse("crm:paper-add"), typed | {"deal": "here:D1"})

    assert (unknown.status_code, several.status_code, exact.status_code) == (400, 400, 302)
    assert "Nothing that you may see is called “D9”" in unknown.content.decode()
    assert "Several deals are called “D1”" in several.content.decode()


def test_buttons_are_those_of_the_role_and_the_kind(
    write: Write, coordinator: Person, analyst: Person, signed_in: Callable[[Person], Client]
) -> None:
    paper = walk(write(kind="invoice"), coordinator, "send")
    address = reverse("crm:paper", args=[paper.pk])

    mine, theirs = (signed_in(one).get(address).content.decode() for one in (coordinator, analyst))

    assert "Mark as paid" in mine
    assert "Mark as signed" not in mine
    assert "Mark as paid" not in theirs


def test_after_the_draft_the_form_holds_only_what_may_change(
    write: Write, coordinator: Person, signed_in: Callable[[Person], Client]
) -> None:
    client = signed_in(coordinator)
    paper = walk(write(), coordinator, "send")

    form = client.get(reverse("crm:paper-edit", args=[paper.pk])).context["form"]

    assert set(form.fields) == {"due", "document", "owner", "revision"}


def test_an_untouched_form_changes_nothing(
    write: Write, shop: Shop, coordinator: Person, signed_in: Callable[[Person], Client]
) -> None:
    first = write(deal=shop.deal)
    paper = write(kind="order", follows=first, discount_percent=Decimal("2.5"))
    client, url = signed_in(coordinator), reverse("crm:paper-edit", args=[paper.pk])
    typed = {field.html_name: field.value() for field in client.get(url).context["form"]}

    answer = client.post(url, {name: value for name, value in typed.items() if value is not None})

    assert answer.status_code == 302
    paper.refresh_from_db()
    assert paper.revision == 1


def test_the_delivery_is_reported_on_the_page(
    write: Write, coordinator: Person, signed_in: Callable[[Person], Client]
) -> None:
    paper = walk(write(kind="order"), coordinator, "send", "sign")
    client, url = signed_in(coordinator), reverse("crm:paper-delivery", args=[paper.pk])

    wrong = client.post(url, {"delivered_percent": "140", "revision": paper.revision})
    right = client.post(url, {"delivered_percent": "40", "revision": paper.revision}, follow=True)

    assert wrong.status_code == 400
    assert "the delivery is kept" in right.content.decode()
    paper.refresh_from_db()
    assert paper.delivered_percent == 40


def test_the_list_and_the_page_of_a_paper_keep_their_queries(
    write: Write,
    coordinator: Person,
    signed_in: Callable[[Person], Client],
    pinned_queries: Callable[..., Any],
) -> None:
    papers = [write(kind=kind) for kind in ("quote", "order", "invoice", "order")]
    client = signed_in(coordinator)

    with pinned_queries("list"):
        client.get(reverse("crm:paper-list"))
    with pinned_queries("page"):
        client.get(reverse("crm:paper", args=[papers[1].pk]))
