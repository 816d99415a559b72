"""How one series was forecast: the small parts that results carry, free of any numerical library."""

from collections.abc import Mapping
from dataclasses import dataclass

# Where the next search of a series begins: model → α, β, γ, φ as places in the unit cube.
Start = Mapping[str, tuple[float, ...]]


@dataclass(frozen=True)
class CleanedPoint:
    """A period that was replaced: its place in the series, what it was, what stands there, and why."""

    place: int
    was: float
    now: float
    reason: str


@dataclass(frozen=True)
class Member:
    """A model of a series' forecast and its share in it."""

    name: str
    weight: float


@dataclass(frozen=True)
class Components:
    """What a series is made of at its end. level in units; trend in units a period, 0 without one.
    season: one value for each of the coming periods of a year, factors where `multiplicative`, units
    else; empty without one."""

    level: float
    trend: float
    season: tuple[float, ...]
    multiplicative: bool


@dataclass(frozen=True)
class Story:
    """What was cleaned, by which models and parameters, out of which components, where the next search
    begins, and how large the series' errors are one step ahead. without_pin: where a person's pin made the
    forecast, MASE, WAPE and bias of what the route would have said, NaN where nothing was tested."""

    cleaned: tuple[CleanedPoint, ...]
    members: tuple[Member, ...]
    best: str
    parameters: dict[str, float]
    components: Components | None
    start: Start | None
    size: float
    without_pin: tuple[float, float, float] | None = None
