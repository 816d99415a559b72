"""The way of a deal and whose words tell of it, the stage on an earlier day, amounts at the month’s rates."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalog.models import MonthRate
from core.models import Person
from core.services.company import change_setting
from crm.models import Deal, ValueMapping
from crm.pipeline import deal_sums
from crm.selectors.deals import end_of, stage_at, steps_of
from crm.services.deals import change_deal
from crm.tasks import refresh_base_amounts_of_deals
from tests.crm.selling import MARCH, Selling, make_selling

In = Callable[[Person], Client]
DAY = dt.timedelta(days=1)


@pytest.fixture
def selling(sales_rep: Person, sales_manager: Person) -> Selling:
    return make_selling(sales_rep, sales_manager)


@pytest.fixture
def told(selling: Selling) -> Deal:
    """New on 2 March, offered on the 10th, pushed on the 12th, won on the 20th."""
    selling.tell("D-1", MARCH, name="Order", stage="NEW", amount="100", expected_close="2026-03-15")
    selling.tell("D-1", MARCH + 8 * DAY, stage="OFFER", amount="120", owner="RITA")
    selling.tell("D-1", MARCH + 10 * DAY, expected_close="2026-03-25")
    return selling.tell("D-1", MARCH + 18 * DAY, stage="WON")


@pytest.mark.parametrize(("believed", "counts"), [(-1, True), (0, True), (1_000_000, False)])
def test_a_first_large_import_has_its_rows_counted_before_they_are_read(
    told: Deal, believed: int, counts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the database's belief in an empty table the steps of 8,800 deals took ten minutes."""
    monkeypatch.setattr(deal_sums, "MANY", 1)
    monkeypatch.setattr(deal_sums, "BELIEVED", f"SELECT {believed}")

    with CaptureQueriesContext(connection) as queries:
        deal_sums.refresh_derived([told.pk])

    assert any(query["sql"].startswith("ANALYZE crm_deal") for query in queries) == counts


def test_the_page_of_a_deal_whose_stages_nobody_told_says_so(
    told: Deal, coordinator: Person, signed_in: In
) -> None:
    told.changes.all().delete()

    page = signed_in(coordinator).get(reverse("crm:deal", args=[told.pk]))

    assert page.status_code == 200
    assert "Nothing has been told about the stage of this deal." in page.content.decode()


def test_the_page_tells_every_stage_with_its_days_and_every_push(
    told: Deal, coordinator: Person, signed_in: In
) -> None:
    page = signed_in(coordinator).get(reverse("crm:deal", args=[told.pk])).content.decode()
    way = page.split('id="way-through-the-stages"')[1].split("</section>")[0]

    assert [way.index(name) for name in ("Won", "Offer sent", "New")] == sorted(
        way.index(name) for name in ("Won", "Offer sent", "New")
    )
    for text in ("2 Mar 2026", "10 Mar 2026", "20 Mar 2026", ">8<", ">10<"):
        assert text in way.replace("\n", "").replace(" </td>", "</td>"), text
    assert "pushed by 10 days" in page
    assert "Rita Rep" in page


def test_rows_that_changed_nothing_are_no_steps(told: Deal, selling: Selling) -> None:
    selling.tell("D-1", MARCH + 9 * DAY, stage="OFFER")

    stages = [(step.before, step.after) for step in steps_of(told) if step.field == "stage"]

    assert told.changes.filter(field="stage").count() == 4
    assert stages == [("", "NEW"), ("NEW", "OFFER"), ("OFFER", "WON")]


def test_the_stage_on_an_earlier_day_is_what_was_true_when_the_day_ended(
    told: Deal, selling: Selling, coordinator: Person
) -> None:
    def then(day: dt.date) -> list[str]:
        ids = [deal.stage_then for deal in stage_at(coordinator, day)]  # type: ignore[attr-defined]
        return [code for code in ("NEW", "OFFER", "WON") if selling.stage(code).pk in ids]

    assert then(dt.date(2026, 3, 1)) == []
    assert then(dt.date(2026, 3, 2)) == ["NEW"]
    assert then(dt.date(2026, 3, 9)) == ["NEW"]
    assert then(dt.date(2026, 3, 10)) == ["OFFER"]
    assert then(dt.date(2026, 12, 31)) == ["WON"]


def test_a_day_ends_where_the_company_is(coordinator: Person) -> None:
    change_setting(actor=None, key="time_zone", value="America/New_York")

    assert end_of(dt.date(2026, 3, 2)) == dt.datetime(2026, 3, 3, 5, tzinfo=dt.UTC)


def test_the_stage_on_a_day_is_only_told_of_deals_that_one_may_see(
    told: Deal, selling: Selling, sales_rep: Person
) -> None:
    selling.deal(selling.otto)

    assert [deal.pk for deal in stage_at(sales_rep, dt.date(2026, 12, 31))] == [told.pk]


def test_amounts_follow_when_the_rate_of_their_month_changes(selling: Selling) -> None:
    deal = selling.tell("D-9", MARCH, stage="NEW", amount="100", currency="USD")
    assert deal.base_amount is None

    rate = MonthRate.objects.create(currency_id="USD", month=dt.date(2026, 3, 1), rate=Decimal("0.9"))
    assert refresh_base_amounts_of_deals() == 1
    deal.refresh_from_db()
    assert deal.base_amount == 90
    rate.rate = Decimal("0.8")
    rate.save()
    assert refresh_base_amounts_of_deals() == 1
    assert refresh_base_amounts_of_deals() == 0
    deal.refresh_from_db()
    assert (deal.base_amount, deal.amount) == (80, 100)


def test_a_closed_deal_keeps_the_rate_of_the_month_in_which_it_closed(selling: Selling) -> None:
    for month, rate in ((2, "0.5"), (3, "0.9"), (4, "0.7")):
        MonthRate.objects.create(currency_id="USD", month=dt.date(2026, month, 1), rate=Decimal(rate))
    deal = selling.tell("D-9", MARCH, stage="WON", amount="100", currency="USD", closed="2026-03-20")

    assert deal.base_amount == 90


def test_what_is_changed_here_stands_in_history_and_log(
    told: Deal, coordinator: Person, signed_in: In
) -> None:
    change_deal(
        actor=coordinator,
        deal=told,
        revision=told.revision,
        changes={"amount": Decimal(150)},
        reason="The frame contract",
    )

    page = signed_in(coordinator).get(reverse("crm:deal", args=[told.pk])).content.decode()

    assert "The frame contract" in page
    last = told.changes.filter(field="amount").order_by("-occurred").first()
    assert last is not None and (last.before, last.after) == ("120", "150")


def test_what_people_choose_is_ours_whatever_the_crm_means_by_the_same_word(
    selling: Selling, coordinator: Person
) -> None:
    ValueMapping.objects.create(source="crm", kind="stage", value="OFFER", target_code="NEW")
    deal = selling.deal(selling.rita)

    deal = change_deal(
        actor=coordinator, deal=deal, revision=deal.revision, changes={"stage": selling.stage("OFFER")}
    )
    assert deal.stage == selling.stage("OFFER")
    told = selling.tell(deal.external_id, timezone.now(), stage="OFFER")
    assert told.stage == selling.stage("NEW")
