"""The map of a scenario: colours before and after, marks, and one account moved from its panel."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from core.models import Person
from territories.models import Scenario, ScenarioAccount
from territories.selectors.scenario_map import AFTER, BEFORE, map_of_scenario
from territories.services.scenario_accounts import lock_accounts, move_accounts
from territories.services.scenario_moves import move_scenario
from tests.territories.realigning import Realigned, rows_of

BASE = "/territories/realignments/"
SignIn = Callable[[Person], Client]


@pytest.fixture
def draft(world: Realigned, analyst: Person) -> Scenario:
    """Two accounts go from north to south; one stays, locked."""
    scenario = world.scenario(analyst)
    rows = rows_of(scenario, "a09", "a10")
    move_accounts(actor=analyst, scenario=scenario, rows=rows, territory=world.south)
    lock_accounts(actor=analyst, scenario=scenario, rows=rows_of(scenario, "a00"), locked=True)
    return scenario


def _row(scenario: Scenario, code: str) -> ScenarioAccount:
    return ScenarioAccount.objects.get(scenario=scenario, account__code=code)


def _one(scenario: Scenario, code: str) -> str:
    return f"{BASE}{scenario.pk}/accounts/{_row(scenario, code).account_id}/"


def _drawing(page: str) -> dict[str, Any]:
    found = re.search(r'<script id="scenario-map-data" type="application/json">(.*?)</script>', page)
    assert found is not None
    drawing: dict[str, Any] = json.loads(found.group(1))
    return drawing


def _text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]


def test_a_territory_has_one_colour_before_and_after(draft: Scenario) -> None:
    rows = draft.accounts.all()

    before, after = (map_of_scenario(None, draft, rows, when).found for when in (BEFORE, AFTER))

    assert [(group.name, group.accounts) for group in before.groups] == [
        ("north", 11),
        ("south", 1),
        ("Nobody", 0),
    ]
    assert [(group.name, group.accounts) for group in after.groups] == [
        ("north", 9),
        ("south", 3),
        ("Nobody", 0),
    ]
    moved = [one.name for one, two in zip(before.points, after.points, strict=True) if one != two]
    assert moved == ["a09", "a10"]
    assert [(base.rep, base.group) for base in after.bases] == [("Nora North", 0), ("Sid South", 1)]


def test_moved_and_locked_accounts_are_marked_in_drawing_and_words(
    draft: Scenario, analyst: Person, signed_in: SignIn
) -> None:
    drawing = _drawing(_text(signed_in(analyst).get(f"{BASE}{draft.pk}/map/")))

    said = dict(zip(drawing["name"], zip(drawing["moves"], drawing["locked"], strict=True), strict=True))
    assert said["a09"] == (True, True)
    assert said["a00"] == (False, True)
    assert said["a01"] == (False, False)
    words = dict(zip(drawing["name"], drawing["words"], strict=True))
    assert (words["a09"], words["a00"], words["a01"]) == ("From north to south, locked", "Locked", "")


def test_filters_narrow_the_map_and_the_table_alike(
    draft: Scenario, analyst: Person, signed_in: SignIn
) -> None:
    page = _text(signed_in(analyst).get(f"{BASE}{draft.pk}/map/?moves=moved&when=before"))

    drawing = _drawing(page)
    assert drawing["name"] == ["a09", "a10"]
    assert [drawing["groups"][group] for group in drawing["group"]] == ["north", "north"]
    assert _one(draft, "a09") in page and _one(draft, "a08") not in page


def test_an_account_is_moved_from_its_page_and_one_is_back_on_the_map(
    world: Realigned, draft: Scenario, analyst: Person, signed_in: SignIn
) -> None:
    client, row = signed_in(analyst), _row(draft, "a05")
    sent = {"do": "move", "territory": "south", "revision": row.revision, "query": "moves=moved"}

    answer = client.post(_one(draft, "a05"), sent)

    assert (answer.status_code, answer["Location"]) == (302, f"{BASE}{draft.pk}/map/?moves=moved")
    row.refresh_from_db()
    assert (row.to_territory, row.locked, row.by_hand) == (world.south, True, True)


@pytest.mark.parametrize(("code", "do", "locked"), [("a01", "lock", True), ("a00", "unlock", False)])
def test_an_account_is_locked_and_unlocked_from_its_page(
    code: str, do: str, locked: bool, draft: Scenario, analyst: Person, signed_in: SignIn
) -> None:
    sent = {"do": do, "revision": _row(draft, code).revision}

    answer = signed_in(analyst).post(_one(draft, code), sent, follow=True)

    assert f"{code} is {'locked' if locked else 'unlocked'}." in _text(answer)
    assert _row(draft, code).locked is locked


def test_a_moved_account_is_put_back(draft: Scenario, analyst: Person, signed_in: SignIn) -> None:
    signed_in(analyst).post(_one(draft, "a09"), {"do": "back", "revision": _row(draft, "a09").revision})

    row = _row(draft, "a09")
    assert (row.moves, row.locked) == (False, False)


def test_a_stale_panel_is_told_both_values_and_changes_nothing(
    world: Realigned, draft: Scenario, analyst: Person, signed_in: SignIn
) -> None:
    seen = _row(draft, "a05").revision
    rows = rows_of(draft, "a05")
    move_accounts(actor=analyst, scenario=draft, rows=rows, territory=world.south)

    answer = signed_in(analyst).post(_one(draft, "a05"), {"do": "unlock", "revision": seen})

    assert answer.status_code == 409
    assert "you chose “Free”, now it is “south, locked”" in _text(answer)
    assert _row(draft, "a05").locked


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"do": "move", "territory": ""}, "Choose the territory that the accounts go to."),
        ({"do": "move", "territory": "nowhere"}, "Select a valid choice"),
        ({"do": "lock", "revision": "x"}, "The page is too old."),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(
    sent: dict[str, str], sentence: str, draft: Scenario, analyst: Person, signed_in: SignIn
) -> None:
    before = _row(draft, "a05")

    answer = signed_in(analyst).post(_one(draft, "a05"), {"revision": str(before.revision)} | sent)

    assert answer.status_code == 400 and sentence in _text(answer)
    assert _row(draft, "a05").revision == before.revision


def test_the_panel_is_the_form_alone_and_the_page_has_a_frame(
    draft: Scenario, analyst: Person, signed_in: SignIn
) -> None:
    client = signed_in(analyst)

    panel = _text(client.get(_one(draft, "a05"), headers={"HX-Request": "true", "HX-Target": "panel"}))
    page = _text(client.get(_one(draft, "a05")))

    assert "data-close-panel" in panel and "<html" not in panel
    assert "Move and lock" in panel and "Move and lock" in page and "<html" in page


def test_nobody_moves_accounts_of_a_submitted_scenario(
    draft: Scenario, analyst: Person, signed_in: SignIn
) -> None:
    move_scenario(actor=analyst, scenario=draft, name="submit")
    client, row = signed_in(analyst), _row(draft, "a05")

    answer = client.post(_one(draft, "a05"), {"do": "lock", "revision": row.revision})

    assert answer.status_code == 409 and not _row(draft, "a05").locked
    assert "Move and lock" not in _text(client.get(_one(draft, "a05")))


def test_a_rep_sees_neither_drafts_nor_accounts_of_others(
    world: Realigned, draft: Scenario, sales_rep: Person, signed_in: SignIn
) -> None:
    world.sid.person = sales_rep
    world.sid.save()
    client = signed_in(sales_rep)

    assert client.get(f"{BASE}{draft.pk}/map/").status_code == 404
    assert client.get(_one(draft, "a09")).status_code == 404


def test_a_sales_manager_sees_the_accounts_of_the_team_on_the_map(
    world: Realigned, draft: Scenario, sales_manager: Person, signed_in: SignIn
) -> None:
    world.sid.person = sales_manager
    world.sid.save()
    client = signed_in(sales_manager)

    assert _drawing(_text(client.get(f"{BASE}{draft.pk}/map/")))["name"] == ["a09", "a10", "a11"]
    assert client.get(_one(draft, "a00")).status_code == 404


def test_whoever_only_reads_is_denied(draft: Scenario, vp: Person, signed_in: SignIn) -> None:
    client, revision = signed_in(vp), _row(draft, "a05").revision

    answer = client.post(_one(draft, "a05"), {"do": "lock", "revision": revision})

    assert answer.status_code == 403 and not _row(draft, "a05").locked
    assert "Move and lock" not in _text(client.get(_one(draft, "a05")))


def test_the_map_takes_few_queries(
    draft: Scenario, analyst: Person, signed_in: SignIn, pinned_queries: Callable[[str], Any]
) -> None:
    client = signed_in(analyst)
    with pinned_queries("map"):
        client.get(f"{BASE}{draft.pk}/map/")
    with pinned_queries("one"):
        client.get(_one(draft, "a05"))
