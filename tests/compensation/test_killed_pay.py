"""Credits, payroll and contract costs hit in the middle: nothing half, and the same after."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from compensation.models import ContractMonth, ContractTotal, Credit, CreditRun, PayRun
from compensation.pipeline.contract_months import keep_contract_months
from compensation.pipeline.crediting import make_credits
from compensation.selectors.credits_current import credits_are_current
from compensation.services.credits import start_making_credits
from core.models import Event, JobState, Notification, Person
from crm.models import Deal
from tests.compensation.company import FLAT, credit, deal, line, plan_of, rep_on, run_of
from tests.compensation.paying import (
    FEBRUARY,
    JANUARY,
    _today,  # noqa: F401 - a fixture
    calculated,
    closed,
    moved,
)
from tests.compensation.test_adjustments import approved
from tests.killing import Program, given_up_for_lost, hit
from tests.worker import Killed, Worker, cut_the_database, kill

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
Started = Callable[..., Program]
FAULTS = pytest.mark.parametrize("fault", [kill, cut_the_database])
TAKING = """
from django.test import RequestFactory
from compensation.services import payroll
from compensation.views.run_actions import run_payroll
from core.models import Person

then_wait(payroll, "record")
person, run = (int(key) for key in sys.argv[1:])
request = RequestFactory().get("/")
request.user = Person.objects.get(pk=person)
run_payroll(request, run, "csv")
"""
LOCKING = """
from compensation.models import PayRun
from compensation.services import runs
from core.models import Person

then_wait(runs, "keep_contract_months")
person, run = (int(key) for key in sys.argv[1:])
runs.move_run(actor=Person.objects.get(pk=person), run=PayRun.objects.get(pk=run), name="lock")
"""
CATCHING_UP = """
from compensation.pipeline import contract_months

then_wait(contract_months, "_write")
contract_months.keep_contract_months()
"""


def credits() -> dict[int | None, Decimal]:
    """What each deal counts."""
    return dict(Credit.objects.filter(is_gone=False).values_list("deal", "amount"))


@pytest.mark.worker
@pytest.mark.xdist_group("worker")
def test_credits_killed_while_they_are_written_stay_as_they_were_and_are_made_once_after(
    worker_process: Worker, analyst: Person
) -> None:
    ann = rep_on(None)
    kept, raised, lost = (deal(ann, amount, JANUARY) for amount in (1_000, 2_000, 3_000))
    make_credits()
    before = credits()
    Deal.objects.filter(pk=raised.pk).update(amount=2_500, base_amount=2_500)
    Deal.objects.filter(pk=lost.pk).update(is_deleted=True)
    new = deal(ann, 4_000, FEBRUARY)
    job = start_making_credits(actor=analyst)

    # What came and what changed is written, and the worker waits for what goes.
    hit(worker_process, job, lambda: Credit.objects.select_for_update(of=("self",)).get(deal=lost))

    assert credits() == before == {kept.pk: 1_000, raised.pk: 2_000, lost.pk: 3_000}
    assert CreditRun.objects.count() == 1
    given_up_for_lost()
    worker_process.start()
    ended = worker_process.wait_until_over(job)
    assert (ended.state, ended.attempts) == (JobState.DONE, 2)
    assert ended.result == {"came": 1, "changed": 1, "gone": 1, "without_rep": 0}
    assert credits() == {kept.pk: 1_000, raised.pk: 2_500, new.pk: 4_000}
    assert credits_are_current()


@FAULTS
def test_payroll_that_is_hit_before_it_is_handed_out_is_no_event_and_is_taken_again(
    program: Started, fault: Callable[[Killed], None], manager: Person, signed_in: Callable[[Person], Client]
) -> None:
    deal(rep_on(plan_of(FLAT)), 10_000, JANUARY)
    run = closed(JANUARY)
    taken = Event.objects.filter(verb="pay: taken out for payroll")

    fault(program(TAKING, manager.pk, run.pk))

    assert not taken.exists()
    csv = signed_in(manager).get(f"/pay/runs/{run.pk}/payroll/csv/").getvalue().decode()
    assert [row.split(",")[0] for row in csv.splitlines()] == ["Person", "ann"]
    assert taken.get().after == {"form": "csv", "rows": 1}


def kept_of(run: PayRun) -> list[Any]:
    """What a month did to contract costs, and what else its lock did."""
    rows = [table.objects.filter(run=run).values() for table in (ContractMonth, ContractTotal)]
    costs = [{name: row[name] for name in row if name != "id"} for table in rows for row in table]
    told = Notification.objects.order_by("title").values_list("person", "title")
    events = Event.objects.order_by("id").values_list("verb", "subject_id")
    adjustments = run.adjustments.values_list("label", "state")
    return [PayRun.objects.get(pk=run.pk).state, costs, *map(list, (told, events, adjustments))]


@FAULTS
def test_a_lock_that_is_hit_while_it_keeps_contract_costs_leaves_the_month_open_and_locks_it_once_after(
    program: Started, fault: Callable[[Killed], None], manager: Person, sales_rep: Person
) -> None:
    ann = rep_on(plan_of(FLAT), person=sales_rep)
    deal(ann, 10_000, JANUARY)
    approved(ann)
    run = moved(calculated(JANUARY), "take", "review", "approve")
    before = kept_of(run)
    with transaction.atomic():
        moved(run, "lock", actor=manager)
        undisturbed = kept_of(run)
        transaction.set_rollback(True)

    fault(program(LOCKING, manager.pk, run.pk))

    assert kept_of(run) == before
    moved(run, "lock", actor=manager)
    assert kept_of(run) == undisturbed != before
    assert keep_contract_months() == 0


def test_a_night_that_is_killed_between_two_months_of_contract_costs_keeps_neither(program: Started) -> None:
    version = plan_of(FLAT)
    ann = rep_on(version)
    first, later = credit(ann, 24_000), credit(ann, 12_000, FEBRUARY)
    both = [
        run_of(month, {ann: [line(one)]}, version, "locked")
        for month, one in ((JANUARY, first), (FEBRUARY, later))
    ]

    program(CATCHING_UP).kill()

    assert not ContractMonth.objects.exists() and not ContractTotal.objects.exists()
    assert keep_contract_months() == 2
    assert list(ContractTotal.objects.values_list("run", "added").order_by("run")) == [
        (both[0].pk, 1_200),
        (both[1].pk, 600),
    ]
