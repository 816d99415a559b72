"""The map: points, shaded regions, bases, who sees which, and the atlas that it is drawn on."""

import datetime as dt
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from core.models import Person
from crm.models import Account, Rep
from territories.engine.places import USA, names_on_map, region_of
from territories.models import AccountWork, Placement, RepBase, Territory, TerritoryModel
from territories.selectors.map_points import map_of
from tests.territories import world

DAY = dt.date(2026, 3, 1)
URL = "/api/v1/territory-map/"
LINZ, GRAZ = (48.306, 14.286), (47.071, 15.438)
ATLAS = Path(settings.BASE_DIR) / "static" / "vendor" / "atlas.json"


def put(account: Account, territory: Territory, at: tuple[float, float] | None = None) -> None:
    latitude, longitude = at or (None, None)
    AccountWork.objects.create(account=account, latitude=latitude, longitude=longitude, potential=500)
    days = DateRange(world.BEGIN, None)
    Placement.objects.create(
        model=territory.model, account=account, territory=territory, placed_by="hand", days=days
    )


@pytest.fixture
def model(db: None) -> TerritoryModel:
    """East (Rita, base in Linz) has Linz and an Austrian account without place; West (Ralf) has Graz and
    two such; one account of nobody has no known country."""
    model = world.a_model_in_force()
    east, west = world.a_territory(model, "east", name="East"), world.a_territory(model, "west", name="West")
    rita, ralf = world.a_rep("rita", name="Rita"), world.a_rep("ralf", name="Ralf")
    RepBase.objects.create(rep=rita, latitude=LINZ[0], longitude=LINZ[1])
    world.covers(rita, east)
    world.covers(ralf, west)
    put(world.an_account("LINZ", owner=rita), east, LINZ)
    put(world.an_account("E1", owner=rita, country="Austria"), east)
    put(world.an_account("GRAZ", owner=ralf), west, GRAZ)
    put(world.an_account("W1", owner=ralf, country="AT"), west)
    put(world.an_account("W2", owner=ralf, country="austria"), west)
    world.an_account("LOST", country="Atlantis")
    return model


class TestPoints:
    def test_each_account_stands_at_its_place_in_its_territorys_colour(self, model: TerritoryModel) -> None:
        found = map_of(None, model, DAY, "territory")

        exact = {p.code: (p.latitude, p.longitude, p.group) for p in found.points if not p.approximate}
        assert exact == {"LINZ": (*LINZ, 0), "GRAZ": (*GRAZ, 1)}
        assert [(g.code, g.name, g.accounts) for g in found.groups] == [
            ("east", "East", 2),
            ("west", "West", 3),
            ("none", "Nobody", 1),
        ]

    def test_accounts_with_only_a_country_stand_in_its_middle_and_shade_it(
        self, model: TerritoryModel
    ) -> None:
        found = map_of(None, model, DAY, "territory")

        rough = [point for point in found.points if point.approximate]
        assert {point.code for point in rough} == {"E1", "W1", "W2"}
        assert all(47 < point.latitude < 48.5 and 13 < point.longitude < 15 for point in rough)
        assert [(s.name, s.accounts, s.group) for s in found.shades] == [("Austria", 3, 1)]
        assert (found.approximate, found.nowhere) == (3, 1)

    def test_bases_have_the_colour_of_what_their_rep_owns(self, model: TerritoryModel) -> None:
        by_territory = map_of(None, model, DAY, "territory").bases
        by_rep = map_of(None, model, DAY, "rep")

        assert [(base.rep, base.latitude, base.group) for base in by_territory] == [("Rita", LINZ[0], 0)]
        assert by_rep.groups[by_rep.bases[0].group or 0].code == "rita"

    def test_one_territory_alone_keeps_its_colour(self, model: TerritoryModel) -> None:
        found = map_of(None, model, DAY, "territory", "west")

        assert {point.group for point in found.points} == {1}
        assert {point.code for point in found.points} == {"GRAZ", "W1", "W2"}
        assert found.bases == []
        assert map_of(None, model, DAY, "territory", "none").nowhere == 1

    def test_without_a_model_the_crms_owners_are_shown(self, model: TerritoryModel) -> None:
        groups = map_of(None, None, DAY, "rep").groups

        assert [(group.code, group.accounts) for group in groups] == [("ralf", 3), ("rita", 2), ("none", 1)]


class TestCountries:
    @pytest.mark.parametrize(
        ("country", "region", "name"),
        [
            ("Germany", "", "Germany"),
            ("de", "", "Germany"),
            ("USA", "", USA),
            ("United States", "TX", "Texas"),
            ("US", "new york", "New York"),
            ("France", "Texas", "France"),
            ("Cote d'Ivoire", "", "Côte d'Ivoire"),
            ("UK", "", "United Kingdom"),
        ],
    )
    def test_they_are_known_by_name_and_code(self, country: str, region: str, name: str) -> None:
        found = region_of(country, region)

        assert found is not None
        assert found.name == name

    @pytest.mark.parametrize("country", ["", "Atlantis", "TX"])
    def test_others_are_nowhere(self, country: str) -> None:
        assert region_of(country) is None

    @pytest.mark.skipif(not ATLAS.exists(), reason="The front end is not built (npm run build).")
    def test_every_region_has_its_shapes_in_the_atlas_that_the_build_made(self) -> None:
        drawn = {one["properties"]["name"] for one in json.loads(ATLAS.read_text())["features"]}

        for country in ("Austria", "Russia", USA, "Japan", "Fiji"):
            found = region_of(country)
            assert found is not None
            assert set(names_on_map(found.name)) <= drawn

    @pytest.mark.skipif(not ATLAS.exists(), reason="The front end is not built (npm run build).")
    def test_no_shape_runs_across_the_whole_map(self) -> None:
        """The published atlas joins Russia over the date line; drawn flat it would be a band."""
        for one in json.loads(ATLAS.read_text())["features"]:
            parts = one["geometry"]["coordinates"]
            for ring in (
                parts if one["geometry"]["type"] == "Polygon" else [r for part in parts for r in part]
            ):
                steps = [abs(a[0] - b[0]) for a, b in pairwise(ring)]
                assert max(steps) < 180, one["properties"]["name"]


class TestPage:
    def test_the_map_has_a_legend_a_table_and_says_what_it_cannot_place(
        self, model: TerritoryModel, analyst: Person, signed_in: Any, pinned_queries: Any
    ) -> None:
        client = signed_in(analyst)
        url = reverse("territories:map") + f"?day={DAY}"
        client.get(url)

        with pinned_queries():
            page = client.get(url).content.decode()

        assert "3 accounts have no place" in page
        assert "1 has no known country" in page
        assert 'data-atlas="' in page
        assert "<style" not in page
        for code in ("LINZ", "GRAZ", "W2", "LOST"):
            assert code in page

    def test_the_missing_are_listed_and_exported(
        self, model: TerritoryModel, analyst: Person, signed_in: Any
    ) -> None:
        url = reverse("territories:map") + f"?day={DAY}&place=rough&export=csv"

        text = signed_in(analyst).get(url).getvalue().decode()

        assert "E1" in text
        assert "LINZ" not in text

    def test_a_territory_is_chosen_in_the_legend_without_javascript(
        self, model: TerritoryModel, analyst: Person, signed_in: Any
    ) -> None:
        client = signed_in(analyst)

        page = client.get(reverse("territories:map") + f"?day={DAY}&group=west").content.decode()

        assert "GRAZ" in page
        assert ">LINZ<" not in page
        assert "Show all" in page

    @pytest.mark.parametrize("asked", ["day=x", "by=moon", "model=none", "place=up"])
    def test_what_cannot_be_asked_is_a_400(
        self, asked: str, model: TerritoryModel, analyst: Person, signed_in: Any, api: Any
    ) -> None:
        assert signed_in(analyst).get(reverse("territories:map") + f"?{asked}").status_code == 400
        assert api(analyst).get(f"{URL}?{asked}").status_code == 400


class TestRights:
    def test_who_may_not_open_accounts_gets_no_links_to_them(
        self, model: TerritoryModel, executive: Person, signed_in: Any
    ) -> None:
        page = signed_in(executive).get(reverse("territories:map")).content.decode()

        assert "GRAZ" in page
        assert "/crm/accounts/" not in page

    def test_a_sales_rep_sees_the_own_points_and_base_alone(
        self, model: TerritoryModel, sales_rep: Person, api: Any
    ) -> None:
        Rep.objects.filter(code="rita").update(person=sales_rep)
        RepBase.objects.create(rep=Rep.objects.get(code="ralf"), latitude=1, longitude=1)

        said = api(sales_rep).get(f"{URL}?day={DAY}").data

        assert {point["code"] for point in said["points"]} == {"LINZ", "E1"}
        assert [group["code"] for group in said["groups"]] == ["east"]
        assert [base["rep"] for base in said["bases"]] == ["Rita"]
        assert said["nowhere"] == 0

    def test_strangers_see_nothing(self, model: TerritoryModel, stranger: Person, api: Any) -> None:
        assert api(stranger).get(URL).status_code == 403
