"""What comes out of the engine."""

from dataclasses import dataclass

from forecasting.engine.panel import Floats


@dataclass(frozen=True)
class Accuracy:
    """Back-test figures, one per series, shape (series,); NaN where the history allowed no cut.

    mase: mean absolute error over the in-sample seasonal naive's (Hyndman & Koehler 2006).
    wape: Σ|error| / Σ|actual|, a share. bias: Σ(forecast − actual) / Σ|actual|, a share; positive
    is over-forecast.
    """

    mase: Floats
    wape: Floats
    bias: Floats


@dataclass(frozen=True)
class Forecast:
    """A forecast of every series of a panel.

    mean: (horizon, series). lower and upper: level in percent → (horizon, series). methods: what
    made each series' numbers. reasons: why this method, in a sentence. Never NaN, never negative.
    """

    ids: tuple[str, ...]
    mean: Floats
    lower: dict[int, Floats]
    upper: dict[int, Floats]
    methods: tuple[str, ...]
    reasons: tuple[str, ...]
    accuracy: Accuracy
