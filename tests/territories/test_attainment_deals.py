"""The deals behind a territory's bookings: the list of each number adds up to it, for who may see it."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from core.models import Person
from crm.models import Rep
from tests.territories.attainment_world import a_deal, lies_in, selling, stages
from tests.territories.world import a_model_in_force, a_rep, a_territory, an_account, covers

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]
TODAY = dt.date(2026, 11, 16)
PAGE, LIST = "/territories/attainment/", "/territories/attainment/deals/"
QUARTER = {"period": "quarter", "month": "2026-11", "measure": "bookings"}


@pytest.fixture
def rita(sales_rep: Person, monkeypatch: pytest.MonkeyPatch) -> Rep:
    """North with south below it is Rita's, east is Otto's, one account lies nowhere, one lay in an old model
    until October was over. Every account has a won and an open deal of each rep."""
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    stages()
    rita, otto = selling(sales_rep, "RITA"), a_rep("OTTO")
    model = a_model_in_force()
    north, east = a_territory(model, "north"), a_territory(model, "east")
    south = a_territory(model, "south", parent=north)
    covers(rita, north)
    covers(otto, east)
    for number, territory in enumerate((north, south, east, None)):
        account = an_account(f"A{number}")
        if territory:
            lies_in(account, territory, dt.date(2026, 11, 1))
        for rep, times in ((rita, 1), (otto, 100)):
            a_deal(rep, times * 10**number, "won", account=account)
            a_deal(rep, times * 3 * 10**number, account=account)
            a_deal(rep, times * 7 * 10**number, "won", account=account, closed=dt.date(2026, 10, 2))
    a_deal(rita, 5, "won")
    a_deal(rita, 9, category="omitted", account=an_account("A9"))
    return rita


def numbers(client: Client, column: str) -> dict[str, tuple[str, str]]:
    """name → what stands in a column and the address behind it."""
    table = client.get(PAGE, QUARTER | {"by": "territory"}).context["table"]
    place = [head["label"] for head in table["columns"]].index(column)
    return {
        row["cells"][0]["text"].strip(): (row["cells"][place]["title"], row["cells"][place]["url"])
        for row in table["rows"]
    }


def sum_of_list(client: Client, url: str) -> str:
    figures = client.get(url).context["figures"]
    return next(one["title"] for one in figures if one["label"] in ("Closed", "Open")).removesuffix(" EUR")


@pytest.mark.parametrize("column", ["Closed", "Open"])
@pytest.mark.parametrize("who", ["manager", "sales_rep"])
def test_the_list_behind_every_number_of_a_territory_adds_up_to_it(
    rita: Rep, request: pytest.FixtureRequest, signed_in: SignIn, who: str, column: str
) -> None:
    client = signed_in(request.getfixturevalue(who))
    found = {name: one for name, one in numbers(client, column).items() if name != "All"}

    assert {"north", "south", "No territory"} <= set(found)
    assert ("east" in found) == (who == "manager")
    assert {name: sum_of_list(client, url) for name, (_, url) in found.items()} == {
        name: shown for name, (shown, _) in found.items()
    }


def test_open_deals_stand_with_their_chance_and_what_they_weigh(
    rita: Rep, manager: Person, signed_in: SignIn
) -> None:
    client = signed_in(manager)
    _, url = numbers(client, "Open")["south"]
    shown = client.get(url)

    labels = [head["label"] for head in shown.context["table"]["columns"]]
    assert labels[-3:] == ["Amount", "Chance", "By chance"]
    by_label = {one["label"]: one for one in shown.context["figures"]}
    assert (by_label["Deals"]["value"], by_label["By chance"]["title"]) == ("2", "1\u202f515.00 EUR")


def test_nothing_is_open_in_a_period_that_is_over(rita: Rep, manager: Person, signed_in: SignIn) -> None:
    answer = signed_in(manager).get(LIST, QUARTER | {"month": "2026-08", "state": "open"})

    assert "No deals here" in answer.content.decode()


def test_odd_questions_are_answered_beside_the_field(rita: Rep, manager: Person, signed_in: SignIn) -> None:
    asked = {"state": "maybe", "territory": "999999", "month": "1066-10", "period": "decade"}
    answer = signed_in(manager).get(LIST, asked)

    assert answer.status_code == 200
    assert set(answer.context["filter"].form.errors) == set(asked)


def test_the_same_by_api(rita: Rep, manager: Person, sales_rep: Person, api: Any) -> None:
    def money(client: APIClient, **asked: Any) -> float:
        answer = client.get("/api/v1/attainment/deals/", QUARTER | asked)
        assert answer.status_code == 200, answer.content
        return sum(float(row["money"]) for row in answer.json()["results"])

    assert money(api(manager), territory="none") == 5 + 101 * 1000 + 7 * 101 * 1111
    assert money(api(manager), territory="none", state="open") == 101 * 3000
    assert money(api(sales_rep)) == 5 + 8 * 1111
    assert api(manager).get("/api/v1/attainment/deals/", {"state": "maybe"}).status_code == 400


def test_who_may_not_see_attainment_is_told_so(stranger: Person, signed_in: SignIn) -> None:
    assert signed_in(stranger).get(LIST).status_code == 403
