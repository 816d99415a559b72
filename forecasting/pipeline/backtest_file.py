"""An evaluation → a JSON of figures, and a CSV with one line per series."""

import csv
import io
import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from forecasting.engine.evaluation import Evaluation, Figures
from forecasting.engine.periods import Frequency

COLUMNS = ["mase", "rmsse", "wape", "smape", "bias"]


def summary_text(evaluation: Evaluation, frequency: Frequency, step: int, models: tuple[str, ...]) -> str:
    """Everything about all series together, as JSON; null where nothing can be measured."""
    origins, horizon, series = evaluation.actual.shape
    ours, naive = evaluation.overall(evaluation.predicted), evaluation.overall(evaluation.naive)
    found = {
        "series": series,
        "frequency": frequency.value,
        "horizon": horizon,
        "origins": origins,
        "periods_between_origins": step,
        **_known(asdict(ours)),
        "owa": _finite(evaluation.owa()),
        "coverage_80": _finite(evaluation.coverage(80)),
        "coverage_95": _finite(evaluation.coverage(95)),
        "naive2": _known(asdict(naive)),
        "wape_by_horizon": [_finite(one) for one in evaluation.wape_ahead(evaluation.predicted)],
        "naive2_wape_by_horizon": [_finite(one) for one in evaluation.wape_ahead(evaluation.naive)],
        "models": dict(Counter(models).most_common()),
    }
    return json.dumps(found, indent=2) + "\n"


def series_text(evaluation: Evaluation) -> str:
    """One line per series: its figures, and those of Naive2; empty where nothing can be measured."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["unique_id", *COLUMNS, *(f"naive2_{name}" for name in COLUMNS)])
    for place, name in enumerate(evaluation.ids):
        ours = evaluation.of_series(place, evaluation.predicted)
        naive = evaluation.of_series(place, evaluation.naive)
        writer.writerow([name, *_cells(ours), *_cells(naive)])
    return text.getvalue()


def _cells(figures: Figures) -> list[str]:
    values = asdict(figures)
    return [f"{values[name]:.6g}" if math.isfinite(values[name]) else "" for name in COLUMNS]


def _known(figures: Mapping[str, float]) -> dict[str, float | None]:
    return {name: _finite(value) for name, value in figures.items()}


def _finite(value: float) -> Any:
    return round(value, 6) if math.isfinite(value) else None
