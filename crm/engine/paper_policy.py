"""When a paper needs somebody's approval before it is sent."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Limits:
    """The company's rules: the largest discount in percent and the largest amount in base currency that
    go out without approval."""

    discount_percent: Decimal
    money: Decimal


@dataclass(frozen=True)
class Terms:
    """What a paper offers: its discount in percent, and its worth in base currency (None: unknown)."""

    discount_percent: Decimal
    worth: Decimal | None


def over_discount(terms: Terms, limits: Limits) -> bool:
    """Whether the discount is above what may be given without approval."""
    return terms.discount_percent > limits.discount_percent


def over_money(terms: Terms, limits: Limits) -> bool:
    """Whether the amount is above what may be sent without approval; an unknown worth is."""
    return terms.worth is None or terms.worth > limits.money


def needs_approval(terms: Terms, limits: Limits) -> bool:
    """Whether any rule asks for approval."""
    return over_discount(terms, limits) or over_money(terms, limits)
