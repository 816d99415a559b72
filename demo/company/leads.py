"""The demo company's leads: a year of shops that asked, where they came from, what that cost and brought."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from demo.company.span import chance, first_day, month_number
from demo.company.trade import CITIES, MARKETS, SHOPS

MONTHS = 12
A_MONTH = 40
FRESH = 16
LATELY = dt.timedelta(days=40)  # what is older is decided

# code, name, cost a month, share of leads, chance to become a deal
SOURCES = (
    ("web", "Web site", 1800, 0.38, 0.12),
    ("fair", "Outdoor fairs", 7200, 0.20, 0.21),
    ("search", "Paid search", 4600, 0.24, 0.07),
    ("referral", "Dealers recommend us", 0, 0.10, 0.31),
    ("newsletter", "Newsletter", 900, 0.08, 0.09),
)
REASONS = ("No budget", "No need", "Cannot be reached", "Outside of our markets", "Competitor or student")
ASKS = (
    "We open a second shop in spring and look for tents and packs.",
    "Do you deliver shell jackets in small series with our logo?",
    "Please send your dealer terms.",
    "We saw the new stoves at the fair. What are the prices for 60 pieces?",
    "Our supplier of sleeping mats stops. Can you help until October?",
    "Which packs can you deliver within four weeks?",
)


@dataclass(frozen=True)
class Asker:
    """A shop that asked: when (days ago and hours into the working day), and what became of it.

    `waited` are the working hours until the answer, None where nobody answered yet; `days` from
    arrival to the deal.
    """

    company: str
    email: str
    country: str
    market: str
    source: str
    text: str
    arrived: dt.datetime
    employees: int
    state: str = "new"
    waited: float | None = None
    reason: str = ""
    days: int = 0


def past_leads(seed: int, today: dt.date) -> list[Asker]:
    """The leads of the months before this one, each done with but for the youngest."""
    dice = chance(seed, "leads")
    first = months_before(today)[0]
    days = (today.replace(day=1) - first).days
    found = []
    for number in range(MONTHS * A_MONTH):
        arrived = _moment(first + dt.timedelta(days=int(dice.integers(days))), float(dice.random()))
        asker = _asker(number, arrived, dice.random(8).tolist())
        found.append(asker if arrived.date() > today - LATELY else _decided(asker))
    return sorted(found, key=lambda one: one.arrived)


def fresh_leads(seed: int) -> list[Asker]:
    """Shops that ask just now; two of them from where nobody sells."""
    dice = chance(seed, "fresh leads")
    never = dt.datetime.min.replace(tzinfo=dt.UTC)
    found = [_asker(90_000 + number, never, dice.random(8).tolist()) for number in range(FRESH)]
    return [_abroad(one) if number % 8 == 7 else one for number, one in enumerate(found)]


def months_before(today: dt.date) -> list[dt.date]:
    """The twelve months before this one."""
    return [first_day(month_number(today) - number) for number in range(MONTHS, 0, -1)]


def promised(month: dt.date) -> int:
    """How many leads marketing promised for a month."""
    return 13 if month.month in (7, 8, 12) else 16


def _asker(number: int, arrived: dt.datetime, luck: list[float]) -> Asker:
    market = MARKETS[int(luck[0] * len(MARKETS))]
    cities = CITIES[market[3]]
    city = cities[int(luck[1] * len(cities))]
    company = f"{SHOPS[int(luck[2] * len(SHOPS))]} {city} {number % 100 + 1}"
    source, chance_to_win = _source(luck[3])
    address = f"shop{number}@{market[3].lower()}-shops.example"
    fate = _fate(luck[4], chance_to_win, luck[5])
    return Asker(
        company=company,
        email=address,
        country=market[3],
        market=market[0],
        source=source,
        text=ASKS[int(luck[6] * len(ASKS))],
        arrived=arrived,
        employees=2 + int(luck[7] ** 3 * 400),
        **fate,
    )


def _decided(one: Asker) -> Asker:
    """Nobody works on a lead for ever."""
    if one.state != "working":
        return one
    return Asker(**{**vars(one), "state": "disqualified", "reason": REASONS[one.employees % len(REASONS)]})


def _source(luck: float) -> tuple[str, float]:
    for code, _, _, share, chance_to_win in SOURCES:
        luck -= share
        if luck < 0:
            return code, chance_to_win
    return SOURCES[0][0], SOURCES[0][4]


def _fate(luck: float, chance_to_win: float, pace: float) -> dict[str, Any]:
    """One in eight waits longer than the four hours that are agreed."""
    waited = round(0.3 + pace * 3.6 if pace < 0.87 else 4 + (pace - 0.87) * 90, 2)
    if luck < chance_to_win:
        return {"state": "converted", "waited": waited, "days": 4 + int(pace * 40)}
    if luck < 0.6:
        return {"state": "disqualified", "waited": waited, "reason": REASONS[int(pace * len(REASONS))]}
    return {"state": "working" if luck < 0.75 else "qualified", "waited": waited}


def _abroad(one: Asker) -> Asker:
    return Asker(**{**vars(one), "market": "", "country": "CH", "company": f"{one.company} (CH)"})


def _moment(day: dt.date, luck: float) -> dt.datetime:
    """A moment of a working day between nine and four, UTC; a weekend is the Monday after."""
    day += dt.timedelta(days=max(0, 7 - day.isoweekday()) + 1 if day.isoweekday() > 5 else 0)
    minutes = 8 * 60 + int(luck * 7 * 60)
    return dt.datetime.combine(day, dt.time(minutes // 60, minutes % 60), tzinfo=dt.UTC)
