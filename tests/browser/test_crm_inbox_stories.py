"""Stories of CRMs that push: connecting HubSpot, an unknown stage, a dead letter. In a real browser."""

import json
import time
from decimal import Decimal
from typing import Any

import pytest
import requests
from django.utils import timezone
from playwright.sync_api import expect

from core.models import Job, Person
from crm.models import Deal, DealStage, InboxEvent, Reconciliation
from crm.pipeline.inbox_draining import drain
from crm.pipeline.records import APPLIERS
from crm.services.value_mappings import decide
from crm.tasks import compare_export_of_a_crm, try_an_address
from tests.browser.conftest import DESKTOP, PHONE, OpenPage, SignIn
from tests.browser.sight import sideways, violations
from tests.crm.reconciling import export
from tests.crm.senders import hubspot_headers, message, push, standard_endpoint

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SECRET_OF_THE_APP = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"


@pytest.fixture
def ways_of_selling(transactional_db: None) -> None:
    for place, code in enumerate(("offer", "contract")):
        DealStage.objects.create(code=code, name=code.title(), position=place, probability=Decimal("0.3"))


def deal_changes(*changes: tuple[str, str]) -> bytes:
    """A batch as HubSpot sends it: one property of deal 42 in each entry."""
    now = int(time.time() * 1000)
    return json.dumps(
        [
            {
                "subscriptionType": "deal.propertyChange",
                "portalId": 1,
                "subscriptionId": place,
                "objectId": 42,
                "propertyName": name,
                "propertyValue": value,
                "occurredAt": now,
                "attemptNumber": 0,
            }
            for place, (name, value) in enumerate(changes)
        ]
    ).encode()


def send(address: str, body: bytes) -> int:
    """HubSpot's part: signed over the address that it was told."""
    headers = hubspot_headers(SECRET_OF_THE_APP, address, body)
    sent = {**headers, "content-type": "application/json"}
    return requests.post(address, data=body, headers=sent, timeout=30, allow_redirects=False).status_code


@pytest.mark.parametrize("scripts", [True, False])
def test_an_advisor_connects_hubspot_and_sees_it_turn_green(
    open_page: OpenPage,
    sign_in: SignIn,
    live_server: Any,
    settings: Any,
    ways_of_selling: None,
    advisor: Person,
    scripts: bool,
) -> None:
    settings.PUBLIC_URL = live_server.url
    page = sign_in(open_page(scripts=scripts), advisor)

    page.goto("/crm/endpoints/")
    page.get_by_role("link", name="Connect a CRM").first.click()
    page.get_by_role("link", name="HubSpot").click()
    page.get_by_label("Client secret of the app").fill(SECRET_OF_THE_APP)
    page.get_by_role("button", name="Make the address").click()
    address = page.locator(".crm-copy code").first.inner_text()
    expect(page.get_by_text("Nothing has come from HubSpot yet")).to_be_visible()

    page.get_by_role("button", name="Try the address").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    try_an_address(Job.objects.get().pk)
    if not scripts:
        page.reload()  # with scripts the page asks by itself
    expect(page.get_by_text("was taken in")).to_be_visible()
    expect(page.get_by_text("Your own test came on")).to_be_visible()

    assert send(address, deal_changes(("dealname", "500 tents"), ("dealstage", "offer"))) == 200
    if not scripts:
        page.reload()  # with scripts the page asks by itself
    expect(page.get_by_text("Connected", exact=True)).to_be_visible()

    drain()
    assert Deal.objects.get().stage.code == "offer"
    page.get_by_role("link", name="See what it sent").click()
    expect(page.get_by_role("cell", name="500 tents").first).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_an_unknown_stage_is_mapped_and_the_deal_moves(
    open_page: OpenPage, sign_in: SignIn, ways_of_selling: None, coordinator: Person, scripts: bool
) -> None:
    endpoint = standard_endpoint()
    push(endpoint, message(1, stage="Contract sent", name="Boots"))
    drain()
    page = sign_in(open_page(scripts=scripts), coordinator)

    page.goto("/crm/values/")
    page.get_by_role("link", name="Look closer at Contract sent").click()
    page.get_by_role("link", name="Contract contract").first.click()
    expect(page.get_by_label("Its code here")).to_have_value("contract")
    page.get_by_role("button", name="Save what it is").click()

    expect(page.get_by_text("1 event follows now.")).to_be_visible()
    drain()
    assert Deal.objects.get().stage.code == "contract"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_dead_letter_is_mended_and_applied_anew(
    open_page: OpenPage,
    sign_in: SignIn,
    ways_of_selling: None,
    advisor: Person,
    monkeypatch: pytest.MonkeyPatch,
    scripts: bool,
) -> None:
    endpoint = standard_endpoint()
    push(endpoint, message(1, stage="offer", name="Boots"))
    with monkeypatch.context() as broken:
        broken.setitem(APPLIERS, "deal", breaks)
        drain()
        InboxEvent.objects.update(attempts=99, next_try=timezone.now())  # many tries later
        drain()
    page = sign_in(open_page(scripts=scripts), advisor)

    page.goto(f"/crm/endpoints/{endpoint.pk}/")
    page.get_by_role("link", name="Failed for good").click()
    page.get_by_role("link", name="Deal 7").click()
    expect(page.get_by_text("It failed for good after 100 tries")).to_be_visible()
    expect(page.get_by_text("RuntimeError: the exchange is down").first).to_be_visible()

    page.get_by_role("button", name="Apply it anew").click()
    expect(page.get_by_text("1 event is applied anew")).to_be_visible()
    drain()
    page.reload()
    expect(page.get_by_text("Applied", exact=True).first).to_be_visible()
    assert Deal.objects.get().name == "Boots"


def breaks(source: str, events: Any) -> Any:
    raise RuntimeError("the exchange is down")


def test_a_difference_is_repaired(
    open_page: OpenPage, sign_in: SignIn, ways_of_selling: None, coordinator: Person
) -> None:
    push(standard_endpoint(), message(1, stage="offer", name="Boots", amount="100"))
    drain()
    page = sign_in(open_page(), coordinator)

    page.goto("/crm/reconciliations/add/")
    page.get_by_label("CRM", exact=True).select_option("crm")
    text = "Record ID,Deal Name,Deal Stage,Amount\n7,Boots,Contract,150\n"
    page.set_input_files(
        "input[type=file]", {"name": "d.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    page.get_by_role("button", name="Upload and go on").click()
    page.get_by_role("button", name="Compare it").click()
    expect(page.get_by_text("Compare d.csv")).to_be_visible()
    compare_export_of_a_crm(Reconciliation.objects.get().job_id)
    page.reload()

    page.get_by_label("Choose Boots").check()
    page.get_by_role("button", name="Repair the ticked deals").click()

    expect(page.get_by_text("1 deal is repaired.")).to_be_visible()
    assert Deal.objects.get().stage.code == "contract"


@pytest.mark.slow
@pytest.mark.parametrize(("dark", "viewport"), [(False, DESKTOP), (True, DESKTOP), (False, PHONE)])
def test_every_page_is_accessible_and_fits(
    open_page: OpenPage,
    sign_in: SignIn,
    ways_of_selling: None,
    advisor: Person,
    dark: bool,
    viewport: Any,
) -> None:
    endpoint = standard_endpoint()
    push(endpoint, message(1, stage="offer", name="Boots"), message(2, deal="8", stage="Sealed"))
    push(endpoint, message(3, deal="9", amount="much"))
    drain()
    event = InboxEvent.objects.get(state="dead")
    mapping, _ = decide(actor=advisor, source="crm", kind="stage", value="Old", target_code="offer")
    row = export("Record ID,Deal Name\n7,Shoes\n70,New\n", source="crm")
    page = sign_in(open_page(dark=dark, viewport=viewport), advisor)
    wrong = []
    for path in (
        "endpoints/", "endpoints/add/", "endpoints/add/pipedrive/", f"endpoints/{endpoint.pk}/",
        f"endpoints/{endpoint.pk}/edit/", f"endpoints/{endpoint.pk}/setup/",
        f"endpoints/{endpoint.pk}/rotate/",
        "deliveries/", f"deliveries/{event.delivery_id}/", "events/", f"events/{event.pk}/", "values/",
        "values/map/?source=crm&kind=stage&value=Sealed", "values/decide/?name=crm:stage:Sealed",
        "value-mappings/", f"value-mappings/{mapping.pk}/", "reconciliations/", "reconciliations/add/",
        f"reconciliations/{row.pk}/",
    ):  # fmt: skip
        page.goto(f"/crm/{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        wrong += [f"{path}: {one}" for one in violations(page)]
        wrong += [f"{path}: {sideways(page)} px too wide"] if sideways(page) else []

    assert wrong == []
