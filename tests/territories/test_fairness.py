"""Fairness: the spread of attainment, and whether potential decides it."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from core.models import Person
from core.services.company import change_setting
from crm.models import Rep
from territories.engine.attainment.periods import Period, PeriodKind
from territories.models import AccountWork, Territory
from territories.selectors.attainment import Asked
from territories.selectors.fairness import fairness
from tests.territories.attainment_world import a_deal, a_quota, owns, selling, stages
from tests.territories.world import a_model_in_force, a_rep, a_territory, an_account

pytestmark = pytest.mark.django_db
QUARTER = Period(PeriodKind.QUARTER, dt.date(2026, 1, 1), dt.date(2026, 3, 31))
OVER = Asked(QUARTER, today=dt.date(2026, 5, 1))
SignIn = Callable[[Person], Client]


@pytest.fixture
def north() -> Territory:
    stages()
    return a_territory(a_model_in_force(), "north")


def a_seller(code: str, attained: int, potential: int | None, north: Territory, **values: object) -> Rep:
    """With a quota of 100, so that what was won is the attainment in percent."""
    rep = values.pop("rep", None) or a_rep(code)
    assert isinstance(rep, Rep)
    a_quota(rep, QUARTER.first, 100)
    a_deal(rep, attained, "won", closed=dt.date(2026, 2, 1))
    account = an_account(f"of {code}")
    owns(rep, account, north, dt.date(2026, 1, 1))
    if potential is not None:
        AccountWork.objects.create(account=account, potential=potential)
    return rep


def test_the_median_and_the_mean_of_the_published_example(north: Territory) -> None:
    for number, attained in enumerate((180, 160, 140, 55, 45, 40)):
        a_seller(f"R{number}", attained, None, north)

    spread = fairness(None, OVER).spread

    assert spread is not None
    assert round(spread.mean, 4) == 1.0333
    assert spread.median == pytest.approx(0.975)
    assert spread.at_quota == 0.5


def test_reps_without_a_quota_are_not_judged(north: Territory) -> None:
    a_deal(a_rep("FREE"), 50, "won", closed=dt.date(2026, 2, 1))

    found = fairness(None, OVER)

    assert (found.points, found.spread, found.is_healthy) == ([], None, None)


def test_potential_is_that_of_the_accounts_owned_on_the_last_day(north: Territory) -> None:
    rep = a_seller("INA", 90, 1000, north)
    more, left = an_account("more"), an_account("left")
    owns(rep, more, north, dt.date(2026, 3, 31))
    owns(rep, left, north, dt.date(2026, 1, 1), dt.date(2026, 3, 31))
    for account, potential in ((more, 50), (left, 7000)):
        AccountWork.objects.create(account=account, potential=potential)

    (point,) = fairness(None, OVER).points

    assert (point.attained, point.potential) == (0.9, Decimal(1050))


def test_a_running_period_is_judged_by_its_forecast(north: Territory) -> None:
    rep = a_seller("INA", 50, None, north)
    a_deal(rep, 60, expected_close=dt.date(2026, 3, 30))

    (point,) = fairness(None, Asked(QUARTER, today=dt.date(2026, 3, 1))).points

    assert point.attained == pytest.approx(0.8)


def test_the_page_warns_when_the_map_decides(north: Territory, manager: Person, signed_in: SignIn) -> None:
    for number, (attained, potential) in enumerate(((50, 100), (70, 200), (90, 300), (110, 400), (130, 500))):
        a_seller(f"R{number}", attained, potential, north)

    body = signed_in(manager).get(reverse("territories:fairness"), {"month": "2026-02"}).content.decode()

    assert "The map decides, not the rep" in body
    assert "Set quotas by potential" in body


def test_the_company_says_from_which_correlation_on_the_map_decides(north: Territory) -> None:
    for number, (attained, potential) in enumerate(((50, 1000), (90, 2000), (60, 3000), (100, 4000))):
        a_seller(f"R{number}", attained, potential, north)
    found = fairness(None, OVER).relation
    assert found.map_decides
    assert 0.7 < found.strength < 0.85

    change_setting(actor=None, key="fairness_limit", value=Decimal("0.9"))

    assert not fairness(None, OVER).relation.map_decides


def test_the_page_does_not_warn_of_what_has_nothing_to_do_with_the_map(
    north: Territory, manager: Person, signed_in: SignIn
) -> None:
    for number, (attained, potential) in enumerate(((90, 100), (70, 200), (110, 300), (70, 400), (90, 500))):
        a_seller(f"R{number}", attained, potential, north)

    body = signed_in(manager).get(reverse("territories:fairness"), {"month": "2026-02"}).content.decode()

    assert "The map decides" not in body
    assert "does not depend on the potential" in body


def test_an_empty_period_says_what_will_be_here(manager: Person, signed_in: SignIn) -> None:
    body = signed_in(manager).get(reverse("territories:fairness"), {"month": "2019-02"}).content.decode()

    assert "Nobody has a quota in this period" in body


def test_a_sales_manager_sees_the_team_only(north: Territory, sales_manager: Person, manager: Person) -> None:
    boss = selling(sales_manager, "SAM")
    a_seller("SAM", 100, 10, north, rep=boss)
    a_seller("INA", 50, 20, north, rep=a_rep("INA", manager=boss))
    a_seller("BEN", 10, 30, north)

    team = fairness(sales_manager, OVER)

    assert {point.line.key for point in team.points} == {"SAM", "INA"}
    assert team.relation.count == 2
    assert len(fairness(manager, OVER).points) == 3
