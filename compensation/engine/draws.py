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
        advanced = _advanced(draw, money) if draws else ZERO
        floor = draw.money if draws and draw.kind is DrawKind.GUARANTEE else ZERO
        kept = min(balance, max(money - floor, ZERO), max(money, ZERO) * draw.most_back)
        balance += (advanced if draw.recoverable else ZERO) - kept
        forgiven = balance if draw.forgiven and (place + 1) % year == 0 else ZERO
        balance -= forgiven
        steps.append(DrawStep(money, advanced, kept, forgiven, balance))
    return steps


def _advanced(draw: Draw, earned: Decimal) -> Decimal:
    return max(draw.money - earned, ZERO) if draw.kind is DrawKind.GUARANTEE else draw.money
