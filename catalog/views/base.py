"""What the catalog's pages share: forms that call the services of master data and of dated rows."""

from typing import Any, ClassVar

from django import forms
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from catalog.selectors import VISIBLE, Node
from catalog.services import Term, change_dated, change_master, create_master, set_from_day
from core.access import Page, person_of
from core.forms import DayField, RowForm
from core.listing import Column, ListPage
from core.models import Revised
from core.pages import AddPage, DetailPage, EditPage, Link
from core.roles import can

VIEW = "catalog.view"
EDIT = "catalog.edit"


def may_see_costs(request: HttpRequest) -> bool:
    return bool(can(request.user, "catalog.costs"))


class CatalogList(ListPage):
    """A list of one table, with a button that adds a row for those who may."""

    action = VIEW
    model: ClassVar[type[Model]]
    noun: ClassVar[str]
    add_label: ClassVar[str] = ""
    default_order = "code"

    def rows(self, request: HttpRequest) -> QuerySet:
        return VISIBLE[self.model](person_of(request))

    def row_url(self, row: Any) -> str:
        return reverse(f"catalog:{self.noun}", args=[row.pk])

    def more(self, request: HttpRequest) -> dict[str, Any]:
        if not can(request.user, EDIT):
            return {}
        label = self.add_label or f"Add a {self.model._meta.verbose_name}"
        return {"primary": Link(label, reverse(f"catalog:{self.noun}-add"))}


class CatalogDetail(DetailPage):
    action = VIEW
    model: ClassVar[type[Model]]
    noun: ClassVar[str]
    list_label: ClassVar[str]

    def rows(self, request: HttpRequest) -> QuerySet:
        return VISIBLE[self.model](person_of(request))

    def edit_route(self) -> tuple[str, str]:
        return EDIT, f"catalog:{self.noun}-edit"

    def parents(self, request: HttpRequest, row: Any) -> list[Link]:
        return [Link(self.list_label, reverse(f"catalog:{self.noun}-list"))]


class MasterAdd(AddPage):
    """Adds a row of master data and opens it."""

    action = EDIT
    model: ClassVar[type[Revised]]
    noun: ClassVar[str]

    def title(self, row: Any) -> str:
        return self.heading or f"Add a {self.model._meta.verbose_name}"

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Any:
        return create_master(actor=person_of(request), model=self.model, values=data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return reverse(f"catalog:{self.noun}", args=[saved.pk])

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse(f"catalog:{self.noun}-list")


class MasterEdit(EditPage):
    """Changes a row of master data and opens it."""

    action = EDIT
    model: ClassVar[type[Revised]]
    noun: ClassVar[str]

    def rows(self, request: HttpRequest) -> QuerySet:
        return VISIBLE[self.model](person_of(request))

    def change(self, request: HttpRequest, row: Any, revision: int, data: dict[str, Any]) -> Any:
        return change_master(actor=person_of(request), row=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return reverse(f"catalog:{self.noun}", args=[saved.pk])


class DatedForm(RowForm):
    """From which day on, until which, and why."""

    valid_from = DayField(
        label="From", help_text="The first day it holds. An open one before it ends the day before."
    )
    valid_to = DayField(
        label="To", required=False, help_text="The last day it holds. Empty: until further notice."
    )
    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Needed when days that have passed change.",
    )


def _split(data: dict[str, Any]) -> tuple[dict[str, Any], Term, str]:
    term = Term(data.pop("valid_from"), data.pop("valid_to"))
    return data, term, data.pop("reason")


class DatedAdd(MasterAdd):
    """Lets something hold from a day on."""

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Any:
        values, term, reason = _split(data)
        model: Any = self.model
        return set_from_day(actor=person_of(request), model=model, values=values, term=term, reason=reason)


class DatedEdit(MasterEdit):
    """Corrects or ends a dated row."""

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        term = Term.of(row.valid)
        return super().initial(request, row) | {"valid_from": term.first, "valid_to": term.last}

    def change(self, request: HttpRequest, row: Any, revision: int, data: dict[str, Any]) -> Any:
        changes, term, reason = _split(data)
        return change_dated(
            actor=person_of(request), row=row, revision=revision, changes=changes, term=term, reason=reason
        )


class TreePage(Page):
    """A tree as a nested list, with how many things hang on each node."""

    action = VIEW
    heading: ClassVar[str]
    noun: ClassVar[str]
    counted: ClassVar[tuple[str, str]]
    empty: ClassVar[tuple[str, str]]

    def nodes(self, request: HttpRequest) -> list[Node]:
        raise TypeError(f"{type(self).__name__} names no tree: define nodes()")

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {
            "title": self.heading,
            "nodes": self.nodes(request),
            "counted": self.counted,
            "route": f"catalog:{self.noun}",
            "empty": self.empty,
            "list_url": reverse(f"catalog:{self.noun}-rows"),
            "add_url": reverse(f"catalog:{self.noun}-add") if can(request.user, EDIT) else "",
            "add_label": f"Add a {self.noun}",
        }
        return render(request, "catalog/tree.html", context)


PRODUCT = Column("product", "Product", order="product__name")
