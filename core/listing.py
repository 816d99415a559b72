"""The pattern of every list page: columns, filters, sorting, paging and export of what is shown."""

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlencode

import django_filters
import xlsxwriter
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import slugify

from core.access import Page as BasePage
from core.formats import show

NUMERIC = {"number", "quantity", "money", "factor", "rate", "percent", "written"}
PAGE_SIZES = (50, 100)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Column:
    """One column: how to get its value from a row, how to show it, how to sort by it.

    `value` is an attribute path ("family.name") or a function of the row. `kind` is one of text,
    code, number, quantity, money, percent, date, month, time, bool, badge (see core.formats), or
    written: a number that is text already, such as money in one row and percent in the next. A phrase is
    text that keeps some width on a phone.
    `order` is the ORM path to sort by; empty means not sortable. `link` is a function row → url.
    """

    key: str
    label: str
    value: str | Callable[[Any], Any] = ""
    kind: str = "text"
    unit: str = ""
    order: str = ""
    help: str = ""
    link: Callable[[Any], str] | None = None
    tone: Callable[[Any], str] | None = None

    @property
    def numeric(self) -> bool:
        return self.kind in NUMERIC

    def of(self, row: Any) -> Any:
        """The raw value of this column in a row."""
        if callable(self.value):
            return self.value(row)
        found = row
        for name in (self.value or self.key).split("."):
            found = getattr(found, name, None)
        return found() if callable(found) else found  # get_…_display


@dataclass(frozen=True)
class Empty:
    """What an empty list says: what will be here, why it is not yet, and what fills it."""

    title: str
    text: str
    action_label: str = ""
    action_url: str = ""


class ListPage(BasePage):
    """A list of rows the person may see. Subclasses say what; this class does how.

    Exports (`?export=csv|xlsx`) hold exactly the filtered and sorted rows of the page, all of them.
    """

    title: ClassVar[str]
    pretitle: ClassVar[str] = ""
    rows_name: ClassVar[str] = ""  # what is counted above the table, where the title is no plural
    columns: ClassVar[list[Column]]
    filterset_class: ClassVar[type[django_filters.FilterSet] | None] = None
    default_order: ClassVar[str] = "pk"
    template_name: ClassVar[str] = "core/list.html"
    empty: ClassVar[Empty]

    def rows(self, request: HttpRequest) -> QuerySet:
        """The rows the person may see: a call of the room's selector."""
        raise TypeError(f"{type(self).__name__} names no selector: define rows()")

    def row_url(self, row: Any) -> str:
        """Where a row opens; empty for rows without a page."""
        return ""

    def more(self, request: HttpRequest) -> dict[str, Any]:
        """More context for the template: `primary` {label, url}, key `figures`."""
        return {}

    def totals(self, request: HttpRequest, rows: QuerySet) -> dict[str, Any]:
        """Sums over all filtered rows, for pages that show them; `count` among them spares a query."""
        return {}

    def about_totals(self, request: HttpRequest, totals: dict[str, Any]) -> dict[str, Any]:
        """More context for the template about those sums."""
        return {}

    def prepared(self, request: HttpRequest, rows: Any) -> Any:
        """The rows of this page with what columns need beyond them, read for all rows at once."""
        return rows

    def about_rows(self, request: HttpRequest, rows: list[Any]) -> dict[str, Any]:
        """More context for the template about the rows of this page."""
        return {}

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        """The columns this person may see, in order."""
        return self.columns

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        filters = self._filters(request)
        rows = filters.qs if filters else self.rows(request)
        columns = self.visible_columns(request)
        rows, sorted_by = order_rows(rows, columns, request.GET.get("sort", ""), self.default_order)
        if export := request.GET.get("export"):
            return export_rows(rows, columns, title=self.title, form=export)
        size = _page_size(request)
        totals = self.totals(request, rows)
        paginator = Paginator(rows, size)
        if "count" in totals:
            paginator.count = totals["count"]
        page = paginator.get_page(request.GET.get("page"))
        page.object_list = self.prepared(request, page.object_list)
        table = build_table(page, columns, request, sorted_by, self)
        context = {
            "table": table,
            "page": page,
            "filter": filters,
            "title": self.title,
            "pretitle": self.pretitle,
            **self.about_rows(request, list(page.object_list)),
            **self.about_totals(request, totals),
            **self.more(request),
        }
        return render(request, self.template_name, context)

    def _filters(self, request: HttpRequest) -> django_filters.FilterSet | None:
        if self.filterset_class is None:
            return None
        return self.filterset_class(request.GET, queryset=self.rows(request), request=request)


def order_rows(rows: QuerySet, columns: list[Column], wanted: str, default: str) -> tuple[QuerySet, str]:
    """Sort by the wanted column (`-key` for downwards), always ending with the key, so that pages
    never overlap. An unknown column sorts by the default."""
    orders = {column.key: column.order for column in columns if column.order}
    path = orders.get(wanted.removeprefix("-"))
    if path is None:
        return rows.order_by(*default.split(","), "pk"), ""
    sign = "-" if wanted.startswith("-") else ""
    return rows.order_by(f"{sign}{path}", "pk"), wanted


def build_table(
    page: Page, columns: list[Column], request: HttpRequest, sorted_by: str, view: ListPage
) -> dict[str, Any]:
    """The context of templates/parts/table.html."""
    return {
        "caption": view.rows_name or view.title,
        "counted": counted(view.rows_name or view.title, page.paginator.count),
        "count": page.paginator.count,
        "columns": [_head(column, request, sorted_by) for column in columns],
        "rows": [_row(row, columns, view) for row in page.object_list],
        "empty": view.empty,
    }


def counted(name: str, count: int) -> str:
    """What stands behind the number of rows: deals, CRM events; one is a row, whatever it is."""
    if count == 1:
        return "row"
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def _head(column: Column, request: HttpRequest, sorted_by: str) -> dict[str, Any]:
    here = sorted_by.removeprefix("-") == column.key
    state = ("desc" if sorted_by.startswith("-") else "asc") if here else ""
    target = f"-{column.key}" if state == "asc" else column.key
    url = f"?{query_without(request, 'page', 'sort')}sort={target}" if column.order else ""
    return {
        "key": column.key,
        "label": column.label,
        "unit": column.unit,
        "numeric": column.numeric,
        "help": column.help,
        "sort_url": url,
        "sorted": state,
    }


def _row(row: Any, columns: list[Column], view: ListPage) -> dict[str, Any]:
    return {
        "id": getattr(row, "pk", ""),
        "url": view.row_url(row),
        "cells": [cell_of(row, c) for c in columns],
    }


def cell_of(row: Any, column: Column) -> dict[str, Any]:
    """One cell of parts/table.html, or one fact of a detail page."""
    value = column.of(row)
    text, title = show(value, column.kind)
    return {
        "text": text,
        "title": title,
        "url": column.link(row) if column.link else "",
        "kind": column.kind,
        "numeric": column.numeric,
        "badge": (column.tone(row) if column.tone else "quiet") if column.kind == "badge" else "",
    }


def query_without(request: HttpRequest, *names: str) -> str:
    """The page's query string without some names, ready to be followed by `name=value`."""
    kept = [(k, v) for k, values in request.GET.lists() for v in values if k not in names and v != ""]
    return f"{urlencode(kept)}&" if kept else ""


def _page_size(request: HttpRequest) -> int:
    wanted = request.GET.get("size", "")
    return int(wanted) if wanted.isdigit() and int(wanted) in PAGE_SIZES else PAGE_SIZES[0]


# --- export -------------------------------------------------------------------------------------


def export_rows(
    rows: QuerySet | Iterable[Any], columns: list[Column], *, title: str, form: str
) -> HttpResponseBase:
    """A CSV (streamed) or XLSX download of the rows; any other form is a 400 with a sentence."""
    name = f"{slugify(title)}-{timezone.localdate():%Y-%m-%d}"
    if form == "csv":
        response: HttpResponseBase = StreamingHttpResponse(
            _csv_lines(rows, columns), content_type="text/csv; charset=utf-8"
        )
    elif form == "xlsx":
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        response = HttpResponse(_workbook(rows, columns, title), content_type=kind)
    else:
        return HttpResponse("Export is either csv or xlsx.", status=400, content_type="text/plain")
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


def guarded(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets a leading apostrophe (OWASP, CSV injection)."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def _iterate(rows: QuerySet | Iterable[Any]) -> Iterator[Any]:
    return rows.iterator(chunk_size=2000) if isinstance(rows, QuerySet) else iter(rows)


def _titles(columns: list[Column]) -> list[str]:
    return [f"{c.label} ({c.unit})" if c.unit else c.label for c in columns]


def _exported(value: Any) -> Any:
    if isinstance(value, Model):
        return guarded(str(value))
    return guarded(value)


def _csv_lines(rows: QuerySet | Iterable[Any], columns: list[Column]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(_titles(columns))
    for row in _iterate(rows):
        writer.writerow(["" if (v := c.of(row)) is None else _exported(v) for c in columns])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _workbook(rows: QuerySet | Iterable[Any], columns: list[Column], title: str) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "remove_timezone": True,
            "default_date_format": "yyyy-mm-dd",
        },
    )
    sheet = book.add_worksheet(slugify(title)[:31] or "rows")
    bold = book.add_format({"bold": True})
    sheet.write_row(0, 0, _titles(columns), bold)
    sheet.freeze_panes(1, 1)
    for number, row in enumerate(_iterate(rows), start=1):
        for place, column in enumerate(columns):
            _write_cell(sheet, number, place, column.of(row))
    book.close()
    return target.getvalue()


def _write_cell(sheet: Any, row: int, place: int, value: Any) -> None:
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
        sheet.write_number(row, place, value)
    elif isinstance(value, dt.datetime | dt.date):
        sheet.write_datetime(row, place, value)
    elif value is not None:
        sheet.write_string(row, place, str(_exported(value)))
