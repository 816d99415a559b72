"""Every page of the catalog opens, lists what it should, and saves what is typed."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import (
    BillOfMaterials,
    CalendarException,
    CapacityUse,
    Cost,
    Currency,
    Family,
    MonthRate,
    Price,
    Product,
    Resource,
    Scope,
    Unit,
    UnitConversion,
    WorkingCalendar,
)
from core.models import Event, Person
from tests.catalog.conftest import Shop

SignIn = Callable[[Person], Client]
ALWAYS = "[2026-01-01,)"
LISTS = [
    *("family-list", "family-rows", "market-list", "market-rows", "product-list", "unit-list"),
    *("unit-conversion-list", "demand-unit-list", "site-list", "resource-list", "capacity-use-list"),
    *("bill-of-materials-list", "price-list", "cost-list", "month-rate-list", "month-rate-rows"),
    *("currency-list", "calendar-list"),
]
FORMS = [
    *("family-add", "market-add", "product-add", "unit-add", "unit-conversion-add", "demand-unit-add"),
    *("site-add", "resource-add", "capacity-use-add", "bill-of-materials-add", "price-add", "cost-add"),
    *("month-rate-add", "currency-add", "calendar-add", "calendar-exception-add"),
]


@pytest.fixture
def rows(shop: Shop) -> dict[str, object]:
    """One row of every table that has a page, by the page's noun."""
    dollar = Currency.objects.create(code="USD", name="US dollar")
    calendar = WorkingCalendar.objects.create(
        code="FRCAL", name="France", country="FR", weekdays=[1, 2, 3, 4, 5]
    )
    case = Unit.objects.create(code="CS", name="Case")
    product = shop.espresso
    exception = {"day": "2026-12-24", "label": "Christmas Eve"}
    parts = {"component": shop.crisps, "quantity": "2.5", "valid": ALWAYS}
    return {
        "family": shop.drinks,
        "market": shop.europe,
        "product": product,
        "unit": shop.piece,
        "unit-conversion": UnitConversion.objects.create(from_unit=case, to_unit=shop.piece, factor=12),
        "demand-unit": shop.unit_of(product, shop.france),
        "site": shop.plant,
        "resource": shop.line,
        "capacity-use": CapacityUse.objects.create(
            product=product, resource=shop.line, per_unit="0.05", valid=ALWAYS
        ),
        "bill-of-materials": BillOfMaterials.objects.create(product=product, **parts),
        "price": Price.objects.create(product=product, currency=shop.euro, amount="9.5", valid=ALWAYS),
        "cost": Cost.objects.create(product=product, currency=shop.euro, amount="4.25", valid=ALWAYS),
        "month-rate": MonthRate.objects.create(currency=dollar, month="2026-11-01", rate="0.92"),
        "calendar": calendar,
        "calendar-exception": CalendarException.objects.create(calendar=calendar, **exception),
    }


@pytest.mark.parametrize("name", LISTS)
def test_every_list_opens_with_and_without_rows(
    rows: dict[str, object], signed_in: SignIn, analyst: Person, name: str
) -> None:
    url = reverse(f"catalog:{name}")

    assert signed_in(analyst).get(url).status_code == 200
    assert signed_in(analyst).get(url, {"search": "nothing like this", "since": "1995-01"}).status_code == 200


@pytest.mark.parametrize("name", FORMS)
def test_every_form_opens_and_refuses_an_empty_one_with_sentences(
    shop: Shop, signed_in: SignIn, analyst: Person, name: str
) -> None:
    url = reverse(f"catalog:{name}")

    assert signed_in(analyst).get(url).status_code == 200
    answer = signed_in(analyst).post(url, {})
    assert answer.status_code == 400
    assert "Nothing was saved yet" in answer.content.decode()


def test_every_detail_and_its_form_open(rows: dict[str, object], signed_in: SignIn, analyst: Person) -> None:
    client = signed_in(analyst)

    for noun, row in rows.items():
        assert client.get(reverse(f"catalog:{noun}", args=[row.pk])).status_code == 200, noun
        assert client.get(reverse(f"catalog:{noun}-edit", args=[row.pk])).status_code == 200, noun


def test_a_form_saved_untouched_changes_nothing(
    rows: dict[str, object], signed_in: SignIn, analyst: Person
) -> None:
    client = signed_in(analyst)

    for noun, row in rows.items():
        url = reverse(f"catalog:{noun}-edit", args=[row.pk])
        form = client.get(url).context["form"]
        typed = {field.html_name: field.value() for field in form}
        answer = client.post(
            url, {name: value for name, value in typed.items() if value not in (None, False)}
        )
        assert answer.status_code == 302, (noun, answer.context and answer.context["form"].errors)
        row.refresh_from_db()
        assert row.revision == 1, noun


def test_a_product_is_added_by_the_page_and_its_history_says_so(
    shop: Shop, signed_in: SignIn, analyst: Person
) -> None:
    client = signed_in(analyst)
    typed = {"code": "TEA", "name": "Green tea", "family": "DRINKS", "unit": "PC", "life_cycle": "launch"}

    answer = client.post(reverse("catalog:product-add"), typed, follow=True)

    page = answer.content.decode()
    assert "Green tea (TEA) is added." in page
    assert "Product added" in page
    assert Event.objects.get(verb="product added").actor == analyst


def test_what_was_typed_stays_when_the_service_refuses(
    shop: Shop, signed_in: SignIn, analyst: Person
) -> None:
    typed = {
        "code": "TEA",
        "name": "Green tea",
        "family": "DRINKS",
        "unit": "PC",
        "life_cycle": "active",
        "launched_on": "2026-05-01",
        "discontinued_on": "2026-01-01",
    }

    answer = signed_in(analyst).post(reverse("catalog:product-add"), typed)

    assert answer.status_code == 400
    assert "discontinued before it is launched" in answer.content.decode()
    assert answer.context["form"]["name"].value() == "Green tea"
    assert not Product.objects.filter(code="TEA").exists()


def test_a_stale_form_shows_both_versions_and_keeping_yours_leaves_their_other_field_alone(
    shop: Shop, signed_in: SignIn, analyst: Person, colleague: Person
) -> None:
    url = reverse("catalog:site-edit", args=[shop.plant.pk])
    seen = {"code": "LYON", "name": "Lyon", "kind": "plant", "market": "FR", "calendar": "", "revision": 1}
    signed_in(colleague).post(url, seen | {"name": "Lyon North", "kind": "warehouse"})

    answer = signed_in(analyst).post(url, seen | {"name": "Lyon South"})

    assert answer.status_code == 409
    conflict = answer.context["conflict"]
    assert conflict["rows"] == [{"label": "Name", "yours": "Lyon South", "theirs": "Lyon North"}]
    again = {item["name"]: item["value"] for item in conflict["hidden"]}
    assert signed_in(analyst).post(url, again | {"keep": "yours"}).status_code == 302
    shop.plant.refresh_from_db()
    assert (shop.plant.name, shop.plant.kind, shop.plant.revision) == ("Lyon South", "warehouse", 3)


def test_a_family_cannot_be_moved_below_itself(shop: Shop, signed_in: SignIn, analyst: Person) -> None:
    url = reverse("catalog:family-edit", args=[shop.drinks.pk])
    typed = {"code": "DRINKS", "name": "Drinks", "parent": "COFFEE", "revision": 1}

    answer = signed_in(analyst).post(url, typed)

    assert answer.status_code == 400
    assert "cannot lie below itself" in answer.content.decode()
    assert Family.objects.get(code="DRINKS").parent is None


def test_a_new_price_by_the_page_ends_the_open_one_the_day_before(
    rows: dict[str, object], shop: Shop, signed_in: SignIn, analyst: Person
) -> None:
    typed = {"product": "ESP", "currency": "EUR", "amount": "10", "valid_from": "2030-03-01"}

    answer = signed_in(analyst).post(reverse("catalog:price-add"), typed)

    assert answer.status_code == 302
    old, new = Price.objects.filter(product=shop.espresso).order_by("valid")
    assert old.valid.upper == new.valid.lower
    assert new.valid.upper is None


def test_costs_are_nowhere_for_those_who_may_not_see_them(
    rows: dict[str, object], shop: Shop, signed_in: SignIn, sales_manager: Person
) -> None:
    client = signed_in(sales_manager)

    assert client.get(reverse("catalog:cost-list")).status_code == 403
    assert client.get(reverse("catalog:cost", args=[rows["cost"].pk])).status_code == 403
    product = client.get(reverse("catalog:product", args=[shop.espresso.pk])).content.decode()
    resource = client.get(reverse("catalog:resource", args=[shop.line.pk])).content.decode()
    exported = b"".join(client.get(reverse("catalog:resource-list"), {"export": "csv"})).decode()
    assert "4.25" not in product
    assert "Overtime cost" not in resource
    assert "cost" not in exported.lower()


def test_a_missing_rate_is_marked_and_links_to_its_form(
    rows: dict[str, object], signed_in: SignIn, analyst: Person
) -> None:
    page = signed_in(analyst).get(reverse("catalog:month-rate-list"), {"since": "2026-10"}).content.decode()

    assert "0.92" in page
    assert "?currency=USD&amp;month=2026-10" in page
    assert "23 missing" in page


def test_the_calendar_page_tells_a_year_in_words(
    rows: dict[str, object], signed_in: SignIn, analyst: Person
) -> None:
    url = reverse("catalog:calendar", args=[rows["calendar"].pk])
    page = signed_in(analyst).get(url, {"year": "2026"}).content.decode()

    assert "2026: 251 of 365 days are worked" in page
    assert "free, Christmas Eve" in page


def test_an_exception_is_removed_and_the_calendars_history_keeps_it(
    rows: dict[str, object], signed_in: SignIn, analyst: Person
) -> None:
    url = reverse("catalog:calendar-exception-remove", args=[rows["calendar-exception"].pk])

    signed_in(analyst).post(url)

    assert not CalendarException.objects.exists()
    assert Event.objects.get(verb="exception removed").before["label"] == "Christmas Eve"


def test_the_technical_advisor_narrows_a_person_and_opens_everything_again(
    shop: Shop, signed_in: SignIn, advisor: Person, analyst: Person
) -> None:
    client, url = signed_in(advisor), reverse("catalog:scope", args=[analyst.pk])

    assert "sees everything" in client.get(url).content.decode()
    assert client.post(url, {"market": "EU"}).status_code == 302
    assert client.post(url, {"market": "EU", "family": "COFFEE"}).status_code == 400
    scope = Scope.objects.get(person=analyst)
    assert scope.market == shop.europe
    client.post(reverse("catalog:scope-remove", args=[analyst.pk, scope.pk]))
    assert not Scope.objects.exists()


def test_others_may_not_change_scopes(signed_in: SignIn, manager: Person, analyst: Person) -> None:
    assert signed_in(manager).get(reverse("catalog:scope", args=[analyst.pk])).status_code == 403


def test_a_row_outside_of_the_scope_is_not_found(shop: Shop, signed_in: SignIn, analyst: Person) -> None:
    Scope.objects.create(person=analyst, family=shop.coffee)

    assert signed_in(analyst).get(reverse("catalog:product", args=[shop.crisps.pk])).status_code == 404


def test_a_person_cannot_save_a_product_out_of_the_own_scope(
    shop: Shop, signed_in: SignIn, analyst: Person
) -> None:
    Scope.objects.create(person=analyst, family=shop.coffee)
    typed = {"code": "NUT", "name": "Nuts", "family": "SNACKS", "unit": "PC", "life_cycle": "active"}

    answer = signed_in(analyst).post(reverse("catalog:product-add"), typed)

    assert answer.status_code == 400
    assert not Product.objects.filter(code="NUT").exists()


def test_a_bulk_change_stands_in_the_history_too(shop: Shop, signed_in: SignIn, analyst: Person) -> None:
    Resource.objects.filter(pk=shop.line.pk).update(name="Line One")

    page = signed_in(analyst).get(reverse("catalog:resource", args=[shop.line.pk])).content.decode()

    assert "Line One" in page
    assert "a bulk load" in page


@pytest.mark.parametrize("name", ["product-list", "demand-unit-list", "price-list", "family-list"])
def test_lists_cost_the_same_queries_however_long_they_are(
    rows: dict[str, object], signed_in: SignIn, analyst: Person, pinned_queries: Callable, name: str
) -> None:
    client = signed_in(analyst)

    with pinned_queries():
        answer = client.get(reverse(f"catalog:{name}"))

    assert answer.status_code == 200


@pytest.mark.parametrize("noun", ["product", "demand-unit", "family", "market", "resource"])
def test_details_cost_a_known_number_of_queries(
    rows: dict[str, object], signed_in: SignIn, analyst: Person, pinned_queries: Callable, noun: str
) -> None:
    client = signed_in(analyst)

    with pinned_queries():
        answer = client.get(reverse(f"catalog:{noun}", args=[rows[noun].pk]))

    assert answer.status_code == 200
