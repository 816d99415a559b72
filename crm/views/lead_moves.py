"""What is done with a lead: claimed, answered, qualified, disqualified, given, merged, made a deal."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from core.access import person_of, requires
from core.pages import FormPage, Link
from crm.forms.leads import ConvertForm, DisqualifyForm, GiveForm, MergeForm, ReasonForm
from crm.models import Lead
from crm.selectors.leads import counted, lead_path, leads_visible_to
from crm.services.lead_duplicates import merge_leads, separate_lead
from crm.services.lead_moves import (
    answer_lead,
    claim_lead,
    convert_lead,
    disqualify_lead,
    qualify_lead,
    reopen_lead,
)
from crm.services.leads import give_lead
from crm.views.leads import MANAGE, WORK


def _lead(request: HttpRequest, pk: int) -> Lead:
    return get_object_or_404(leads_visible_to(person_of(request)), pk=pk)


@require_POST
@requires(WORK)
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    lead = claim_lead(actor=person_of(request), lead=_lead(request, pk))
    messages.success(request, f"{lead} is yours.")
    return redirect(lead_path(lead))


@require_POST
@requires(WORK)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    note = request.POST.get("note", "")
    lead = answer_lead(actor=person_of(request), lead=_lead(request, pk), note=note)
    messages.success(request, f"{lead} is answered.")
    return redirect(lead_path(lead))


@require_POST
@requires(WORK)
def qualify(request: HttpRequest, pk: int) -> HttpResponse:
    note = request.POST.get("note", "")
    lead = qualify_lead(actor=person_of(request), lead=_lead(request, pk), note=note)
    messages.success(request, f"{lead} is qualified.")
    return redirect(lead_path(lead))


@require_POST
@requires(MANAGE)
def separate(request: HttpRequest, pk: int) -> HttpResponse:
    lead = separate_lead(actor=person_of(request), lead=_lead(request, pk))
    messages.success(request, f"{lead} stands for itself again.")
    return redirect(lead_path(lead))


class LeadForm(FormPage):
    """A form about one lead that ends on its page."""

    action = WORK
    wants_person = False

    def rows(self, request: HttpRequest) -> QuerySet[Lead]:
        return leads_visible_to(person_of(request))

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return lead_path(saved)

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> Any:
        more: dict[str, Any] = {"person": request.user} if self.wants_person else {}
        return self.form_class(data, initial=self.initial(request, row), **more)

    def more(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {"parents": [Link(str(row), lead_path(row))]}


class LeadDisqualify(LeadForm):
    form_class = DisqualifyForm
    submit_label = "Disqualify the lead"
    done = "{row} is disqualified."

    def title(self, row: Any) -> str:
        return f"Disqualify {row}"

    def save(self, request: HttpRequest, row: Lead, data: dict[str, Any]) -> Lead:
        return disqualify_lead(actor=person_of(request), lead=row, **data)


class LeadReopen(LeadForm):
    form_class = ReasonForm
    submit_label = "Take it up again"
    done = "{row} is worked on again."

    def title(self, row: Any) -> str:
        return f"Take up {row} again"

    def save(self, request: HttpRequest, row: Lead, data: dict[str, Any]) -> Lead:
        return reopen_lead(actor=person_of(request), lead=row, **data)


class LeadGive(LeadForm):
    action = MANAGE
    form_class = GiveForm
    wants_person = True
    submit_label = "Give the lead"
    note = "The hours until the answer begin anew, and the rep is told."
    done = "{row} is given."

    def title(self, row: Any) -> str:
        return f"Give {row} to a rep"

    def save(self, request: HttpRequest, row: Lead, data: dict[str, Any]) -> Lead:
        return give_lead(actor=person_of(request), lead=row, **data)


class LeadConvert(LeadForm):
    form_class = ConvertForm
    wants_person = True
    submit_label = "Make it a deal"
    done = "{row} is a deal now."

    def title(self, row: Any) -> str:
        return f"Make {row} a deal"

    def initial(self, request: HttpRequest, row: Lead) -> dict[str, Any]:
        return {"name": str(row), "account": row.account.code if row.account is not None else ""}

    def save(self, request: HttpRequest, row: Lead, data: dict[str, Any]) -> Lead:
        convert_lead(actor=person_of(request), lead=row, **data)
        return row


class LeadMerge(LeadForm):
    form_class = MergeForm
    submit_label = "Merge the lead"
    note = "What this lead knows and the other does not is written into the other one, which is worked on."
    done = "Merged into {row}."

    def title(self, row: Any) -> str:
        return f"Merge {row} into another lead"

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> Any:
        form = super().make_form(request, row, data)
        form.fields["into"].queryset = counted(leads_visible_to(person_of(request))).exclude(pk=row.pk)
        return form

    def save(self, request: HttpRequest, row: Lead, data: dict[str, Any]) -> Lead:
        return merge_leads(actor=person_of(request), lead=row, **data)
