"""Plans to begin with: usual shapes of pay, complete, that the engine calculates as they stand."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

Said = dict[str, Any]


@dataclass(frozen=True)
class Template:
    """A plan of the gallery: what it is called, for whom it suits, and its components and settings."""

    code: str
    name: str
    text: str
    terms: Said


def _tiers(*rows: tuple[Any, str]) -> list[Said]:
    return [{"from": start, "rate": rate} for start, rate in rows]


def _own(**said: Any) -> Said:
    return {"code": "own", "name": "Own bookings", **said}


ACCELERATOR = _own(
    form="marginal",
    over="year",
    against="quota",
    tiers=_tiers((0, "2.5%"), ("100%", "5%")),
    cap={"per": "year", "amount": 120_000},
)

TEMPLATES = (
    Template(
        "flat",
        "One rate",
        "Every deal pays the same share. The simplest plan: nothing to reach, no surprise.",
        {"components": [_own(form="flat", rate="5%")]},
    ),
    Template(
        "accelerator",
        "Accelerator with a cap",
        "A rate up to the quota, a higher one above it, and a most for the year.",
        {"target_incentive": 30_000, "components": [ACCELERATOR]},
    ),
    Template(
        "own-team",
        "75 % own, 25 % team, with accelerator",
        "Three quarters of the target pay by the own quota, one by the team's; above it both grow faster.",
        {
            "target_incentive": 40_000,
            "components": [
                _own(
                    form="curve",
                    weight="75%",
                    over="year",
                    against="quota",
                    points=[["0%", "0%"], ["100%", "100%"], ["150%", "200%"]],
                    cap={"per": "year", "of_target": "250%"},
                ),
                {
                    "code": "team",
                    "name": "Team bookings",
                    "form": "curve",
                    "weight": "25%",
                    "measure": {"whose": "team"},
                    "period": "quarter",
                    "over": "year",
                    "against": "quota",
                    "points": [["70%", "0%"], ["100%", "100%"], ["120%", "150%"]],
                },
            ],
        },
    ),
    Template(
        "dollar-one",
        "Dollar one",
        "The level reached in the quarter pays for all its deals, back to the first one.",
        {
            "components": [
                _own(
                    form="whole",
                    over="quarter",
                    against="quota",
                    tiers=_tiers((0, "3%"), ("80%", "4%"), ("100%", "6%")),
                )
            ]
        },
    ),
    Template(
        "dollar-one-until",
        "Dollar one up to the quota",
        "Up to the quota the level reached pays for everything; above it each rate for its own part.",
        {
            "components": [
                _own(
                    form="whole_until",
                    over="year",
                    against="quota",
                    until="100%",
                    tiers=_tiers((0, "2%"), ("80%", "3%"), ("100%", "4%"), ("120%", "6%")),
                )
            ]
        },
    ),
    Template(
        "percent-of-target",
        "Percent of target pay",
        "The attainment of the quota says which share of the target pay is earned. Easy to budget.",
        {
            "target_incentive": 30_000,
            "components": [
                _own(
                    form="curve",
                    period="quarter",
                    over="year",
                    against="quota",
                    points=[["50%", "0%"], ["100%", "100%"], ["150%", "175%"]],
                )
            ],
        },
    ),
    Template(
        "bonus-steps",
        "Bonus steps",
        "A sum for each level of the quarter's quota that is reached.",
        {
            "components": [
                _own(
                    form="steps",
                    period="quarter",
                    against="quota",
                    adds_up=True,
                    steps=[["80%", 1_000], ["100%", 1_500], ["120%", 2_000]],
                )
            ]
        },
    ),
    Template(
        "matrix",
        "Matrix of sales and margin",
        "Two results decide together, so that nobody sells at any price.",
        {
            "target_incentive": 30_000,
            "components": [
                _own(form="flat", rate=0),
                {"code": "margin", "name": "Margin", "form": "flat", "measure": {"of": "margin"}, "rate": 0},
                {
                    "code": "both",
                    "name": "Sales and margin",
                    "form": "matrix",
                    "period": "quarter",
                    "matrix": {
                        "rows_by": "own",
                        "rows": ["0%", "80%", "100%", "120%"],
                        "columns_by": "margin",
                        "columns": ["0%", "90%", "100%"],
                        "values": [
                            ["0%", "0%", "0%"],
                            ["30%", "50%", "70%"],
                            ["70%", "90%", "100%"],
                            ["100%", "130%", "150%"],
                        ],
                    },
                },
            ],
        },
    ),
    Template(
        "scorecard",
        "Scorecard of objectives",
        "Weighted objectives that the manager scores each quarter: for roles whose work is no single number.",
        {
            "target_incentive": 12_000,
            "components": [
                {
                    "code": "objectives",
                    "name": "Objectives",
                    "form": "scorecard",
                    "period": "quarter",
                    "objectives": [
                        {"code": "Account plans", "weight": "40%", "most": "120%"},
                        {"code": "Forecast accuracy", "weight": "30%", "most": "120%"},
                        {"code": "Customer visits", "weight": "30%", "most": "120%"},
                    ],
                }
            ],
        },
    ),
    Template(
        "pool",
        "Team pool",
        "The team's bookings fill a pot each quarter, which its members share.",
        {
            "components": [
                {
                    "code": "pool",
                    "name": "Team pool",
                    "form": "pool",
                    "measure": {"whose": "team"},
                    "period": "quarter",
                    "tiers": _tiers((0, "0.5%"), (1_000_000, "1%")),
                    "pool_share": "equal",
                }
            ]
        },
    ),
    Template(
        "contest",
        "SPIF and contest",
        "A rate on every deal, and prizes for the best three of the quarter.",
        {
            "components": [
                _own(form="flat", rate="4%"),
                {
                    "code": "contest",
                    "name": "Best of the quarter",
                    "form": "contest",
                    "period": "quarter",
                    "prizes": [3_000, 2_000, 1_000],
                },
            ]
        },
    ),
    Template(
        "guarantee",
        "Guarantee for new hires",
        "An accelerator with a lower quota at first and a guaranteed pay for six months, kept back later.",
        {
            "target_incentive": 30_000,
            "quota": {"ramp": ["0%", "25%", "50%", "75%"]},
            "draw": {"amount": 2_000, "kind": "guarantee", "months": 6, "most_back": "50%"},
            "components": [ACCELERATOR],
        },
    ),
    Template(
        "manager",
        "Sales manager: the team's result",
        "Target pay by what the own reps book, less where the margin does not hold.",
        {
            "target_incentive": 50_000,
            "components": [
                {
                    "code": "below",
                    "name": "Bookings of my reps",
                    "form": "curve",
                    "measure": {"whose": "below"},
                    "over": "year",
                    "against": "quota",
                    "points": [["60%", "0%"], ["100%", "100%"], ["130%", "180%"]],
                    "multiplier": {
                        "component": "margin",
                        "points": [["80%", "80%"], ["100%", "100%"]],
                        "below_as_first": True,
                    },
                },
                {
                    "code": "margin",
                    "name": "Margin",
                    "form": "flat",
                    "measure": {"of": "margin", "whose": "below"},
                    "rate": 0,
                },
            ],
        },
    ),
)


def terms_of(template: str, *, name: str, currency: str) -> Said:
    """The terms of a new plan made from a template. Raises KeyError for an unknown one."""
    found = next((one for one in TEMPLATES if one.code == template), None)
    if found is None:
        raise KeyError(template)
    return {"plan": name, "currency": currency, **deepcopy(found.terms)}


def components_of(template: str) -> list[Said]:
    """The components of a template alone, to be added to a plan. Raises KeyError for an unknown one."""
    components: list[Said] = terms_of(template, name="", currency="")["components"]
    return components
