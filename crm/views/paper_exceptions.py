"""The page of order papers that something is wrong with."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from core.access import person_of
from core.listing import Column, Empty, ListPage
from crm.filters.papers import ExceptionFilter
from crm.models import OrderPaper
from crm.selectors.paper_exceptions import KINDS, counts_of, exceptions_visible_to, kinds_of
from crm.views.paper_columns import ACCOUNT, DUE, KIND, NUMBER, OWNER, STATE, VIEW, worth_column
from crm.views.pipeline_base import figure
from crm.workflow.papers import paper_url

MOST_FIGURES = 3


def wrong_of(paper: Any) -> str:
    """What is wrong with a paper, in words."""
    return ", ".join(kind.label for kind in kinds_of(paper))


def tone_of(paper: Any) -> str:
    """The tone of the worst thing that is wrong."""
    return kinds_of(paper)[0].tone


class PaperExceptions(ListPage):
    """What is wrong with order papers, the dearest first, with who looks after it."""

    action = VIEW
    title = "Exceptions of order papers"
    rows_name = "Exceptions"
    filterset_class = ExceptionFilter
    default_order = "-rank"
    columns = [
        NUMBER,
        Column("wrong", "What is wrong", wrong_of, "badge", tone=tone_of),
        KIND,
        ACCOUNT,
        STATE,
        DUE,
        OWNER,
    ]
    empty = Empty(
        "Nothing is wrong",
        "Papers that are late, went out without approval or document, or were invoiced before delivery "
        "stand here, the dearest first.",
    )

    def visible_columns(self, request: HttpRequest) -> list[Column]:
        return [*self.columns[:2], worth_column(), *self.columns[2:]]

    def rows(self, request: HttpRequest) -> QuerySet[OrderPaper]:
        return exceptions_visible_to(person_of(request))

    def row_url(self, row: OrderPaper) -> str:
        return paper_url(row)

    def totals(self, request: HttpRequest, rows: QuerySet) -> dict[str, Any]:
        return counts_of(rows)

    def about_totals(self, request: HttpRequest, totals: dict[str, Any]) -> dict[str, Any]:
        """The money in all of them, and the three kinds that are most frequent."""
        most = sorted(KINDS, key=lambda kind: -totals[kind.code])[:MOST_FIGURES]
        return {
            "figures": [
                figure("Money in them", totals["money"] or 0),
                *(
                    {
                        "label": kind.label,
                        "value": totals[kind.code],
                        "help": kind.advice,
                        "url": f"?problem={kind.code}",
                    }
                    for kind in most
                    if totals[kind.code]
                ),
            ]
        }
