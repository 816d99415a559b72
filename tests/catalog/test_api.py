"""The catalog in the API: rows by code, filters, revisions, rights and scope."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from catalog.models import Cost, Price, Product, Scope, WorkingCalendar
from core.models import Person
from tests.catalog.conftest import Shop

AsPerson = Callable[[Person], APIClient]
AT = "/api/v1"
LISTS = [
    *("families", "units", "unit-conversions", "products", "markets", "demand-units", "sites", "resources"),
    *("capacity-uses", "bills-of-materials", "prices", "costs", "currencies", "month-rates", "calendars"),
    "calendar-exceptions",
]


@pytest.mark.parametrize("name", LISTS)
def test_every_table_is_listed_for_planners_and_closed_to_strangers(
    shop: Shop, api: AsPerson, analyst: Person, stranger: Person, name: str
) -> None:
    assert api(analyst).get(f"{AT}/{name}/").status_code == 200
    assert api(stranger).get(f"{AT}/{name}/").status_code == 403


def test_a_product_is_added_by_codes(shop: Shop, api: AsPerson, analyst: Person) -> None:
    sent = {"code": "TEA", "name": "Tea", "family": "DRINKS", "unit": "PC", "predecessor": "LEM"}

    answer = api(analyst).post(f"{AT}/products/", sent)

    assert answer.status_code == 201, answer.json()
    assert {name: answer.json()[name] for name in sent} == sent
    assert Product.objects.get(code="TEA").predecessor == shop.lemonade


def test_an_unknown_code_is_refused_with_its_field(shop: Shop, api: AsPerson, analyst: Person) -> None:
    answer = api(analyst).post(
        f"{AT}/products/", {"code": "TEA", "name": "Tea", "family": "NONE", "unit": "PC"}
    )

    assert answer.status_code == 400
    reason = answer.json()["error"]["reasons"][0]
    assert (reason["field"], "NONE" in reason["text"]) == ("family", True)


def test_a_second_product_with_the_same_code_is_refused(shop: Shop, api: AsPerson, analyst: Person) -> None:
    sent = {"code": "ESP", "name": "Twin", "family": "DRINKS", "unit": "PC"}

    answer = api(analyst).post(f"{AT}/products/", sent)

    assert answer.status_code == 400
    assert answer.json()["error"]["reasons"][0]["field"] == "code"


def test_a_stale_change_gets_both_versions(
    shop: Shop, api: AsPerson, analyst: Person, colleague: Person
) -> None:
    url = f"{AT}/products/{shop.espresso.pk}/"
    assert api(colleague).patch(url, {"name": "Ristretto", "revision": 1}).status_code == 200

    answer = api(analyst).patch(url, {"name": "Lungo", "revision": 1})

    assert answer.status_code == 409
    error = answer.json()["error"]
    assert (error["yours"], error["theirs"], error["revision"]) == (
        {"name": "Lungo"},
        {"name": "Ristretto"},
        2,
    )


def test_a_change_without_a_revision_is_refused(shop: Shop, api: AsPerson, analyst: Person) -> None:
    answer = api(analyst).patch(f"{AT}/products/{shop.espresso.pk}/", {"name": "Lungo"})

    assert answer.status_code == 400
    assert answer.json()["error"]["reasons"][0]["field"] == "revision"


def test_filters_take_codes_and_trees(shop: Shop, api: AsPerson, analyst: Person) -> None:
    def found(query: str) -> list[str]:
        return [row["code"] for row in api(analyst).get(f"{AT}/products/?{query}").json()["results"]]

    assert found("family=DRINKS") == ["ESP", "LEM"]
    assert found("search=spres") == ["ESP"]
    assert api(analyst).get(f"{AT}/demand-units/?market=EU&product=ESP").json()["count"] == 1


def test_scope_narrows_the_api_as_well(shop: Shop, api: AsPerson, analyst: Person) -> None:
    Scope.objects.create(person=analyst, family=shop.coffee)

    assert api(analyst).get(f"{AT}/products/").json()["count"] == 1
    assert api(analyst).get(f"{AT}/products/{shop.crisps.pk}/").status_code == 404
    sent = {"product": "CRI", "currency": "EUR", "amount": "1", "valid_from": "2040-01-01"}
    assert api(analyst).post(f"{AT}/prices/", sent).status_code == 400


def test_costs_are_closed_without_the_right(shop: Shop, api: AsPerson, sales_manager: Person) -> None:
    Cost.objects.create(product=shop.crisps, currency=shop.euro, amount=1, valid="[2026-01-01,)")

    assert api(sales_manager).get(f"{AT}/costs/").status_code == 403
    resource = api(sales_manager).get(f"{AT}/resources/{shop.line.pk}/").json()
    assert "regular_cost" not in resource


def test_a_price_holds_from_a_day_to_its_last_day(shop: Shop, api: AsPerson, service_account: Person) -> None:
    sent = {"product": "ESP", "market": "FR", "currency": "EUR", "amount": "9.5", "valid_from": "2040-01-01"}
    client = api(service_account)
    client.post(f"{AT}/prices/", sent)

    later = client.post(f"{AT}/prices/", sent | {"amount": "10", "valid_from": "2040-02-01"})

    assert later.status_code == 201, later.json()
    first = Price.objects.get(amount="9.5")
    assert client.get(f"{AT}/prices/{first.pk}/").json()["valid_to"] == "2040-01-31"
    ended = client.patch(f"{AT}/prices/{later.json()['id']}/", {"valid_to": "2040-03-31", "revision": 1})
    assert ended.json()["valid_to"] == "2040-03-31"


def test_a_demand_unit_keeps_its_product(shop: Shop, api: AsPerson, analyst: Person) -> None:
    unit = shop.unit_of(shop.espresso, shop.france)

    answer = api(analyst).patch(f"{AT}/demand-units/{unit.pk}/", {"product": "CRI", "revision": 1})

    assert answer.status_code == 400
    assert "keeps its product" in answer.json()["error"]["message"]


def test_the_workdays_of_a_month_are_told(shop: Shop, api: AsPerson, analyst: Person) -> None:
    calendar = WorkingCalendar.objects.create(
        code="FR", name="France", country="FR", weekdays=[1, 2, 3, 4, 5]
    )

    answer = api(analyst).get(f"{AT}/calendars/{calendar.pk}/workdays/2027-01/").json()

    assert (answer["count"], answer["days"][0]) == (20, "2027-01-04")
    assert api(analyst).get(f"{AT}/calendars/{calendar.pk}/workdays/2027-13/").status_code == 400


def test_an_unknown_country_is_refused(shop: Shop, api: AsPerson, analyst: Person) -> None:
    sent = {"code": "X", "name": "X", "country": "XX", "weekdays": [1]}

    answer = api(analyst).post(f"{AT}/calendars/", sent)

    assert answer.status_code == 400
    assert answer.json()["error"]["reasons"][0]["field"] == "country"


def test_only_the_technical_advisor_sets_scopes(
    shop: Shop, api: AsPerson, advisor: Person, analyst: Person
) -> None:
    sent = {"person": "analyst@example.com", "market": "FR"}

    assert api(analyst).post(f"{AT}/scopes/", sent).status_code == 403
    made = api(advisor).post(f"{AT}/scopes/", sent)
    assert made.status_code == 201, made.json()
    assert api(advisor).delete(f"{AT}/scopes/{made.json()['id']}/").status_code == 204
