"""Who covers what: the territory map of the demo's sales force, and what its accounts ask."""

from dataclasses import dataclass
from typing import Any

from demo.company.span import chance

MODEL = ("MAP-1", "Sales map")
DESCRIPTION = "By country, with the key accounts of German retail by name. Agreed at the kick-off in January."

# degrees north and east, to about a kilometre
PLACES = {
    "München": (48.14, 11.58), "Berlin": (52.52, 13.40), "Hamburg": (53.55, 9.99), "Köln": (50.94, 6.96),
    "Stuttgart": (48.78, 9.18), "Leipzig": (51.34, 12.37), "Freiburg": (48.00, 7.85),
    "Dresden": (51.05, 13.74), "Wien": (48.21, 16.37), "Innsbruck": (47.27, 11.39),
    "Salzburg": (47.81, 13.05), "Graz": (47.07, 15.44), "Linz": (48.31, 14.29), "Lyon": (45.76, 4.84),
    "Grenoble": (45.19, 5.72), "Paris": (48.86, 2.35), "Lille": (50.63, 3.07), "Bordeaux": (44.84, -0.58),
    "Toulouse": (43.60, 1.44), "Annecy": (45.90, 6.13), "London": (51.51, -0.13),
    "Manchester": (53.48, -2.24), "Leeds": (53.80, -1.55), "Edinburgh": (55.95, -3.19),
    "Bristol": (51.45, -2.59), "Keswick": (54.60, -3.13), "Amsterdam": (52.37, 4.90),
    "Utrecht": (52.09, 5.12), "Rotterdam": (51.92, 4.48), "Eindhoven": (51.44, 5.48),
    "Stockholm": (59.33, 18.07), "Göteborg": (57.71, 11.97), "Umeå": (63.83, 20.26),
    "Malmö": (55.61, 13.00), "Östersund": (63.18, 14.64),
}  # fmt: skip

HOMES = {
    "R04": "München", "R05": "Köln", "R06": "Berlin", "R07": "Salzburg", "R08": "Lyon", "R09": "Paris",
    "R10": "London", "R11": "Leeds", "R12": "Utrecht", "R13": "Stockholm", "R14": "Göteborg",
}  # fmt: skip


@dataclass(frozen=True)
class Area:
    """A territory of the demo. rep: who owns its accounts, or manages those below. condition: of its rule."""

    code: str
    name: str
    above: str
    type: str
    rep: str
    condition: Any = None
    priority: int = 100


def _is(field: str, value: str) -> dict[str, str]:
    return {"field": field, "is": "is", "value": value}


def _one_of(field: str, *values: str) -> dict[str, Any]:
    return {"field": field, "is": "one of", "value": list(values)}


def areas(key_accounts: list[str]) -> tuple[Area, ...]:
    """The tree, parents first. Nobody thought of Linz, and two reps claim Umeå: what lists are for."""
    at = {"all": [_is("market", "AT-RETAIL"), {"not": _is("city", "Linz")}]}
    south = {"all": [_is("market", "GB-RETAIL"), _one_of("city", "London", "Bristol")]}
    east = {"all": [_is("market", "SE-RETAIL"), _one_of("city", "Stockholm", "Östersund", "Umeå")]}
    west = {"all": [_is("market", "SE-RETAIL"), _one_of("city", "Göteborg", "Malmö", "Umeå")]}
    return (
        Area("EU", "Europe", "", "geographic", "R01"),
        Area("DACH", "Germany, Austria", "EU", "geographic", "R02"),
        Area("WEST", "Western Europe", "EU", "geographic", "R03"),
        Area("NORD", "Nordics", "EU", "geographic", "R01"),
        Area(
            "DE-KEY", "Germany, key accounts", "DACH", "named", "R04", _one_of("account", *key_accounts), 10
        ),
        Area("DE-SHOP", "Germany, shops", "DACH", "geographic", "R05", _is("market", "DE-RETAIL"), 50),
        Area("DE-WEB", "Germany, online", "DACH", "industry", "R06", _is("market", "DE-ONLINE")),
        Area("AT", "Austria", "DACH", "geographic", "R07", at),
        Area("FR-SHOP", "France, shops", "WEST", "geographic", "R08", _is("market", "FR-RETAIL")),
        Area("FR-WEB", "France, online", "WEST", "industry", "R09", _is("market", "FR-ONLINE")),
        Area("GB-S", "Britain, south", "WEST", "geographic", "R10", south),
        Area("GB-N", "Britain, north", "WEST", "geographic", "R11", _is("market", "GB-RETAIL"), 200),
        Area("NL", "Netherlands", "WEST", "industry", "R12", _is("market", "NL-ONLINE")),
        Area("SE-E", "Sweden, east", "NORD", "geographic", "R13", east),
        Area("SE-W", "Sweden, west", "NORD", "geographic", "R14", west),
    )


def account_work(accounts: list[tuple[str, str, float]], seed: int) -> list[tuple[str, ...]]:
    """(code, city, sales of a year) of each account → rows of the file of accounts' work.

    Big ones are called on more often; what an account could buy lies above what it buys.
    """
    dice = chance(seed, "territories")
    rows: list[tuple[str, ...]] = [
        ("account", "latitude", "longitude", "potential", "calls_a_year", "hours_a_call")
    ]
    order = sorted(amount for _, _, amount in accounts)
    for code, city, amount in accounts:
        north, east = PLACES.get(city, (None, None))
        big = order.index(amount) / max(len(order) - 1, 1)
        place = ("", "") if north is None else _scattered(north, east, dice)
        potential = round(max(amount, 4000.0) * (1.1 + dice.gamma(2.0, 0.35)), -2)
        rows.append((code, *place, f"{potential:.0f}", str(6 + round(18 * big)), f"{1 + big:.1f}"))
    return rows


def _scattered(north: float, east: float | None, dice: Any) -> tuple[str, str]:
    """Shops of one city do not stand on each other."""
    return f"{north + dice.normal(0, 0.06):.4f}", f"{(east or 0) + dice.normal(0, 0.08):.4f}"


def rep_bases() -> list[tuple[str, ...]]:
    """Rows of the file of reps' homes: degrees, the share of a full week, hours for accounts a year."""
    rows: list[tuple[str, ...]] = [("rep", "latitude", "longitude", "share", "hours_a_year")]
    for rep, city in HOMES.items():
        north, east = PLACES[city]
        rows.append((rep, f"{north:.2f}", f"{east:.2f}", "0.8" if rep == "R14" else "1", "1300"))
    return rows
