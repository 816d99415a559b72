"""The Theta method, by statsmodels (Assimakopoulos & Nikolopoulos 2000)."""

import warnings

import numpy as np
from statsmodels.tsa.forecasting.theta import ThetaModel

from forecasting.engine.panel import Floats


def theta(y: Floats, horizon: int, season_length: int, *, seasonal: bool) -> Floats:
    """Theta = 2 with a drift, deseasonalised where the route says so. Shape (horizon,)."""
    method = "multiplicative" if y.min() > 0 else "additive"
    model = ThetaModel(y, period=season_length, deseasonalize=seasonal, use_test=False, method=method)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fit that did not converge is judged by its back-test
        return np.asarray(model.fit().forecast(horizon), dtype=float)
