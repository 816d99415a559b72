"""Runs: a month's pay from deals, stored once and to the cent, and moved on by the right people."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from compensation.models import Adjustment, PayLine, PayRun, Statement
from compensation.pipeline import running
from compensation.pipeline.run_rows import check
from compensation.pipeline.run_sheets import one_person
from compensation.services.runs import move_run, start_run
from core.errors import Denied, Invalid, Refused
from core.models import Event, JobState, Notification, Person
from tests.compensation.company import FLAT, TERMS, credit, deal, euro, plan_of, rep_on
from tests.compensation.paying import (
    FEBRUARY,
    JANUARY,
    MARCH,
    _today,  # noqa: F401 - a fixture
    calculated,
    closed,
    done,
    lines,
    moved,
    pay,
    sheet,
)

pytestmark = pytest.mark.django_db


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {reason.code for reason in refused.value.reasons}


def test_a_run_pays_each_deal_of_the_month_and_says_how_much_for_which(analyst: Person) -> None:
    ann = rep_on(plan_of(FLAT))
    one, other = deal(ann, 10_000, JANUARY), deal(ann, 2_345, dt.date(2026, 1, 20))
    deal(ann, 7_000, FEBRUARY)

    run = calculated(JANUARY, analyst)

    assert (run.state, run.version, run.made_by) == ("preview", 1, analyst)
    statement = sheet(run, ann)
    assert (statement.currency_id, statement.earned, statement.pay) == (
        "EUR",
        Decimal("617.25"),
        Decimal("617.25"),
    )
    found = PayLine.objects.filter(statement=statement)
    assert {line.deal: line.pay for line in found} == {one: Decimal(500), other: Decimal("117.25")}
    assert run.totals["currencies"]["EUR"]["pay"] == "617.25"
    assert Event.objects.filter(verb="pay: calculated", actor=analyst).exists()


def test_a_statement_says_how_quota_and_target_came_about_and_how_far_the_rep_is() -> None:
    ann = rep_on(plan_of(TERMS), quota=120_000)
    deal(ann, 30_000, JANUARY)
    part = sheet(calculated(JANUARY), ann).parts.get()
    assert (part.so_far, part.quota, part.quota_to_date) == (30_000, 120_000, 10_000)
    assert (part.attainment, part.target) == (3, 1_000)
    assert part.derivation[0] == {
        "label": "Quota of 12 months from Jan 2026",
        "value": "120000.0000",
        "kind": "money",
    }
    assert part.derivation[-1]["label"] == "Pay at 100 % in this month"


@pytest.mark.parametrize(
    ("component", "target"),
    [
        ({"form": "flat", "rate": "5%"}, 0),
        ({"form": "contest", "prizes": [500], "period": "quarter"}, 0),
        ({"form": "pool", "pot": 5000}, 0),
        ({"form": "flat", "rate": "5%", "weight": "25%"}, 250),
        ({"form": "steps", "steps": [["100%", "100%"]], "against": "quota"}, 1000),
    ],
)
def test_only_a_component_with_a_target_says_its_pay_at_100_percent(
    component: dict[str, Any], target: int
) -> None:
    named = {"code": "own", "name": "Own bookings", "measure": {"of": "bookings"}} | component
    ann = rep_on(plan_of(TERMS | {"components": [named]}), quota=120_000)
    part = sheet(calculated(JANUARY), ann).parts.get()
    assert part.target == target
    assert ("Pay at 100 % in this month" in str(part.derivation)) == bool(target)


def test_gates_multipliers_and_caps_are_named_as_factors() -> None:
    gated = {
        "gate": {"component": "own", "at_least": "50%"},
        "multiplier": {"component": "own", "steps": [["0%", "90%"], ["85%", "120%"]]},
        "cap": {"per": "month", "amount": 900},
    }
    terms = {**TERMS, "components": [{**TERMS["components"][0], **gated}]}
    ann = rep_on(plan_of(terms), quota=120_000)
    deal(ann, 30_000, JANUARY)
    part = sheet(calculated(JANUARY), ann).parts.get()
    assert [one["label"] for one in part.factors] == [
        "Gate: Own bookings at least 50 %, open",
        "Multiplier: Own bookings at 300 %",
        "Cap of a month",
    ]
    assert part.earned == 900


def test_somebody_on_the_plan_without_a_deal_has_a_statement_of_nothing() -> None:
    ann = rep_on(plan_of(FLAT))
    assert pay(calculated(JANUARY), ann) == 0


def test_two_runs_of_the_same_input_have_the_same_lines() -> None:
    version = plan_of(TERMS)
    for code in ("ann", "ben"):
        rep = rep_on(version, code, quota=50_000)
        for day in range(1, 9):
            deal(rep, 3_333 * day, dt.date(2026, 1, day))
    first, second = calculated(JANUARY), calculated(JANUARY)
    assert (first.version, second.version, second.follows) == (1, 2, first)
    assert lines(first) == lines(second)
    assert first.fingerprint == second.fingerprint


def test_one_person_alone_is_paid_as_in_the_run_of_everybody() -> None:
    version = plan_of(TERMS)
    reps = [rep_on(version, code, quota=20_000) for code in ("ann", "ben")]
    for rep in reps:
        deal(rep, 30_000, JANUARY)
    run = calculated(JANUARY)
    alone = one_person(reps[0], JANUARY)
    assert {sheet.rep: sheet.pay for sheet in alone.sheets.values()} == {reps[0].pk: pay(run, reps[0])}
    assert not Statement.objects.exclude(run=run).exists()


def test_a_run_that_would_not_add_up_is_refused_and_nothing_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ann = rep_on(plan_of(FLAT))
    deal(ann, 10_000, JANUARY)
    run = calculated(JANUARY)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE compensation_payline SET pay = pay + 0.01 WHERE pay > 0")
        cursor.execute("SET session_replication_role = origin")
    with pytest.raises(Refused, match="do not add up to the cent"):
        check(run)

    def off(*_: object) -> None:
        raise Refused("does not add up")

    monkeypatch.setattr(running, "store_rows", off)
    job = done(start_run(actor=None, month=JANUARY))
    assert (job.state, job.error) == (JobState.FAILED, "does not add up")
    assert PayRun.objects.count() == 1


def test_what_changes_while_it_is_calculated_throws_the_run_away(monkeypatch: pytest.MonkeyPatch) -> None:
    version = plan_of(FLAT)
    ann = rep_on(version)
    deal(ann, 10_000, JANUARY)
    before = running.month_pay

    def meanwhile(*args: object, **options: object) -> object:
        found = before(*args, **options)  # type: ignore[arg-type]
        rep_on(version, "late")
        return found

    monkeypatch.setattr(running, "month_pay", meanwhile)
    job = done(start_run(actor=None, month=JANUARY))
    assert job.state == JobState.FAILED
    assert "changed while it was calculated" in job.error
    assert not PayRun.objects.exists()


def test_two_people_at_once_one_wins_and_the_other_is_told_who(analyst: Person, colleague: Person) -> None:
    plan_of(FLAT)
    start_run(actor=analyst, month=JANUARY)
    with pytest.raises(Refused, match="is being calculated by Ada Analyst"):
        start_run(actor=colleague, month=JANUARY)


def test_a_month_far_ahead_is_not_calculated(analyst: Person) -> None:
    with pytest.raises(Invalid, match="too far ahead"):
        start_run(actor=analyst, month=dt.date(2027, 3, 1))


def test_a_locked_month_is_not_calculated_again(analyst: Person) -> None:
    rep_on(plan_of(FLAT))
    closed(JANUARY)
    with pytest.raises(Refused, match="its pay never changes"):
        start_run(actor=analyst, month=JANUARY)


def test_a_plan_that_cannot_be_read_ends_the_job_with_its_name() -> None:
    rep_on(plan_of({**FLAT, "components": [{"code": "own", "form": "nonsense"}]}))
    job = done(start_run(actor=None, month=JANUARY))
    assert job.state == JobState.FAILED
    assert "Plan ae, version 1 cannot be paid" in job.error


def test_only_a_current_run_goes_on_and_the_reason_says_what_changed() -> None:
    version = plan_of(FLAT)
    ann = rep_on(version)
    deal(ann, 10_000, JANUARY)
    run = calculated(JANUARY)
    rep_on(version, "late")
    with pytest.raises(Refused, match="roles of reps") as refused:
        moved(run, "take")
    assert "not_current" in codes(refused)


def test_a_deal_of_a_later_month_does_not_make_a_run_old() -> None:
    ann = rep_on(plan_of(FLAT))
    deal(ann, 10_000, JANUARY)
    run = calculated(JANUARY)
    deal(ann, 9_000, FEBRUARY)
    calculated(FEBRUARY)
    assert moved(run, "take").state == "calculated"


def test_months_are_taken_and_closed_in_order() -> None:
    rep_on(plan_of(FLAT))
    moved(calculated(JANUARY), "take")
    february = calculated(FEBRUARY)
    with pytest.raises(Refused, match="January 2026 is not locked yet"):
        moved(february, "take")


def test_a_month_has_one_calculation_of_its_own_and_is_locked_after_those_before() -> None:
    rep_on(plan_of(FLAT))
    february = moved(calculated(FEBRUARY), "take", "review", "approve")
    with pytest.raises(Refused, match="February 2026, run 1 is approved already"):
        moved(calculated(FEBRUARY), "take")
    moved(calculated(JANUARY), "take")
    with pytest.raises(Refused, match="January 2026 is not locked yet"):
        moved(february, "lock")


def test_no_month_is_left_out_between_closed_ones() -> None:
    rep_on(plan_of(FLAT))
    closed(JANUARY)
    with pytest.raises(Refused, match="February 2026 is not locked yet"):
        moved(calculated(MARCH), "take")


def test_a_month_before_a_closed_one_has_no_run_of_its_own() -> None:
    rep_on(plan_of(FLAT))
    closed(FEBRUARY)
    with pytest.raises(Refused, match="February 2026 is locked already"):
        moved(calculated(JANUARY), "take")


def test_nobody_reviews_a_month_with_an_undecided_adjustment(analyst: Person) -> None:
    ann = rep_on(plan_of(FLAT))
    run = moved(calculated(JANUARY), "take")
    Adjustment.objects.create(
        rep=ann, month=JANUARY, currency=euro(), amount=5, label="Prize", reason="Won", made_by=analyst
    )
    with pytest.raises(Refused, match="“Prize” for Ann waits for a decision"):
        moved(run, "review")


def test_who_calculated_or_reviewed_does_not_approve(manager: Person, executive: Person) -> None:
    rep_on(plan_of(FLAT))
    run = moved(calculated(JANUARY, manager), "take", "review", actor=manager)
    with pytest.raises(Refused) as refused:
        moved(run, "approve", actor=manager)
    assert codes(refused) == {"own_run", "own_review"}
    assert moved(run, "approve", actor=executive).approved_by == executive


def test_an_analyst_neither_approves_nor_locks(analyst: Person) -> None:
    rep_on(plan_of(FLAT))
    run = moved(calculated(JANUARY), "take", "review")
    with pytest.raises(Denied):
        moved(run, "approve", actor=analyst)
    with pytest.raises(Denied):
        moved(moved(run, "approve"), "lock", actor=analyst)


def test_sending_back_asks_why_and_frees_the_month() -> None:
    rep_on(plan_of(FLAT))
    run = moved(calculated(JANUARY), "take", "review")
    with pytest.raises(Refused, match="Say why"):
        move_run(actor=None, run=run, name="send_back")
    assert moved(run, "send_back").state == "discarded"
    assert moved(calculated(JANUARY), "take").state == "calculated"


def test_the_right_people_are_told(manager: Person, vp: Person, sales_rep: Person) -> None:
    version = plan_of(FLAT)
    rep_on(version, person=sales_rep)
    run = moved(calculated(JANUARY, manager), "take", "review", actor=manager)
    told = Notification.objects.filter(title="The pay of January 2026 waits for approval")
    assert {one.person for one in told} == {vp}
    moved(run, "approve", "lock", actor=vp)
    (ready,) = Notification.objects.filter(person=sales_rep)
    assert ready.title == "Your statement of January 2026 is ready"


def test_warnings_name_who_is_left_out_the_most_money_first() -> None:
    version = plan_of(TERMS)
    ann, ben = rep_on(version), rep_on(None, "ben")
    deal(ann, 4_000, JANUARY)
    deal(ben, 90_000, JANUARY)
    found = calculated(JANUARY).warnings
    assert [(one["kind"], one["rep"]) for one in found] == [("no_plan", ben.pk), ("no_quota", ann.pk)]


def test_a_credit_that_counts_nowhere_and_a_jump_of_pay_are_warned_of() -> None:
    picky = {
        **FLAT,
        "components": [
            {**FLAT["components"][0], "measure": {"of": "bookings", "where": {"pipeline": ["big"]}}}
        ],
    }
    ann = rep_on(plan_of(picky))
    deal(ann, 4_000, JANUARY)
    assert [one["kind"] for one in calculated(JANUARY).warnings] == ["not_counted"]

    ben = rep_on(plan_of(FLAT, "two"), "ben")
    deal(ben, 1_000, FEBRUARY)
    deal(ben, 9_000, MARCH)
    moved(calculated(FEBRUARY), "take")
    assert [one["kind"] for one in calculated(MARCH).warnings] == ["jump"]


def test_credits_by_hand_of_a_rep_without_any_plan_pay_nothing() -> None:
    version = plan_of(FLAT)
    rep_on(version)
    ben = rep_on(None, "ben")
    credit(ben, 5_000, JANUARY)
    run = calculated(JANUARY)
    assert not Statement.objects.filter(run=run, rep=ben).exists()
