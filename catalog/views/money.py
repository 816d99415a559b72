"""Currencies and their rates, months down and currencies across."""

import datetime as dt
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from catalog.engine.months import add_months, months_between
from catalog.filters import MonthRateFilter
from catalog.models import Currency, MonthRate
from catalog.selectors import base_currency, currencies_visible_to, month_rates_visible_to
from catalog.selectors.rate_grid import rate_grid
from catalog.services import add_currency, set_rate
from catalog.views.base import EDIT, VIEW
from core.access import Page, person_of
from core.forms import MonthChoice, RowForm
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, DetailPage, EditPage, Link, Section, table_section
from core.roles import can
from core.years import YEARS

MONTHS_SHOWN = 24
MONTHS_AHEAD = 6


class CurrencyList(ListPage):
    action = VIEW
    title = "Currencies"
    columns = [
        Column("code", "Code", kind="code", order="code"),
        Column("name", "Name", order="name"),
        Column("base", "Base currency", lambda row: row.code == base_currency(), kind="bool"),
    ]
    default_order = "code"
    empty = Empty("No currencies yet", "Prices and costs are told in one of these.")

    def rows(self, request: HttpRequest) -> Any:
        return currencies_visible_to(person_of(request))

    def row_url(self, row: Any) -> str:
        return reverse("catalog:currency", args=[row.pk])

    def more(self, request: HttpRequest) -> dict[str, Any]:
        may = can(request.user, EDIT)
        return {"primary": Link("Add a currency", reverse("catalog:currency-add"))} if may else {}


class CurrencyPage(DetailPage):
    action = VIEW
    facts = [
        Column("code", "Code"),
        Column("base", "Base currency", lambda row: row.code == base_currency(), kind="bool"),
    ]

    def title(self, row: Any) -> str:
        return row.name

    def rows(self, request: HttpRequest) -> Any:
        return currencies_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: Any) -> list[Link]:
        return [Link("Currencies", reverse("catalog:currency-list"))]

    def sections(self, request: HttpRequest, row: Any) -> list[Section]:
        rates = month_rates_visible_to(person_of(request)).filter(currency=row).order_by("-month")
        columns = [
            Column("month", "Month", kind="month"),
            Column("rate", "Worth", kind="rate", unit=base_currency()),
        ]
        return [
            table_section(
                "Month rates",
                rates,
                columns,
                empty=Empty("No rates yet", "What one unit is worth in the base currency, month by month."),
                row_url=lambda rate: reverse("catalog:month-rate", args=[rate.pk]),
                links=(Link("Open the rates of all currencies", reverse("catalog:month-rate-list")),),
            )
        ]


class CurrencyForm(forms.Form):
    code = forms.CharField(max_length=3, help_text="Three capital letters, such as EUR.")
    name = forms.CharField(max_length=60)


class CurrencyAdd(AddPage):
    action = EDIT
    heading = "Add a currency"
    form_class = CurrencyForm

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Currency:
        return add_currency(actor=person_of(request), **data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return reverse("catalog:currency-list")

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("catalog:currency-list")


class RateGrid(Page):
    """Months × currencies, with the missing ones marked. `?since=2026-01` begins elsewhere."""

    action = VIEW

    def get(self, request: HttpRequest) -> HttpResponse:
        today = timezone.localdate().replace(day=1)
        since = _month(request.GET.get("since", "")) or add_months(today, MONTHS_AHEAD + 1 - MONTHS_SHOWN)
        months = months_between(since, add_months(since, MONTHS_SHOWN - 1))
        grid = rate_grid(person_of(request), months)
        context = {
            "grid": grid,
            "base": base_currency(),
            "may_edit": bool(can(request.user, EDIT)),
            "earlier": f"{add_months(since, -MONTHS_SHOWN):%Y-%m}",
            "later": f"{add_months(since, MONTHS_SHOWN):%Y-%m}",
        }
        return render(request, "catalog/rates.html", context)


def _month(text: str) -> dt.date | None:
    try:
        month = dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return month if month.year in YEARS else None


class RateList(ListPage):
    action = VIEW
    title = "Month rates as a list"
    rows_name = "Rates"
    columns = [
        Column("currency", "Currency", "currency_id", order="currency"),
        Column("month", "Month", kind="month", order="month"),
        Column("rate", "Worth in the base currency", kind="rate", order="rate"),
    ]
    filterset_class = MonthRateFilter
    default_order = "-month,currency"
    empty = Empty("No rates here", "Rates say what one unit of a currency is worth in the base currency.")

    def rows(self, request: HttpRequest) -> Any:
        return month_rates_visible_to(person_of(request))

    def row_url(self, row: Any) -> str:
        return reverse("catalog:month-rate", args=[row.pk])


class RateForm(RowForm):
    visible = {"currency": currencies_visible_to}
    month = MonthChoice(label="Month")

    class Meta:
        model = MonthRate
        fields = ["currency", "month", "rate"]
        labels = {"rate": "Worth in the base currency"}


class RateEditForm(RowForm):
    class Meta:
        model = MonthRate
        fields = ["rate"]
        labels = {"rate": "Worth in the base currency"}


class RatePage(DetailPage):
    action = VIEW
    edit = (EDIT, "catalog:month-rate-edit")
    facts = [
        Column("currency", "Currency"),
        Column("month", "Month", kind="month"),
        Column("rate", "Worth in the base currency", kind="rate"),
    ]

    def rows(self, request: HttpRequest) -> Any:
        return month_rates_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: Any) -> list[Link]:
        return [Link("Month rates", reverse("catalog:month-rate-list"))]


class RateAdd(AddPage):
    action = EDIT
    heading = "Enter a month rate"
    form_class = RateForm

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> MonthRate:
        return set_rate(actor=person_of(request), **data)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return reverse("catalog:month-rate-list")

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("catalog:month-rate-list")


class RateEdit(EditPage):
    action = EDIT
    form_class = RateEditForm

    def rows(self, request: HttpRequest) -> Any:
        return month_rates_visible_to(person_of(request))

    def change(self, request: HttpRequest, row: Any, revision: int, data: dict[str, Any]) -> MonthRate:
        return set_rate(
            actor=person_of(request), currency=row.currency, month=row.month, revision=revision, **data
        )

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        return reverse("catalog:month-rate-list")
