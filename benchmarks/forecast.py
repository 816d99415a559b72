"""Forecasts of the M3, M1 and Tourism competitions' monthly series, against AutoETS and others.

    python -m benchmarks forecast

Accuracy is OWA (mean of sMAPE and MASE, each over Naive2's), everything with the engine's one fixed setting
(docs/forecasting.md says how it was chosen). Speed is series per second of CPU, ours in this process, theirs
in one of its own, on the same series, one thread each.
"""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.rivals import competition, rival
from forecasting.engine import Panel, Settings
from forecasting.engine.baseline import baseline_all
from forecasting.engine.cleaning import clean_all
from forecasting.engine.evaluation import Evaluation, naive2
from forecasting.engine.forecast import BLOCK, forecast
from forecasting.engine.panel import Floats

COMPETITIONS = ("M3", "M1", "Tourism")
AUTO_ETS, THETA = "AutoETS", "DynamicOptimizedTheta"
YEAR = 12
BARS = {
    "owa_m3": ("at most", 0.815),
    "owa_m3_of_autoets": ("at most", 0.975),
    "mean_owa_of_autoets": ("at most", 0.98),
    "mean_owa_of_theta": ("at most", 1.0),
    "point_speed_of_autoets": ("at least", 60.0),
    "whole_speed_of_autoets_with_intervals": ("at least", 15.0),
    "coverage_80": ("between", (0.78, 0.86)),
    "coverage_95": ("between", (0.93, 0.975)),
}


@dataclass(frozen=True)
class Competition:
    """Series and what came after: future is (horizon, series)."""

    task: dict[str, Any]
    panel: Panel
    future: Floats

    @classmethod
    def of(cls, name: str) -> "Competition":
        task = competition(name)
        longest = max(map(len, task["history"]))
        values = np.full((longest, len(task["ids"])), np.nan)
        for column, y in enumerate(task["history"]):
            values[longest - len(y) :, column] = y
        ids = tuple(f"{place:05d}" for place in range(len(task["ids"])))
        return cls(task, Panel(ids, values), np.array(task["future"]).T)

    def scored(self, predicted: Floats) -> Evaluation:
        """A forecast (horizon, series), to be measured."""
        naive = naive2(self.panel, len(self.future))[None]
        histories = list(self.panel.series())
        return Evaluation(
            self.panel.ids, YEAR, self.future[None], predicted[None], naive, {}, {}, histories
        )  # fmt: skip


def run() -> dict[str, Any]:
    """Accuracy on three competitions; coverage and speed on M3."""
    sets = {name: Competition.of(name) for name in COMPETITIONS}
    ours = {name: _ours(one) for name, one in sets.items()}
    theirs = {model: {name: _theirs(one, model) for name, one in sets.items()} for model in (AUTO_ETS, THETA)}
    m3 = sets["M3"]
    points = _series_per_second(m3, _point_forecasts)
    with_intervals = rival(m3.task, AUTO_ETS, 80, 95)
    speed = {
        "ours_points": points,
        "ours_whole": ours["M3"]["series_per_cpu_second"],
        "autoets_points": theirs[AUTO_ETS]["M3"]["series_per_cpu_second"],
        "autoets_intervals": len(m3.panel.ids) / with_intervals["cpu_seconds"],
        "theta_points": theirs[THETA]["M3"]["series_per_cpu_second"],
    }
    owa = {name: {"ours": ours[name]["owa"]} | {m: theirs[m][name]["owa"] for m in theirs} for name in sets}
    bars = _bars(owa, speed, ours["M3"]["coverage"])
    return {"owa": owa, "series_per_cpu_second": speed, "ours": ours, "theirs": theirs} | bars


def _bars(owa: dict[str, Any], speed: dict[str, float], coverage: dict[int, float]) -> dict[str, Any]:
    mean = {who: float(np.mean([owa[name][who] for name in owa])) for who in ("ours", AUTO_ETS, THETA)}
    reached = {
        "owa_m3": owa["M3"]["ours"],
        "owa_m3_of_autoets": owa["M3"]["ours"] / owa["M3"][AUTO_ETS],
        "mean_owa_of_autoets": mean["ours"] / mean[AUTO_ETS],
        "mean_owa_of_theta": mean["ours"] / mean[THETA],
        "point_speed_of_autoets": speed["ours_points"] / speed["autoets_points"],
        "whole_speed_of_autoets_with_intervals": speed["ours_whole"] / speed["autoets_intervals"],
        "coverage_80": coverage[80],
        "coverage_95": coverage[95],
    }
    bars = {name: {"reached": round(value, 4), "bar": BARS[name]} for name, value in reached.items()}
    return {"mean_owa": mean, "bars": bars, "passes": all(_holds(*BARS[n], v) for n, v in reached.items())}


def _holds(how: str, bar: Any, value: float) -> bool:
    if how == "between":
        return bool(bar[0] <= value <= bar[1])
    return value <= bar if how == "at most" else value >= bar


def _ours(one: Competition) -> dict[str, Any]:
    """The whole thing: forecast, back-tests, calibrated intervals, statsmodels for what is shown."""
    begun = time.process_time()
    found = forecast(one.panel, Settings(horizon=len(one.future)))
    seconds = time.process_time() - begun
    scored = one.scored(found.mean)
    coverage = {
        level: float(((one.future >= found.lower[level]) & (one.future <= found.upper[level])).mean())
        for level in (80, 95)
    }
    return _figures(scored) | {
        "coverage": coverage,
        "series_per_cpu_second": len(found.ids) / seconds,
    }


def _theirs(one: Competition, model: str) -> dict[str, Any]:
    said = rival(one.task, model)
    speed = len(one.panel.ids) / said["cpu_seconds"]
    return _figures(one.scored(np.array(said["mean"]).T)) | {"series_per_cpu_second": speed}


def _figures(scored: Evaluation) -> dict[str, Any]:
    overall = scored.overall(scored.predicted)
    return {"owa": scored.owa(), "smape": overall.smape, "mase": overall.mase}


def _series_per_second(one: Competition, work: Any) -> float:
    begun = time.process_time()
    work(one)
    return len(one.panel.ids) / (time.process_time() - begun)


def _point_forecasts(one: Competition) -> None:
    """What AutoETS does as well: cleaned, chosen, fitted, forecast; no intervals, no back-tests."""
    for first in range(0, len(one.panel.ids), BLOCK):
        series = list(one.panel.part(first, min(first + BLOCK, len(one.panel.ids))).series())
        cleaned = [each.values for each in clean_all(series, YEAR, None, None)]
        baseline_all(cleaned, len(one.future), YEAR)
