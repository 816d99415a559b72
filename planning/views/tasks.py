"""Pages of tasks: one's own or everybody's, one in detail, done, reminded of."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from core.access import person_of, requires
from core.errors import Invalid
from core.listing import Column, Empty, ListPage
from core.pages import DetailPage, EditPage, Link
from core.roles import can
from planning.engine.days import due_in
from planning.filters import TaskFilter
from planning.forms.around import TaskForm
from planning.models import Task
from planning.selectors.addresses import meeting_path, task_path
from planning.selectors.tasks import tasks_visible_to
from planning.services.tasks import add_task, change_task, finish_task, remind_of_task
from planning.views.around import CYCLE, OWNER, AddToCycle, add_link, parents_of


def state_of(task: Task) -> str:
    """How a task stands, in words."""
    return "done" if task.done else due_in(task.due, timezone.localdate())


def tone_of(task: Task) -> str:
    if task.done:
        return "good"
    days = (task.due - timezone.localdate()).days
    return "bad" if days < 0 else "warn" if days <= 1 else "quiet"


STATE = Column("state", "State", state_of, "badge", tone=tone_of)
DUE = Column("due", "Due", kind="date", order="due")
STAGE = Column("stage", "Stage", lambda row: row.get_stage_display(), order="stage")


class TaskList(ListPage):
    """What is to be done. Without a filter: one's own, still open."""

    action = "tasks.own"
    title = "Tasks"
    filterset_class = TaskFilter
    default_order = "is_over,due"
    empty = Empty("Nothing to do", "Tasks given to you stand here until they are done.")
    columns = [Column("title", "Task", order="title"), OWNER, DUE, STATE, STAGE, CYCLE]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        if not request.GET:
            return redirect(f"{task_path()}?owner={person_of(request).email}&state=open")
        return super().get(request, **kwargs)

    def rows(self, request: HttpRequest) -> QuerySet[Task]:
        return tasks_visible_to(person_of(request))

    def row_url(self, row: Task) -> str:
        return task_path(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, "tasks.manage"):
            return {}
        return add_link(request, "Give a task", "tasks")


class TaskPage(DetailPage):
    action = "tasks.own"
    edit = ("tasks.manage", "planning:task-edit")
    template_name = "planning/task.html"
    facts = [
        STATE,
        OWNER,
        DUE,
        STAGE,
        Column("text", "Details"),
        Column(
            "meeting",
            "Agreed in",
            "meeting",
            link=lambda row: meeting_path(row.meeting) if row.meeting_id else "",
        ),
        Column("done_by", "Done by", "done_by.name"),
        Column("reminded", "Last reminded", kind="date"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Task]:
        return tasks_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: Task) -> list[Link]:
        return parents_of(row, "Tasks", f"{task_path()}?cycle={row.cycle_id}")

    def more(self, request: HttpRequest, row: Task) -> dict[str, Any]:
        manages = bool(can(request.user, "tasks.manage"))
        return {
            "may_finish": manages or row.owner_id == request.user.pk,
            "may_remind": manages and not row.done,
        }


class TaskAdd(AddToCycle):
    action = "tasks.manage"
    form_class = TaskForm
    heading = "Give a task"
    submit_label = "Give the task"

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Task:
        return add_task(actor=person_of(request), cycle=row, **data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return task_path(saved)


class TaskEdit(EditPage):
    action = "tasks.manage"
    form_class = TaskForm
    submit_label = "Save the task"

    def rows(self, request: HttpRequest) -> QuerySet[Task]:
        return tasks_visible_to(person_of(request))

    def change(self, request: HttpRequest, row: Task, revision: int, data: dict[str, Any]) -> Task:
        return change_task(actor=person_of(request), task=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Task) -> str:
        return task_path(saved)


def revision_of(request: HttpRequest) -> int:
    """The revision the page was made from. Raises Invalid without one."""
    sent = request.POST.get("revision", "")
    if not sent.isdigit() or len(sent) > 9:
        raise Invalid("The page is too old to act on. Reload it and press the button again.")
    return int(sent)


@require_POST
@requires("tasks.own")
def task_finish(request: HttpRequest, pk: int) -> HttpResponse:
    """Done, or (`done=no`) taken up again."""
    task = get_object_or_404(tasks_visible_to(person_of(request)), pk=pk)
    done = request.POST.get("done", "yes") != "no"
    saved = finish_task(actor=person_of(request), task=task, revision=revision_of(request), done=done)
    messages.success(request, f"“{saved}” is {'done' if done else 'taken up again'}.")
    return redirect(back_to(request, task_path(saved)))


@require_POST
@requires("tasks.manage")
def task_remind(request: HttpRequest, pk: int) -> HttpResponse:
    task = get_object_or_404(tasks_visible_to(person_of(request)), pk=pk)
    remind_of_task(actor=person_of(request), task=task)
    messages.success(request, f"{task.owner.name} is reminded.")
    return redirect(back_to(request, task_path(task)))


def back_to(request: HttpRequest, otherwise: str) -> str:
    """The page the button stood on, if it named itself and is one of ours."""
    wanted = request.POST.get("next", "")
    return wanted if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else otherwise
