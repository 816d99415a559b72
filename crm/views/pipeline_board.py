"""The board: a column for each stage; a deal moves by its menu, by dragging it, or by its form."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from core.access import person_of
from core.forms import DayInput, RowForm
from core.listing import Empty
from core.pages import EditPage
from core.roles import can
from crm.filters.pipeline import BoardFilter
from crm.models import Deal
from crm.selectors.deals import deal_stages_visible_to, live_deals_visible_to
from crm.selectors.pipeline_board import BoardColumn, board
from crm.selectors.pipeline_signs import signs_of
from crm.services.deals import EDIT, change_deal
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
        order = filters.card_order
        columns = board(person, filters.qs, order)
        context = {
            "filter": filters,
            "looks": pages(request, LOOKS),
            "figures": _figures(request, columns),
            "columns": [_column(request, column) for column in columns],
            "stages": list(deal_stages_visible_to(person)),
            "may_move": bool(can(person, EDIT)),
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


class MoveForm(RowForm):
    visible = {"stage": deal_stages_visible_to}

    class Meta:
        model = Deal
        fields = ["stage", "closed", "lost_reason"]
        labels = {"stage": "Stage", "closed": "Closed on", "lost_reason": "Why it was lost"}
        widgets = {"closed": DayInput}
        help_texts = {"closed": "For a deal that is won or lost. Empty: today."}


class PipelineMove(EditPage):
    """Another stage for a deal; the board's menus post here, and it asks what they leave out."""

    action = EDIT
    form_class = MoveForm
    pretitle = "Pipeline"
    submit_label = "Move the deal"
    done = "{row} is moved."

    def rows(self, request: HttpRequest) -> QuerySet[Deal]:
        return live_deals_visible_to(person_of(request))

    def title(self, row: Any) -> str:
        return f"Move {row}"

    def make_form(self, request: HttpRequest, row: Any, data: Any = None) -> Any:
        """The form remembers where the move was asked for."""
        form = super().make_form(request, row, data)
        wanted = request.GET.get("next", "")
        form.fields["next"] = forms.CharField(widget=forms.HiddenInput, required=False, initial=wanted)
        return form

    def change(self, request: HttpRequest, row: Any, revision: int, data: dict[str, Any]) -> Any:
        """What the board's menu leaves out is left as it is; the service says what is missing."""
        said = {name: data[name] for name in ("stage", "closed", "lost_reason") if data[name]}
        return change_deal(actor=person_of(request), deal=row, revision=revision, changes=said)

    def done_url(self, request: HttpRequest, saved: Any) -> str:
        """Back to where the move was asked for, if that is a page of ours; else the board."""
        wanted = request.POST.get("next") or request.GET.get("next") or ""
        if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
            return wanted
        return reverse("crm:pipeline-board")
