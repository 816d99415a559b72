"""How far off the back-tests of one series were, by how many months ahead, beside last year's value."""

from dataclasses import dataclass

import numpy as np

from forecasting.engine.panel import Floats


@dataclass(frozen=True)
class Ahead:
    """Errors `months` ahead over all cuts. wape and bias: shares of what was sold; mase: in seasonal steps
    of the history; naive_*: of the same month a year before. None where nothing is known. tests: how many
    cuts say something."""

    months: int
    tests: int
    wape: float | None
    bias: float | None
    mase: float | None
    naive_wape: float | None
    naive_mase: float | None

    @property
    def better(self) -> bool | None:
        """Whether the forecast erred less than last year's value."""
        for own, naive in ((self.wape, self.naive_wape), (self.mase, self.naive_mase)):
            if own is not None and naive is not None:
                return own < naive
        return None


def by_horizon(actual: Floats, predicted: Floats, naive: Floats, step: float) -> list[Ahead]:
    """One line per month ahead at which a cut knows what was sold. All (cuts, horizon); `step`: the mean
    absolute seasonal step of the history, NaN where there is none."""
    lines = []
    for place in range(actual.shape[1]):
        known = np.isfinite(actual[:, place]) & np.isfinite(predicted[:, place])
        if known.any():
            lines.append(
                _line(place + 1, actual[known, place], predicted[known, place], naive[known, place], step)
            )
    return lines


def last_year_at_cuts(history: Floats, backs: list[int], horizon: int, season_length: int) -> Floats:
    """What “the same month a year before” would have said at each cut, (cuts, horizon): of the newest year
    that was known then. `backs`: how many periods before the end each cut lies."""
    said = np.full((len(backs), horizon), np.nan)
    for cut, back in enumerate(backs):
        end = len(history) - back
        if end >= season_length:
            said[cut] = np.resize(history[end - season_length : end], horizon)
    return said


def seasonal_step(history: Floats, season_length: int) -> float:
    """The mean absolute change from the same period a year before; of neighbours below a year and one."""
    lag = season_length if len(history) > season_length else 1
    steps = np.abs(history[lag:] - history[:-lag])
    known = steps[np.isfinite(steps)]
    return float(known.mean()) if known.size else float("nan")


def _line(months: int, actual: Floats, predicted: Floats, naive: Floats, step: float) -> Ahead:
    sold = float(np.abs(actual).sum())
    off, naive_off = np.abs(predicted - actual), np.abs(naive - actual)
    return Ahead(
        months=months,
        tests=int(actual.size),
        wape=_share(off.sum(), sold),
        bias=_share((predicted - actual).sum(), sold),
        mase=_share(off.mean(), step),
        naive_wape=_share(naive_off.sum(), sold),
        naive_mase=_share(naive_off.mean(), step),
    )


def _share(part: np.floating, whole: float) -> float | None:
    value = float(part) / whole if whole else float("nan")
    return value if np.isfinite(value) else None
