"""What is done to order papers on their pages: moves, deliveries, approvals afterwards."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from core.access import Page, person_of
from core.errors import Conflict, Denied, Reason, Refused
from crm.engine.paper_moves import PAPER_MOVES
from crm.forms.papers import DeliveryForm
from crm.selectors.papers import papers_visible_to
from crm.services.paper_moves import approve_afterwards, move_paper, report_delivery
from crm.views.paper_columns import EDIT, VIEW
from crm.views.papers import PaperPage
from crm.workflow.papers import paper_url

DONE_WORDS = {
    "send": "{} is sent.",
    "ask": "{} waits for approval.",
    "approve": "{} is approved.",
    "reject": "{} is sent back.",
    "revise": "{} is a draft again.",
    "sign": "{} is signed.",
    "decline": "{} is declined.",
    "invoice": "{} is invoiced.",
    "pay": "{} is paid.",
    "cancel": "{} is cancelled.",
}


class PaperMove(Page):
    """Make one move."""

    action = VIEW

    def post(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        person = person_of(request)
        paper = get_object_or_404(papers_visible_to(person), pk=pk)
        if name not in PAPER_MOVES.names:
            raise Http404(f"There is no move “{name}”.")
        reason = request.POST.get("reason", "")
        try:
            moved = move_paper(actor=person, paper=paper, name=name, reason=reason)
        except Denied:
            raise
        except Refused as refusal:
            return show_refused(request, pk, refusal, reason)
        messages.success(request, DONE_WORDS[name].format(moved))
        return redirect(paper_url(moved))


class PaperApproval(Page):
    """Approve a paper that went out in another system."""

    action = "papers.approve"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = person_of(request)
        paper = get_object_or_404(papers_visible_to(person), pk=pk)
        try:
            approve_afterwards(actor=person, paper=paper, reason=request.POST.get("reason", ""))
        except Denied:
            raise
        except Refused as refusal:
            return show_refused(request, pk, refusal)
        messages.success(request, f"{paper} is approved.")
        return redirect(paper_url(paper))


class PaperDelivery(Page):
    """Report how much is delivered."""

    action = EDIT

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = person_of(request)
        paper = get_object_or_404(papers_visible_to(person), pk=pk)
        form = DeliveryForm(request.POST)
        if not form.is_valid():
            refusal = Refused(
                *(Reason(str(e), "invalid", n) for n, all_ in form.errors.items() for e in all_)
            )
            return show_refused(request, pk, refusal, status=400)
        try:
            report_delivery(actor=person, paper=paper, **form.cleaned_data)
        except (Denied, Conflict):
            raise
        except Refused as refusal:
            return show_refused(request, pk, refusal)
        messages.success(request, f"{paper}: the delivery is kept.")
        return redirect(paper_url(paper))


def show_refused(
    request: HttpRequest, pk: int, refusal: Refused, reason: str = "", status: int = 0
) -> HttpResponse:
    """The paper's page with every reason on top; nothing has changed."""
    page = PaperPage()
    page.setup(request, pk=pk)
    page.refused, page.reason = refusal, reason
    response = page.get(request, pk=pk)
    response.status_code = status or refusal.status
    return response
