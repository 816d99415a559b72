"""How the demo's sales force is paid: roles, plans, who has which terms, and what went otherwise."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

ROLES = {"account-executive": "Account executive", "sales-manager": "Sales manager"}

# rep, role, base salary, target incentive: a year's, in euro
POSITIONS = (
    ("R01", "sales-manager", 98_000, 52_000),
    ("R02", "sales-manager", 82_000, 40_000),
    ("R03", "sales-manager", 82_000, 40_000),
    ("R04", "account-executive", 64_000, 34_000),
    ("R05", "account-executive", 55_000, 23_000),
    ("R06", "account-executive", 60_000, 41_000),
    ("R07", "account-executive", 50_000, 14_000),
    ("R08", "account-executive", 60_000, 37_000),
    ("R09", "account-executive", 55_000, 24_000),
    ("R10", "account-executive", 52_000, 16_000),
    ("R11", "account-executive", 52_000, 18_000),
    ("R12", "account-executive", 50_000, 14_000),
    ("R13", "account-executive", 50_000, 12_000),
    ("R14", "account-executive", 44_000, 14_000),
)

OWN: dict[str, Any] = {
    "code": "own",
    "name": "Own sales",
    "form": "marginal",
    "measure": {"of": "sales"},
    "period": "month",
    "over": "year",
    "against": "quota",
    "weight": "75%",
    "tiers": [{"from": 0, "rate": "0.5%"}, {"from": "100%", "rate": "0.9%"}],
    "cap": {"per": "year", "of_target": "250%"},
}
TEAM: dict[str, Any] = {
    "code": "team",
    "name": "Team sales",
    "form": "curve",
    "measure": {"of": "sales", "whose": "team"},
    "period": "quarter",
    "over": "quarter",
    "against": "quota",
    "weight": "25%",
    "points": [["70%", 0], ["100%", "100%"], ["130%", "160%"]],
}
WON: dict[str, Any] = {
    "code": "won",
    "name": "Won deals",
    "form": "flat",
    "measure": {"of": "bookings"},
    "period": "month",
    "weight": 0,
    "rate": "0.4%",
}
AUTUMN_RACE: dict[str, Any] = {
    "code": "race",
    "name": "Autumn race",
    "form": "contest",
    "measure": {"of": "bookings"},
    "period": "quarter",
    "over": "quarter",
    "weight": 0,
    "prizes": [1500, 1000, 500],
    "ties": "share",
}
BELOW: dict[str, Any] = {
    "code": "below",
    "name": "Sales of the people below",
    "form": "curve",
    "measure": {"of": "sales", "whose": "below"},
    "period": "quarter",
    "over": "year",
    "against": "quota",
    "points": [["50%", 0], ["80%", "70%"], ["100%", "100%"], ["120%", "150%"]],
}


@dataclass(frozen=True)
class DemoPlan:
    """A plan for a role; terms as its YAML file would have them."""

    code: str
    name: str
    role: str
    intro: str
    terms: dict[str, Any]


def plans(year: int) -> tuple[DemoPlan, ...]:
    """The plans of a year."""
    race = AUTUMN_RACE | {"starts": f"{year}-10-01", "ends": f"{year}-12-31"}
    shared = {"currency": "EUR", "quota": {"prorate": "days"}, "clawback": {"share": "100%", "window": 12}}
    return (
        DemoPlan(
            "ae",
            "Account executives",
            "account-executive",
            "You earn on what your accounts buy: most of it on your own quota, a part on your team's. "
            "Every deal you win pays a bonus in the month it is signed. Nothing stops at the quota: every "
            "euro beyond it pays nearly twice as much.",
            {"plan": "Account executives", **shared, "components": [OWN, TEAM, WON, race]},
        ),
        DemoPlan(
            "managers",
            "Sales managers",
            "sales-manager",
            "You earn when the people below you reach their quotas: hire, coach and share accounts fairly.",
            {"plan": "Sales managers", **shared, "components": [BELOW]},
        ),
    )


# Somebody who came back half a year ago draws a guaranteed pay while the accounts warm up.
GUARANTEE_REP = "R14"
GUARANTEE = {"draw": {"amount": 800, "kind": "guarantee", "recoverable": True, "forgiven": True}}
GUARANTEE_REASON = "Guaranteed pay of the first year, recoverable; what is left is forgiven in December."

SPLIT = (("R04", Decimal("66.67")), ("R06", Decimal("33.33")))
SPLIT_REASON = "The chain buys for its shops and for its online shop: both sold it."
HELD_REP, CANCELLED_REP, ADJUSTED_REP = "R06", "R05", "R11"
HOLD_REASON = "The customer has not paid the first instalment."
CANCELLED_REASON = "The order was cancelled before it was delivered."
ADJUSTMENT = (Decimal(250), "Fair stand", "Stood in for three days at the autumn fair.")
DISPUTE = "The first order of the new shop is credited to nobody. I brought it in."
