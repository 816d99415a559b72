"""What is told of deals, as the lines of files and as JSON: for the command, the tables and the API."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from forecasting.engine.deals import METHODS, DealSettings, Method
from forecasting.engine.deals.backtest import Backtest
from forecasting.engine.deals.forecast import DealsForecast
from forecasting.engine.deals.money import Revenue
from forecasting.engine.deals.scores import Scores

LABELS = {
    Method.STAGE: "Stage weights",
    Method.AGE: "Age rule",
    Method.HAZARD: "Counted hazard",
    Method.BLEND: "Blend",
}
DEALS = ["id", "stage", "win_probability", "expected_month", "worth", "worth_from", "expected_revenue"]


def deal_lines(told: DealsForecast) -> str:
    """One line per open deal, the most expected money first."""
    months = [f"won_in_{month:%Y-%m}" for month in told.months]
    rows = [
        [
            *(deal.deal, deal.stage, _share(deal.chance), f"{deal.expected:%Y-%m}", _money(deal.worth)),
            *(deal.basis.value, _money(deal.worth * deal.chance)),
            *(_share(deal.by_method[method]) for method in METHODS),
            *(_share(part) for part in deal.months),
            deal.why,
        ]
        for deal in sorted(told.deals, key=lambda deal: (-deal.worth * deal.chance, deal.deal))
    ]
    return _csv([[*DEALS, *(f"by_{method.value}" for method in METHODS), *months, "why"], *rows])


def revenue_lines(told: DealsForecast) -> str:
    """One line per month ahead, and the total."""
    money, levels = told.revenue, sorted(told.revenue.lower)
    head = ["month", "expected_revenue", "variance"]
    rows = [
        [
            f"{month:%Y-%m}",
            *(_money(money.mean[place]), _money(money.variance[place])),
            *(_money(side[level][place]) for level in levels for side in (money.lower, money.upper)),
        ]
        for place, month in enumerate(told.months)
    ]
    return _csv([[*head, *(f"{side}-{level}" for level in levels for side in ("lo", "hi"))], *rows])


def revenue_json(months: Sequence[Any], money: Revenue) -> list[dict[str, Any]]:
    """Month by month: mean, variance, and both ends of each interval."""
    return [
        {
            "month": f"{month:%Y-%m-%d}",
            "mean": float(money.mean[place]),
            "variance": float(money.variance[place]),
            "lower": {str(level): float(side[place]) for level, side in money.lower.items()},
            "upper": {str(level): float(side[place]) for level, side in money.upper.items()},
        }
        for place, month in enumerate(months)
    ]


def backtest_json(tested: Backtest, settings: DealSettings) -> dict[str, Any]:
    """The question that was asked, every method's figures, by cut and together, and who wins by how much."""
    return {
        "question": f"Won within {tested.horizon} months of the day, of all deals open then",
        "horizon_months": tested.horizon,
        "days": [f"{cut.day}" for cut in tested.cuts],
        "winner": tested.winner.value if tested.winner else None,
        "verdict": verdict(tested, settings),
        "methods": {name.value: _scores(found) for name, found in tested.scores.items()},
        "by_day": [
            {
                "day": f"{cut.day}",
                "deals": len(cut.won),
                "won": int(cut.won.sum()),
                "methods": {name.value: _short(found) for name, found in tested.by_cut(cut).items()},
            }
            for cut in tested.cuts
        ],
    }


def verdict(tested: Backtest, settings: DealSettings) -> str:
    """Who wins the back-test and by how much, in words."""
    if tested.winner is None:
        return (
            f"Too little is known for a back-test: it takes {settings.fewest} decided deals and "
            f"{settings.fewest_months} months of closings before a day, and {tested.horizon} after it. "
            f"Until then the {LABELS[Method.HAZARD].lower()} is used."
        )
    best = tested.scores[tested.winner]
    others = [
        f"{LABELS[name].lower()} {found.brier:.3f}"
        for name, found in sorted(tested.scores.items(), key=lambda pair: pair[1].brier)
        if name is not tested.winner
    ]
    deals = f"{best.deals:,} deals open on {len(tested.cuts)} earlier days a month apart"
    return f"{LABELS[tested.winner]} wins on {deals}: Brier score {best.brier:.3f}, {', '.join(others)}."


def _scores(found: Scores) -> dict[str, Any]:
    curve = [vars(one) for one in found.curve]
    return _short(found) | {"deals": found.deals, "curve": curve}


def _short(found: Scores) -> dict[str, Any]:
    return {
        "brier": found.brier,
        "log_loss": found.log_loss,
        "calibration_error": found.calibration,
        "money_expected": found.expected,
        "money_realised": found.realised,
        "money_bias": found.money_bias,
    }


def _share(value: float) -> str:
    return f"{value:.4f}"


def _money(value: float) -> str:
    return f"{value:.2f}"


def _csv(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
