"""Pages of the agreement of marketing and sales about leads."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from core.access import Page, person_of
from core.listing import Column, Empty
from core.pages import AddPage, EditPage, Link, plain_table
from core.roles import can
from crm.forms.lead_setup import AgreementForm
from crm.models import LeadAgreement
from crm.selectors.lead_reports import (
    AgreedMonth,
    agreed_months,
)
from crm.selectors.leads import agreements_visible_to
from crm.services.lead_setup import add_row, change_setup
from crm.views.lead_period import period_asked
from crm.views.leads import MANAGE, VIEW

AGREEMENT = "crm:lead-agreement"


def kept(value: bool | None) -> str:
    return {True: "kept", False: "missed", None: "–"}[value]


def kept_tone(value: bool | None) -> str:
    return {True: "good", False: "bad", None: "quiet"}[value]


AGREED_COLUMNS = [
    Column("month", "Month", kind="month"),
    Column("promised", "Promised", "agreement.promised", "number", unit="leads"),
    Column("delivered", "Delivered", kind="number", unit="leads", help="Arrived and not disqualified."),
    Column(
        "marketing",
        "Marketing",
        lambda row: kept(row.marketing_kept),
        "badge",
        tone=lambda row: kept_tone(row.marketing_kept),
    ),
    Column("wanted", "To answer in time", lambda row: _wanted(row), "percent"),
    Column("in_time_share", "Answered in time", kind="percent"),
    Column(
        "sales",
        "Sales",
        lambda row: kept(row.sales_kept),
        "badge",
        tone=lambda row: kept_tone(row.sales_kept),
    ),
    Column("converted", "Became deals", kind="number"),
    Column("owner", "Owner", "agreement.owner.name"),
]


def _wanted(row: AgreedMonth) -> float | None:
    return row.agreement.in_time_percent / 100 if row.agreement is not None else None


class AgreementPage(Page):
    """What marketing promised and delivered, and what sales answered in time, month by month."""

    action = VIEW

    def get(self, request: HttpRequest) -> HttpResponse:
        person = person_of(request)
        form, period = period_asked(request)
        months = agreed_months(person, period)
        nothing = Empty(
            "Nothing agreed yet",
            "Marketing promises so many leads a month, sales answers so many of them in time. "
            "Agree the first month.",
        )
        manages = bool(can(person, MANAGE))
        context = {
            "form": form,
            "chart": _chart(months) if months else None,
            "table": plain_table(
                months,
                AGREED_COLUMNS,
                caption="Months",
                empty=nothing,
                row_url=_agreed_url if manages else None,
            ),
            "primary": Link("Agree a month", reverse("crm:lead-agreement-add")) if manages else None,
        }
        return render(request, "crm/leads/agreement.html", context)


def _agreed_url(row: AgreedMonth) -> str:
    if row.agreement is not None:
        return reverse("crm:lead-agreement-edit", args=[row.agreement.pk])
    return f"{reverse('crm:lead-agreement-add')}?month={row.month:%Y-%m}"


def _chart(months: list[AgreedMonth]) -> dict[str, Any]:
    rows = months[::-1]
    short = [row for row in rows if row.missing]
    title = (
        f"{len(short)} of {len(rows)} months brought fewer leads than promised"
        if short
        else "Every month brought the leads that were promised"
        if any(row.agreement for row in rows)
        else "Leads that came, without a promise to compare with"
    )
    names = [f"{row.month:%b %y}" for row in rows]
    promised = [row.agreement.promised if row.agreement else None for row in rows]
    return {
        "id": "agreement",
        "kind": "bars",
        "title": title,
        "subtitle": "Leads a month",
        "text": title + ".",
        "data": {
            "x": names,
            "unit": "leads",
            "series": [
                {"name": "Promised", "role": "budget", "values": promised},
                {"name": "Delivered", "role": "consensus", "values": [row.delivered for row in rows]},
                {
                    "name": "Of all that came, answered in time",
                    "role": "supply",
                    "values": [row.in_time for row in rows],
                },
            ],
        },
        "table": plain_table(
            rows, AGREED_COLUMNS[:3], caption="Leads a month", empty=Empty("Nothing", "No months.")
        ),
    }


class AgreementAdd(AddPage):
    action = MANAGE
    form_class = AgreementForm
    heading = "Agree a month"
    submit_label = "Agree the month"

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"owner": person_of(request).email} | super().initial(request, row)

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> LeadAgreement:
        return add_row(actor=person_of(request), row=LeadAgreement(**data))

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return reverse(AGREEMENT)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse(AGREEMENT)


class AgreementEdit(EditPage):
    action = MANAGE
    form_class = AgreementForm

    def rows(self, request: HttpRequest) -> QuerySet[LeadAgreement]:
        return agreements_visible_to(person_of(request))

    def change(self, request: HttpRequest, row: Any, revision: int, data: dict[str, Any]) -> LeadAgreement:
        return change_setup(actor=person_of(request), row=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return reverse(AGREEMENT)
