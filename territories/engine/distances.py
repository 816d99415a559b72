"""How far accounts are from bases."""

import numpy as np

from territories.engine.problem import Floats

EARTH_RADIUS = 6371.0088  # km, the mean radius (IUGG)


def great_circle(here: Floats, there: Floats) -> Floats:
    """Great-circle distances in km of latitudes and longitudes in degrees, (…, 2), that broadcast.

    R. W. Sinnott, Virtues of the Haversine, Sky and Telescope 68 (1984), 159.
    """
    here, there = np.radians(here), np.radians(there)
    half = np.sin((here - there) / 2) ** 2
    chord = half[..., 0] + np.cos(here[..., 0]) * np.cos(there[..., 0]) * half[..., 1]
    return 2 * EARTH_RADIUS * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0)))


def haversine(places: Floats, bases: Floats) -> Floats:
    """Great-circle distances in km, (places, bases), of latitudes and longitudes in degrees, (…, 2)."""
    return great_circle(places[:, None, :], bases[None, :, :])


def straight(places: Floats, bases: Floats) -> Floats:
    """Straight-line distances, (places, bases), of x and y, (…, 2), in their unit."""
    return np.hypot(*np.moveaxis(places[:, None, :] - bases[None, :, :], -1, 0))
