"""Pages of lead sources: what each brought, cost and became."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from catalog.selectors import base_currency
from core.access import Page, person_of, requires
from core.formats import show
from core.listing import Column, Empty
from core.models import Person
from core.pages import AddPage, DetailPage, EditPage, Link, Section, plain_table, table_section
from core.roles import can
from crm.forms.lead_setup import CostForm
from crm.forms.leads import SourceForm
from crm.models import LeadCost, LeadSource
from crm.selectors.lead_reports import (
    Outcome,
    Period,
    altogether,
    by_reason,
    by_source,
)
from crm.selectors.leads import lead_costs_visible_to, lead_sources_visible_to
from crm.services.lead_setup import add_row, change_setup, remove_cost
from crm.views.lead_period import leads_url, period_asked
from crm.views.leads import MANAGE, VIEW

SOURCES = "crm:lead-source-list"


def outcome_columns(period: Period, currency: str) -> list[Column]:
    return [
        Column("name", "Source"),
        Column(
            "leads",
            "Leads",
            kind="number",
            link=lambda row: leads_url(period, **_code(row)) if row.leads else "",
        ),
        Column("response", "Answer", kind="number", unit="working hours", help="Median."),
        Column("in_time_share", "In time", kind="percent"),
        Column("disqualified", "Disqualified", kind="number"),
        Column("qualified", "Qualified", kind="number", help="Those that became deals among them."),
        Column("converted", "Became deals", kind="number"),
        Column("conversion", "Conversion", kind="percent"),
        Column(
            "lag",
            "To the deal",
            lambda row: None if row.lag is None else round(row.lag),
            "number",
            unit="days",
            help="Median, from arrival to the deal.",
        ),
        Column("cost", "Cost", lambda row: row.cost or None, kind="quantity", unit=currency),
        Column("cost_per_lead", "Cost a lead", kind="money", unit=currency),
        Column("cost_per_deal", "Cost a deal", kind="money", unit=currency),
        Column("won", "Won", lambda row: row.won or None, kind="quantity", unit=currency),
    ]


def _code(row: Outcome) -> dict[str, str]:
    return {"source": row.code} if row.code else {}


class SourceReport(Page):
    """What each source brought, cost and became."""

    action = VIEW

    def get(self, request: HttpRequest) -> HttpResponse:
        person = person_of(request)
        form, period = period_asked(request)
        rows, total = by_source(person, period), altogether(person, period)
        nothing = Empty(
            "No leads in these months", "Choose other months, or add a source and its first leads."
        )
        columns = outcome_columns(period, base_currency())
        context = {
            "form": form,
            "figures": _figures(total, period),
            "table": plain_table(
                [*rows, *([total] if len(rows) > 1 else [])],
                columns,
                caption="Sources",
                empty=nothing,
                row_url=_source_url(person),
            ),
            "reasons": _reasons(person, period),
            "sources": lead_sources_visible_to(person),
            "primary": Link("Add a source", reverse("crm:lead-source-add")) if can(person, MANAGE) else None,
        }
        return render(request, "crm/leads/sources.html", context)


def _source_url(person: Person) -> Any:
    known = dict(lead_sources_visible_to(person).values_list("code", "pk"))
    return lambda row: reverse("crm:lead-source", args=[known[row.code]]) if row.code in known else ""


def _figures(total: Outcome, period: Period) -> list[dict[str, Any]]:
    return [
        {"label": "Leads", "value": total.leads, "url": leads_url(period)},
        {"label": "Answered in time", "value": show(total.in_time_share, "percent")[0]},
        {"label": "Became deals", "value": show(total.conversion, "percent")[0]},
        {"label": "Cost a deal", "value": show(total.cost_per_deal, "money")[0], "unit": base_currency()},
    ]


def _reasons(person: Person, period: Period) -> dict[str, Any]:
    rows = [{"name": name, "count": count} for name, count in by_reason(person, period)]
    columns = [
        Column("name", "Because", lambda row: row["name"]),
        Column("count", "Leads", lambda row: row["count"], "number"),
    ]
    nothing = Empty("None", "No lead of these months was disqualified.")
    return plain_table(
        rows,
        columns,
        caption="Why leads were disqualified",
        empty=nothing,
        row_url=lambda row: leads_url(period, reason=row["name"].replace(" ", "+")),
    )


class SourcePage(DetailPage):
    action = VIEW
    edit = (MANAGE, "crm:lead-source-edit")
    template_name = "crm/leads/source.html"
    facts = [
        Column("code", "Code", kind="code"),
        Column("is_active", "Active", kind="bool"),
        Column("takes_form", "Public form open", kind="bool"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[LeadSource]:
        return lead_sources_visible_to(person_of(request))

    def title(self, row: Any) -> str:
        return row.name

    def parents(self, request: HttpRequest, row: Any) -> list[Link]:
        return [Link("Lead sources", reverse(SOURCES))]

    def more(self, request: HttpRequest, row: LeadSource) -> dict[str, Any]:
        address = request.build_absolute_uri(reverse("crm:lead-form", args=[row.code]))
        return {"form_address": address if row.takes_form and row.is_active else ""}

    def sections(self, request: HttpRequest, row: LeadSource) -> list[Section]:
        costs = lead_costs_visible_to(person_of(request)).filter(source=row).order_by("-month")
        columns = [
            Column("month", "Month", kind="month"),
            Column("amount", "Cost", kind="money", unit=base_currency()),
        ]
        add = reverse("crm:lead-cost-add", args=[row.pk])
        manages = bool(can(request.user, MANAGE))
        return [
            table_section(
                "Costs",
                costs,
                columns,
                empty=Empty("No costs yet", "What the source cost, month by month, stands here."),
                links=(Link("Add a month", add, MANAGE),),
                row_url=(lambda one: reverse("crm:lead-cost-edit", args=[one.pk])) if manages else None,
            )
        ]


class SourceAdd(AddPage):
    action = MANAGE
    form_class = SourceForm
    heading = "Add a source"
    submit_label = "Add the source"

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"is_active": True} | super().initial(request, row)

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> LeadSource:
        return add_row(actor=person_of(request), row=LeadSource(**data))

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return reverse("crm:lead-source", args=[saved.pk])

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse(SOURCES)


class SourceEdit(EditPage):
    action = MANAGE
    form_class = SourceForm

    def rows(self, request: HttpRequest) -> QuerySet[LeadSource]:
        return lead_sources_visible_to(person_of(request))

    def change(self, request: HttpRequest, row: Any, revision: int, data: dict[str, Any]) -> LeadSource:
        return change_setup(actor=person_of(request), row=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return reverse("crm:lead-source", args=[saved.pk])


class CostAdd(AddPage):
    """The row is the source that cost something."""

    action = MANAGE
    form_class = CostForm
    heading = "Add the cost of a month"
    submit_label = "Add the cost"

    def rows(self, request: HttpRequest) -> QuerySet[LeadSource]:
        return lead_sources_visible_to(person_of(request))

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {}

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> LeadCost:
        return add_row(actor=person_of(request), row=LeadCost(source=row, **data))

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        source = saved.source_id if isinstance(saved, LeadCost) else saved.pk
        return reverse("crm:lead-source", args=[source])


class CostEdit(EditPage):
    action = MANAGE
    form_class = CostForm
    template_name = "crm/leads/cost.html"

    def rows(self, request: HttpRequest) -> QuerySet[LeadCost]:
        return lead_costs_visible_to(person_of(request))

    def change(self, request: HttpRequest, row: Any, revision: int, data: dict[str, Any]) -> LeadCost:
        return change_setup(actor=person_of(request), row=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return reverse("crm:lead-source", args=[saved.source_id])


@require_POST
@requires(MANAGE)
def cost_remove(request: HttpRequest, pk: int) -> HttpResponse:
    cost = get_object_or_404(lead_costs_visible_to(person_of(request)), pk=pk)
    remove_cost(actor=person_of(request), cost=cost)
    messages.success(request, "The cost is removed.")
    return redirect("crm:lead-source", pk=cost.source_id)
