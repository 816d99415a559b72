"""What people decide about the inbox: map, replay, leave out; endpoints and their secrets."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from core.errors import Conflict, Denied, Invalid, Refused
from core.models import Event as Entry
from core.models import Person
from crm.engine.sealing import Sealer, Unsealable
from crm.engine.webhooks.shapes import SHAPES, new_secret, problem_of
from crm.models import Account, Deal, DealStage, Endpoint, EndpointSecret, InboxEvent, Rep, ValueMapping
from crm.pipeline.inbox_draining import drain
from crm.pipeline.sealing import seal, unseal
from crm.selectors.inbox import (
    address_of,
    deliveries_visible_to,
    endpoints_visible_to,
    events_visible_to,
    mappings_visible_to,
    secrets_of,
)
from crm.services import inbox
from crm.services.endpoints import (
    change_endpoint,
    create_endpoint,
    end_secret,
    free_label,
    rotate_secret,
)
from crm.services.value_mappings import decide
from tests.crm.senders import SECRET, message, push, standard_endpoint

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ways_of_selling() -> None:
    for position, code in enumerate(("offer", "contract")):
        DealStage.objects.create(code=code, name=code.title(), position=position, probability=Decimal("0.3"))


@pytest.fixture
def endpoint() -> Endpoint:
    return standard_endpoint()


def event(**given: Any) -> InboxEvent:
    return InboxEvent.objects.get(**given)


def chosen(**given: Any) -> Any:
    return InboxEvent.objects.filter(**given)


# --- mapping ----------------------------------------------------------------------------------


def test_a_mapping_lets_go_what_waited_for_it(endpoint: Endpoint, coordinator: Person) -> None:
    push(endpoint, message(1, name="Pumps", stage="Angebot"), message(2, deal="8", stage="ANGEBOT"))
    push(endpoint, message(3, deal="9", stage="Vertrag"))
    drain()
    assert chosen(state="needs_mapping").count() == 3

    mapping, count = decide(
        actor=coordinator, source="crm", kind="stage", value="Angebot", target_code="offer"
    )
    assert (mapping.target_code, mapping.decided_by, count) == ("offer", coordinator, 2)
    drain()
    assert Deal.objects.get(external_id="7").stage.code == "offer"
    assert Deal.objects.get(external_id="8").stage.code == "offer"
    assert event(external_id="9").state == "needs_mapping"
    entry = Entry.objects.filter(verb="value mapped").get()
    assert (entry.actor, entry.after["target_code"]) == (coordinator, "offer")


def test_a_value_may_be_ignored_for_a_reason(endpoint: Endpoint, coordinator: Person) -> None:
    push(endpoint, message(1, name="Pumps", stage="offer", owner="robot"))
    drain()
    with pytest.raises(Invalid, match="Say why the value is ignored"):
        decide(actor=coordinator, source="crm", kind="owner", value="robot", ignored=True)
    decide(actor=coordinator, source="crm", kind="owner", value="robot", ignored=True, reason="a machine")
    drain()
    deal = Deal.objects.get()
    assert (deal.rep, deal.stage.code, event().state) == (None, "offer", "applied")


def test_deciding_again_corrects_what_was_applied_with_the_old_meaning(
    endpoint: Endpoint, coordinator: Person
) -> None:
    decide(actor=coordinator, source="crm", kind="stage", value="Angebot", target_code="contract")
    push(endpoint, message(1, stage="Angebot"))
    drain()
    assert Deal.objects.get().stage.code == "contract"
    mapping, count = decide(
        actor=coordinator, source="crm", kind="stage", value="angebot", target_code="OFFER", reason="mistaken"
    )
    drain()
    assert (count, mapping.target_code, ValueMapping.objects.count()) == (1, "offer", 1)
    assert Deal.objects.get().stage.code == "offer"


def test_the_mapping_of_one_crm_is_not_that_of_another(endpoint: Endpoint, coordinator: Person) -> None:
    other = standard_endpoint(label="Other", source="other")
    for one in (endpoint, other):
        push(one, message(1, stage="Angebot"))
    drain()
    decide(actor=coordinator, source="crm", kind="stage", value="Angebot", target_code="offer")
    drain()
    assert event(endpoint=endpoint).state == "applied"
    assert event(endpoint=other).state == "needs_mapping"


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({"kind": "colour"}, "kind", "'colour' is no kind of value"),
        ({"target_code": ""}, "target_code", "Choose what it is here"),
        ({"target_code": "nowhere"}, "target_code", "No stage here has the code 'nowhere'"),
        ({"value": " "}, "value", "Say which value"),
        ({"value": "x" * 251}, "value", "250"),
    ],
)
def test_a_decision_that_cannot_be_right_changes_nothing(
    coordinator: Person, given: dict[str, str], field: str, says: str
) -> None:
    right = {"source": "crm", "kind": "stage", "value": "Angebot", "target_code": "offer"}
    with pytest.raises(Invalid, match=says) as refused:
        decide(actor=coordinator, **right | given)
    assert refused.value.reasons[0].field == field
    assert ValueMapping.objects.count() == 0


@pytest.mark.parametrize(("kind", "code"), [("owner", "R-1"), ("account", "A-1"), ("paper", "signed")])
def test_owners_accounts_and_states_of_papers_are_mapped_alike(
    coordinator: Person, kind: str, code: str
) -> None:
    Rep.objects.create(code="R-1", name="Ines")
    Account.objects.create(code="A-1", name="Alder Ltd")
    mapping, _ = decide(actor=coordinator, source="crm", kind=kind, value="x", target_code=code)
    assert mapping.target_code == code
    with pytest.raises(Invalid):
        decide(actor=coordinator, source="crm", kind=kind, value="y", target_code="nobody")


# --- replay and leave out ---------------------------------------------------------------------


def test_a_dead_event_is_applied_after_the_cause_is_mended(endpoint: Endpoint, advisor: Person) -> None:
    push(endpoint, message(1, name="Pumps"))
    drain()
    chosen().update(state="dead", attempts=8, error="It broke.")
    assert inbox.replay(actor=advisor, events=chosen(state="dead"), reason="mended") == 1
    waiting = event()
    assert (waiting.state, waiting.attempts, waiting.error) == ("waiting", 0, "")
    drain()
    assert event().state == "applied"
    entry = Entry.objects.get(verb="events replayed")
    assert (entry.actor, entry.reason, entry.after) == (advisor, "mended", {"events": 1, "ids": [event().pk]})


def test_replaying_everything_changes_nothing(endpoint: Endpoint, advisor: Person) -> None:
    push(endpoint, *[message(n, deal=str(n % 3), name=f"N{n}", stage="offer") for n in range(30)])
    drain()
    before = list(Deal.objects.order_by("pk").values("name", "stage", "written", "entered_stage", "pushes"))
    steps = Deal.objects.order_by("pk").values_list("changes__pk", "changes__before", "changes__after")
    history = sorted(steps, key=str)
    for _ in range(2):
        assert inbox.replay(actor=advisor, events=chosen()) == 30
        drain()
    assert list(Deal.objects.order_by("pk").values(*before[0])) == before
    assert sorted(steps.all(), key=str) == history
    assert chosen(state="waiting").count() == 0


def test_a_range_is_replayed_and_each_endpoint_gets_its_entry(endpoint: Endpoint, advisor: Person) -> None:
    other = standard_endpoint(label="Other", source="other")
    push(endpoint, message(1), message(2))
    push(other, message(3))
    drain()
    first = event(endpoint=other)
    assert inbox.replay(actor=advisor, events=[first]) == 1
    assert inbox.replay(actor=advisor, events=chosen(occurred__lte=first.occurred)) == 3
    counts = Entry.objects.filter(verb="events replayed").values_list("subject_label", "after__events")
    assert sorted(counts) == [("Any CRM", 2), ("Other", 1), ("Other", 1)]


def test_events_are_left_out_for_a_reason_and_may_come_back(endpoint: Endpoint, manager: Person) -> None:
    push(endpoint, message(1, stage="nowhere"))
    drain()
    with pytest.raises(Invalid, match="Say why"):
        inbox.skip(actor=manager, events=chosen(), reason=" ")
    with pytest.raises(Invalid, match="300"):
        inbox.skip(actor=manager, events=chosen(), reason="x" * 301)
    assert inbox.skip(actor=manager, events=chosen(), reason="a test deal") == 1
    left = event()
    assert (left.state, left.reason, left.settled_by) == ("skipped", "a test deal", manager)
    assert Entry.objects.get(verb="events left out").reason == "a test deal"
    drain()
    assert event().state == "skipped"
    assert inbox.skip(actor=manager, events=chosen(), reason="again") == 0
    assert event().reason == "a test deal"
    inbox.replay(actor=manager, events=chosen())
    drain()
    assert (event().state, event().reason, event().settled_by) == ("needs_mapping", "", None)


def test_what_is_applied_cannot_be_left_out(endpoint: Endpoint, manager: Person) -> None:
    push(endpoint, message(1, name="A"), message(2, stage="nowhere"))
    drain()
    with pytest.raises(Refused, match="applied already"):
        inbox.skip(actor=manager, events=chosen(), reason="all of it")
    assert chosen(state="skipped").count() == 0


def test_rights(endpoint: Endpoint, analyst: Person, manager: Person, sales_rep: Person) -> None:
    push(endpoint, message(1, name="A"))
    drain()
    for person in (analyst, sales_rep):
        with pytest.raises(Denied):
            inbox.replay(actor=person, events=chosen())
        with pytest.raises(Denied):
            inbox.skip(actor=person, events=chosen(), reason="x")
        with pytest.raises(Denied):
            decide(actor=person, source="crm", kind="stage", value="x", target_code="offer")
    for person in (analyst, manager):
        with pytest.raises(Denied):
            create_endpoint(actor=person, provider="zoho", label="Zoho")
        with pytest.raises(Denied):
            rotate_secret(actor=person, endpoint=endpoint)
        with pytest.raises(Denied):
            change_endpoint(actor=person, endpoint=endpoint, revision=1, changes={"is_active": False})
        with pytest.raises(Denied):
            end_secret(actor=person, secret=endpoint.secrets.get())


def test_who_may_not_see_what_crms_push_sees_none_of_it(
    endpoint: Endpoint, coordinator: Person, sales_rep: Person
) -> None:
    push(endpoint, message(1, stage="nowhere"))
    drain()
    decide(actor=coordinator, source="crm", kind="stage", value="x", target_code="offer")
    reads = (endpoints_visible_to, deliveries_visible_to, events_visible_to, mappings_visible_to)
    assert [read(coordinator).count() for read in reads] == [1, 1, 1, 1]
    assert [read(sales_rep).count() for read in reads] == [0, 0, 0, 0]


# --- endpoints and secrets --------------------------------------------------------------------


def test_a_crm_is_connected_with_a_secret_that_is_shown_once(advisor: Person) -> None:
    endpoint, secret = create_endpoint(actor=advisor, provider="standard", label="Our ERP")
    assert (endpoint.source, endpoint.is_active) == ("our-erp", True)
    kept = endpoint.secrets.get()
    assert problem_of("standard", secret) == ""
    assert (unseal(bytes(kept.sealed)), kept.hint) == (secret, secret[-4:])
    assert secret.encode() not in bytes(kept.sealed)
    entries = Entry.objects.values_list("verb", "before", "after")
    assert secret not in str(list(entries))
    assert {verb for verb, *_ in entries} == {"endpoint connected", "endpoint secret added"}


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({"provider": "nobody"}, "provider", "'nobody' is no provider"),
        ({"label": " "}, "label", "Give the endpoint a name"),
        ({"label": "Taken"}, "label", "already"),
        ({"source": "here"}, "source", "what people write in sopcycle itself"),
        ({"source": "two words"}, "source", "slug"),
        ({"public_url": "no address"}, "public_url", "valid URL"),
        ({"secret": "whsec_é"}, "secret", "letters, digits and signs"),
        ({"secret": "whsec_" + "x" * 600}, "secret", "at most 500"),
        ({"secret": "whsec_ab!"}, "secret", "followed by base64"),
        ({"secret": "whsec_c2hvcnQ="}, "secret", "holds 5 bytes"),
        ({"provider": "close", "secret": "xyz"}, "secret", "digits 0 to 9 and a to f"),
        ({"provider": "pipedrive", "secret": "nobody"}, "secret", "Write user:password"),
        ({"provider": "salesforce", "secret": "00D"}, "secret", "15 or 18"),
        ({"provider": "zoho", "secret": "z" * 51}, "secret", "at most 50"),
    ],
)
def test_an_endpoint_that_cannot_be_right_is_not_made(
    advisor: Person, given: dict[str, str], field: str, says: str
) -> None:
    create_endpoint(actor=advisor, provider="zoho", label="Taken")
    with pytest.raises(Invalid, match=says) as refused:
        create_endpoint(actor=advisor, **{"provider": "standard", "label": "New"} | given)
    assert refused.value.reasons[0].field == field
    assert Endpoint.objects.count() == 1


@pytest.mark.parametrize("provider", SHAPES)
def test_secrets_that_are_made_here_are_such_as_the_provider_takes(provider: str) -> None:
    secret = new_secret(provider)
    assert bool(secret) is (provider in {"pipedrive", "zoho", "standard"})  # the others hand theirs out
    assert not secret or problem_of(provider, secret) == ""


def test_without_a_source_each_endpoint_has_one_of_its_own() -> None:
    names = ["HubSpot", "hubspot!", "Продажи", "Here"]
    made = [create_endpoint(actor=None, provider="hubspot", label=name)[0] for name in names]
    assert [one.source for one in made] == ["hubspot", "hubspot-2", "hubspot-3", "here-2"]


def test_labels_of_further_endpoints_are_numbered() -> None:
    assert free_label("hubspot") == "HubSpot"
    create_endpoint(actor=None, provider="hubspot", label="HubSpot")
    create_endpoint(actor=None, provider="hubspot", label="HubSpot 2")
    assert free_label("hubspot") == "HubSpot 3"


def test_of_three_secrets_the_oldest_ends_at_once(endpoint: Endpoint, advisor: Person) -> None:
    second, text = rotate_secret(actor=advisor, endpoint=endpoint, keep_old_hours=5)
    assert text != SECRET
    assert len(secrets_of(endpoint)) == 2
    third, _ = rotate_secret(actor=advisor, endpoint=endpoint, keep_old_hours=5)
    assert list(secrets_of(endpoint)) == [third, second]
    second.refresh_from_db()
    assert second.expires is not None
    assert second.expires - timezone.now() <= dt.timedelta(hours=5)
    assert push(endpoint, message(), secret=SECRET).status_code == 401


def test_rotating_never_makes_an_old_secret_live_longer(endpoint: Endpoint, advisor: Person) -> None:
    soon = timezone.now() + dt.timedelta(minutes=5)
    EndpointSecret.objects.update(expires=soon)
    rotate_secret(actor=advisor, endpoint=endpoint, keep_old_hours=24)
    assert EndpointSecret.objects.earliest("pk").expires == soon


def test_rotating_says_what_is_missing(advisor: Person) -> None:
    endpoint, _ = create_endpoint(actor=advisor, provider="hubspot", label="HubSpot")
    with pytest.raises(Invalid, match="hands its secret out"):
        rotate_secret(actor=advisor, endpoint=endpoint)
    with pytest.raises(Invalid, match="0 to 720 hours"):
        rotate_secret(actor=advisor, endpoint=endpoint, secret="s", keep_old_hours=721)
    assert rotate_secret(actor=advisor, endpoint=endpoint, secret="s3cret")[1] == "s3cret"


def test_a_secret_that_leaked_is_ended_at_once(endpoint: Endpoint, advisor: Person) -> None:
    secret = endpoint.secrets.get()
    end_secret(actor=advisor, secret=secret, reason="leaked")
    assert push(endpoint, message()).status_code == 401
    assert Entry.objects.get(verb="endpoint secret ended").reason == "leaked"
    with pytest.raises(Refused, match="over already"):
        end_secret(actor=advisor, secret=secret)


def test_an_endpoint_is_paused_and_only_what_may_change_changes(endpoint: Endpoint, advisor: Person) -> None:
    changed = change_endpoint(
        actor=advisor, endpoint=endpoint, revision=1, changes={"is_active": False, "source": "other"}
    )
    assert (changed.is_active, changed.source) == (False, "crm")
    assert push(endpoint, message()).status_code == 404
    with pytest.raises(Conflict):
        change_endpoint(actor=advisor, endpoint=endpoint, revision=1, changes={"is_active": True})


@pytest.mark.parametrize(
    ("public_url", "shown"),
    [
        ("", "http://127.0.0.1:8000/hooks/{}/"),
        ("https://sop.example.com", "https://sop.example.com/hooks/{}/"),
        ("https://sop.example.com/", "https://sop.example.com/hooks/{}/"),
        ("https://crm.example.com/in", "https://crm.example.com/in"),
    ],
)
def test_the_address_to_paste_is_the_public_one(public_url: str, shown: str) -> None:
    endpoint = standard_endpoint(public_url=public_url)
    assert address_of(endpoint) == shown.format(endpoint.key)


def test_secrets_open_with_an_old_key_while_it_is_kept(settings: Any) -> None:
    settings.SECRET_KEY = "the old key of this installation"
    sealed = seal("s3cret")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]
    assert unseal(sealed) == "s3cret"
    assert seal("s3cret") != sealed
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(Unsealable):
        unseal(sealed)
    with pytest.raises(Unsealable):
        Sealer(["x"]).unseal(b"")


def test_an_endpoint_whose_secret_cannot_be_opened_turns_everybody_away_and_says_so(
    endpoint: Endpoint, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SECRET_KEY = "another key"
    assert push(endpoint, message()).status_code == 401
    assert "No key of this installation opens the secret" in caplog.text
