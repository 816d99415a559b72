"""Reading imports: runs, their problems, rejects and previews."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from core.models import Person
from gathering.models import ImportRun, RowProblem


def imports_visible_to(user: Person) -> QuerySet[ImportRun]:
    """Every import the person may see, newest first, with profile, job and people joined."""
    raise NotImplementedError


def problems_of(user: Person, run: ImportRun) -> QuerySet[RowProblem]:
    """What is wrong with the run's rows, by row."""
    raise NotImplementedError


def rejects_file(user: Person, run: ImportRun) -> Iterator[str]:
    """The rejected rows as CSV lines: row, problem, then the file's own columns. Mend and upload
    with `mends=run`."""
    raise NotImplementedError


def preview_of(user: Person, run: ImportRun) -> dict[str, Any]:
    """run.preview: totals {quantity|revenue|cost: {file, accepted}}, days {first, last},
    new_demand_units, changes [{key, before, after}], unmapped [{kind, value, rows, money}],
    skipped {filter: rows}, notes [sentences]."""
    raise NotImplementedError
