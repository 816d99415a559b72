"""A folder of files: which is which dataset, which profile reads it, and what cannot be."""

from pathlib import Path

import pytest

from core.errors import Invalid
from gathering.datasets import DATASETS
from planning.headless.folder import ORDER, dataset_of, read_folder

PROFILE = """\
code: dealer
name: A dealer
dataset: external_forecasts
file: dealer*.csv
definition: |
  columns:
    product: Artikel
    market: {constant: DE}
    month: Monat
    quantity: Menge
"""
JOINED = """\
code: joined
name: Joined
dataset: targets
file: goals.csv
definition: |
  joins:
    - {file: people.csv, on: id, columns: [code]}
  columns: {rep: code, month: month, amount: amount}
"""


def put(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return folder


def test_every_dataset_has_its_place_in_the_order() -> None:
    assert sorted(ORDER) == sorted(DATASETS)


@pytest.mark.parametrize(
    ("stem", "dataset"),
    [
        ("sales", "sales"),
        ("Sales-2025", "sales"),
        ("sales2025", "sales"),
        ("capacity_uses", "capacity_uses"),
        ("Capacity 2027", "capacity"),
        ("salespeople", ""),
        ("notes", ""),
    ],
)
def test_a_file_is_named_after_its_dataset(stem: str, dataset: str) -> None:
    assert dataset_of(stem) == dataset


def test_files_come_in_the_order_in_which_they_point_at_each_other(tmp_path: Path) -> None:
    put(tmp_path, sales__csv="a", products__csv="a", units__csv="a", families__csv="a")

    folder = read_folder(tmp_path, [])

    assert [one.dataset for one in folder.imports] == ["units", "families", "products", "sales"]


@pytest.mark.django_db
def test_a_profile_among_the_files_reads_its_file(tmp_path: Path) -> None:
    put(tmp_path, dealer_2026__csv="a", dealer__yaml=PROFILE, sales__csv="a", remarks__csv="a")

    folder = read_folder(tmp_path, [])

    assert [(one.path.name, one.dataset, one.profile) for one in folder.imports] == [
        ("sales.csv", "sales", ""),
        ("dealer_2026.csv", "external_forecasts", "dealer"),
    ]
    assert [path.name for path in folder.left_alone] == ["remarks.csv"]


def test_a_named_profile_reads_the_file_that_is_named(tmp_path: Path) -> None:
    data, home = tmp_path / "data", tmp_path / "profiles"
    data.mkdir(), home.mkdir()
    put(data, bedarf__csv="a")
    put(home, dealer__yaml=PROFILE)

    folder = read_folder(data, [f"{home / 'dealer.yaml'}=bedarf.csv"])

    assert [(one.path.name, one.dataset) for one in folder.imports] == [("bedarf.csv", "external_forecasts")]


def test_a_folder_of_profiles_brings_its_own_small_files(tmp_path: Path) -> None:
    data, home = tmp_path / "data", tmp_path / "profiles"
    data.mkdir(), home.mkdir()
    put(data, dealer__csv="a")
    put(home, dealer__yaml=PROFILE, units__csv="code,name\n", settings__csv="setting,value\nhorizon,24\n")

    folder = read_folder(data, [str(home)])

    assert [one.dataset for one in folder.imports] == ["units", "external_forecasts"]
    assert folder.set_up["settings"] == [{"setting": "horizon", "value": "24"}]


def test_the_second_file_of_a_join_is_found_in_the_folder(tmp_path: Path) -> None:
    put(tmp_path, goals__csv="a", people__csv="a", joined__yaml=JOINED)

    (incoming,) = read_folder(tmp_path, []).imports

    assert [path.name for path in incoming.companions] == ["people.csv"]


def test_a_known_layout_is_recognised_by_its_files(tmp_path: Path) -> None:
    put(tmp_path, demand_forecast__csv="a", production_capacity__csv="a", starting_inventory__txt="1")

    folder = read_folder(tmp_path, [])

    assert folder.layout == "sop_mini"
    assert {one.dataset for one in folder.imports} >= {"products", "external_forecasts", "capacity", "stock"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("files", "profiles", "sentence"),
    [
        ({}, [], "holds no file that can be read"),
        ({"sales__csv": "a"}, ["nobody"], "no saved profile, no YAML file and no folder"),
        ({"sales__csv": "a"}, ["absent.yaml"], "cannot be opened"),
        ({"goals__csv": "a", "joined__yaml": JOINED}, [], "also reads people.csv"),
        ({"sales__csv": "a", "x__yaml": "code: x"}, [], "lacks: dataset, definition"),
        ({"sales__csv": "a", "x__yaml": "a: [b"}, [], "is not YAML"),
        ({"sales__csv": "a", "x__yaml": PROFILE.replace("external_f", "f")}, [], "is no dataset"),
        ({"dealer__csv": "a", "x__yaml": PROFILE + "  wrong: 1\n"}, [], "dealer: "),
        ({"sales__csv": "a", "settings__csv": "name\nx\n"}, [], "lacks the column setting, value"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    tmp_path: Path, files: dict[str, str], profiles: list[str], sentence: str
) -> None:
    put(tmp_path, **files)

    with pytest.raises(Invalid, match=sentence):
        read_folder(tmp_path, profiles)


def test_a_named_profile_must_find_its_file(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    put(data, sales__csv="a")
    put(tmp_path, dealer__yaml=PROFILE)

    with pytest.raises(Invalid, match=r"no such file is in the folder"):
        read_folder(data, [str(tmp_path / "dealer.yaml")])
