"""The page and the API of balance: what each has, how even that is, against another day or model."""

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.models import Person
from crm.models import Rep
from territories.engine.evenness import evenness
from territories.models import AccountWork, Placement, RepBase, Territory, TerritoryModel
from territories.selectors.balance_lines import Asked, spread
from tests.territories import world

DAY = dt.date(2026, 3, 1)
ONLY = {"potential": 1.0}
URL = "/api/v1/territory-balance/"
BUSY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
AMOUNTS = arrays(np.float64, 6, elements=st.floats(0.5, 1e6))


def holds(territory: Territory, code: str, potential: int, owner: Rep | None = None, **values: Any) -> None:
    """An account of the territory, worth so much."""
    account = world.an_account(code, owner=owner)
    AccountWork.objects.create(account=account, potential=potential, **values)
    days = DateRange(world.BEGIN, None)
    Placement.objects.create(
        model=territory.model, account=account, territory=territory, placed_by="hand", days=days
    )


@pytest.fixture
def model(db: None) -> TerritoryModel:
    """East (Rita) has 300 in two accounts, West (Ralf, half a job) 100 in one."""
    model = world.a_model_in_force()
    east, west = world.a_territory(model, "east", name="East"), world.a_territory(model, "west", name="West")
    rita, ralf = world.a_rep("rita", name="Rita"), world.a_rep("ralf", name="Ralf")
    RepBase.objects.create(rep=ralf, share=Decimal("0.5"))
    world.covers(rita, east)
    world.covers(ralf, west)
    holds(east, "A1", 100, rita)
    holds(east, "A2", 200, rita)
    holds(west, "A3", 100, ralf)
    return model


class TestNumbers:
    def test_the_index_is_a_hundred_times_the_total_over_the_just_part(self, model: TerritoryModel) -> None:
        found = spread(None, Asked(model, DAY, weights=ONLY))

        lines = {line.code: line for line in found.lines}
        # 400 in all; parts 1 : 0.5, so East should have 266.67 and West 133.33
        assert lines["east"].index == pytest.approx(112.5)
        assert lines["west"].index == pytest.approx(75)
        assert [line.code for line in found.lines] == ["west", "east"]  # furthest off first
        assert found.evenness.together.max_deviation == pytest.approx(0.25)

    def test_the_numbers_are_those_of_pandas(self, model: TerritoryModel) -> None:
        extra = world.a_territory(model, "south")
        world.covers(world.a_rep("rosa"), extra)
        for number in range(12):
            holds(extra, f"S{number}", 7 * number, calls_a_year=number, hours_a_call=2)
        weights = {"potential": 60, "accounts": 40}

        found = spread(None, Asked(model, DAY, weights=weights))

        rows = Placement.objects.values_list("territory__code", "account__work__potential")
        frame = pd.DataFrame(rows, columns=["territory", "potential"]).astype({"potential": float})
        sums = frame.groupby("territory")["potential"].agg(["sum", "size"])
        part = pd.Series({"east": 1.0, "west": 0.5, "south": 1.0}) / 2.5
        index = sums.div(part, axis=0) / sums.sum() * 100
        expected = 0.6 * index["sum"] + 0.4 * index["size"]
        assert {line.code: line.index for line in found.lines} == pytest.approx(expected.to_dict())
        assert found.evenness.together.cv == pytest.approx(expected.std(ddof=0) / expected.mean())
        pairs = np.abs(np.subtract.outer(expected.to_numpy(), expected.to_numpy())).mean()
        assert found.evenness.together.gini == pytest.approx(pairs / 2 / expected.mean())
        assert {line.code: line.accounts for line in found.lines} == {"east": 2, "west": 1, "south": 12}
        assert next(line.workload for line in found.lines if line.code == "south") == 2 * sum(range(12))

    def test_a_rep_of_two_territories_has_the_share_once(self, model: TerritoryModel) -> None:
        north = world.a_territory(model, "north")
        world.covers(Rep.objects.get(code="rita"), north)
        holds(north, "A4", 100)

        by_territory = {line.code: line.share for line in spread(None, Asked(model, DAY)).lines}
        by_rep = {line.code: line.share for line in spread(None, Asked(model, DAY, by="rep")).lines}

        assert by_territory == {"east": 0.5, "north": 0.5, "west": 0.5}
        assert by_rep == {"rita": 1.0, "ralf": 0.5}

    def test_the_work_is_compared_with_the_reps_hours(self, model: TerritoryModel) -> None:
        RepBase.objects.create(rep=Rep.objects.get(code="rita"), hours_a_year=48)
        north = world.a_territory(model, "north")
        world.covers(Rep.objects.get(code="rita"), north)

        lines = {line.code: line for line in spread(None, Asked(model, DAY)).lines}

        assert lines["east"].workload == 24  # two accounts of 12 calls of an hour
        assert (lines["east"].hours, lines["east"].use) == (24, 1)  # half of hers is for the north
        assert lines["west"].use is None

    def test_a_measure_that_comes_to_nothing_weighs_nothing(self, model: TerritoryModel) -> None:
        found = spread(None, Asked(model, DAY, weights={"potential": 10, "revenue": 90}))

        assert found.evenness.weights == {"potential": 1.0}

    def test_what_belongs_to_nobody_is_left_out_and_said(self, model: TerritoryModel) -> None:
        AccountWork.objects.create(account=world.an_account("FREE"), potential=5000, latitude=1, longitude=1)

        found = spread(None, Asked(model, DAY, weights=ONLY))

        assert (found.left.accounts, found.left.potential, found.left.without_place) == (1, 5000, 3)
        assert {line.code for line in found.lines} == {"east", "west"}

    def test_a_territory_without_accounts_has_nothing_and_is_listed(self, model: TerritoryModel) -> None:
        world.covers(world.a_rep("rosa"), world.a_territory(model, "empty"))

        lines = {line.code: line.index for line in spread(None, Asked(model, DAY, weights=ONLY)).lines}

        assert lines["empty"] == 0

    def test_another_day_is_compared_line_by_line(self, model: TerritoryModel) -> None:
        Placement.objects.filter(account__code="A2").update(days=DateRange(DAY, None))

        earlier = Asked(model, DAY - dt.timedelta(days=1), weights=ONLY)
        found = spread(None, Asked(model, DAY, weights=ONLY), earlier)

        before = {line.code: line.before for line in found.lines}
        assert before == pytest.approx({"east": 75, "west": 150})
        assert found.lines[0].change == pytest.approx(75 - 150)


class TestEvenness:
    @BUSY
    @given(AMOUNTS, st.floats(0.01, 100))
    def test_it_does_not_depend_on_the_unit(self, totals: np.ndarray, factor: float) -> None:
        first = evenness({"m": totals}, np.ones(6), {"m": 1}).together
        second = evenness({"m": totals * factor}, np.ones(6), {"m": 1}).together

        assert second.index == pytest.approx(first.index)
        assert (second.cv, second.gini) == pytest.approx((first.cv, first.gini), abs=1e-9)

    @BUSY
    @given(AMOUNTS, st.permutations(range(6)))
    def test_it_does_not_depend_on_the_order(self, totals: np.ndarray, order: list[int]) -> None:
        first = evenness({"m": totals}, np.ones(6), {"m": 1}).together
        second = evenness({"m": totals[order]}, np.ones(6), {"m": 1}).together

        assert second.index == pytest.approx(first.index[order])
        assert (second.cv, second.gini) == pytest.approx((first.cv, first.gini), abs=1e-9)

    @BUSY
    @given(arrays(np.float64, 6, elements=st.floats(0.1, 2)), st.floats(0.5, 1e6))
    def test_just_parts_are_even(self, shares: np.ndarray, each: float) -> None:
        found = evenness({"m": each * shares, "n": shares}, shares, {"m": 60, "n": 40}).together

        assert found.index == pytest.approx(np.full(6, 100.0))
        assert (found.max_deviation, found.cv, found.gini) == pytest.approx((0, 0, 0), abs=1e-9)

    @BUSY
    @given(AMOUNTS, AMOUNTS, st.floats(0, 1))
    def test_the_weighted_index_lies_between_those_of_its_measures(
        self, one: np.ndarray, other: np.ndarray, weight: float
    ) -> None:
        found = evenness({"a": one, "b": other}, np.ones(6), {"a": weight, "b": 1 - weight})

        indexes = [balance.index for balance in found.by_measure.values()]
        assert (found.together.index >= np.minimum(*indexes) - 1e-6).all()
        assert (found.together.index <= np.maximum(*indexes) + 1e-6).all()
        assert found.together.index.mean() == pytest.approx(100)

    def test_one_that_has_everything_is_as_uneven_as_can_be(self) -> None:
        found = evenness({"m": np.array([0, 0, 0, 8.0])}, np.ones(4), {"m": 1}).together

        assert found.index.tolist() == [0, 0, 0, 400]
        assert (found.gini, found.cv) == pytest.approx((3 / 4, np.sqrt(3)))


class TestPage:
    def test_it_names_who_is_off_and_how_far(
        self, model: TerritoryModel, analyst: Person, signed_in: Any, pinned_queries: Any
    ) -> None:
        client = signed_in(analyst)
        url = reverse("territories:balance") + f"?day={DAY}&potential=100"
        client.get(url)

        with pinned_queries():
            page = client.get(url).content.decode()

        assert "2 of 2 are more than" in page
        assert "Too little" in page
        assert "25.0\u202f%" in page
        assert "3 accounts have no place" in page
        assert f"model=fy26&amp;day={DAY}&amp;by=territory&amp;group=east" in page

    def test_the_export_holds_the_same_lines(
        self, model: TerritoryModel, analyst: Person, signed_in: Any
    ) -> None:
        answer = signed_in(analyst).get(
            reverse("territories:balance") + f"?day={DAY}&by=rep&potential=1&export=csv"
        )

        rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
        assert [(row["Rep"], row["Index"], row["Accounts"]) for row in rows] == [
            ("Ralf", "75.0", "1"),
            ("Rita", "112.5", "2"),
        ]

    def test_a_model_is_compared_with_another(
        self, model: TerritoryModel, analyst: Person, signed_in: Any
    ) -> None:
        other = world.a_model("fy27", name="Next year")
        east = world.a_territory(other, "east")
        world.covers(Rep.objects.get(code="rita"), east)
        for placement in Placement.objects.filter(model=model):
            Placement.objects.create(
                model=other,
                account=placement.account,
                territory=east,
                placed_by="hand",
                days=placement.days,
            )

        page = signed_in(analyst).get(
            reverse("territories:balance") + f"?model=fy26&day={DAY}&potential=1&than_model=fy27"
        )

        assert "Before is Next year" in page.content.decode()
        assert "Index before" in page.content.decode()

    @pytest.mark.parametrize(
        "asked", ["day=tomorrow", "day=1066-10-14", "potential=-1", "by=moon", "model=none", "potential=x"]
    )
    def test_what_cannot_be_asked_is_a_400(
        self, asked: str, model: TerritoryModel, analyst: Person, signed_in: Any, api: Any
    ) -> None:
        assert signed_in(analyst).get(reverse("territories:balance") + f"?{asked}").status_code == 400
        assert api(analyst).get(f"{URL}?{asked}").status_code == 400

    def test_an_empty_company_is_told_what_will_stand_here(self, analyst: Person, signed_in: Any) -> None:
        page = signed_in(analyst).get(reverse("territories:balance")).content.decode()

        assert "Nobody has any account here" in page


class TestApi:
    def test_it_says_what_the_page_says(self, model: TerritoryModel, analyst: Person, api: Any) -> None:
        said = api(analyst).get(f"{URL}?day={DAY}&potential=1").data

        assert (said["model"], said["weights"]) == ("fy26", {"potential": 1.0})
        assert [(line["code"], line["index"]) for line in said["lines"]] == [("west", 75.0), ("east", 112.5)]
        assert said["together"]["max_deviation"] == pytest.approx(0.25)

    def test_a_sales_rep_sees_the_own_line_alone(
        self, model: TerritoryModel, sales_rep: Person, api: Any
    ) -> None:
        Rep.objects.filter(code="rita").update(person=sales_rep)

        said = api(sales_rep).get(f"{URL}?day={DAY}").data

        assert [(line["code"], line["accounts"]) for line in said["lines"]] == [("east", 2)]
        assert said["left"]["accounts"] == 0

    def test_strangers_see_nothing(self, model: TerritoryModel, stranger: Person, api: Any) -> None:
        assert api(stranger).get(URL).status_code == 403
