"""Tasks: given, finished, reminded of."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

from core.errors import Conflict, Denied, Invalid, Refused
from core.models import Event, Notification, Person
from planning.models import Cycle, Task
from planning.pipeline.reminders import remind_of_due_tasks
from planning.selectors.tasks import tasks_visible_to
from planning.services.tasks import add_task, change_task, finish_task, remind_of_task

SignIn = Callable[[Person], Client]
TODAY = dt.date(2026, 1, 14)


@pytest.fixture
def task(cycle: Cycle, manager: Person, analyst: Person) -> Task:
    return add_task(actor=manager, cycle=cycle, title="Confirm lead times", owner=analyst, due=TODAY)


def reminders(person: Person) -> list[str]:
    rows = Notification.objects.filter(person=person, title__startswith="Your tasks").order_by("pk")
    return [row.title for row in rows]


def test_who_gets_a_task_is_told_and_it_stands_in_the_stage_of_the_cycle(task: Task, analyst: Person) -> None:
    assert task.stage == "data"
    told = Notification.objects.get(person=analyst, title__contains="Confirm lead times")
    assert told.url == f"/tasks/{task.pk}/"
    assert Event.objects.filter(verb="task given", subject_id=str(task.pk)).exists()


def test_a_sales_manager_gives_no_tasks(cycle: Cycle, sales_manager: Person) -> None:
    with pytest.raises(Denied):
        add_task(actor=sales_manager, cycle=cycle, title="Call", owner=sales_manager, due=TODAY)


def test_a_task_has_a_title(cycle: Cycle, manager: Person) -> None:
    with pytest.raises(Invalid) as invalid:
        add_task(actor=manager, cycle=cycle, title="", owner=manager, due=TODAY)
    assert invalid.value.reasons[0].field == "title"


def test_its_owner_finishes_it_and_takes_it_up_again(task: Task, analyst: Person) -> None:
    done = finish_task(actor=analyst, task=task, revision=1)
    assert (done.done_by, done.done is not None) == (analyst, True)

    again = finish_task(actor=analyst, task=done, revision=2, done=False)
    assert (again.done_by, again.done) == (None, None)


def test_nobody_else_but_a_planner_finishes_it(
    cycle: Cycle, manager: Person, analyst: Person, sales_manager: Person
) -> None:
    other = add_task(actor=manager, cycle=cycle, title="Look", owner=analyst, due=TODAY)
    with pytest.raises(Denied, match="Only Ada Analyst or a planner"):
        finish_task(actor=sales_manager, task=other, revision=1)
    assert finish_task(actor=manager, task=other, revision=1).done_by == manager


def test_finishing_twice_is_one_event(task: Task, analyst: Person) -> None:
    done = finish_task(actor=analyst, task=task, revision=1)
    finish_task(actor=analyst, task=done, revision=2)
    assert Event.objects.filter(verb="task done").count() == 1


def test_a_stale_change_is_a_conflict(task: Task, manager: Person, coordinator: Person) -> None:
    change_task(actor=manager, task=task, revision=1, changes={"title": "Confirm them all"})
    with pytest.raises(Conflict) as conflict:
        change_task(actor=coordinator, task=task, revision=1, changes={"title": "Confirm some"})
    assert conflict.value.theirs == {"title": "Confirm them all"}


def test_a_new_owner_is_told(task: Task, manager: Person, coordinator: Person) -> None:
    change_task(actor=manager, task=task, revision=1, changes={"owner": coordinator})
    assert Notification.objects.filter(person=coordinator, title__startswith="A task for you").exists()


def test_planners_see_all_tasks_others_their_own(task: Task, manager: Person, sales_manager: Person) -> None:
    own = add_task(actor=manager, cycle=task.cycle, title="Call them", owner=sales_manager, due=TODAY)
    assert set(tasks_visible_to(manager)) == {task, own}
    assert set(tasks_visible_to(sales_manager)) == {own}


@pytest.mark.parametrize(("days", "title"), [(-1, "1 due"), (0, "1 due"), (1, "1 late"), (9, "1 late")])
def test_an_owner_is_reminded_from_the_day_before_on(
    task: Task, analyst: Person, days: int, title: str
) -> None:
    assert remind_of_due_tasks(today=TODAY + dt.timedelta(days=days)) == 1
    assert reminders(analyst) == [f"Your tasks: {title}"]


def test_nobody_is_reminded_two_days_before(task: Task, analyst: Person) -> None:
    assert remind_of_due_tasks(today=TODAY - dt.timedelta(days=2)) == 0


def test_once_a_day_and_again_on_the_next(task: Task, analyst: Person) -> None:
    remind_of_due_tasks(today=TODAY)
    remind_of_due_tasks(today=TODAY)
    remind_of_due_tasks(today=TODAY + dt.timedelta(days=1))
    assert reminders(analyst) == ["Your tasks: 1 due", "Your tasks: 1 late"]


def test_what_is_done_or_abandoned_is_not_reminded_of(task: Task, analyst: Person, manager: Person) -> None:
    finish_task(actor=analyst, task=task, revision=1)
    add_task(actor=manager, cycle=task.cycle, title="Other", owner=analyst, due=TODAY)
    Cycle.objects.filter(pk=task.cycle_id).update(stage="abandoned")
    assert remind_of_due_tasks(today=TODAY) == 0


def test_many_tasks_make_one_message(task: Task, manager: Person, analyst: Person) -> None:
    add_task(actor=manager, cycle=task.cycle, title="Second", owner=analyst, due=TODAY)
    assert remind_of_due_tasks(today=TODAY) == 1
    told = Notification.objects.get(person=analyst, title="Your tasks: 2 due")
    assert told.text == "Confirm lead times: due today.\nSecond: due today."


def test_a_planner_reminds_now_but_not_of_what_is_done(
    task: Task, coordinator: Person, analyst: Person
) -> None:
    remind_of_task(actor=coordinator, task=task)
    assert Notification.objects.filter(
        person=analyst, title__startswith="Cora Coordinator reminds you"
    ).exists()
    finish_task(actor=analyst, task=task, revision=1)
    with pytest.raises(Refused, match="nothing to remind of"):
        remind_of_task(actor=coordinator, task=task)


def test_my_tasks_open_with_what_i_have_to_do(
    task: Task, analyst: Person, manager: Person, signed_in: SignIn
) -> None:
    add_task(actor=manager, cycle=task.cycle, title="Of the manager", owner=manager, due=TODAY)
    page = signed_in(analyst).get("/tasks/", follow=True).content.decode()
    assert "Confirm lead times" in page
    assert "Of the manager" not in page


def test_a_task_is_given_changed_and_finished_on_its_pages(
    cycle: Cycle, coordinator: Person, analyst: Person, signed_in: SignIn
) -> None:
    client = signed_in(coordinator)
    sent = {"title": "Chase the file", "owner": analyst.email, "due": "2026-01-07", "stage": "data"}
    added = client.post(f"/cycles/{cycle.pk}/tasks/add/", sent)
    task = Task.objects.get()
    assert added["Location"] == f"/tasks/{task.pk}/"

    client.post(f"/tasks/{task.pk}/edit/", sent | {"title": "Chase it", "revision": 1})
    signed_in(analyst).post(f"/tasks/{task.pk}/finish/", {"revision": 2})

    task.refresh_from_db()
    assert (task.title, task.done_by) == ("Chase it", analyst)


def test_an_old_page_does_not_finish_a_changed_task(
    task: Task, manager: Person, analyst: Person, signed_in: SignIn
) -> None:
    change_task(actor=manager, task=task, revision=1, changes={"title": "Something else"})
    answer = signed_in(analyst).post(f"/tasks/{task.pk}/finish/", {"revision": 1})
    assert answer.status_code == 409
    task.refresh_from_db()
    assert task.done is None
