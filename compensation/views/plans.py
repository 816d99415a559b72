"""Pages of plans: the list, one plan with its versions and people, the forms."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from compensation.engine.plan_yaml import terms_text
from compensation.filters.plans import PlanFilter
from compensation.forms.plans import NewPlanForm, PlanChangeForm, VersionForm
from compensation.models import PayPlan, PlanVersion
from compensation.selectors.addresses import pay_plan_path, plan_version_path
from compensation.selectors.plan_quotas import plan_read_on
from compensation.selectors.plans import open_version, plans_visible_to, terms_to_show, versions_visible_to
from compensation.selectors.positions import assignments_visible_to
from compensation.services.plans import add_plan, change_plan, first_open_month, new_version
from compensation.views.plan_columns import (
    COMPONENTS,
    PEOPLE,
    PLAN,
    PLANS,
    PRETITLE,
    VERSIONS,
    assignment_url,
    component_rows,
    in_force_words,
    plan_currency,
    reasons_with_lines,
    version_url,
)
from core.access import person_of
from core.errors import Invalid, Refused
from core.forms import reasons_of
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, DetailPage, EditPage, Link, Section, table_section
from core.roles import can
from core.row_actions import RowAction

EXAMPLE: dict[str, Any] = {
    "plan": "Account executive",
    "currency": "EUR",
    "target_incentive": 40000,
    "components": [
        {
            "code": "own",
            "name": "Own bookings",
            "form": "marginal",
            "measure": {"of": "bookings"},
            "period": "month",
            "over": "year",
            "against": "quota",
            "tiers": [{"from": 0, "rate": "5%"}, {"from": "100%", "rate": "8%"}],
        }
    ],
}


class PlanList(ListPage):
    action = PLANS
    title = "Plans"
    pretitle = PRETITLE
    template_name = "compensation/plan_list.html"
    filterset_class = PlanFilter
    default_order = "name"
    empty = Empty(
        "No plans yet",
        "A plan says what people earn for what. It is written as a draft, approved by a second person, and "
        "holds from a month on.",
    )
    columns = [
        Column("name", "Plan", order="name"),
        Column("code", "Code", kind="code", order="code"),
        Column("state", "Newest version", lambda row: newest_words(row)),
        Column("in_force", "Version in force", "in_force", "number"),
        Column("owner", "Whom to ask", "owner.name", order="owner__name"),
        Column("is_active", "In use", kind="bool", order="is_active"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[PayPlan]:
        versions = PlanVersion.objects.filter(plan=OuterRef("pk")).order_by("-number")
        today = versions.filter(days__contains=timezone.localdate())
        return plans_visible_to(person_of(request)).annotate(
            newest_number=Subquery(versions.values("number")[:1]),
            newest_state=Subquery(versions.values("state")[:1]),
            in_force=Subquery(today.values("number")[:1]),
        )

    def row_url(self, row: PayPlan) -> str:
        return pay_plan_path(row.pk)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, PLAN):
            return {}
        return {"primary": Link("New plan", reverse("compensation:plan-from-template"))}


def newest_words(row: Any) -> str:
    """The newest version and how far it is."""
    return f"{row.newest_number}, {row.newest_state}" if row.newest_number else "None yet"


class PlanPage(DetailPage):
    """One plan: what it pays today, its versions, who is on it."""

    action = PLANS
    pretitle = PRETITLE
    template_name = "compensation/plan.html"
    edit = (PLAN, "compensation:plan-edit")
    refused: Refused | None = None
    facts = [
        Column("code", "Code", kind="code"),
        Column("owner", "Whom to ask", "owner.name"),
        Column("is_active", "In use", kind="bool"),
    ]

    def title(self, row: PayPlan) -> str:
        return row.name

    def rows(self, request: HttpRequest) -> QuerySet[PayPlan]:
        return plans_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: PayPlan) -> list[Link]:
        return [Link("Plans", reverse("compensation:plan-list"))]

    def sections(self, request: HttpRequest, row: PayPlan) -> list[Section]:
        person = person_of(request)
        versions = versions_visible_to(person).filter(plan=row).order_by("-number")
        people = assignments_visible_to(person).filter(plan=row).order_by("-days", "role__name", "rep__name")
        add = Link("Put somebody on it", reverse("compensation:assignment-add", args=[row.pk]), PLAN)
        return [
            *self._pays(row),
            table_section(
                "Versions",
                versions,
                VERSIONS,
                empty=Empty("No version yet", "Make one: it begins as a draft."),
                row_url=version_url,
            ),
            table_section(
                "Who is on it",
                people,
                PEOPLE,
                empty=Empty("Nobody yet", "Put a role on the plan, and single reps with other terms."),
                note="A rep’s own row wins over that of the role.",
                links=(add,),
                row_url=assignment_url,
            ),
        ]

    def _pays(self, row: PayPlan) -> list[Section]:
        today = timezone.localdate()
        version, plan = terms_to_show(row, today), plan_read_on(row, today)
        if version is None or plan is None:
            return []
        what = f"Version {version.number}, {in_force_words(version).lower()}. Money in {plan_currency(plan)}."
        empty = Empty("No components yet", "Open the draft and add the first component.")
        return [table_section("What it pays", component_rows(plan), COMPONENTS, empty=empty, note=what)]

    def more(self, request: HttpRequest, row: PayPlan) -> dict[str, Any]:
        there = open_version(row)
        return {
            "refused": self.refused.reasons if self.refused else None,
            "open_version": there,
            "open_url": plan_version_path(there.pk) if there else "",
            "may_plan": bool(can(request.user, PLAN)),
            "version_form": VersionForm(initial={"starts": first_open_month()}),
        }


class PlanAdd(AddPage):
    action = PLAN
    pretitle = PRETITLE
    heading = "Add a plan"
    form_class = NewPlanForm
    submit_label = "Add the plan"
    template_name = "compensation/plan_terms.html"
    note = "It begins as a draft. Nobody is paid by it before a second person approves it."

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        said = {"starts": first_open_month(), "terms": terms_text(EXAMPLE)}
        return said | super().initial(request, row)

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> PayPlan:
        try:
            return add_plan(actor=person_of(request), **data)
        except Invalid as refusal:
            raise Invalid(*reasons_with_lines(request, refusal)) from refusal

    def done_url(self, request: HttpRequest, saved: PayPlan) -> str:
        return pay_plan_path(saved.pk)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("compensation:plan-list")


class PlanEdit(EditPage):
    action = PLAN
    pretitle = PRETITLE
    form_class = PlanChangeForm

    def rows(self, request: HttpRequest) -> QuerySet[PayPlan]:
        return plans_visible_to(person_of(request))

    def initial(self, request: HttpRequest, row: PayPlan) -> dict[str, Any]:
        return super().initial(request, row) | {"owner": row.owner.email if row.owner else None}

    def change(self, request: HttpRequest, row: PayPlan, revision: int, data: dict[str, Any]) -> PayPlan:
        return change_plan(actor=person_of(request), plan=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: PayPlan) -> str:
        return pay_plan_path(saved.pk)


class PlanNewVersion(RowAction):
    """The button that makes a draft from the newest version."""

    action = PLAN
    page = PlanPage

    def row(self, request: HttpRequest, pk: int) -> PayPlan:
        return get_object_or_404(plans_visible_to(person_of(request)), pk=pk)

    def act(self, request: HttpRequest, row: PayPlan, **kwargs: Any) -> tuple[str, str]:
        form = VersionForm(request.POST)
        if not form.is_valid():
            raise Refused(*reasons_of(form))
        made = new_version(actor=person_of(request), plan=row, starts=form.cleaned_data["starts"])
        return plan_version_path(made.pk), f"{made} is a draft from {made.starts:%B %Y} on."
