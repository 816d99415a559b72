"""The providers by name."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from crm.engine.webhooks import close, hubspot, pipedrive, salesforce, standard, zendesk, zoho
from crm.engine.webhooks.arriving import Arrival, Secret
from crm.engine.webhooks.events import Event

Verify = Callable[[Arrival, list[Secret], dt.datetime], Secret]
Parse = Callable[[bytes], list[Event]]


@dataclass(frozen=True)
class Adapter:
    """A provider: who sends, how its secret is called, and what it wants as an answer."""

    name: str
    label: str
    secret_is: str
    verify: Verify
    parse: Parse
    answer: str = ""
    answer_type: str = "application/json"


ADAPTERS: dict[str, Adapter] = {
    adapter.name: adapter
    for adapter in (
        Adapter("hubspot", "HubSpot", "client secret of the app", hubspot.verify, hubspot.parse),
        Adapter(
            "salesforce",
            "Salesforce",
            "organisation id",
            salesforce.verify,
            salesforce.parse,
            salesforce.ACK,
            "text/xml",
        ),
        Adapter("pipedrive", "Pipedrive", "user:password of the webhook", pipedrive.verify, pipedrive.parse),
        Adapter("zendesk", "Zendesk", "signing secret", zendesk.verify, zendesk.parse),
        Adapter("close", "Close", "signature key", close.verify, close.parse),
        Adapter("zoho", "Zoho CRM", "token of the channel", zoho.verify, zoho.parse),
        Adapter(
            "standard", "Any sender (Standard Webhooks)", "whsec_ secret", standard.verify, standard.parse
        ),
    )
}
