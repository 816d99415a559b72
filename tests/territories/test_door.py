"""manage.py territories: files in, four files out, or sentences and nothing."""

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

ACCOUNTS = """account,x,y,potential,value,owner,locked,family,needs
A,0,0,10,5,West,,,
B,1,0,10,5,West,,Twins,
C,2,0,10,5,West,,Twins,
D,9,0,10,5,West,yes,,
E,10,0,10,5,,,,german
F,11,0,10,5,East,,,
"""
REPS = "rep,x,y,skills\nWest,0,0,\nEast,10,0,german;french\n"
FILES = {"assignment.csv", "moves.csv", "balance.csv", "summary.json"}


class Door:
    """Runs the command in a folder: `door(accounts=…, reps=…, **options)`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out, self.said = folder, folder / "out", ""

    def file(self, name: str, text: str, encoding: str = "utf-8") -> Path:
        path = self.folder / name
        path.write_bytes(text.encode(encoding))
        return path

    def __call__(self, accounts: str = ACCOUNTS, reps: str = REPS, **options: Any) -> dict[str, Any]:
        self.call(self.file("accounts.csv", accounts), self.file("reps.csv", reps), **options)
        return json.loads((self.out / "summary.json").read_text(encoding="utf-8"))

    def plain(self, costs: str, loads: str, capacities: str, **options: Any) -> dict[str, Any]:
        names = {"costs": costs, "loads": loads, "capacities": capacities}
        paths = {name: self.file(f"{name}.csv", text) for name, text in names.items()}
        self.call(**paths, **options)
        return json.loads((self.out / "summary.json").read_text(encoding="utf-8"))

    def call(self, *places: Path, **options: Any) -> None:
        errors = StringIO()
        try:
            call_command("territories", *places, out=self.out, stdout=StringIO(), stderr=errors, **options)
        finally:
            self.said = errors.getvalue()

    def refused(self, status: int, sentence: str, *arguments: Any, **options: Any) -> None:
        with pytest.raises(SystemExit) as caught:
            self(*arguments, **options)
        assert caught.value.code == status
        assert sentence in self.said
        assert not self.out.exists()

    def rows(self, name: str) -> list[dict[str, str]]:
        with (self.out / name).open(encoding="utf-8") as file:
            return list(csv.DictReader(file))

    @property
    def owners(self) -> dict[str, str]:
        return {row["account"]: row["rep"] for row in self.rows("assignment.csv")}


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return Door(tmp_path)


def test_a_plan_is_written_with_its_moves_its_balance_and_how_good_it_is(door: Door) -> None:
    found = door(measures={"potential": 0.35}, move_penalty=0.1)

    assert {path.name for path in door.out.iterdir()} == FILES
    assert door.owners == {"A": "West", "B": "West", "C": "West", "D": "West", "E": "East", "F": "East"}
    assert found["objective"] == pytest.approx(0 + 1 + 2 + 9 + 0 + 1)
    assert found["bound"] == pytest.approx(found["objective"])
    assert (found["ending"], found["moves"], found["seed"]) == ("optimal", 0, 0)
    assert found["gap"] == pytest.approx(0, abs=1e-6)
    assert found["seconds"] >= 0
    assert found["balance"]["potential"]["max_deviation"] == pytest.approx(1 / 3)
    west = next(row for row in door.rows("balance.csv") if row["rep"] == "West")
    assert (west["measure"], west["before"], west["total"], west["target"]) == ("potential", "40", "40", "30")
    assert west["kept"] == "yes"


def test_a_move_is_listed_with_its_penalty_and_whole_families_move(door: Door) -> None:
    found = door(measures={"potential": 0}, move_penalty=0.1)

    assert door.owners["B"] == door.owners["C"]
    moves = door.rows("moves.csv")
    assert [(row["account"], row["from"], row["to"]) for row in moves] == [("A", "West", "East")]
    assert (moves[0]["value"], moves[0]["penalty"]) == ("5", "0.5")
    assert found["move_penalties"] == pytest.approx(0.5)
    assert [row["moved"] for row in door.rows("assignment.csv")] == ["yes", "no", "no", "no", "no", "no"]


def test_the_file_of_current_owners_goes_before_the_column(door: Door) -> None:
    door(current=door.file("now.csv", "account,rep\nA,East\n"), move_penalty=100.0)

    assert door.owners["A"] == "East"


def test_latitude_and_longitude_are_measured_in_km(door: Door) -> None:
    found = door("account,lat,lon\nA,51.5074,-0.1278\n", "rep,lat,lon\nR,48.8566,2.3522\n")

    assert found["objective"] == pytest.approx(343.6, abs=0.5)


COSTS = "account,M1,M2\nJ1,1,5\nJ2,2,3\nJ3,4,9\n"
LOADS = "account,M1,M2\nJ1,2,2\nJ2,2,2\nJ3,2,2\n"


def test_a_plain_assignment_problem_is_solved_to_its_optimum(door: Door) -> None:
    found = door.plain(COSTS, LOADS, "rep,capacity\nM1,4\nM2,4\n")

    assert door.owners == {"J1": "M1", "J2": "M2", "J3": "M1"}
    assert (found["objective"], found["bound"], found["gap"]) == (8.0, 8.0, 0.0)
    assert found["ending"] == "optimal"


def test_long_tables_say_the_same_as_wide_ones_and_a_missing_pair_is_not_allowed(door: Door) -> None:
    pairs = "J1,M1,1\nJ1,M2,5\nJ2,M1,2\nJ2,M2,3\nJ3,M2,9\n"
    loads = "".join(f"{line.rsplit(',', 1)[0]},2\n" for line in pairs.splitlines())
    found = door.plain(
        f"account,rep,cost\n{pairs}", f"account,rep,load\n{loads}", "rep,capacity\nM1,4\nM2,4\n"
    )

    assert found["objective"] == 12
    assert door.owners["J3"] == "M2"


def test_without_a_plan_nothing_is_written_and_the_least_that_helps_is_said(door: Door) -> None:
    with pytest.raises(SystemExit) as caught:
        door.plain(COSTS, LOADS, "rep,capacity\nM1,2\nM2,2\n")

    assert caught.value.code == 1
    assert "raise the capacity of M1 from 2 to 4" in door.said or "raise the capacity of M2" in door.said
    assert not door.out.exists()


def test_relaxing_writes_the_plan_and_names_what_was_moved(door: Door) -> None:
    capacities = "rep,capacity\nM1,2\nM2,2\n"
    found = door.plain(COSTS, LOADS, capacities, relax=True)

    assert len(found["relaxations"]) == 2
    assert sorted(door.owners) == ["J1", "J2", "J3"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("A,0,0,10", "A,0,0,ten"), "accounts.csv, line 2: potential is “ten”; write a number"),
        (("A,0,0,10", "A,0,0,-1"), "accounts.csv, line 2: potential is -1; it must be 0 or more"),
        (("A,0,0", "A,,0"), "accounts.csv, line 2: x is “”; write a number"),
        (("F,11", "A,11"), "accounts.csv, line 7: account A stands in line 2 already"),
        (("F,11", ",11"), "accounts.csv, line 7: account is empty"),
        (("West,yes", ",yes"), "accounts.csv, line 5: the account is locked but has no owner"),
        (("West,yes", "West,perhaps"), "accounts.csv, line 5: locked is “perhaps”; write yes or no"),
        (("East,,,", "North,,,"), "accounts.csv, line 7: the rep North is not among the reps"),
        (("account,x", "name,x"), "accounts.csv, line 1: the column account is missing"),
        (("x,y,potential", "x,y,sales"), "accounts.csv, line 1: the column potential is missing"),
        (("F,11,0,10,5,East,,,", "F,11"), "accounts.csv, line 7: there are 2 cells for 9 columns"),
    ],
)
def test_a_bad_row_gets_a_sentence_with_its_line(door: Door, change: tuple[str, str], sentence: str) -> None:
    door.refused(2, sentence, ACCOUNTS.replace(*change), measures={"potential": 0.5})


def test_every_bad_row_is_named_at_once(door: Door) -> None:
    door.refused(2, "line 2: x is", ACCOUNTS.replace("A,0", "A,?").replace("F,11", "F,?"))

    assert "line 7: x is “?”" in door.said


@pytest.mark.parametrize(
    ("reps", "sentence"),
    [
        ("rep,skills\nWest,\nEast,german\n", "reps.csv, line 1: the accounts have x and y, the reps do not"),
        (
            "rep,x,y,capacity\nWest,0,0,5\nEast,0,0,5\n",
            "the reps have a capacity, so the column load is needed",
        ),
        ("rep,x,y\n", "reps.csv has no rows below its head"),
    ],
)
def test_a_file_of_reps_that_does_not_fit_is_refused(door: Door, reps: str, sentence: str) -> None:
    door.refused(2, sentence, ACCOUNTS, reps)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"time_limit": 0.0}, "--time-limit must be 1 to 3600 seconds"),
        ({"move_penalty": -1.0}, "--move-penalty must be 0 or more"),
        ({"move_penalty": float("nan")}, "--move-penalty must be 0 or more"),
        ({"gap": 1.0}, "--gap must be 0 or more"),
        ({"seed": -1}, "--seed must be 0 or more"),
        ({"costs": Path("costs.csv")}, "Give ACCOUNTS.csv and REPS.csv, or --costs; not both"),
        ({"loads": Path("loads.csv")}, "--loads needs --costs"),
    ],
)
def test_options_out_of_bounds_are_refused(door: Door, options: dict[str, Any], sentence: str) -> None:
    door.refused(2, sentence, **options)


def test_a_file_of_another_encoding_or_none_at_all_is_refused(door: Door) -> None:
    reps = door.file("reps.csv", REPS)
    with pytest.raises(SystemExit):
        door.call(door.file("latin.csv", "account\nKöln\n", "latin-1"), reps)
    assert "latin.csv is not UTF-8 text" in door.said
    with pytest.raises(SystemExit):
        door.call(door.folder / "nowhere.csv", reps)
    assert "nowhere.csv cannot be read" in door.said


def test_plain_tables_that_disagree_are_refused(door: Door) -> None:
    for loads, capacities, sentence in (
        (
            LOADS.replace("J2,2,2", "J2,2,"),
            "rep,capacity\nM1,4\nM2,4\n",
            "J2 has a cost with M2, but no load",
        ),
        (LOADS, "rep,capacity\nM1,4\n", "the rep M2 has no capacity"),
        (LOADS, "rep,capacity\nM1,4\nM2,4\nM3,4\n", "line 4: the rep M3 is not among the reps"),
        (LOADS.replace("J1,2", "J1,x"), "rep,capacity\nM1,4\nM2,4\n", "loads.csv, line 2: M1 is “x”"),
    ):
        with pytest.raises(SystemExit) as caught:
            door.plain(COSTS, loads, capacities)
        assert caught.value.code == 2
        assert sentence in door.said
        assert not door.out.exists()


def test_a_folder_that_cannot_be_written_leaves_nothing_behind(door: Door) -> None:
    door.out = door.file("taken", "a file")

    with pytest.raises(SystemExit) as caught:
        door()

    assert caught.value.code == 2
    assert "The plan cannot be written" in door.said
    assert door.out.read_text(encoding="utf-8") == "a file"
