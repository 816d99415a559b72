"""The deals behind attainment in bookings: won in a period, or open and to close in it."""

from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse

from catalog.selectors import base_currency
from core.access import person_of
from core.formats import short, show
from core.listing import Column, Empty, ListPage
from core.slots import may
from crm.models import Deal
from crm.selectors.pipeline_deals import bare
from territories.filters.attainment import CountedDealFilter, asked_of, state_of
from territories.models import QuotaMeasure
from territories.selectors.attainment_deals import OPEN, counted_deals
from territories.views.attainment import VIEW


class CountedDeals(ListPage):
    """The deals of a period, each with what it counts."""

    action = VIEW
    title = "Deals that count"
    pretitle = "Attainment"
    rows_name = "deals"
    filterset_class = CountedDealFilter
    default_order = "-money"
    empty = Empty(
        "No deals here",
        "A won deal counts in the period it closed in; an open one by its chance in the period it is to "
        "close in. Choose another period, state or territory.",
    )

    def get(self, request: HttpRequest, **kwargs: Any) -> Any:
        self.opens = may(person_of(request), "deals.view")
        return super().get(request, **kwargs)

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        unit, is_open = base_currency(), state_of(request.GET) == OPEN
        day = "expected_close" if is_open else "closed"
        chance = [
            Column("chance", "Chance", kind="percent", order="chance"),
            Column("weighted", "By chance", kind="money", unit=unit, order="weighted"),
        ]
        return [
            Column("deal", "Deal", str, order="name"),
            Column("account", "Account", "account.name", order="account__name"),
            Column("rep", "Rep", "rep.name", order="rep__name"),
            Column("stage", "Stage", "stage.name", order="stage__position"),
            Column("day", "Closes" if is_open else "Won on", day, "date", order=day),
            Column("amount", "Amount", "money", "money", unit, order="money"),
            *(chance if is_open else []),
        ]

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        asked = asked_of(request.GET, measure=QuotaMeasure.BOOKINGS)
        return counted_deals(person_of(request), asked, state_of(request.GET))

    def row_url(self, row: Deal) -> str:
        return reverse("crm:deal", args=[row.pk]) if self.opens else ""

    def totals(self, request: HttpRequest, rows: QuerySet) -> dict[str, Any]:
        nothing = Decimal(0)
        return bare(rows).aggregate(
            count=Count("pk"),
            amount=Sum("money", default=nothing),
            by_chance=Sum("weighted", default=nothing),
        )

    def about_totals(self, request: HttpRequest, totals: dict[str, Any]) -> dict[str, Any]:
        is_open = state_of(request.GET) == OPEN
        shown = [_figure("Open" if is_open else "Closed", totals["amount"])]
        if is_open:
            shown.append(_figure("By chance", totals["by_chance"]))
        return {"figures": [{"label": "Deals", "value": show(totals["count"], "quantity")[0]}, *shown]}


def _figure(label: str, amount: Decimal) -> dict[str, Any]:
    unit = base_currency()
    return {
        "label": label,
        "value": short(amount),
        "unit": unit,
        "title": f"{show(amount, 'money')[0]} {unit}",
    }
