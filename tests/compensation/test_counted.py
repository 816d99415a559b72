"""From the pay of a whole period to the credits that count for it."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse

from compensation.models import Credit, StatementPart
from compensation.pipeline.counted import credits_counted
from core.models import Person
from crm.models import Rep, Team, TeamMembership
from tests.compensation.company import JANUARY, TERMS, credit, plan_of, rep_on, run_of

pytestmark = pytest.mark.django_db
SignedIn = Callable[[Person], Client]
FEBRUARY = dt.date(2026, 2, 1)
TEAM = {
    "code": "own",
    "name": "Team bookings",
    "form": "curve",
    "measure": {"of": "bookings", "whose": "team", "where": {"pipeline": ["new"]}},
    "period": "quarter",
    "over": "quarter",
    "against": "quota",
    "points": [[0, 0], ["100%", "100%"]],
}


@pytest.fixture
def team(sales_rep: Person) -> tuple[Rep, Rep, StatementPart]:
    """Rita and Bob in a team whose new business counts by quarter; Rita's statement of February."""
    version = plan_of({**TERMS, "components": [TEAM]})
    rita, bob = rep_on(version, "rita", person=sales_rep, quota=100), rep_on(version, "bob", quota=100)
    team = Team.objects.create(code="north", name="North")
    for rep in (rita, bob):
        TeamMembership.objects.create(team=team, rep=rep, days=DateRange(JANUARY, None))
    run = run_of(FEBRUARY, {rita: []}, version)
    return rita, bob, StatementPart.objects.get(statement__run=run)


def made(rep: Rep, day: dt.date, pipeline: str = "new") -> Credit:
    return credit(rep, 10, day, pipeline=pipeline)


def test_the_credits_of_the_window_up_to_the_month_count_those_of_the_team_too(
    team: tuple[Rep, Rep, StatementPart],
) -> None:
    rita, bob, part = team
    counts = [made(rita, JANUARY), made(bob, FEBRUARY)]
    made(rita, dt.date(2025, 12, 31))
    made(rita, dt.date(2026, 3, 1))
    made(bob, FEBRUARY, pipeline="old")

    assert sorted(credits_counted(part)) == sorted(one.pk for one in counts)


def test_the_list_of_credits_is_narrowed_to_them_and_shows_a_rep_only_the_own(
    signed_in: SignedIn, manager: Person, sales_rep: Person, team: tuple[Rep, Rep, StatementPart]
) -> None:
    rita, bob, part = team
    mine, other = made(rita, JANUARY), made(bob, FEBRUARY)
    later = made(rita, dt.date(2026, 3, 1))
    address = reverse("compensation:credit-list") + f"?part={part.pk}"

    all_of_it = signed_in(manager).get(address).content.decode()
    own = signed_in(sales_rep).get(address).content.decode()

    assert mine.label in all_of_it
    assert other.label in all_of_it
    assert later.label not in all_of_it
    assert mine.label in own
    assert other.label not in own


def test_a_statement_out_of_sight_narrows_to_nothing(
    signed_in: SignedIn, sales_rep: Person, team: tuple[Rep, Rep, StatementPart]
) -> None:
    rita, bob, _ = team
    mine = made(rita, JANUARY)
    version = rita.plan_quotas.get().plan.versions.get()
    theirs = run_of(JANUARY, {bob: []}, version).statements.get().parts.get()

    page = signed_in(sales_rep).get(reverse("compensation:credit-list") + f"?part={theirs.pk}")

    assert mine.label not in page.content.decode()


def test_a_statement_leads_from_what_it_counted_to_the_credits(
    signed_in: SignedIn, manager: Person, team: tuple[Rep, Rep, StatementPart]
) -> None:
    part = team[2]
    page = signed_in(manager).get(reverse("compensation:statement", args=[part.statement_id]))
    assert f"{reverse('compensation:credit-list')}?part={part.pk}" in page.content.decode()
