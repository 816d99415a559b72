"""Pages of imports: the list, and one import from reading to its result."""

from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from core.access import person_of, requires
from core.errors import Refused
from core.history import changes_of
from core.jobs import ask_to_cancel
from core.listing import Column, Empty, ListPage
from core.models import Person
from core.pages import FormPage
from gathering.datasets import DATASETS
from gathering.forms.imports import CancelForm
from gathering.models import ImportRun, ImportState, RowProblem
from gathering.selectors.import_review import problem_groups, unknown_names_of
from gathering.selectors.imports import imports_visible_to, problems_of, rejects_file
from gathering.selectors.name_suggestions import suggestions_for
from gathering.services.imports import cancel_import, commit_import, retry_import
from gathering.views.run_cards import (
    AT_WORK,
    CAN_BE_CANCELLED,
    TONES,
    facts_url,
    figures_of,
    progress_of,
    steps_of,
)
from gathering.views.run_preview import preview_card

MOST_GROUPS = 50


def dataset_choices() -> list[tuple[str, str]]:
    return [(dataset.code, dataset.label) for dataset in DATASETS.values()]


def dataset_label(row: Any) -> str:
    """What the rows of a run or profile are, in words."""
    known = DATASETS.get(row.dataset)
    return known.label if known else row.dataset


class ImportFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="File name", field_name="file_name", lookup_expr="icontains")
    dataset = django_filters.ChoiceFilter(label="Rows", choices=dataset_choices())
    state = django_filters.ChoiceFilter(label="State", choices=ImportState.choices)
    source = django_filters.CharFilter(label="Source", field_name="source", lookup_expr="iexact")
    uploaded_by = django_filters.ModelChoiceFilter(
        label="Brought by", queryset=Person.objects.filter(uploads__isnull=False).distinct()
    )

    class Meta:
        model = ImportRun
        fields: list[str] = []


class ImportList(ListPage):
    action = "imports.view"
    title = "Imports"
    filterset_class = ImportFilter
    default_order = "-id"
    empty = Empty(
        "No imports yet",
        "Every file that is brought in is listed here, with its rows, its problems and who committed it.",
    )
    columns = [
        Column("file_name", "File", order="file_name"),
        Column("dataset", "Rows", value=dataset_label, order="dataset"),
        Column("source", "Source", order="source"),
        Column(
            "state",
            "State",
            value=lambda run: run.get_state_display(),
            kind="badge",
            tone=lambda run: TONES[ImportState(run.state)],
            order="state",
        ),
        Column("rows_read", "Read", kind="quantity", unit="rows", order="rows_read"),
        Column("rows_rejected", "Rejected", kind="quantity", unit="rows", order="rows_rejected"),
        Column("rows_held", "Waiting", kind="quantity", unit="rows", order="rows_held"),
        Column("uploaded_by", "Brought by", order="uploaded_by__name"),
        Column("uploaded", "Brought", kind="time", order="uploaded"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet:
        return imports_visible_to(person_of(request))

    def row_url(self, row: ImportRun) -> str:
        return reverse("gathering:import-detail", args=[row.pk])

    def more(self, request: HttpRequest) -> dict[str, Any]:
        return {"primary": {"url": reverse("gathering:import-start"), "label": "Import a file"}}


@requires("imports.view")
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return show_run(request, visible_run(request, pk))


@requires("imports.view")
def import_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress part, asked for each second. When the work ends, the whole page comes anew."""
    run = visible_run(request, pk)
    progress = progress_of(run)
    if progress is None or run.job is None or run.job.is_over or run.state not in AT_WORK:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "parts/job_progress.html", {"job": progress})


@require_POST
@requires("imports.run")
def import_commit(request: HttpRequest, pk: int) -> HttpResponse:
    run = visible_run(request, pk)
    try:
        commit_import(actor=person_of(request), run=run)
    except Refused as refusal:
        return show_run(request, visible_run(request, pk), refusal=refusal)
    return redirect("gathering:import-detail", pk)


@require_POST
@requires("imports.run")
def import_retry(request: HttpRequest, pk: int) -> HttpResponse:
    run = visible_run(request, pk)
    try:
        retry_import(actor=person_of(request), run=run)
    except Refused as refusal:
        return show_run(request, visible_run(request, pk), refusal=refusal)
    return redirect("gathering:import-detail", pk)


@require_POST
@requires("imports.run")
def import_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the reading or committing that is under way."""
    run = visible_run(request, pk)
    if run.job is not None:
        try:
            ask_to_cancel(actor=person_of(request), job=run.job)
        except Refused as refusal:
            messages.warning(request, str(refusal))
    return redirect("gathering:import-detail", pk)


class ImportCancel(FormPage):
    """Give an import up, with the reason."""

    action = "imports.run"
    form_class = CancelForm
    pretitle = "Imports"
    submit_label = "Cancel this import"
    danger = True
    note = "Nothing of the file reaches the facts. The file and its problems stay readable."
    done = "{row.file_name} is cancelled. Nothing of it is in the facts."

    def rows(self, request: HttpRequest) -> QuerySet:
        return imports_visible_to(person_of(request))

    def title(self, row: ImportRun) -> str:
        return f"Cancel {row.file_name}"

    def save(self, request: HttpRequest, row: ImportRun, data: dict[str, Any]) -> ImportRun:
        cancel_import(actor=person_of(request), run=row, reason=data["reason"])
        return row

    def done_url(self, request: HttpRequest, saved: ImportRun) -> str:
        return reverse("gathering:import-detail", args=[saved.pk])


@requires("imports.view")
def import_rejects(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The rows that stayed out, as they stood in the file, with what is wrong: to mend and upload."""
    run = visible_run(request, pk)
    response = StreamingHttpResponse(
        rejects_file(person_of(request), run), content_type="text/csv; charset=utf-8"
    )
    stem = slugify(run.file_name.rsplit(".", 1)[0]) or "import"
    response["Content-Disposition"] = f'attachment; filename="{stem}-rejects-{run.pk}.csv"'
    return response


class ProblemFilter(django_filters.FilterSet):
    column = django_filters.CharFilter(label="Column", lookup_expr="iexact")
    problem = django_filters.CharFilter(label="Problem", lookup_expr="icontains")

    class Meta:
        model = RowProblem
        fields: list[str] = []


class ProblemList(ListPage):
    """Every problem of one import: filtered, sorted, exported."""

    action = "imports.view"
    title = "Problems"
    template_name = "gathering/imports/problems.html"
    filterset_class = ProblemFilter
    default_order = "row_number"
    empty = Empty("No such problems", "No row of this file has a problem like that.")
    columns = [
        Column(
            "row_number",
            "Row",
            kind="quantity",
            order="row_number",
            help="Counted from the file's first line.",
        ),
        Column("column", "Column", order="column"),
        Column("value", "Value"),
        Column("problem", "Problem", order="problem"),
        Column("advice", "What to do"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet:
        return problems_of(person_of(request), visible_run(request, self.kwargs["pk"]))

    def more(self, request: HttpRequest) -> dict[str, Any]:
        return {"run": visible_run(request, self.kwargs["pk"])}


def visible_run(request: HttpRequest, pk: int) -> ImportRun:
    return get_object_or_404(imports_visible_to(person_of(request)), pk=pk)


def show_run(request: HttpRequest, run: ImportRun, refusal: Refused | None = None) -> HttpResponse:
    """One import, whatever its state. A refused move shows all its reasons."""
    context: dict[str, Any] = {
        "run": run,
        "dataset_label": dataset_label(run),
        "steps": steps_of(run),
        "tone": TONES[ImportState(run.state)],
        "progress": progress_of(run) if run.state in AT_WORK else None,
        "may_be_committed": run.state == ImportState.CHECKED and (run.rows_good or run.rows_held),
        "may_be_cancelled": run.state in CAN_BE_CANCELLED,
        "reasons": refusal.reasons if refusal else [],
        "changes": changes_of(run),
        "facts_url": facts_url(run),
    }
    if run.state in {ImportState.CHECKED, ImportState.COMMITTED}:
        context |= _review(request, run)
    status = refusal.status if refusal else 200
    return render(request, "gathering/imports/detail.html", context, status=status)


def _review(request: HttpRequest, run: ImportRun) -> dict[str, Any]:
    user = person_of(request)
    names = unknown_names_of(user, run)[:MOST_GROUPS]
    suggested = suggestions_for((name.kind, name.value) for name in names)
    return {
        "figures": figures_of(run),
        "groups": list(problem_groups(user, run)[:MOST_GROUPS]),
        "unknown": [{"name": n, "suggestions": suggested.get((n.kind, n.value), [])} for n in names],
        "preview": preview_card(user, run),
    }
