"""What to paste where, for each provider: read by the set-up page and the API. Pure.

`{url}` in a text is the address, `{secret}` the secret. Menus are named as the providers'
documentation of 2026 names them; they move, so each text says what to look for as well.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Guide:
    """How one provider is connected.

    `is_ours` where the secret is made here and pasted there, else the provider makes it and it is
    pasted here; `comes_late` where the CRM shows it only after it knows the address. `example` is what
    a programmer sends, `warning` what the provider does that loses data.
    """

    provider: str
    secret_label: str
    secret_help: str
    steps: tuple[str, ...]
    is_ours: bool = False
    comes_late: bool = False
    example: str = ""
    warning: str = ""


GUIDES: dict[str, Guide] = {
    guide.provider: guide
    for guide in (
        Guide(
            "hubspot",
            "Client secret of the app",
            "In HubSpot: your app, tab Auth, “Client secret”.",
            (
                "In HubSpot, open your app's settings and there “Webhooks”.",
                "Paste the address above as the target URL. Add no query to it: HubSpot signs the address.",
                "Subscribe to deals: created, deleted, merged, restored, and changed properties dealname, "
                "amount, deal_currency_code, dealstage, pipeline, hubspot_owner_id, closedate, hs_next_step.",
                "Subscribe to the association of deals with companies, and to companies created and changed.",
                "Activate the subscriptions and change a deal.",
            ),
            warning="HubSpot repeats for 24 hours what was not taken, and keeps no order. Both are handled.",
        ),
        Guide(
            "salesforce",
            "Organisation id",
            "In Salesforce: Setup, “Company Information”. Outbound messages carry all 18 characters of it.",
            (
                "In Salesforce, open Setup, “Outbound Messages”, and make one for the object Opportunity.",
                "Paste the address above as the endpoint URL. Leave “Send Session ID” off.",
                "Choose the fields Id, Name, Amount, CurrencyIsoCode, StageName, OwnerId, AccountId, "
                "CloseDate, Probability, NextStep and SystemModstamp.",
                "Send the message from a flow that runs whenever an opportunity is created or edited.",
                "Change an opportunity.",
            ),
            warning="Salesforce sends what an opportunity is at the time of sending, not each step, and "
            "gives up after 24 hours. Compare an export after an outage.",
        ),
        Guide(
            "pipedrive",
            "User and password",
            "Made here as user:password. Pipedrive sends both with every delivery.",
            (
                "In Pipedrive, open “Tools and apps”, “Webhooks”, and create one, version 2.",
                "Choose the event action * and the event object deal. Make a second one for organization.",
                "Paste the address above as the endpoint URL.",
                "Paste the user and the password into its HTTP Auth fields.",
                "Change a deal.",
            ),
            is_ours=True,
            warning="After ten failed first tries Pipedrive bans an address for 30 minutes and drops what "
            "happens meanwhile; after three days it deletes the webhook. Compare an export after an outage.",
        ),
        Guide(
            "zendesk",
            "Signing secret",
            "In Zendesk: the webhook's page, “Reveal secret”. It exists once the webhook is made.",
            (
                "In Zendesk's Admin Center, open “Apps and integrations”, “Webhooks”, and create one.",
                "Choose “Zendesk events” and there the organization and user events.",
                "Paste the address above as the endpoint URL; method POST, format JSON, no authentication.",
                "Save it, reveal its signing secret and paste that here.",
                "Send Zendesk's own test, or change an organization.",
            ),
            comes_late=True,
            warning="Deals live in Zendesk Sell, which sends no signed events. Connect Sell as “any sender”.",
        ),
        Guide(
            "close",
            "Signature key",
            "The answer of Close's API holds it as signature_key when the webhook is made.",
            (
                "Make the webhook by Close's API, as the example shows, with an API key of yours.",
                "Copy signature_key from the answer and paste it here.",
                "Change an opportunity.",
            ),
            comes_late=True,
            example="POST https://api.close.com/api/v1/webhook/\n"
            '{"url": "{url}", "events": [\n'
            '  {"object_type": "opportunity", "action": "created"},\n'
            '  {"object_type": "opportunity", "action": "updated"},\n'
            '  {"object_type": "opportunity", "action": "deleted"},\n'
            '  {"object_type": "lead", "action": "updated"}\n'
            "]}",
            warning="After three days without an answer Close pauses the webhook and clears what waited. "
            "Compare an export after an outage.",
        ),
        Guide(
            "zoho",
            "Token of the channel",
            "Made here. Zoho sends it back in every delivery.",
            (
                "Make a notification channel by Zoho's API, as the example shows. The channel id may be any.",
                "Renew the channel before it expires: Zoho lets it end by itself.",
                "Change a deal.",
            ),
            is_ours=True,
            example="POST https://www.zohoapis.com/crm/v8/actions/watch\n"
            '{"watch": [{"channel_id": "1000000068001", "token": "{secret}",\n'
            '  "events": ["Deals.all", "Accounts.all"], "notify_url": "{url}",\n'
            '  "return_affected_field_values": true}]}',
            warning="Where Zoho sends no values, the events ask to read the record in Zoho: switch "
            "return_affected_field_values on, as above.",
        ),
        Guide(
            "standard",
            "Secret (whsec_…)",
            "Made here. The sender signs with it as Standard Webhooks 1.0.0 says.",
            (
                "Give the sender the address and the secret. Any library for Standard Webhooks signs.",
                "Send each change of a deal as the example shows; several at once as a list in data.",
                "data may hold external_id, name, amount, currency, stage, owner, account, product, "
                "pipeline, probability, next_step, expected_close_date, closed_at, created_at, version "
                "and deleted.",
                "Send the first change.",
            ),
            is_ours=True,
            example='{"type": "deal.updated", "timestamp": "2026-11-20T09:15:00Z", "data": {\n'
            '  "external_id": "D-1", "name": "500 tents", "stage": "proposal", "amount": "12000.00",\n'
            '  "currency": "EUR", "owner": "lena@example.com", "account": "C-17",\n'
            '  "expected_close_date": "2027-01-31"}}',
        ),
    )
}
