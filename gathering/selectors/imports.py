"""Reading imports: runs, their problems, rejects and previews."""

import csv
import io
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet

from core.models import Person
from core.roles import can
from gathering.engine.mended import PROBLEM, ROW, guard
from gathering.models import ImportRun, RejectedRow, RowProblem

BATCH = 2_000


def imports_visible_to(user: Person) -> QuerySet[ImportRun]:
    """Every import the person may see, newest first, with profile, job and people joined."""
    runs = ImportRun.objects.select_related("profile", "job", "uploaded_by", "committed_by", "mends")
    return runs if can(user, "imports.view") else runs.none()


def problems_of(user: Person, run: ImportRun) -> QuerySet[RowProblem]:
    """What is wrong with the run's rows, by row."""
    found = RowProblem.objects.filter(run=run)
    return found if can(user, "imports.view") else found.none()


def preview_of(user: Person, run: ImportRun) -> dict[str, Any]:
    """run.preview: totals {quantity|revenue|cost: {file, accepted}}, days {first, last},
    new_demand_units, changes [{row, key, before, after}], unmapped [{kind, value, rows, money}],
    skipped {what: rows}, blocking [sentences that forbid the commit]."""
    return run.preview if can(user, "imports.view") else {}


def rejects_file(user: Person, run: ImportRun) -> Iterator[str]:
    """The rejected rows as CSV lines: row, problem, then the file's own columns. Mend and upload
    with `mends=run`."""
    if not can(user, "imports.view"):
        return
    header = run.preview.get("header", [])
    yield _line([ROW, PROBLEM, *(guard(name) for name in header)])
    sentences = groupby(
        problems_of(user, run).order_by("row_number", "id").iterator(BATCH), attrgetter("row_number")
    )
    row, problems = next(sentences, (None, iter(())))
    for reject in RejectedRow.objects.filter(run=run).order_by("row_number").iterator(BATCH):
        while row is not None and row < reject.row_number:
            row, problems = next(sentences, (None, iter(())))
        text = _sentence(problems) if row == reject.row_number else ""
        yield _line([str(reject.row_number), text, *(guard(cell) for cell in reject.cells)])


def _sentence(problems: Iterator[RowProblem]) -> str:
    return " ".join(dict.fromkeys(f"{problem.problem} {problem.advice}" for problem in problems))


def _line(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
