"""How long it takes to call on an account: the way there and back, shared over the calls of a trip."""

from dataclasses import dataclass

import numpy as np

from territories.engine.distances import great_circle
from territories.engine.problem import Floats


@dataclass(frozen=True)
class Travel:
    """speed: km an hour on the road. detour: the road's length over the straight line's (1.3 is usual).
    calls_a_trip: how many accounts are called on before the rep drives home."""

    speed: float = 60.0
    detour: float = 1.3
    calls_a_trip: float = 4.0

    def hours(self, km: Floats) -> Floats:
        """Hours on the road for one call at accounts that lie `km` from the base: there and back, over
        the calls of a trip. 0 where the distance is not known (NaN)."""
        road = 2 * np.nan_to_num(km, nan=0.0) * self.detour
        return np.asarray(road / self.speed / self.calls_a_trip, dtype=np.float64)


def km_between(places: Floats, bases: Floats) -> Floats:
    """(n,): the way from each place to its own base, both (n, 2) in degrees; NaN where one is not known."""
    return great_circle(places, bases)


def workload(calls: Floats, hours_a_call: Floats, km: Floats, travel: Travel) -> Floats:
    """Hours a year: call frequency × (travel + call time), of arrays of one shape: the work index that
    eSpatial's manual of territory balancing gives."""
    return np.asarray(calls * (travel.hours(km) + hours_a_call), dtype=np.float64)
