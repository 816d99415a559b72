"""What a folder of files holds: which file is which dataset, read by which profile, in what order."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from core.errors import Invalid, Reason
from gathering.datasets import DATASETS
from gathering.engine.faults import ProfileFault
from gathering.engine.profile_text import parse_profile
from planning.headless.profiles import ProfileFile, is_profile, recognised, wanted_profiles

# What is pointed at comes first.
ORDER = (
    *("units", "families", "products", "month_rates", "markets", "sites", "resources"),
    *("prices", "costs", "capacity_uses", "bills_of_materials", "reps", "accounts"),
    *("deal_stages", "teams", "team_members", "contacts", "deals", "deal_history", "deal_lines"),
    *("lead_sources", "lead_costs", "leads", "order_papers"),
    *("capacity", "stock", "budget", "targets", "campaigns", "market_notes"),
    *("sales", "returns", "open_orders", "external_forecasts"),
)
TABLES = {".csv", ".psv", ".tsv", ".txt", ".xlsx"}
# Files that set the company up: they are no datasets.
SET_UP = {
    "settings": ("setting", "value"),
    "currencies": ("code", "name"),
    "calendars": ("code", "name", "country"),
}


@dataclass(frozen=True)
class Incoming:
    """One import that the folder asks for. `companions` are the second files of the profile's joins."""

    path: Path
    dataset: str
    definition: str = ""
    profile: str = ""
    companions: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Folder:
    """The imports in order, the rows that set the company up, and what nobody can use."""

    imports: tuple[Incoming, ...]
    set_up: dict[str, list[dict[str, str]]]
    left_alone: tuple[Path, ...]
    layout: str = ""


def read_folder(data: Path, profiles: list[str]) -> Folder:
    """Look through the folder. Raises Invalid with one sentence for each thing that cannot be."""
    if not data.is_dir():
        raise Invalid(Reason(f"{data} is not a folder.", "invalid", "data"))
    files = sorted(path for path in data.iterdir() if path.is_file() and path.suffix.lower() in TABLES)
    found, layout = wanted_profiles(data, profiles), ""
    if not found:
        found, layout = recognised(files)
    by_profile = [incoming for profile in found for incoming in _claimed(profile, files)]
    claimed = {path for one in by_profile for path in (one.path, *one.companions)}
    added = [path for home in _homes(found, data) for path in sorted(home.glob("*.csv"))]
    plain = [path for path in (*added, *files) if path not in claimed]
    by_name = [Incoming(path, dataset) for path in plain if (dataset := dataset_of(path.stem))]
    imports = sorted((*by_name, *by_profile), key=lambda one: ORDER.index(one.dataset))
    if not imports:
        raise Invalid(Reason(_nothing(data), "invalid", "data"))
    used = claimed | {one.path for one in by_name}
    left = tuple(path for path in files if path not in used and _set_up_of(path) is None)
    return Folder(tuple(imports), _read_set_up([*added, *files]), left, layout)


def dataset_of(stem: str) -> str:
    """The dataset that a file name names: itself, or with something after it (`sales-2025`)."""
    name = re.sub(r"[^a-z0-9]+", "_", stem.lower()).strip("_")
    fitting = [code for code in DATASETS if name == code or re.match(rf"{code}_?\d|{code}_", name)]
    return max(fitting, key=len, default="")


def _homes(profiles: list[ProfileFile], data: Path) -> list[Path]:
    """The folders of profiles: their own small files complete what the foreign ones leave out."""
    homes = [profile.home for profile in profiles if profile.home is not None]
    return [home for home in dict.fromkeys(homes) if home.resolve() != data.resolve()]


def _claimed(profile: ProfileFile, files: list[Path]) -> Iterator[Incoming]:
    mine = [path for path in files if fnmatch(path.name.lower(), profile.pattern.lower())]
    if not mine and profile.is_asked_for:
        text = (
            f"The profile “{profile.code}” reads {profile.pattern}, and no such file is in the folder. "
            f"Name one with --profile {profile.code}=FILE."
        )
        raise Invalid(Reason(text, "invalid", "profile"))
    for path in mine:
        yield Incoming(path, profile.dataset, profile.definition, profile.code, _companions(profile, files))


def _companions(profile: ProfileFile, files: list[Path]) -> tuple[Path, ...]:
    try:
        joins = parse_profile(profile.definition, DATASETS[profile.dataset]).joins
    except ProfileFault as fault:
        mistakes = (f"{profile.code}: {mistake}" for mistake in fault.mistakes)
        raise Invalid(*(Reason(mistake, "invalid", "profile") for mistake in mistakes)) from fault
    by_name = {path.name: path for path in files}
    missing = [join.file for join in joins if join.is_required and join.file not in by_name]
    if missing:
        text = f"The profile “{profile.code}” also reads {', '.join(missing)}, which the folder lacks."
        raise Invalid(Reason(text, "invalid", "profile"))
    return tuple(by_name[join.file] for join in joins if join.file in by_name)


def _set_up_of(path: Path) -> str | None:
    return path.stem.lower() if path.stem.lower() in SET_UP and path.suffix.lower() == ".csv" else None


def _read_set_up(files: list[Path]) -> dict[str, list[dict[str, str]]]:
    rows: dict[str, list[dict[str, str]]] = {name: [] for name in SET_UP}
    for path in files:
        name = _set_up_of(path)
        if name is not None:
            rows[name] += _rows(path, SET_UP[name])
    return rows


def _rows(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            rows = [{column: (row.get(column) or "").strip() for column in columns} for row in reader]
    except UnicodeDecodeError as error:
        raise Invalid(f"{path.name} is not UTF-8 text.") from error
    if missing:
        raise Invalid(f"{path.name} lacks the column {', '.join(missing)}.")
    return rows


def _nothing(data: Path) -> str:
    return (
        f"{data} holds no file that can be read. Name files after their datasets (sales.csv, products.csv …; "
        "docs/files.md lists them), or give import profiles with --profile."
    )


__all__ = ["ORDER", "Folder", "Incoming", "dataset_of", "is_profile", "read_folder"]
