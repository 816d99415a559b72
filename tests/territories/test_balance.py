"""Who has which accounts on a day, what they are worth and take, and how even that is."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from catalog.models import Currency, MonthRate
from core import company
from core.models import CompanySetting, Person
from crm.models import Account, Deal, DealStage
from territories.engine.account_table import NOBODY, Bases, moved
from territories.engine.travel import Travel
from territories.models import AccountWork, Placement, RepBase, Territory
from territories.selectors.balance import measures_of, year_up_to
from tests.gathering.world import World
from tests.gathering.world import world as sales_world
from tests.territories import world

DAY = dt.date(2026, 3, 1)
BERLIN, PARIS = (52.52, 13.405), (48.8566, 2.3522)
BERLIN_TO_PARIS = 877.46  # km, great circle
pytestmark = pytest.mark.django_db
facts = sales_world


@pytest.fixture(autouse=True)
def _settings_as_delivered() -> Iterator[None]:
    yield
    company.forget()


def placed(account: Account, territory: Territory, begin: dt.date = world.BEGIN, **values: Any) -> None:
    days = DateRange(begin, None)
    Placement.objects.create(
        model=territory.model, account=account, territory=territory, placed_by="hand", days=days, **values
    )


def work(account: Account, place: tuple[float, float] | None = None, **values: Any) -> AccountWork:
    latitude, longitude = place or (None, None)
    return AccountWork.objects.create(account=account, latitude=latitude, longitude=longitude, **values)


class TestWhoHasWhat:
    def test_the_owner_is_the_rep_of_the_territory_on_the_day(self) -> None:
        east = world.a_territory(world.a_model_in_force(), "east")
        rita, ralf = world.a_rep("rita"), world.a_rep("ralf")
        world.covers(rita, east, end=DAY)
        world.covers(ralf, east, begin=DAY)
        placed(world.an_account("A1"), east)

        before, after = (measures_of(east.model, day) for day in (DAY - dt.timedelta(days=1), DAY))

        assert before.rep.tolist() == [rita.pk]
        assert after.rep.tolist() == [ralf.pk]
        assert after.territory.tolist() == [east.pk]

    def test_overlays_own_nothing(self) -> None:
        model, role = world.a_model_in_force(), world.an_overlay()
        expert = world.a_territory(model, "experts", type="overlay", role=role)
        world.covers(world.a_rep("rita"), expert, role=role)
        placed(world.an_account("A1"), expert, role=role)

        assert measures_of(model, DAY).rep.tolist() == [NOBODY]

    def test_an_account_without_territory_and_one_without_rep_have_nobody(self) -> None:
        east = world.a_territory(world.a_model_in_force(), "east")
        placed(world.an_account("A1"), east)
        world.an_account("A2")

        table = measures_of(east.model, DAY)

        assert table.rep.tolist() == [NOBODY, NOBODY]
        assert table.territory.tolist() == [east.pk, NOBODY]

    def test_without_a_model_the_owners_of_the_crm_count(self) -> None:
        rita = world.a_rep("rita")
        world.an_account("A1", owner=rita)

        assert measures_of(None, DAY).rep.tolist() == [rita.pk]

    def test_closed_accounts_are_left_out(self) -> None:
        world.an_account("A1", is_active=False)

        assert len(measures_of(None, DAY).ids) == 0

    def test_a_sales_rep_sees_only_the_own_accounts(self, sales_rep: Person) -> None:
        own = world.an_account("A1", owner=world.a_rep("rita", person=sales_rep))
        world.an_account("A2", owner=world.a_rep("ralf"))

        assert measures_of(None, DAY, user=sales_rep).ids.tolist() == [own.pk]


class TestWorkload:
    def test_it_is_calls_times_travel_and_call_time(self) -> None:
        rita = world.a_rep("rita")
        RepBase.objects.create(rep=rita, latitude=BERLIN[0], longitude=BERLIN[1])
        work(world.an_account("A1", owner=rita), PARIS, calls_a_year=10, hours_a_call=Decimal("1.5"))

        table = measures_of(None, DAY)

        assert table.km[0] == pytest.approx(BERLIN_TO_PARIS, rel=1e-3)
        travel_hours = 2 * table.km[0] * 1.3 / 60 / 4
        assert table.workload[0] == pytest.approx(10 * (travel_hours + 1.5))

    def test_the_companys_settings_say_how_reps_travel(self) -> None:
        for key, value in (("travel_speed", 100), ("travel_detour", 0), ("calls_a_trip", 1)):
            CompanySetting.objects.create(key=key, value=value, valid=DateRange(None, None))
        company.forget()
        rita = world.a_rep("rita")
        RepBase.objects.create(rep=rita, latitude=BERLIN[0], longitude=BERLIN[1])
        work(world.an_account("A1", owner=rita), PARIS, calls_a_year=1, hours_a_call=0)

        assert measures_of(None, DAY).workload[0] == pytest.approx(2 * BERLIN_TO_PARIS / 100, rel=1e-3)

    def test_without_a_place_there_is_call_time_alone(self) -> None:
        work(world.an_account("A1"), calls_a_year=6, hours_a_call=2)

        table = measures_of(None, DAY)

        assert np.isnan(table.km[0])
        assert table.workload.tolist() == [12]


class TestRevenue:
    def test_it_is_the_sales_of_a_year_less_what_came_back(self, facts: World) -> None:
        account = world.an_account("A1")
        for day, money, kind in (
            (dt.date(2025, 3, 1), 1000, "sale"),
            (dt.date(2025, 3, 2), 100, "sale"),
            (DAY, 50, "sale"),
            (dt.date(2025, 12, 1), 30, "return"),
            (DAY + dt.timedelta(days=1), 1000, "sale"),
        ):
            facts.line(facts.ridge_tyrol, account=account, day=day, revenue=Decimal(money), kind=kind)

        assert measures_of(None, DAY).revenue.tolist() == [120]

    def test_foreign_money_counts_at_the_rate_of_its_month(self, facts: World) -> None:
        dollar = Currency.objects.create(code="USD", name="Dollar")
        for month, rate in ((1, "0.5"), (2, "0.25")):
            MonthRate.objects.create(currency=dollar, month=dt.date(2026, month, 1), rate=Decimal(rate))
        account = world.an_account("A1")
        for month in (1, 2, 2, 3):  # March has no rate yet
            facts.line(facts.ridge_tyrol, account=account, day=dt.date(2026, month, 1), currency="USD")

        assert measures_of(None, DAY).revenue.tolist() == [50 + 25 + 25]

    def test_without_any_sales_won_deals_count(self) -> None:
        won = DealStage.objects.create(code="won", name="Won", position=90, kind="won", probability=1)
        account = world.an_account("A1")
        for number, base_amount in enumerate((700, None)):
            Deal.objects.create(
                source="crm",
                external_id=str(number),
                account=account,
                stage=won,
                closed=DAY,
                base_amount=base_amount,
            )

        assert measures_of(None, DAY).revenue.tolist() == [700]

    def test_a_year_ends_on_the_day_and_has_one_of_each_date(self) -> None:
        assert year_up_to(dt.date(2024, 2, 29)) == (dt.date(2023, 3, 1), dt.date(2024, 2, 29))
        assert year_up_to(dt.date(2023, 12, 31)) == (dt.date(2023, 1, 1), dt.date(2023, 12, 31))


class TestProposals:
    def test_a_moved_account_is_as_far_from_its_new_rep_as_that_reps_base(self) -> None:
        rita, ralf = world.a_rep("rita"), world.a_rep("ralf")
        first, second = world.an_account("A1", owner=rita), world.an_account("A2", owner=rita)
        for account in (first, second):
            work(account, PARIS, calls_a_year=1, hours_a_call=1)
        bases = Bases({rita.pk: PARIS, ralf.pk: BERLIN})

        table = moved(measures_of(None, DAY), {second.pk: (7, ralf.pk)}, bases=bases, travel=Travel())

        assert table.rep.tolist() == [rita.pk, ralf.pk]
        assert table.territory.tolist() == [NOBODY, 7]
        assert table.km.tolist() == pytest.approx([0, BERLIN_TO_PARIS], rel=1e-3)
