"""Pages and API of data sources."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from core.models import Person
from gathering.models import DataSource, SourceMonth
from gathering.pipeline.sources import source_received
from gathering.selectors.sources import this_month
from tests.gathering.world import World

TODAY = timezone.localdate()
MONTH = f"{TODAY:%Y-%m}"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests may be read before a month's end and run after it."""
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)


def test_the_board_lists_every_source_of_the_month(
    world: World, coordinator: Person, signed_in: Callable, pinned_queries: Callable
) -> None:
    for number in range(3):
        world.source(coordinator, code=f"s{number}", name=f"Source {number}", dataset="stock")
    client = signed_in(coordinator)

    with pinned_queries():
        page = client.get("/data/sources/").content.decode()

    assert page.count("Missing") >= 3


def test_a_month_that_is_none_is_not_found(coordinator: Person, signed_in: Callable) -> None:
    assert signed_in(coordinator).get("/data/sources/?month=2026-13").status_code == 404


def test_a_source_is_checked_and_signed_on_its_page(
    world: World, coordinator: Person, signed_in: Callable
) -> None:
    source = world.source(coordinator)
    source_received(run=world.new_run())
    client, url = signed_in(coordinator), f"/data/sources/{source.pk}/{MONTH}/"
    revision = SourceMonth.objects.get().revision

    client.post(f"{url}totals/", {"control_rows": 3, "revision": revision})
    assert "Sign the source" in client.get(url).content.decode()
    client.post(f"{url}sign/")

    assert SourceMonth.objects.get().state == "signed"


def test_a_refused_waiver_keeps_what_was_typed_and_says_why(
    world: World, coordinator: Person, signed_in: Callable
) -> None:
    source = world.source(coordinator)

    answer = signed_in(coordinator).post(f"/data/sources/{source.pk}/{MONTH}/waive/", {"reason": ""})

    assert answer.status_code == 409
    assert "Say why, in one sentence." in answer.content.decode()


def test_a_source_is_set_up_and_changed_on_pages(coordinator: Person, signed_in: Callable) -> None:
    client = signed_in(coordinator)
    fields = {
        "code": "wms",
        "name": "Warehouse stock",
        "dataset": "stock",
        "owner": coordinator.email,
        "due_workday": 2,
        "is_required": "on",
        "is_active": "on",
    }
    added = client.post("/data/sources/add/", fields)
    source = DataSource.objects.get()
    assert added.url == f"/data/sources/{source.pk}/"

    client.post(f"/data/sources/{source.pk}/edit/", fields | {"due_workday": 3, "revision": 1})
    source.refresh_from_db()
    assert (source.due_workday, source.revision) == (3, 2)
    assert client.get(f"/data/sources/{source.pk}/").status_code == 200


def test_the_api_moves_a_month_and_lists_all_reasons(world: World, manager: Person, api: Callable) -> None:
    source = world.source(manager)
    client = api(manager)
    move = f"/api/v1/data-sources/{source.pk}/move/"

    refused = client.post(move, {"month": f"{this_month()}", "move": "waive"}, format="json")
    assert refused.status_code == 409
    done = client.post(
        move, {"month": f"{this_month()}", "move": "waive", "reason": "Closed."}, format="json"
    )
    assert done.json()["state"] == "waived"
    assert client.get("/api/v1/data-sources/board/").json()[0]["state"] == "waived"
