"""A whole headless cycle of the demo company, from its files to the released plan: bar 60 s.

python -m benchmarks cycle
"""

import datetime as dt
import tempfile
import time
from pathlib import Path
from typing import Any

from django.test import override_settings

from demo.company import make_company
from demo.loading.files import write_files
from planning.headless.cycle import run_cycle
from planning.headless.run import Wishes

BAR_S = 60
UNTIL, MONTH = dt.date(2026, 10, 1), dt.date(2026, 11, 1)


def run() -> dict[str, Any]:
    """Seconds of every step, and of all of them together."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        files = make_company(scale=1, seed=7, until=UNTIL, with_late=True)
        write_files(files, home / "data")
        wishes = Wishes(
            data=home / "data",
            out=home / "out",
            month=MONTH,
            allow_rejects=True,
            waive_findings="planted in the demo company",
        )
        began = time.monotonic()
        with override_settings(MEDIA_ROOT=home / "media"):
            done = run_cycle(wishes, lambda line: None)
        seconds = time.monotonic() - began
    return {
        "demand_units": done.figures["forecast"]["series"],
        "horizon": done.cycle.horizon,
        "seconds": done.seconds,
        "all_s": round(seconds, 1),
        "bar_s": BAR_S,
        "passes": seconds <= BAR_S,
    }
