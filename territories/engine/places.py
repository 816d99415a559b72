"""Where countries, and the states of the United States, lie: for accounts that have no place of their own.

countries.json comes from the atlas (`npm run countries`): the centroid of the largest part of each.
"""

import json
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

USA = "United States of America"


@dataclass(frozen=True)
class Region:
    """A country or state by its name in the atlas; its middle in degrees."""

    name: str
    latitude: float
    longitude: float


def region_of(country: str, region: str = "") -> Region | None:
    """The state where the country is the United States and the region names one, else the country; None
    where neither is known. Names in English, two-letter codes, in any case and with or without accents."""
    found = _regions("countries").get(_plain(country))
    if found and found.name == USA:
        return _regions("states").get(_plain(region), found)
    return found


def names_on_map(name: str) -> list[str]:
    """The shapes of the map that a region covers: the United States stand there by state."""
    return sorted({one.name for one in _regions("states").values()}) if name == USA else [name]


@cache
def _regions(kind: str) -> dict[str, Region]:
    found: dict[str, Region] = {}
    for row in _read()[kind]:
        region = Region(row["name"], row["latitude"], row["longitude"])
        found |= {_plain(name): region for name in (row["name"], *row["also"])}
    return found


@cache
def _read() -> dict[str, Any]:
    text = files("territories.engine").joinpath("countries.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.replace("’", "'").replace("&", "and"))
    return "".join(one for one in letters if not unicodedata.combining(one)).casefold().strip()
