"""How much stock to aim at."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Floats = NDArray[np.float64]


def safety_stock(
    error: Floats, lead_time: Floats, service_level: float, demand: Floats, lead_time_error: Floats
) -> Floats:
    """Stock against forecast error and late supply, in units, (items,).

    z · √(L σ_d² + d² σ_L²): `error` is the standard error of one month's forecast (units),
    `lead_time` and its error are in months, `demand` in units a month (Heizer & Render, Operations
    Management, "Inventory management"; Chopra & Meindl, chapter 12). Raises ValueError for a
    service level outside 0.5 ≤ level < 1.
    """
    if not 0.5 <= service_level < 1:
        raise ValueError(f"The service level is {service_level}; it must lie from 0.5 up to below 1.")
    spread = np.sqrt(lead_time * error**2 + demand**2 * lead_time_error**2)
    return ndtri(service_level) * spread


def expected_shortage(safety: Floats, spread: Floats) -> Floats:
    """Units short in a replenishment cycle: −ss (1 − Φ(ss/σ)) + σ φ(ss/σ) (Chopra & Meindl, eq. 12.8)."""
    ratio = safety / spread
    return -safety * (1 - ndtr(ratio)) + spread * np.exp(-(ratio**2) / 2) / np.sqrt(2 * np.pi)


def fill_rate(safety: Floats, spread: Floats, lot: Floats) -> Floats:
    """The share of demand served from stock: 1 − expected shortage / lot."""
    return 1 - expected_shortage(safety, spread) / lot
