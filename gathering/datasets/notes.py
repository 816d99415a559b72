"""What marketing plans and what the market does."""

from gathering.datasets.columns import day_field, money_field
from gathering.datasets.shape import CHOICE, NAMES, NOTE_KINDS, RATE, TEXT, Dataset, Field


def about() -> tuple[Field, ...]:
    return (
        Field(
            "text",
            "Text",
            TEXT,
            example="What is done, or what happened.",
            aliases=("description", "note"),
            max_length=20000,
        ),
        day_field("starts", "Starts", True, "2026-10-01", "start|start date|from|begin"),
        day_field("ends", "Ends", example="2026-10-31", aliases="end|end date|to|until"),
        Field(
            "markets",
            "Markets",
            NAMES,
            lookup="market",
            example="DE-RETAIL;FR",
            aliases=("market", "region"),
            max_length=4000,
        ),
        Field(
            "families",
            "Families",
            NAMES,
            lookup="family",
            example="ESPRESSO",
            aliases=("family", "category"),
            max_length=4000,
        ),
    )


NOTES = (
    Dataset(
        "campaigns",
        "Campaigns",
        "Marketing campaigns over a range of days, for markets and families.",
        "notes",
        "gathering.Campaign",
        (
            Field(
                "name",
                "Name",
                TEXT,
                True,
                example="Autumn promotion",
                aliases=("campaign", "title"),
                max_length=160,
            ),
            *about(),
            money_field("spend", "Spend", example="12000.00", aliases="budget|cost", minimum=0),
            Field(
                "uplift",
                "Expected uplift",
                RATE,
                example="15%",
                aliases=("lift",),
                help="A share: 0.15 and 15% are the same.",
                minimum=-1,
                maximum=999,
            ),
        ),
        ("name", "starts"),
        ordered=(("starts", "ends"),),
    ),
    Dataset(
        "market_notes",
        "Market notes",
        "What moves the market from outside (competitors, regulation, economy), over a range of days.",
        "notes",
        "gathering.MarketNote",
        (
            Field(
                "kind",
                "Kind",
                CHOICE,
                choices=NOTE_KINDS,
                default="other",
                example="competitor",
                aliases=("type", "category"),
            ),
            Field(
                "title",
                "Title",
                TEXT,
                True,
                example="A competitor opens a store",
                aliases=("name", "headline"),
                max_length=160,
            ),
            *about(),
        ),
        ("kind", "title", "starts"),
        ordered=(("starts", "ends"),),
    ),
)
