"""Working hours, likeness and routing by themselves: no database, no clock."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.engine.workdays import WorkRule
from crm.engine.lead_fields import fields_of, state_of
from crm.engine.lead_matching import Alike, Identity, alike, company_key, domain_of, keys_of, phone_key
from crm.engine.routing import Asked, Rule, Seat, after_giving, next_seat, place, turn_at
from crm.engine.working_hours import NeverOpen, WorkingHours, due_after, hours_between

WEEK = WorkRule(frozenset(range(1, 6)))
NINE_TO_FIVE = WorkingHours(WEEK)
BERLIN = WorkingHours(WorkRule(frozenset(range(1, 8))), zone=ZoneInfo("Europe/Berlin"))
FRIDAY = dt.datetime(2026, 3, 13, 16, tzinfo=dt.UTC)


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, minute, tzinfo=dt.UTC)


# --- working hours --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        (at(11, 10), 4, at(11, 14)),  # within the day
        (at(11, 15), 4, at(12, 11)),  # over night
        (FRIDAY, 4, at(16, 12)),  # over the weekend
        (at(11, 6), 4, at(11, 13)),  # before work begins
        (at(14, 12), 8, at(16, 17)),  # a Saturday: the whole Monday
        (at(11, 9), 8, at(11, 17)),  # exactly a day ends that evening
    ],
)
def test_an_answer_is_due_after_so_many_working_hours(
    start: dt.datetime, hours: int, due: dt.datetime
) -> None:
    assert due_after(NINE_TO_FIVE, start, hours) == due


def test_holidays_and_company_days_off_do_not_count() -> None:
    rule = WorkRule(frozenset(range(1, 6)), country="DE", exceptions={dt.date(2026, 4, 7): False})
    thursday_before_easter = dt.datetime(2026, 4, 2, 16, tzinfo=dt.UTC)

    assert due_after(WorkingHours(rule), thursday_before_easter, 2).date() == dt.date(2026, 4, 8)


def test_working_hours_are_those_of_the_clock_on_the_wall_when_summer_time_begins() -> None:
    saturday, monday = dt.datetime(2026, 3, 28, 20, tzinfo=dt.UTC), dt.datetime(2026, 3, 30, 7, tzinfo=dt.UTC)

    assert due_after(BERLIN, saturday, 1) == dt.datetime(2026, 3, 29, 8, tzinfo=dt.UTC)  # ten in Berlin
    assert hours_between(BERLIN, saturday, monday) == 8


def test_a_calendar_without_workdays_says_so() -> None:
    with pytest.raises(NeverOpen, match="no working hours"):
        due_after(WorkingHours(WorkRule(frozenset())), FRIDAY, 1)


@given(
    st.integers(0, 60 * 24 * 365 * 5).map(lambda minutes: FRIDAY + dt.timedelta(minutes=minutes)),
    st.floats(0.1, 200),
)
def test_the_hours_up_to_the_due_moment_are_the_hours_that_were_given(
    start: dt.datetime, wanted: float
) -> None:
    due = due_after(NINE_TO_FIVE, start, wanted)

    assert hours_between(NINE_TO_FIVE, start, due) == pytest.approx(wanted, abs=1e-6)
    assert NINE_TO_FIVE.span_of(due.date()) is not None


def test_nothing_has_passed_when_the_end_is_not_later() -> None:
    assert hours_between(NINE_TO_FIVE, at(11, 12), at(11, 12)) == 0
    assert hours_between(NINE_TO_FIVE, at(11, 12), at(10, 12)) == 0


# --- likeness -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller & Söhne GmbH", "MULLER, SOHNE"),
        ("Acme Inc.", "ACME"),
        ("Banco S.A.", "banco sa"),
        ("Groß Handel GmbH & Co. KG", "Gross Handel"),
    ],
)
def test_a_company_is_the_same_however_it_is_written(one: str, other: str) -> None:
    assert company_key(one) == company_key(other)


def test_a_company_that_is_called_like_a_legal_form_keeps_its_name() -> None:
    assert company_key("SAS") == "sas"
    assert company_key("SE AG") == "se ag"


@pytest.mark.parametrize(
    "written", ["+49 30 1234567", "030/1234567", "0049 (0)30 123 45 67", "030 1234567 ext. 12"]
)
def test_a_phone_number_is_the_same_however_it_is_written(written: str) -> None:
    assert phone_key(written) == phone_key("+49 30 1234567")


def test_too_few_digits_and_free_mail_prove_nothing() -> None:
    assert phone_key("110") == ""
    assert domain_of("somebody@gmail.com") == ""
    assert domain_of("Somebody@Buyer.Example") == "buyer.example"


@pytest.mark.parametrize(
    ("other", "shares"),
    [
        (Identity("A@B.example", "", "", ""), Alike.EMAIL),
        (Identity("", "0301234567", "", ""), Alike.PHONE),
        (Identity("", "", "acme", "Ann Buyer"), Alike.COMPANY_AND_NAME),
        (Identity("", "", "ACME ltd", "Bob Other"), Alike.COMPANY),
        (Identity("x@y.example", "", "Else", "Ann Buyer"), None),
    ],
)
def test_leads_share_the_surest_thing(other: Identity, shares: Alike | None) -> None:
    ours = keys_of(Identity("a@b.example", "+49 30 1234567", "Acme GmbH", "Ann Buyer"))

    assert alike(ours, keys_of(other)) == shares


def test_a_lead_without_anything_is_like_nobody() -> None:
    assert keys_of(Identity()) == []


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=300), st.text(max_size=300))
def test_any_text_gives_keys_that_fit_their_column(email: str, phone: str, company: str, name: str) -> None:
    assert all(2 < len(key) <= 340 for key in keys_of(Identity(email, phone, company, name)))


# --- routing --------------------------------------------------------------------------------------

ALPS = Rule(1, "Alps", 4, (Seat(11, 2), Seat(12, 2)), markets=frozenset({5, 6}))
BIG = Rule(2, "Big", 2, (Seat(13, 5),), least_employees=500)
LAST = Rule(9, "Rest", 8, (Seat(19, 1),), is_fallback=True)
RULES = [ALPS, BIG, LAST]


def test_the_owner_of_the_account_comes_first() -> None:
    found = place(Asked(market=5, owner=77), RULES)

    assert found is not None
    assert (found.rep, found.rule, found.hours) == (77, None, 4)


def test_an_owner_who_is_away_or_let_it_wait_is_passed_over() -> None:
    for asked in (
        Asked(market=5, owner=77, owner_is_away=True),
        Asked(market=5, owner=77, passed_over=frozenset({77})),
    ):
        found = place(asked, RULES)
        assert found is not None and found.rep == 11


@pytest.mark.parametrize(
    ("asked", "rule"),
    [
        (Asked(market=6), 1),
        (Asked(market=7, employees=500), 2),
        (Asked(market=7, employees=499), 9),
        (Asked(market=5, employees=9000), 1),  # the first that fits, in order
        (Asked(), 9),
    ],
)
def test_the_first_rule_that_fits_gets_it(asked: Asked, rule: int) -> None:
    found = place(asked, RULES)

    assert found is not None and found.rule == rule


def test_rules_ask_for_source_and_country_too() -> None:
    rule = Rule(1, "Fair", 4, (Seat(11, 9),), source=3, country="austria")

    assert place(Asked(source=3, country=" Austria "), [rule]) is not None
    assert place(Asked(source=4, country="Austria"), [rule]) is None
    assert place(Asked(source=3, country=""), [rule]) is None


def test_reps_take_turns_and_who_is_full_or_away_is_left_out() -> None:
    early, late = FRIDAY, FRIDAY + dt.timedelta(hours=1)

    assert next_seat([Seat(1, 9, 0, late), Seat(2, 9, 0, early), Seat(3, 9, 0, None)]) == Seat(3, 9, 0, None)
    assert next_seat([Seat(1, 2, 2), Seat(2, 9, 0, None, is_away=True)]) is None
    assert next_seat([Seat(1, 9, 0, late), Seat(2, 9, 0, early)], frozenset({2})) == Seat(1, 9, 0, late)


@given(st.lists(st.integers(1, 8), min_size=1, max_size=5), st.integers(1, 60))
def test_a_batch_is_shared_evenly_until_seats_are_full_and_then_falls_back(
    capacities: list[int], leads: int
) -> None:
    seats = tuple(Seat(rep, capacity) for rep, capacity in enumerate(capacities))
    rules = [Rule(1, "All", 4, seats), Rule(2, "Rest", 8, (Seat(99, 1),), is_fallback=True)]
    given_to: list[int] = []
    for _ in range(leads):
        found = place(Asked(), rules)
        assert found is not None  # somebody always gets it
        given_to.append(found.rep)
        rules = after_giving(rules, found, turn_at(rules, found, FRIDAY))  # all at the same moment

    counts = [given_to.count(rep) for rep in range(len(capacities))]
    assert all(count <= capacity for count, capacity in zip(counts, capacities, strict=True))
    assert given_to.count(99) == max(0, leads - sum(capacities))
    not_full = [count for count, capacity in zip(counts, capacities, strict=True) if count < capacity]
    assert not not_full or max(counts) - min(not_full) <= 1


def test_the_fallback_takes_a_lead_even_when_everybody_is_full_away_or_has_let_it_wait() -> None:
    away = Rule(9, "Rest", 8, (Seat(1, 0, 5, is_away=True), Seat(2, 1, 5)), is_fallback=True)

    found = place(Asked(passed_over=frozenset({1, 2})), [away])

    assert found is not None
    assert (found.rep, found.is_fallback) == (2, True)


def test_without_a_fallback_seat_nobody_gets_it() -> None:
    assert place(Asked(), [ALPS, Rule(9, "Rest", 8, (), is_fallback=True)]) is None


# --- what CRMs send -------------------------------------------------------------------------------


def test_fields_of_crms_become_ours() -> None:
    sent = {"Company": "Acme", "LeadSource": "Web", "First_Name": "Ann", "Last_Name": "Buyer", "Fax": "1"}

    assert fields_of(sent) == {"company": "Acme", "source": "Web", "name": "Ann Buyer"}


@pytest.mark.parametrize(
    ("word", "state"),
    [("Open - Not Contacted", "new"), ("CONTACTED", "working"), ("Junk Lead", "disqualified"), ("Odd", None)],
)
def test_states_of_crms_become_ours(word: str, state: str | None) -> None:
    assert state_of(word) == state
