"""Pages of data sources: the board of a month, one source in a month, and the set-up."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from core.access import Page, person_of, requires
from core.errors import Denied, Reason, Refused
from core.formats import typed
from core.history import changes_of
from core.listing import Column, Empty, ListPage, cell_of
from core.pages import AddPage, DetailPage, EditPage, Link, plain_table, table_section
from core.roles import can
from gathering.datasets import DATASETS
from gathering.engine.source_moves import NAMES
from gathering.forms.quality import ReasonForm
from gathering.forms.sources import SourceForm, TotalsForm
from gathering.models import DataSource, SourceMonth, SourceState
from gathering.pipeline.sources import when
from gathering.selectors.sources import (
    SETTLED,
    Board,
    DueDays,
    Line,
    blank,
    months_visible_to,
    sources_visible_to,
    this_month,
)
from gathering.selectors.totals import comparisons
from gathering.services.sources import change_source, compare_totals, create_source
from gathering.workflow import month_url, offered_moves, perform, refusals

TONES = {
    SourceState.MISSING: "bad",
    SourceState.RECEIVED: "warn",
    SourceState.CHECKED: "info",
    SourceState.SIGNED: "good",
    SourceState.WAIVED: "quiet",
}
DONE = {
    "check": "The totals agree: checked.",
    "sign": "Signed.",
    "waive": "Waived for this month.",
    "take-back": "The signature is taken back.",
    "unwaive": "The waiver is taken back.",
    "resume": "The waiver is taken back.",
}


def dataset_label(source: DataSource) -> str:
    known = DATASETS.get(source.dataset)
    return known.label if known else source.dataset


def state_tone(line: Line) -> str:
    """A source that is not due yet is not alarming."""
    if line.row.state == SourceState.MISSING and not line.is_late:
        return "warn" if line.is_due else "quiet"
    return TONES[SourceState(line.row.state)]


def line_url(line: Line) -> str:
    return reverse("gathering:source-month", args=[line.source.pk, f"{line.row.month:%Y-%m}"])


BOARD = [
    Column("name", "Source", "source.name"),
    Column("rows", "Rows", lambda line: dataset_label(line.source)),
    Column("owner", "Owner", "source.owner.name"),
    Column("due", "Due", "row.due", "date"),
    Column("state", "State", lambda line: line.row.get_state_display(), "badge", tone=state_tone),
    Column("late", "Due in", lambda line: "" if line.is_settled else when(line)),
    Column(
        "file",
        "File",
        lambda line: line.row.run.file_name if line.row.run else None,
        link=lambda line: (
            reverse("gathering:import-detail", args=[line.row.run_id]) if line.row.run_id else ""
        ),
    ),
    Column("by", "Settled by", "row.settled_by.name"),
    Column("required", "Needed", "source.is_required", "bool"),
]


def read_month(text: str) -> dt.date:
    """A month out of an address: 2027-03. Raises Http404 for anything else."""
    try:
        return dt.datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError as error:
        raise Http404(f"“{text}” is not a month. Write 2027-03.") from error


class SourceBoard(Page):
    """Which data the month has, which it lacks, and who brings them."""

    action = "sources.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        wanted = request.GET.get("month", "")
        month = read_month(wanted) if wanted else this_month()
        board = Board(person_of(request), month)
        empty = Empty(
            "No data sources yet",
            "A data source says who brings which file by which workday.",
            "Add a data source" if can(request.user, "sources.manage") else "",
            reverse("gathering:source-add") if can(request.user, "sources.manage") else "",
        )
        table = plain_table(board.lines, BOARD, caption="Data sources", empty=empty, row_url=line_url)
        context = {
            "table": table | {"cards": True, "count": len(board.lines)},
            "month": month,
            "months": _around(month),
            "figures": _figures(board),
        }
        return render(request, "gathering/sources/board.html", context)


def _around(month: dt.date) -> dict[str, str]:
    before = (month - dt.timedelta(days=1)).replace(day=1)
    after = (month + dt.timedelta(days=32)).replace(day=1)
    return {"before": f"{before:%Y-%m}", "after": f"{after:%Y-%m}", "now": f"{this_month():%Y-%m}"}


def _figures(board: Board) -> list[dict[str, Any]]:
    needed = [line for line in board.lines if line.source.is_required]
    settled = [line for line in needed if line.is_settled]
    late = len(board.late)
    open_lines = [line for line in needed if not line.is_settled]
    return [
        {
            "label": "Signed or waived",
            "value": f"{len(settled)} of {len(needed)}",
            "help": "Of the sources needed",
        },
        {"label": "Late", "value": late, "tone": "bad" if late else ""},
        {"label": "Without a file", "value": sum(x.row.state == SourceState.MISSING for x in open_lines)},
        {
            "label": "To check or sign",
            "value": sum(x.row.state in {"received", "checked"} for x in open_lines),
        },
    ]


class SourceMonthPage(Page):
    """One source in one month: its file, its control totals, and the next move."""

    action = "sources.view"

    def get(self, request: HttpRequest, pk: int, month: str) -> HttpResponse:
        return show_month(request, _source(request, pk), read_month(month))


def _source(request: HttpRequest, pk: int) -> DataSource:
    return get_object_or_404(sources_visible_to(person_of(request)), pk=pk)


def month_row(source: DataSource, month: dt.date) -> SourceMonth:
    """The source's month as it is; not saved while nothing has happened in it."""
    row = SourceMonth.objects.filter(source=source, month=month).select_related("run", "settled_by").first()
    if row is None:
        return blank(source, month, DueDays(month))
    row.source = source
    return row


def show_month(
    request: HttpRequest,
    source: DataSource,
    month: dt.date,
    *,
    refused: list[Reason] | None = None,
    totals: forms.Form | None = None,
    reason: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page of a source in a month; after a refusal with its reasons and what was typed."""
    person, row = person_of(request), month_row(source, month)
    moves = offered_moves(row, person)
    sign = next((move for move in moves if move.name == "sign"), None)
    context = {
        "row": row,
        "source": source,
        "title": source.name,
        "facts_title": f"{row.month:%B %Y}",
        "facts": [{**cell_of(row, column), "label": column.label} for column in MONTH_FACTS],
        "steps": _steps(row),
        "refused": refused,
        "blockers": refusals(row, sign, person) if sign else [],
        "sign": sign,
        "asking": [(move, _asking(move.name, reason)) for move in moves if move.asks_reason],
        "comparisons": comparisons(row),
        "totals_form": totals or _totals_form(row),
        "may_type": can(person, "sources.sign") and row.state not in SETTLED,
        "changes": changes_of(row) if row.pk else [],
        "commented": bool(row.pk),
        "move_url": month_url(row),
    }
    return render(request, "gathering/sources/month.html", context, status=status)


def _asking(name: str, typed: str) -> ReasonForm:
    return ReasonForm(initial={"reason": typed}, auto_id=f"{name}_%s")


MONTH_FACTS = [
    Column("state", "State", lambda row: row.get_state_display(), "badge", tone=lambda row: TONES[row.state]),
    Column("owner", "Owner", "source.owner.name"),
    Column("due", "Due", kind="date"),
    Column("rows", "Rows", lambda row: dataset_label(row.source)),
    Column(
        "file",
        "File",
        lambda row: row.run.file_name if row.run else None,
        link=lambda row: reverse("gathering:import-detail", args=[row.run_id]) if row.run_id else "",
    ),
    Column("settled_by", "Settled by", "settled_by.name"),
    Column("settled_at", "Settled", kind="time"),
    Column("reason", "Reason"),
]


def _totals_form(row: SourceMonth) -> TotalsForm:
    names = ("control_rows", "control_quantity", "control_money", "revision")
    values = {name: getattr(row, name) for name in names}
    return TotalsForm(initial={n: typed(v) if isinstance(v, Decimal) else v for n, v in values.items()})


def _steps(row: SourceMonth) -> list[dict[str, Any]]:
    """Missing → received → checked → signed, as the page shows it."""
    order = [SourceState.RECEIVED, SourceState.CHECKED, SourceState.SIGNED]
    if row.state == SourceState.WAIVED:
        return [{"label": "Waived", "state": "current", "tone": "quiet", "word": row.reason}]
    done = order.index(SourceState(row.state)) + 1 if row.state in order else 0
    return [
        {"label": state.label, "state": "done" if place < done else "current" if place == done else "todo"}
        for place, state in enumerate(order)
    ]


@require_POST
@requires("sources.sign")
def source_totals(request: HttpRequest, pk: int, month: str) -> HttpResponse:
    source, day = _source(request, pk), read_month(month)
    form = TotalsForm(request.POST)
    if not form.is_valid():
        return show_month(request, source, day, totals=form, status=400)
    totals = dict(form.cleaned_data)
    revision = totals.pop("revision")
    try:
        row = compare_totals(
            actor=person_of(request), source=source, month=day, revision=revision, totals=totals
        )
    except Denied:
        raise
    except Refused as refusal:
        return show_month(request, source, day, refused=refusal.reasons, totals=form, status=refusal.status)
    _say_totals(request, row)
    return redirect("gathering:source-month", pk, month)


def _say_totals(request: HttpRequest, row: SourceMonth) -> None:
    if row.state == SourceState.CHECKED:
        messages.success(request, "The totals agree: the source is checked.")
    elif row.run_id:
        messages.warning(request, "The totals do not agree. A blocking finding is open until they do.")
    else:
        messages.info(request, "The control totals are kept; they are compared when the file comes in.")


@require_POST
@requires("sources.view")
def source_move(request: HttpRequest, pk: int, month: str, name: str) -> HttpResponse:
    source, day = _source(request, pk), read_month(month)
    if name not in NAMES:
        raise Http404(f"There is no move “{name}”.")
    reason = request.POST.get("reason", "")
    try:
        perform(source=source, month=day, name=name, actor=person_of(request), reason=reason)
    except Denied:
        raise
    except Refused as refusal:
        return show_month(request, source, day, refused=refusal.reasons, reason=reason, status=refusal.status)
    messages.success(request, f"{source.name}, {day:%b %Y}: {DONE[name]}")
    return redirect("gathering:source-month", pk, month)


class SourceList(ListPage):
    action = "sources.view"
    title = "Data source set-up"
    rows_name = "Data sources"
    default_order = "code"
    empty = Empty("No data sources yet", "A data source says who brings which file by which workday.")
    columns = [
        Column("name", "Source", order="name"),
        Column("code", "Code", kind="code", order="code"),
        Column("dataset", "Rows", dataset_label, order="dataset"),
        Column("owner", "Owner", "owner.name", order="owner__name"),
        Column("due_workday", "Due", kind="number", unit="workday", order="due_workday"),
        Column("profile", "Profile", "profile.name"),
        Column("is_required", "Needed", kind="bool", order="is_required"),
        Column("is_active", "In use", kind="bool", order="is_active"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[DataSource]:
        return sources_visible_to(person_of(request))

    def row_url(self, row: DataSource) -> str:
        return reverse("gathering:source", args=[row.pk])

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, "sources.manage"):
            return {}
        return {"primary": {"label": "Add a data source", "url": reverse("gathering:source-add")}}


class SourcePage(DetailPage):
    action = "sources.view"
    edit = ("sources.manage", "gathering:source-edit")
    facts = [
        Column("code", "Code", kind="code"),
        Column("dataset", "Rows", dataset_label),
        Column("owner", "Owner", "owner.name"),
        Column("due_workday", "Due on workday"),
        Column("profile", "Profile", "profile.name"),
        Column("is_required", "Needed", kind="bool"),
        Column("is_active", "In use", kind="bool"),
        Column("instructions", "Instructions"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[DataSource]:
        return sources_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: DataSource) -> list[Link]:
        return [
            Link("Data sources", reverse("gathering:source-board")),
            Link("Set-up", reverse("gathering:source-list")),
        ]

    def sections(self, request: HttpRequest, row: DataSource) -> list[Any]:
        months = months_visible_to(person_of(request)).filter(source=row).order_by("-month")[:24]
        columns = [
            Column("month", "Month", kind="month"),
            *[column for column in MONTH_FACTS if column.key not in {"owner", "rows"}],
        ]
        empty = Empty("No month yet", "Nothing has come in for this source.")
        return [table_section("Months", months, columns, empty=empty, row_url=month_url)]


class SourceAdd(AddPage):
    action = "sources.manage"
    form_class = SourceForm
    heading = "Add a data source"
    submit_label = "Add the source"

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> DataSource:
        return create_source(actor=person_of(request), **data)

    def done_url(self, request: HttpRequest, saved: DataSource) -> str:
        return reverse("gathering:source", args=[saved.pk])

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("gathering:source-list")


class SourceEdit(EditPage):
    action = "sources.manage"
    form_class = SourceForm
    submit_label = "Save the source"

    def rows(self, request: HttpRequest) -> QuerySet[DataSource]:
        return sources_visible_to(person_of(request))

    def change(
        self, request: HttpRequest, row: DataSource, revision: int, data: dict[str, Any]
    ) -> DataSource:
        return change_source(actor=person_of(request), source=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: DataSource) -> str:
        return reverse("gathering:source", args=[saved.pk])
