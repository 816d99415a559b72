"""What fairs, campaigns and CRMs hand over as files about leads: who may buy, from where, at what cost."""

from gathering.datasets.columns import (
    code_field,
    day_field,
    lookup_field,
    market_field,
    money_field,
    month_field,
    name_field,
    rep_field,
)
from gathering.datasets.shape import CHOICE, CODE, INTEGER, LEAD_STATES, TEXT, Dataset, Field


def source_field() -> Field:
    return lookup_field(
        "source",
        "source",
        "Source",
        required=True,
        example="SPRING-FAIR",
        aliases="lead source|origin|campaign|channel",
    )


def text_field(name: str, label: str, example: str, length: int, *aliases: str) -> Field:
    return Field(name, label, TEXT, example=example, aliases=aliases, max_length=length)


LEADS = (
    Dataset(
        "lead_sources",
        "Lead sources",
        "Where leads come from: one row is one fair, campaign or web site.",
        "deals",
        "crm.LeadSource",
        (
            code_field("Source", "SPRING-FAIR", "source", "lead source", "campaign"),
            name_field("Spring fair 2026", "source name", "campaign name"),
        ),
        ("code",),
    ),
    Dataset(
        "lead_costs",
        "Lead costs",
        "What a source cost: one row is one source in one month.",
        "deals",
        "crm.LeadCost",
        (
            source_field(),
            month_field(),
            money_field("amount", "Cost", True, "4800.00", "spend|budget|cost", minimum=0),
        ),
        ("source", "month"),
        money="amount",
    ),
    Dataset(
        "leads",
        "Leads",
        "Who may buy: one row is one person or company. A new one goes to the account's owner, or by the "
        "rules.",
        "deals",
        "crm.Lead",
        (
            Field(
                "external_id",
                "Lead id",
                CODE,
                True,
                example="L-4711",
                aliases=("lead id", "id", "record id", "mql id", "lead"),
                help="Its id in the system that the file comes from: the same in every file and webhook.",
                max_length=200,
            ),
            source_field(),
            text_field(
                "company", "Company", "Example Stores", 200, "company name", "organization", "account name"
            ),
            text_field("name", "Name", "Example Person", 120, "contact", "contact name", "full name"),
            text_field("email", "E-mail", "person@example.com", 254, "mail", "e-mail", "email address"),
            text_field("phone", "Phone", "+49 30 1234567", 40, "telephone", "phone number", "mobile"),
            text_field("country", "Country", "Germany", 80, "country code"),
            market_field(required=False),
            Field(
                "employees",
                "Employees",
                INTEGER,
                example="120",
                aliases=("headcount", "company size"),
                minimum=0,
                maximum=2147483647,
            ),
            text_field("text", "Text", "Asks for a quote.", 20000, "message", "notes", "description"),
            lookup_field("account", example="A-1001", aliases="customer|account code"),
            rep_field(),
            Field(
                "state",
                "State",
                CHOICE,
                choices=LEAD_STATES,
                example="new",
                aliases=("status", "lead status", "stage"),
                help="Empty: converted where it became a deal, working where it was answered, else new.",
            ),
            text_field("reason", "Disqualified because", "", 200, "unqualified reason", "lost reason"),
            day_field(
                "arrived", "Arrived", example="2026-05-04", aliases="created|create date|first contact"
            ),
            day_field("answered", "Answered", example="", aliases="first response|contacted on"),
            day_field("converted", "Became a deal", example="", aliases="converted on|won date"),
        ),
        ("external_id",),
        day="arrived",
        either=(("email", "phone", "company"),),
    ),
)
