"""How far a month has come, beside an estimate that is measured against the whole month's quota."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from compensation.selectors.own_pay import pace_of
from core.models import Person
from tests.compensation.company import TERMS, credit, line, plan_of, rep_on, run_of

pytestmark = pytest.mark.django_db
JUNE = dt.date(2026, 6, 1)  # 22 weekdays


@pytest.mark.parametrize(
    ("day", "gone"),
    [(dt.date(2026, 5, 31), 0), (JUNE, 1), (dt.date(2026, 6, 20), 15), (dt.date(2026, 8, 1), 22)],
)
def test_working_days_up_to_today_are_counted_with_today(db: None, day: dt.date, gone: int) -> None:
    pace = pace_of(JUNE, day)
    assert (pace.gone, pace.days) == (gone, 22)


def test_the_page_and_the_api_say_it_beside_the_attainment(
    sales_rep: Person,
    signed_in: Callable[[Person], Client],
    api: Callable[[Person], APIClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: dt.date(2026, 6, 20))
    rep = rep_on(plan_of(TERMS), "ann", person=sales_rep, quota=120_000)
    credit(rep, 30_000, JUNE)
    text = signed_in(sales_rep).get(reverse("compensation:own-pay")).content.decode()
    assert "15 of 22</b> working days of the month are gone" in text
    assert "of 60\u202f000.00 up to the end of June" in text
    told = api(sales_rep).get("/api/v1/pay/estimate/").json()
    assert (told["working_days_gone"], told["working_days"]) == (15, 22)


def test_a_month_that_is_over_and_not_approved_is_told_apart_from_the_months(
    sales_rep: Person, signed_in: Callable[[Person], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: dt.date(2026, 7, 3))
    version = plan_of(TERMS)
    rep = rep_on(version, "ann", person=sales_rep)
    may = dt.date(2026, 5, 1)
    run_of(may, {rep: [line(credit(rep, 1000, may))]}, version, "paid")
    url = reverse("compensation:own-pay")
    assert "June is over and not approved yet" in signed_in(sales_rep).get(url).content.decode()
    run_of(JUNE, {rep: [line(credit(rep, 1000, JUNE))]}, version, "approved")
    assert "over and not approved yet" not in signed_in(sales_rep).get(url).content.decode()
