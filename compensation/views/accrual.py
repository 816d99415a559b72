"""What is earned but not paid yet, for accounting."""

import datetime as dt

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from compensation.selectors.payroll import accrual_of
from compensation.workflow.runs import month_path
from core.access import Page, person_of
from core.formats import show
from core.listing import Column, Empty, export_rows
from core.pages import plain_table

MONTHS_BACK = 24
COLUMNS = [
    Column("month", "Month", lambda row: f"{row.month:%B %Y}", link=lambda row: month_path(row.month)),
    Column("why", "Why it is not paid"),
    Column("plan", "Plan"),
    Column("component", "Component"),
    Column("amount", "Amount", kind="money"),
    Column("currency", "Currency"),
]
NOTHING = Empty(
    "Nothing is owed", "Every calculated month is locked, nothing is held, and no draw is to be kept back."
)


class AccrualPage(Page):
    """Earned in months that are not locked, held, and advanced by draws, at the end of a month."""

    action = "pay.export"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        month = _asked(request)
        found = accrual_of(person_of(request), month, MONTHS_BACK)
        if form := request.GET.get("export"):
            return export_rows(found.rows, COLUMNS, title=f"Accrual {month:%Y-%m}", form=form)
        figures = [
            {"label": "Earned, not paid", "value": show(total, "money")[0], "unit": code}
            for code, total in sorted(found.by_currency.items())
        ]
        context = {
            "title": "Accrual",
            "month": month,
            "figures": figures,
            "open_months": [f"{one:%B %Y}" for one in found.open_months],
            "table": plain_table(found.rows, COLUMNS, caption="Accrual", empty=NOTHING),
        }
        return render(request, "compensation/run_accrual.html", context)


def _asked(request: HttpRequest) -> dt.date:
    """The month of ?month=2026-05, else this one."""
    try:
        return dt.date.fromisoformat(f"{request.GET.get('month', '')[:7]}-01")
    except ValueError:
        return timezone.localdate().replace(day=1)
