"""What is done to quota plans on their pages: allocate, move, follow by a version, throw a draft away."""

from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from core.access import person_of
from core.errors import Refused
from core.forms import reasons_of
from core.row_actions import RowAction
from territories.engine.quotas.moves import QUOTA_MOVES
from territories.forms.quotas import VersionForm
from territories.models import QuotaPlan
from territories.selectors.quotas import plans_visible_to
from territories.services.quota_plans import (
    allocate,
    delete_draft,
    move_plan,
    new_version,
    take_target_from_plan,
)
from territories.views.quota_plans import PLAN, VIEW, QuotaPlanPage
from territories.workflow.quotas import plan_url

DONE_WORDS = {
    "submit": "{} waits for approval.",
    "take_back": "{} is a draft again.",
    "send_back": "{} is sent back.",
    "approve": "{} is approved; the reps are told.",
}


class PlanAction(RowAction):
    action = PLAN
    page = QuotaPlanPage

    def row(self, request: HttpRequest, pk: int) -> QuotaPlan:
        return get_object_or_404(plans_visible_to(person_of(request)), pk=pk)


class QuotaAllocate(PlanAction):
    def act(self, request: HttpRequest, row: QuotaPlan, **kwargs: Any) -> tuple[str, str]:
        allocate(actor=person_of(request), plan=row)
        return plan_url(row), "The target is allocated."


class QuotaTarget(PlanAction):
    def act(self, request: HttpRequest, row: QuotaPlan, **kwargs: Any) -> tuple[str, str]:
        take_target_from_plan(actor=person_of(request), plan=row, revision=row.revision)
        return plan_url(row), "The target is that of the released plan now. Allocate it."


class QuotaPlanMove(PlanAction):
    action = VIEW

    def act(self, request: HttpRequest, row: QuotaPlan, **kwargs: Any) -> tuple[str, str]:
        name = kwargs["name"]
        if name not in DONE_WORDS or name not in QUOTA_MOVES.names:
            raise Http404(f"There is no move “{name}”.")
        reason = request.POST.get("reason", "")
        moved = move_plan(actor=person_of(request), plan=row, name=name, reason=reason)
        return plan_url(moved), DONE_WORDS[name].format(moved)


class QuotaVersion(PlanAction):
    def act(self, request: HttpRequest, row: QuotaPlan, **kwargs: Any) -> tuple[str, str]:
        form = VersionForm(request.POST)
        if not form.is_valid():
            raise Refused(*reasons_of(form))
        month = form.cleaned_data["from_month"]
        made = new_version(actor=person_of(request), plan=row, from_month=month)
        return plan_url(made), f"{made} is a draft from {made.from_month:%b %Y} on."


class QuotaPlanDelete(PlanAction):
    def act(self, request: HttpRequest, row: QuotaPlan, **kwargs: Any) -> tuple[str, str]:
        label = str(row)
        delete_draft(actor=person_of(request), plan=row)
        return reverse("territories:quota-plan-list"), f"{label} is deleted."
