"""A history taken apart into trend, season and rest by STL (Cleveland et al., J. Official Stat. 6, 1990)."""

from dataclasses import dataclass

from statsmodels.tsa.seasonal import STL

from forecasting.engine.panel import Floats

YEARS = 2  # fewer do not tell a season from chance


@dataclass(frozen=True)
class Decomposition:
    """trend, season, rest: (periods,), in units; they add up to the cleaned history."""

    trend: Floats
    season: Floats
    rest: Floats


def decompose(y: Floats, season_length: int) -> Decomposition | None:
    """Robust STL of one series without gaps; None below two years and one period."""
    if len(y) <= YEARS * season_length:
        return None
    found = STL(y, period=season_length, robust=True).fit()
    return Decomposition(found.trend, found.seasonal, found.resid)
