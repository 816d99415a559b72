"""Submit, approve by a second person, publish on a day, undo before it."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import IntegrityError, InternalError, connection, transaction
from django.test import Client

from core.errors import Denied, Refused
from core.models import Notification, Person
from territories.models import (
    Assignment,
    Placement,
    QuotaPlan,
    Scenario,
    ScenarioAccount,
    ScenarioQuotas,
    ScenarioSolve,
    TerritoryRep,
)
from territories.pipeline.assignments import settle
from territories.pipeline.placing import Move, place
from territories.services.scenario_accounts import move_accounts
from territories.services.scenario_moves import move_scenario
from territories.services.scenarios import change_scenario, create_scenario, start_solve
from tests.planning.test_concurrent_moves import together
from tests.territories.quotas_world import a_company, amounts, approved
from tests.territories.realigning import PUBLISH, Realigned, a_realigned_world, rows_of, run_job
from tests.territories.world import a_rep, covers

BEFORE = PUBLISH - dt.timedelta(days=1)


@pytest.fixture
def draft(world: Realigned, analyst: Person) -> Scenario:
    """Two accounts go from north to south."""
    scenario = world.scenario(analyst)
    rows = rows_of(scenario, "a09", "a10")
    move_accounts(actor=analyst, scenario=scenario, rows=rows, territory=world.south)
    return scenario


def _approved(draft: Scenario, analyst: Person, manager: Person) -> Scenario:
    move_scenario(actor=analyst, scenario=draft, name="submit", reason="South is thin.")
    return move_scenario(actor=manager, scenario=draft, name="approve")


def _owners(code: str, day: dt.date) -> list[str]:
    rows = Assignment.objects.filter(account__code=code, role__kind="owner", days__contains=day)
    return list(rows.values_list("rep__code", flat=True))


def _placements() -> list[tuple[object, ...]]:
    fields = ("account", "territory", "days", "placed_by", "rule", "pin", "reason")
    return sorted(Placement.objects.values_list(*fields), key=str)


def test_the_new_owners_count_from_the_day_on_and_the_old_ones_until_then(
    draft: Scenario, analyst: Person, manager: Person
) -> None:
    published = move_scenario(actor=manager, scenario=_approved(draft, analyst, manager), name="publish")

    assert published.state == "published"
    assert (_owners("a09", BEFORE), _owners("a09", PUBLISH)) == (["nora"], ["sid"])
    assert (_owners("a08", BEFORE), _owners("a08", PUBLISH)) == (["nora"], ["nora"])
    opened = Placement.objects.get(account__code="a09", days__contains=PUBLISH)
    assert (opened.placed_by, opened.reason) == ("scenario", str(draft))


def test_undoing_restores_exactly_what_was_there(draft: Scenario, analyst: Person, manager: Person) -> None:
    before, owners = _placements(), sorted(Assignment.objects.values_list("account", "rep", "days"), key=str)
    move_scenario(actor=manager, scenario=_approved(draft, analyst, manager), name="publish")
    assert _placements() != before

    undone = move_scenario(actor=manager, scenario=draft, name="undo", reason="The budget changed.")

    assert undone.state == "undone"
    assert _placements() == before
    assert sorted(Assignment.objects.values_list("account", "rep", "days"), key=str) == owners


def test_from_its_day_on_it_cannot_be_undone(
    draft: Scenario, analyst: Person, manager: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_scenario(actor=manager, scenario=_approved(draft, analyst, manager), name="publish")
    monkeypatch.setattr("territories.workflow.scenarios.timezone.localdate", lambda: PUBLISH)

    with pytest.raises(Refused, match="can no longer be undone"):
        move_scenario(actor=manager, scenario=draft, name="undo", reason="Too late.")


def test_undoing_is_refused_when_an_account_was_moved_since(
    world: Realigned, draft: Scenario, analyst: Person, manager: Person
) -> None:
    move_scenario(actor=manager, scenario=_approved(draft, analyst, manager), name="publish")
    place(world.model, [Move(world.accounts[9].pk, world.north.pk)], PUBLISH + dt.timedelta(days=30))

    with pytest.raises(Refused, match="a09"):
        move_scenario(actor=manager, scenario=draft, name="undo", reason="Anyway.")


def test_nobody_approves_the_own_submission(draft: Scenario, manager: Person) -> None:
    move_scenario(actor=manager, scenario=draft, name="submit")

    with pytest.raises(Refused, match="You submitted"):
        move_scenario(actor=manager, scenario=draft, name="approve")


def test_the_database_refuses_an_approval_by_the_submitter(draft: Scenario, manager: Person) -> None:
    move_scenario(actor=manager, scenario=draft, name="submit")

    with pytest.raises(IntegrityError, match="not_approved_by_its_submitter"), transaction.atomic():
        Scenario.objects.filter(pk=draft.pk).update(state="approved", approved_by=manager)


def test_the_database_refuses_moves_that_are_not_in_the_table(draft: Scenario) -> None:
    with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
        Scenario.objects.filter(pk=draft.pk).update(state="published")


def test_a_published_scenario_never_changes(draft: Scenario, analyst: Person, manager: Person) -> None:
    move_scenario(actor=manager, scenario=_approved(draft, analyst, manager), name="publish")

    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        Scenario.objects.filter(pk=draft.pk).update(name="Another")
    with pytest.raises(IntegrityError, match="Only the accounts of a draft"), transaction.atomic():
        ScenarioAccount.objects.filter(scenario=draft).update(locked=False)
    with pytest.raises(Refused, match="only a draft"):
        change_scenario(actor=analyst, scenario=draft, revision=1, changes={"name": "Another"})


def test_a_solve_is_written_once(world: Realigned, analyst: Person) -> None:
    scenario = world.scenario(analyst)
    run_job(start_solve(actor=analyst, scenario=scenario))

    with pytest.raises(InternalError), transaction.atomic():
        ScenarioSolve.objects.update(objective=0)


def test_accounts_that_somebody_moved_meanwhile_are_named(
    world: Realigned, draft: Scenario, analyst: Person
) -> None:
    place(world.model, [Move(world.accounts[3].pk, world.south.pk)], BEFORE)
    settle()

    with pytest.raises(Refused, match="a03"):
        move_scenario(actor=analyst, scenario=draft, name="submit")


def test_a_territory_with_another_owner_meanwhile_is_named(
    world: Realigned, draft: Scenario, analyst: Person
) -> None:
    TerritoryRep.objects.filter(territory=world.south).delete()
    covers(a_rep("new"), world.south)

    with pytest.raises(Refused, match="another owner"):
        move_scenario(actor=analyst, scenario=draft, name="submit")


def test_a_scenario_without_moves_is_not_submitted(world: Realigned, analyst: Person) -> None:
    with pytest.raises(Refused, match="No account moves"):
        move_scenario(actor=analyst, scenario=world.scenario(analyst), name="submit")


def test_a_day_that_is_over_is_refused(world: Realigned, analyst: Person) -> None:
    scenario = world.scenario(analyst, publish_on=dt.date(2026, 2, 1))
    move_accounts(actor=analyst, scenario=scenario, rows=rows_of(scenario, "a01"), territory=world.south)

    with pytest.raises(Refused, match="is over"):
        move_scenario(actor=analyst, scenario=scenario, name="submit")


def test_rejecting_asks_why_and_lets_it_be_changed_again(
    draft: Scenario, analyst: Person, manager: Person
) -> None:
    move_scenario(actor=analyst, scenario=draft, name="submit")
    with pytest.raises(Refused, match="Say why"):
        move_scenario(actor=manager, scenario=draft, name="reject")

    move_scenario(actor=manager, scenario=draft, name="reject", reason="Too many moves.")
    again = move_scenario(actor=analyst, scenario=draft, name="revise")

    assert (again.state, again.submitted_by, again.decision_note) == ("draft", None, "")
    assert Notification.objects.filter(person=analyst, title__contains="rejected").exists()


def test_what_was_changed_since_it_was_read_is_not_decided(
    draft: Scenario, analyst: Person, manager: Person
) -> None:
    seen = move_scenario(actor=analyst, scenario=draft, name="submit").revision

    with pytest.raises(Refused, match="changed since you opened it"):
        move_scenario(actor=manager, scenario=draft, name="approve", revision=seen - 1)


def test_only_those_with_the_right_publish(draft: Scenario, analyst: Person, manager: Person) -> None:
    approved = _approved(draft, analyst, manager)

    with pytest.raises(Denied):
        move_scenario(actor=analyst, scenario=approved, name="publish")


def test_publishing_twice_publishes_once(draft: Scenario, analyst: Person, manager: Person) -> None:
    move_scenario(actor=manager, scenario=_approved(draft, analyst, manager), name="publish")

    with pytest.raises(Refused, match="published"):
        move_scenario(actor=manager, scenario=draft, name="publish")


def test_reps_and_managers_hear_of_their_own_gains_and_losses(
    world: Realigned,
    draft: Scenario,
    analyst: Person,
    manager: Person,
    sales_rep: Person,
    sales_manager: Person,
) -> None:
    boss = a_rep("boss", person=sales_manager)
    world.sid.person, world.sid.manager = sales_rep, boss
    world.sid.save()

    move_scenario(actor=manager, scenario=_approved(draft, analyst, manager), name="publish")

    mine = Notification.objects.filter(person=sales_rep).latest("pk")
    assert "You get 2 accounts: a09, a10." in mine.text
    assert (
        "Sid South: 2 accounts more, 0 less"
        in Notification.objects.filter(person=sales_manager).latest("pk").text
    )


def test_approvers_hear_of_a_submission_but_not_who_submitted(
    draft: Scenario, manager: Person, vp: Person
) -> None:
    move_scenario(actor=manager, scenario=draft, name="submit")

    assert Notification.objects.filter(person=vp, title__contains="waits for approval").exists()
    assert not Notification.objects.filter(person=manager).exists()


def test_the_page_publishes_and_undoes_without_javascript(
    draft: Scenario, analyst: Person, manager: Person, signed_in: Callable[[Person], Client]
) -> None:
    _approved(draft, analyst, manager)
    client, page = signed_in(manager), f"/territories/realignments/{draft.pk}/"

    assert client.post(f"{page}moves/publish/").status_code == 302
    refused = client.post(f"{page}moves/undo/")
    done = client.post(f"{page}moves/undo/", {"reason": "Called off."}, follow=True)

    assert refused.status_code == 409 and "Say why" in refused.content.decode()
    assert "is undone" in done.content.decode()


def test_history_is_answered_on_both_sides_of_the_day(
    draft: Scenario, analyst: Person, manager: Person
) -> None:
    move_scenario(actor=manager, scenario=_approved(draft, analyst, manager), name="publish")

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM territories_assignment a JOIN crm_account c ON c.id = a.account_id "
            "WHERE c.code = 'a10'"
        )
        assert cursor.fetchone()[0] == 2
    assert (_owners("a10", BEFORE), _owners("a10", PUBLISH)) == (["nora"], ["sid"])


def test_quotas_follow_a_publication_and_come_back_with_its_undoing(
    manager: Person, vp: Person, analyst: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("territories.workflow.scenarios.timezone.localdate", lambda: dt.date(2026, 10, 1))
    company, plan = a_company(), approved(manager, vp)
    scenario = create_scenario(
        actor=analyst, model=company["model"], code="q", name="q", publish_on=dt.date(2026, 11, 16)
    )
    rows = rows_of(scenario, "at-beta")
    move_accounts(actor=analyst, scenario=scenario, rows=rows, territory=company["south"])
    was = amounts(plan)

    move_scenario(actor=vp, scenario=_approved(scenario, analyst, manager), name="publish")
    version = ScenarioQuotas.objects.get(scenario=scenario).version
    now = amounts(version)
    move_scenario(actor=vp, scenario=scenario, name="undo", reason="Called off.")

    assert now["bob"] < was["bob"] and now["cid"] - was["cid"] == was["bob"] - now["bob"]
    restored = QuotaPlan.objects.get(state="approved")
    assert restored != version and amounts(restored) == was


@pytest.mark.django_db(transaction=True)
def test_of_four_who_publish_at_once_one_does() -> None:
    analyst, manager = (
        Person.objects.create_user(f"{role}@example.com", name=role.title(), roles=[role])
        for role in ("analyst", "manager")
    )
    world = a_realigned_world()
    scenario = world.scenario(analyst)
    rows = rows_of(scenario, "a09", "a10")
    move_accounts(actor=analyst, scenario=scenario, rows=rows, territory=world.south)
    _approved(scenario, analyst, manager)

    came = together(lambda _: move_scenario(actor=manager, scenario=scenario, name="publish"), 4)

    assert sorted(came) == ["accepted", "wrong_state", "wrong_state", "wrong_state"]
    assert Placement.objects.filter(placed_by="scenario").count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_who_move_the_same_account_at_once_one_does() -> None:
    analyst = Person.objects.create_user("analyst@example.com", name="Ada", roles=["analyst"])
    world = a_realigned_world()
    scenario = world.scenario(analyst)
    rows = rows_of(scenario, "a05")

    def work(_: int) -> None:
        move_accounts(actor=analyst, scenario=scenario, rows=rows, territory=world.south)

    assert sorted(together(work, 2)) == ["accepted", "stale"]
