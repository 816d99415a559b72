"""Findings follow the data, and people decide about them with reasons."""

from decimal import Decimal

import pytest

from catalog.models import Family, Scope
from core.errors import Denied, Refused
from core.jobs import Progress
from core.models import Event, Job, JobState, Notification, Person
from gathering.models import QualityIssue
from gathering.pipeline.quality import check_facts, check_quality, queue_check, store_findings
from gathering.services.quality import assign_issues, reopen_issue, run_quality_checks, waive_issues
from tests.gathering.world import World


def check(*rules: str) -> None:
    store_findings(found=check_facts(only=rules or ("below_cost",)), actor=None)


@pytest.fixture
def cheap(world: World) -> QualityIssue:
    """A finding of the rule on cost, with its line."""
    world.line(world.ridge_tyrol, revenue=Decimal(50))
    check()
    return QualityIssue.objects.get()


def test_the_same_check_twice_changes_no_finding(cheap: QualityIssue) -> None:
    check()

    again = QualityIssue.objects.get()
    assert (again.pk, again.revision) == (cheap.pk, cheap.revision)


def test_a_finding_that_is_gone_resolves_and_one_that_returns_opens_again(
    cheap: QualityIssue, world: World
) -> None:
    world.run.lines.update(revenue=Decimal(100))
    check()
    cheap.refresh_from_db()
    assert cheap.state == "resolved"

    world.run.lines.update(revenue=Decimal(40))
    check()
    cheap.refresh_from_db()
    assert (cheap.state, cheap.money) == ("open", Decimal(20))


def test_a_waived_finding_stays_waived_at_the_next_check(cheap: QualityIssue, analyst: Person) -> None:
    waive_issues(actor=analyst, issues=[cheap.pk], reason="Clearance sale.")

    check()

    cheap.refresh_from_db()
    assert (cheap.state, cheap.reason, cheap.waived_by) == ("waived", "Clearance sale.", analyst)


def test_waiving_records_who_and_why(cheap: QualityIssue, analyst: Person) -> None:
    waive_issues(actor=analyst, issues=[cheap.pk], reason="Clearance sale.")

    event = Event.objects.get(verb="issue waived")
    assert (event.actor, event.reason) == (analyst, "Clearance sale.")


def test_waiving_needs_a_reason(cheap: QualityIssue, analyst: Person) -> None:
    with pytest.raises(Refused, match="Say why"):
        waive_issues(actor=analyst, issues=[cheap.pk], reason=" ")


def test_a_coordinator_may_not_waive(cheap: QualityIssue, coordinator: Person) -> None:
    with pytest.raises(Denied):
        waive_issues(actor=coordinator, issues=[cheap.pk], reason="Because.")


def test_only_the_vp_waives_above_the_limit_and_one_too_dear_keeps_all(
    world: World, analyst: Person, vp: Person
) -> None:
    dear, small = world.issue(money=Decimal(100_000)), world.issue()

    with pytest.raises(Refused, match="only the VP waives"):
        waive_issues(actor=analyst, issues=[dear.pk, small.pk], reason="Known.")
    assert set(QualityIssue.objects.values_list("state", flat=True)) == {"open"}

    waive_issues(actor=vp, issues=[dear.pk, small.pk], reason="Known.")
    assert set(QualityIssue.objects.values_list("state", flat=True)) == {"waived"}


def test_a_waiver_is_taken_back_with_a_reason(cheap: QualityIssue, analyst: Person) -> None:
    waive_issues(actor=analyst, issues=[cheap.pk], reason="Clearance sale.")

    reopen_issue(actor=analyst, issue=cheap.pk, reason="It was none.")

    cheap.refresh_from_db()
    assert (cheap.state, cheap.waived_by) == ("open", None)


def test_whoever_is_given_findings_is_told_once(world: World, analyst: Person, coordinator: Person) -> None:
    issues = [world.issue().pk, world.issue().pk]

    assign_issues(actor=coordinator, issues=issues, owner=analyst)

    assert set(QualityIssue.objects.values_list("owner", flat=True)) == {analyst.pk}
    assert Notification.objects.get().title.startswith("2 findings")


def test_the_owner_is_who_looks_after_the_family_else_after_the_source(
    world: World, analyst: Person, colleague: Person
) -> None:
    Scope.objects.create(person=analyst, family=world.skis)
    world.source(colleague, dataset="stock", code="wms")
    other = world.product("HELMET", family=Family.objects.create(code="H", name="Helmets"))
    for unit in (world.ridge_tyrol, world.unit(other, world.tyrol)):
        world.line(unit, revenue=Decimal(1))

    check()

    owners = dict(QualityIssue.objects.values_list("product__code", "owner"))
    assert owners == {"RIDGE": analyst.pk, "HELMET": None}


def test_a_person_sees_only_findings_in_scope(world: World, analyst: Person, api: object) -> None:
    world.issue(product=world.ridge)
    world.issue(product=world.slope)
    world.issue(product=None)
    Scope.objects.create(person=analyst, family=world.touring)

    answer = api(analyst).get("/api/v1/quality-issues/")

    assert answer.json()["count"] == 2


def test_a_double_click_queues_one_check(world: World, analyst: Person) -> None:
    assert run_quality_checks(actor=analyst) == run_quality_checks(actor=analyst)


def test_imports_share_the_check_that_waits(world: World) -> None:
    waiting = queue_check(actor=None)
    world.new_run()

    assert queue_check(actor=None) == waiting


def test_a_running_check_that_a_later_one_covers_ends_at_once(world: World) -> None:
    first = queue_check(actor=None)
    Job.objects.filter(pk=first.pk).update(state=JobState.RUNNING)
    world.new_run()
    assert queue_check(actor=None) != first
    first.refresh_from_db()

    assert check_quality(Progress(first)) == {"covered": True}


def test_a_check_reports_what_it_found(world: World) -> None:
    world.line(world.ridge_tyrol, revenue=Decimal(50))
    job = queue_check(actor=None)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
    job.refresh_from_db()

    counts = check_quality(Progress(job))

    assert (counts["new"], counts["open"]) == (1, 1)
    assert Event.objects.filter(verb="quality checked").exists()
