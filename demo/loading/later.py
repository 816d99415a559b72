"""Past cycles that a worker loads after the first start, each by a job of its own.

Each job ends by asking for the next: a product that is stopped meanwhile waits for one cycle at the
most, and goes on with it at the next start.
"""

import datetime as dt

from core.jobs import OPEN, start_job
from core.models import Job
from demo.company.words import CYCLES
from demo.loading.cycles import month_of

LOAD_CYCLE = "demo.load_cycle"
COUNT = len(CYCLES) + 1


def load_cycles_later(*, scale: int, seed: int, until: dt.date, number: int = 0) -> Job:
    """Queue the load of a cycle and those after it; where one is being loaded, that job goes on instead."""
    under_way = Job.objects.filter(kind=LOAD_CYCLE, state__in=OPEN).exclude(params__number=number - 1)
    if (job := under_way.first()) is not None:
        return job
    return start_job(
        actor=None,
        kind=LOAD_CYCLE,
        label=f"Load the demo's cycle of {month_of(until, number):%B %Y} ({number + 1} of {COUNT})",
        params={"scale": scale, "seed": seed, "until": until.isoformat(), "number": number},
        subject_url="/cycles/",
        same_work=f"{scale} {seed} {until} {number}",
    )
