"""The pipeline as a table, and the deals that show a sign that they need care."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from catalog.selectors import base_currency
from core.access import person_of
from core.listing import Column, Empty, ListPage
from crm.filters.pipeline import PipelineTableFilter
from crm.models import Deal, ForecastCategory
from crm.selectors.pipeline_deals import AMOUNT, WEIGHTED, bare, pipeline_deals
from crm.selectors.pipeline_signs import ANY, counted, marked, signs_of, with_sign
from crm.views.pipeline_base import VIEW, behind, figure, pages

LOOKS = [
    ("Board", "crm:pipeline-board"),
    ("Table", "crm:pipeline-table"),
    ("At risk", "crm:pipeline-risks"),
    ("Every deal", "crm:deal-list"),
]
PUSHED = "How often the close date moved out."
CATEGORIES = dict(ForecastCategory.choices)


def deal_url(deal: Any) -> str:
    return reverse("crm:deal", args=[deal.pk])


def days_in_stage(deal: Deal) -> int | None:
    """Whole days since the deal came to the stage it is in."""
    return (
        None if deal.entered_stage is None else (timezone.now() - deal.entered_stage) // dt.timedelta(days=1)
    )


def signs_in_words(deal: Deal) -> str:
    return ", ".join(sign.short for sign in signs_of(deal))


def _close(deal: Deal) -> dt.date | None:
    """The day a deal closed, else the day it is to close."""
    return deal.closed or deal.expected_close


def _category(deal: Any) -> str:
    return CATEGORIES[deal.category_now]


class PipelineTable(ListPage):
    """Every deal of the pipeline with what decides about it."""

    action = VIEW
    title = "Pipeline"
    rows_name = "Deals"
    template_name = "crm/pipeline/table.html"
    filterset_class = PipelineTableFilter
    default_order = "-base_amount"
    empty = Empty(
        "No deals here",
        "Deals come from a connected CRM, from an import or are written here. "
        "If you expected some, remove a filter.",
    )

    @property
    def columns(self) -> list[Column]:  # type: ignore[override]
        money = base_currency()
        return [
            Column("name", "Deal", str, order="name", link=deal_url),
            Column("account", "Account", "account.name", order="account__name"),
            Column("rep", "Rep", "rep.name", order="rep__name"),
            Column("stage", "Stage", "stage.name", order="stage__position"),
            Column("amount", "Amount", "base_amount", "quantity", unit=money, order="base_amount"),
            Column("chance", "Chance", "chance", "percent", order="chance"),
            Column("category", "Category", _category, order="category_now"),
            Column(
                "closes",
                "Closes",
                _close,
                "date",
                order="expected_close",
            ),
            Column(
                "pushes",
                "Pushed",
                "pushes",
                "number",
                order="pushes",
                help=PUSHED,
            ),
            Column("age", "In stage", days_in_stage, "number", unit="days", order="entered_stage"),
            Column("signs", "Signs", signs_in_words, help="What says that an open deal needs care."),
            Column("next_step", "Next step", order="next_step"),
        ]

    def rows(self, request: HttpRequest) -> QuerySet:
        """Lean while a page is chosen from many; with everything where all of them are exported."""
        deals = pipeline_deals(person_of(request))
        return marked(deals) if request.GET.get("export") else deals.select_related(None)

    def prepared(self, request: HttpRequest, rows: Any) -> list[Deal]:
        """The deals of this page, read in full by their keys."""
        keys = list(rows.values_list("pk", flat=True))
        known = marked(pipeline_deals(person_of(request))).in_bulk(keys)
        return [known[key] for key in keys]

    def row_url(self, row: Any) -> str:
        return deal_url(row)

    def totals(self, request: HttpRequest, rows: QuerySet) -> dict[str, Any]:
        return bare(rows).aggregate(
            count=Count("pk"),
            amount=Sum(AMOUNT, default=Decimal(0)),
            weighted=Sum(WEIGHTED, default=Decimal(0)),
        )

    def about_totals(self, request: HttpRequest, totals: dict[str, Any]) -> dict[str, Any]:
        return {
            "figures": [
                figure("Amount", totals["amount"], deals=totals["count"]),
                figure("Weighted", totals["weighted"], help="Amount times the chance of being won."),
            ]
        }

    def more(self, request: HttpRequest) -> dict[str, Any]:
        return {"looks": pages(request, LOOKS)}


class PipelineRisks(PipelineTable):
    """Open deals that slip, stall, are at risk or lack something, the most money first."""

    title = "Deals at risk"
    empty = Empty(
        "No deal needs care",
        "Deals that slip, stall, close soon without a next step, or lack an amount, a date or an owner "
        "stand here. What counts is set in the company settings.",
        "See the whole pipeline",
        "/crm/pipeline/table/",
    )

    def rows(self, request: HttpRequest) -> QuerySet:
        return with_sign(super().rows(request), ANY)

    def totals(self, request: HttpRequest, rows: QuerySet) -> dict[str, Any]:
        found = counted(rows)
        return {"count": found.deals, "groups": found.groups}

    def about_totals(self, request: HttpRequest, totals: dict[str, Any]) -> dict[str, Any]:
        """How many show each group of signs, among the deals of the same people, products, accounts."""
        narrowed = [
            figure(
                one.label,
                one.amount,
                deals=one.deals,
                url=behind(request, sign=one.group),
                tone="warn" if one.deals else "",
            )
            for one in totals["groups"]
        ]
        return {"figures": narrowed}
