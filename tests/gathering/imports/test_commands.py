"""The command lines: a file in, profiles in."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from gathering.models import ImportProfile, SalesLine
from tests.gathering.imports.conftest import lines

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalog")]
GOOD = "S1,1,2024-01-05,P1,M1,2,20.00,12.00"
PROFILE = """
code: shop
name: The shop's lines
dataset: sales
definition:
  delimiter: "|"
  joins: [{file: areas, on: Customer, columns: [Area]}]
  columns:
    {order_number: Order, line: Pos, day: Day, product: Item, market: Area, quantity: Qty, revenue: Net}
"""


def _run(*args: object, **options: object) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(*(str(arg) for arg in args), stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def _file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_imported_and_the_result_told_in_words(tmp_path: Path) -> None:
    out, _ = _run("import_file", _file(tmp_path, "lines.csv", lines(GOOD)), "--dataset", "sales")

    assert "1 rows read: 1 new, 0 changed" in out
    assert SalesLine.objects.count() == 1


def test_rejected_rows_end_the_command_with_1_and_nothing_is_committed(
    tmp_path: Path,
) -> None:
    path = _file(tmp_path, "lines.csv", lines(GOOD, "S2,1,2024-01-05,P1,M1,many,1,1"))

    with pytest.raises(SystemExit) as ended:
        _run("import_file", path, "--dataset", "sales")

    assert ended.value.code == 1
    assert not SalesLine.objects.exists()
    out, _ = _run("import_file", path, "--dataset", "sales", "--allow-rejects", "--json")
    assert json.loads(out)["rows_rejected"] == 1
    assert SalesLine.objects.count() == 1


def test_a_dry_run_commits_nothing(tmp_path: Path) -> None:
    out, _ = _run("import_file", _file(tmp_path, "lines.csv", lines(GOOD)), "--dataset", "sales", "--dry-run")

    assert out.startswith("Checked, not committed")
    assert not SalesLine.objects.exists()


def test_profiles_are_loaded_from_a_folder_and_join_a_second_file(tmp_path: Path) -> None:
    profiles = tmp_path / "profiles"
    profiles.mkdir()
    _file(profiles, "shop.yaml", PROFILE)
    sales = _file(
        tmp_path,
        "Sales.psv",
        "Order|Pos|Day|Item|Customer|Qty|Net\nS1|1|2024-01-05|P1|C1|2|20\nS2|1|2024-01-05|P1|C9|2|20\n",
    )
    areas = _file(tmp_path, "Areas.csv", "Customer,Area\nC1,M1\nC2,M2\n")

    first, _ = _run("profiles", "load", profiles)
    second, _ = _run("profiles", "load", profiles)
    options = ("--dataset", "sales", "--profile", "shop", "--with", areas, "--allow-rejects", "--json")
    out, _ = _run("import_file", sales, *options)

    assert ("created" in first, "unchanged" in second, ImportProfile.objects.count()) == (True, True, 1)
    assert (json.loads(out)["rows_new"], json.loads(out)["rows_rejected"]) == (1, 1)
    assert SalesLine.objects.get().source == "shop"


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("--profile", "nobody"), "No profile has the code"),
        (("--profile", "missing.yaml"), "cannot be opened"),
    ],
)
def test_what_is_missing_is_told(tmp_path: Path, args: tuple[str, str], sentence: str) -> None:
    path = _file(tmp_path, "lines.csv", lines(GOOD))

    with pytest.raises(CommandError, match=sentence):
        _run("import_file", path, "--dataset", "sales", *args)
