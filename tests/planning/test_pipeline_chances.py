"""Whose word on a deal's chance stage 2 takes: the newest deal forecast's, or the CRM's."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from core.errors import Invalid
from core.models import Person
from crm.models import Deal
from forecasting.models import DealChance, DealForecast, RunState
from planning.models import Cycle, PipelineTake
from planning.services.pipeline_inputs import take_pipeline
from tests.planning.deals_world import Open, open_deal
from tests.planning.demand_world import demand_cycle

__all__ = ["demand_cycle", "open_deal"]

APRIL = dt.date(2026, 4, 1)
Judge = Callable[..., DealForecast]


@pytest.fixture
def judged() -> Judge:
    """`judged(deal, 0.75, month)`: a finished deal forecast that says so of the deal."""

    def make(deal: Deal, chance: float = 0.75, month: dt.date = APRIL) -> DealForecast:
        made = DealForecast.objects.create(
            as_of=dt.date(2026, 1, 31), horizon=3, engine_version="1", input_hash=f"h{deal.pk}-{chance}"
        )
        DealChance.objects.create(
            forecast=made,
            deal=deal,
            probability=chance,
            by_method={"blend": chance},
            expected_month=month,
            months=[0, 0, chance],
            worth=100_000,
            basis="amount",
            expected=Decimal(100_000 * chance),
            why="Because.",
        )
        DealForecast.objects.filter(pk=made.pk).update(
            state=RunState.RUNNING, method="blend", deals=1, finished=timezone.now()
        )
        DealForecast.objects.filter(pk=made.pk).update(state=RunState.DONE)
        return made

    return make


def test_the_newest_deal_forecast_speaks_by_default_with_its_month(
    demand_cycle: Cycle, open_deal: Open, judged: Judge, analyst: Person
) -> None:
    made = judged(open_deal())  # the CRM says 40 % in March

    take = take_pipeline(actor=analyst, cycle=demand_cycle)

    share = take.shares.get()
    assert (take.chances, take.deal_forecast) == ("forecast", made)
    assert (share.probability, share.month) == (Decimal("0.7500"), APRIL)


def test_the_crm_s_chances_are_taken_where_one_chooses_so(
    demand_cycle: Cycle, open_deal: Open, judged: Judge, analyst: Person
) -> None:
    judged(open_deal())
    first = take_pipeline(actor=analyst, cycle=demand_cycle)

    take = take_pipeline(actor=analyst, cycle=demand_cycle, chances="crm")

    share = take.shares.get()
    assert take.pk != first.pk
    assert (take.chances, take.deal_forecast) == ("crm", None)
    assert (share.probability, share.month) == (Decimal("0.4"), dt.date(2026, 3, 1))


def test_a_deal_the_forecast_does_not_know_or_that_closes_later_keeps_its_crm_s_word(
    demand_cycle: Cycle, open_deal: Open, judged: Judge, analyst: Person
) -> None:
    judged(open_deal(expected_close=dt.date(2026, 5, 2)))
    open_deal()

    take = take_pipeline(actor=analyst, cycle=demand_cycle)

    told = {(share.month, share.probability) for share in take.shares.all()}
    assert told == {(dt.date(2026, 5, 1), Decimal("0.4")), (dt.date(2026, 3, 1), Decimal("0.4"))}


def test_without_a_forecast_the_crm_speaks_and_unknown_words_are_refused(
    demand_cycle: Cycle, open_deal: Open, analyst: Person
) -> None:
    open_deal()

    assert take_pipeline(actor=analyst, cycle=demand_cycle).chances == "crm"
    with pytest.raises(Invalid, match="There is no deal forecast yet"):
        take_pipeline(actor=analyst, cycle=demand_cycle, chances="forecast")
    with pytest.raises(Invalid, match="Choose the deal forecast or the CRM"):
        take_pipeline(actor=analyst, cycle=demand_cycle, chances="gut")
    assert PipelineTake.objects.count() == 1


def test_the_page_says_whose_chances_they_are_and_lets_one_choose(
    demand_cycle: Cycle,
    open_deal: Open,
    judged: Judge,
    analyst: Person,
    signed_in: Callable[[Person], Client],
) -> None:
    judged(open_deal())
    client, url = signed_in(analyst), reverse("planning:demand-pipeline", args=[demand_cycle.pk])

    by_forecast = client.get(url).content.decode()
    by_crm = client.get(url, {"chances": "crm"}).content.decode()
    client.post(url, {"kind": "add", "chances": "crm"})
    after = client.get(url).content.decode()

    assert "75\u202f000" in by_forecast
    assert "Look at them with the CRM’s chances" in by_forecast
    assert "40\u202f000" in by_crm
    assert PipelineTake.objects.get().chances == "crm"
    assert "chances from the CRM" in after
    assert client.post(url, {"kind": "add"}).status_code == 400


def test_the_api_takes_and_tells_whose_chances(
    demand_cycle: Cycle, open_deal: Open, judged: Judge, analyst: Person, api: Callable[[Person], APIClient]
) -> None:
    made = judged(open_deal())
    url: Any = f"/api/v1/cycles/{demand_cycle.pk}/demand/pipeline-takes/"

    default = api(analyst).post(url, {"kind": "add"}).json()
    chosen = api(analyst).post(url, {"kind": "add", "chances": "crm"}).json()

    assert (default["chances"], default["deal_forecast"]) == ("forecast", made.pk)
    assert (chosen["chances"], chosen["deal_forecast"]) == ("crm", None)
