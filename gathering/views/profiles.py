"""Import profiles: list, detail, the editor with its mistakes beside the lines, copy and export."""

from typing import Any

import django_filters
import yaml
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from core.access import person_of, requires
from core.errors import Invalid, Reason, Refused
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, DetailPage, EditPage, Link, Section, put_reasons, table_section
from gathering.engine.yaml_lines import line_of
from gathering.forms.profiles import DefinitionForm, ProfileEditForm, ProfileForm, numbered, without_trial
from gathering.models import ImportProfile
from gathering.selectors.imports import imports_visible_to
from gathering.selectors.profiles import profiles_visible_to
from gathering.services.profile_trials import try_profile
from gathering.services.profiles import change_profile, create_profile
from gathering.views.imports import ImportList, dataset_choices, dataset_label

SHOWN_IMPORTS = 10
TRIED_ROWS = 20


class ProfileFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Name", field_name="name", lookup_expr="icontains")
    dataset = django_filters.ChoiceFilter(label="Rows", choices=dataset_choices())
    is_active = django_filters.BooleanFilter(label="Offered")

    class Meta:
        model = ImportProfile
        fields: list[str] = []


class ProfileList(ListPage):
    action = "imports.view"
    title = "Import profiles"
    filterset_class = ProfileFilter
    default_order = "dataset,code"
    empty = Empty(
        "No import profiles yet",
        "A profile lets a foreign file in untouched: it says which column is what, how dates and numbers "
        "are written, and what their words mean. Match the columns of a file once and keep the result, "
        "or write one.",
    )
    columns = [
        Column("name", "Name", order="name"),
        Column("code", "Code", kind="code", order="code"),
        Column("dataset", "Rows", value=dataset_label, order="dataset"),
        Column("is_active", "Offered", kind="bool", order="is_active"),
        Column("revision", "Revision", kind="number"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet:
        return profiles_visible_to(person_of(request))

    def row_url(self, row: ImportProfile) -> str:
        return reverse("gathering:profile-detail", args=[row.pk])

    def more(self, request: HttpRequest) -> dict[str, Any]:
        return {"primary": {"url": reverse("gathering:profile-add"), "label": "Write a profile"}}


class ProfileDetail(DetailPage):
    action = "imports.view"
    template_name = "gathering/profiles/detail.html"
    edit = ("profiles.manage", "gathering:profile-edit")
    facts = [
        Column("code", "Code", kind="code"),
        Column("dataset", "Rows are", value=dataset_label),
        Column("is_active", "Offered when a file is imported", kind="bool"),
        Column("revision", "Revision", kind="number"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet:
        return profiles_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: ImportProfile) -> list[Link]:
        return [Link("Import profiles", reverse("gathering:profile-list"))]

    def sections(self, request: HttpRequest, row: ImportProfile) -> list[Section]:
        runs = imports_visible_to(person_of(request)).filter(profile=row)[:SHOWN_IMPORTS]
        return [
            Section(
                "How the file reads",
                "gathering/profiles/lines.html",
                {"lines": numbered(row.definition, [])},
                links=(
                    Link("Copy", f"{reverse('gathering:profile-add')}?copy={row.pk}", "profiles.manage"),
                    Link("Export YAML", reverse("gathering:profile-export", args=[row.pk])),
                ),
            ),
            table_section(
                "Latest imports by it",
                runs,
                [column for column in ImportList.columns if column.key != "dataset"],
                empty=Empty("Not used yet", "Imports by this profile are listed here."),
                row_url=lambda run: reverse("gathering:import-detail", args=[run.pk]),
            ),
        ]


class Editor:
    """What the pages for a new and an old profile share: the trial, and mistakes beside lines."""

    action = "profiles.manage"
    template_name = "gathering/profiles/editor.html"
    pretitle = "Import profiles"
    submit_label = "Save profile"

    def dataset_of(self, row: ImportProfile | None, data: dict[str, Any]) -> str:
        return row.dataset if row is not None else data["dataset"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if "try" not in request.POST:
            return super().post(request, **kwargs)  # type: ignore[misc]
        row = self.row(request, **kwargs)  # type: ignore[attr-defined]
        form = self.make_form(request, row, request.POST)
        self.trial = self._tried(request, row, form)
        return self._show(request, row, form)  # type: ignore[attr-defined]

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> Any:
        form = super().make_form(request, row, data)  # type: ignore[misc]
        form.files = request.FILES
        return form

    def more(self, request: HttpRequest, row: ImportProfile | None) -> dict[str, Any]:
        return {"trial": getattr(self, "trial", None), "formats_url": reverse("gathering:format-list")}

    def done_url(self, request: HttpRequest, saved: ImportProfile) -> str:
        return reverse("gathering:profile-detail", args=[saved.pk])

    def _tried(self, request: HttpRequest, row: ImportProfile | None, form: DefinitionForm) -> Any:
        if not form.is_valid():
            return None
        try:
            return try_profile(
                actor=person_of(request),
                files={file.name: file for file in form.cleaned_data["trial_files"]},
                dataset=self.dataset_of(row, form.cleaned_data),
                definition=form.cleaned_data["definition"],
                limit=TRIED_ROWS,
            )
        except Refused as refusal:
            put_reasons(form, with_lines(refusal, form.cleaned_data["definition"]))
            return None


class ProfileAdd(Editor, AddPage):
    form_class = ProfileForm
    heading = "Write an import profile"

    def initial(self, request: HttpRequest, row: None) -> dict[str, Any]:
        copied = request.GET.get("copy", "")
        if not copied.isdigit():
            return {"dataset": request.GET.get("dataset", ""), "definition": STARTER}
        source = get_object_or_404(profiles_visible_to(person_of(request)), pk=copied)
        return {
            "name": f"Copy of {source.name}"[:120],
            "code": f"{source.code[:55]}-copy",
            "dataset": source.dataset,
            "definition": source.definition,
        }

    def save(self, request: HttpRequest, row: None, data: dict[str, Any]) -> ImportProfile:
        told = without_trial(data)
        try:
            return create_profile(actor=person_of(request), **told)
        except Invalid as refusal:
            raise with_lines(refusal, told["definition"]) from refusal

    def cancel_url(self, request: HttpRequest, row: None) -> str:
        return reverse("gathering:profile-list")


class ProfileEdit(Editor, EditPage):
    form_class = ProfileEditForm

    def rows(self, request: HttpRequest) -> QuerySet:
        return profiles_visible_to(person_of(request))

    def change(
        self, request: HttpRequest, row: ImportProfile, revision: int, data: dict[str, Any]
    ) -> ImportProfile:
        changes = without_trial(data)
        try:
            return change_profile(actor=person_of(request), profile=row, revision=revision, changes=changes)
        except Invalid as refusal:
            raise with_lines(refusal, changes["definition"]) from refusal


@requires("imports.view")
def profile_export(request: HttpRequest, pk: int) -> HttpResponse:
    """The profile as a file that `manage.py profiles load` reads."""
    row = get_object_or_404(profiles_visible_to(person_of(request)), pk=pk)
    content = {"code": row.code, "name": row.name, "dataset": row.dataset}
    head = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
    body = "".join(f"  {line}\n" for line in row.definition.splitlines())
    response = HttpResponse(f"{head}definition: |\n{body}", content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{row.code}.yaml"'
    return response


def with_lines(refusal: Refused, text: str) -> Invalid:
    """The same reasons, those about the YAML with the line that they are about."""
    return Invalid(*(_with_line(reason, text) for reason in refusal.reasons))


def _with_line(reason: Reason, text: str) -> Reason:
    line = line_of(text, reason.text.partition(": ")[0]) if reason.field == "definition" else None
    if line is None:
        return reason
    return Reason(f"Line {line}, {reason.text}", reason.code, reason.field, reason.url)


STARTER = """\
# Which of their columns is which of our fields. Everything else is found out or has a default.
delimiter: auto
encoding: auto
# date_format: DMY
# decimal: ","
columns:
  # our field: their column
"""
