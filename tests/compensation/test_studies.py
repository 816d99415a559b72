"""Studies: a plan tried on a year that was, as a job, beside another one."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compensation.models import PlanQuota, PlanVersion, Position, Study
from compensation.pipeline.studies import study_job
from compensation.selectors.studies import job_of, results_of, state_of, version_before
from compensation.services.studies import again, copy_to_try, start_study
from core import jobs
from core.errors import Denied, Invalid, Refused
from core.models import Event, Job, Person
from crm.models import Rep
from tests.compensation.company import TERMS, credit, plan_of, rep_on

pytestmark = pytest.mark.django_db
BEGIN = dt.date(2024, 1, 1)
DEARER: dict[str, Any] = {
    **TERMS,
    "components": [
        {**TERMS["components"][0], "tiers": [{"from": 0, "rate": "4%"}, {"from": "100%", "rate": "12%"}]}
    ],
}


@pytest.fixture
def version() -> PlanVersion:
    return plan_of(TERMS, starts=BEGIN)


@pytest.fixture
def reps(version: PlanVersion) -> list[Rep]:
    """ann sold 150 % of her quota, bob 50 %, each 100,000."""
    ann = rep_on(version, "ann", quota=100_000, begin=BEGIN)
    bob = rep_on(version, "bob", quota=100_000, begin=BEGIN)
    for month, amount in ((2, 60_000), (5, 60_000), (9, 30_000)):
        credit(ann, amount, dt.date(2024, month, 10))
    credit(bob, 50_000, dt.date(2024, 6, 10))
    return [ann, bob]


@pytest.fixture
def draft(version: PlanVersion) -> PlanVersion:
    return PlanVersion.objects.create(plan=version.plan, number=2, starts=dt.date(2025, 1, 1), terms=DEARER)


def done(study: Study) -> Study:
    """The study after its job has run."""
    job = job_of(study)
    assert job is not None
    jobs.run(job.pk, study_job)
    study.refresh_from_db()
    return study


def tried(actor: Person, version: PlanVersion, **values: Any) -> dict[str, Any]:
    given = {"first_month": BEGIN, "draws": 200, **values}
    return results_of(done(start_study(actor=actor, version=version, **given)))


def pay(results: dict[str, Any], rep: Rep) -> tuple[Decimal | None, Decimal]:
    row = next(one for one in results["people"] if one["rep"] == rep.pk)
    return row["before"] and Decimal(row["before"]), Decimal(row["after"])


def test_a_draft_is_paid_on_last_years_credits_beside_the_version_in_force(
    analyst: Person, version: PlanVersion, draft: PlanVersion, reps: list[Rep]
) -> None:
    found = tried(analyst, draft, base=version)
    assert pay(found, reps[0]) == (Decimal("9000"), Decimal("10000"))
    assert pay(found, reps[1]) == (Decimal("2500"), Decimal("2000"))
    plan, base = found["sides"]["plan"], found["sides"]["base"]
    assert (plan["total"], base["total"]) == ("12000.00", "11500.00")
    assert [plan["months"][n] for n in (1, 4, 5, 8)] == ["2400.00", "4000.00", "2000.00", "3600.00"]
    assert plan["parts"] == [{"code": "own", "name": "Own bookings", "cost": "12000.00"}]
    assert found["sold"] == {"bookings": "200000.00"}


def test_total_months_components_and_people_add_up(
    analyst: Person, version: PlanVersion, reps: list[Rep]
) -> None:
    found = tried(analyst, version)
    side = found["sides"]["plan"]
    total = Decimal(side["total"])
    assert total == sum(map(Decimal, side["months"]))
    assert total == sum(Decimal(part["cost"]) for part in side["parts"])
    assert total == sum(Decimal(row["after"]) for row in found["people"])


def test_the_cost_at_a_level_is_that_of_everybody_there(
    analyst: Person, version: PlanVersion, reps: list[Rep]
) -> None:
    levels = {one["level"]: one["cost"] for one in tried(analyst, version)["sides"]["plan"]["levels"]}
    assert list(levels) == [0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5]
    assert levels[0.5] == "5000.00"
    assert levels[1.0] == "10000.00"
    assert levels[1.5] == "18000.00"


def test_the_payout_curve_is_a_share_of_the_target_pay(
    analyst: Person, version: PlanVersion, reps: list[Rep]
) -> None:
    curve = {one["level"]: one["share"] for one in tried(analyst, version)["sides"]["plan"]["curve"]}
    assert curve[1.0] == pytest.approx(10_000 / 24_000)
    assert curve[0.0] == 0


def test_a_budget_gets_a_probability_and_few_people_a_warning(
    analyst: Person, version: PlanVersion, reps: list[Rep]
) -> None:
    found = tried(analyst, version, budget=Decimal(1_000_000))
    chance = found["sides"]["plan"]["chance"]
    assert chance["above"] == 0
    assert Decimal(chance["p10"]) <= Decimal(chance["p50"]) <= Decimal(chance["p90"]) <= 18_000
    assert chance["error"] < 0.01
    assert any("Only 2 people" in note for note in found["notes"])


def test_the_same_seed_gives_the_same_distribution_and_another_does_not(
    analyst: Person, version: PlanVersion, reps: list[Rep]
) -> None:
    first, second, third = (tried(analyst, version, seed=seed) for seed in (3, 3, 4))
    assert first["sides"] == second["sides"]
    assert first["sides"]["plan"]["chance"]["bins"] != third["sides"]["plan"]["chance"]["bins"]


def test_without_quotas_nothing_is_drawn_and_the_study_says_so(analyst: Person, version: PlanVersion) -> None:
    credit(rep_on(version, "ann", begin=BEGIN), 1_000, dt.date(2024, 3, 3))
    found = tried(analyst, version)
    assert "no attainment" in found["sides"]["plan"]["chance"]["missing"]
    assert any("Nobody has a quota" in note for note in found["notes"])


def test_a_plan_without_people_is_tried_on_those_of_the_other(
    analyst: Person, version: PlanVersion, reps: list[Rep]
) -> None:
    copy = copy_to_try(actor=analyst, version=version, code="new", name="New plan")
    assert copy.plan != version.plan and copy.terms == version.terms
    found = tried(analyst, copy, base=version)
    assert all(row["before"] == row["after"] for row in found["people"])
    assert len(found["people"]) == 2
    assert any("tried on the people of Plan ae" in note for note in found["notes"])


def test_people_who_came_later_are_paid_as_if_all_year(analyst: Person) -> None:
    later = plan_of(TERMS, starts=dt.date(2025, 1, 1))
    ann = rep_on(later, "ann", begin=dt.date(2025, 1, 1))
    credit(ann, 10_000, dt.date(2024, 3, 3))
    found = tried(analyst, later)
    assert pay(found, ann)[1] > 0
    assert any("as if they had been all year" in note for note in found["notes"])


def test_months_without_people_are_named_and_can_be_filled_with_those_of_today(
    analyst: Person, version: PlanVersion, reps: list[Rep]
) -> None:
    for row in Position.objects.all():
        Position.objects.filter(pk=row.pk).update(days=(dt.date(2024, 3, 1), None))
    then = tried(analyst, version)
    assert any("Nobody was on Plan ae in Jan 2024, Feb 2024" in note for note in then["notes"])
    assert pay(then, reps[0])[1] == Decimal("4700.00")  # 90,000 of ten twelfths of the quota
    full = tried(analyst, version, people="all year")
    assert pay(full, reps[0])[1] == Decimal("9000.00")


def test_months_without_quotas_are_named(analyst: Person, version: PlanVersion, reps: list[Rep]) -> None:
    PlanQuota.objects.update(first_month=dt.date(2024, 4, 1), months=6)
    notes = tried(analyst, version)["notes"]
    assert any("no quotas in Feb 2024, but credits" in note for note in notes)


def test_fixed_pay_counts_the_days_of_the_position(
    analyst: Person, version: PlanVersion, reps: list[Rep]
) -> None:
    Position.objects.filter(rep=reps[1]).update(days=(dt.date(2024, 7, 1), None))
    found = {row["rep"]: row["fixed"] for row in tried(analyst, version)["people"]}
    assert found[reps[0].pk] == "60000.00"
    assert Decimal(found[reps[1].pk]) == round(Decimal(60_000) * 184 / 366, 2)


def test_with_nobody_to_pay_the_study_fails_with_a_sentence(analyst: Person, version: PlanVersion) -> None:
    study = done(start_study(actor=analyst, version=version, first_month=BEGIN))
    job = job_of(study)
    assert job is not None
    assert (study.state, job.state) == ("failed", "failed")
    assert "Nobody is on Plan ae" in study.results["faults"][0]
    assert "Nobody is on Plan ae" in job.error


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("first_month", {"first_month": dt.date(2099, 1, 1)}),
        ("correlation", {"correlation": Decimal("1.5")}),
        ("spread", {"spread": "uniform"}),
        ("people", {"people": "mine"}),
        ("draws", {"draws": 5}),
        ("seed", {"seed": -1}),
        ("budget", {"budget": Decimal(0)}),
    ],
)
def test_what_cannot_be_tried_is_refused_beside_the_field(
    analyst: Person, version: PlanVersion, field: str, values: dict[str, Any]
) -> None:
    with pytest.raises(Invalid) as refusal:
        start_study(actor=analyst, version=version, **{"first_month": BEGIN, **values})
    assert [reason.field for reason in refusal.value.reasons] == [field]
    assert not Study.objects.exists()


def test_a_version_is_not_compared_with_itself_and_bad_terms_are_named(
    analyst: Person, version: PlanVersion
) -> None:
    with pytest.raises(Invalid, match="another version"):
        start_study(actor=analyst, version=version, base=version, first_month=BEGIN)
    bad = PlanVersion.objects.create(
        plan=version.plan,
        number=2,
        starts=BEGIN,
        terms={**TERMS, "components": [{"code": "x", "form": "odd"}]},
    )
    with pytest.raises(Invalid) as refusal:
        start_study(actor=analyst, version=bad, first_month=BEGIN)
    assert {reason.field for reason in refusal.value.reasons} == {"version"}


def test_only_those_who_change_plans_try_them(vp: Person, sales_rep: Person, version: PlanVersion) -> None:
    for person in (vp, sales_rep):
        with pytest.raises(Denied):
            start_study(actor=person, version=version, first_month=BEGIN)
        with pytest.raises(Denied):
            copy_to_try(actor=person, version=version, code="x", name="X")


def test_pressing_twice_starts_one_study(analyst: Person, version: PlanVersion) -> None:
    first = start_study(actor=analyst, version=version, first_month=BEGIN)
    second = start_study(actor=analyst, version=version, first_month=BEGIN)
    assert first == second
    assert Job.objects.count() == 1


def test_a_study_keeps_its_terms_and_a_rerun_is_a_new_one(
    analyst: Person, version: PlanVersion, draft: PlanVersion, reps: list[Rep]
) -> None:
    study = done(start_study(actor=analyst, version=draft, base=version, first_month=BEGIN, draws=200))
    PlanVersion.objects.filter(pk=draft.pk).update(terms=TERMS)
    rerun = done(again(actor=analyst, study=study))
    assert rerun != study
    assert study.terms == DEARER and rerun.terms == TERMS
    assert study.fingerprint != rerun.fingerprint
    assert rerun.results["sides"]["plan"]["total"] == rerun.results["sides"]["base"]["total"]
    with pytest.raises(DatabaseError), transaction.atomic():
        Study.objects.filter(pk=study.pk).update(results={})


def test_the_fingerprint_follows_credits_and_quotas(
    analyst: Person, version: PlanVersion, reps: list[Rep]
) -> None:
    first = done(start_study(actor=analyst, version=version, first_month=BEGIN, draws=200))
    same = done(again(actor=analyst, study=first))
    credit(reps[0], 1, dt.date(2024, 12, 24))
    other = done(again(actor=analyst, study=first))
    assert first.fingerprint == same.fingerprint != other.fingerprint


def test_a_cancelled_study_stops_and_can_be_retried(
    analyst: Person, version: PlanVersion, reps: list[Rep]
) -> None:
    study = start_study(actor=analyst, version=version, first_month=BEGIN, draws=200)
    job = job_of(study)
    assert job is not None
    Job.objects.filter(pk=job.pk).update(cancel_asked=True)
    done(study)
    job.refresh_from_db()
    assert (study.state, job.state, state_of(study, job)) == ("running", "cancelled", "Stopped")
    jobs.retry(actor=analyst, job=job)
    assert done(study).state == "done"


def test_a_job_that_arrives_twice_or_after_a_killed_worker_stores_once(
    analyst: Person, version: PlanVersion, reps: list[Rep], monkeypatch: pytest.MonkeyPatch
) -> None:
    study = start_study(actor=analyst, version=version, first_month=BEGIN, draws=200)
    job = job_of(study)
    assert job is not None
    with monkeypatch.context() as killed:
        killed.setattr("compensation.pipeline.studies.fingerprint", _dies)
        with pytest.raises(MemoryError):
            jobs.run(job.pk, study_job)
    study.refresh_from_db()
    assert study.state == "running" and "sides" not in study.results
    Job.objects.filter(pk=job.pk).update(state="queued")
    first = done(study)
    Job.objects.filter(pk=job.pk).update(state="queued")
    assert done(first).results == first.results


def _dies(*_: Any) -> str:
    raise MemoryError("The worker is killed.")


def test_what_a_version_is_compared_with(version: PlanVersion, draft: PlanVersion) -> None:
    assert version_before(draft) == version
    assert version_before(version) is None


def test_a_copy_is_a_new_version_unless_it_gets_a_name(analyst: Person, version: PlanVersion) -> None:
    made = copy_to_try(actor=analyst, version=version)
    assert (made.plan, made.number, made.state) == (version.plan, 2, "draft")
    with pytest.raises(Refused, match="draft"):
        copy_to_try(actor=analyst, version=version)
    with pytest.raises(Invalid, match="name and a short name"):
        copy_to_try(actor=analyst, version=version, code="only")


def test_starting_a_study_is_an_event(analyst: Person, version: PlanVersion) -> None:
    study = start_study(actor=analyst, version=version, first_month=BEGIN)
    event = Event.objects.get(verb="study started")
    assert (event.actor, event.subject_id) == (analyst, str(study.pk))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=5)
@given(amounts=st.lists(st.integers(1, 300_000), min_size=1, max_size=4))
def test_the_same_terms_make_no_winners_and_no_losers(analyst: Person, amounts: list[int]) -> None:
    with transaction.atomic():
        version = plan_of(TERMS, starts=BEGIN)
        ann = rep_on(version, "ann", quota=100_000, begin=BEGIN)
        for place, amount in enumerate(amounts):
            credit(ann, amount, dt.date(2024, place + 1, 10))
        twin = copy_to_try(actor=analyst, version=version, code="twin", name="Twin")
        found = tried(analyst, twin, base=version, draws=100)
        assert all(row["before"] == row["after"] for row in found["people"])
        transaction.set_rollback(True)
