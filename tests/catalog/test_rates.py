"""What a currency is worth in a month: one at a time, in a query, and in raw SQL."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Value

from catalog.models import Currency, MonthRate, Price
from catalog.selectors import rate, rate_expression, rate_join
from catalog.services import add_currency, set_rate
from core.errors import Conflict, Invalid
from core.models import Person
from tests.catalog.conftest import Shop

NOVEMBER = dt.date(2026, 11, 1)


@pytest.fixture
def dollar(shop: Shop) -> Currency:
    currency = Currency.objects.create(code="USD", name="US dollar")
    MonthRate.objects.create(currency=currency, month=NOVEMBER, rate="0.92")
    return currency


def test_the_base_currency_is_always_worth_one(shop: Shop) -> None:
    assert rate("EUR", dt.date(1999, 5, 1)) == 1


def test_a_rate_is_found_by_any_day_of_its_month(dollar: Currency) -> None:
    assert rate(dollar, dt.date(2026, 11, 28)) == Decimal("0.92")


def test_a_missing_rate_is_not_guessed(dollar: Currency) -> None:
    assert rate(dollar, dt.date(2026, 10, 1)) is None


def test_every_row_of_a_query_gets_its_rate(shop: Shop, dollar: Currency) -> None:
    for currency, product in ((shop.euro, shop.crisps), (dollar, shop.espresso)):
        Price.objects.create(product=product, currency=currency, amount=1, valid="[2026-11-15,)")

    prices = Price.objects.annotate(day=Value(dt.date(2026, 11, 20))).annotate(
        rate=rate_expression("currency", "day")
    )

    assert {price.currency_id: price.rate for price in prices} == {"EUR": 1, "USD": Decimal("0.92")}


def test_raw_sql_joins_the_same_rates(dollar: Currency) -> None:
    lines = (
        "(VALUES ('USD', date '2026-11-20'), ('EUR', '2026-11-20'), ('USD', '2020-01-01')) line(code, day)"
    )
    join = rate_join("line.code", "line.day")

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {join.value} FROM {lines} {join.join}", join.params)
        assert sorted(str(row[0]) for row in cursor.fetchall()) == ["0.92000000", "1", "None"]


def test_the_base_currencys_rate_is_not_entered(shop: Shop, analyst: Person) -> None:
    with pytest.raises(Invalid, match="its rate is 1"):
        set_rate(actor=analyst, currency=shop.euro, month=NOVEMBER, rate=Decimal(2))


def test_a_rate_that_is_there_is_not_overwritten_unseen(dollar: Currency, analyst: Person) -> None:
    with pytest.raises(Invalid, match="already"):
        set_rate(actor=analyst, currency=dollar, month=NOVEMBER, rate=Decimal(2))
    with pytest.raises(Conflict):
        set_rate(actor=analyst, currency=dollar, month=NOVEMBER, rate=Decimal(2), revision=9)


def test_a_rate_lies_on_the_first_of_a_month(dollar: Currency, analyst: Person) -> None:
    with pytest.raises(Invalid):
        set_rate(actor=analyst, currency=dollar, month=dt.date(2026, 12, 2), rate=Decimal(1))


@pytest.mark.parametrize("code", ["eu", "E1R", "EUR"])
def test_a_currency_that_is_no_code_or_there_already_is_refused(
    shop: Shop, analyst: Person, code: str
) -> None:
    with pytest.raises(Invalid):
        add_currency(actor=analyst, code=code, name="Something")
