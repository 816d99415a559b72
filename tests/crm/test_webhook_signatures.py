"""Signatures of every provider: published examples, and everything that is not quite one."""

import base64
import datetime as dt
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.engine.webhooks import ADAPTERS, Arrival, Rejected, Secret, Unreadable

NOW = dt.datetime(2026, 11, 20, 9, 15, tzinfo=dt.UTC)
PAYLOAD_NAMES = (
    "meta data event ids type timestamp action entity id entity_id occurredAt subscriptionType objectId "
    "payload ChangeEventHeader recordIds module operation server_time affected_values external_id amount"
)


def accepted(provider: str, arrival: Arrival, secret: str, now: dt.datetime = NOW) -> bool:
    try:
        ADAPTERS[provider].verify(arrival, [Secret("a", "something else"), Secret("b", secret)], now)
    except Rejected:
        return False
    return True


def hubspot(body: bytes = b"{'example_field':'example_value'}", uri: str = "") -> Arrival:
    """The example of HubSpot's own kits."""
    headers = {
        "x-hubspot-signature-v3": "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=",
        "x-hubspot-request-timestamp": "1693657560000",
    }
    return Arrival("POST", uri or "https://www.example.com/webhook_uri", headers, body)


HUBSPOT_SECRET = "-".join(["y" * length for length in (8, 4, 4, 4, 12)])
HUBSPOT_TIME = dt.datetime.fromtimestamp(1693657560, tz=dt.UTC)


def test_hubspots_own_example_is_accepted() -> None:
    assert accepted("hubspot", hubspot(), HUBSPOT_SECRET, HUBSPOT_TIME)


@pytest.mark.parametrize(
    "arrival",
    [
        hubspot(body=b"{'example_field':'example_valuf'}"),
        hubspot(uri="http://www.example.com/webhook_uri"),
        hubspot(uri="https://www.example.com/webhook_uri/"),
    ],
    ids=["one byte changed", "http instead of https", "a slash more"],
)
def test_hubspots_example_changed_anywhere_is_turned_away(arrival: Arrival) -> None:
    assert not accepted("hubspot", arrival, HUBSPOT_SECRET, HUBSPOT_TIME)


@pytest.mark.parametrize("minutes", [-6, 6])
def test_an_old_or_future_time_stamp_is_turned_away(minutes: int) -> None:
    assert not accepted("hubspot", hubspot(), HUBSPOT_SECRET, HUBSPOT_TIME + dt.timedelta(minutes=minutes))


def standard(signature: str, body: bytes = b'{"test": 2432232314}') -> Arrival:
    """The example that the kits of Standard Webhooks share."""
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": signature,
    }
    return Arrival("POST", "https://x/", headers, body)


STANDARD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
STANDARD_TIME = dt.datetime.fromtimestamp(1614265330, tz=dt.UTC)
RIGHT = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("signature", [RIGHT, f"v1,Ceo5qEr07ixe2NLpvHk3FH9bwy {RIGHT}", f"v9,x {RIGHT}"])
def test_any_right_signature_of_the_list_is_accepted(signature: str) -> None:
    assert accepted("standard", standard(signature), STANDARD_SECRET, STANDARD_TIME)


@pytest.mark.parametrize("signature", [RIGHT[:-2] + "A=", RIGHT.replace("v1", "v2"), RIGHT[3:]])
def test_a_signature_that_is_not_quite_it_is_turned_away(signature: str) -> None:
    assert not accepted("standard", standard(signature), STANDARD_SECRET, STANDARD_TIME)


def test_a_key_pair_signs_as_well_and_a_changed_byte_breaks_it() -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = "whpk_" + base64.b64encode(private.public_key().public_bytes_raw()).decode()
    body = b'{"test": 2432232314}'
    signed = b"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330." + body
    signature = "v1a," + base64.b64encode(private.sign(signed)).decode()
    assert accepted("standard", standard(signature), public, STANDARD_TIME)
    assert not accepted("standard", standard(signature, body + b" "), public, STANDARD_TIME)
    assert not accepted("standard", standard(signature), "whpk_nonsense", STANDARD_TIME)


SIGNATURE_HEADERS = {
    "hubspot": ("x-hubspot-signature-v3", "x-hubspot-request-timestamp"),
    "standard": ("webhook-signature", "webhook-timestamp"),
    "zendesk": ("x-zendesk-webhook-signature", "x-zendesk-webhook-signature-timestamp"),
    "close": ("close-sig-hash", "close-sig-timestamp"),
}


@pytest.mark.parametrize("provider", SIGNATURE_HEADERS)
@pytest.mark.parametrize("signature", ["", "v1", "v1,a,b", "v1,", "v1,é", "é", "0" * 5000, "=", "v1,a v1,b"])
@pytest.mark.parametrize("stamp", ["", "0", "99999999999999999999", "abc", "1.5", "-1", "1763630100", "²"])
def test_odd_headers_are_turned_away_and_never_break(provider: str, signature: str, stamp: str) -> None:
    names = SIGNATURE_HEADERS[provider]
    arrival = Arrival(
        "POST", "https://x/", {names[0]: signature, names[1]: stamp, "webhook-id": "m"}, b"\xff{}"
    )
    with pytest.raises(Rejected):
        ADAPTERS[provider].verify(arrival, [Secret("a", "058b"), Secret("b", "not hex")], NOW)


@pytest.mark.parametrize("provider", ADAPTERS)
@settings(max_examples=300)
@given(
    body=st.one_of(
        st.binary(max_size=300),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(st.sampled_from(PAYLOAD_NAMES.split()), inner, max_size=6)
            ),
            max_leaves=20,
        ).map(lambda value: json.dumps(value).encode()),
    )
)
def test_no_payload_breaks_a_parser(provider: str, body: bytes) -> None:
    try:
        ADAPTERS[provider].parse(body)
    except Unreadable as error:
        assert str(error)
