"""The page of what disputes tell."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from compensation.forms.periods import MonthsForm, Narrowed
from compensation.selectors.dispute_figures import DisputeFigures, DisputeReport, dispute_report
from compensation.views.dispute_words import FIGURE_COLUMNS, MONTH, key_figures
from core.access import Page, person_of
from core.formats import show
from core.listing import Empty, export_rows
from core.pages import Section, allowed_sections, table_section

NOTHING = Empty(
    "No disputes in these months",
    "Who disputes what, how long it takes and what it is worth is counted here, by plan, subject and month. "
    "Nobody raised one in these months: choose others to see more.",
)


class DisputeFiguresPage(Page):
    """How many, about what, how long, what they were worth: by month, plan and subject."""

    action = "pay.view"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        form = MonthsForm(request.GET)
        first, last = form.months
        report = dispute_report(person_of(request), first, last)
        if export := request.GET.get("export"):
            rows = [*report.by_month, *report.by_plan, *report.by_about, report.total]
            return export_rows(rows, FIGURE_COLUMNS, title="Disputes by group", form=export)
        context = {
            "filter": Narrowed(form),
            "first": first,
            "last": last,
            "figures": key_figures(report.total),
            "chart": _chart(report.by_month) if report.by_month else None,
            "sections": allowed_sections(request.user, _sections(report)) if report.by_month else [],
            "nothing": NOTHING,
        }
        return render(request, "compensation/dispute_figures.html", context)


def _sections(report: DisputeReport) -> list[Section]:
    return [
        table_section("By plan", report.by_plan, FIGURE_COLUMNS, empty=NOTHING),
        table_section("By what is wrong", report.by_about, FIGURE_COLUMNS, empty=NOTHING),
        table_section("By month", report.by_month, [MONTH, *FIGURE_COLUMNS[1:]], empty=NOTHING),
    ]


def _chart(months: list[DisputeFigures]) -> dict[str, Any]:
    names = [show(MONTH.of(one), "month")[0] for one in months]
    raised, agreed = sum(one.count for one in months), sum(one.agreed for one in months)
    return {
        "id": "disputes-by-month",
        "kind": "bars",
        "title": f"{raised} raised, {agreed} of them agreed to",
        "subtitle": "By the month in which they were raised",
        "text": "; ".join(
            f"{name}: {one.count} raised, {one.agreed} agreed"
            for name, one in zip(names, months, strict=True)
        ),
        "data": {
            "x": names,
            "unit": "",
            "series": [
                {"name": "Raised", "role": "history", "values": [one.count for one in months]},
                {"name": "Agreed", "role": "consensus", "values": [one.agreed for one in months]},
            ],
        },
        "table": {
            "columns": [
                {"label": "Month"},
                {"label": "Raised", "numeric": True},
                {"label": "Agreed", "numeric": True},
            ],
            "rows": [
                {"cells": [{"text": name}, _number(one.count), _number(one.agreed)]}
                for name, one in zip(names, months, strict=True)
            ],
        },
    }


def _number(value: int) -> dict[str, Any]:
    return {"text": str(value), "numeric": True}
