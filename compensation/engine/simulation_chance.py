"""What a plan may cost: everybody's attainment drawn at random, many times, and paid by the plan.

Each person's attainment is drawn from what people attained last year. `Spread.OBSERVED` (the default) is the
bootstrap: one of the observed attainments, each as likely as the other (B. Efron, "Bootstrap methods", Annals
of Statistics 7, 1979, p. 1–26). It keeps what real attainments look like – many just above a quota, some at
nothing – and assumes no shape; it never draws above the best of last year. `Spread.LOGNORMAL` fits a
lognormal to those above 0 (and keeps the share of those at 0): smoother with few people, and with a tail
above the best.

People have good and bad years together: z = √ρ · Z + √(1 − ρ) · ε, with one Z for all and one ε each, both
standard normal, gives correlation ρ (O. Vasicek, "Loan portfolio value", Risk 15, 2002, p. 160–162). The
attainment is the quantile Φ(z) of the distribution: ρ changes how much the total varies, not how anybody
alone does.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from compensation.engine.book import Book
from compensation.engine.exact import TICKS
from compensation.engine.plan import Whose
from compensation.engine.simulation import Terms, YearOfPay
from compensation.engine.simulation_levels import Stretcher

FEW = 20
PLACES = 4
MOST_LEVEL = 5.0
Floats = NDArray[np.float64]


class Spread(StrEnum):
    """The distribution attainments are drawn from."""

    OBSERVED = "observed"
    LOGNORMAL = "lognormal"


@dataclass(frozen=True)
class Wishes:
    """seed: the same one gives the same draws. correlation: ρ, from 0 to 1."""

    seed: int = 1
    draws: int = 2000
    correlation: float = 0.2
    spread: Spread = Spread.OBSERVED


def drawn(observed: Floats, people: int, wishes: Wishes) -> Floats:
    """(draws, people): attainments with four places, from 0 to MOST_LEVEL. Raises ValueError when nobody was
    observed or ρ is not from 0 to 1."""
    known = np.maximum(observed[~np.isnan(observed)], 0)
    if not len(known):
        raise ValueError("Nobody has a quota and credits, so there is no attainment to draw from.")
    if not 0 <= wishes.correlation <= 1:
        raise ValueError("The correlation is from 0 to 1.")
    random = np.random.Generator(np.random.PCG64(wishes.seed))
    together = random.standard_normal((wishes.draws, 1))
    alone = random.standard_normal((wishes.draws, people))
    z = math.sqrt(wishes.correlation) * together + math.sqrt(1 - wishes.correlation) * alone
    found = _lognormal(known, z) if wishes.spread is Spread.LOGNORMAL else _observed(known, z)
    return np.asarray(np.clip(np.round(found, PLACES), 0, MOST_LEVEL))


def _observed(known: Floats, z: Floats) -> Floats:
    return np.asarray(np.quantile(known, ndtr(z), method="inverted_cdf"))


def _lognormal(known: Floats, z: Floats) -> Floats:
    """exp(μ + σ z) by the mean and the standard deviation of the logarithms; 0 as often as observed."""
    above = np.log(known[known > 0])
    if not len(above):
        return np.zeros_like(z)
    at_nothing = 1 - len(above) / len(known)
    spread = float(above.std(ddof=1)) if len(above) > 1 else 0.0
    rest = np.clip((ndtr(z) - at_nothing) / (1 - at_nothing), 1e-12, 1 - 1e-12)
    return np.where(ndtr(z) < at_nothing, 0.0, np.exp(above.mean() + spread * ndtri(rest)))


@dataclass(frozen=True)
class PayCurve:
    """Pay by attainment. levels: ascending. pay: (levels, parts, people) in currency units. members: by part
    the (people, people) weights with which others' levels make the level of a measure of a group, None for
    own measures."""

    levels: Floats
    pay: Floats
    members: tuple[Floats | None, ...]

    def costs(self, attainments: Floats) -> Floats:
        """(draws,): what everybody is paid, straight lines between the levels.
        attainments: (draws, people)."""
        total = np.zeros(len(attainments))
        for part, weights in enumerate(self.members):
            reached = attainments if weights is None else attainments @ weights.T
            for person in range(self.pay.shape[2]):
                if self.pay[:, part, person].any():
                    total += np.interp(reached[:, person], self.levels, self.pay[:, part, person])
        return total


def pay_curve(terms: Terms, book: Book, levels: Sequence[Fraction], years: Sequence[YearOfPay]) -> PayCurve:
    """years: the year with everybody at each level."""
    pay = np.array([year.ticks.sum(axis=2) for year in years], float) / TICKS
    return PayCurve(np.array([float(level) for level in levels]), pay, _members(terms, book))


def _members(terms: Terms, book: Book) -> tuple[Floats | None, ...]:
    components = {one.code: one for plan in (*terms.own.values(), terms.plan) for one in plan.components}
    found: list[Floats | None] = []
    for code in terms.codes:
        one = components.get(code)
        if one is None or one.measure.whose is Whose.OWN:
            found.append(None)
            continue
        rows, amounts = book.credits.measured(one.measure)
        sold = np.maximum(np.bincount(book.credits.person[rows], amounts, len(book.people.ids)), 0.0)
        found.append(_weights(book.people.counting_for(one.measure.whose), sold))
    return tuple(found)


def _weights(counting: list[tuple[int, NDArray[np.int64]]], sold: Floats) -> Floats:
    """(people, people): each member's part of what a group has sold; equal parts of nothing."""
    found = np.zeros((len(sold), len(sold)))
    for person, members in counting:
        amounts = sold[members]
        if len(members):
            found[person, members] = amounts / amounts.sum() if amounts.sum() > 0 else 1 / len(members)
    return found


@dataclass(frozen=True)
class Outlook:
    """The distribution of the cost of a year. error: the largest difference, as a share of the cost, between
    the pay curves and the draws that were calculated in full (`checked` of them)."""

    costs: Floats
    error: float
    checked: int

    def at(self, share: float) -> float:
        """A quantile: 0.9 for the cost that is not exceeded nine times in ten."""
        return float(np.quantile(self.costs, share))

    @property
    def mean(self) -> float:
        """The cost to be expected."""
        return float(self.costs.mean())

    def above(self, budget: float) -> float:
        """How probable it is that the cost exceeds the budget."""
        return float((self.costs > budget).mean())

    def doubt(self, budget: float) -> float:
        """The standard error of that probability: √(p (1 − p) / draws)."""
        share = self.above(budget)
        return math.sqrt(share * (1 - share) / len(self.costs))


def outlook(year: Stretcher, curve: PayCurve, attainments: Floats, checked: int = 3) -> Outlook:
    """What the draws cost by the pay curves; the first `checked` are calculated in full beside them."""
    costs = curve.costs(attainments)
    straight = [_straight(year, row) for row in attainments[:checked]]
    pairs = zip(costs, straight, strict=False)
    errors = [abs(cost - exact) / exact for cost, exact in pairs if exact]
    return Outlook(costs, max(errors, default=0.0), len(straight))


def _straight(year: Stretcher, row: Floats) -> float:
    levels = [Fraction(round(float(level), PLACES)).limit_denominator(10**PLACES) for level in row]
    return year.at_levels(levels).total / TICKS
