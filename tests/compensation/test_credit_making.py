"""Credits are made from won deals, and a second time changes nothing."""

import datetime as dt
from decimal import Decimal

import pytest

from compensation.models import Cancellation, Credit, CreditRun
from compensation.pipeline.crediting import (
    credit_job,
    make_credits,
    queue_credits,
    queue_credits_nightly,
)
from compensation.selectors.credits_current import credits_are_current
from core import jobs
from crm.models import Deal, DealLine
from tests.compensation.company import deal, rep_on

pytestmark = pytest.mark.django_db
MAY = dt.date(2026, 5, 12)


def alive() -> list[Credit]:
    return list(Credit.objects.filter(is_gone=False).order_by("day", "key"))


def test_a_won_deal_is_credited_to_its_rep() -> None:
    won = deal(rep_on(None), 1_000, MAY)
    deal(won.rep, 500, None)
    run = make_credits()
    (only,) = alive()
    assert (only.rep, only.deal, only.day, only.amount) == (won.rep, won, MAY, Decimal(1000))
    assert (only.basis, only.kind, only.role, only.percent) == ("bookings", "direct", "owner", Decimal(100))
    assert (run.came, run.changed, run.gone, run.without_rep) == (1, 0, 0, 0)


def test_each_line_of_a_deal_is_a_credit_and_they_add_up_to_the_deal() -> None:
    won = deal(rep_on(None), Decimal("100.0001"), MAY)
    for position in (1, 2, 3):
        DealLine.objects.create(deal=won, position=position, quantity=position, amount=10)
    make_credits()
    assert [row.quantity for row in alive()] == [1, 2, 3]
    assert sum(row.amount for row in alive()) == Decimal("100.0001")


def test_making_twice_changes_nothing() -> None:
    deal(rep_on(None), 1_000, MAY)
    make_credits()
    again = make_credits()
    assert (again.came, again.changed, again.gone) == (0, 0, 0)
    assert Credit.objects.get().run_id != again.pk


def test_credits_are_current_until_a_deal_changes() -> None:
    assert not credits_are_current()
    won = deal(rep_on(None), 1_000, MAY)
    make_credits()
    assert credits_are_current()
    Deal.objects.filter(pk=won.pk).update(base_amount=900)
    assert not credits_are_current()


def test_a_changed_amount_changes_the_credit_in_its_place() -> None:
    won = deal(rep_on(None), 1_000, MAY)
    make_credits()
    key = Credit.objects.get().pk
    Deal.objects.filter(pk=won.pk).update(base_amount=900, amount=900)
    run = make_credits()
    assert (run.came, run.changed, run.gone) == (0, 1, 0)
    assert (Credit.objects.get().pk, Credit.objects.get().amount) == (key, Decimal(900))


@pytest.mark.parametrize("change", ["reopened", "deleted", "merged"])
def test_a_deal_that_is_no_longer_won_loses_its_credit(change: str) -> None:
    won = deal(rep_on(None), 1_000, MAY)
    kept = deal(won.rep, 70, MAY)
    still_open = deal(won.rep, 5, None)
    make_credits()
    changes = {
        "reopened": {"stage": still_open.stage, "closed": None},
        "deleted": {"is_deleted": True},
        "merged": {"merged_into": kept},
    }
    Deal.objects.filter(pk=won.pk).update(**changes[change])
    run = make_credits()
    assert run.gone == 1
    assert [row.deal for row in alive()] == [kept]
    Deal.objects.filter(pk=won.pk).update(stage=kept.stage, closed=MAY, is_deleted=False, merged_into=None)
    assert make_credits().changed == 1
    assert len(alive()) == 2


def test_a_deal_without_a_rep_is_counted_as_nobodys() -> None:
    won = deal(rep_on(None), 1_000, MAY)
    Deal.objects.filter(pk=won.pk).update(rep=None)
    assert make_credits().without_rep == 1
    assert alive() == []


def test_cancellations_take_exactly_what_was_credited() -> None:
    won = deal(rep_on(None), Decimal("0.0010"), MAY)
    for days, percent in enumerate(("33.333333", "33.333333", "33.333334"), start=1):
        Cancellation.objects.create(
            deal=won, kind="returned", day=MAY + dt.timedelta(days), percent=percent, reason="Broken"
        )
    make_credits()
    first, *back = alive()
    assert all(row.reverses == first and row.amount < 0 for row in back)
    assert [row.day.day for row in back] == [13, 14, 15]
    assert sum(row.amount for row in alive()) == 0
    assert make_credits().changed == 0


def test_every_run_keeps_its_counts() -> None:
    deal(rep_on(None), 1_000, MAY)
    made = make_credits()
    stored = CreditRun.objects.get()
    assert (stored.came, stored.fingerprint) == (1, made.fingerprint)


def test_a_change_while_credits_are_made_is_noticed() -> None:
    won = deal(rep_on(None), 1_000, MAY)
    said: list[str] = []

    def change_late(step: str) -> None:
        said.append(step)
        if step.startswith("Writing"):
            Deal.objects.filter(pk=won.pk).update(base_amount=900)

    make_credits(report=change_late)
    assert len(said) == 3
    assert not credits_are_current()


def test_another_making_that_wrote_meanwhile_makes_it_begin_again() -> None:
    won = deal(rep_on(None), 1_000, MAY)
    said: list[str] = []

    def write_once(step: str) -> None:
        said.append(step)
        if said == ["Reading deals, invoices and sales"]:
            CreditRun.objects.create(fingerprint="other")
            Deal.objects.filter(pk=won.pk).update(base_amount=900)

    make_credits(report=write_once)
    assert said.count("Writing what changed") == 2
    assert [row.amount for row in alive()] == [Decimal(900)]
    assert credits_are_current()


def test_the_job_tells_what_came_of_it_and_runs_twice_without_harm() -> None:
    deal(rep_on(None), 1_000, MAY)
    job = queue_credits(None)
    assert queue_credits(None).pk == job.pk
    jobs.run(job.pk, credit_job)
    job.refresh_from_db()
    assert (job.state, job.result["came"]) == ("done", 1)
    jobs.run(job.pk, credit_job)
    assert CreditRun.objects.count() == 1


def test_at_night_credits_are_made_only_when_something_changed() -> None:
    deal(rep_on(None), 1_000, MAY)
    assert queue_credits_nightly() == 1
    make_credits()
    assert queue_credits_nightly() == 0
