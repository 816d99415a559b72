"""Pages of plan versions: terms in words, moves with what stands against them, text, comparison."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render

from compensation.engine.moves import VERSION_MOVES
from compensation.engine.plan import Plan
from compensation.engine.plan_cells import BadPlan
from compensation.engine.plan_limit_words import plan_words
from compensation.engine.plan_reading import plan_from
from compensation.engine.plan_words import component_words
from compensation.engine.plan_yaml import terms_text
from compensation.forms.plans import TermsForm
from compensation.models import PlanVersion, VersionState
from compensation.selectors.addresses import pay_plan_path, plan_version_path
from compensation.selectors.plan_comparison import compared
from compensation.selectors.plans import faults_of_terms, versions_visible_to
from compensation.services.plans import change_version, delete_draft, may_change, move_version
from compensation.views.plan_columns import (
    PLAN,
    PLANS,
    PRETITLE,
    in_force_words,
    last_day,
    plan_currency,
    reasons_with_lines,
    version_tone,
    version_url,
)
from compensation.workflow.versions import VERSIONS
from core.access import Page, person_of
from core.errors import Invalid, Refused
from core.listing import Column, Empty, export_rows
from core.pages import DetailPage, EditPage, Link, plain_table
from core.row_actions import RowAction

DONE = {
    "submit": "{} waits for approval.",
    "take_back": "{} is a draft again.",
    "send_back": "{} is sent back.",
    "approve": "{} is approved.",
    "withdraw": "{} is withdrawn; the version before pays on.",
}
DIFFERENCES = [
    Column("component", "Component"),
    Column("setting", "Setting"),
    Column("before", "Before"),
    Column("after", "After"),
]


class PlanVersionPage(DetailPage):
    """One version: what it pays in words, what may happen next and what stands against it."""

    action = PLANS
    pretitle = PRETITLE
    template_name = "compensation/plan_version.html"
    refused: Refused | None = None
    facts = [
        Column("state", "State", in_force_words, "badge", tone=version_tone),
        Column("starts", "First month", kind="month"),
        Column("last", "Last day", last_day, "date"),
        Column("submitted_by", "Submitted by", "submitted_by.name"),
        Column("approved_by", "Approved by", "approved_by.name"),
        Column("approved", "Approved", kind="time"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[PlanVersion]:
        return versions_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: PlanVersion) -> list[Link]:
        return [Link(row.plan.name, pay_plan_path(row.plan_id))]

    def title(self, row: PlanVersion) -> str:
        return f"{row.plan.name}, version {row.number}"

    def hidden_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("terms", "submitted", "approved")

    def more(self, request: HttpRequest, row: PlanVersion) -> dict[str, Any]:
        person = person_of(request)
        moves = VERSIONS.offered(row, person)
        plain = [(move, VERSIONS.refusals(row, move, person)) for move in moves if not move.asks_reason]
        others = self.rows(request).filter(plan=row.plan_id).exclude(pk=row.pk).order_by("-number")
        return {
            "refused": self.refused.reasons if self.refused else None,
            "ready": [move for move, against in plain if not against],
            "blocked": [(move, against) for move, against in plain if against],
            "asking": [move for move in moves if move.asks_reason],
            "may_change": may_change(person, row),
            "others": others,
            **said_of(row),
        }


def said_of(row: PlanVersion) -> dict[str, Any]:
    """The terms in words, or what is wrong with them, and their text."""
    faults = faults_of_terms(row.terms)
    try:
        plan: Plan | None = plan_from(row.terms)
    except BadPlan:
        plan = None
    told = [] if plan is None else [(one, component_words(plan, one)) for one in plan.components]
    return {
        "faults": faults,
        "plan": plan,
        "currency": plan_currency(plan),
        "told": told,
        "plan_words": plan_words(plan) if plan else [],
        "text": terms_text(row.terms),
    }


class PlanTermsEdit(EditPage):
    """A draft's terms as text; every fault is named with its line."""

    action = PLAN
    pretitle = PRETITLE
    form_class = TermsForm
    template_name = "compensation/plan_terms.html"
    submit_label = "Save the terms"
    note = "The draft pays nobody before a second person approves it."

    def rows(self, request: HttpRequest) -> QuerySet[PlanVersion]:
        return versions_visible_to(person_of(request)).filter(state=VersionState.DRAFT)

    def title(self, row: PlanVersion) -> str:
        return f"Terms of {row}"

    def initial(self, request: HttpRequest, row: PlanVersion) -> dict[str, Any]:
        return super().initial(request, row) | {"terms": terms_text(row.terms)}

    def change(
        self, request: HttpRequest, row: PlanVersion, revision: int, data: dict[str, Any]
    ) -> PlanVersion:
        try:
            return change_version(actor=person_of(request), version=row, revision=revision, changes=data)
        except Invalid as refusal:
            raise Invalid(*reasons_with_lines(request, refusal)) from refusal

    def done_url(self, request: HttpRequest, saved: PlanVersion) -> str:
        return plan_version_path(saved.pk)


class VersionAction(RowAction):
    action = PLAN
    page = PlanVersionPage

    def row(self, request: HttpRequest, pk: int) -> PlanVersion:
        return get_object_or_404(versions_visible_to(person_of(request)), pk=pk)


class PlanVersionMove(VersionAction):
    action = PLANS

    def act(self, request: HttpRequest, row: PlanVersion, **kwargs: Any) -> tuple[str, str]:
        name, reason = kwargs["name"], request.POST.get("reason", "")
        if name not in VERSION_MOVES.names:
            raise Http404(f"There is no move “{name}”.")
        sent = request.POST.get("revision", "")
        revision = int(sent) if sent.isdigit() else None
        moved = move_version(
            actor=person_of(request), version=row, name=name, reason=reason, revision=revision
        )
        return version_url(moved), DONE[name].format(moved)


class PlanVersionDelete(VersionAction):
    def act(self, request: HttpRequest, row: PlanVersion, **kwargs: Any) -> tuple[str, str]:
        label, plan = str(row), row.plan_id
        delete_draft(actor=person_of(request), version=row)
        return pay_plan_path(plan), f"{label} is deleted."


class PlanCompare(Page):
    """One version beside another of the same plan."""

    action = PLANS

    def get(self, request: HttpRequest, pk: int, other: int) -> HttpResponseBase:
        rows = versions_visible_to(person_of(request))
        after = get_object_or_404(rows, pk=pk)
        before = get_object_or_404(rows.filter(plan=after.plan_id), pk=other)
        found, unread = compared(before, after)
        if form := request.GET.get("export"):
            return export_rows(found, DIFFERENCES, title=f"{after} v {before}", form=form)
        empty = Empty("No difference", "Both versions pay the same for everything.")
        context = {
            "before": before,
            "after": after,
            "version_url": version_url(after),
            "unread": unread,
            "table": plain_table(found, DIFFERENCES, caption="Differences", empty=empty),
        }
        return render(request, "compensation/plan_compare.html", context)
