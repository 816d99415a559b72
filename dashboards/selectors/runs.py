"""What machines do and did lately: forecasts, supply plans and imports, the newest first."""

import datetime as dt
from dataclasses import dataclass

from core.models import Job, Person
from core.roles import can
from forecasting.models import ForecastRun
from gathering.models import ImportRun
from gathering.selectors.imports import imports_visible_to
from planning.models import SupplyRun
from planning.selectors.addresses import cycle_path

SHOWN = 4
TONES = {"done": "good", "committed": "good", "failed": "bad", "rejected": "bad", "running": "info"}


@dataclass(frozen=True)
class Run:
    """One line: what ran, how it stands, when it began; `percent` while it is at work."""

    name: str
    url: str
    state: str
    tone: str
    began: dt.datetime
    percent: int | None = None


def latest_runs(person: Person) -> list[Run]:
    """A few of each kind that the person may see."""
    found = [
        *(_forecasts() if can(person, "forecast.view") else []),
        *(_solves() if can(person, "supply.view") else []),
        *(_imports(person) if can(person, "imports.view") else []),
    ]
    return sorted(found, key=lambda run: run.began, reverse=True)[: 2 * SHOWN]


def _forecasts() -> list[Run]:
    rows = ForecastRun.objects.select_related("job")[:SHOWN]
    return [_run(str(row), f"/forecasts/{row.pk}/", row, row.created, row.job) for row in rows]


def _solves() -> list[Run]:
    rows = SupplyRun.objects.select_related("job", "scenario")[:SHOWN]
    return [_run(str(row), cycle_path(row.cycle_id, "supply"), row, row.created, row.job) for row in rows]


def _imports(person: Person) -> list[Run]:
    rows = imports_visible_to(person).order_by("-pk")[:SHOWN]
    return [
        _run(f"Import of {row.file_name}", f"/data/imports/{row.pk}/", row, row.uploaded, row.job)
        for row in rows
    ]


def _run(
    name: str, url: str, row: ForecastRun | SupplyRun | ImportRun, began: dt.datetime, job: Job | None
) -> Run:
    at_work = job is not None and job.total and row.state == "running"
    percent = int(100 * job.done / job.total) if job is not None and at_work else None
    return Run(name, url, row.get_state_display(), TONES.get(row.state, "quiet"), began, percent)
