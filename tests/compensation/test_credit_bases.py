"""Invoices, paid invoices and sales lines are credited too, on their own days and at their rates."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from catalog.models import Cost, Currency, DemandUnit, Family, Market, MonthRate, Product, Unit
from compensation.models import Cancellation, Credit, CreditRule
from compensation.pipeline.crediting import make_credits
from compensation.selectors.credits_current import credits_are_current
from crm.models import Deal, OrderPaper
from gathering.models import ImportRun, SalesLine
from tests.compensation.company import FLAT, deal, euro, plan_of, rep_on
from tests.territories.attainment_world import an_import

pytestmark = pytest.mark.django_db
MAY = dt.date(2026, 5, 12)


def at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), dt.UTC)


def an_invoice(of: Deal | None, amount: int, state: str = "sent", **values: Any) -> OrderPaper:
    number = OrderPaper.objects.count() + 1
    given = {
        "source": "erp",
        "external_id": f"i{number}",
        "number": f"I-{number}",
        "kind": "invoice",
        "state": state,
        "deal": of,
        "account": of.account if of else None,
        "amount": amount,
        "currency": euro(),
        "changed_state": at(MAY),
    }
    return OrderPaper.objects.create(**(given | values))


def rows(basis: str) -> list[tuple[dt.date, Decimal]]:
    found = Credit.objects.filter(basis=basis, is_gone=False).order_by("day", "pk")
    return list(found.values_list("day", "amount"))


def a_product(code: str = "p1") -> Product:
    family, _ = Family.objects.get_or_create(code="f", defaults={"name": "F"})
    unit, _ = Unit.objects.get_or_create(code="pc", defaults={"name": "Piece"})
    return Product.objects.create(code=code, name=code, family=family, unit=unit)


def test_an_invoice_is_credited_on_the_day_it_was_sent_and_as_cash_when_it_is_paid() -> None:
    won = deal(rep_on(None), 1_000, dt.date(2026, 4, 1))
    paper = an_invoice(won, 600)
    an_invoice(won, 50, "draft")
    make_credits()
    assert (rows("invoiced"), rows("cash")) == ([(MAY, Decimal(600))], [])
    paid = MAY + dt.timedelta(30)
    OrderPaper.objects.filter(pk=paper.pk).update(state="paid", changed_state=at(paid))
    make_credits()
    assert (rows("invoiced"), rows("cash")) == ([(MAY, Decimal(600))], [(paid, Decimal(600))])
    assert Credit.objects.get(basis="cash").paper == paper


def test_a_cancelled_or_deleted_invoice_loses_its_credit() -> None:
    won = deal(rep_on(None), 1_000, MAY)
    one, other = an_invoice(won, 600), an_invoice(won, 400)
    make_credits()
    OrderPaper.objects.filter(pk=one.pk).update(state="cancelled")
    OrderPaper.objects.filter(pk=other.pk).update(is_deleted=True)
    assert make_credits().gone == 2
    assert rows("invoiced") == []


def test_an_invoice_without_a_deal_is_nobodys_until_a_rule_finds_somebody() -> None:
    paper = an_invoice(None, 600)
    assert make_credits().without_rep == 1
    rep = rep_on(None, "ann")
    CreditRule.objects.create(
        name="Ann", kind="direct", getter="rep", rep=rep, days=DateRange(None, None), bases=["invoiced"]
    )
    make_credits()
    assert Credit.objects.get(paper=paper).rep == rep


def test_foreign_money_is_worth_the_rate_of_its_month() -> None:
    dollar = Currency.objects.create(code="USD", name="Dollar")
    MonthRate.objects.create(currency=dollar, month=dt.date(2026, 4, 1), rate="0.9")
    MonthRate.objects.create(currency=dollar, month=dt.date(2026, 5, 1), rate="0.8")
    won = deal(rep_on(None), 100, MAY, currency=dollar, base_amount=80)
    an_invoice(won, 50, currency=dollar)
    make_credits()
    booked, invoiced = (Credit.objects.get(basis=basis) for basis in ("bookings", "invoiced"))
    assert (booked.own_amount, booked.rate, booked.currency) == (Decimal(100), Decimal("0.8"), "USD")
    assert (invoiced.own_amount, invoiced.amount) == (Decimal(50), Decimal(40))


def test_what_has_no_rate_is_not_credited() -> None:
    yen = Currency.objects.create(code="JPY", name="Yen")
    won = deal(rep_on(None), 100, MAY, currency=yen, base_amount=None)
    an_invoice(won, 50, currency=yen)
    make_credits()
    assert not Credit.objects.exists()


def test_the_margin_of_a_deal_is_its_worth_less_known_costs() -> None:
    product, rep = a_product(), rep_on(None)
    Cost.objects.create(
        product=product, currency=euro(), amount=30, valid=DateRange(dt.date(2026, 1, 1), None)
    )
    known, unknown = deal(rep, 100, MAY, product=product), deal(rep, 100, MAY, product=a_product("p2"))
    known.lines.create(position=1, quantity=2, amount=100, product=product)
    make_credits()
    assert Credit.objects.get(deal=known).margin == Decimal(40)
    assert Credit.objects.get(deal=unknown).margin is None


def sold(number: int, **values: Any) -> SalesLine:
    market, _ = Market.objects.get_or_create(code="m", defaults={"name": "M"})
    product = Product.objects.filter(code="p1").first() or a_product()
    unit, _ = DemandUnit.objects.get_or_create(product=product, market=market)
    run = ImportRun.objects.first() or an_import("sales")
    given = {
        "source": "erp",
        "order_number": f"O{number}",
        "line": "1",
        "day": MAY,
        "demand_unit": unit,
        "quantity": 3,
        "revenue": 90,
        "cost": 60,
        "currency": "EUR",
        "run": run,
        "row_number": number,
    }
    return SalesLine.objects.create(**(given | values))


def counts_sales() -> None:
    plan_of({**FLAT, "components": [{**FLAT["components"][0], "measure": {"of": "sales"}}]})


def test_sales_lines_are_credited_to_their_seller_and_returns_take_away() -> None:
    counts_sales()
    rep = rep_on(None)
    sold(1, rep=rep)
    sold(2, rep=rep, kind="return", quantity=1, revenue=30, cost=None, day=MAY + dt.timedelta(1))
    make_credits()
    sale, back = Credit.objects.filter(basis="sales").order_by("day")
    assert (sale.amount, sale.quantity, sale.margin, sale.rep) == (90, 3, 30, rep)
    assert (back.amount, back.quantity, back.margin) == (-30, -1, None)
    assert (sale.product, sale.market, sale.label) == (
        sold(3).demand_unit.product,
        sold(4).demand_unit.market,
        "O1 / 1",
    )


def test_sales_lines_are_left_alone_while_no_plan_and_no_rule_counts_them() -> None:
    sold(1, rep=rep_on(None))
    assert make_credits().came == 0
    counts_sales()
    assert not credits_are_current()
    assert make_credits().came == 1


def test_a_cancelled_deal_takes_its_invoices_back_but_not_before_their_days() -> None:
    won = deal(rep_on(None), 1_000, dt.date(2026, 4, 1))
    an_invoice(won, 600)
    Cancellation.objects.create(deal=won, kind="cancelled", day=dt.date(2026, 5, 1), percent=50, reason="No")
    make_credits()
    assert rows("bookings") == [(dt.date(2026, 4, 1), Decimal(1000)), (dt.date(2026, 5, 1), Decimal(-500))]
    assert rows("invoiced") == [(MAY, Decimal(600)), (MAY, Decimal(-300))]
