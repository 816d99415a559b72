"""manage.py run_cycle on small folders: a released plan and its files, or the reasons why not."""

import csv
import datetime as dt
import hashlib
import json
import zlib
from io import StringIO
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.core.management import CommandError, call_command

from core import company
from core.models import Event, Person
from core.roles import Role
from planning.models import Cycle, Release, StageName
from tests.loaded_once import LoadedOnce

pytestmark = pytest.mark.django_db
MONTHS = 30
FIRST = dt.date(2026, 1, 1)

TABLES = {
    "units": ["code,name", "PC,Piece"],
    "families": ["code,name,parent", "SKIS,Skis,", "POLES,Poles,"],
    "products": ["code,name,family,unit", "RIDGE,Ridge,SKIS,PC", "SLOPE,Slope,SKIS,PC", "POLE,Pole,POLES,PC"],
    "markets": ["code,name,kind", "NORTH,North,region", "SOUTH,South,region"],
    "sites": ["code,name,kind,market", "PLANT,Plant,plant,NORTH"],
    "resources": ["code,name,site,unit,regular_cost,overtime_cost", "LINE,Line,PLANT,hour,20,30"],
    "prices": ["product,amount,currency,valid_from"]
    + [f"{product},100,EUR,2020-01-01" for product in ("RIDGE", "SLOPE", "POLE")],
    "costs": ["product,amount,currency,valid_from"]
    + [f"{product},60,EUR,2020-01-01" for product in ("RIDGE", "SLOPE", "POLE")],
    "capacity_uses": ["product,resource,per_unit,valid_from", "RIDGE,LINE,0.5,2020-01-01"],
}


def months(count: int) -> list[dt.date]:
    """The months before the cycle's, the oldest first."""
    number = FIRST.year * 12 - count
    return [dt.date((number + at) // 12, (number + at) % 12 + 1, 1) for at in range(count)]


def sales() -> list[str]:
    rows = ["order_number,line,day,product,market,quantity,unit_price,revenue,cost,currency"]
    for at, month in enumerate(months(MONTHS)):
        for line, (product, market) in enumerate(
            [("RIDGE", "NORTH"), ("RIDGE", "SOUTH"), ("SLOPE", "NORTH"), ("POLE", "SOUTH")]
        ):
            sold = 40 + 10 * line + at % 12
            rows.append(f"{at},{line},{month},{product},{market},{sold},100,{sold * 100},{sold * 60},EUR")
    return rows


@pytest.fixture
def data(tmp_path: Path, settings: Any) -> Path:
    """A clean folder."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    company.forget()
    return clean_folder(tmp_path / "data")


def clean_folder(folder: Path) -> Path:
    """Three products, two markets, thirty months, a plant."""
    folder.mkdir()
    capacity = [f"LINE,{2026 + at // 12}-{at % 12 + 1:02},200,40" for at in range(12)]
    stock = ["PLANT,RIDGE,2025-12-31,20"]
    tables = TABLES | {
        "sales": sales(),
        "capacity": ["resource,month,regular,overtime", *capacity],
        "stock": ["site,product,day,quantity", *stock],
    }
    for name, rows in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def run(data: Path, *options: str) -> tuple[Path, str]:
    """Run the command; the folder of what came out, and what it said."""
    out = data.parent / "out"
    said = StringIO()
    arguments = ("--data", str(data), "--month", "2026-01", "--out", str(out), "--horizon", "12")
    call_command("run_cycle", *arguments, *options, stdout=said, stderr=said)
    return out, said.getvalue()


def refused(data: Path, *options: str) -> str:
    """Run the command, which ends with 1; what it said."""
    said = StringIO()
    arguments = ("--data", str(data), "--month", "2026-01", "--out", str(data.parent / "out"))
    with pytest.raises(SystemExit) as ended:
        call_command("run_cycle", *arguments, *options, stdout=StringIO(), stderr=said)
    assert ended.value.code == 1
    return said.getvalue()


def summary_of(out: Path) -> dict[str, Any]:
    return json.loads((out / "summary.json").read_text(encoding="utf-8"))


class CleanFolder(LoadedOnce):
    """One run on the clean folder, and everything that it left."""

    out: ClassVar[Path]
    said: ClassVar[str]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.out, cls.said = run(clean_folder(cls.files / "data"))

    def test_a_clean_folder_becomes_a_released_plan_with_its_files(self) -> None:
        release = Release.objects.get()
        assert release.cycle.stage == StageName.RELEASED
        assert f"sha256 {release.content_hash}" in self.said
        names = {path.name for path in self.out.iterdir()}
        assert names == {"plan.csv", "plan.xlsx", "forecast.csv", "supply.csv", "pack.pdf", "summary.json"}
        assert (self.out / "pack.pdf").read_bytes().startswith(b"%PDF")
        assert (self.out / "plan.xlsx").read_bytes().startswith(b"PK")

    def test_the_summary_adds_up_with_the_files(self) -> None:
        summary = summary_of(self.out)
        with (self.out / "plan.csv").open(encoding="utf-8") as file:
            plan = list(csv.DictReader(file))
        with (self.out / "forecast.csv").open(encoding="utf-8") as file:
            forecast = list(csv.DictReader(file))
        with (self.out / "supply.csv").open(encoding="utf-8") as file:
            supply = list(csv.DictReader(file))
        assert len(plan) == len(forecast) == 4 * 12
        assert summary["demand"]["units"] == pytest.approx(
            sum(float(row["consensus"]) for row in plan), rel=1e-6
        )
        assert summary["supply"]["units"]["demand"] == pytest.approx(
            sum(float(row["demand"]) for row in supply)
        )
        assert {row["unique_id"] for row in forecast} >= {"RIDGE|NORTH", "POLE|SOUTH"}
        assert all(float(row["lo-95"]) <= float(row["mean"]) <= float(row["hi-95"]) for row in forecast)
        assert summary["seconds"]["all"] > 0
        assert [one["rows_good"] for one in summary["imports"] if one["dataset"] == "sales"] == [4 * MONTHS]

    def test_the_hash_of_the_summary_is_that_of_the_released_content(self) -> None:
        release = Release.objects.get()
        assert (
            hashlib.sha256(zlib.decompress(bytes(release.content))).hexdigest()
            == summary_of(self.out)["sha256"]
        )

    def test_every_automatic_acceptance_is_listed(self) -> None:
        accepted = summary_of(self.out)["accepted_automatically"]
        stages = {row["stage"] for row in accepted}
        assert stages == {"data", "demand", "supply", "reconciliation", "release"}
        ticked = [row["what"] for row in accepted if row["what"].startswith("Ticked off")]
        assert len(ticked) == Event.objects.filter(verb="checklist ticked off").count()

    def test_nobody_approves_own_work(self) -> None:
        cycle = Cycle.objects.get()
        request = cycle.approval_requests.get()
        workers = {request.requested_by_id, *cycle.stages.values_list("signed_by", flat=True)}
        signers = set(request.approvals.values_list("approver", flat=True))
        assert len(signers) == 2
        assert not signers & workers


def test_the_people_named_sign(data: Path) -> None:
    out, _ = run(data, "--approve-as", "ada@example.com", "bo@example.com")

    assert summary_of(out)["signed_by"] == ["ada@example.com", "bo@example.com"]
    ada = Person.objects.get(email="ada@example.com")
    assert ada.roles == [Role.EXECUTIVE]
    assert not ada.has_usable_password()


def test_too_few_signers_are_refused_with_the_reason(data: Path) -> None:
    said = refused(data, "--approve-as", "ada@example.com")

    assert "The quorum is 2" in said
    assert not Release.objects.exists()


def test_somebody_without_the_right_cannot_sign(data: Path) -> None:
    analyst = Person.objects.create_user("ann@example.com", "x", name="Ann", roles=[Role.ANALYST])

    said = refused(data, "--approve-as", analyst.email, "bo@example.com", "cy@example.com")

    assert "Ann may not approve plans." in said


def test_a_strict_run_leaves_what_people_must_look_at_to_them(data: Path) -> None:
    Person.objects.create_user("somebody@example.com", "x", name="Somebody", roles=[Role.VP])

    said = refused(data, "--strict", "--approve-as", "ada@example.com", "bo@example.com")

    assert "A person must settle this" in said
    assert not Release.objects.exists()


def test_where_people_work_already_the_pack_days_hold_and_the_run_goes_on_later(data: Path) -> None:
    Person.objects.create_user("somebody@example.com", "x", name="Somebody", roles=[Role.VP])

    said = refused(data)

    assert "The pack was sent today" in said
    assert Cycle.objects.get().stage == StageName.RELEASE

    Cycle.objects.get().approval_requests.update(pack_sent=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    _, later = run(data)

    assert "goes on in release" in later
    assert Cycle.objects.get().stage == StageName.RELEASED


def test_a_released_month_is_refused(data: Path) -> None:
    run(data)

    assert "January 2026 has a cycle already" in refused(data)
    assert Release.objects.count() == 1


def test_rejected_rows_end_the_run_with_their_sentences(data: Path) -> None:
    with (data / "sales.csv").open("a", encoding="utf-8") as file:
        file.write("99,1,2025-12-01,RIDGE,NORTH,twelve,100,100,60,EUR\n")

    said = refused(data)

    assert "sales.csv, row" in said and "twelve" in said
    assert not Cycle.objects.exists()
    run(data, "--allow-rejects")
    assert Release.objects.exists()


def test_blocking_findings_end_the_run_unless_they_are_waived_with_a_reason(data: Path) -> None:
    (data / "stock.csv").write_text("site,product,day,quantity\nPLANT,RIDGE,2025-12-31,-5\n", "utf-8")

    assert "Blocking quality issue" in refused(data)

    out, _ = run(data, "--waive-findings", "Booked right in January.")
    waived = [row for row in summary_of(out)["accepted_automatically"] if row["what"].startswith("Waived")]
    assert [row["why"] for row in waived] == ["Booked right in January."]


def test_the_forecast_is_compared_with_what_followed(data: Path) -> None:
    with (data / "sales.csv").open("a", encoding="utf-8") as file:
        file.write("x1,1,2026-01-10,RIDGE,NORTH,50,100,5000,3000,EUR\n")
        file.write("x2,1,2026-02-10,RIDGE,NORTH,60,100,6000,3600,EUR\n")

    out, said = run(data)

    comparison = summary_of(out)["comparison"]
    assert comparison["months"] == 2
    assert comparison["actual_units"] == 110
    assert "Against the 2 months of sales that followed" in said
    with (out / "forecast.csv").open(encoding="utf-8") as file:
        plan = list(csv.DictReader(file))
    first = {"2026-01-01": 50, "2026-02-01": 60}
    wrong = sum(
        abs(float(row["mean"]) - (first[row["ds"]] if row["unique_id"] == "RIDGE|NORTH" else 0))
        for row in plan
        if row["ds"] in first
    )
    assert comparison["by_demand_unit"]["forecast_wape"] == pytest.approx(wrong / 110, abs=1e-3)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"month": "01/2026"}, "write the month as YYYY-MM"),
        ({"horizon": 3}, "The horizon is 3 months; use 12 to 36"),
        ({"data": Path("/nowhere/at/all")}, "is not a folder"),
        ({"profile": ["nobody"]}, "no saved profile, no YAML file and no folder"),
    ],
)
def test_bad_arguments_end_with_2_and_one_sentence(
    data: Path, options: dict[str, Any], sentence: str
) -> None:
    wanted = {"data": data, "month": "2026-01", "out": data.parent / "out"} | options

    with pytest.raises(CommandError, match=sentence) as fault:
        call_command("run_cycle", stdout=StringIO(), **wanted)
    assert fault.value.returncode == 2


def test_a_file_that_cannot_be_read_ends_with_2_and_its_name(data: Path) -> None:
    (data / "sales.csv").write_text("nothing,of,this\n1,2,3\n", encoding="utf-8")

    with pytest.raises(CommandError, match=r"sales\.csv") as fault:
        run(data)
    assert fault.value.returncode == 2


def test_an_unknown_setting_is_a_sentence(data: Path) -> None:
    (data / "settings.csv").write_text("setting,value\ncolour,red\n", encoding="utf-8")

    with pytest.raises(CommandError, match="there is no setting “colour”"):
        run(data)


def test_settings_of_the_folder_hold(data: Path) -> None:
    (data / "settings.csv").write_text("setting,value\ncompany_name,Peak\nquorum,1\n", encoding="utf-8")

    out, _ = run(data)

    assert company.value("company_name") == "Peak"
    assert len(summary_of(out)["signed_by"]) == 1
