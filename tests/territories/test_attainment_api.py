"""The API of attainment: the numbers of the pages, for who may see them."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from core.models import Person
from crm.models import Rep
from tests.territories.attainment_world import a_deal, a_line, a_quota, selling, stages
from tests.territories.world import a_rep

pytestmark = pytest.mark.django_db
AsPerson = Callable[[Person], APIClient]
FIRST = dt.date(2026, 1, 1)
OVER = {"period": "quarter", "month": "2026-02-10"}


@pytest.fixture
def rita(sales_rep: Person) -> Rep:
    stages()
    rep = selling(sales_rep, "RITA")
    a_quota(rep, FIRST, 100)
    a_deal(rep, 80, "won", closed=dt.date(2026, 2, 2))
    otto = a_rep("OTTO")
    a_quota(otto, FIRST, 100)
    a_deal(otto, 10, "won", closed=FIRST)
    a_line(None, otto, 7, FIRST)
    return rep


def get(client: APIClient, path: str, **asked: Any) -> Any:
    answer = client.get(f"/api/v1/{path}/", OVER | asked)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_attainment_of_a_period_with_its_lines(rita: Rep, manager: Person, api: AsPerson) -> None:
    body = get(api(manager), "attainment")

    assert body["period"] == {
        "kind": "quarter",
        "first": "2026-01-01",
        "last": "2026-03-31",
        "label": "Jan–Mar 26",
    }
    assert (body["total"]["quota"], body["total"]["closed"]) == ("200.0000", "90.0000")
    assert [(line["key"], line["attained"]) for line in body["lines"]] == [("RITA", 0.8), ("OTTO", 0.1)]


@pytest.mark.parametrize("by", ["team", "territory", "product"])
def test_every_grouping(rita: Rep, manager: Person, api: AsPerson, by: str) -> None:
    body = get(api(manager), "attainment", by=by)

    assert sum(float(line["closed"]) for line in body["lines"]) == 90


def test_the_trend_the_rep_and_the_lines_outside(rita: Rep, manager: Person, api: AsPerson) -> None:
    client = api(manager)

    assert [one["closed"] for one in get(client, "attainment/trend", rep="RITA")][-1] == "80.0000"
    assert get(client, "attainment/reps/RITA")["line"]["attained"] == 0.8
    assert get(client, "attainment/outside")["total"]["nowhere"] == {"lines": 1, "revenue": "7.0000"}


def test_fairness_by_api(rita: Rep, manager: Person, api: AsPerson) -> None:
    body = get(api(manager), "fairness")

    assert body["spread"]["median"] == pytest.approx(0.45)
    assert [band["count"] for band in body["spread"]["bands"]] == [1, 0, 1, 0, 0]
    assert body["relation"]["count"] == 0


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"period": "decade"}, "period"), ({"month": "soon"}, "month"), ({"by": "luck"}, "by")],
)
def test_what_cannot_be_asked_for_is_a_400_that_names_it(
    rita: Rep, manager: Person, api: AsPerson, asked: dict[str, str], field: str
) -> None:
    answer = api(manager).get("/api/v1/attainment/", OVER | asked)

    assert answer.status_code == 400
    assert field in str(answer.json())


def test_a_rep_gets_the_own_numbers_only(rita: Rep, sales_rep: Person, api: AsPerson) -> None:
    client = api(sales_rep)

    assert [line["key"] for line in get(client, "attainment")["lines"]] == ["RITA"]
    assert [one["key"] for one in get(client, "fairness")["reps"]] == ["RITA"]
    assert get(client, "attainment/outside")["total"]["nowhere"]["lines"] == 0
    assert client.get("/api/v1/attainment/reps/OTTO/").status_code == 404
    assert client.get("/api/v1/attainment/trend/", {"rep": "OTTO"}).status_code == 404


def test_whoever_has_no_role_gets_none(stranger: Person, api: AsPerson) -> None:
    assert api(stranger).get("/api/v1/attainment/").status_code == 403
    assert api(stranger).get("/api/v1/fairness/").status_code == 403
