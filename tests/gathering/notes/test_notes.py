"""Campaigns and market notes: written, changed, shown in scope and on the time line."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone

from catalog.models import Scope
from core.errors import Conflict, Invalid
from core.models import Event, Person
from gathering.models import Campaign, MarketNote
from gathering.services.notes import change_campaign, create_campaign, create_market_note
from tests.gathering.world import World

FIRST, LAST = dt.date(2027, 3, 1), dt.date(2027, 3, 31)


def campaign(actor: Person, **fields: object) -> Campaign:
    return create_campaign(actor=actor, **({"name": "Spring sale", "begins": FIRST, "ends": LAST} | fields))


def test_the_last_day_is_part_of_the_campaign(world: World, analyst: Person) -> None:
    row = campaign(analyst, markets=[world.tyrol])

    row.refresh_from_db()
    assert (row.period.lower, row.period.upper) == (FIRST, dt.date(2027, 4, 1))
    assert list(row.markets.all()) == [world.tyrol]


def test_a_campaign_that_ends_before_it_begins_is_refused(analyst: Person) -> None:
    with pytest.raises(Invalid, match="before the first"):
        campaign(analyst, ends=dt.date(2027, 2, 1))


def test_changing_the_markets_is_recorded(world: World, analyst: Person) -> None:
    row = campaign(analyst)

    change_campaign(actor=analyst, campaign=row, revision=1, changes={"markets": [world.north]})

    assert Event.objects.filter(verb="campaign changed", after={"markets": ["North (NOR)"]}).exists()


def test_two_people_who_change_one_campaign_see_a_conflict(
    world: World, analyst: Person, colleague: Person
) -> None:
    row = campaign(analyst)
    change_campaign(actor=analyst, campaign=row, revision=1, changes={"name": "Summer sale"})

    with pytest.raises(Conflict):
        change_campaign(actor=colleague, campaign=row, revision=1, changes={"name": "Autumn sale"})


def test_moving_only_the_first_day_keeps_the_last(analyst: Person) -> None:
    row = campaign(analyst)

    changed = change_campaign(
        actor=analyst, campaign=row, revision=1, changes={"begins": dt.date(2027, 3, 10)}
    )

    assert (changed.period.lower, changed.period.upper) == (dt.date(2027, 3, 10), dt.date(2027, 4, 1))


def test_a_campaign_for_all_is_seen_in_every_scope(world: World, analyst: Person, api: Callable) -> None:
    campaign(analyst, name="Everywhere")
    campaign(analyst, name="Tyrol", markets=[world.tyrol])
    campaign(analyst, name="North", markets=[world.north])
    Scope.objects.create(person=analyst, market=world.alps)

    found = api(analyst).get("/api/v1/campaigns/").json()["results"]

    assert {row["name"] for row in found} == {"Everywhere", "Tyrol"}


def test_a_campaign_is_written_and_changed_on_pages(
    world: World, analyst: Person, signed_in: Callable
) -> None:
    client = signed_in(analyst)
    fields = {"name": "Spring", "begins": "2027-03-01", "ends": "2027-03-31", "uplift_percent": "15"}

    client.post("/data/campaigns/add/", fields | {"families": [world.touring.code]})
    row = Campaign.objects.get()
    assert str(row.uplift) == "0.1500"

    form = client.get(f"/data/campaigns/{row.pk}/edit/").content.decode()
    assert 'value="2027-03-31"' in form
    client.post(f"/data/campaigns/{row.pk}/edit/", fields | {"name": "Spring sale", "revision": 1})
    row.refresh_from_db()
    assert (row.name, row.families.count()) == ("Spring sale", 0)
    assert client.get(f"/data/campaigns/{row.pk}/").status_code == 200


def test_a_wrong_period_is_told_beside_the_field(analyst: Person, signed_in: Callable) -> None:
    fields = {"name": "Spring", "begins": "2027-03-01", "ends": "2027-02-01"}

    page = signed_in(analyst).post("/data/campaigns/add/", fields)

    assert page.status_code == 400
    assert "before the first" in page.context["form"].errors["ends"][0]
    assert not Campaign.objects.exists()


def test_the_time_line_shows_what_goes_on_now(
    world: World, sales_rep: Person, signed_in: Callable, pinned_queries: Callable
) -> None:
    today = timezone.localdate()
    create_market_note(
        actor=sales_rep,
        kind="competitor",
        title="A rival opens in Tyrol",
        begins=today,
        markets=[world.tyrol],
    )
    client = signed_in(sales_rep)

    with pinned_queries():
        page = client.get("/data/timeline/").content.decode()

    assert "A rival opens in Tyrol" in page
    assert client.get(f"/data/market-notes/{MarketNote.objects.get().pk}/").status_code == 200
    assert client.get("/data/market-notes/").status_code == 200


def test_the_api_writes_notes_with_codes(world: World, analyst: Person, api: Callable) -> None:
    body = {"kind": "economy", "title": "Rates fall", "begins": "2027-01-01", "markets": ["TYR"]}

    made = api(analyst).post("/api/v1/market-notes/", body, format="json")

    assert made.status_code == 201
    assert (made.json()["markets"], made.json()["ends"]) == (["TYR"], None)
    changed = api(analyst).patch(
        f"/api/v1/market-notes/{made.json()['id']}/", {"title": "Rates rise", "revision": 1}, format="json"
    )
    assert changed.json()["title"] == "Rates rise"


def test_an_executive_reads_and_does_not_write(executive: Person, signed_in: Callable) -> None:
    client = signed_in(executive)

    assert client.get("/data/campaigns/").status_code == 200
    assert client.get("/data/campaigns/add/").status_code == 403
