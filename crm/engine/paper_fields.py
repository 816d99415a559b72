"""What other systems call the fields and states of order papers, and what they become here. Pure."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from crm.engine.unfit import Unfit

NAMES: dict[str, tuple[str, ...]] = {
    "number": (
        *("number", "document_number", "quote_number", "quotenumber", "invoice_number", "order_number"),
        *("ordernumber", "contract_number", "contractnumber", "hs_quote_number", "hs_number", "so_number"),
    ),
    "state": ("state", "status", "stage", "quote_stage", "hs_status", "hs_invoice_status", "hs_order_status"),
    "deal": ("deal", "deal_id", "opportunity", "opportunity_id", "opportunityid"),
    "account": ("account", "account_id", "accountid", "account_name", "customer", "customer_id", "company"),
    "owner": ("owner", "owner_id", "ownerid", "hubspot_owner_id", "rep", "salesperson"),
    "amount": (
        *("amount", "grand_total", "grandtotal", "total", "totalamount", "total_amount", "hs_quote_amount"),
        *("hs_amount_billed", "hs_total_price", "net_amount"),
    ),
    "currency": ("currency", "currency_code", "currencyisocode", "hs_currency", "hs_currency_code"),
    "discount_percent": ("discount_percent", "discount_percentage", "discount"),
    "delivered_percent": ("delivered_percent", "fulfilled_percent", "fulfilment", "delivered"),
    "due": (
        *("due", "due_date", "duedate", "valid_till", "valid_until", "expirationdate", "expiration_date"),
        *("hs_expiration_date", "hs_due_date", "delivery_date"),
    ),
    "document": ("document", "document_url", "url", "link", "hs_quote_link", "hs_invoice_link"),
}
STATES: dict[str, tuple[str, ...]] = {
    "draft": ("draft", "created", "new", "in preparation"),
    "approval": (
        *("approval", "waiting for approval", "pending approval", "pending_approval", "in approval"),
        *("in approval process", "needs review", "in review"),
    ),
    "approved": ("approved", "approval_not_needed", "ready to send"),
    "sent": ("sent", "open", "presented", "issued", "published", "overdue", "partially paid"),
    "signed": ("signed", "accepted", "activated", "confirmed", "closed won", "won", "ordered"),
    "invoiced": ("invoiced", "billed", "fully invoiced"),
    "paid": ("paid", "paid in full", "settled", "complete"),
    "declined": ("declined", "rejected", "denied", "expired", "lost", "closed lost"),
    "cancelled": ("cancelled", "canceled", "void", "voided", "withdrawn"),
}
BY_NAME = {name: ours for ours, names in NAMES.items() for name in names}
BY_STATE = {text: ours for ours, texts in STATES.items() for text in texts}
KINDS = {
    "quote": "quote",
    "quotes": "quote",
    "offer": "quote",
    "contract": "contract",
    "contracts": "contract",
    "order": "order",
    "orders": "order",
    "sales_order": "order",
    "sales_orders": "order",
    "invoice": "invoice",
    "invoices": "invoice",
}
MOST_MONEY = Decimal(10) ** 14


def fields_of(sent: Mapping[str, str]) -> dict[str, str]:
    """The fields of a paper among what was sent, by our names; our own name wins over another's."""
    found: dict[str, str] = {}
    for name, value in sent.items():
        ours = BY_NAME.get(_folded(name))
        if ours is not None and (ours == name or ours not in sent):
            found[ours] = value
    return found


def state_of(text: str) -> str | None:
    """Our state for another system's word; None for one that nobody here knows."""
    return BY_STATE.get(text.strip().casefold().replace("_", " ")) or BY_STATE.get(text.strip().casefold())


def money_of(name: str, text: str) -> Decimal | None:
    """An amount with four decimals, 0 or more; None for an empty text."""
    if not text.strip():
        return None
    number = _number(name, text)
    if not 0 <= number < MOST_MONEY:
        raise Unfit(f"{name} is {text[:40]!r}; amounts of papers are 0 or more.")
    return number.quantize(Decimal("0.0001"))


def percent_of(name: str, text: str) -> Decimal:
    """A percentage from 0 to 100 with two decimals, with or without its sign; 0 for an empty text."""
    number = _number(name, text.strip().removesuffix("%") or "0")
    if not 0 <= number <= 100:
        raise Unfit(f"{name} is {text[:40]!r}, which is no percentage between 0 and 100.")
    return number.quantize(Decimal("0.01"))


def address_of(name: str, text: str) -> str:
    """An address on the web, or nothing."""
    address = text.strip()
    if address and (not address.startswith(("https://", "http://")) or len(address) > 500):
        raise Unfit(f"{name} is {text[:40]!r}, which is no web address of 500 characters at most.")
    return address


def _number(name: str, text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation as error:
        raise Unfit(f"{name} is {text[:40]!r}, which is not a number.") from error
    if not number.is_finite():
        raise Unfit(f"{name} is {text[:40]!r}, which is not a number.")
    return number


def _folded(name: str) -> str:
    return name.strip().casefold().replace(" ", "_").replace("-", "_").removesuffix("__c")
