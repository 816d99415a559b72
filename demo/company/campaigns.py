"""Marketing campaigns, past and coming, and what the market does, in dated words."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from demo.company.span import chance, first_day, last_day
from demo.company.trade import LINES, MARKETS

AHEAD = 6  # months of campaigns already planned
SEASONS = (
    (3, "Spring camping weeks", ("TENTS", "BAGS", "MATS"), 0.30),
    (5, "Summer kitchen", ("STOVES", "COOKWARE", "FLASKS"), 0.25),
    (8, "Back to the trail", ("DAYPACKS", "PACKS"), 0.28),
    (10, "First snow", ("INSULATED", "SNOWSHOES"), 0.35),
    (11, "November week", ("SHELLS", "INSULATED", "TRAVEL"), 0.40),
)


@dataclass(frozen=True)
class Promotion:
    """One campaign: in one month, for some markets and families."""

    name: str
    month: int
    markets: tuple[str, ...]
    families: tuple[str, ...]
    uplift: float
    spend: int


def make_promotions(seed: int, first: int, months: int) -> list[Promotion]:
    """The yearly campaigns, each year in other markets and of another strength."""
    dice = chance(seed, "promotions")
    return [
        _promotion(month, name, families, strength, dice)
        for month in range(first, first + months + AHEAD)
        for sold_in, name, families, strength in SEASONS
        if month % 12 == sold_in - 1
    ]


def _promotion(
    month: int, name: str, families: tuple[str, ...], strength: float, dice: np.random.Generator
) -> Promotion:
    codes = [market[0] for market in MARKETS]
    wanted = dice.choice(codes, int(dice.integers(3, len(codes) + 1)), replace=False)
    return Promotion(
        name=f"{name} {month // 12}",
        month=month,
        markets=tuple(code for code in codes if code in wanted),
        families=families,
        uplift=round(float(strength * dice.uniform(0.7, 1.3)), 2),
        spend=int(dice.integers(12, 60)) * 1000,
    )


def campaign_file(promotions: list[Promotion]) -> pd.DataFrame:
    """Campaigns as marketing hands them in."""
    return pd.DataFrame(
        [
            {
                "name": item.name,
                "text": f"Price cut, displays and mailings for {_words(item.families)}.",
                "starts": first_day(item.month),
                "ends": last_day(item.month),
                "markets": ";".join(item.markets),
                "families": ";".join(item.families),
                "spend": item.spend,
                "uplift": item.uplift,
            }
            for item in promotions
        ]
    )


def _words(families: tuple[str, ...]) -> str:
    names = {line.code: line.name.lower() for line in LINES}
    return ", ".join(names[family] for family in families)


@dataclass(frozen=True)
class Note:
    """What somebody wrote down about the market; `back` counts months before the last one."""

    kind: str
    title: str
    text: str
    back: int
    lasting: int
    markets: str = ""
    families: str = ""


NOTES = (
    Note(
        "competitor",
        "A discounter sells tents at half our price",
        "Limited lots in spring; our entry tents lost shelf space in big cities.",
        back=19,
        lasting=3,
        markets="DE-RETAIL;AT-RETAIL",
        families="TENTS",
    ),
    Note(
        "regulation",
        "Fluorinated coatings are banned",
        "Shell jackets with the old membrane may not be sold any more; stock was cleared.",
        back=14,
        lasting=6,
        markets="SE-RETAIL",
        families="SHELLS",
    ),
    Note(
        "economy",
        "Energy prices weigh on household spending",
        "Dealers order later and in smaller lots.",
        back=26,
        lasting=9,
        markets="DE-RETAIL;AT-RETAIL;FR-RETAIL",
    ),
    Note(
        "customer",
        "A chain closes eleven shops",
        "The remaining shops keep their range; expect fewer small orders.",
        back=7,
        lasting=2,
        markets="GB-RETAIL",
    ),
    Note(
        "supply",
        "Down is short after a poor season",
        "Lead times of fourteen weeks instead of eight; the price is up by a tenth.",
        back=5,
        lasting=6,
        families="BAGS;INSULATED",
    ),
    Note(
        "competitor",
        "A rival's gas stove is called back",
        "Dealers ask for replacements; our stoves may gain for some months.",
        back=2,
        lasting=4,
        markets="FR-RETAIL;FR-ONLINE",
        families="STOVES",
    ),
    Note(
        "economy",
        "Dealers sit on last winter's goods",
        "Shelves were full at the end of the season; expect smaller first orders.",
        back=9,
        lasting=3,
        markets="SE-RETAIL;AT-RETAIL",
        families="SNOWSHOES",
    ),
    Note(
        "other",
        "A long-distance trail opens",
        "Tourist boards advertise it; trekking packs and mats should profit.",
        back=-2,
        lasting=6,
        markets="FR-RETAIL;FR-ONLINE;NL-ONLINE",
        families="PACKS;MATS",
    ),
)


def note_file(until: int) -> pd.DataFrame:
    """Market notes as people wrote them down."""
    return pd.DataFrame(
        [
            {
                "kind": note.kind,
                "title": note.title,
                "text": note.text,
                "starts": first_day(until - note.back),
                "ends": last_day(until - note.back + note.lasting - 1),
                "markets": note.markets,
                "families": note.families,
            }
            for note in NOTES
        ]
    )
