"""What comes out of the engine."""

from dataclasses import dataclass

from forecasting.engine.panel import Floats
from forecasting.engine.stories import Story


@dataclass(frozen=True)
class Accuracy:
    """Back-test figures, one per series, shape (series,); NaN where the history allowed no cut.

    mase: mean absolute error over the in-sample seasonal naive's (Hyndman & Koehler 2006). rmsse: the
    same with squares (Makridakis et al. 2022). wape: Σ|error| / Σ|actual|, a share. smape: mean of
    200 |error| / (|actual| + |forecast|). bias: Σ(forecast − actual) / Σ|actual|, a share; positive is
    over-forecast.
    """

    mase: Floats
    rmsse: Floats
    wape: Floats
    smape: Floats
    bias: Floats


@dataclass(frozen=True)
class Forecast:
    """A forecast of every series of a panel.

    mean: (horizon, series). lower and upper: level in percent → (horizon, series). methods: what
    made each series' numbers. reasons: why this method, in a sentence. actual and predicted: of the
    back-tests, (cuts, horizon, series), NaN where there was none. Means and bounds are never NaN and
    never negative.
    """

    ids: tuple[str, ...]
    mean: Floats
    lower: dict[int, Floats]
    upper: dict[int, Floats]
    methods: tuple[str, ...]
    reasons: tuple[str, ...]
    accuracy: Accuracy
    stories: tuple[Story, ...]
    actual: Floats
    predicted: Floats
