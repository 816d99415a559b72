"""What people do to the same pay at the same moment: one of them waits, and nothing is lost or paid twice."""

import datetime as dt
import threading
import time
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection

from compensation.models import PayRun, PlanQuota, Study
from compensation.pipeline import running
from compensation.services import adjustments, runs
from compensation.services.plan_quotas import set_plan_quota
from compensation.services.runs import start_run
from compensation.services.studies import start_study
from core.errors import Refused
from core.models import Event, Job, Person
from tests.compensation.company import FLAT, TERMS, deal, plan_of, rep_on
from tests.compensation.paying import (
    JANUARY,
    _today,  # noqa: F401 - a fixture
    calculated,
    done,
    moved,
)
from tests.compensation.test_adjustments import proposed

pytestmark = pytest.mark.django_db(transaction=True)


class Doing:
    """Something done in a thread with a connection of its own; `came`: how it ended."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.came = ""
        self._work = work
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._work()
            self.came = "done"
        except Refused as refusal:
            self.came = refusal.reasons[0].code
        finally:
            connection.close()

    def ended(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()


def waits_for_the_other(one: Doing) -> None:
    """Until it waits for a lock that somebody has."""
    sql = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory')"
    until = time.monotonic() + 60
    waits = False
    while not waits and time.monotonic() < until:
        assert not one.ended(0.02), one.came
        with connection.cursor() as cursor:
            cursor.execute(sql)
            waits = cursor.fetchone()[0]
    assert waits, "It neither waits nor ends."


def in_the_middle(
    patch: pytest.MonkeyPatch, where: object, name: str, first: Callable[[], object]
) -> tuple[Doing, Callable[[], None]]:
    """The first, stopped before it calls `name`, and what lets it go on."""
    inside, go = threading.Event(), threading.Event()
    real = getattr(where, name)

    def stopped(*args: object, **given: object) -> object:
        inside.set()
        go.wait(60)
        return real(*args, **given)

    patch.setattr(where, name, stopped)
    doing = Doing(first)
    assert inside.wait(60), doing.came
    patch.setattr(where, name, real)
    return doing, go.set


def test_an_adjustment_proposed_while_its_month_is_locked_is_refused_once_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ann = rep_on(plan_of(FLAT))
    deal(ann, 10_000, JANUARY)
    run = moved(calculated(JANUARY), "take", "review", "approve")
    lock, go = in_the_middle(monkeypatch, runs, "_settle", lambda: moved(run, "lock"))

    late = Doing(lambda: proposed(None, ann))

    waits_for_the_other(late)
    go()
    assert lock.ended(60) and late.ended(60)
    assert (lock.came, late.came) == ("done", "month_closed")


def test_a_month_whose_adjustment_is_being_approved_is_not_locked_without_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ann = rep_on(plan_of(FLAT))
    run = moved(calculated(JANUARY), "take", "review", "approve")
    row = proposed(None, ann)
    approve, go = in_the_middle(
        monkeypatch,
        adjustments,
        "notify",
        lambda: adjustments.move_adjustment(actor=None, adjustment=row, name="approve"),
    )

    lock = Doing(lambda: moved(run, "lock"))

    waits_for_the_other(lock)
    go()
    assert approve.ended(60) and lock.ended(60)
    assert (approve.came, lock.came) == ("done", "not_current")


def test_a_calculation_that_ends_while_its_month_is_locked_is_refused_once_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rep_on(plan_of(FLAT))
    run = moved(calculated(JANUARY), "take", "review", "approve")
    job = start_run(actor=None, month=JANUARY)
    lock, go = in_the_middle(monkeypatch, runs, "_settle", lambda: moved(run, "lock"))

    late = Doing(lambda: done(job))

    waits_for_the_other(late)
    go()
    assert lock.ended(60) and late.ended(60)
    job.refresh_from_db()
    assert (lock.came, job.state) == ("done", "failed")
    assert "January 2026 is locked" in job.error
    assert PayRun.objects.get().state == "locked"


def test_a_month_is_locked_once_what_is_being_stored_of_it_is_and_throws_that_away(
    monkeypatch: pytest.MonkeyPatch, manager: Person
) -> None:
    rep_on(plan_of(FLAT))
    run = moved(calculated(JANUARY), "take", "review", "approve")
    job = start_run(actor=None, month=JANUARY)
    late, go = in_the_middle(monkeypatch, running, "store_rows", lambda: done(job))

    lock = Doing(lambda: moved(run, "lock", actor=manager))

    waits_for_the_other(lock)
    go()
    assert late.ended(60) and lock.ended(60)
    assert (late.came, lock.came) == ("done", "done")
    assert set(PayRun.objects.values_list("version", "state")) == {(1, "locked"), (2, "discarded")}
    away = Event.objects.get(verb="pay: throw away")
    assert (away.subject_label, away.reason) == ("January 2026, run 2", "January 2026, run 1 is locked.")


def test_of_two_calculations_taken_at_once_one_is_the_months() -> None:
    rep_on(plan_of(FLAT))
    both = [calculated(JANUARY), calculated(JANUARY)]

    takes = [Doing(lambda run=run: moved(run, "take")) for run in both]

    assert all(one.ended(60) for one in takes)
    assert sorted(one.came for one in takes) == ["done", "other_run"]
    assert PayRun.objects.filter(state="calculated").count() == 1


def test_of_two_quotas_of_the_same_months_set_at_once_one_counts() -> None:
    version = plan_of(TERMS)
    ann = rep_on(version)

    def quota_of(months: int) -> object:
        return set_plan_quota(
            actor=None, plan=version.plan, rep=ann, first_month=JANUARY, months=months, amount=Decimal(100)
        )

    sets = [Doing(lambda months=months: quota_of(months)) for months in (12, 3)]

    assert all(one.ended(60) for one in sets)
    assert sorted(one.came for one in sets) == ["done", "overlap"]
    assert PlanQuota.objects.count() == 1


def test_a_study_started_twice_at_once_is_one_study(analyst: Person) -> None:
    version = plan_of(TERMS, starts=dt.date(2024, 1, 1))

    def start() -> object:
        return start_study(actor=analyst, version=version, first_month=dt.date(2024, 1, 1))

    starts = [Doing(start), Doing(start), Doing(start)]

    assert all(one.ended(60) for one in starts)
    assert [one.came for one in starts] == ["done"] * 3
    assert Study.objects.count() == Job.objects.count() == 1
