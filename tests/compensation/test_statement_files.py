"""Statements as files and by API: the same numbers, for the same people."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from compensation.models import CreditHold, PlanVersion, Statement
from compensation.services.statement_files import content_of
from core.models import Person
from crm.models import Rep
from tests.compensation.company import TERMS, credit, deal, line, plan_of, rep_on, run_of

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]
Api = Callable[[Person], APIClient]
JUNE = dt.date(2026, 6, 1)
V1 = "/api/v1/"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: dt.date(2026, 7, 20))


@pytest.fixture
def ann(sales_rep: Person) -> Rep:
    return rep_on(plan_of(TERMS), "ann", person=sales_rep, quota=120_000, name="Ann Able")


@pytest.fixture
def june(ann: Rep) -> Statement:
    version = PlanVersion.objects.get()
    lines = [line(credit(ann, 10_000, JUNE, label="=1+1"))]
    return Statement.objects.get(run=run_of(JUNE, {ann: lines}, version, "paid"))


def test_the_paper_is_a_pdf_of_the_rep_and_month(
    signed_in: SignIn, sales_rep: Person, june: Statement
) -> None:
    answer = signed_in(sales_rep).get(reverse("compensation:statement-pdf", args=[june.pk]))
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    assert 'filename="statement-ann-2026-06.pdf"' in answer["Content-Disposition"]


def test_the_paper_holds_the_payout_and_every_tier(june: Statement) -> None:
    content = content_of(june)
    assert content["steps"][-1] == {"label": "Payout", "text": "500.00"}
    (part,) = content["parts"]
    assert [row["pay"] for row in part["rungs"]] == ["500.00", "500.00"]
    assert part["rungs"][0]["rate"] == "5\u202f%" and content["more_lines"] == 0


def test_the_paper_of_what_a_hold_lets_go_says_why_it_was_let_go(ann: Rep) -> None:
    said = {"reason": "Not paid by the customer", "release_reason": "The customer paid"}
    hold = CreditHold.objects.create(rep=ann, since=JUNE, released=dt.date(2026, 6, 20), **said)
    statement = run_of(JUNE, {ann: []}, PlanVersion.objects.get(), "calculating").statements.get()
    for amount in (50, -30):
        statement.held_rows.create(hold=hold, amount=amount)
    told = [(row["label"], row["text"]) for row in content_of(statement)["holds"]]
    assert told == [
        ("All pay: Not paid by the customer", "\u221250.00"),
        ("All pay: The customer paid", "30.00"),
    ]


def test_a_spreadsheet_runs_nothing_out_of_a_deal_s_name(
    signed_in: SignIn, sales_rep: Person, june: Statement
) -> None:
    url = reverse("compensation:statement-lines", args=[june.pk])
    csv = signed_in(sales_rep).get(url, {"export": "csv"}).getvalue().decode()
    assert "'=1+1" in csv


def test_the_team_list_is_taken_out_as_a_file(signed_in: SignIn, analyst: Person, june: Statement) -> None:
    url = reverse("compensation:statement-list")
    assert signed_in(analyst).get(url, {"export": "xlsx"}).content.startswith(b"PK")


def test_the_api_tells_what_the_page_tells(api: Api, sales_rep: Person, june: Statement) -> None:
    found: Any = api(sales_rep).get(f"{V1}pay-statements/{june.pk}/").json()
    assert found["pay"] == "500.0000" and found["rep"] == "ann" and found["state"] == "paid"
    (part,) = found["parts"]
    assert part["rungs"] == [
        {
            "kind": "earned",
            "tier": 1,
            "amount": "10000.0000",
            "rate": "0.05000000",
            "pay": "500.0000",
            "count": 1,
        }
    ]
    lines = api(sales_rep).get(f"{V1}pay-lines/", {"statement": june.pk}).json()["results"]
    assert [row["pay"] for row in lines] == ["500.0000"]
    assert api(sales_rep).get(f"{V1}pay-statements/{june.pk}/pdf/").content.startswith(b"%PDF")


def test_the_api_lists_by_rep_and_month(api: Api, analyst: Person, june: Statement) -> None:
    def count(**query: str) -> int:
        return len(api(analyst).get(f"{V1}pay-statements/", query).json()["results"])

    assert count(rep="ann", month="2026-06-15") == 1
    assert count(rep="bob") == 0 and count(month="2026-05-01") == 0


def test_the_year_by_api_sums_what_is_paid(api: Api, sales_rep: Person, june: Statement) -> None:
    found = api(sales_rep).get(f"{V1}pay/year/", {"year": 2026}).json()
    assert found["sums"] == [
        {
            "currency": "EUR",
            "earned": "500.0000",
            "paid": "500.0000",
            "coming": "0.0000",
            "held": "0.0000",
            "owed": "0.0000",
        }
    ]
    assert api(sales_rep).get(f"{V1}pay/year/", {"year": "soon"}).status_code == 400


def test_the_estimate_by_api_is_of_the_month_asked_for(api: Api, ann: Rep, sales_rep: Person) -> None:
    credit(ann, 1000, dt.date(2026, 7, 3))
    found = api(sales_rep).get(f"{V1}pay/estimate/").json()
    assert found["month"] == "2026-07-01" and found["sheets"][0]["earned"] == "50.0000"
    assert found["parts"][0]["pay"] == "50.0000"
    assert api(sales_rep).get(f"{V1}pay/estimate/", {"month": "2026-13"}).status_code == 400


def test_what_if_by_api(api: Api, ann: Rep, sales_rep: Person) -> None:
    mine = deal(ann, 1000, None)
    sent = {"month": "2026-07-09", "deals": [mine.pk], "amounts": [{"amount": "200"}]}
    found = api(sales_rep).post(f"{V1}pay/what-if/", sent, format="json").json()
    assert found["totals"] == {"EUR": "60.0000"}
    assert found["effects"][0]["by_month"] == {"2026-07-01": "60.0000"}
    wrong = api(sales_rep).post(
        f"{V1}pay/what-if/", {"month": "2026-07-01", "deals": [mine.pk + 1]}, format="json"
    )
    assert wrong.status_code == 400 and "not an open deal of Ann Able" in wrong.content.decode()


def test_money_of_the_year_is_apart_by_state(june: Statement, ann: Rep, sales_rep: Person, api: Api) -> None:
    version = june.parts.get().version
    run_of(dt.date(2026, 7, 1), {ann: [line(credit(ann, 1000, JUNE))]}, version, "approved")
    (sums,) = api(sales_rep).get(f"{V1}pay/year/").json()["sums"]
    assert Decimal(sums["paid"]) == 500 and Decimal(sums["coming"]) == 50
