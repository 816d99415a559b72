"""The engine's one entry: forecast every series of a panel.

No series' forecast looks at another's. Only the intervals learn from many series, and always from the
same ones (`sample_of`), so that any cut of a panel into chunks gives the same numbers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecasting.engine import accuracy as measures
from forecasting.engine.alternatives import judged
from forecasting.engine.backtest import Backtests, backtest_all
from forecasting.engine.baseline import Baseline, baseline_all
from forecasting.engine.cleaning import Cleaned, clean_all
from forecasting.engine.conformal import Calibration, bounds, calibrate, sizes
from forecasting.engine.finish import finish_all
from forecasting.engine.panel import Floats, Panel
from forecasting.engine.pin import Pin
from forecasting.engine.pinned import steer
from forecasting.engine.results import Accuracy, Forecast
from forecasting.engine.settings import Settings
from forecasting.engine.stories import Components, Start, Story

BLOCK = 500
SAMPLE = 500  # series whose back-tests calibrate the intervals of all


@dataclass(frozen=True)
class _Block:
    """Some series of a panel on their way through the engine. tests: by the routes; judged: after the
    pins; pinned: the places whose method a person chose."""

    raw: list[Floats]
    cleaned: list[Cleaned]
    tests: Backtests
    judged: Backtests
    pinned: frozenset[int]
    made: list[Baseline]
    components: list[Components | None]


def forecast(
    panel: Panel,
    settings: Settings,
    report: Callable[[int], None] = lambda done: None,
    calibration: Calibration | None = None,
    starts: Sequence[Start | None] | None = None,
    pins: Sequence[Pin | None] | None = None,
) -> Forecast:
    """Forecast a panel. `report` hears how many series are done; what it raises stops the work.

    `calibration` comes from `calibrate_on` a sample of a larger panel; without one the panel's own
    sample is taken. `starts`: the stories' `start` of last month's run, one per series, or None.
    `pins`: the method a person chose, one per series, or None; no pin changes another series' numbers.
    """
    blocks = []
    for first in range(0, len(panel.ids), BLOCK):
        last = min(first + BLOCK, len(panel.ids))
        part = panel.part(first, last)
        blocks.append(_forecast_block(part, settings, (starts or [])[first:last], (pins or [])[first:last]))
        report(last)
    by_route = _joined([block.tests for block in blocks], settings)
    known = calibration or calibrate(_of_sample(by_route, panel.ids), settings.levels)
    shown = _joined([block.judged for block in blocks], settings)
    return _result(panel, settings, blocks, shown, known)


def sample_of(ids: Sequence[str]) -> list[int]:
    """The places of the series that calibrate the intervals: evenly over the ids in their order."""
    order = sorted(range(len(ids)), key=lambda place: ids[place])
    if len(order) <= SAMPLE:
        return sorted(order)
    return sorted({order[round(step * (len(order) - 1) / (SAMPLE - 1))] for step in range(SAMPLE)})


def calibrate_on(
    panel: Panel, settings: Settings, starts: Sequence[Start | None] | None = None
) -> Calibration:
    """How errors spread over these series, to be used for a panel that they are the sample of."""
    blocks = [
        _tested(
            panel.part(first, min(first + BLOCK, len(panel.ids))),
            settings,
            (starts or [])[first : first + BLOCK],
        )[2]
        for first in range(0, len(panel.ids), BLOCK)
    ]
    return calibrate(_joined(blocks, settings), settings.levels)


def _tested(
    panel: Panel, settings: Settings, starts: Sequence[Start | None]
) -> tuple[list[Floats], list[Cleaned], Backtests]:
    raw = list(panel.series())
    cleaned = clean_all(raw, panel.season_length, panel.masks(), panel.keeps())
    values = [one.values for one in cleaned]
    return raw, cleaned, backtest_all(values, raw, panel.season_length, settings, starts or None)


def _forecast_block(
    panel: Panel, settings: Settings, starts: Sequence[Start | None], pins: Sequence[Pin | None]
) -> _Block:
    raw, cleaned, tests = _tested(panel, settings, starts)
    values = [one.values for one in cleaned]
    made = baseline_all(values, settings.horizon, panel.season_length, tests.starts)
    steered = steer(values, made, tests, pins, panel.season_length, settings)
    components = finish_all(values, steered.made, panel.season_length)
    return _Block(raw, cleaned, tests, steered.tests, steered.pinned, steered.made, components)


def _joined(parts: list[Backtests], settings: Settings) -> Backtests:
    if not parts:
        nothing = np.empty((settings.cuts, settings.horizon, 0))
        return Backtests(nothing, nothing, np.empty((settings.cuts, 0)), [], [])
    return Backtests(
        np.concatenate([part.actual for part in parts], axis=2),
        np.concatenate([part.predicted for part in parts], axis=2),
        np.concatenate([part.one_step for part in parts], axis=1),
        [start for part in parts for start in part.starts],
        [start for part in parts for start in part.first_starts],
    )


def _of_sample(tests: Backtests, ids: Sequence[str]) -> Backtests:
    places = sample_of(ids)
    return replace(
        tests,
        actual=tests.actual[:, :, places],
        predicted=tests.predicted[:, :, places],
        one_step=tests.one_step[:, places],
    )


def _result(
    panel: Panel, settings: Settings, blocks: list[_Block], tests: Backtests, calibration: Calibration
) -> Forecast:
    made = [one for block in blocks for one in block.made]
    raw = [y for block in blocks for y in block.raw]
    mean = _columns([one.values for one in made], settings.horizon)
    size = _filled_sizes(sizes(tests, np.array([one.one_step for one in made]), calibration), raw)
    both = {level: bounds(mean, size, calibration.reach[level]) for level in settings.levels}
    return Forecast(
        ids=panel.ids,
        mean=mean,
        lower={level: pair[0] for level, pair in both.items()},
        upper={level: pair[1] for level, pair in both.items()},
        methods=tuple(one.method for one in made),
        reasons=tuple(one.reason for one in made),
        accuracy=_accuracy(tests, raw, panel.season_length),
        stories=_stories(blocks, size, panel.season_length),
        actual=tests.actual,
        predicted=tests.predicted,
    )


def _filled_sizes(size: Floats, raw: list[Floats]) -> Floats:
    """Where nothing was ever tested, the steps of the history stand in; 0 for a series without any."""
    return np.array([own if np.isfinite(own) else _step_size(y) for own, y in zip(size, raw, strict=True)])


def _step_size(y: Floats) -> float:
    known = y[np.isfinite(y)]
    if known.size > 1:
        return float(np.sqrt(np.mean(np.diff(known) ** 2)))
    return float(np.abs(known).sum())


def _accuracy(tests: Backtests, raw: list[Floats], season_length: int) -> Accuracy:
    pairs = [(tests.actual[:, :, place], tests.predicted[:, :, place], y) for place, y in enumerate(raw)]
    return Accuracy(
        mase=np.array([measures.mase(a, p, y, season_length) for a, p, y in pairs]),
        rmsse=np.array([measures.rmsse(a, p, y) for a, p, y in pairs]),
        wape=np.array([measures.wape(a, p) for a, p, _ in pairs]),
        smape=np.array([measures.smape(a, p) for a, p, _ in pairs]),
        bias=np.array([measures.bias(a, p) for a, p, _ in pairs]),
    )


def _stories(blocks: list[_Block], size: Floats, season_length: int) -> tuple[Story, ...]:
    rows = [
        (cleaned, made, components, start, _without_pin(block, place, season_length))
        for block in blocks
        for place, (cleaned, made, components, start) in enumerate(
            zip(block.cleaned, block.made, block.components, block.tests.first_starts, strict=True)
        )
    ]
    return tuple(
        Story(
            cleaned.points,
            made.members,
            made.best,
            made.parameters,
            components,
            start,
            float(own),
            without,
        )
        for (cleaned, made, components, start, without), own in zip(rows, size, strict=True)
    )


def _without_pin(block: _Block, place: int, season_length: int) -> tuple[float, float, float] | None:
    """How the route would have done at the same cuts, where a pin took its place."""
    if place not in block.pinned:
        return None
    actual, predicted = block.tests.actual[:, :, place], block.tests.predicted[:, :, place]
    return judged(actual, predicted, block.raw[place], season_length)


def _columns(rows: list[Floats], horizon: int) -> Floats:
    return np.stack(rows, axis=1) if rows else np.empty((horizon, 0))
