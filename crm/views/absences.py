"""Pages of absences: days on which a rep gets no leads."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from core.access import person_of, requires
from core.events import plain
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, DetailPage, Link
from core.roles import can
from crm.filters.leads import AbsenceFilter
from crm.forms.lead_setup import AbsenceForm
from crm.models import Absence
from crm.selectors.lead_routing import (
    absences_visible_to,
)
from crm.services.lead_setup import (
    add_absence,
    remove_absence,
)
from crm.views.leads import MANAGE, VIEW, WORK


class AbsenceList(ListPage):
    action = VIEW
    title = "Absences"
    filterset_class = AbsenceFilter
    default_order = "-days"
    template_name = "crm/leads/absences.html"
    empty = Empty("No absences here", "Days on which a rep gets no leads stand here.")
    columns = [
        Column("rep", "Rep", "rep.name", order="rep__name"),
        Column("first", "From", lambda row: row.days.lower, "date", order="days"),
        Column("last", "Up to and with", lambda row: last_day(row), "date"),
        Column("reason", "Why"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Absence]:
        return absences_visible_to(person_of(request))

    def row_url(self, row: Absence) -> str:
        return reverse("crm:absence", args=[row.pk])

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, WORK) and not can(request.user, MANAGE):
            return {}
        return {"primary": Link("Add an absence", reverse("crm:absence-add"))}


def last_day(row: Absence) -> Any:
    return row.days.upper - dt.timedelta(days=1) if row.days.upper else None


class AbsencePage(DetailPage):
    action = VIEW
    template_name = "crm/leads/absence.html"
    facts = AbsenceList.columns

    def rows(self, request: HttpRequest) -> QuerySet[Absence]:
        return absences_visible_to(person_of(request))

    def title(self, row: Any) -> str:
        return f"{row.rep.name}, {plain(row.days)}"

    def parents(self, request: HttpRequest, row: Any) -> list[Link]:
        return [Link("Absences", reverse("crm:absence-list"))]

    def more(self, request: HttpRequest, row: Absence) -> dict[str, Any]:
        own = row.rep.person_id == request.user.pk
        return {"may_remove": bool(can(request.user, WORK if own else MANAGE))}


class AbsenceAdd(AddPage):
    """Open to reps for themselves; the service refuses others' absences without the right to manage."""

    action = VIEW
    form_class = AbsenceForm
    heading = "Add an absence"
    submit_label = "Add the absence"
    done = "The absence is noted: no leads on these days."

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> AbsenceForm:
        return AbsenceForm(data, initial=self.initial(request, row), person=request.user)

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Absence:
        return add_absence(actor=person_of(request), **data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return reverse("crm:absence-list")

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("crm:absence-list")


@require_POST
@requires(VIEW)
def absence_remove(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(absences_visible_to(person_of(request)), pk=pk)
    remove_absence(actor=person_of(request), absence=row)
    messages.success(request, "The absence is removed.")
    return redirect("crm:absence-list")
