"""“Your quota”: the sheet a rep reads, accepts, or asks to change."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from catalog.selectors import base_currency
from core.access import Page, person_of
from core.errors import Conflict, Denied, Invalid, Reason, Refused
from core.formats import show, typed
from core.forms import reasons_of
from core.pages import conflict_context, put_beside
from core.roles import can
from core.row_actions import refused_page
from crm.models import Rep
from crm.selectors.accounts import reps_visible_to
from territories.forms.quotas import ChangeForm, ProposalForm
from territories.models import Quota, QuotaPlan, QuotaState
from territories.selectors.quota_sheets import Sheet, sheet_of
from territories.selectors.quotas import own_draft, own_drafts, own_sheets, plans_visible_to, rep_of
from territories.services.quota_acceptance import accept_sheet
from territories.services.quotas import propose
from territories.views.quota_columns import sheet_chart, sheet_url
from territories.views.quotas import value_words
from territories.workflow.quotas import plan_url

VIEW, ACCEPT, ASK = "quotas.view", "quotas.accept", "quotas.ask"


class OwnQuota(Page):
    """The own sheet that is in force; without one, what to do until then."""

    action = ACCEPT
    refused: list[Reason] | None = None
    returned: dict[int, ProposalForm] = {}  # a form that was refused, by its quota

    def get(self, request: HttpRequest) -> HttpResponse:
        person = person_of(request)
        rep = rep_of(person)
        sheets = own_sheets(person) if rep else []
        if rep and len(sheets) == 1 and not own_drafts(person):
            return redirect(sheet_url(sheets[0], rep.pk))
        context = {
            "rep": rep,
            "sheets": [(plan, sheet_url(plan, rep.pk)) for plan in sheets] if rep else [],
            "drafts": [
                (quota, self.returned.get(quota.pk) or proposal_form(quota)) for quota in own_drafts(person)
            ],
            "refused": self.refused,
            "currency": base_currency(),
        }
        return render(request, "territories/quota_own.html", context)


def proposal_form(quota: Quota, data: Any = None) -> ProposalForm:
    initial = {"amount": typed(quota.bottom_up), "note": quota.bottom_up_note, "revision": quota.revision}
    return ProposalForm(data, initial=initial, auto_id=f"proposal{quota.pk}_%s")


class OwnProposal(Page):
    """Say what one can sell, while the plan is a draft."""

    action = ASK

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        quota = own_draft(person_of(request), pk)
        if quota is None:
            raise Http404("There is no such draft of yours.")
        form = proposal_form(quota, request.POST)
        try:
            if not form.is_valid():
                raise Invalid(*reasons_of(form))
            propose(actor=person_of(request), quota=quota, **form.cleaned_data)
        except Denied:
            raise
        except Conflict as conflict:
            return _own_conflict(request, quota, conflict)
        except Refused as refusal:
            return _own_refused(request, quota, refusal, form)
        messages.success(request, "Your proposal stands beside the plan.")
        return redirect(reverse("territories:quota-own"))


def _own_refused(request: HttpRequest, quota: Quota, refusal: Refused, form: ProposalForm) -> HttpResponse:
    """What was typed stays, each reason beside its field; nothing has changed."""
    page = OwnQuota()
    page.setup(request)
    page.refused, page.returned = put_beside(form, refusal), {quota.pk: form}
    response = page.get(request)
    response.status_code = refusal.status
    return response


def _own_conflict(request: HttpRequest, quota: Quota, conflict: Conflict) -> HttpResponse:
    """Both versions, side by side; nothing is saved until the rep has chosen."""
    fresh = own_draft(person_of(request), quota.pk) or quota
    back = reverse("territories:quota-own")
    context = {
        "row": quota,
        "title": "Your quota",
        "conflict": conflict_context(request, fresh, conflict, proposal_form(fresh), back),
    }
    return render(request, "core/conflict_page.html", context, status=409)


class OwnSheet(Page):
    """The own sheet of a version, for links in messages."""

    action = ACCEPT

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        rep = rep_of(person_of(request))
        if rep is None:
            raise Http404("You are not a rep, so you have no quota.")
        return redirect(reverse("territories:quota-sheet", args=[pk, rep.pk]))


class QuotaSheet(Page):
    """One rep's sheet of a version."""

    action = VIEW
    refused: Refused | None = None

    def get(self, request: HttpRequest, pk: int, rep: int) -> HttpResponse:
        person = person_of(request)
        sheet = find_sheet(request, pk, rep)
        mine = sheet.rep.person_id == person.pk
        in_force = sheet.plan.state == QuotaState.APPROVED
        context = {
            "sheet": sheet,
            "mine": mine,
            "title": "Your quota" if mine else f"Quota of {sheet.rep.name}",
            "plan_url": plan_url(sheet.plan),
            "currency": base_currency(),
            "figures": figures_of(sheet),
            "quarters": [
                (f"{months[0]:%b %y} – {months[-1]:%b %y}", amount) for months, amount in sheet.quarters
            ],
            "chart": sheet_chart(sheet, base_currency()),
            "made": [
                (quota, [(line["label"], value_words(line), line["note"]) for line in quota.made])
                for quota in sheet.quotas
            ],
            "may_accept": mine and in_force and sheet.accepted is None and bool(can(person, ACCEPT)),
            "may_ask": in_force and bool(can(person, ASK)),
            "change_forms": [(quota, ChangeForm(auto_id=f"change{quota.pk}_%s")) for quota in sheet.quotas],
            "refused": self.refused.reasons if self.refused else None,
        }
        return render(request, "territories/quota_sheet.html", context)


def find_sheet(request: HttpRequest, pk: int, rep: int) -> Sheet:
    """The sheet that the person may see, or 404."""
    person = person_of(request)
    plan: QuotaPlan = get_object_or_404(plans_visible_to(person), pk=pk)
    row: Rep = get_object_or_404(reps_visible_to(person), pk=rep)
    sheet = sheet_of(person, plan, row)
    if sheet is None:
        raise Http404(f"{row} has no quota in {plan}.")
    return sheet


def figures_of(sheet: Sheet) -> list[dict[str, Any]]:
    """The year, the quarter, the month and the week, with what is due by today."""
    unit = base_currency()
    figures = [{"label": "Year", "value": show(round(sheet.year), "quantity")[0], "unit": unit}]
    if sheet.pace is None:
        return figures
    pace = sheet.pace
    due = f"{show(round(pace.year_due), 'quantity')[0]} due by the end of {pace.day.day} {pace.day:%b %Y}"
    figures[0]["help"] = due
    for label, amount, words in (
        ("This quarter", pace.quarter, ""),
        ("This month", pace.month, f"{show(round(pace.month_due), 'quantity')[0]} due by the end of today"),
        ("This week", pace.week, f"From Monday {pace.monday.day} {pace.monday:%b}, by working days"),
    ):
        value = show(round(amount), "quantity")[0]
        figures.append({"label": label, "value": value, "unit": unit, "help": words})
    return figures


class SheetAccept(Page):
    """Accept the own sheet as it was read."""

    action = ACCEPT

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = person_of(request)
        plan = get_object_or_404(plans_visible_to(person), pk=pk)
        rep = rep_of(person)
        try:
            accept_sheet(actor=person, plan=plan, fingerprint=request.POST.get("fingerprint", ""))
        except Denied:
            raise
        except Refused as refusal:
            return refused_page(QuotaSheet, request, refusal, pk=pk, rep=rep.pk if rep else 0)
        messages.success(request, "You accepted your quota.")
        return redirect(sheet_url(plan, rep.pk if rep else 0))
