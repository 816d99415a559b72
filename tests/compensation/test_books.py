"""From the database to the engine: who is on a plan, what counts for them, and by which quota."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from catalog.models import Currency, Family, Market, MonthRate, Product, Unit
from compensation.engine.plan_cells import BadPlan
from compensation.engine.statements import rounded_lines
from compensation.models import PlanAssignment, PlanQuota
from compensation.pipeline.books import Part, PlanBook, calculated, plan_book, read_terms
from compensation.pipeline.plan_credits import ExtraCredit, NoRate
from compensation.selectors.members import members
from crm.models import Team, TeamMembership
from tests.compensation.company import FLAT, JANUARY, TERMS, credit, plan_of, rep_on

pytestmark = pytest.mark.django_db
APRIL = dt.date(2026, 4, 10)


def paid(book: PlanBook) -> dict[tuple[int, int], Decimal]:
    """By rep and month, in money."""
    found: dict[tuple[int, int], Decimal] = {}
    for part in calculated(book):
        units, unit = rounded_lines(part.calculation)
        for place, pay in enumerate(units.tolist()):
            lines = part.calculation.lines
            key = (book.reps[int(lines.person[place])], int(lines.month[place]) + 1)
            found[key] = found.get(key, Decimal(0)) + Decimal(pay) / unit
    return found


def test_a_rep_earns_marginal_tiers_on_the_years_quota() -> None:
    version = plan_of()
    ann = rep_on(version, "ann", quota=100_000)
    credit(ann, 80_000, JANUARY)
    credit(ann, 40_000, APRIL)

    book = plan_book(version, JANUARY)

    assert paid(book) == {(ann.pk, 1): Decimal(4000), (ann.pk, 4): Decimal(1000 + 1600)}


def test_credits_outside_the_days_on_a_plan_do_not_count() -> None:
    version = plan_of(FLAT)
    ann = rep_on(version, "ann", begin=dt.date(2026, 4, 10))
    credit(ann, 1_000, dt.date(2026, 4, 9))
    credit(ann, 2_000, dt.date(2026, 4, 10))

    assert paid(plan_book(version, JANUARY)) == {(ann.pk, 4): Decimal(100)}


def test_what_is_taken_back_after_somebody_left_is_taken_back() -> None:
    version = plan_of(FLAT)
    ann = rep_on(version, "ann")
    ann.positions.update(days=DateRange(JANUARY, dt.date(2026, 3, 1)))
    sold = credit(ann, 1_000, JANUARY)
    credit(ann, -1_000, APRIL, deal=sold.deal, deal_amount=-1000, reverses=sold)

    assert paid(plan_book(version, JANUARY)) == {(ann.pk, 1): Decimal(50), (ann.pk, 4): Decimal(-50)}


def test_a_credit_that_takes_back_one_of_an_earlier_year_is_named_and_not_counted() -> None:
    version = plan_of(FLAT)
    ann = rep_on(version, "ann")
    sold = credit(ann, 1_000, dt.date(2025, 12, 1))
    back = credit(ann, -1_000, APRIL, deal=sold.deal, reverses=sold)

    book = plan_book(version, JANUARY)

    assert book.orphans == (back.pk,)
    assert paid(book) == {}


def test_own_terms_pay_one_person_by_other_tiers() -> None:
    version = plan_of(FLAT)
    ann, bob = rep_on(version, "ann"), rep_on(version, "bob")
    PlanAssignment.objects.create(
        plan=version.plan,
        rep=bob,
        days=DateRange(JANUARY, None),
        changes={"components": {"own": {"rate": "10%"}}},
        reason="Hired with it",
    )
    credit(ann, 1_000)
    credit(bob, 1_000)

    assert paid(plan_book(version, JANUARY)) == {(ann.pk, 1): Decimal(50), (bob.pk, 1): Decimal(100)}


def test_own_terms_from_a_day_on_leave_the_months_before_as_they_were() -> None:
    version = plan_of(FLAT)
    ann = rep_on(version, "ann")
    PlanAssignment.objects.create(
        plan=version.plan,
        rep=ann,
        days=DateRange(dt.date(2026, 4, 1), None),
        changes={"components": {"own": {"rate": "10%"}}},
        reason="Promoted",
    )
    credit(ann, 1_000, JANUARY)
    credit(ann, 1_000, APRIL)

    book = plan_book(version, JANUARY)

    assert paid(book) == {(ann.pk, 1): Decimal(50), (ann.pk, 4): Decimal(100)}
    assert [len(part.calculation.lines) for part in calculated(book)] == [1, 1]


def test_who_is_off_the_plan_is_not_paid() -> None:
    version = plan_of(FLAT)
    ann = rep_on(version, "ann")
    PlanAssignment.objects.create(
        plan=version.plan, rep=ann, days=DateRange(APRIL, None), is_off=True, reason="On leave"
    )
    credit(ann, 1_000, JANUARY)
    credit(ann, 1_000, APRIL)

    assert paid(plan_book(version, JANUARY)) == {(ann.pk, 1): Decimal(50)}
    assert [one.last for one in members(version.plan, JANUARY, APRIL)[ann.pk].spans] == [dt.date(2026, 4, 9)]


def team_terms() -> dict[str, object]:
    own = TERMS["components"][0] | {"weight": "75%"}
    team = {
        "code": "team",
        "name": "Team",
        "form": "curve",
        "measure": {"of": "bookings", "whose": "team"},
        "period": "month",
        "over": "year",
        "against": "quota",
        "weight": "25%",
        "points": [[0, 0], ["100%", "100%"]],
    }
    return {**TERMS, "components": [own, team]}


def test_a_team_is_measured_by_the_sum_of_its_quotas() -> None:
    version = plan_of(team_terms())
    ann, bob = rep_on(version, "ann", quota=100_000), rep_on(version, "bob", quota=50_000)
    team = Team.objects.create(code="north", name="North")
    for rep in (ann, bob):
        TeamMembership.objects.create(team=team, rep=rep, days=DateRange(JANUARY, None))
    credit(bob, 75_000)

    book = plan_book(version, JANUARY)
    place = book.place(ann.pk)

    assert int(book.book.quotas["team"][place].sum()) == 150_000 * 10_000
    assert book.quota_steps("team", place, 0)[0].label == "Sum of the quotas of 2 people"
    assert book.quota_steps("own", place, 0)[0].value == 100_000
    assert paid(book)[ann.pk, 1] > 0


def test_a_book_for_one_rep_pays_the_same_as_that_of_all() -> None:
    version = plan_of(team_terms())
    ann, bob = rep_on(version, "ann", quota=100_000), rep_on(version, "bob", quota=50_000)
    team = Team.objects.create(code="north", name="North")
    for rep in (ann, bob):
        TeamMembership.objects.create(team=team, rep=rep, days=DateRange(JANUARY, None))
        credit(rep, 30_000)

    alone = paid(plan_book(version, JANUARY, reps=[ann.pk]))

    assert alone == {key: pay for key, pay in paid(plan_book(version, JANUARY)).items() if key[0] == ann.pk}


def test_a_supposed_deal_adds_what_it_would_pay() -> None:
    version = plan_of()
    ann = rep_on(version, "ann", quota=100_000)
    credit(ann, 90_000)
    supposed = ExtraCredit(ann.pk, "Big one", APRIL, {"amount": Decimal(20_000)})

    before, after = (paid(plan_book(version, JANUARY, extra=extra)) for extra in ((), (supposed,)))

    assert after[ann.pk, 4] - before.get((ann.pk, 4), Decimal(0)) == Decimal(500 + 800)


def test_only_the_basis_that_a_component_names_counts() -> None:
    invoiced = FLAT["components"][0] | {"code": "inv", "measure": {"of": "invoiced"}, "rate": "1%"}
    version = plan_of({**FLAT, "components": [*FLAT["components"], invoiced]})
    ann = rep_on(version, "ann")
    credit(ann, 1_000)
    credit(ann, 5_000, basis="invoiced")

    assert paid(plan_book(version, JANUARY)) == {(ann.pk, 1): Decimal(50 + 50)}


def test_a_condition_on_a_market_or_family_includes_all_below_it() -> None:
    europe = Market.objects.create(code="EU", name="Europe")
    austria = Market.objects.create(code="AT", name="Austria", parent=europe)
    tools = Family.objects.create(code="tools", name="Tools")
    saws = Family.objects.create(code="saws", name="Saws", parent=tools)
    unit = Unit.objects.create(code="pc", name="Piece")
    saw = Product.objects.create(code="saw", name="Saw", family=saws, unit=unit)
    where = {"market": ["EU"], "family": ["tools"]}
    only = FLAT["components"][0] | {"measure": {"of": "bookings", "where": where}}
    version = plan_of({**FLAT, "components": [only]})
    ann = rep_on(version, "ann")
    credit(ann, 1_000, market=austria, product=saw)
    credit(ann, 7_000, market=austria)

    assert paid(plan_book(version, JANUARY)) == {(ann.pk, 1): Decimal(50)}


def test_a_plan_in_another_currency_counts_at_the_rate_of_the_deals_month_or_of_the_start() -> None:
    version = plan_of({**FLAT, "currency": "USD", "rates": "deal"})
    dollar = Currency.objects.create(code="USD", name="Dollar")
    ann = rep_on(version, "ann")
    credit(ann, 900, APRIL)
    with pytest.raises(NoRate, match="There is no rate of USD"):
        plan_book(version, JANUARY)

    MonthRate.objects.create(currency=dollar, month=JANUARY, rate=Decimal("0.5"))
    MonthRate.objects.create(currency=dollar, month=dt.date(2026, 4, 1), rate=Decimal("0.9"))

    assert paid(plan_book(version, JANUARY)) == {(ann.pk, 4): Decimal(50)}
    start = {**FLAT, "currency": "USD", "rates": "start"}
    assert paid(plan_book(version, JANUARY, terms=start)) == {(ann.pk, 4): Decimal(90)}


def test_a_quota_for_pay_goes_down_by_season_days_and_ramp_and_says_so() -> None:
    quota = {"weights": [40, 20, 20, 20], "prorate": "days", "ramp": ["50%"]}
    version = plan_of({**TERMS, "quota": quota})
    ann = rep_on(version, "ann", quota=120_000, begin=dt.date(2026, 1, 17))

    book = plan_book(version, JANUARY)
    steps = book.quota_steps("own", book.place(ann.pk), 0)

    shown = [(step.label, float(step.value)) for step in steps]
    assert shown[0] == ("Quota of 12 months from Jan 2026", 120_000)
    assert shown[1] == ("Season: the month's share", pytest.approx(0.4 / 3))
    assert shown[2] == ("Days on the plan", pytest.approx(15 / 31))
    assert shown[3] == ("Ramp of the first months", 0.5)
    assert shown[4] == ("Quota of the month", pytest.approx(120_000 * 0.4 / 3 * 15 / 31 / 2, abs=0.02))


def test_a_quota_of_one_component_comes_before_that_of_all() -> None:
    version = plan_of()
    ann = rep_on(version, "ann", quota=120_000)
    PlanQuota.objects.create(plan=version.plan, rep=ann, component="own", first_month=JANUARY, amount=60_000)

    book = plan_book(version, JANUARY)

    assert int(book.book.quotas["own"][book.place(ann.pk)].sum()) == 60_000 * 10_000


def test_an_unknown_measure_column_or_currency_is_refused_in_words() -> None:
    bad = {"of": "happiness", "where": {"weather": ["sun"]}}
    terms = {**FLAT, "currency": "XXX", "components": [FLAT["components"][0] | {"measure": bad}]}

    with pytest.raises(BadPlan) as refused:
        read_terms(terms)

    said = str(refused.value)
    assert "happiness" in said
    assert "weather" in said
    assert "XXX is not among the company's currencies" in said


def test_a_part_holds_only_the_lines_of_its_people() -> None:
    version = plan_of(FLAT)
    ann, bob = rep_on(version, "ann"), rep_on(version, "bob")
    credit(ann, 1_000)
    credit(bob, 1_000)

    parts: list[Part] = calculated(plan_book(version, JANUARY, reps=[ann.pk]))

    assert [len(part.calculation.lines) for part in parts] == [1]
