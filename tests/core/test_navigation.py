"""The side bar: which of its links a page lies in, and the lists that belong together."""

from typing import Any

import pytest

from core.models import Person
from core.navigation import PLACES, navigation, tabs_of

pytestmark = pytest.mark.django_db


def active(person: Person, path: str) -> list[tuple[str, str]]:
    groups, _ = navigation(person, path)
    return [(group["label"], item["label"]) for group in groups for item in group["items"] if item["active"]]


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/territories/models/1/run/", "Models"),
        ("/territories/territories/7/", "Models"),
        ("/territories/rules/3/edit/", "Models"),
        ("/territories/overlaps/", "Gaps"),
        ("/territories/coverage/accounts/5/", "Coverage"),
        ("/territories/coverage/missing/", "Vacancies"),
        ("/territories/stand-ins/4/", "Vacancies"),
        ("/territories/coverage/changes/", "Changed hands"),
        ("/territories/attainment/fairness/", "Fairness"),
        ("/territories/attainment/outside/", "Attainment"),
    ],
)
def test_every_page_of_territories_lies_in_one_link(manager: Person, path: str, label: str) -> None:
    assert active(manager, path) == [("Territories", label)]


def test_the_home_page_holds_nothing_but_itself(manager: Person) -> None:
    assert active(manager, "/") == [("Home", "Home")]
    assert active(manager, "/nowhere/") == []


def test_lists_that_belong_together_are_tabs_of_each_other(manager: Person) -> None:
    groups, place = navigation(manager, "/territories/overlaps/")
    tabs = tabs_of(groups, "/territories/overlaps/")
    assert place == "Territories"
    assert [(tab["label"], tab["active"]) for tab in tabs] == [("Gaps", False), ("Overlaps", True)]


@pytest.mark.parametrize("path", ["/territories/rules/3/", "/territories/map/", "/"])
def test_a_page_below_a_list_or_alone_has_no_tabs(manager: Person, path: str) -> None:
    groups, _ = navigation(manager, path)
    assert tabs_of(groups, path) == []


def test_no_group_is_too_long_to_scan() -> None:
    lengths: dict[str, Any] = {place.label: len(place.links) for place in PLACES}
    assert lengths["Territories"] <= 14
