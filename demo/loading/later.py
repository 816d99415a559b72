"""Past cycles that a worker loads after the first start."""

import datetime as dt

from core.jobs import start_job
from core.models import Job

LOAD_CYCLES = "demo.load_cycles"


def load_cycles_later(*, scale: int, seed: int, until: dt.date) -> Job:
    """Queue the load; asking twice gives the job that is already there."""
    return start_job(
        actor=None,
        kind=LOAD_CYCLES,
        label="Load the demo company's past cycles",
        params={"scale": scale, "seed": seed, "until": until.isoformat()},
        subject_url="/cycles/",
        same_work=f"{scale} {seed} {until}",
    )
