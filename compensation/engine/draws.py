"""Draws: pay in advance, and what of it is kept back later. In the plan's rounded money."""

from dataclasses import dataclass
from decimal import Decimal

from compensation.engine.plan import ZERO, Draw, DrawKind


@dataclass(frozen=True)
class DrawStep:
    """A period of the ledger. advanced: paid beyond what was earned; kept_back: of earlier advances;
    forgiven: owed no longer; balance: what is owed at its end. pay = earned + advanced − kept_back."""

    earned: Decimal
    advanced: Decimal
    kept_back: Decimal
    forgiven: Decimal
    balance: Decimal

    @property
    def pay(self) -> Decimal:
        """What is paid out: earned and advanced, less what is kept back."""
        return self.earned + self.advanced - self.kept_back


def ledger(
    draw: Draw, earned: list[Decimal], present: list[bool] | None = None, year: int = 12
) -> list[DrawStep]:
    """The steps of consecutive periods. present: whether the person draws; the first `draw.months` of
    these do. year: after how many periods a forgiving draw forgets what is owed."""
    steps: list[DrawStep] = []
    balance, drawn = ZERO, 0
    for place, money in enumerate(earned):
        draws = (present is None or present[place]) and (draw.months is None or drawn < draw.months)
        drawn += draws
        steps.append(step(draw, money, balance, draws, (place + 1) % year == 0))
        balance = steps[-1].balance
    return steps


def step(draw: Draw, earned: Decimal, balance: Decimal, draws: bool, year_ends: bool) -> DrawStep:
    """One period. balance: what is owed before it. draws: whether the person draws in it. year_ends: a
    forgiving draw forgets what is owed at its end."""
    advanced = _advanced(draw, earned) if draws else ZERO
    floor = draw.money if draws and draw.kind is DrawKind.GUARANTEE else ZERO
    kept = min(balance, max(earned - floor, ZERO), max(earned, ZERO) * draw.most_back)
    balance += (advanced if draw.recoverable else ZERO) - kept
    forgiven = balance if draw.forgiven and year_ends else ZERO
    return DrawStep(earned, advanced, kept, forgiven, balance - forgiven)


def _advanced(draw: Draw, earned: Decimal) -> Decimal:
    return max(draw.money - earned, ZERO) if draw.kind is DrawKind.GUARANTEE else draw.money
