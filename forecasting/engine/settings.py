"""What the engine may be told."""

from dataclasses import dataclass
from importlib.metadata import version

# Part of what makes two runs the same work: raise the number when any result can change.
VERSION = f"5, statsmodels {version('statsmodels')}"


@dataclass(frozen=True)
class Settings:
    """The horizon in periods, the interval levels in percent, and how back-tests are cut.

    `cuts` rolling origins are taken: the newest `horizon` periods before the end, the others
    `cut_step` periods apart before it; each forecasts `horizon` periods ahead.
    """

    horizon: int = 18
    levels: tuple[int, ...] = (80, 95)
    cuts: int = 3
    cut_step: int = 6

    def __post_init__(self) -> None:
        if self.horizon < 1:
            raise ValueError(f"The horizon is {self.horizon}; it must be at least 1 period.")

    def back(self, cut: int) -> int:
        """How many periods before the end a cut lies; 0 is the newest."""
        return self.horizon + cut * self.cut_step
