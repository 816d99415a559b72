"""Attainment: quotas against what was closed, by rep, team, territory and product, for who may see it."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from catalog.models import Currency, Market, MonthRate, Scope
from core.models import Person
from crm.models import DealLine, Rep
from territories.engine.attainment.periods import Period, PeriodKind
from territories.models import QuotaMeasure
from territories.selectors.attainment import Asked, Line, attainment
from territories.selectors.attainment_groups import by_product, by_team, trend
from territories.selectors.attainment_sums import Credit
from territories.selectors.attainment_territories import by_territory
from tests.territories.attainment_world import (
    FIRST,
    LAST,
    TODAY,
    a_deal,
    a_line,
    a_quota,
    a_unit,
    in_team,
    lies_in,
    owns,
    selling,
    stages,
)
from tests.territories.world import a_model_in_force, a_rep, a_territory, an_account, covers

pytestmark = pytest.mark.django_db
QUARTER = Period(PeriodKind.QUARTER, FIRST, LAST)
BOOKINGS = Asked(QUARTER, today=TODAY)
SALES = Asked(QUARTER, QuotaMeasure.SALES, today=TODAY)
BY_LINE = Asked(QUARTER, QuotaMeasure.SALES, Credit.SELLER, TODAY)


@pytest.fixture(autouse=True)
def _stages() -> None:
    stages()


@pytest.fixture
def ina() -> Rep:
    return a_rep("INA")


@pytest.fixture
def ben() -> Rep:
    return a_rep("BEN")


def lines_of(found: list[Line]) -> dict[str, Line]:
    return {line.key: line for line in found}


def test_a_rep_attains_what_was_won_in_the_period_over_the_quota_of_its_months(ina: Rep) -> None:
    for month, amount in ((10, 100), (11, 100), (12, 200)):
        a_quota(ina, dt.date(2026, month, 1), amount)
    a_quota(ina, dt.date(2026, 9, 1), 999)
    a_deal(ina, 60, "won", closed=FIRST)
    a_deal(ina, 40, "won", closed=dt.date(2026, 11, 15))
    a_deal(ina, 500, "won", closed=dt.date(2026, 9, 30))
    a_deal(ina, 70, "lost")

    (line,) = attainment(None, BOOKINGS).lines

    assert (line.quota, line.closed, line.count, line.attained) == (400, 100, 2, Decimal("0.25"))
    assert line.missing == 300
    # October is over; 10 of the 21 working days of November are: (100 + 100 · 10/21) of 400.
    assert line.gone == pytest.approx((100 + 100 * 10 / 21) / 400)
    assert line.pace == pytest.approx(100 / (100 + 100 * 10 / 21))


def test_the_forecast_adds_open_deals_by_their_chance_and_what_is_usually_new(ina: Rep) -> None:
    a_quota(ina, FIRST, 1000)
    a_deal(ina, 100, "won")
    a_deal(ina, 400)  # by its stage: 50 %
    a_deal(ina, 100, probability=Decimal("0.2"))
    a_deal(ina, 9000, expected_close=dt.date(2027, 1, 4))
    a_deal(ina, 9000, category="omitted")
    # The third quarter from the same point on (15 August): created and won after it.
    a_deal(ina, 60, "won", created=dt.date(2026, 8, 20), closed=dt.date(2026, 9, 20))
    a_deal(ina, 500, "won", created=dt.date(2026, 8, 1), closed=dt.date(2026, 9, 20))  # was open already

    (line,) = attainment(None, BOOKINGS).lines

    assert line.outlook is not None
    assert (line.outlook.closed, line.outlook.weighted, line.outlook.new) == (100, 220, 60)
    assert line.expected == pytest.approx(0.38)
    assert line.low is not None and line.high is not None
    assert 0.16 <= line.low <= 0.38 <= line.high <= 0.66
    assert line.open.money == 500


def test_a_newcomers_months_before_the_first_deal_do_not_count_as_nothing(ina: Rep) -> None:
    for back in ("2026-09-20", "2026-06-20"):
        day = dt.date.fromisoformat(back)
        a_deal(ina, 90, "won", created=day - dt.timedelta(days=5), closed=day)

    (line,) = attainment(None, BOOKINGS).lines

    assert line.outlook is not None
    assert line.outlook.new == 90  # not 180 / 8 quarters


def test_a_period_that_is_over_has_no_forecast(ina: Rep) -> None:
    a_deal(ina, 100, "won")
    over = attainment(None, Asked(QUARTER, today=dt.date(2027, 1, 1))).total

    assert (over.outlook, over.gone, over.closed) == (None, 1.0, 100)


def test_coverage_needed_is_one_over_the_win_rate_of_the_last_year(ina: Rep, ben: Rep) -> None:
    a_quota(ina, FIRST, 1000)
    for _ in range(3):
        a_deal(ina, 100, "won")
    for _ in range(9):
        a_deal(ina, 100, "lost")
    a_deal(ina, 2100)
    a_deal(ben, 100, "won")

    lines = lines_of(attainment(None, BOOKINGS).lines)

    assert (lines["INA"].rate, lines["INA"].needed, lines["INA"].rate_is_own) == (0.25, 4, True)
    assert (lines["INA"].had, lines["INA"].covered) == (3, False)
    assert (lines["BEN"].rate_is_own, lines["BEN"].rate) == (False, pytest.approx(4 / 13))


def test_who_only_lost_deals_has_no_line_but_counts_in_the_win_rate_of_all(ina: Rep, ben: Rep) -> None:
    a_quota(ina, FIRST, 100)
    a_deal(ina, 10, "won")
    a_deal(ben, 10, "lost")
    in_team("EAST", ben)

    found = attainment(None, BOOKINGS)

    assert [line.key for line in found.lines] == ["INA"]
    assert found.total.rate == 0.5
    assert [line.name for line in by_team(None, BOOKINGS).lines] == ["No team"]


def test_reps_of_other_markets_are_one_line_without_their_names(ina: Rep, manager: Person) -> None:
    north, south = (Market.objects.create(code=code, name=code.title()) for code in ("NORTH", "SOUTH"))
    for rep, market in ((ina, north), (a_rep("ZOE"), south), (a_rep("ABE"), south)):
        Rep.objects.filter(pk=rep.pk).update(market=market)
        a_quota(rep, FIRST, 100)
        a_deal(rep, 10, "won")
    Scope.objects.create(person=manager, market=north)

    assert [(line.name, line.quota, line.closed) for line in attainment(manager, BOOKINGS).lines] == [
        ("INA", 100, 10),
        ("No rep", None, 20),
    ]


def test_sales_are_credited_to_the_owner_of_the_day_or_to_the_rep_on_the_line(ina: Rep, ben: Rep) -> None:
    account, other = an_account("A1"), an_account("A2")
    north = a_territory(a_model_in_force(), "north")
    owns(ina, account, north, dt.date(2026, 1, 1), dt.date(2026, 11, 1))
    owns(ben, account, north, dt.date(2026, 11, 1))
    a_line(account, ben, 100, dt.date(2026, 10, 31))
    a_line(account, ina, 40, dt.date(2026, 11, 1))
    a_line(account, ina, 10, dt.date(2026, 11, 2), kind="return")
    a_line(other, ina, 7, dt.date(2026, 11, 2))  # nobody owns it
    a_line(None, None, 5, dt.date(2026, 11, 2))

    by_owner = {line.key: line.closed for line in attainment(None, SALES).lines}
    by_line = {line.key: line.closed for line in attainment(None, BY_LINE).lines}

    assert by_owner == {"INA": 107, "BEN": 30, "": 5}
    assert by_line == {"INA": 37, "BEN": 100, "": 5}


def test_sales_in_another_currency_count_at_the_rate_of_their_month(ina: Rep) -> None:
    from_catalog_rate("USD", dt.date(2026, 10, 1), "0.5")
    a_line(None, ina, 100, dt.date(2026, 10, 5), currency="USD")

    assert attainment(None, SALES).total.closed == 50


def from_catalog_rate(code: str, month: dt.date, rate: str) -> None:
    currency = Currency.objects.create(code=code, name=code)
    MonthRate.objects.create(currency=currency, month=month, rate=Decimal(rate))


def test_teams_add_their_reps_up(ina: Rep, ben: Rep) -> None:
    in_team("EAST", ina)
    a_quota(ina, FIRST, 100)
    a_quota(ben, FIRST, 50)
    a_deal(ina, 80, "won")
    a_deal(ben, 10, "won")

    found = by_team(None, BOOKINGS)
    lines = lines_of(found.lines)

    assert (lines["EAST"].quota, lines["EAST"].closed) == (100, 80)
    assert (lines[""].name, lines[""].quota, lines[""].closed) == ("No team", 50, 10)
    assert (found.total.quota, found.total.closed) == (150, 90)


def test_a_territory_has_what_its_accounts_brought_and_what_lies_below_it(ina: Rep, ben: Rep) -> None:
    model = a_model_in_force()
    north = a_territory(model, "north")
    east, west = (a_territory(model, code, parent=north) for code in ("north-east", "north-west"))
    first, second, outside = (an_account(code) for code in ("A1", "A2", "A3"))
    lies_in(first, east)
    lies_in(second, west)
    a_deal(ina, 100, "won", account=first)
    a_deal(ben, 30, "won", account=second)
    a_deal(ben, 7, "won", account=outside)
    a_deal(ben, 60, account=second)

    lines = lines_of(by_territory(None, BOOKINGS).lines)

    assert {key: line.closed for key, line in lines.items()} == {
        "north": 130,
        "north-east": 100,
        "north-west": 30,
        "": 7,
    }
    assert [lines[key].depth for key in ("north", "north-east")] == [0, 1]
    assert lines["north"].open.money == 60


def test_before_any_territory_all_is_in_none_and_ends_where_the_reps_do(ina: Rep) -> None:
    a_deal(ina, 100, "won")
    a_deal(ina, 60)
    a_deal(ina, 40, "won", created=dt.date(2026, 8, 20), closed=dt.date(2026, 9, 20))

    by_place, by_rep = by_territory(None, BOOKINGS), attainment(None, BOOKINGS)

    assert [line.name for line in by_place.lines] == ["No territory"]
    assert by_place.total.outlook is not None and by_rep.total.outlook is not None
    assert by_place.total.outlook.expected == by_rep.total.outlook.expected == 170
    assert by_place.total.rate == by_rep.total.rate == 1


def test_products_add_up_to_the_whole(ina: Rep) -> None:
    a_quota(ina, FIRST, 100)
    saw, axe = a_unit("SAW").product, a_unit("AXE").product
    deal = a_deal(ina, 90, "won")
    DealLine.objects.create(deal=deal, position=1, product=saw, amount=60)
    DealLine.objects.create(deal=deal, position=2, product=axe, amount=30)
    a_deal(ina, 5, "won")

    found = by_product(None, BOOKINGS)

    assert {line.key: line.closed for line in found.lines} == {"SAW": 60, "AXE": 30, "": 5}
    assert found.total.attained == Decimal("0.95")


def test_each_product_has_its_own_forecast_and_the_open_parts_add_up_to_the_whole(ina: Rep) -> None:
    saw, axe = a_unit("SAW").product, a_unit("AXE").product

    def of_both(amount: int, kind: str, **values: Any) -> None:
        deal = a_deal(ina, amount, kind, **values)
        DealLine.objects.create(deal=deal, position=1, product=saw, amount=2)
        DealLine.objects.create(deal=deal, position=2, product=axe, amount=1)

    of_both(90, "won")
    of_both(300, "open")  # 50 %
    of_both(30, "won", created=dt.date(2026, 8, 20), closed=dt.date(2026, 9, 20))
    a_deal(ina, 8)

    found = by_product(None, BOOKINGS)

    parts = {
        line.key: (line.outlook.closed, line.outlook.weighted, line.outlook.new)
        for line in found.lines
        if line.outlook is not None
    }
    assert parts == {"SAW": (60, 100, 20), "AXE": (30, 50, 10), "": (0, 4, 0)}
    assert sum(line.open.money for line in found.lines) == found.total.open.money == 308


def test_a_product_that_was_sold_before_is_expected_to_sell_again(ina: Rep) -> None:
    a_line(None, ina, 20, dt.date(2026, 9, 20), unit=a_unit("AXE"))
    a_line(None, ina, 5, FIRST, unit=a_unit("SAW"))

    running, over = (
        by_product(None, SALES),
        by_product(None, Asked(QUARTER, "sales", today=dt.date(2027, 1, 1))),
    )

    expected = {line.key: line.outlook.expected for line in running.lines if line.outlook}
    assert expected == {"AXE": 20, "SAW": 5}
    assert [(line.key, line.outlook) for line in over.lines] == [("SAW", None)]


def test_sales_have_products_as_well(ina: Rep) -> None:
    a_line(None, ina, 20, FIRST, unit=a_unit("AXE"))

    assert {line.key: line.closed for line in by_product(None, SALES).lines} == {"AXE": 20}


def test_the_trend_ends_with_the_period_asked_for(ina: Rep, ben: Rep) -> None:
    a_quota(ina, dt.date(2026, 7, 1), 50)
    a_quota(ina, FIRST, 100)
    a_deal(ina, 40, "won", closed=dt.date(2026, 9, 30))
    a_deal(ina, 10, "won", closed=FIRST)
    a_deal(ben, 3, "won", closed=FIRST)

    all_of_it = trend(None, BOOKINGS, 3)
    of_ina = trend(None, BOOKINGS, 3, rep=ina.pk)

    assert [(one.quota, one.closed) for one in all_of_it] == [(None, 0), (50, 40), (100, 13)]
    assert [one.closed for one in of_ina] == [0, 40, 10]
    assert of_ina[1].attained == Decimal("0.8")


# --- who sees what ------------------------------------------------------------------------------


def test_a_sales_rep_sees_the_own_line_a_sales_manager_the_teams(
    sales_rep: Person, sales_manager: Person, manager: Person
) -> None:
    boss = selling(sales_manager, "SAM")
    rita = selling(sales_rep, "RITA", manager=boss)
    other = a_rep("OTTO")
    for rep in (rita, boss, other):
        a_quota(rep, FIRST, 100)
        a_deal(rep, 10, "won")
        a_deal(rep, 10)
        a_line(None, rep, 5, FIRST)

    for measure in (BOOKINGS, SALES):
        seen = {
            person.email: {line.key for line in attainment(person, measure).lines}
            for person in (sales_rep, sales_manager, manager)
        }
        assert seen == {
            sales_rep.email: {"RITA"},
            sales_manager.email: {"SAM", "RITA"},
            manager.email: {"SAM", "RITA", "OTTO"},
        }
    assert attainment(sales_rep, SALES).total.closed == 5
    assert trend(sales_rep, BOOKINGS, 1)[0].closed == 10
    assert by_product(sales_rep, SALES).total.closed == 5
    assert [line.closed for line in by_team(sales_manager, BOOKINGS).lines] == [20]


def test_a_sales_rep_sees_only_the_territories_with_the_own_name(sales_rep: Person) -> None:
    rita, otto = selling(sales_rep, "RITA"), a_rep("OTTO")
    model = a_model_in_force()
    mine, theirs = a_territory(model, "mine"), a_territory(model, "theirs")
    covers(rita, mine)
    covers(otto, theirs)
    one, two = an_account("A1"), an_account("A2")
    lies_in(one, mine)
    lies_in(two, theirs)
    a_deal(rita, 10, "won", account=one)
    a_deal(otto, 10, "won", account=two)

    assert [line.key for line in by_territory(sales_rep, BOOKINGS).lines] == ["mine"]
    assert {line.key for line in by_territory(None, BOOKINGS).lines} == {"mine", "theirs"}
