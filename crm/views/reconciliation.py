"""Reconciling with a CRM's export: upload, say what its columns are, see what differs, repair."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from core.access import Page, person_of
from core.errors import Refused
from core.formats import grouped
from core.history import changes_of
from core.listing import Column, Empty, ListPage
from core.pages import Link, put_reasons
from core.roles import can
from core.selectors.jobs import job_progress
from crm.engine.exports import LABELS, DayOrder
from crm.filters.inbox import DifferenceFilter
from crm.forms.reconciliation import ColumnsForm, ExportForm
from crm.models import Difference, DifferenceKind, DifferenceState, Reconciliation
from crm.selectors.reconciliation import (
    differences_visible_to,
    reconciliations_visible_to,
    sources_visible_to,
)
from crm.services.reconciliation import (
    add_export,
    compare,
    headings_of,
    leave_differences,
    repair_all,
    repair_differences,
    stored_bytes,
)

VIEW, REPAIR = "hooks.view", "hooks.replay"
TONES = {
    DifferenceState.OPEN: "warn",
    DifferenceState.REPAIRED: "good",
    DifferenceState.FAILED: "bad",
    DifferenceState.LEFT: "quiet",
}
PAGE_SIZE = 50
NEVER = Empty(
    "Nothing compared yet",
    "A CRM may drop messages while it cannot reach us. Export its deals as CSV now and then, and compare: "
    "what is missing, extra or different is listed here and can be repaired.",
)


def state_of(row: Any) -> tuple[str, str]:
    """The tone and the words of a reconciliation's state."""
    if row.job is None:
        return "warn", "Columns to choose"
    if row.compared is None:
        return ("bad", "Failed") if row.job.is_over else ("info", "Comparing")
    return ("warn", "Differences open") if row.waiting else ("good", "Agrees" if not row.found else "Settled")


class ReconciliationList(ListPage):
    action = VIEW
    title = "Reconciliations"
    default_order = "-started"
    columns = [
        Column("file_name", "Export", order="file_name"),
        Column("source", "CRM", order="source"),
        Column("as_of", "As of", kind="time", order="as_of"),
        Column("state", "State", lambda r: state_of(r)[1], "badge", tone=lambda r: state_of(r)[0]),
        Column("rows", "Deals in it", kind="quantity", order="rows"),
        Column("found", "Differ", kind="quantity", order="found"),
        Column("waiting", "Open", kind="quantity", order="waiting"),
        Column("started_by", "By", order="started_by__name"),
    ]
    empty = NEVER

    def rows(self, request: HttpRequest) -> QuerySet[Reconciliation]:
        return reconciliations_visible_to(person_of(request))

    def row_url(self, row: Reconciliation) -> str:
        return address(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, REPAIR):
            return {}
        return {"primary": Link("Compare an export", reverse("crm:reconciliation-add"))}


def address(row: Reconciliation) -> str:
    """Where one goes on with it: the columns first, then what differs."""
    return reverse("crm:reconciliation" if row.job_id else "crm:reconciliation-columns", args=[row.pk])


class ReconciliationAdd(Page):
    """The file."""

    action = REPAIR

    def get(self, request: HttpRequest) -> HttpResponse:
        form = ExportForm(sources=self._sources(request), initial={"source": request.GET.get("source")})
        return self._show(request, form)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ExportForm(request.POST, request.FILES, sources=self._sources(request))
        if not form.is_valid():
            return self._show(request, form, 400)
        file = form.cleaned_data["file"]
        try:
            row = add_export(
                actor=person_of(request), source=form.cleaned_data["source"], file=file, file_name=file.name
            )
        except Refused as refusal:
            put_reasons(form, refusal)
            return self._show(request, form, refusal.status)
        return redirect(address(row))

    def _sources(self, request: HttpRequest) -> list[str]:
        return sources_visible_to(person_of(request))

    def _show(self, request: HttpRequest, form: ExportForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "has_sources": bool(self._sources(request))}
        return render(request, "crm/inbox/reconciliation_add.html", context, status=status)


class ReconciliationColumns(Page):
    """What the columns are; then it is compared."""

    action = REPAIR

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = _row(request, pk)
        if row.job_id:
            return redirect(address(row))
        return self._show(request, row, self._form(row))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = _row(request, pk)
        form = self._form(row, request.POST)
        if not form.is_valid():
            return self._show(request, row, form, 400)
        told = {name: form.cleaned_data[name] for name in ("as_of", "days", "is_whole")}
        try:
            compare(actor=person_of(request), reconciliation=row, columns=form.columns, **told)
        except Refused as refusal:
            put_reasons(form, refusal)
            return self._show(request, row, form, refusal.status)
        return redirect("crm:reconciliation", pk=row.pk)

    def _form(self, row: Reconciliation, data: Any = None) -> ColumnsForm:
        started = {**row.columns["fields"], "as_of": timezone.localtime(row.started), "days": DayOrder.ISO}
        return ColumnsForm(data, headings=headings_of(stored_bytes(row)), initial=started)

    def _show(
        self, request: HttpRequest, row: Reconciliation, form: ColumnsForm, status: int = 200
    ) -> HttpResponse:
        context = {"form": form, "row": row}
        return render(request, "crm/inbox/reconciliation_columns.html", context, status=status)


class ReconciliationPage(Page):
    """What the export and this system do not agree on."""

    action = VIEW

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return show(request, _row(request, pk))


def show(request: HttpRequest, row: Reconciliation, *, reasons: Any = (), status: int = 200) -> HttpResponse:
    """The page, with the reasons for which something just asked was refused."""
    person = person_of(request)
    rows = differences_visible_to(person).filter(reconciliation=row)
    narrowed = DifferenceFilter(request.GET, queryset=rows, request=request)
    page = Paginator(narrowed.qs.order_by("-amount", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    tone, words = state_of(row)
    context = {
        "row": row,
        "tone": tone,
        "words": words,
        "reasons": [{"text": one.text, "url": one.url, "link_label": "Mend it"} for one in reasons],
        "job": job_progress(row.job, person) if row.job and row.compared is None else None,
        "figures": figures_of(row) if row.compared else [],
        "filter": narrowed,
        "page": page,
        "lines": [line_of(one) for one in page.object_list],
        "kinds": open_by_kind(rows),
        "may_repair": bool(can(person, REPAIR)),
        "changes": changes_of(row),
    }
    return render(request, "crm/inbox/reconciliation.html", context, status=status)


def figures_of(row: Any) -> list[dict[str, Any]]:
    """Four numbers over the table."""
    return [
        {"label": "Deals in the export", "value": grouped(row.rows, 0)},
        {"label": "Equal here", "value": grouped(row.equal, 0)},
        {
            "label": "Changed here later",
            "value": grouped(row.newer, 0),
            "help": "Not counted as differences.",
        },
        {
            "label": "Differ and are open",
            "value": grouped(row.waiting, 0),
            "tone": "warn" if row.waiting else "",
        },
    ]


def line_of(row: Difference) -> dict[str, Any]:
    """A difference as the table shows it, field by field."""
    fields = [{"label": LABELS.get(name, "The deal"), **pair} for name, pair in row.fields.items()]
    return {"row": row, "fields": fields, "tone": TONES[DifferenceState(row.state)]}


def open_by_kind(rows: QuerySet[Difference]) -> list[dict[str, Any]]:
    """Kind, words and number of the differences that can be repaired."""
    waiting = rows.filter(state__in=[DifferenceState.OPEN, DifferenceState.FAILED]).order_by()
    counts = dict(waiting.values_list("kind").annotate(Count("pk")))
    return [
        {"kind": kind, "label": label, "count": counts[kind]}
        for kind, label in DifferenceKind.choices
        if counts.get(kind)
    ]


class ReconciliationRepair(Page):
    """Repair the chosen, all of a kind, or leave the chosen as they are."""

    action = REPAIR

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = _row(request, pk)
        keys = [int(key) for key in request.POST.getlist("difference") if key.isdigit()]
        try:
            messages.success(request, self._do(request, row, keys))
        except Refused as refusal:
            return show(request, row, reasons=refusal.reasons, status=refusal.status)
        return redirect("crm:reconciliation", pk=row.pk)

    def _do(self, request: HttpRequest, row: Reconciliation, keys: list[int]) -> str:
        person, what = person_of(request), request.POST.get("do", "")
        if what == "leave":
            reason = request.POST.get("reason", "")
            count = leave_differences(actor=person, reconciliation=row, keys=keys, reason=reason)
            return f"{_deals(count)} left as {'they are' if count != 1 else 'it is'}."
        if what == "all":
            repair_all(actor=person, reconciliation=row, kind=request.POST.get("kind", ""))
            return "The deals are being repaired. Reload this page in a moment to see how far it is."
        count = repair_differences(actor=person, reconciliation=row, keys=keys)
        failed = len(set(keys)) - count
        rest = f" {_deals(failed)} could not be; the list says why." if failed else ""
        return f"{_deals(count)} repaired.{rest}"


def _deals(count: int) -> str:
    return "1 deal is" if count == 1 else f"{count} deals are"


def _row(request: HttpRequest, pk: int) -> Reconciliation:
    return get_object_or_404(reconciliations_visible_to(person_of(request)), pk=pk)
