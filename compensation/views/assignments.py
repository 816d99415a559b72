"""Pages of who is on a plan: a role or rep on days, with own terms."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from compensation.engine.plan_yaml import terms_text
from compensation.forms.assignments import AssignmentForm, OwnTermsForm
from compensation.forms.plans import WhyForm
from compensation.models import PayPlan, PlanAssignment
from compensation.selectors.addresses import assignment_path, pay_of_rep_path, pay_plan_path
from compensation.selectors.plans import first_day_to_pay, plans_visible_to
from compensation.selectors.positions import assignments_visible_to
from compensation.services.assignments import change_assignment, put_on_plan, take_off_plan
from compensation.views.plan_columns import (
    FIRST,
    LAST,
    PLAN,
    PLANS,
    PRETITLE,
    VIEW,
    WHEN,
    first_day,
    last_day,
    terms_words,
)
from core.access import person_of
from core.listing import Column
from core.pages import AddPage, DetailPage, EditPage, FormPage, Link, Section
from core.roles import can


class AssignmentRows:
    """Rows of plans, of the reps whose pay this person may see."""

    pretitle = PRETITLE

    def rows(self, request: HttpRequest) -> QuerySet[PlanAssignment]:
        return assignments_visible_to(person_of(request))


def who(row: PlanAssignment) -> str:
    return row.role.name if row.role else getattr(row.rep, "name", "")


class AssignmentPage(AssignmentRows, DetailPage):
    action = VIEW
    edit = (PLAN, "compensation:assignment-edit")
    facts = [
        Column("plan", "Plan", "plan.name"),
        Column("who", "Role or rep", who),
        FIRST,
        LAST,
        WHEN,
        Column("target_incentive", "Own target incentive of a year", kind="money"),
        Column("terms", "Otherwise", terms_words),
        Column("reason", "Why"),
    ]

    def title(self, row: PlanAssignment) -> str:
        return f"{who(row)} on {row.plan.name}"

    def parents(self, request: HttpRequest, row: PlanAssignment) -> list[Link]:
        if can(request.user, PLANS):
            return [Link(row.plan.name, pay_plan_path(row.plan_id))]
        return [Link(who(row), pay_of_rep_path(row.rep_id))] if row.rep_id else []

    def sections(self, request: HttpRequest, row: PlanAssignment) -> list[Section]:
        links: tuple[Link, ...] = ()
        if row.days.lower > timezone.localdate():
            url = reverse("compensation:assignment-remove", args=[row.pk])
            links = (Link("Take it back", url, PLAN),)
        context = {"text": terms_text(row.changes) if row.changes else ""}
        return [Section("Own terms", "compensation/plan_own_terms.html", context, links=links)]


class AssignmentAdd(AddPage):
    """Puts a role or a rep on the plan of the address."""

    action = PLAN
    pretitle = PRETITLE
    form_class = AssignmentForm
    template_name = "compensation/plan_terms.html"
    submit_label = "Put on the plan"
    done = "{row} is saved."
    note = "Choose a role, or a rep with other terms. A rep’s own row wins over that of the role."

    def row(self, request: HttpRequest, **kwargs: Any) -> PayPlan:
        return get_object_or_404(plans_visible_to(person_of(request)), pk=kwargs["plan"])

    def title(self, row: PayPlan) -> str:
        return f"Put somebody on {row.name}"

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"first": first_day_to_pay(row) or timezone.localdate().replace(day=1)} | super().initial(
            request, row
        )

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> AssignmentForm:
        return AssignmentForm(data, initial=self.initial(request, row), person=person_of(request))

    def save(self, request: HttpRequest, row: PayPlan, data: dict[str, Any]) -> PlanAssignment:
        return put_on_plan(actor=person_of(request), plan=row, **data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return pay_plan_path(saved.plan_id if isinstance(saved, PlanAssignment) else saved.pk)


class AssignmentEdit(AssignmentRows, EditPage):
    action = PLAN
    form_class = OwnTermsForm
    template_name = "compensation/plan_terms.html"

    def initial(self, request: HttpRequest, row: PlanAssignment) -> dict[str, Any]:
        text = terms_text(row.changes) if row.changes else ""
        said = {"first": first_day(row), "last": last_day(row), "changes": text}
        return super().initial(request, row) | said

    def change(
        self, request: HttpRequest, row: PlanAssignment, revision: int, data: dict[str, Any]
    ) -> PlanAssignment:
        return change_assignment(actor=person_of(request), row=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: PlanAssignment) -> str:
        return assignment_path(saved.pk)


class AssignmentRemove(AssignmentRows, FormPage):
    """Takes back days on a plan that have not begun."""

    action = PLAN
    form_class = WhyForm
    danger = True
    submit_label = "Take it back"
    done = "{row} is taken back."

    def title(self, row: PlanAssignment) -> str:
        return f"Take back: {row}"

    def save(self, request: HttpRequest, row: PlanAssignment, data: dict[str, Any]) -> PlanAssignment:
        take_off_plan(actor=person_of(request), row=row, revision=row.revision, reason=data["reason"])
        return row

    def done_url(self, request: HttpRequest, saved: PlanAssignment) -> str:
        return pay_plan_path(saved.plan_id)

    def cancel_url(self, request: HttpRequest, row: PlanAssignment) -> str:
        return assignment_path(row.pk)
