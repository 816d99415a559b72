"""What open deals say in stage 2, on the page, by API and in explanations."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from core.explain import explain
from core.models import Person
from crm.models import Deal
from planning.engine import pipeline_stream as engine
from planning.models import Cycle, DemandInput
from planning.services.pipeline_inputs import take_pipeline
from tests.planning.conftest import Company
from tests.planning.deals_world import Open, open_deal
from tests.planning.demand_world import demand_cycle

__all__ = ["demand_cycle", "open_deal"]


def test_a_number_of_the_pipeline_is_explained_deal_by_deal(
    demand_cycle: Cycle, open_deal: Open, analyst: Person, firm: Company
) -> None:
    open_deal()
    open_deal(amount=50_000, probability=Decimal("0.1"))
    take_pipeline(actor=analyst, cycle=demand_cycle)

    told = explain(analyst, "consensus", f"{demand_cycle.pk}_{firm.world.ridge_tyrol.pk}_2026-03")

    pipeline = next(part for part in told.parts if part.label == "Pipeline")
    (number,) = pipeline.parts
    assert [(part.label, part.value, part.formula) for part in number.parts] == [
        ("Deal D1", 400, "1\u202f000.00 × 40.0\u202f%"),
        ("Deal D2", 50, "500.00 × 10.0\u202f%"),
    ]


def test_the_page_shows_what_they_say_and_takes_it(
    demand_cycle: Cycle,
    open_deal: Open,
    analyst: Person,
    signed_in: Callable[[Person], Client],
    pinned_queries: Callable[..., Any],
) -> None:
    for month in (3, 4, 5):
        open_deal(expected_close=dt.date(2026, month, 1))
    open_deal(product=None)
    client, url = signed_in(analyst), reverse("planning:demand-pipeline", args=[demand_cycle.pk])

    with pinned_queries():
        before = client.get(url).content.decode()
    after = client.post(url, {"kind": "add"}, follow=True).content.decode()
    Deal.objects.filter(external_id="D1").update(probability=1)
    stale = client.get(url).content.decode()

    assert engine.NO_PRODUCT in before
    assert not DemandInput.objects.filter(take=None).exists()
    assert "3 open deals speak with 1\u202f200 units" in after
    assert "Up to date" in after
    assert "Deals have changed since" in stale


def test_the_page_says_why_nothing_can_be_taken(
    demand_cycle: Cycle, analyst: Person, executive: Person, signed_in: Callable[[Person], Client]
) -> None:
    url = reverse("planning:demand-pipeline", args=[demand_cycle.pk])

    refused = signed_in(analyst).post(url, {"kind": "add"})
    wrong = signed_in(analyst).post(url, {"kind": "much"})

    assert (refused.status_code, wrong.status_code) == (409, 400)
    assert "No open deal can be placed" in refused.content.decode()
    assert "Take the open deals" not in signed_in(executive).get(url).content.decode()


def test_the_api_takes_and_tells_each_share(
    demand_cycle: Cycle,
    open_deal: Open,
    analyst: Person,
    executive: Person,
    api: Callable[[Person], APIClient],
) -> None:
    open_deal()
    base = f"/api/v1/cycles/{demand_cycle.pk}/demand/"

    taken = api(analyst).post(f"{base}pipeline-takes/", {"kind": "replace"}, format="json")
    shares = api(analyst).get(f"{base}pipeline-shares/", {"take": taken.json()["id"]}).json()["results"]

    assert (taken.status_code, taken.json()["units"], taken.json()["kind"]) == (201, "400.0000", "replace")
    assert [(one["deal_external_id"], one["product"], one["expected"]) for one in shares] == [
        ("D1", "RIDGE", "400.0000"),
    ]
    assert api(executive).post(f"{base}pipeline-takes/", {}, format="json").status_code == 403


def test_the_demand_page_leads_to_the_open_deals(
    demand_cycle: Cycle, analyst: Person, signed_in: Callable[[Person], Client]
) -> None:
    page = signed_in(analyst).get(reverse("planning:demand", args=[demand_cycle.pk])).content.decode()

    assert reverse("planning:demand-pipeline", args=[demand_cycle.pk]) in page
