"""The company's files, written as CSV and taken in by the same import that people use."""

import csv
import io
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from core.errors import Refused
from core.roles import Role
from demo.company import File
from demo.company.trade import BASE_CURRENCY, CURRENCIES
from demo.loading.firm import CALENDARS, PROFILES
from demo.loading.people import People
from gathering.datasets import DATASETS
from gathering.models import ImportProfile, ImportState
from gathering.services.imports import import_now


def import_files(files: list[File], people: People, say: Callable[[str], None]) -> None:
    """Import each file. One that was imported by an earlier, interrupted load is left out."""
    for file in files:
        is_master = DATASETS[file.dataset].group == "masters"
        actor = people[Role.ADVISOR if is_master else Role.COORDINATOR]
        profile = ImportProfile.objects.filter(code=file.profile).first() if file.profile else None
        try:
            run = import_now(
                actor=actor,
                file=io.BytesIO(as_bytes(file)),
                file_name=file.name,
                dataset=file.dataset,
                profile=profile,
                source=file.source,
                allow_rejects=True,
            )
        except Refused as refusal:
            if not _is_known(refusal):
                raise
            say(f"{file.name}: already there")
            continue
        if run.state != ImportState.COMMITTED:
            raise Refused(f"{file.name} was not imported: {run.error or run.get_state_display()}.")
        say(f"{file.name}: {run.rows_good:,} of {run.rows_read:,} rows")


def as_bytes(file: File) -> bytes:
    """The file as its system writes it."""
    text = file.rows.to_csv(index=False, sep=file.delimiter, decimal=file.decimal, lineterminator="\r\n")
    return text.encode("utf-8")


def _is_known(refusal: Refused) -> bool:
    return any(reason.code == "already imported" for reason in refusal.reasons)


def write_files(files: list[File], folder: Path) -> None:
    """Write the company as a folder that `manage.py run_cycle --data` reads: files, profiles, set-up."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        (folder / file.name).write_bytes(as_bytes(file))
        if file.profile:
            shutil.copyfile(PROFILES / f"{file.profile}.yaml", folder / f"{file.profile}.yaml")
    _write(folder / "settings.csv", ("setting", "value"), [("base_currency", BASE_CURRENCY)])
    _write(folder / "currencies.csv", ("code", "name"), [(code, c[0]) for code, c in CURRENCIES.items()])
    rows = [(country, name, country) for country, name in CALENDARS.items()]
    _write(folder / "calendars.csv", ("code", "name", "country"), rows)


def _write(path: Path, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
