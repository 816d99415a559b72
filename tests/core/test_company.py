"""Company settings: today's value, yesterday's value, and who may change them."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from core import company
from core.company_settings import SETTINGS
from core.errors import Conflict, Denied, Invalid, Reason, Refused
from core.models import CompanySetting, Event, Person
from core.services import change_setting

TODAY = timezone.localdate()
NEXT_YEAR = TODAY.replace(month=1, day=1, year=TODAY.year + 1)


def test_a_setting_nobody_changed_has_its_default(db: None) -> None:
    assert company.value("horizon") == 18
    assert company.value("outlier_z") == Decimal("3.5")


def test_an_unknown_key_is_a_mistake_of_the_program(db: None) -> None:
    with pytest.raises(KeyError):
        company.value("horizn")


def test_a_changed_value_holds_at_once_and_is_logged(advisor: Person) -> None:
    change_setting(actor=advisor, key="horizon", value="24", reason="New product lines")

    assert company.value("horizon") == 24
    event = Event.objects.get(verb="company setting changed")
    assert (event.actor, event.after["value"], event.reason) == (advisor, 24, "New product lines")


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("horizon", 17, "between 18 and 36"),
        ("horizon", "many", "not a whole number"),
        ("base_currency", "EURO", "three letters"),
        ("time_zone", "Mars/Olympus", "not a time zone"),
        ("company_name", " ", "may not be empty"),
        ("override_percent", "-1", "between 0 and 1000"),
        ("override_percent", "NaN", "not a number"),
        ("exception_money", "-5", "0 or more"),
        ("working_weekdays", [], "may not be empty"),
        ("working_weekdays", [7], "0 (Monday) to 6 (Sunday)"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_a_sentence(
    advisor: Person, key: str, value: object, sentence: str
) -> None:
    day = TODAY if SETTINGS[key].dated else None

    with pytest.raises(Invalid) as refused:
        change_setting(actor=advisor, key=key, value=value, from_day=day)

    assert sentence in str(refused.value)
    assert not CompanySetting.objects.exists()


def test_a_dated_change_leaves_the_past_as_it_was(advisor: Person) -> None:
    first = change_setting(actor=advisor, key="fiscal_year_start", value=4, from_day=dt.date(2020, 4, 1))
    change_setting(
        actor=advisor, key="fiscal_year_start", value=7, from_day=NEXT_YEAR, revision=first.revision
    )

    assert company.value("fiscal_year_start", on=dt.date(2019, 12, 31)) == 1
    assert company.value("fiscal_year_start") == 4
    assert company.value("fiscal_year_start", on=NEXT_YEAR) == 7


def test_a_change_between_two_others_ends_where_the_next_begins(advisor: Person) -> None:
    later = NEXT_YEAR.replace(year=NEXT_YEAR.year + 1)
    change_setting(actor=advisor, key="fiscal_year_start", value=4, from_day=dt.date(2020, 1, 1))
    change_setting(actor=advisor, key="fiscal_year_start", value=10, from_day=later, revision=1)
    change_setting(actor=advisor, key="fiscal_year_start", value=7, from_day=NEXT_YEAR, revision=2)

    rows = CompanySetting.objects.order_by("valid").values_list("value", flat=True)
    assert list(rows) == [4, 7, 10]
    assert company.value("fiscal_year_start", on=later) == 10


def test_the_past_of_a_setting_is_not_rewritten(advisor: Person) -> None:
    change_setting(actor=advisor, key="fiscal_year_start", value=4, from_day=dt.date(2020, 1, 1))

    with pytest.raises(Invalid, match="past is not rewritten"):
        change_setting(
            actor=advisor, key="fiscal_year_start", value=7, from_day=dt.date(2021, 1, 1), revision=1
        )


def test_a_dated_setting_needs_a_day(advisor: Person) -> None:
    with pytest.raises(Invalid, match="from which day"):
        change_setting(actor=advisor, key="working_weekdays", value=[0, 1, 2, 3])


def test_two_people_changing_one_setting_do_not_overwrite_each_other(advisor: Person, vp: Person) -> None:
    change_setting(actor=advisor, key="horizon", value=24)

    with pytest.raises(Conflict) as refused:
        change_setting(actor=vp, key="horizon", value=30, revision=0)

    assert (refused.value.yours, refused.value.theirs) == ({"value": 30}, {"value": 24})
    assert company.value("horizon") == 24


def test_a_coordinator_may_not_change_company_settings(coordinator: Person) -> None:
    with pytest.raises(Denied):
        change_setting(actor=coordinator, key="horizon", value=24)


def test_a_room_can_lock_a_setting(advisor: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = {"base_currency": lambda value: Reason(f"There are facts in EUR, so not {value}.")}
    monkeypatch.setattr(company, "locks", lock)

    with pytest.raises(Refused, match="There are facts in EUR, so not USD"):
        change_setting(actor=advisor, key="base_currency", value="usd")
    change_setting(actor=advisor, key="base_currency", value="eur")

    assert company.value("base_currency") == "EUR"


@pytest.mark.parametrize(("month", "year"), [(3, 2026), (4, 2027), (12, 2027)])
def test_a_fiscal_year_is_named_by_the_year_it_ends_in(advisor: Person, month: int, year: int) -> None:
    change_setting(actor=advisor, key="fiscal_year_start", value=4, from_day=dt.date(2020, 1, 1))

    assert company.fiscal_year_of(dt.date(2026, month, 1)) == year


def test_the_name_of_the_company_is_on_every_page(
    advisor: Person, signed_in: Callable[[Person], Client]
) -> None:
    change_setting(actor=advisor, key="company_name", value="Tarnfell Outdoor")

    assert b"Tarnfell Outdoor" in signed_in(advisor).get("/settings/people/").content


def test_the_page_changes_a_setting_and_shows_its_history(
    advisor: Person, signed_in: Callable[[Person], Client]
) -> None:
    client = signed_in(advisor)
    sent = {"value": "24", "revision": 0, "reason": "Longer lead times"}

    answer = client.post("/settings/company/horizon/", sent, follow=True)

    assert answer.redirect_chain == [("/settings/company/", 302)]
    assert b"24 months" in answer.content
    history = client.get("/settings/company/horizon/").content.decode()
    assert "Longer lead times" in history
    assert "24 months" in history


def test_the_page_keeps_what_was_typed_when_it_is_wrong(
    advisor: Person, signed_in: Callable[[Person], Client]
) -> None:
    answer = signed_in(advisor).post("/settings/company/horizon/", {"value": "99", "revision": 0})

    assert answer.status_code == 400
    assert "must be between 18 and 36" in answer.content.decode()
    assert 'value="99"' in answer.content.decode()


def test_the_page_shows_both_values_after_a_conflict(
    advisor: Person, vp: Person, signed_in: Callable[[Person], Client]
) -> None:
    change_setting(actor=vp, key="horizon", value=30)
    client = signed_in(advisor)

    answer = client.post("/settings/company/horizon/", {"value": "24", "revision": 0})
    text = answer.content.decode()
    kept = client.post("/settings/company/horizon/", {"value": "24", "revision": 1, "keep": "yours"})

    assert answer.status_code == 409
    assert "Vera VP" in text
    assert "24 months" in text
    assert "30 months" in text
    assert kept.status_code == 302
    assert company.value("horizon") == 24


@pytest.mark.parametrize("key", sorted(SETTINGS))
def test_every_setting_has_a_page(advisor: Person, signed_in: Callable[[Person], Client], key: str) -> None:
    answer = signed_in(advisor).get(f"/settings/company/{key}/")

    assert answer.status_code == 200
    assert SETTINGS[key].label in answer.content.decode()
