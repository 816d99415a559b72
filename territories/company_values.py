"""Company settings of this room; territories/subjects.py adds them to those of core."""

from decimal import Decimal

from core.setting_kinds import Setting

TERRITORIES = "Territories"
VALUES = (
    Setting(
        key="travel_speed",
        label="Reps travel at",
        kind="decimal",
        default=Decimal(60),
        help="Mean speed from base to account, for the hours that an account takes.",
        group=TERRITORIES,
        unit="km/h",
        low=5,
        high=900,
    ),
    Setting(
        key="travel_detour",
        label="Roads are longer than the straight line by",
        kind="decimal",
        default=Decimal(30),
        help="Added to the straight line between base and account.",
        group=TERRITORIES,
        unit="%",
        low=0,
        high=300,
    ),
    Setting(
        key="calls_a_trip",
        label="Accounts called on in one trip",
        kind="decimal",
        default=Decimal(4),
        help="The way there and back is shared by so many calls.",
        group=TERRITORIES,
        unit="calls",
        low=1,
        high=100,
    ),
    Setting(
        key="balance_tolerance",
        label="A territory is out of balance from",
        kind="decimal",
        default=Decimal(10),
        help="Difference of its weighted index from 100, either way.",
        group=TERRITORIES,
        unit="%",
        low=0,
        high=1000,
    ),
    Setting(
        key="fairness_limit",
        label="The map decides attainment from a correlation of",
        kind="decimal",
        default=Decimal("0.5"),
        help="Correlation of attainment with the potential of a rep's accounts, either way: 0 is none, 1 is "
        "all. From 0.5 on it is called large (Cohen 1988).",
        group=TERRITORIES,
        unit="",
        low=0,
        high=1,
    ),
)
