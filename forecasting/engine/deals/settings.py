"""What the forecast from deals may be told. Each day chooses its penalty from what was known then."""

from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version

DEALS_VERSION = f"1, statsmodels {version('statsmodels')}"


class Method(StrEnum):
    """How the chance to win is found."""

    STAGE = "stage"
    AGE = "age"
    HAZARD = "hazard"
    BLEND = "blend"


METHODS = tuple(Method)


@dataclass(frozen=True)
class DealSettings:
    """What is asked and how much is believed.

    `horizon`: months ahead within which a deal may be won, a quarter unless told. `cap`: the most the age
    rule says. `shrink`: how many deals of the whole a small group is mixed with. `penalties`: the ridge
    penalties among which the newest known month chooses. `draws` and `seed`: of the simulated intervals.
    `fewest`, `fewest_months`: decided deals and months of closings without which nothing is tested.
    """

    horizon: int = 3
    cap: float = 0.95
    shrink: float = 50.0
    penalties: tuple[float, ...] = (0.003, 0.03, 0.3)
    months_learnt: int = 24
    draws: int = 2000
    seed: int = 1
    levels: tuple[int, ...] = (80, 95)
    fewest: int = 200
    fewest_months: int = 3
    most_cuts: int = 12

    def __post_init__(self) -> None:
        if not 1 <= self.horizon <= 36:
            raise ValueError(f"The horizon is {self.horizon} months; use 1 to 36.")
        if not 0 < self.cap <= 1:
            raise ValueError(f"The cap is {self.cap}; use more than 0 and at most 1.")
