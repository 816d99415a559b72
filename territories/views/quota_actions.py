"""What is done to quota plans on their pages: allocate, move, follow by a version, throw a draft away."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from core.access import Page, person_of
from core.errors import Conflict, Denied, Refused
from core.forms import reasons_of
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


class PlanAction(Page):
    """One button of a plan's page: does it, or shows the page with every reason against it."""

    action = PLAN

    def post(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        plan = get_object_or_404(plans_visible_to(person_of(request)), pk=pk)
        try:
            url, words = self.act(request, plan, **kwargs)
        except (Denied, Conflict):
            raise
        except Refused as refusal:
            return show_refused(request, pk, refusal)
        messages.success(request, words)
        return redirect(url)

    def act(self, request: HttpRequest, plan: QuotaPlan, **kwargs: Any) -> tuple[str, str]:
        """Call the service; gives where to go next and what to say."""
        raise TypeError(f"{type(self).__name__} calls no service: define act()")


class QuotaAllocate(PlanAction):
    def act(self, request: HttpRequest, plan: QuotaPlan, **kwargs: Any) -> tuple[str, str]:
        allocate(actor=person_of(request), plan=plan)
        return plan_url(plan), "The target is allocated."


class QuotaTarget(PlanAction):
    def act(self, request: HttpRequest, plan: QuotaPlan, **kwargs: Any) -> tuple[str, str]:
        take_target_from_plan(actor=person_of(request), plan=plan, revision=plan.revision)
        return plan_url(plan), "The target is that of the released plan now. Allocate it."


class QuotaPlanMove(PlanAction):
    action = VIEW

    def act(self, request: HttpRequest, plan: QuotaPlan, **kwargs: Any) -> tuple[str, str]:
        name = kwargs["name"]
        if name not in DONE_WORDS or name not in QUOTA_MOVES.names:
            raise Http404(f"There is no move “{name}”.")
        reason = request.POST.get("reason", "")
        moved = move_plan(actor=person_of(request), plan=plan, name=name, reason=reason)
        return plan_url(moved), DONE_WORDS[name].format(moved)


class QuotaVersion(PlanAction):
    def act(self, request: HttpRequest, plan: QuotaPlan, **kwargs: Any) -> tuple[str, str]:
        form = VersionForm(request.POST)
        if not form.is_valid():
            raise Refused(*reasons_of(form))
        month = form.cleaned_data["from_month"]
        made = new_version(actor=person_of(request), plan=plan, from_month=month)
        return plan_url(made), f"{made} is a draft from {made.from_month:%b %Y} on."


class QuotaPlanDelete(PlanAction):
    def act(self, request: HttpRequest, plan: QuotaPlan, **kwargs: Any) -> tuple[str, str]:
        label = str(plan)
        delete_draft(actor=person_of(request), plan=plan)
        return reverse("territories:quota-plan-list"), f"{label} is deleted."


def show_refused(request: HttpRequest, pk: int, refusal: Refused) -> HttpResponse:
    """The plan's page with every reason on top; nothing has changed."""
    page = QuotaPlanPage()
    page.setup(request, pk=pk)
    page.refused = refusal
    response: Any = page.get(request, pk=pk)
    response.status_code = refusal.status
    return response
