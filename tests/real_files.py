"""Foreign files that nobody here wrote: where they are, and how they come in by docs/examples."""

import os
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from gathering.models import ImportRun, ImportState
from gathering.services.imports import import_now

PROJECT = Path(settings.BASE_DIR)
EXAMPLES = PROJECT / "docs" / "examples"


def shared_folder(name: str) -> Path:
    """The folder of a data set; the tests that need it are skipped where it is absent."""
    root = Path(os.environ.get("SOPCYCLE_SHARED") or PROJECT.parent / "shared")
    folder = root / "data" / name
    if not folder.is_dir():
        pytest.skip(f"The data set {name} is not here. Set SOPCYCLE_SHARED to the folder that holds data/.")
    return folder


def bring(file: Path, profile: Path, *, extras: tuple[Path, ...] = (), source: str = "") -> ImportRun:
    """Import a foreign file by an example's profile; every row must come in."""
    example = yaml.safe_load(profile.read_text(encoding="utf-8"))
    return _imported(file, example["dataset"], example["definition"], extras, source)


def bring_own(file: Path) -> ImportRun:
    """Import one of the example's own small files; its name is its dataset."""
    return _imported(file, file.stem, "", ())


def _imported(
    file: Path, dataset: str, definition: str, extras: tuple[Path, ...], source: str = ""
) -> ImportRun:
    opened = {path.name: path.open("rb") for path in extras}
    with file.open("rb") as content:
        run = import_now(
            actor=None,
            file=content,
            file_name=file.name,
            dataset=dataset,
            definition=definition,
            source=source or file.parent.name,
            extra_files=opened,
        )
    for extra in opened.values():
        extra.close()
    problems = [f"{p.row_number} {p.column} {p.value}: {p.problem}" for p in run.problems.all()[:5]]
    assert (run.state, run.rows_held, problems) == (ImportState.COMMITTED, 0, []), run.error
    return run
