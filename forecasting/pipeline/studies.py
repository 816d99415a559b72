"""Questions about one series, answered by a worker: other methods compared, and what if.

Nothing of a run changes by them; the answer is kept with the question.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from django.utils import timezone

from catalog.engine.months import add_months
from core.jobs import Progress
from forecasting.engine import Panel
from forecasting.engine.alternatives import Alternative, compare
from forecasting.engine.cleaning import Cleaned, clean_all
from forecasting.engine.conformal import Calibration
from forecasting.engine.decomposition import decompose
from forecasting.engine.forecast import forecast
from forecasting.engine.panel import Bools, Floats
from forecasting.engine.pin import LABELS, Method, Pin
from forecasting.models import ForecastRun, ForecastStudy, StudyKind
from forecasting.pipeline.chunks import settings_of, starts_of
from forecasting.pipeline.history import load_panel
from forecasting.pipeline.pinning import pins_of

Tell = Callable[[int], None]


def answer_job(progress: Progress) -> dict[str, Any]:
    """The work of the job: the study named in its params. Stored in one transaction with the job's end."""
    study = ForecastStudy.objects.select_related("run").get(pk=progress.job.params["study"])
    progress.report(done=0, total=_steps(study), step="Reading the history")
    answer = answer_of(study, lambda done: progress.report(done=done, step=_step(study, done)))
    with progress.store() as store:
        ForecastStudy.objects.filter(pk=study.pk).update(answer=answer, answered=timezone.now())
        store.result = {"study": study.pk}
    return store.result


def answer_of(study: ForecastStudy, tell: Tell = lambda done: None) -> dict[str, Any]:
    """What the engine says to a question; `tell` hears how many steps of it are done."""
    if study.kind == StudyKind.ALTERNATIVES:
        return _alternatives(study, tell)
    return _what_if(study)


def _steps(study: ForecastStudy) -> int:
    return len(Method) if study.kind == StudyKind.ALTERNATIVES else 1


def _step(study: ForecastStudy, done: int) -> str:
    methods = list(Method)
    return f"Trying {LABELS[methods[done]]}" if done < len(methods) else "Putting it together"


def _alternatives(study: ForecastStudy, tell: Tell) -> dict[str, Any]:
    run = study.run
    panel = load_panel([study.demand_unit_id], run.last_month)
    raw, cleaned = _cleaned(panel)
    made = compare(cleaned.values, raw, panel.season_length, settings_of(run), tuple(Method), tell)
    return {
        "months": _months(add_months(run.last_month, 1), run.horizon),
        "methods": [_shown(one) for one in made],
        "parts": _parts(cleaned.values, panel.season_length, add_months(run.last_month, 1 - len(raw))),
    }


def _cleaned(panel: Panel) -> tuple[Floats, Cleaned]:
    raw = list(panel.series())
    return raw[0], clean_all(raw, panel.season_length, panel.masks(), panel.keeps())[0]


def _shown(one: Alternative) -> dict[str, Any]:
    return {
        "method": one.method.value,
        "values": None if one.values is None else one.values.tolist(),
        "mase": _finite(one.mase),
        "wape": _finite(one.wape),
        "bias": _finite(one.bias),
        "fault": one.fault,
    }


def _parts(y: Floats, season_length: int, first: dt.date) -> dict[str, Any] | None:
    """The history by STL; None where it is too short."""
    found = decompose(y, season_length) if np.isfinite(y).all() else None
    if found is None:
        return None
    return {
        "months": _months(first, len(y)),
        "trend": found.trend.tolist(),
        "season": found.season.tolist(),
        "rest": found.rest.tolist(),
    }


def _what_if(study: ForecastStudy) -> dict[str, Any]:
    run, unit = study.run, study.demand_unit_id
    panel = _asked(load_panel([unit], run.last_month), run, study.question)
    known = Calibration.of_json(run.calibration) if run.calibration else None
    method = study.question.get("method")
    pins = [Pin(Method(method))] if method else pins_of(run.pins, [unit])
    made = forecast(panel, settings_of(run), calibration=known, starts=starts_of(run, [unit]), pins=pins)
    return {
        "months": _months(add_months(run.last_month, 1), run.horizon),
        "mean": made.mean[:, 0].tolist(),
        **{f"lower_{level}": made.lower[level][:, 0].tolist() for level in (80, 95)},
        **{f"upper_{level}": made.upper[level][:, 0].tolist() for level in (80, 95)},
        "method": made.methods[0],
        "reason": made.reasons[0],
        "mase": _finite(made.accuracy.mase[0]),
        "wape": _finite(made.accuracy.wape[0]),
        "bias": _finite(made.accuracy.bias[0]),
        "cleaned": len(made.stories[0].cleaned),
    }


def _asked(panel: Panel, run: ForecastRun, question: dict[str, Any]) -> Panel:
    """The series as the question wants it: months before `since` forgotten, others masked."""
    months = _months(add_months(run.last_month, 1 - len(panel.values)), len(panel.values))
    values = panel.values.copy()
    if since := question.get("since"):
        values[[month < since for month in months]] = np.nan
    masked = np.zeros(values.shape, dtype=bool) if panel.masked is None else panel.masked.copy()
    masked[[month in question.get("masked", ()) for month in months]] = True
    return replace(panel, values=values, masked=masked, kept=_not_masked(panel.kept, masked))


def _not_masked(kept: Bools | None, masked: Bools) -> Bools | None:
    """A month that the question masks is masked, even where a planner kept it."""
    return None if kept is None else kept & ~masked


def _months(first: dt.date, count: int) -> list[str]:
    return [add_months(first, place).isoformat() for place in range(count)]


def _finite(figure: float) -> float | None:
    return float(figure) if np.isfinite(figure) else None
