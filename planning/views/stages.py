"""Planning a cycle's stages: owners, days and checklists."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from core.access import person_of, requires
from core.pages import EditPage, FormPage
from planning.forms.cycles import ChecklistForm, RemoveForm, StageForm
from planning.models import ChecklistItem, Stage
from planning.selectors.addresses import cycle_path
from planning.selectors.cycles import checklist_visible_to, stages_visible_to
from planning.services.checklists import add_item, change_item, remove_item, tick_item
from planning.services.stages import change_stage
from planning.views.tasks import revision_of


class StageEdit(EditPage):
    """Who owns the stage, and by when it is due."""

    action = "cycle.plan"
    form_class = StageForm
    submit_label = "Save the stage"

    def rows(self, request: HttpRequest) -> QuerySet[Stage]:
        return stages_visible_to(person_of(request))

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"owner": row.owner_id, "due": row.due}

    def change(self, request: HttpRequest, row: Stage, revision: int, data: dict[str, Any]) -> Stage:
        return change_stage(actor=person_of(request), stage=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Stage) -> str:
        return f"{cycle_path(saved.cycle_id)}#stages"


class ChecklistAdd(FormPage):
    """A further point of a stage's checklist."""

    action = "cycle.plan"
    form_class = ChecklistForm
    submit_label = "Add the point"
    done = "“{row}” is added."

    def rows(self, request: HttpRequest) -> QuerySet[Stage]:
        return stages_visible_to(person_of(request))

    def title(self, row: Any) -> str:
        return f"Add a point: {row}"

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"is_required": True}

    def save(self, request: HttpRequest, row: Stage, data: dict[str, Any]) -> ChecklistItem:
        return add_item(actor=person_of(request), stage=row, **data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        stage = saved if isinstance(saved, Stage) else saved.stage
        return f"{cycle_path(stage.cycle_id)}#checklist"


class ChecklistEdit(EditPage):
    """Changes what a point says."""

    action = "cycle.plan"
    form_class = ChecklistForm
    heading = "Change a point"
    submit_label = "Save the point"

    def rows(self, request: HttpRequest) -> QuerySet[ChecklistItem]:
        return checklist_visible_to(person_of(request))

    def change(
        self, request: HttpRequest, row: ChecklistItem, revision: int, data: dict[str, Any]
    ) -> ChecklistItem:
        return change_item(actor=person_of(request), item=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: ChecklistItem) -> str:
        return f"{cycle_path(saved.stage.cycle_id)}#checklist"


class ChecklistRemove(FormPage):
    """Takes a point off, with the reason."""

    action = "cycle.plan"
    form_class = RemoveForm
    submit_label = "Take the point off"
    danger = True
    done = "“{row}” is taken off."

    def rows(self, request: HttpRequest) -> QuerySet[ChecklistItem]:
        return checklist_visible_to(person_of(request))

    def title(self, row: Any) -> str:
        return f"Take off: {row}"

    def save(self, request: HttpRequest, row: ChecklistItem, data: dict[str, Any]) -> ChecklistItem:
        remove_item(actor=person_of(request), item=row, revision=row.revision, reason=data["reason"])
        return row

    def done_url(self, request: HttpRequest, saved: ChecklistItem) -> str:
        return f"{cycle_path(saved.stage.cycle_id)}#checklist"


@require_POST
@requires("cycle.view")
def checklist_tick(request: HttpRequest, pk: int) -> HttpResponse:
    """Tick a point off, or (`done=no`) take the tick back."""
    item = get_object_or_404(checklist_visible_to(person_of(request)), pk=pk)
    done = request.POST.get("done", "yes") != "no"
    tick_item(actor=person_of(request), item=item, revision=revision_of(request), done=done)
    return redirect(f"{cycle_path(item.stage.cycle_id)}#checklist")
