"""Columns that many datasets share, with the names foreign files give them."""

from gathering.datasets.shape import (
    CHOICE,
    CODE,
    DATE,
    LINE_KINDS,
    LOOKUP,
    MONEY,
    MONTH,
    QUANTITY,
    TEXT,
    Field,
)


def code_field(label: str, example: str, *aliases: str) -> Field:
    return Field("code", f"{label} code", CODE, True, example=example, aliases=aliases, max_length=60)


def name_field(example: str, *aliases: str) -> Field:
    return Field("name", "Name", TEXT, True, example=example, aliases=aliases)


def lookup_field(
    name: str, kind: str = "", label: str = "", required: bool = False, example: str = "", aliases: str = ""
) -> Field:
    return Field(
        name,
        label or name.replace("_", " ").capitalize(),
        LOOKUP,
        required,
        lookup=kind or name,
        example=example,
        aliases=tuple(filter(None, aliases.split("|"))),
        help=f"Code or name of the {kind or name}.",
        max_length=250,
    )


PRODUCT_ALIASES = (
    "sku|item|item code|item number|product code|product id|product key|productkey|article|material|"
    "part number"
)
MARKET_ALIASES = (
    "region|country|territory|sales territory|sales region|channel|region code|country code|market code"
)
ACCOUNT_ALIASES = "customer|customer code|customer id|customer number|reseller|client|account code|sold to"
REP_ALIASES = "salesperson|sales rep|sales agent|employee|employee key|seller|owner|rep code"


def product_field(required: bool = True) -> Field:
    return lookup_field("product", required=required, example="ESP-100", aliases=PRODUCT_ALIASES)


def market_field(required: bool = True) -> Field:
    return lookup_field("market", required=required, example="DE-RETAIL", aliases=MARKET_ALIASES)


def account_field() -> Field:
    return lookup_field("account", example="A-1001", aliases=ACCOUNT_ALIASES)


def rep_field() -> Field:
    return lookup_field("rep", example="R-07", aliases=REP_ALIASES)


def site_field(required: bool = False) -> Field:
    return lookup_field("site", required=required, example="PLANT-1", aliases="plant|warehouse|location")


def currency_field() -> Field:
    return lookup_field("currency", example="EUR", aliases="currency code|ccy|curr")


def day_field(
    name: str, label: str, required: bool = False, example: str = "2026-09-14", aliases: str = ""
) -> Field:
    return Field(
        name,
        label,
        DATE,
        required,
        example=example,
        aliases=tuple(filter(None, aliases.split("|"))),
        help="Year-month-day, or the profile's date_format.",
    )


def month_field() -> Field:
    return Field(
        "month",
        "Month",
        MONTH,
        True,
        example="2026-09",
        aliases=("period", "target month", "calendar month", "date", "year month", "yearmonth"),
        help="Year-month; any day of the month is taken as its month.",
    )


def quantity_field(required: bool = True, minimum: float | None = None) -> Field:
    aliases = ("qty", "units", "volume", "order quantity", "order qty", "pieces", "sales quantity")
    return Field("quantity", "Quantity", QUANTITY, required, example="12", aliases=aliases, minimum=minimum)


def money_field(
    name: str,
    label: str,
    required: bool = False,
    example: str = "",
    aliases: str = "",
    minimum: float | None = None,
) -> Field:
    found = tuple(filter(None, aliases.split("|")))
    return Field(name, label, MONEY, required, example=example, aliases=found, minimum=minimum)


def validity() -> tuple[Field, Field]:
    return (
        day_field(
            "valid_from", "Valid from", example="2026-01-01", aliases="from|start|start date|effective date"
        ),
        day_field("valid_to", "Valid to", example="", aliases="to|until|end|end date"),
    )


REVENUE_ALIASES = "sales|sales amount|amount|net amount|net sales|turnover|line total|value|total"
COST_ALIASES = "cogs|total cost|standard cost|cost of sales|cost amount|total product cost"
ORDER = Field(
    "order_number",
    "Order number",
    CODE,
    example="SO-20461",
    aliases=(
        "order",
        "sales order",
        "sales order number",
        "order no",
        "order id",
        "invoice",
        "invoice number",
    ),
    help="Empty: derived from day, product and market.",
    max_length=80,
)
LINE = Field(
    "line",
    "Line",
    CODE,
    example="1",
    aliases=("line number", "line no", "position", "item no", "sales order line number"),
    help="Empty: derived from the product within the order.",
    max_length=120,
)


def sales_fields(*, is_return: bool) -> tuple[Field, ...]:
    kind = Field(
        "kind",
        "Sale or return",
        CHOICE,
        choices=LINE_KINDS,
        default="sale",
        example="sale",
        aliases=("type", "document type"),
        help="A sale of a negative quantity is a return as well.",
    )
    return (
        ORDER,
        LINE,
        day_field("day", "Day", True, aliases="date|order date|invoice date|posting date|sales date"),
        product_field(),
        market_field(),
        account_field(),
        rep_field(),
        quantity_field(),
        money_field("unit_price", "Unit price", example="199.90", aliases="price|price each|net price"),
        money_field("revenue", "Revenue", example="2398.80", aliases=REVENUE_ALIASES),
        money_field("cost", "Cost", example="1520.00", aliases=COST_ALIASES),
        currency_field(),
        *(() if is_return else (kind,)),
    )
