"""Trying a profile on a file."""

import io

import pytest

from core.errors import Denied, Invalid
from core.models import Person
from gathering.models import ImportRun
from gathering.services.profile_trials import try_profile

pytestmark = pytest.mark.django_db
PROFILE = """\
delimiter: ';'
date_format: DMY
columns:
  site: Werk
  product: Artikel
  day: Tag
  quantity: Menge
"""
FILE = "Werk;Artikel;Tag;Menge\nW1;A-1;03/04/2026;12\nW1;A-2;04/04/2026;viele\nW1;A-3\n"


def trial(person: Person, text: str = FILE, definition: str = PROFILE, limit: int = 20):
    files = {"lager.csv": io.BytesIO(text.encode())}
    return try_profile(actor=person, files=files, dataset="stock", definition=definition, limit=limit)


def test_the_first_rows_are_shown_as_they_would_be_read(analyst: Person) -> None:
    tried = trial(analyst)

    assert [field.label for field in tried.fields] == ["Site", "Product", "Day", "Quantity"]
    assert [[cell.text for cell in row.cells] for row in tried.rows] == [["W1", "A-1", "2026-04-03", "12"]]
    assert ImportRun.objects.count() == 0


def test_problems_of_the_rows_are_listed_in_the_order_of_the_file(analyst: Person) -> None:
    tried = trial(analyst)

    assert [(p.row, p.value) for p in tried.problems] == [(3, "viele"), (4, "")]


def test_no_more_rows_than_asked_for_are_shown(analyst: Person) -> None:
    text = "Werk;Artikel;Tag;Menge\n" + "W1;A-1;03/04/2026;1\n" * 50

    assert len(trial(analyst, text, limit=20).rows) == 20


def test_every_mistake_of_the_text_is_told_at_once(analyst: Person) -> None:
    with pytest.raises(Invalid) as refused:
        trial(analyst, definition="date_format: XYZ\ncolums: {}\n")

    assert len(refused.value.reasons) == 2
    assert {reason.field for reason in refused.value.reasons} == {"definition"}


def test_a_column_that_the_file_lacks_is_told(analyst: Person) -> None:
    with pytest.raises(Invalid, match="has no column “Menge”"):
        trial(analyst, text="Werk;Artikel;Tag\nW1;A;01/01/2026\n")


def test_a_join_asks_for_its_file(analyst: Person) -> None:
    with pytest.raises(Invalid, match=r"with it items\.csv"):
        trial(analyst, definition=PROFILE + "joins:\n  - file: items.csv\n    on: Artikel\n")


def test_without_a_file_there_is_nothing_to_try(analyst: Person) -> None:
    with pytest.raises(Invalid, match="Choose one file"):
        try_profile(actor=analyst, files={}, dataset="stock", definition=PROFILE)


def test_an_executive_may_not_try_profiles(executive: Person) -> None:
    with pytest.raises(Denied):
        trial(executive)
