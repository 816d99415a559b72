"""Forecasts from the CRM's deals: asked for once, made by a job, kept, shown within one's scope."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Market, Product, Scope
from core import jobs
from core.errors import Denied, Invalid, Refused
from core.models import Job, JobState, Person
from crm.models import Account, Deal, DealChange, DealStage, Rep
from forecasting.models import DealChance, DealForecast, RunState
from forecasting.pipeline.deal_asking import ask_nightly
from forecasting.pipeline.deal_running import run_deal_job
from forecasting.pipeline.settling import settle_runs
from forecasting.selectors.deal_book import engine_deals
from forecasting.selectors.deals import revenue_of
from forecasting.services.deal_forecasts import start_deal_forecast
from tests.crm.pipeline_world import sellers, stages, things
from tests.forecasting.deal_world import LAST, made_up

OPEN_PAGE = "forecasting:deal-forecast"


@pytest.fixture
def crm(db: None) -> dict[str, DealStage]:
    """450 deals of two reps, those of A with an account in the north, with their histories."""
    known = stages()
    reps = sellers(("A", "B"))
    things()
    saw = Product.objects.get(code="SAW")
    accounts = {"A": Account.objects.get(code="ALDER"), "B": Account.objects.get(code="BEECH")}
    rows = [
        Deal(
            source="crm",
            external_id=deal.id,
            name=f"Deal {deal.id}",
            rep=reps[deal.owner],
            account=accounts[deal.owner],
            product=saw,
            stage=known["won" if deal.is_won else "lost" if deal.closed else "offer"],
            created=deal.created,
            closed=deal.closed,
            amount=Decimal(deal.amounts[0][1]),
            base_amount=Decimal(deal.amounts[0][1]),
        )
        for deal in made_up(450)
    ]
    Deal.objects.bulk_create(rows)
    DealChange.objects.bulk_create(
        DealChange(
            deal=row,
            field="stage",
            after="offer",
            stage=known["offer"],
            occurred=dt.datetime.combine(row.created, dt.time(9), dt.UTC),
            key=f"first-{row.external_id}",
        )
        for row in rows
    )
    return known


def work(made: DealForecast) -> DealForecast:
    """What a worker does with the job."""
    assert made.job is not None
    jobs.run(made.job.pk, run_deal_job)
    made.refresh_from_db()
    return made


@pytest.fixture
def done(crm: dict[str, DealStage], analyst: Person) -> DealForecast:
    return work(start_deal_forecast(actor=analyst, as_of=LAST))


def test_a_job_judges_every_open_deal_and_keeps_the_back_test(done: DealForecast) -> None:
    open_deals = Deal.objects.filter(stage__kind="open")

    assert (done.state, done.deals) == (RunState.DONE, open_deals.count())
    assert set(DealChance.objects.values_list("deal", flat=True)) == set(
        open_deals.values_list("pk", flat=True)
    )
    assert done.backtest["winner"] == done.method
    assert "wins on" in done.backtest["verdict"]
    assert [month["month"] for month in done.revenue] == ["2025-07-01", "2025-08-01", "2025-09-01"]
    chance = DealChance.objects.order_by("pk").first()
    assert chance is not None
    assert chance.expected == pytest.approx(chance.worth * Decimal(chance.probability), abs=Decimal("0.01"))
    assert "the usual win takes" in chance.why


def test_the_same_work_is_done_once_and_anew_when_a_deal_has_changed(
    done: DealForecast, analyst: Person, colleague: Person
) -> None:
    again = start_deal_forecast(actor=colleague, as_of=LAST)
    DealChange.objects.create(
        deal=Deal.objects.filter(stage__code="offer").earliest("pk"),
        field="amount",
        after="7",
        occurred=timezone.now() - dt.timedelta(days=900),
        key="amount-1",
    )
    anew = start_deal_forecast(actor=analyst, as_of=LAST)

    assert again.pk == done.pk
    assert anew.pk != done.pk


def test_a_forecast_whose_deals_change_before_the_job_begins_is_not_made(
    crm: dict[str, DealStage], analyst: Person
) -> None:
    made = start_deal_forecast(actor=analyst, as_of=LAST)
    Deal.objects.filter(stage__code="won").update(stage=crm["lost"])

    work(made)

    assert (made.state, made.job.state) == (RunState.FAILED, JobState.FAILED)
    assert "have changed since" in Job.objects.get(pk=made.job_id).error
    assert not DealChance.objects.exists()


def test_what_is_done_cannot_be_changed_or_deleted(done: DealForecast) -> None:
    for attempt in (
        lambda: DealForecast.objects.filter(pk=done.pk).update(method="age"),
        lambda: DealChance.objects.filter(forecast=done).update(probability=1),
        lambda: DealChance.objects.filter(forecast=done).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()


def test_impossible_wishes_are_refused(db: None, analyst: Person, executive: Person) -> None:
    with pytest.raises(Refused, match="There are no deals"):
        start_deal_forecast(actor=analyst, as_of=LAST)
    with pytest.raises(Invalid, match="use 1 to 36"):
        start_deal_forecast(actor=analyst, as_of=LAST, horizon=37)
    with pytest.raises(Invalid, match="no method"):
        start_deal_forecast(actor=analyst, as_of=LAST, method="magic")
    with pytest.raises(Invalid, match="from 1990 to 2100"):
        start_deal_forecast(actor=analyst, as_of=dt.date(1900, 1, 1))
    with pytest.raises(Denied):
        start_deal_forecast(actor=executive, as_of=LAST)


def test_a_day_without_open_deals_fails_with_a_sentence(crm: dict[str, DealStage], analyst: Person) -> None:
    made = work(start_deal_forecast(actor=analyst, as_of=dt.date(2000, 1, 1)))

    assert made.state == RunState.FAILED
    assert "No deal was open on 1 Jan 2000" in Job.objects.get(pk=made.job_id).error


def test_the_schedule_asks_once_a_night_where_there_are_open_deals(crm: dict[str, DealStage]) -> None:
    night = dt.date(2025, 7, 1)

    first, second = ask_nightly(night), ask_nightly(night)
    Deal.objects.filter(stage__kind="open").update(stage=crm["lost"], closed=LAST)

    assert first is not None
    assert second is not None
    assert (first.pk, first.as_of) == (second.pk, LAST)
    assert ask_nightly(night) is None


def test_a_job_that_was_given_up_takes_the_forecast_along(crm: dict[str, DealStage], analyst: Person) -> None:
    made = start_deal_forecast(actor=analyst, as_of=LAST)
    Job.objects.filter(pk=made.job_id).update(state=JobState.FAILED)

    settle_runs()

    made.refresh_from_db()
    assert made.state == RunState.FAILED


def test_the_engine_gets_what_the_history_says(crm: dict[str, DealStage]) -> None:
    row = Deal.objects.filter(stage__code="won").earliest("pk")
    Deal.objects.filter(pk=row.pk).update(amount=200, base_amount=100)  # a rate of a half
    early = dt.datetime.combine(row.created, dt.time(10), dt.UTC)
    for number, (field, after) in enumerate((("amount", "50"), ("expected_close", "2025-01-31"))):
        DealChange.objects.create(deal=row, field=field, after=after, occurred=early, key=f"k{number}")

    told = next(deal for deal in engine_deals() if deal.id == str(row.pk))

    assert (told.created, told.closed, told.is_won) == (row.created, row.closed, True)
    assert told.amounts == ((row.created, 25.0),)
    assert told.expected == ((row.created, dt.date(2025, 1, 31)),)
    assert (told.won_value, told.owner, told.product) == (100.0, row.rep.code, "SAW")
    assert told.stages == ((row.created, "Offer"),)


def test_a_person_sees_the_revenue_of_the_own_deals_only(
    done: DealForecast, analyst: Person, manager: Person, sales_manager: Person
) -> None:
    Scope.objects.create(person=manager, market=Market.objects.get(code="NORTH"))
    Account.objects.filter(code="BEECH").update(market=Market.objects.create(code="SOUTH", name="South"))
    Rep.objects.filter(code="B").update(person=sales_manager)

    totals = {
        person.email: sum(month.mean for month in revenue_of(person, done))
        for person in (analyst, manager, sales_manager)
    }

    of_b = sum(row.expected for row in DealChance.objects.filter(deal__rep__code="B"))
    assert totals[sales_manager.email] == pytest.approx(float(of_b), rel=1e-6)
    of_a = sum(row.expected for row in DealChance.objects.filter(deal__rep__code="A"))
    assert totals[manager.email] == pytest.approx(float(of_a), rel=1e-6)
    assert totals[analyst.email] == pytest.approx(sum(month["mean"] for month in done.revenue))


def test_the_page_shows_revenue_deals_and_how_well_they_are_judged(
    done: DealForecast,
    analyst: Person,
    signed_in: Callable[[Person], Client],
    pinned_queries: Callable[..., Any],
) -> None:
    client = signed_in(analyst)

    with pinned_queries():
        shown = client.get(reverse(OPEN_PAGE)).content.decode()
    narrowed = client.get(reverse(OPEN_PAGE), {"least": "0.99"}).content.decode()

    assert "Deal forecast of 30 Jun 2025" in shown
    assert done.backtest["verdict"] in shown
    assert "Calibration" in shown
    assert "the usual win takes" in shown
    assert "No such deals" in narrowed


def test_the_page_teaches_where_there_is_nothing_and_asks(
    crm: dict[str, DealStage], analyst: Person, executive: Person, signed_in: Callable[[Person], Client]
) -> None:
    empty = signed_in(executive).get(reverse(OPEN_PAGE)).content.decode()
    client, add = signed_in(analyst), reverse("forecasting:deal-forecast-add")

    asked = client.post(add, {"as_of": "2025-06-30", "horizon": "3", "method": "hazard"}, follow=True)
    wrong = client.post(add, {"as_of": "2025-06-30", "horizon": "99"})

    assert "No deal forecast yet" in empty
    assert "Forecast from deals" not in empty
    assert DealForecast.objects.get().wanted == "hazard"
    assert "is asked for" in asked.content.decode()
    assert wrong.status_code == 400
    assert signed_in(executive).post(add, {}).status_code == 403


def test_the_api_asks_and_tells(
    done: DealForecast, analyst: Person, api: Callable[[Person], APIClient]
) -> None:
    client = api(analyst)

    same = client.post("/api/v1/deal-forecasts/", {"as_of": f"{LAST}"})
    asked = client.post("/api/v1/deal-forecasts/", {"as_of": "2025-05-31"})
    told = client.get("/api/v1/deal-chances/", {"forecast": done.pk}).json()
    revenue = client.get(f"/api/v1/deal-forecasts/{done.pk}/revenue/").json()
    wrong = client.post("/api/v1/deal-forecasts/", {"as_of": "2025-05-31", "method": "magic"})

    assert (same.status_code, same.json()["id"]) == (200, done.pk)
    assert (asked.status_code, asked.json()["state"]) == (202, "queued")
    assert told["count"] == done.deals
    assert [month["month"] for month in revenue] == ["2025-07-01", "2025-08-01", "2025-09-01"]
    assert wrong.status_code == 400


def test_reps_do_not_see_forecasts_and_their_manager_those_of_the_team(
    done: DealForecast, sales_rep: Person, sales_manager: Person, api: Callable[[Person], APIClient]
) -> None:
    Rep.objects.filter(code="B").update(person=sales_manager)

    refused = api(sales_rep).get("/api/v1/deal-chances/")
    told = api(sales_manager).get("/api/v1/deal-chances/").json()

    assert refused.status_code == 403
    assert told["count"] == Deal.objects.filter(stage__kind="open", rep__code="B").count()
