"""The pages of a cycle: list, board, moves, checklist, stages, timeline."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client

from catalog.models import Scope
from core.models import Event, Person
from core.selectors.messages import comments_about
from planning.models import ChecklistItem, Cycle, Stage
from planning.selectors.cycles import current_cycle
from planning.selectors.timeline import timeline_of
from planning.services.checklists import add_item, tick_item
from planning.services.registers import add_assumption, raise_decision
from planning.services.tasks import add_task
from planning.workflow.perform import GUARDS
from tests.planning.conftest import AtStage, Company

SignIn = Callable[[Person], Client]
Pinned = Callable[..., AbstractContextManager[None]]
DUE = dt.date(2026, 1, 20)


@pytest.fixture
def content(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in GUARDS:
        monkeypatch.setitem(GUARDS, name, lambda cycle: [])


def text_of(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def test_the_board_lists_what_stands_against_the_signature_before_anybody_presses(
    cycle: Cycle, coordinator: Person, signed_in: SignIn
) -> None:
    page = text_of(signed_in(coordinator), f"/cycles/{cycle.pk}/")
    assert "Before data gathering can be signed off" in page
    assert "Not ticked off yet: Sales of the last month agree with the ledger." in page
    assert f'href="/cycles/{cycle.pk}/#checklist"' in page
    assert f"/cycles/{cycle.pk}/moves/sign-data/" in page


def test_an_analyst_sees_the_reasons_and_no_button(cycle: Cycle, analyst: Person, signed_in: SignIn) -> None:
    page = text_of(signed_in(analyst), f"/cycles/{cycle.pk}/")
    assert "Not ticked off yet" in page
    assert "/moves/" not in page


def test_the_board_shows_tasks_decisions_and_what_happened(
    cycle: Cycle, manager: Person, analyst: Person, signed_in: SignIn
) -> None:
    add_task(actor=manager, cycle=cycle, title="Confirm lead times", owner=analyst, due=DUE)
    raise_decision(actor=manager, cycle=cycle, title="Build or buy?", owner=analyst, due=DUE)
    page = text_of(signed_in(manager), f"/cycles/{cycle.pk}/")
    for words in ("Confirm lead times", "Build or buy?", "Cycle opened", "Decision raised"):
        assert words in page


def test_the_board_asks_a_known_number_of_questions(
    cycle: Cycle, manager: Person, analyst: Person, signed_in: SignIn, pinned_queries: Pinned, content: None
) -> None:
    client = signed_in(manager)
    for number in range(8):
        add_task(actor=manager, cycle=cycle, title=f"Task {number}", owner=analyst, due=DUE)
    with pinned_queries():
        text_of(client, f"/cycles/{cycle.pk}/")


def test_a_refused_move_answers_409_with_every_reason(
    cycle: Cycle, coordinator: Person, signed_in: SignIn
) -> None:
    answer = signed_in(coordinator).post(f"/cycles/{cycle.pk}/moves/sign-data/", {"reason": ""})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert page.count("<li>Not ticked off yet:") == 2
    cycle.refresh_from_db()
    assert cycle.stage == "data"


def test_signing_off_leads_back_to_the_board(
    cycle: Cycle, coordinator: Person, signed_in: SignIn, content: None
) -> None:
    client = signed_in(coordinator)
    answer = client.post(f"/cycles/{cycle.pk}/moves/sign-data/", {"reason": "All in."})
    assert answer["Location"] == f"/cycles/{cycle.pk}/"
    assert "is now in demand planning" in text_of(client, answer["Location"])

    again = client.post(f"/cycles/{cycle.pk}/moves/sign-data/", {"reason": ""})
    assert again.status_code == 409
    assert "that is not possible now" in again.content.decode()


def test_a_stage_is_chosen_to_go_back_to_and_the_reason_is_asked(
    cycle: Cycle, manager: Person, signed_in: SignIn, at_stage: AtStage
) -> None:
    at_stage(cycle, "supply")
    client = signed_in(manager)
    form = text_of(client, f"/cycles/{cycle.pk}/moves/reopen/")
    assert "Data gathering" in form
    assert 'value="supply"' not in form, "only what lies before can be reopened"

    without = client.post(f"/cycles/{cycle.pk}/moves/reopen/", {"stage": "demand", "reason": " "})
    assert (without.status_code, "Say why, in one sentence." in without.content.decode()) == (400, True)

    nowhere = client.post(f"/cycles/{cycle.pk}/moves/reopen/", {"reason": "Because"})
    assert nowhere.status_code in {400, 409}

    client.post(f"/cycles/{cycle.pk}/moves/reopen/", {"stage": "demand", "reason": "A customer left."})
    cycle.refresh_from_db()
    assert cycle.stage == "demand"


@pytest.mark.parametrize("name", ["sign-data", "reopen", "abandon"])
def test_who_may_not_move_is_denied(
    cycle: Cycle, analyst: Person, signed_in: SignIn, at_stage: AtStage, name: str
) -> None:
    if name == "reopen":
        at_stage(cycle, "demand")
    client = signed_in(analyst)
    address = f"/cycles/{cycle.pk}/moves/{name}/"
    assert client.get(address).status_code == 403
    assert client.post(address, {"stage": "data", "reason": "x"}).status_code == 403


@pytest.mark.parametrize("name", ["nonsense", "reopen-data"])
def test_a_move_that_is_no_page_is_not_found(
    cycle: Cycle, manager: Person, signed_in: SignIn, name: str
) -> None:
    assert signed_in(manager).get(f"/cycles/{cycle.pk}/moves/{name}/").status_code == 404


def test_a_point_is_ticked_off_and_taken_back(cycle: Cycle, coordinator: Person, signed_in: SignIn) -> None:
    item = ChecklistItem.objects.filter(stage__cycle=cycle, stage__name="data").first()
    assert item is not None
    client = signed_in(coordinator)
    client.post(f"/checklist/{item.pk}/tick/", {"revision": 1})
    item.refresh_from_db()
    assert item.done_by == coordinator

    assert client.post(f"/checklist/{item.pk}/tick/", {"revision": 1, "done": "no"}).status_code == 409
    client.post(f"/checklist/{item.pk}/tick/", {"revision": 2, "done": "no"})
    item.refresh_from_db()
    assert item.done is None


def test_who_has_nothing_to_do_with_the_stage_does_not_tick(
    cycle: Cycle, analyst: Person, signed_in: SignIn
) -> None:
    item = ChecklistItem.objects.filter(stage__cycle=cycle, stage__name="data").first()
    assert item is not None
    answer = signed_in(analyst).post(f"/checklist/{item.pk}/tick/", {"revision": 1})
    assert answer.status_code == 403
    assert "Only Cora Coordinator" in answer.content.decode()

    Stage.objects.filter(cycle=cycle, name="data").update(owner=analyst)
    item.refresh_from_db()
    item.stage.refresh_from_db()
    assert tick_item(actor=analyst, item=item, revision=1, done=True).done_by == analyst


def test_points_are_added_changed_and_taken_off_with_a_reason(
    cycle: Cycle, manager: Person, signed_in: SignIn
) -> None:
    client = signed_in(manager)
    stage = cycle.stages.get(name="supply")
    client.post(f"/stages/{stage.pk}/checklist/add/", {"text": "The mill was called", "is_required": "on"})
    item = stage.checklist.get(text="The mill was called")
    assert item.position == 3

    sent = {"text": "The mill was visited", "revision": "1"}
    client.post(f"/checklist/{item.pk}/edit/", sent)
    item.refresh_from_db()
    assert (item.text, item.is_required) == ("The mill was visited", False)

    assert client.post(f"/checklist/{item.pk}/remove/", {"reason": ""}).status_code == 400
    client.post(f"/checklist/{item.pk}/remove/", {"reason": "It closed."})
    assert not ChecklistItem.objects.filter(pk=item.pk).exists()
    assert Event.objects.get(verb="checklist point removed").reason == "It closed."


def test_a_signed_stage_keeps_its_checklist(cycle: Cycle, manager: Person, signed_in: SignIn) -> None:
    stage = cycle.stages.get(name="data")
    Stage.objects.filter(pk=stage.pk).update(signed="2026-01-05T09:00Z", signed_by=manager)
    answer = signed_in(manager).post(f"/stages/{stage.pk}/checklist/add/", {"text": "More"})
    assert (answer.status_code, "is signed. Reopen it first." in answer.content.decode()) == (409, True)


def test_owner_and_day_of_a_stage_are_changed(
    cycle: Cycle, manager: Person, analyst: Person, signed_in: SignIn
) -> None:
    stage = cycle.stages.get(name="supply")
    sent = {"owner": analyst.pk, "due": "2026-01-21", "revision": "1"}
    assert signed_in(manager).post(f"/stages/{stage.pk}/edit/", sent).status_code == 302
    stage.refresh_from_db()
    assert (stage.owner, stage.due) == (analyst, dt.date(2026, 1, 21))
    assert (
        signed_in(manager).post(f"/stages/{stage.pk}/edit/", sent | {"due": "2026-01-22"}).status_code == 409
    )


def test_a_cycle_is_opened_on_its_page_and_a_second_is_refused_beside_the_month(
    firm: Company, planners: dict[str, Person], coordinator: Person, analyst: Person, signed_in: SignIn
) -> None:
    client = signed_in(coordinator)
    sent = {"month": "2026-01", "horizon": "24", "owner_supply": analyst.pk}
    opened = client.post("/cycles/add/", sent)
    cycle = Cycle.objects.get()
    assert (opened["Location"], cycle.horizon) == (f"/cycles/{cycle.pk}/", 24)
    assert cycle.stages.get(name="supply").owner == analyst

    again = client.post("/cycles/add/", sent)
    assert (again.status_code, "has a cycle already" in again.content.decode()) == (409, True)
    wrong = client.post("/cycles/add/", sent | {"month": "2026-02", "horizon": "60"})
    assert (wrong.status_code, "use 12 to 36" in wrong.content.decode()) == (400, True)


def test_a_released_cycle_is_revised_on_its_page(
    cycle: Cycle, manager: Person, signed_in: SignIn, at_stage: AtStage
) -> None:
    at_stage(cycle, "released")
    client = signed_in(manager)
    assert f"/cycles/{cycle.pk}/revise/" in text_of(client, f"/cycles/{cycle.pk}/")
    client.post(f"/cycles/{cycle.pk}/revise/", {"reason": "Old prices.", "horizon": "18"})
    revision = Cycle.objects.get(supersedes=cycle)
    assert (revision.issue, str(revision)) == (2, "Cycle Jan 2026, revision 2")
    assert "Revised by" in text_of(client, f"/cycles/{cycle.pk}/")


def test_the_list_shows_every_cycle(cycle: Cycle, executive: Person, signed_in: SignIn) -> None:
    page = text_of(signed_in(executive), "/cycles/")
    assert f'href="/cycles/{cycle.pk}/"' in page
    assert "/cycles/add/" not in page, "an executive opens no cycle"


def test_every_page_names_the_current_cycle_on_top(cycle: Cycle, analyst: Person, signed_in: SignIn) -> None:
    page = text_of(signed_in(analyst), "/catalog/products/")
    assert f'class="topbar-cycle" href="/cycles/{cycle.pk}/"' in page


def test_the_open_cycle_goes_before_a_released_one(cycle: Cycle, manager: Person, at_stage: AtStage) -> None:
    at_stage(cycle, "released")
    assert current_cycle() == cycle
    revision = Cycle.objects.create(month=cycle.month, issue=2, supersedes=cycle, opened_by=manager)
    assert current_cycle() == revision


def test_the_timeline_leaves_out_what_its_reader_may_not_see(
    firm: Company, cycle: Cycle, manager: Person, analyst: Person, colleague: Person, sales_manager: Person
) -> None:
    add_task(actor=manager, cycle=cycle, title="Of the analyst", owner=analyst, due=DUE)
    add_assumption(actor=manager, cycle=cycle, text="Snow", owner=manager, market=firm.world.tyrol)
    Scope.objects.create(person=colleague, market=firm.world.north)

    def told(person: Person) -> set[str]:
        return {event.verb for event in timeline_of(person, cycle, limit=50)}

    assert told(manager) == {"cycle opened", "task given", "assumption written"}
    assert told(colleague) == {"cycle opened", "task given"}
    assert told(sales_manager) == {"cycle opened", "assumption written"}


def test_a_cycle_can_be_commented(cycle: Cycle, analyst: Person, signed_in: SignIn) -> None:
    sent = {"subject_type": "planning.cycle", "subject_id": cycle.pk, "text": "Well done."}
    signed_in(analyst).post("/comments/", sent)
    assert [comment.text for comment in comments_about(cycle)] == ["Well done."]


def test_the_last_stage_takes_no_points_after_the_end(
    cycle: Cycle, manager: Person, at_stage: AtStage
) -> None:
    at_stage(cycle, "released")
    stage = cycle.stages.get(name="release")
    with pytest.raises(Exception, match="stays as it is"):
        add_item(actor=manager, stage=stage, text="Too late")


def test_the_list_is_narrowed_to_one_stage_by_a_single_choice(
    cycle: Cycle, manager: Person, at_stage: AtStage, signed_in: SignIn
) -> None:
    client = signed_in(manager)
    page = text_of(client, "/cycles/?stage=data")
    assert '<select name="stage"' in page
    assert "multiple" not in page.split('<select name="stage"')[1].split(">")[0]
    assert f'data-row-url="/cycles/{cycle.pk}/"' in page
    assert f'data-row-url="/cycles/{cycle.pk}/"' not in text_of(client, "/cycles/?stage=released")


def test_each_link_that_mends_a_reason_says_which(
    cycle: Cycle, coordinator: Person, signed_in: SignIn
) -> None:
    page = text_of(signed_in(coordinator), f"/cycles/{cycle.pk}/moves/sign-data/")
    reason = "The data is not frozen yet. Freeze it."
    assert f'Mend this<span class="visually-hidden">: {reason}</span></a>' in page
