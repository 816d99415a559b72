"""What CRMs call the fields of a lead, and what they become here. Pure."""

from collections.abc import Mapping

TEXTS = {"company": 200, "name": 120, "email": 254, "phone": 40, "country": 80, "text": 20_000}
NAMES: dict[str, tuple[str, ...]] = {
    "company": ("company", "company_name", "organization", "organization_name", "account_name"),
    "name": ("name", "full_name", "fullname", "person_name", "contact_name"),
    "email": ("email", "e_mail", "email_address", "mail"),
    "phone": ("phone", "phone_number", "mobile", "mobilephone", "telephone"),
    "country": ("country", "country_code", "address_country"),
    "market": ("market", "market_code", "territory"),
    "text": ("text", "description", "message", "notes", "comments"),
    "source": ("source", "lead_source", "leadsource", "origin", "campaign", "source_name"),
    "employees": ("employees", "number_of_employees", "numberofemployees", "no_of_employees", "company_size"),
    "owner": ("owner", "owner_id", "ownerid", "lead_owner", "hubspot_owner_id"),
    "account": ("account", "account_id", "converted_account_id", "convertedaccountid"),
    "deal": (
        "deal",
        "deal_id",
        "converted_deal_id",
        "converted_opportunity_id",
        "convertedopportunityid",
        "opportunity_id",
    ),
    "state": ("state", "status", "lead_status", "leadstatus", "hs_lead_status", "stage"),
    "reason": (
        "reason",
        "disqualified_because",
        "unqualified_reason",
        "disqualification_reason",
        "lost_reason",
    ),
    "arrived": ("arrived", "created", "created_at", "createddate", "createdate", "created_time"),
    "answered": ("answered", "answered_at", "first_contacted", "first_response"),
    "converted": ("converted", "converted_at", "converteddate", "converted_time", "won_date"),
}
STATES: dict[str, tuple[str, ...]] = {
    "new": ("new", "open", "open - not contacted", "not contacted", "potential", "attempted to contact"),
    "working": ("working", "working - contacted", "contacted", "in progress", "connected", "in_progress"),
    "qualified": ("qualified", "pre-qualified", "closed - converted soon", "open_deal", "open deal", "sql"),
    "converted": ("converted", "closed - converted", "won", "became a deal"),
    "disqualified": (
        "disqualified",
        "unqualified",
        "closed - not converted",
        "not qualified",
        "junk lead",
        "lost lead",
        "junk",
        "bad_timing",
    ),
}
BY_NAME = {name: ours for ours, names in NAMES.items() for name in names}
BY_STATE = {text: ours for ours, texts in STATES.items() for text in texts}


def fields_of(sent: Mapping[str, str]) -> dict[str, str]:
    """The fields of a lead among what was sent, by our names; a first and a last name become one."""
    folded = {_folded(name): value for name, value in sent.items()}
    found = {BY_NAME[name]: value for name, value in folded.items() if name in BY_NAME}
    parts = [
        folded[name] for name in ("first_name", "firstname", "last_name", "lastname") if folded.get(name)
    ]
    if parts and "name" not in found:
        found["name"] = " ".join(parts)
    return found


def state_of(text: str) -> str | None:
    """Our state for a CRM's word; None for one that nobody here knows."""
    return BY_STATE.get(text.strip().casefold())


def _folded(name: str) -> str:
    return name.strip().casefold().replace(" ", "_").replace("-", "_").removesuffix("__c")
