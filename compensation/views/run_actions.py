"""What is done to runs on their pages: calculate a month, move a run on, take it out for payroll."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from compensation.engine.moves import RUN_MOVES
from compensation.models import PayRun
from compensation.selectors.payroll import PayrollRow
from compensation.selectors.runs import runs_visible_to
from compensation.services.payroll import take_payroll
from compensation.services.runs import move_run, start_run
from compensation.views.run_months import month_from, month_page
from compensation.views.run_words import DONE
from compensation.views.runs import RunPage
from compensation.workflow.runs import month_path, run_url
from core.access import Page, person_of, requires
from core.errors import Conflict, Denied, Refused
from core.listing import Column, export_rows
from core.row_actions import RowAction, refused_page

PAYROLL = [
    Column("code", "Person", kind="code"),
    Column("name", "Name"),
    Column("month", "Month", kind="month"),
    Column("currency", "Currency"),
    Column("earned", "Earned", kind="money"),
    Column("deltas", "Late changes", kind="money"),
    Column("adjustments", "Adjustments", kind="money"),
    Column("advanced", "Advanced", kind="money"),
    Column("kept_back", "Kept back", kind="money"),
    Column("released", "Released", kind="money"),
    Column("held", "Held", kind="money"),
    Column("pay", "Pay", kind="money"),
    Column("run", "Run"),
]


class RunCalculate(Page):
    """Begins the calculation of a month."""

    action = "pay.run"

    def post(self, request: HttpRequest, month: str) -> HttpResponse:
        first = month_from(month)
        try:
            start_run(actor=person_of(request), month=first)
        except (Denied, Conflict):
            raise
        except Refused as refusal:
            return month_page(request, first, refused=refusal.reasons, status=refusal.status)
        return redirect(month_path(first))


class RunMove(RowAction):
    """One button of a run's page."""

    action = "pay.runs"
    page = RunPage

    def row(self, request: HttpRequest, pk: int) -> PayRun:
        return get_object_or_404(runs_visible_to(person_of(request)), pk=pk)

    def act(self, request: HttpRequest, row: PayRun, **kwargs: Any) -> tuple[str, str]:
        name, reason = kwargs["name"], request.POST.get("reason", "")
        if name not in DONE or name not in RUN_MOVES.names:
            raise Http404(f"There is no move “{name}”.")
        moved = move_run(actor=person_of(request), run=row, name=name, reason=reason)
        return run_url(moved), DONE[name].format(moved)


@requires("pay.export")
def run_payroll(request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
    """Everybody's pay of a closed month as csv or xlsx. The event log keeps who took it."""
    run = get_object_or_404(runs_visible_to(person_of(request)), pk=pk)
    if form not in {"csv", "xlsx"}:
        raise Http404("Payroll is either csv or xlsx.")
    try:
        rows: list[PayrollRow] = take_payroll(actor=person_of(request), run=run, form=form)
    except Denied:
        raise
    except Refused as refusal:
        return refused_page(RunPage, request, refusal, pk=pk)
    return export_rows(rows, PAYROLL, title=f"Payroll {run.month:%Y-%m}", form=form)
