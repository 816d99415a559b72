"""The page of bookings: what was won, when, by whom, in base currency."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from catalog.engine.months import add_months
from catalog.selectors import base_currency
from core.access import person_of
from core.formats import show
from core.listing import Column, Empty, ListPage
from crm.filters.bookings import BookingFilter
from crm.selectors.bookings import bookings_of, by_rep_and_month, won_deals


def of(name: str) -> Any:
    """A column's value: the rows of bookings are mappings."""
    return lambda row: row[name]


def in_its_currency(row: Any) -> str:
    """The amount and its currency; empty where that is the base currency."""
    if row["money"] is None or row["currency_code"] in (None, base_currency()):
        return ""
    return f"{show(row['money'], 'money')[0]} {row['currency_code']}"


def booking_url(row: Any) -> str:
    """The page of the deal behind a booking."""
    return reverse("crm:deal", args=[row["deal"]])


class BookingList(ListPage):
    """Won deals by line. Without other days, those of the last twelve months."""

    action = "deals.view"
    title = "Bookings"
    filterset_class = BookingFilter
    default_order = "-day,deal,line"
    template_name = "crm/bookings.html"
    columns = [
        Column("deal_name", "Deal", lambda row: row["deal_name"] or row["deal_id"], order="deal_name"),
        Column("day", "Won on", of("day"), "date", order="day"),
        Column("rep", "Rep", of("rep_name"), order="rep_name"),
        Column("team", "Team", of("team_code"), order="team_code"),
        Column("account", "Account", of("account_name"), order="account_name"),
        Column("product", "Product", of("product_name"), order="product_name"),
        Column("quantity", "Quantity", of("quantity"), "quantity", order="quantity"),
        Column("money", "In its currency", in_its_currency, order="money"),
    ]
    empty = Empty(
        "No bookings in these days",
        "A deal that is won becomes a booking on the day it closed: what quotas are measured by and pay is "
        "worked out from.",
    )

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        worth = Column("worth", "Booked", of("base_money"), "money", base_currency(), "base_money")
        return [*self.columns, worth]

    def deals(self, request: HttpRequest) -> QuerySet[Any]:
        """The won deals of the days asked for; of the last twelve months where none is."""
        asked = request.GET.get("since") or request.GET.get("until")
        first = None if asked else add_months(timezone.localdate().replace(day=1), -11)
        return won_deals(person_of(request), first)

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        return bookings_of(self.deals(request))

    def row_url(self, row: Any) -> str:
        return booking_url(row)

    def about_rows(self, request: HttpRequest, rows: list[Any]) -> dict[str, Any]:
        deals = BookingFilter(request.GET, queryset=self.deals(request), request=request).qs
        lines = list(by_rep_and_month(deals))
        booked = sum(line["base_money"] for line in lines)
        without = sum(line["without_rate"] for line in lines)
        return {
            "figures": [
                {
                    "label": "Booked",
                    "value": show(round(booked), "number")[0],
                    "unit": base_currency(),
                },
                {"label": "Deals", "value": show(sum(line["deals"] for line in lines), "number")[0]},
                {"label": "Reps", "value": len({line["rep_code"] for line in lines if line["rep_code"]})},
                {
                    "label": "Without a rate",
                    "value": without,
                    "tone": "warn" if without else "",
                    "help": "Deals in a currency that has no month rate yet: they count as nothing",
                },
            ],
            "chart": _chart(lines) if lines else None,
        }


def _chart(lines: list[dict[str, Any]]) -> dict[str, Any]:
    months = sorted({line["month"] for line in lines})
    totals = [sum(float(line["base_money"]) for line in lines if line["month"] == month) for month in months]
    labels = [f"{month:%b %y}" for month in months]
    best = max(range(len(totals)), key=totals.__getitem__)
    currency = base_currency()
    best_words = show(round(totals[best]), "number")[0]
    return {
        "id": "bookings-by-month",
        "kind": "bars",
        "title": f"{labels[best]} was the best month: {best_words} {currency}",
        "subtitle": "Bookings by month",
        "text": ", ".join(
            f"{label} {show(round(total), 'number')[0]}" for label, total in zip(labels, totals, strict=True)
        ),
        "data": {
            "x": labels,
            "unit": currency,
            "series": [{"name": "Booked", "role": "history", "values": [round(total) for total in totals]}],
        },
        "table": {
            "columns": [{"label": "Month"}, {"label": "Booked", "unit": currency, "numeric": True}],
            "rows": [
                {"cells": [{"text": label}, {"text": show(round(total), "number")[0], "numeric": True}]}
                for label, total in zip(labels, totals, strict=True)
            ],
        },
    }
