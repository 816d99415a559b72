"""What holds from a day on, or for a month: bills, prices, costs, currency rates."""

from gathering.datasets.columns import (
    currency_field,
    lookup_field,
    market_field,
    money_field,
    month_field,
    product_field,
    site_field,
    validity,
)
from gathering.datasets.shape import RATE, Dataset, Field

DATED = (
    Dataset(
        "capacity_uses",
        "Bills of capacity",
        "What one unit of a product takes of a resource, from a day on.",
        "masters",
        "catalog.CapacityUse",
        (
            product_field(),
            lookup_field(
                "resource",
                "resource",
                required=True,
                example="LINE-A",
                aliases="work centre|work center|machine",
            ),
            Field(
                "per_unit",
                "Per unit",
                RATE,
                True,
                example="0.25",
                aliases=("hours", "hours per unit", "run time", "usage"),
                minimum=0,
            ),
            *validity(),
        ),
        ("product", "resource", "valid_from"),
        ordered=(("valid_from", "valid_to"),),
    ),
    Dataset(
        "bills_of_materials",
        "Bills of material",
        "How much of a component goes into one product, from a day on.",
        "masters",
        "catalog.BillOfMaterials",
        (
            lookup_field(
                "product", required=True, example="ESP-100", aliases="parent|assembly|product assembly id"
            ),
            lookup_field(
                "component", "product", required=True, example="PUMP-9", aliases="component id|child|part"
            ),
            Field(
                "quantity",
                "Quantity",
                RATE,
                True,
                example="2",
                aliases=("qty", "quantity per", "per assembly qty"),
                minimum=0,
            ),
            *validity(),
        ),
        ("product", "component", "valid_from"),
        different=(("product", "component"),),
        ordered=(("valid_from", "valid_to"),),
    ),
    Dataset(
        "prices",
        "Prices",
        "What a product is sold for, in one market or everywhere, from a day on.",
        "masters",
        "catalog.Price",
        (
            product_field(),
            market_field(required=False),
            money_field("amount", "Price", True, "199.90", "price|list price|unit price", minimum=0),
            currency_field(),
            *validity(),
        ),
        ("product", "market", "valid_from"),
        ordered=(("valid_from", "valid_to"),),
    ),
    Dataset(
        "costs",
        "Costs",
        "What one unit of a product costs, at one site or everywhere, from a day on.",
        "masters",
        "catalog.Cost",
        (
            product_field(),
            site_field(),
            money_field("amount", "Cost", True, "126.70", "cost|standard cost|unit cost", minimum=0),
            currency_field(),
            *validity(),
        ),
        ("product", "site", "valid_from"),
        ordered=(("valid_from", "valid_to"),),
    ),
    Dataset(
        "month_rates",
        "Month rates",
        "What one unit of a currency is worth in the company's base currency, month by month.",
        "masters",
        "catalog.MonthRate",
        (
            lookup_field("currency", required=True, example="USD", aliases="currency code|from currency|ccy"),
            month_field(),
            Field(
                "rate",
                "Rate",
                RATE,
                True,
                example="0.92",
                aliases=("exchange rate", "average rate", "fx"),
                minimum=0,
            ),
        ),
        ("currency", "month"),
    ),
)
