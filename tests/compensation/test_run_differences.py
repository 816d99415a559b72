"""What differs between two runs, line by line."""

import pytest

from compensation.models import PayRun, PlanVersion
from compensation.selectors.run_differences import by_line
from core.models import Person
from crm.models import Rep
from tests.compensation.company import FLAT, JANUARY, credit, deal, line, plan_of, rep_on, run_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> Rep:
    return rep_on(plan_of(FLAT), "ann")


@pytest.fixture
def runs(ann: Rep) -> tuple[PayRun, PayRun]:
    """Of a deal with two lines one pays more now; another deal pays the same; one is new; a prize is less."""
    version = PlanVersion.objects.get()
    of = deal(ann, 1000, JANUARY, name="Two lines")
    one, other = (credit(ann, 1000, deal=of) for _ in range(2))
    same, new = credit(ann, 500), credit(ann, 700, deal=deal(ann, 700, JANUARY, name="New"))
    earlier = [line(one), line(other), line(same), line(None, 1, 1, kind="prize", pay=90)]
    later = [line(one), line(other, pay=80), line(same), line(new, is_delta=True)]
    later.append(line(None, 1, 1, kind="prize", pay=70))
    first = run_of(JANUARY, {ann: earlier}, version, "preview")
    return first, run_of(JANUARY, {ann: later}, version, "preview")


def test_lines_of_a_deal_are_told_together_with_what_they_pay_in_all(
    runs: tuple[PayRun, PayRun], ann: Rep, analyst: Person
) -> None:
    found = by_line(analyst, *runs)
    assert [(row.label, row.kind, row.before, row.after, row.is_late) for row in found] == [
        ("New", "earned", 0, 35, True),
        ("Two lines", "earned", 100, 130, False),
        ("", "prize", 90, 70, False),
    ]
    assert {(row.name, row.rep, row.component, row.currency) for row in found} == {
        ("Ann", ann.pk, "Own bookings", "EUR")
    }


def test_the_biggest_come_first_and_as_many_as_are_asked_for(
    runs: tuple[PayRun, PayRun], analyst: Person
) -> None:
    assert [row.change for row in by_line(analyst, *runs, most=2)] == [35, 30]


def test_a_run_does_not_differ_from_itself_and_nobody_else_is_told(
    runs: tuple[PayRun, PayRun], analyst: Person, sales_rep: Person
) -> None:
    assert by_line(analyst, runs[1], runs[1]) == []
    assert by_line(sales_rep, *runs) == []
