"""Values of CRMs: those nobody knows, the most waiting first, and what was decided about others."""

from typing import Any
from urllib.parse import urlencode

import django_filters
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from core.access import Page, person_of
from core.errors import Refused
from core.listing import Column, Empty, ListPage
from core.pages import DetailPage, FormPage, Link, put_reasons
from core.roles import can
from crm.forms.values import IGNORE, MAP, BatchForm, DecisionForm, NameForm
from crm.models import ValueKind, ValueMapping
from crm.selectors.inbox import UnknownValue, mappings_visible_to, unknown_values
from crm.selectors.value_suggestions import Suggestion, found_by, offered, suggestions_for
from crm.services.value_batches import MOST, decide_many
from crm.services.value_mappings import decide

VIEW, DECIDE = "hooks.view", "hooks.replay"
PAGE_SIZE = 50


def key_of(value: UnknownValue) -> str:
    """How a form names one value: CRM and kind hold no colon."""
    return f"{value.source}:{value.kind}:{value.value}"


class UnknownValueList(Page):
    """The queue, with what each value may be: shown, never taken by itself."""

    action = VIEW

    def get(self, request: HttpRequest) -> HttpResponse:
        values = unknown_values(person_of(request))
        shown = narrowed(values, request.GET)
        page = Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page"))
        suggested = suggestions_for((one.kind, one.value) for one in page.object_list)
        context = {
            "page": page,
            "items": [item_of(one, suggested[one.kind, one.value]) for one in page.object_list],
            "count": len(shown),
            "kinds": kinds_of(values, request.GET.get("kind", "")),
            "saved_count": mappings_visible_to(person_of(request)).count(),
            "may_decide": bool(can(request.user, DECIDE)),
        }
        return render(request, "crm/inbox/values.html", context)


def item_of(value: UnknownValue, likely: list[Suggestion]) -> dict[str, Any]:
    """A line of the queue."""
    return {"value": value, "key": key_of(value), "kind": label_of(value.kind), "likely": likely}


def narrowed(values: list[UnknownValue], query: Any) -> list[UnknownValue]:
    """Those of the kind and the CRM that the address names; an unknown kind names none."""
    kind, source = query.get("kind", ""), query.get("source", "")
    return [one for one in values if kind in ("", one.kind) and source in ("", one.source)]


def kinds_of(values: list[UnknownValue], chosen: str) -> list[dict[str, Any]]:
    """The kinds that something waits for, with how many values."""
    counts = {kind: sum(one.kind == kind for one in values) for kind in ValueKind.values}
    return [
        {"kind": kind, "label": label, "count": counts[kind], "chosen": kind == chosen}
        for kind, label in ValueKind.choices
        if counts[kind]
    ]


def label_of(kind: str) -> str:
    return str(ValueKind(kind).label) if kind in ValueKind.values else kind


class ValueMap(FormPage):
    """One value, looked at closely: what is alike, a search among all, a decision."""

    action = DECIDE
    form_class = DecisionForm
    template_name = "crm/inbox/value_map.html"
    submit_label = "Save what it is"

    def row(self, request: HttpRequest, **kwargs: Any) -> dict[str, str]:
        form = NameForm(request.POST if request.method == "POST" else request.GET)
        if not form.is_valid():
            raise Http404("Name the CRM, the kind and the value that are to be mapped.")
        return form.cleaned_data

    def title(self, row: dict[str, str]) -> str:
        return f"What is “{row['value']}” here?"

    def initial(self, request: HttpRequest, row: dict[str, str]) -> dict[str, Any]:
        known = self._known(request, row)
        chosen = request.GET.get("target_code") or (known.target_code if known else "")
        decision = IGNORE if known and known.is_ignored and not request.GET.get("target_code") else MAP
        return {"decision": decision, "target_code": chosen, "reason": known.reason if known else ""}

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        row = self.row(request)
        form = self.make_form(request, row, request.POST)
        if not form.is_valid():
            return self._show(request, row, form, status=400)
        try:
            told: dict[str, Any] = {**row, **form.told()}
            mapping, events = decide(actor=person_of(request), **told)
        except Refused as refusal:
            put_reasons(form, refusal)
            return self._show(request, row, form, status=refusal.status)
        messages.success(request, f"“{mapping.value}” is decided. {_followed(events)}")
        return redirect(_next(request))

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return _next(request)

    def _known(self, request: HttpRequest, row: dict[str, str]) -> ValueMapping | None:
        where = {"source": row["source"], "kind": row["kind"], "value__iexact": row["value"]}
        return mappings_visible_to(person_of(request)).filter(**where).first()

    def more(self, request: HttpRequest, row: dict[str, str]) -> dict[str, Any]:
        kind, text = row["kind"], request.GET.get("search", "").strip()
        likely = suggestions_for([(kind, row["value"])], limit=5)[kind, row["value"]]
        codes = {one.code for one in likely}
        waiting = [one for one in unknown_values(person_of(request)) if vars(one).items() >= row.items()]
        return {
            "name": row,
            "kind_label": label_of(kind),
            "next": _next(request),
            "waiting": waiting[0] if waiting else None,
            "likely": likely,
            "all": [one for one in offered(kind) if one.code not in codes],
            "search": text,
            "found": found_by(kind, text) if text else [],
        }


class ValueBatch(Page):
    """The chosen values on one page: decide each, see it all, save all or nothing."""

    action = DECIDE

    def get(self, request: HttpRequest) -> HttpResponse:
        values = self._values(request, request.GET)
        if not values:
            messages.warning(request, "Choose at least one value first.")
            return redirect("crm:value-list")
        return self._show(request, self._form(values))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self._form(self._values(request, request.POST), request.POST)
        if not form.is_valid():
            return self._show(request, form, 400)
        try:
            count, events = decide_many(actor=person_of(request), decisions=form.decisions())
        except Refused as refusal:
            put_reasons(form, refusal)
            return self._show(request, form, refusal.status)
        decided = f"{count} value{'s are' if count > 1 else ' is'} decided."
        messages.success(request, f"{decided} {_followed(events)}")
        return redirect("crm:value-list")

    def _values(self, request: HttpRequest, query: Any) -> list[UnknownValue]:
        wanted = set(query.getlist("name")[:MOST])
        return [one for one in unknown_values(person_of(request)) if key_of(one) in wanted]

    def _form(self, values: list[UnknownValue], data: Any = None) -> BatchForm:
        return BatchForm(data, values=values, choices=choices_for(values))

    def _show(self, request: HttpRequest, form: BatchForm, status: int = 200) -> HttpResponse:
        lines = [(one, key_of(one), label_of(one.kind), choice, code) for one, choice, code in form.lines]
        return render(request, "crm/inbox/value_batch.html", {"form": form, "lines": lines}, status=status)


def choices_for(values: list[UnknownValue]) -> dict[tuple[str, str], list[Suggestion]]:
    """What each may be: what is alike first, then, where there are few, all the others."""
    suggested = suggestions_for((one.kind, one.value) for one in values)
    every = {kind: offered(kind) for kind in {one.kind for one in values}}
    found = {}
    for (kind, value), likely in suggested.items():
        codes = {one.code for one in likely}
        found[kind, value] = [*likely, *(one for one in every[kind] if one.code not in codes)]
    return found


class MappingFilter(django_filters.FilterSet):
    source = django_filters.CharFilter(label="CRM", lookup_expr="iexact")
    kind = django_filters.ChoiceFilter(label="Kind", choices=ValueKind.choices)
    search = django_filters.CharFilter(label="Value", field_name="value", lookup_expr="icontains")
    is_ignored = django_filters.BooleanFilter(label="Left out")

    class Meta:
        model = ValueMapping
        fields: list[str] = []


def meaning_of(row: ValueMapping) -> str:
    return "left out" if row.is_ignored else row.target_code


MAPPINGS = [
    Column("value", "In the CRM", order="value"),
    Column("kind", "Kind", "get_kind_display", order="kind"),
    Column("source", "CRM", order="source"),
    Column("target_code", "Is here", meaning_of, order="target_code"),
    Column("reason", "Why"),
    Column("decided_by", "Decided by", order="decided_by__name"),
]


def mapping_url(row: ValueMapping) -> str:
    return reverse("crm:value-mapping", args=[row.pk])


class ValueMappingList(ListPage):
    action = VIEW
    title = "Decided CRM values"
    filterset_class = MappingFilter
    default_order = "source,kind,value"
    columns = MAPPINGS
    empty = Empty("No values decided yet", "What was decided about unknown stages and owners stands here.")

    def rows(self, request: HttpRequest) -> QuerySet[ValueMapping]:
        return mappings_visible_to(person_of(request))

    def row_url(self, row: ValueMapping) -> str:
        return mapping_url(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        return {"primary": Link("Open the unknown values", reverse("crm:value-list"))}


class ValueMappingPage(DetailPage):
    action = VIEW
    facts = MAPPINGS
    facts_title = "What was decided"

    def rows(self, request: HttpRequest) -> QuerySet[ValueMapping]:
        return mappings_visible_to(person_of(request))

    def title(self, row: ValueMapping) -> str:
        return f"“{row.value}”"

    def parents(self, request: HttpRequest, row: ValueMapping) -> list[Link]:
        return [Link("Decided CRM values", reverse("crm:value-mapping-list"))]

    def more(self, request: HttpRequest, row: ValueMapping) -> dict[str, Any]:
        if not can(request.user, DECIDE):
            return {}
        return {"primary": Link("Decide again", map_url(row.source, row.kind, row.value, mapping_url(row)))}


def map_url(source: str, kind: str, value: str, back: str = "") -> str:
    """The page that decides one value."""
    query = {"source": source, "kind": kind, "value": value, "next": back}
    return f"{reverse('crm:value-map')}?{urlencode(query)}"


def _followed(events: int) -> str:
    if not events:
        return "Nothing waited for it."
    return f"{events} event{'s follow' if events > 1 else ' follows'} now."


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return wanted
    return reverse("crm:value-list")
