"""Pages of quotas for pay: the list, the forms, a file."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from compensation.filters.plans import QuotaFilter
from compensation.forms.plan_quotas import QuotaChangeForm, QuotaForm, TableFileForm
from compensation.forms.plans import WhyForm
from compensation.models import PlanQuota
from compensation.selectors.plan_quotas import plan_quotas_visible_to
from compensation.services.plan_quotas import change_plan_quota, remove_plan_quota, set_plan_quota
from compensation.services.plan_tables import import_plan_quotas
from compensation.views.plan_columns import PLAN, PRETITLE, VIEW
from core.access import person_of
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, EditPage, FormPage, Link
from core.roles import can


def list_url() -> str:
    return reverse("compensation:plan-quota-list")


class ToTheList:
    """After the form, and without it, the list."""

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return list_url()

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return list_url()


class PlanQuotaList(ListPage):
    """As a file takes it in again: export, change, import."""

    action = VIEW
    title = "Quotas for pay"
    pretitle = PRETITLE
    template_name = "compensation/plan_table.html"
    filterset_class = QuotaFilter
    default_order = "-first_month,rep__name,component"
    empty = Empty(
        "No quotas for pay",
        "Pay is measured by the approved quota plan. Here stand quotas that it does not give: for one "
        "component, in units, or for somebody without a territory.",
    )
    columns = [
        Column("name", "Name", "rep.name", order="rep__name"),
        Column("rep", "Rep", "rep.code", "code", order="rep__code"),
        Column("plan", "Plan", "plan.code", "code", order="plan__code"),
        Column("component", "Component", kind="code", order="component", help="Empty: all of the plan"),
        Column("first_month", "First month", kind="month", order="first_month"),
        Column("months", "Months", kind="number", order="months"),
        Column("amount", "Amount", kind="money", order="amount", help="In the plan’s currency, or units"),
        Column("reason", "Reason"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[PlanQuota]:
        return plan_quotas_visible_to(person_of(request))

    def row_url(self, row: PlanQuota) -> str:
        return reverse("compensation:plan-quota-edit", args=[row.pk])

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, PLAN):
            return {}
        return {
            "primary": Link("Set a quota", reverse("compensation:plan-quota-add")),
            "file_url": reverse("compensation:plan-quota-file"),
        }


class PlanQuotaAdd(ToTheList, AddPage):
    action = PLAN
    pretitle = PRETITLE
    heading = "Set a quota for pay"
    form_class = QuotaForm

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> QuotaForm:
        return QuotaForm(data, initial=self.initial(request, row), person=person_of(request))

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> PlanQuota:
        return set_plan_quota(actor=person_of(request), **data)


class PlanQuotaRows:
    pretitle = PRETITLE

    def rows(self, request: HttpRequest) -> QuerySet[PlanQuota]:
        return plan_quotas_visible_to(person_of(request))


def label(row: PlanQuota) -> str:
    """Whose quota, of what, from when on."""
    of = f", {row.component}" if row.component else ""
    return f"{row.rep.name}: {row.months} months from {row.first_month:%B %Y}{of}"


class PlanQuotaEdit(ToTheList, PlanQuotaRows, EditPage):
    action = PLAN
    form_class = QuotaChangeForm
    template_name = "compensation/plan_row_form.html"

    def title(self, row: PlanQuota) -> str:
        return label(row)

    def more(self, request: HttpRequest, row: PlanQuota) -> dict[str, Any]:
        return {"remove_url": reverse("compensation:plan-quota-remove", args=[row.pk])}

    def change(self, request: HttpRequest, row: PlanQuota, revision: int, data: dict[str, Any]) -> PlanQuota:
        return change_plan_quota(actor=person_of(request), row=row, revision=revision, changes=data)


class PlanQuotaRemove(ToTheList, PlanQuotaRows, FormPage):
    action = PLAN
    form_class = WhyForm
    danger = True
    submit_label = "Remove the quota"
    done = "The quota is removed."

    def title(self, row: PlanQuota) -> str:
        return f"Remove: {label(row)}"

    def save(self, request: HttpRequest, row: PlanQuota, data: dict[str, Any]) -> PlanQuota:
        remove_plan_quota(actor=person_of(request), row=row, revision=row.revision, reason=data["reason"])
        return row


class TableFile(FormPage):
    """A CSV file of which all rows are stored, or none."""

    action = PLAN
    pretitle = PRETITLE
    form_class = TableFileForm
    submit_label = "Import the file"
    done = "{row}."

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> TableFileForm:
        return TableFileForm(data, request.FILES if data is not None else None)

    def row(self, request: HttpRequest, **kwargs: Any) -> Any:
        return None

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> str:
        file = data["file"]
        stored = self.store(person_of(request), file.name, file.read())
        return f"{stored.added} added, {stored.changed} changed, {stored.unchanged} as before"

    def store(self, person: Any, name: str, data: bytes) -> Any:
        """Call the service that stores the file."""
        raise TypeError(f"{type(self).__name__} calls no service: define store()")


class PlanQuotaFile(ToTheList, TableFile):
    heading = "Quotas for pay from a file"
    note = (
        "Columns: plan and rep (codes), component (empty for all), first_month (2026-01), months (1, 3, 6 or "
        "12), amount, reason. The export of the list has them. What stands there already gets the file’s "
        "amount. All rows are stored, or none."
    )

    def store(self, person: Any, name: str, data: bytes) -> Any:
        return import_plan_quotas(actor=person, name=name, data=data)
