"""Each provider at its door: what opens it, what it is told, and what of it is not kept."""

import base64
import json

import pytest

from crm.engine.webhooks import ADAPTERS, salesforce
from crm.models import Delivery
from crm.selectors.inbox import path_of
from crm.services.endpoints import create_endpoint
from tests.crm.senders import hubspot_headers, our_address, post
from tests.real_files import shared_folder

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "public_url", ["", "https://sop.example.com", "https://sop.example.com/", "https://crm.example.com/in"]
)
def test_hubspot_signs_the_address_it_was_told(public_url: str) -> None:
    endpoint, _ = create_endpoint(
        actor=None, provider="hubspot", label="HubSpot", secret="s3cret", public_url=public_url
    )
    told = {
        "": our_address(endpoint),
        "https://crm.example.com/in": public_url,
    }.get(public_url, f"https://sop.example.com{path_of(endpoint.key)}")
    assert post(endpoint, b"[]", hubspot_headers("s3cret", told, b"[]")).status_code == 200
    other = hubspot_headers("s3cret", "https://else.example.com/hooks/x/", b"[]")
    assert post(endpoint, b"[]", other).status_code == 401


def test_with_a_public_address_the_host_of_the_request_proves_nothing() -> None:
    endpoint, _ = create_endpoint(
        actor=None,
        provider="hubspot",
        label="HubSpot",
        secret="s3cret",
        public_url="https://sop.example.com",
    )
    signed_host = hubspot_headers("s3cret", f"http://testserver{path_of(endpoint.key)}", b"[]")
    assert post(endpoint, b"[]", signed_host).status_code == 401


def outbound(organisation: str, session: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
        '<notifications xmlns="http://soap.sforce.com/2005/09/outbound">'
        f"<OrganizationId>{organisation}</OrganizationId><SessionId>{session}</SessionId>"
        "</notifications></soapenv:Body></soapenv:Envelope>"
    ).encode()


def test_salesforce_gets_its_ack_and_its_session_is_not_kept() -> None:
    endpoint, _ = create_endpoint(
        actor=None, provider="salesforce", label="Salesforce", secret="00D000000000001AAA"
    )
    answer = post(endpoint, outbound("00D000000000001AAA", "00D!sEsSiOn"), {})
    assert answer.status_code == 200
    assert answer.content.decode() == salesforce.ACK
    assert answer["Content-Type"] == "text/xml"
    stored = bytes(Delivery.objects.get().body)
    assert b"sEsSiOn" not in stored
    assert ADAPTERS["salesforce"].parse(stored) == []
    refused = post(endpoint, outbound("00D000000000002AAA", ""), {})
    assert (refused.status_code, b"Ack" in refused.content) == (401, False)


def test_zohos_token_opens_the_door_and_is_not_kept() -> None:
    endpoint, token = create_endpoint(actor=None, provider="zoho", label="Zoho")
    said = {"module": "Deals", "operation": "insert", "ids": ["4"], "server_time": 1795250000000}
    assert post(endpoint, json.dumps(said | {"token": token}).encode(), {}).status_code == 200
    assert token.encode() not in bytes(Delivery.objects.get().body)
    assert json.loads(bytes(Delivery.objects.get().body)) == said | {"token": ""}
    assert post(endpoint, json.dumps(said | {"token": "guess"}).encode(), {}).status_code == 401


def test_pipedrives_password_opens_the_door_and_is_not_kept() -> None:
    endpoint, secret = create_endpoint(actor=None, provider="pipedrive", label="Pipedrive")
    code = base64.b64encode(secret.encode()).decode()
    assert post(endpoint, b"{}", {"authorization": f"Basic {code}"}).status_code == 200
    assert code not in json.dumps(Delivery.objects.get().headers)
    assert post(endpoint, b"{}", {"authorization": "Basic Z3Vlc3M6"}).status_code == 401


def test_a_real_outbound_message_is_taken() -> None:
    body = (shared_folder("webhooks/samples") / "salesforce_outbound_message.xml").read_bytes()
    organisation = body.partition(b"<OrganizationId>")[2].partition(b"<")[0].decode()
    endpoint, _ = create_endpoint(actor=None, provider="salesforce", label="Salesforce", secret=organisation)
    assert post(endpoint, body, {}).status_code == 200
