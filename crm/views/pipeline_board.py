"""The board: a column for each stage; a deal moves by its menu, by dragging it, or by its form."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.access import person_of
from core.listing import Empty
from core.roles import can
from crm.filters.pipeline import CARD_ORDERS, BoardFilter
from crm.models import DealStage
from crm.selectors.deals import deal_stages_visible_to
from crm.selectors.pipeline_board import BoardColumn, board
from crm.selectors.pipeline_signs import signs_of
from crm.views.pipeline_base import PipelinePage, behind, figure, pages
from crm.views.pipeline_table import LOOKS, days_in_stage, deal_url

NO_STAGES = Empty(
    "No stages yet",
    "A deal goes from stage to stage until it is won or lost. Set the stages up first; "
    "deals then come from a connected CRM, from an import, or are written here.",
)


class PipelineBoard(PipelinePage):
    """Open deals in columns."""

    filterset_class = BoardFilter

    def get(self, request: HttpRequest) -> HttpResponse:
        filters, person = self.filters(request), person_of(request)
        order = filters.value("order", CARD_ORDERS[0][0])
        columns = board(person, filters.qs, order)
        context = {
            "filter": filters,
            "looks": pages(request, LOOKS),
            "figures": _figures(request, columns),
            "columns": [_column(request, column) for column in columns],
            "stages": list(deal_stages_visible_to(person)),
            "may_move": bool(can(person, "deals.edit")),
            "empty": NO_STAGES,
        }
        return render(request, "crm/pipeline/board.html", context)


def _figures(request: HttpRequest, columns: list[BoardColumn]) -> list[dict[str, Any]]:
    count = sum(column.deals for column in columns)
    amount = sum(column.amount for column in columns)
    weighted = sum(column.weighted for column in columns)
    return [
        figure("Open pipeline", amount, deals=count, url=behind(request, **_days(request))),
        figure("Weighted", weighted, help="Amount times the chance of being won."),
    ]


def _days(request: HttpRequest) -> dict[str, str | None]:
    return {name: request.GET.get(name) for name in ("closes_from", "closes_to")}


def _column(request: HttpRequest, column: BoardColumn) -> dict[str, Any]:
    return {
        "stage": column.stage,
        "deals": column.deals,
        "amount": column.amount,
        "weighted": column.weighted,
        "more": column.more,
        "url": behind(request, stage=column.stage.code, **_days(request)),
        "cards": [
            {
                "deal": deal,
                "url": deal_url(deal),
                "days": days_in_stage(deal),
                "signs": signs_of(deal),
            }
            for deal in column.cards
        ],
    }


def others(stages: list[DealStage], deal: Any) -> list[DealStage]:
    """The stages that a deal can be moved to: all but its own."""
    return [stage for stage in stages if stage.pk != deal.stage_id]
