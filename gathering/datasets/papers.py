"""What ERPs and CRMs hand over as files about quotes, contracts, orders and invoices."""

from gathering.datasets.columns import (
    ACCOUNT_ALIASES,
    currency_field,
    day_field,
    lookup_field,
    money_field,
    rep_field,
)
from gathering.datasets.shape import CHOICE, CODE, PAPER_KINDS, PAPER_STATES, QUANTITY, TEXT, Dataset, Field

NUMBER_ALIASES = ("document number", "document no", "paper", "quote number", "order number", "invoice number")


def percent_field(name: str, label: str, example: str, *aliases: str) -> Field:
    return Field(
        name,
        label,
        QUANTITY,
        default="0",
        example=example,
        aliases=aliases,
        help="In percent: 12.5 is 12.5 %.",
        minimum=0,
        maximum=100,
    )


PAPERS = (
    Dataset(
        "order_papers",
        "Order papers",
        "Quotes, contracts, orders and invoices: one row is one paper as its system knows it today.",
        "deals",
        "crm.OrderPaper",
        (
            Field(
                "number",
                "Number",
                CODE,
                True,
                example="I-2026-0417",
                aliases=NUMBER_ALIASES,
                help="The same in every file and webhook of its system.",
                max_length=80,
            ),
            Field(
                "kind",
                "Kind",
                CHOICE,
                True,
                choices=PAPER_KINDS,
                example="invoice",
                aliases=("type", "document type"),
            ),
            Field(
                "state",
                "State",
                CHOICE,
                choices=PAPER_STATES,
                default="draft",
                example="sent",
                aliases=("status", "stage"),
                help="A system's own words are mapped by the profile's `values`.",
            ),
            lookup_field("account", example="A-1001", aliases=ACCOUNT_ALIASES),
            Field(
                "deal_key",
                "Deal",
                TEXT,
                example="D-4711",
                aliases=("deal", "deal id", "opportunity", "opportunity id"),
                help="Its id in the same system, or another CRM before the id: crm:D-4711.",
                max_length=200,
            ),
            money_field(
                "amount",
                "Amount",
                example="18500.00",
                aliases="total|grand total|net amount|value",
                minimum=0,
            ),
            currency_field(),
            percent_field("discount_percent", "Discount", "5", "discount", "discount %", "rebate"),
            percent_field("delivered_percent", "Delivered", "40", "delivered", "fulfilled", "delivered %"),
            day_field(
                "due", "Due", example="2026-10-31", aliases="due date|valid until|payable by|delivery date"
            ),
            Field(
                "document",
                "Document",
                TEXT,
                example="https://files.example.com/I-2026-0417.pdf",
                aliases=("link", "url", "document link"),
                help="The web address where it lies.",
                max_length=500,
            ),
            rep_field(),
            day_field(
                "as_of", "As of", example="2026-09-30", aliases="export date|report date|snapshot date"
            ),
        ),
        ("kind", "number"),
        money="amount",
        day="due",
    ),
)
