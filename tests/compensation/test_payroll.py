"""Payroll takes locked months only; accrual is what is earned and not paid."""

import io
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook
from rest_framework.test import APIClient

from catalog.models import Currency, MonthRate
from compensation.models import CreditHold, PlanAssignment
from compensation.selectors.payroll import accrual_of
from compensation.services.payroll import take_payroll
from core.errors import Denied, Refused
from core.models import Event, Person
from tests.compensation.company import FLAT, deal, plan_of, rep_on
from tests.compensation.paying import (
    FEBRUARY,
    JANUARY,
    _today,  # noqa: F401 - a fixture
    calculated,
    closed,
    moved,
)

pytestmark = pytest.mark.django_db


def test_only_a_locked_month_goes_to_payroll(manager: Person, signed_in: Callable[[Person], Client]) -> None:
    rep_on(plan_of(FLAT))
    run = moved(calculated(JANUARY), "take", "review", "approve")
    with pytest.raises(Refused, match="locked months only"):
        take_payroll(actor=manager, run=run, form="csv")
    found = signed_in(manager).get(f"/pay/runs/{run.pk}/payroll/csv/")
    assert found.status_code == 409
    assert not Event.objects.filter(verb="pay: taken out for payroll").exists()


def test_payroll_has_a_row_for_everybody_and_the_log_keeps_who_took_it(
    manager: Person, signed_in: Callable[[Person], Client]
) -> None:
    version = plan_of(FLAT)
    deal(rep_on(version, name='=HYPERLINK("http://evil")'), 10_000, JANUARY)
    rep_on(version, "ben")
    run = closed(JANUARY)
    client = signed_in(manager)
    csv = client.get(f"/pay/runs/{run.pk}/payroll/csv/").getvalue().decode()
    head, ann, ben = csv.strip().splitlines()
    assert head.startswith("Person,Name,Month,Currency,Earned")
    assert ann.startswith("ann,\"'=HYPERLINK") and ",500.00," in ann
    assert ben.startswith("ben,Ben,2026-01-01,EUR")
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"/pay/runs/{run.pk}/payroll/xlsx/").content))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[1][0] == "ann" and rows[1][11] == 500 and str(rows[1][1]).startswith("'=")
    events = Event.objects.filter(verb="pay: taken out for payroll", actor=manager)
    assert sorted(event.after["form"] for event in events) == ["csv", "xlsx"]


@pytest.mark.parametrize("who", ["sales_rep", "sales_manager", "coordinator", "advisor"])
def test_pay_is_taken_out_by_those_who_may(
    who: str,
    request: pytest.FixtureRequest,
    signed_in: Callable[[Person], Client],
    api: Callable[[Person], APIClient],
) -> None:
    rep_on(plan_of(FLAT))
    run, person = closed(JANUARY), request.getfixturevalue(who)
    assert signed_in(person).get(f"/pay/runs/{run.pk}/payroll/csv/").status_code == 403
    assert api(person).post(f"/api/v1/pay-runs/{run.pk}/payroll/").status_code == 403
    with pytest.raises(Denied):
        take_payroll(actor=person, run=run, form="csv")
    assert accrual_of(person, FEBRUARY, 3).rows == []


def test_accrual_is_open_months_held_pay_and_draws(
    analyst: Person, signed_in: Callable[[Person], Client], api: Callable[[Person], APIClient]
) -> None:
    terms = {**FLAT, "draw": {"amount": 1000, "kind": "guarantee", "recoverable": True}}
    ann = rep_on(plan_of(terms))
    of = deal(ann, 10_000, JANUARY)
    deal(ann, 4_000, FEBRUARY)
    CreditHold.objects.create(deal=of, since=JANUARY, reason="Not paid yet")
    closed(JANUARY)
    calculated(FEBRUARY)

    found = accrual_of(analyst, FEBRUARY, 12)

    said = {(row.why, row.component): row.amount for row in found.rows}
    assert said == {
        ("Open month", "Own bookings"): 200,
        ("Held", "Held pay"): 500,
        ("Drawn", "Draws to be kept back"): -500,
    }
    assert found.open_months == [FEBRUARY]
    assert found.by_currency == {"EUR": Decimal(200)}
    page = signed_in(analyst).get("/pay/accrual/?month=2026-02").content.decode()
    assert "Held pay" in page and "February 2026" in page
    csv = signed_in(analyst).get("/pay/accrual/?month=2026-02&export=csv")
    assert b"Held pay" in csv.getvalue()
    rows = api(analyst).get("/api/v1/pay-accrual/?month=2026-02-01").data
    assert {row["component"] for row in rows} == {"Own bookings", "Held pay", "Draws to be kept back"}


def test_somebody_paid_in_two_currencies_has_two_rows_with_amounts_as_numbers(
    manager: Person, signed_in: Callable[[Person], Client]
) -> None:
    main = plan_of(FLAT)
    Currency.objects.create(code="USD", name="Dollar")
    MonthRate.objects.create(currency_id="USD", month=JANUARY, rate=Decimal("0.8"))
    beside = plan_of({**FLAT, "currency": "USD"}, "us")
    ann = rep_on(main)
    PlanAssignment.objects.create(plan=beside.plan, rep=ann, days=beside.days)
    deal(ann, 10_000, JANUARY)
    run = closed(JANUARY)
    content = signed_in(manager).get(f"/pay/runs/{run.pk}/payroll/xlsx/").content
    head, *rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    # 10,000 EUR are 12,500 USD at 0.8.
    currency, pay = head.index("Currency"), 11
    assert [(row[0], row[currency], row[pay]) for row in rows] == [("ann", "EUR", 500), ("ann", "USD", 625)]
    assert all(isinstance(row[pay], (int, float)) for row in rows)
