"""Ratios in the product: margins of credits multiply pay, and every place shows the ratio as one."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse

from catalog.models import Cost, Product
from compensation.models import PlanAssignment, PlanVersion, StatementPart
from compensation.pipeline.books import calculated, plan_book
from compensation.pipeline.crediting import make_credits
from compensation.selectors.what_if import Supposed
from compensation.services.own_pay import estimate_of
from compensation.services.plan_quotas import set_plan_quota
from compensation.services.statement_files import content_of
from compensation.services.what_if import what_if
from core.errors import Invalid
from core.models import Person
from crm.models import Rep
from tests.compensation.company import FLAT, credit, deal, euro, plan_of, rep_on
from tests.compensation.paying import (
    MARCH,
    _today,  # noqa: F401 - a fixture
    pay,
    sheet,
)
from tests.compensation.paying import (
    calculated as run_of_month,
)
from tests.compensation.test_credit_bases import a_product

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]
BY_MARGIN = {"component": "margin", "steps": [[0, "80%"], ["20%", "100%"], ["30%", "120%"]]}
TERMS: dict[str, Any] = {
    "plan": "Margined",
    "currency": "EUR",
    "components": [
        {**FLAT["components"][0], "period": "quarter", "multiplier": BY_MARGIN},
        {
            "code": "margin",
            "name": "Gross margin",
            "form": "flat",
            "rate": 0,
            "period": "quarter",
            "measure": {"of": "margin", "per": "amount"},
        },
    ],
}


@pytest.fixture
def ann(sales_rep: Person) -> Rep:
    """30 % of 10,000: 3,000 of margin, so what counts pays 5 % × 1.2."""
    rep = rep_on(plan_of(TERMS), "ann", person=sales_rep, name="Ann Able", quota=120_000)
    pump = a_product()
    days = DateRange(dt.date(2026, 1, 1), None)
    Cost.objects.create(product=pump, currency=euro(), amount=10, valid=days)
    sold(rep, pump, 4_000, dt.date(2026, 1, 5), pieces=360)
    sold(rep, pump, 6_000, dt.date(2026, 3, 5), pieces=340)
    make_credits()
    return rep


def sold(rep: Rep, product: Product, amount: int, day: dt.date, pieces: int) -> None:
    """A won deal whose pieces cost 10 each."""
    won = deal(rep, amount, day, product=product)
    won.lines.create(position=1, quantity=pieces, amount=amount, product=product)


def shown(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\u202f", " ").split())


def test_a_run_multiplies_commission_by_the_quarters_margin(ann: Rep) -> None:
    run = run_of_month(MARCH)
    part = StatementPart.objects.get(statement=sheet(run, ann), component="margin")
    assert pay(run, ann) == Decimal(600)
    assert (part.attainment, part.quota, part.earned) == (Decimal("0.3"), 0, 0)


def test_the_statement_shows_the_ratio_and_what_was_divided_by_what(
    ann: Rep, sales_rep: Person, analyst: Person, signed_in: SignIn
) -> None:
    page = sheet(run_of_month(MARCH), ann)
    text = shown(signed_in(analyst).get(reverse("compensation:statement", args=[page.pk])))
    for words in ('Ratio</dt><dd class="num">30 %', "Margin so far", "Bookings so far", "3 000.00"):
        assert words in text
    assert "Multiplier: Gross margin at 30 %" in text
    ratio = next(one for one in content_of(page)["parts"] if one["name"] == "Gross margin")
    assert ratio["about"].replace("\u202f", " ") == "So far 3 000.00 EUR, ratio 30 %"


def test_your_pay_shows_a_ratio_without_a_gauge_of_a_quota(
    ann: Rep, sales_rep: Person, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: dt.date(2026, 3, 20))
    parts = {one.component: one.row for one in estimate_of(actor=sales_rep, rep=ann, month=MARCH).parts}
    assert parts["margin"].attainment == Decimal("0.3")
    text = shown(signed_in(sales_rep).get(reverse("compensation:own-pay")))
    assert '<b class="num">30 %</b></p> <p class="quiet">a ratio, up to the end of March' in text
    assert "Attainment of Gross margin" not in text


def test_a_deal_with_less_margin_lowers_the_ratio_and_the_multiplier(ann: Rep, sales_rep: Person) -> None:
    cheap = Supposed("Cheap", Decimal(2_000), margin=Decimal(0))
    own, margin = what_if(actor=sales_rep, rep=ann, month=MARCH, deals=[cheap]).effects
    assert (margin.before.attainment, margin.after.attainment) == (Decimal("0.3"), Decimal("0.25"))
    assert own.difference == Decimal(12_000) * Decimal("0.05") - 600


def test_no_quota_is_set_for_a_ratio(ann: Rep, analyst: Person) -> None:
    with pytest.raises(Invalid, match="“margin” is a ratio and has no quota"):
        set_plan_quota(
            actor=analyst,
            plan=PlanVersion.objects.get().plan,
            rep=ann,
            first_month=dt.date(2026, 1, 1),
            months=3,
            amount=Decimal(1),
            component="margin",
        )


def test_own_terms_may_measure_what_the_plan_does_not() -> None:
    """The credits of the book have the columns of everybody's terms."""
    version = plan_of(FLAT)
    bob = rep_on(version, "bob")
    changes = {"components": [*TERMS["components"]]}
    days = DateRange(dt.date(2026, 1, 1), None)
    PlanAssignment.objects.create(plan=version.plan, rep=bob, days=days, changes=changes, reason="Agreed")
    credit(bob, 1_000, dt.date(2026, 2, 1), margin=100)
    book = plan_book(version, dt.date(2026, 1, 1))
    (part,) = [one for one in calculated(book) if one.pays(book.place(bob.pk), 2)]
    assert sum(part.calculation.lines.pay.decimals()) == Decimal(40)


def test_a_run_warns_of_margins_that_nobody_knows(ann: Rep) -> None:
    sold(ann, a_product("unknown"), 500, dt.date(2026, 3, 9), pieces=1)
    warned = [one for one in run_of_month(MARCH).warnings if one["kind"] == "no_margin"]
    assert [(one["text"], Decimal(one["money"]), one["rep"]) for one in warned] == [
        ("1 credit of Ann Able: nobody knows the cost, so the margin counts as 0.", 500, ann.pk)
    ]


def test_the_statement_says_whether_an_amount_opened_the_gate() -> None:
    gate = {"component": "own", "in": "amount", "at_least": 5000}
    extra = {"code": "extra", "form": "flat", "rate": "1%", "gate": gate}
    cara = rep_on(plan_of({**FLAT, "components": [*FLAT["components"], extra]}), "cara")
    deal(cara, 4_999, dt.date(2026, 3, 2))
    part = StatementPart.objects.get(statement=sheet(run_of_month(MARCH), cara), component="extra")
    assert [one["label"].replace("\u202f", " ") for one in part.factors] == [
        "Gate: Own bookings at least 5 000 EUR, closed"
    ]
    assert part.earned == 0
