"""What people type and compare on the pages of quotas: faults, stale edits, the released plan beside them."""

import csv
import datetime as dt
import re
from decimal import Decimal
from io import StringIO

import pytest

from catalog.models import Market
from core.models import Person
from territories.models import RepStart, Territory
from tests.territories.quotas_world import a_company, allocated, quota_of
from tests.territories.test_quotas_pages import PLANS, signed_in

pytestmark = pytest.mark.django_db
WRONG = re.compile(r'<div class="field field-wrong">(.*?)</div>\s*</div>', re.DOTALL)


def test_what_is_wrong_with_a_proposal_stands_beside_its_field(manager: Person, sales_rep: Person) -> None:
    world = a_company(sales_rep)
    quota = quota_of(allocated(manager), world["ann"])
    client, mine = signed_in(sales_rep), f"{PLANS}mine/{quota.pk}/"

    refused = client.post(mine, {"amount": "-5", "note": "Few deals", "revision": quota.revision})

    assert refused.status_code == 400
    (wrong,) = WRONG.findall(refused.text)
    assert 'value="-5"' in wrong and "greater than or equal to 0" in wrong
    assert 'value="Few deals"' in refused.text
    assert quota_of(quota.plan, world["ann"]).bottom_up is None


def test_a_stale_proposal_shows_both_and_keeps_the_newer(manager: Person, sales_rep: Person) -> None:
    world = a_company(sales_rep)
    quota = quota_of(allocated(manager), world["ann"])
    client, mine = signed_in(sales_rep), f"{PLANS}mine/{quota.pk}/"
    sent = {"amount": "5000", "note": "Few deals", "revision": quota.revision}
    client.post(mine, sent)

    stale = client.post(mine, sent | {"amount": "4000"})

    assert stale.status_code == 409
    assert "4,000" in stale.text or "4000" in stale.text
    assert "5000" in stale.text
    assert quota_of(quota.plan, world["ann"]).bottom_up == 5000


def test_the_released_plan_stands_beside_a_territory_with_a_market(
    manager: Person, sales_manager: Person
) -> None:
    world = a_company(None, sales_manager)
    plan = allocated(manager)
    page = f"{PLANS}{plan.pk}/"
    assert "Released plan" not in signed_in(manager).get(page).text  # typed by hand, and no market
    north, shops = (Market.objects.create(code=code, name=code) for code in ("north", "shops"))
    Market.objects.filter(pk=shops.pk).update(parent=north)
    Territory.objects.filter(pk=world["north"].pk).update(market=north)
    Territory.objects.filter(pk=world["alpha"].pk).update(market=shops)
    plan.target_parts = [
        {"month": "2026-01-01", "market": market, "amount": amount, "kind": "release", "label": "Plan of May"}
        for market, amount in ((shops.pk, "3100.25"), (north.pk, "900.00"), (None, "7"))
    ]
    plan.save()

    answer = signed_in(manager).get(f"{page}?export=csv")
    sheet = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    head, *lines = csv.reader(StringIO(sheet))

    place = next(place for place, name in enumerate(head) if name.startswith("Released plan"))
    found = {line[0].strip(): line[place] for line in lines}
    assert {name: Decimal(amount) for name, amount in found.items() if amount} == {
        "north": Decimal("4000.25"),
        "alpha": Decimal("3100.25"),
    }
    assert "Released plan" in signed_in(manager).get(page).text
    assert "Released plan" not in signed_in(sales_manager).get(page).text  # sees only a part


def test_a_refused_amount_keeps_what_was_typed(manager: Person) -> None:
    world = a_company()
    quota = quota_of(allocated(manager), world["ann"])

    sent = {"amount": "5500", "reason": " ", "revision": quota.revision}
    refused = signed_in(manager).post(f"{PLANS}rows/{quota.pk}/set/", sent)

    (wrong,) = WRONG.findall(refused.text)
    assert 'id="amount_reason"' in wrong and "Say why it differs" in wrong
    assert 'value="5500"' in refused.text


def test_a_start_is_changed_on_the_page_of_a_quota(manager: Person) -> None:
    world = a_company()
    row = f"{PLANS}rows/{quota_of(allocated(manager), world['ann']).pk}/"
    client = signed_in(manager)

    def keep(day: str) -> int:
        found = re.search(r'value="(\d+)" id="start_revision"', client.get(row).text)
        revision = found and found[1]
        return client.post(f"{row}start/", {"day": day, "revision": revision}).status_code

    assert [keep("2026-01-10"), keep("2026-02-10")] == [302, 302]
    assert client.post(f"{row}start/", {"day": "", "revision": 1}).status_code == 409
    assert RepStart.objects.get(rep=world["ann"]).day == dt.date(2026, 2, 10)
    assert keep("") == 302
    assert not RepStart.objects.exists()
