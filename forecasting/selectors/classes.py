"""ABC/XYZ of a run: what each demand unit earns and how well it is forecast, in nine classes.

A class is the same for every reader: it is computed over the whole company. What is counted and
summed of a class is only what the reader may see.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from django.core.cache import cache

from core import company
from core.models import Person
from forecasting.engine.classes import Bounds, abc_of, xyz_of
from forecasting.models import ForecastRun
from forecasting.selectors.accuracy import tested_series, weighed

ABC, XYZ = ("A", "B", "C"), ("X", "Y", "Z")
KEPT_SECONDS = 3600


@dataclass(frozen=True)
class Square:
    """One of the nine classes: its demand units, what they earned in the twelve months before, in base
    currency, their share of all revenue seen, and their back-test WAPE weighed by revenue."""

    abc: str
    xyz: str
    units: int
    revenue: float
    share: float | None
    wape: float | None

    @property
    def name(self) -> str:
        """The two classes together: AX to CZ."""
        return self.abc + self.xyz


def bounds() -> Bounds:
    """Where the classes end, as the company set it."""
    a, b, x, y = (
        float(company.value(key)) / 100
        for key in ("abc_a_percent", "abc_b_percent", "xyz_x_percent", "xyz_y_percent")
    )
    return Bounds(a, b, x, max(x, y))


def classes_of(run: ForecastRun) -> dict[int, str]:
    """The class of each demand unit of a run, such as "AX", company-wide; kept, for a run never changes."""
    limits = bounds()
    key = f"abc-xyz:{run.pk}:{run.input_hash}:{limits}".replace(" ", "")
    found: dict[int, str] | None = cache.get(key)
    if found is None:
        frame = tested_series(None, run)
        letters = np.char.add(
            abc_of(frame["revenue"].to_numpy(float), limits), xyz_of(frame["wape"].to_numpy(float), limits)
        )
        found = dict(zip(frame["demand_unit"].tolist(), letters.tolist(), strict=True))
        cache.set(key, found, KEPT_SECONDS)
    return found


def units_of_class(run: ForecastRun, abc: str = "", xyz: str = "") -> list[int]:
    """The demand units of a run in a class; an empty letter is any."""
    return [unit for unit, name in classes_of(run).items() if abc in name[:1] and xyz in name[1:]]


def squares_of(user: Person | None, run: ForecastRun) -> list[Square]:
    """The nine classes, A to C and within them X to Z, of what the reader may see."""
    frame = tested_series(user, run)
    names = frame["demand_unit"].map(classes_of(run)).to_numpy(dtype=object)
    whole = float(frame["revenue"].clip(lower=0).sum())
    return [_square(abc, xyz, frame[names == abc + xyz], whole) for abc in ABC for xyz in XYZ]


def _square(abc: str, xyz: str, rows: pd.DataFrame, whole: float) -> Square:
    revenue = float(rows["revenue"].sum())
    return Square(abc, xyz, len(rows), revenue, revenue / whole if whole else None, weighed(rows, "wape"))
