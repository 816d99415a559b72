"""The plan of four components by which both benchmarks of pay are measured."""

from typing import Any


def four_components(column: str) -> dict[str, Any]:
    """An accelerator on the year's quota with a multiplier and a cap, dollar one by quarter, one rate on what
    a column of the credits calls new, and a curve over the team's result."""
    return {
        "plan": "Account executive",
        "target_incentive": 40000,
        "components": [
            {
                "code": "quota",
                "form": "marginal",
                "over": "year",
                "against": "quota",
                "tiers": [
                    {"from": 0, "rate": "2%"},
                    {"from": "100%", "rate": "3%"},
                    {"from": "120%", "rate": "5%"},
                ],
                "multiplier": {"component": "team", "steps": [[0, "90%"], ["100%", "110%"]]},
                "cap": {"per": "month", "amount": 100000},
            },
            {
                "code": "back",
                "form": "whole",
                "over": "quarter",
                "tiers": [{"from": 0, "rate": "1%"}, {"from": 500000, "rate": "1.5%"}],
            },
            {"code": "new", "form": "flat", "rate": "0.5%", "measure": {"where": {column: ["new", "more"]}}},
            {
                "code": "team",
                "form": "curve",
                "over": "year",
                "against": "quota",
                "weight": "50%",
                "points": [["50%", 0], ["100%", "100%"], ["150%", "200%"]],
                "measure": {"whose": "team"},
            },
        ],
    }
