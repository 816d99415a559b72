"""The mapping queue: names nobody knows, what they may mean, and what was decided."""

from typing import Any

import django_filters
from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from core.access import Page, person_of
from core.errors import Refused
from core.listing import Column, Empty, ListPage
from core.pages import DetailPage, EditPage, FormPage, Link, put_reasons
from gathering.forms.mapping_batch import BatchForm
from gathering.forms.mappings import IGNORE, MAP, DecisionForm, MapForm, NameForm, meaning
from gathering.models import Mapping, UnmappedValue
from gathering.models.imports import MappingKind
from gathering.selectors.mappings import mappings_visible_to, unmapped_visible_to
from gathering.selectors.name_suggestions import suggestions_for, targets_like
from gathering.services.mapping_batches import save_mappings
from gathering.services.mappings import change_mapping, save_mapping

MOST_AT_ONCE = 100


class UnmappedFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Name", field_name="value", lookup_expr="icontains")
    kind = django_filters.ChoiceFilter(label="Kind", choices=MappingKind.choices)
    source = django_filters.CharFilter(label="Source", field_name="source", lookup_expr="iexact")

    class Meta:
        model = UnmappedValue
        fields: list[str] = []


class UnmappedList(ListPage):
    """The queue, with what each name may mean: shown, never taken by itself."""

    action = "imports.view"
    title = "Unknown names"
    template_name = "gathering/mappings/queue.html"
    filterset_class = UnmappedFilter
    default_order = "-money,-rows,value"
    empty = Empty(
        "No unknown names",
        "When a file names a product, market, customer or rep that nobody knows, the name waits here, "
        "and its rows with it.",
    )
    columns = [
        Column("value", "Name in the file", order="value"),
        Column("kind", "Kind", value=lambda name: name.get_kind_display(), order="kind"),
        Column("source", "Source", order="source"),
        Column("rows", "Rows waiting", kind="quantity", order="rows"),
        Column("money", "Money waiting", kind="money", order="money"),
        Column("first_run", "First in", value="first_run.file_name"),
        Column("seen", "Last seen", kind="time", order="seen"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet:
        return unmapped_visible_to(person_of(request)).filter(is_open=True).select_related("first_run")

    def about_rows(self, request: HttpRequest, rows: list[Any]) -> dict[str, Any]:
        suggested = suggestions_for((name.kind, name.value) for name in rows)
        return {"items": [{"name": n, "suggestions": suggested.get((n.kind, n.value), [])} for n in rows]}

    def more(self, request: HttpRequest) -> dict[str, Any]:
        return {"saved_count": mappings_visible_to(person_of(request)).count()}


class MappingAdd(FormPage):
    """One unknown name, looked at closely: likely rows, a search among all, a decision."""

    action = "mappings.manage"
    form_class = MapForm
    pretitle = "Unknown names"
    template_name = "gathering/mappings/map.html"
    submit_label = "Save what it means"
    done = "{row} is decided. Rows that waited for it follow now."

    def row(self, request: HttpRequest, **kwargs: Any) -> dict[str, str]:
        form = NameForm(request.POST if request.method == "POST" else request.GET)
        if not form.is_valid():
            raise Http404("Name the kind and the value that are to be mapped.")
        return form.cleaned_data

    def title(self, row: dict[str, str]) -> str:
        return f"What does “{row['value']}” mean?"

    def initial(self, request: HttpRequest, row: dict[str, str]) -> dict[str, Any]:
        return {"decision": MAP, "target_code": request.GET.get("target_code", "")}

    def save(self, request: HttpRequest, row: dict[str, str], data: dict[str, Any]) -> str:
        source = "" if data.pop("everywhere") else row["source"]
        save_mapping(
            actor=person_of(request), kind=row["kind"], source=source, value=row["value"], **meaning(data)
        )
        return f"“{row['value']}”"

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return next_url(request)

    def more(self, request: HttpRequest, row: dict[str, str]) -> dict[str, Any]:
        kind, text = row["kind"], request.GET.get("search", "").strip()
        waiting = unmapped_visible_to(person_of(request)).filter(**row).select_related("first_run").first()
        return {
            "name": row,
            "kind_label": MappingKind(kind).label,
            "next": next_url(request),
            "waiting": waiting,
            "suggestions": suggestions_for([(kind, row["value"])], limit=5).get((kind, row["value"]), []),
            "search": text,
            "found": targets_like(kind, text) if text else [],
        }


class MappingBatch(Page):
    """The chosen names on one page: decide each, see it all, save all or nothing."""

    action = "mappings.manage"

    def get(self, request: HttpRequest) -> HttpResponse:
        names = self._names(request, request.GET)
        if not names:
            messages.warning(request, "Choose at least one name first.")
            return redirect("gathering:unmapped-list")
        return self._show(request, self._form(names))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self._form(self._names(request, request.POST), request.POST)
        if not form.is_valid():
            return self._show(request, form, 400)
        try:
            saved = save_mappings(actor=person_of(request), decisions=form.decisions())
        except Refused as refusal:
            put_reasons(form, refusal)
            return self._show(request, form, refusal.status)
        messages.success(
            request, f"{saved} name{'s are' if saved > 1 else ' is'} decided. Their rows follow now."
        )
        return redirect("gathering:unmapped-list")

    def _names(self, request: HttpRequest, query: Any) -> list[UnmappedValue]:
        keys = [key for key in query.getlist("name") if key.isdigit()][:MOST_AT_ONCE]
        return list(unmapped_visible_to(person_of(request)).filter(is_open=True, pk__in=keys))

    def _form(self, names: list[UnmappedValue], data: Any = None) -> BatchForm:
        suggested = suggestions_for((name.kind, name.value) for name in names)
        return BatchForm(data, names=names, suggested=suggested)

    def _show(self, request: HttpRequest, form: forms.Form, status: int = 200) -> HttpResponse:
        return render(request, "gathering/mappings/batch.html", {"form": form}, status=status)


class MappingFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(label="Name", field_name="value", lookup_expr="icontains")
    kind = django_filters.ChoiceFilter(label="Kind", choices=MappingKind.choices)
    target = django_filters.CharFilter(label="Means", field_name="target_code", lookup_expr="icontains")
    is_ignored = django_filters.BooleanFilter(label="Left out")

    class Meta:
        model = Mapping
        fields: list[str] = []


def means(mapping: Mapping) -> str:
    return "left out" if mapping.is_ignored else mapping.target_code


MAPPING_COLUMNS = [
    Column("value", "Name in files", order="value"),
    Column("kind", "Kind", value=lambda m: m.get_kind_display(), order="kind"),
    Column("source", "Source", value=lambda m: m.source or "every source", order="source"),
    Column("target_code", "Means", value=means, order="target_code"),
    Column("reason", "Why"),
    Column("decided_by", "Decided by", order="decided_by__name"),
]


class MappingList(ListPage):
    action = "imports.view"
    title = "Saved mappings"
    filterset_class = MappingFilter
    default_order = "kind,value"
    columns = MAPPING_COLUMNS
    empty = Empty(
        "No mappings saved",
        "A mapping says what a foreign name means. It is made from the queue of unknown names.",
    )

    def rows(self, request: HttpRequest) -> QuerySet:
        return mappings_visible_to(person_of(request)).select_related("decided_by")

    def row_url(self, row: Mapping) -> str:
        return reverse("gathering:mapping-detail", args=[row.pk])

    def more(self, request: HttpRequest) -> dict[str, Any]:
        return {"primary": {"url": reverse("gathering:unmapped-list"), "label": "Open the queue"}}


class MappingDetail(DetailPage):
    action = "imports.view"
    facts = MAPPING_COLUMNS
    facts_title = "What was decided"
    edit = ("mappings.manage", "gathering:mapping-edit")

    def rows(self, request: HttpRequest) -> QuerySet:
        return mappings_visible_to(person_of(request)).select_related("decided_by")

    def title(self, row: Mapping) -> str:
        return f"“{row.value}”"

    def parents(self, request: HttpRequest, row: Mapping) -> list[Link]:
        return [Link("Saved mappings", reverse("gathering:mapping-list"))]


class MappingEdit(EditPage):
    action = "mappings.manage"
    form_class = DecisionForm
    pretitle = "Saved mappings"
    note = "It holds for files to come. Rows that are committed already stay as they are."

    def rows(self, request: HttpRequest) -> QuerySet:
        return mappings_visible_to(person_of(request))

    def title(self, row: Mapping) -> str:
        return f"Change what “{row.value}” means"

    def initial(self, request: HttpRequest, row: Mapping) -> dict[str, Any]:
        decision = IGNORE if row.is_ignored else MAP
        return {"decision": decision, "target_code": row.target_code, "reason": row.reason}

    def change(self, request: HttpRequest, row: Mapping, revision: int, data: dict[str, Any]) -> Mapping:
        told = meaning(data)
        told["is_ignored"] = told.pop("ignore")
        return change_mapping(actor=person_of(request), mapping=row, revision=revision, changes=told)

    def done_url(self, request: HttpRequest, saved: Mapping) -> str:
        return reverse("gathering:mapping-detail", args=[saved.pk])


def next_url(request: HttpRequest) -> str:
    """The page of ours that asked, or the queue."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return wanted
    return reverse("gathering:unmapped-list")
