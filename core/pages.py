"""The patterns of a room's pages: one row in detail, a form that adds, a form that changes.

docs/pages.md shows one example of each. A page says what; these classes do how.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import capfirst

from core.access import Page
from core.errors import Conflict, Reason, Refused
from core.events import plain, subject_of
from core.forms import RowForm
from core.history import changes_of, label_of
from core.listing import Column, Empty, cell_of
from core.models import Event
from core.roles import can
from core.slots import links_of_row
from core.subjects import kinds


@dataclass(frozen=True)
class Link:
    """A button or link of a page: shown only where the reader may use it."""

    label: str
    url: str
    action: str = ""


@dataclass(frozen=True)
class Section:
    """A titled part of a detail page, drawn by `template` from `context`.

    `table_section`, `chart_section` make the usual ones.
    """

    title: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    links: tuple[Link, ...] = ()
    framed: bool = True


def table_section(
    title: str,
    rows: Iterable[Any],
    columns: list[Column],
    *,
    empty: Empty,
    note: str = "",
    links: tuple[Link, ...] = (),
    row_url: Callable[[Any], str] | None = None,
) -> Section:
    """A part of a page that is a short table: no paging, no sorting."""
    table = plain_table(rows, columns, caption=title, empty=empty, row_url=row_url)
    return Section(title, "parts/table.html", {"table": table}, note, links)


def chart_section(title: str, chart: dict[str, Any]) -> Section:
    """A part of a page that is a chart (docs/interface.md says what `chart` holds)."""
    return Section(title, "parts/chart.html", {"chart": chart}, framed=False)


def plain_table(
    rows: Iterable[Any],
    columns: list[Column],
    *,
    caption: str,
    empty: Empty,
    row_url: Callable[[Any], str] | None = None,
) -> dict[str, Any]:
    """The context of parts/table.html for rows that are shown all at once."""
    return {
        "caption": caption,
        "columns": [
            {"label": c.label, "unit": c.unit, "numeric": c.numeric, "help": c.help} for c in columns
        ],
        "rows": [
            {"url": row_url(row) if row_url else "", "cells": [cell_of(row, c) for c in columns]}
            for row in rows
        ],
        "empty": empty,
    }


class RowPage(Page):
    """A page about one row, found by its key among what the reader may see (404 otherwise)."""

    def rows(self, request: HttpRequest) -> QuerySet:
        """The rows the person may see: a call of the room's selector."""
        raise TypeError(f"{type(self).__name__} names no selector: define rows()")

    def row(self, request: HttpRequest, **kwargs: Any) -> Any:
        return get_object_or_404(self.rows(request), **kwargs)


class DetailPage(RowPage):
    """One row: its facts at a glance, its sections, its history.

    `facts` are columns as on a list page. `edit` is the primary button's (action, route).
    """

    pretitle: ClassVar[str] = ""
    facts: ClassVar[list[Column]] = []
    facts_title: ClassVar[str] = "At a glance"
    template_name: ClassVar[str] = "core/detail.html"
    edit: ClassVar[tuple[str, str]] = ("", "")

    def title(self, row: Any) -> str:
        return str(row)

    def parents(self, request: HttpRequest, row: Any) -> list[Link]:
        """The way down to this row: its list, its tree."""
        return []

    def visible_facts(self, request: HttpRequest) -> list[Column]:
        """The facts this person may see."""
        return self.facts

    def hidden_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Fields whose history this person may not see."""
        return ()

    def edit_route(self) -> tuple[str, str]:
        """The action and the route of the page that changes the row."""
        return self.edit

    def sections(self, request: HttpRequest, row: Any) -> list[Section]:
        return []

    def more(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """More context for the template: key `figures`."""
        return {}

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        row = self.row(request, **kwargs)
        context = {
            "row": row,
            "title": self.title(row),
            "pretitle": self.pretitle,
            "parents": self.parents(request, row),
            "facts_title": self.facts_title,
            "facts": [{**cell_of(row, c), "label": c.label} for c in self.visible_facts(request)],
            "sections": allowed_sections(request.user, self.sections(request, row)),
            "changes": changes_of(row, hidden=self.hidden_fields(request)),
            "commented": row._meta.label_lower in kinds(),
            "primary": self._edit_link(request, row),
            "row_links": links_of_row(request.user, row),
            **self.more(request, row),
        }
        return render(request, self.template_name, context)

    def _edit_link(self, request: HttpRequest, row: Any) -> Link | None:
        action, route = self.edit_route()
        if not action or not can(request.user, action, row):
            return None
        return Link(f"Edit {row._meta.verbose_name}", _reverse(route, row))


def allowed_sections(person: Any, sections: list[Section]) -> list[dict[str, Any]]:
    """The sections with only those links that the reader may use."""
    return [
        {
            **vars(section),
            "links": [link for link in section.links if not link.action or can(person, link.action)],
        }
        for section in sections
    ]


class FormPage(RowPage):
    """A form that calls one service. What a service refuses stands beside the field that caused it,
    and what was typed stays."""

    form_class: ClassVar[type[forms.Form] | type[forms.ModelForm]]
    heading: ClassVar[str] = ""
    pretitle: ClassVar[str] = ""
    note: ClassVar[str] = ""
    submit_label: ClassVar[str] = "Save"
    done: ClassVar[str] = "{row} is saved."
    danger: ClassVar[bool] = False
    template_name: ClassVar[str] = "core/form_page.html"

    def row(self, request: HttpRequest, **kwargs: Any) -> Any:
        """The row the form is about; None where there is none yet."""
        return super().row(request, **kwargs) if kwargs else None

    def title(self, row: Any) -> str:
        return self.heading or str(row)

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What the fields hold at first. On a new form, the address may fill them: ?product=4711."""
        return request.GET.dict()

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Any:
        """Call the service and return the row that it gives back."""
        raise TypeError(f"{type(self).__name__} calls no service: define save()")

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        raise TypeError(f"{type(self).__name__} leads nowhere: define done_url()")

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return self.done_url(request, row) if row is not None else "../"

    def more(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """More context for the template."""
        return {}

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> Any:
        return self.form_class(data, initial=self.initial(request, row), **self._form_person(request))

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        row = self.row(request, **kwargs)
        return self._show(request, row, self.make_form(request, row))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        row = self.row(request, **kwargs)
        form = self.make_form(request, row, request.POST)
        if not form.is_valid():
            return self._show(request, row, form, status=400)
        try:
            saved = self.save(request, row, dict(form.cleaned_data))
        except Conflict:
            raise
        except Refused as refusal:
            put_reasons(form, refusal)
            return self._show(request, row, form, status=refusal.status)
        messages.success(request, capfirst(self.done.format(row=saved)))
        return redirect(self.done_url(request, saved))

    def _form_person(self, request: HttpRequest) -> dict[str, Any]:
        return {"person": request.user} if issubclass(self.form_class, RowForm) else {}

    def _show(self, request: HttpRequest, row: Any, form: Any, *, status: int = 200) -> HttpResponse:
        context = {
            "row": row,
            "form": form,
            "title": self.title(row),
            "pretitle": self.pretitle,
            "note": self.note,
            "submit_label": self.submit_label,
            "danger": self.danger,
            "cancel_url": self.cancel_url(request, row),
            **self.more(request, row),
        }
        return render(request, self.template_name, context, status=status)


class AddPage(FormPage):
    """A form that makes a new row."""

    done: ClassVar[str] = "{row} is added."


class EditPage(FormPage):
    """A form that changes a row. It carries the revision it was made from; after somebody else's
    save it shows both versions and saves nothing until the person has chosen."""

    def title(self, row: Any) -> str:
        return self.heading or f"Edit {row}"

    def change(self, request: HttpRequest, row: Any, revision: int, data: dict[str, Any]) -> Any:
        """Call the service and return the row that it gives back."""
        raise TypeError(f"{type(self).__name__} calls no service: define change()")

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {name: _typed(getattr(row, name, None)) for name in self.form_class.base_fields}

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> Any:
        form = super().make_form(request, row, data)
        form.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput, initial=row.revision)
        return form

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Any:
        return self.change(request, row, data.pop("revision"), data)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            return super().post(request, **kwargs)
        except Conflict as conflict:
            row = self.row(request, **kwargs)
            context = {
                "row": row,
                "title": self.title(row),
                "pretitle": self.pretitle,
                "conflict": conflict_context(
                    request, row, conflict, self.make_form(request, row), self.done_url(request, row)
                ),
            }
            return render(request, "core/conflict_page.html", context, status=409)


def conflict_context(
    request: HttpRequest, row: Any, conflict: Conflict, fresh: Any, theirs_url: str
) -> dict[str, Any]:
    """The context of parts/conflict.html. "Keep yours" posts the same form again on top of the
    newer revision, but leaves alone the fields that this person had not touched: those are sent
    as `fresh`, a form of the row as it is now, holds them."""
    seen = _seen(row, request.POST.get("revision", ""))
    mine = [name for name, value in conflict.yours.items() if name not in seen or seen[name] != value]
    untouched = [name for name in conflict.yours if name not in mine and name in fresh.fields]
    kind, key, _ = subject_of(row)
    last = Event.objects.filter(subject_type=kind, subject_id=key).first()
    return {
        "what": str(row),
        "who": conflict.who or "Somebody",
        "when": last.at if last else timezone.now(),
        "rows": [
            {
                "label": label_of(type(row), name),
                "yours": conflict.yours[name],
                "theirs": conflict.theirs[name],
            }
            for name in mine
        ],
        "action_url": request.get_full_path(),
        "hidden": [
            *_posted(request, {"csrfmiddlewaretoken", "revision", "keep", *untouched}),
            *[item for name in untouched for item in _items(name, fresh[name].value())],
            *_items("revision", conflict.revision),
        ],
        "theirs_url": theirs_url,
    }


def _posted(request: HttpRequest, without: set[str]) -> list[dict[str, Any]]:
    return [
        item for name, values in request.POST.lists() if name not in without for item in _items(name, values)
    ]


def _items(name: str, value: Any) -> list[dict[str, Any]]:
    values = value if isinstance(value, list | tuple) else [value]
    return [{"name": name, "value": "" if one is None else plain(one)} for one in values]


def _seen(row: Any, revision: str) -> dict[str, Any]:
    """The values the person's form was made from, where the table keeps its versions."""
    if not hasattr(row, "history") or not revision.isdigit():
        return {}
    version = row.history.filter(revision=int(revision)).order_by("-pgh_id").first()
    names = {field.name for field in row._meta.concrete_fields}
    kept = [f.name for f in version._meta.concrete_fields if f.name in names] if version else []
    return {name: plain(getattr(version, name)) for name in kept}


def _typed(value: Any) -> Any:
    """A value as a person would type it: 12.5, not 12.5000."""
    return plain(value) if isinstance(value, Decimal) else value


def put_reasons(form: forms.Form, refusal: Refused) -> None:
    """Write a service's reasons beside the fields they are about."""
    for reason in refusal.reasons:
        form.add_error(reason.field if reason.field in form.fields else None, reason.text)


def put_beside(form: forms.Form, refusal: Refused) -> list[Reason]:
    """Write the reasons about a field that is seen beside it; gives the others, for the top of the page."""
    seen = {field.name for field in form.visible_fields()}
    if form.is_valid():
        put_reasons(form, Refused(*(reason for reason in refusal.reasons if reason.field in seen)))
    return [reason for reason in refusal.reasons if reason.field not in seen]


def _reverse(route: str, row: Any) -> str:
    return redirect(route, pk=row.pk).url
