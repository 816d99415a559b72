"""Prices, costs and bills hold from a day on: ranges close, overlaps are refused, the past asks why."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.models import Price
from catalog.services import Term, change_dated, set_from_day
from core.errors import Conflict, Denied, Invalid
from core.models import Event, Person
from tests.catalog.conftest import Shop

TODAY = timezone.localdate()
TOMORROW = TODAY + dt.timedelta(days=1)
LONG_AGO = dt.date(2020, 1, 1)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests may be read before midnight and run after it."""
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)


def price(actor: Person, shop: Shop, amount: str, first: dt.date, **more: object) -> Price:
    reason = str(more.pop("reason", ""))
    term = Term(first, more.pop("last", None))
    values = {"product": shop.crisps, "market": shop.france, "currency": shop.euro, "amount": amount}
    return set_from_day(actor=actor, model=Price, values=values | more, term=term, reason=reason)


def test_the_open_price_ends_the_day_before_the_new_one_begins(shop: Shop, analyst: Person) -> None:
    old = price(analyst, shop, "2", TOMORROW)
    price(analyst, shop, "3", TOMORROW + dt.timedelta(days=30))

    old.refresh_from_db()
    assert Term.of(old.valid).last == TOMORROW + dt.timedelta(days=29)
    assert [event.verb for event in Event.objects.order_by("id")] == [
        "price added",
        "price ended",
        "price added",
    ]


def test_a_price_of_another_market_does_not_end(shop: Shop, analyst: Person) -> None:
    old = price(analyst, shop, "2", TOMORROW, market=shop.asia)
    price(analyst, shop, "3", TOMORROW + dt.timedelta(days=30))

    old.refresh_from_db()
    assert old.valid.upper is None


def test_an_overlap_is_refused_with_a_sentence_and_changes_nothing(shop: Shop, analyst: Person) -> None:
    later = TOMORROW + dt.timedelta(days=30)
    price(analyst, shop, "2", later)

    with pytest.raises(Invalid, match="another price holds already"):
        price(analyst, shop, "3", TOMORROW)

    assert Price.objects.get().amount == 2


def test_raw_sql_cannot_make_two_prices_hold_on_a_day(shop: Shop) -> None:
    Price.objects.create(product=shop.crisps, currency=shop.euro, amount=1, valid="[2026-01-01,)")

    with pytest.raises(IntegrityError, match="price_once_a_day"), transaction.atomic():
        Price.objects.bulk_create(
            [Price(product=shop.crisps, currency=shop.euro, amount=2, valid="[2026-06-01,)")]
        )


def test_a_second_price_on_the_same_first_day_is_refused(shop: Shop, analyst: Person) -> None:
    price(analyst, shop, "2", TOMORROW)

    with pytest.raises(Invalid, match="is there already"):
        price(analyst, shop, "3", TOMORROW)


def test_the_past_changes_only_with_a_reason(shop: Shop, analyst: Person) -> None:
    with pytest.raises(Invalid, match="Say why") as refusal:
        price(analyst, shop, "2", LONG_AGO)

    assert refusal.value.reasons[0].field == "reason"
    price(analyst, shop, "2", LONG_AGO, reason="The list was late")
    assert Event.objects.get(verb="price added").reason == "The list was late"


def test_ending_a_price_in_the_future_needs_no_reason(shop: Shop, analyst: Person) -> None:
    row = price(analyst, shop, "2", LONG_AGO, reason="first load")

    term = Term(LONG_AGO, TOMORROW)
    saved = change_dated(actor=analyst, row=row, revision=1, changes={}, term=term)

    assert Term.of(saved.valid) == term


def test_correcting_the_amount_of_a_price_in_force_needs_a_reason(shop: Shop, analyst: Person) -> None:
    row = price(analyst, shop, "2", LONG_AGO, reason="first load")

    with pytest.raises(Invalid, match="Say why"):
        change_dated(actor=analyst, row=row, revision=1, changes={"amount": 3})


def test_a_price_does_not_move_to_another_market(shop: Shop, analyst: Person) -> None:
    row = price(analyst, shop, "2", TOMORROW)

    with pytest.raises(Invalid, match="cannot move"):
        change_dated(actor=analyst, row=row, revision=1, changes={"market": shop.asia})


def test_the_last_day_cannot_lie_before_the_first(shop: Shop, analyst: Person) -> None:
    with pytest.raises(Invalid, match="before the first"):
        price(analyst, shop, "2", TOMORROW, last=LONG_AGO)


def test_a_negative_price_is_refused_by_name(shop: Shop, analyst: Person) -> None:
    with pytest.raises(Invalid, match="0 or more"):
        price(analyst, shop, "-1", TOMORROW)


def test_a_stale_correction_shows_both_amounts(shop: Shop, analyst: Person, colleague: Person) -> None:
    row = price(analyst, shop, "2", TOMORROW)
    change_dated(actor=colleague, row=row, revision=1, changes={"amount": 3})

    with pytest.raises(Conflict) as conflict:
        change_dated(actor=analyst, row=row, revision=1, changes={"amount": 4})

    assert (conflict.value.yours, conflict.value.theirs) == ({"amount": 4}, {"amount": "3"})
    assert conflict.value.who == "Carl Colleague"


def test_an_executive_may_not_set_prices(shop: Shop, executive: Person) -> None:
    with pytest.raises(Denied, match="may not change products"):
        price(executive, shop, "2", TOMORROW)
