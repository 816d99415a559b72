"""What the engine may be told."""

from dataclasses import dataclass
from importlib.metadata import version

# Part of what makes two runs the same work: raise the number when any result can change.
VERSION = f"3, statsmodels {version('statsmodels')}"


@dataclass(frozen=True)
class Settings:
    """The horizon in periods, the interval levels in percent, and how back-tests are cut.

    `cuts` rolling origins are taken, `cut_step` periods apart, the newest one `cut_step` periods
    before the end; each forecasts as far as the history reaches, `horizon` periods at most.
    """

    horizon: int = 18
    levels: tuple[int, ...] = (80, 95)
    cuts: int = 3
    cut_step: int = 6

    def __post_init__(self) -> None:
        if self.horizon < 1:
            raise ValueError(f"The horizon is {self.horizon}; it must be at least 1 period.")
