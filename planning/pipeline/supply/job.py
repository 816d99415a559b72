"""The job of a solve."""

from typing import Any

from core.jobs import Progress
from planning.models import SupplyRun
from planning.pipeline.supply.solving import solve_run


def solve_job(progress: Progress) -> dict[str, Any]:
    """Solve the run that the job is about; one that is done stays as it is."""
    runs = SupplyRun.objects.select_related("scenario", "version__cycle")
    run = runs.get(pk=progress.job.params["run"])
    if run.state != "done":
        run = solve_run(run, progress)
    return {"run": run.pk, "cost": float(run.cost or 0)}
