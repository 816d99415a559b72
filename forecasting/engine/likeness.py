"""How alike two items are, by what is known of them before anything is sold, and in words."""

from dataclasses import dataclass
from math import exp, log

# What each likeness counts for; together 1.
FAMILY, PRICE, MARKET, LAUNCH, HISTORY = 0.35, 0.25, 0.2, 0.1, 0.1
NEAR_PRICE = 0.35  # of a price's logarithm: within a third counts for most of it
ENOUGH_MONTHS = 24


@dataclass(frozen=True)
class Traits:
    """What is known of an item: the keys of its family and market and of those above, its price in one
    currency for all (None where unknown), whether its launch lies in the data, and its months of sales."""

    family: int
    family_above: int | None
    market: int
    market_above: int | None
    price: float | None
    begun: bool = False
    months: int = 0


def likeness(new: Traits, other: Traits, *, is_predecessor: bool = False) -> tuple[float, str]:
    """From 0 to 1, and the sentence that says why; a named predecessor always comes first."""
    family, family_words = _kin(
        new.family, new.family_above, other.family, other.family_above, "family", "a neighbouring family"
    )
    market, market_words = _kin(
        new.market, new.market_above, other.market, other.market_above, "market", "a neighbouring market"
    )
    price, price_words = _price(new.price, other.price)
    launch = "its launch is in the data" if other.begun else "its launch is older than the data"
    score = FAMILY * family + MARKET * market + PRICE * price + LAUNCH * other.begun
    score += HISTORY * min(1.0, other.months / ENOUGH_MONTHS)
    words = [family_words, market_words, price_words, launch, f"{other.months} months of sales"]
    if is_predecessor:
        score, words = 1.0, ["the catalog names it as the predecessor", *words]
    sentence = ", ".join(word for word in words if word)
    return score, f"{sentence[0].upper()}{sentence[1:]}."


def _kin(
    own: int, own_above: int | None, other: int, other_above: int | None, what: str, near: str
) -> tuple[float, str]:
    if own == other:
        return 1.0, f"same {what}"
    related = ({own, own_above} & {other, other_above}) - {None}
    return (0.5, near) if related else (0.0, f"another {what}")


def _price(own: float | None, other: float | None) -> tuple[float, str]:
    if not own or not other:
        return 0.0, ""
    apart = log(other / own)
    change = other / own - 1
    if abs(change) < 0.01:
        return 1.0, "same price"
    return exp(-abs(apart) / NEAR_PRICE), f"price {abs(change):.0%} {'higher' if change > 0 else 'lower'}"
