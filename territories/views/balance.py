"""The page of balance: how even territories are, now and against another day or model."""

from types import SimpleNamespace

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from core.access import Page, person_of
from core.listing import export_rows
from core.pages import plain_table
from core.slots import may
from territories.filters.balance import BalanceForm
from territories.selectors.balance_lines import spread
from territories.views.balance_words import (
    NO_LINES,
    chart_of,
    columns_of,
    figures_of,
    off,
    warnings_of,
    weights_in_words,
)


class BalancePage(Page):
    """Potential, revenue and work by territory or rep, their weighted index, and how even it is."""

    action = "territories.view"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        person = person_of(request)
        form = BalanceForm(request.GET, person=person)
        if not form.is_valid():
            refused = {"filter": SimpleNamespace(form=form)}
            return render(request, "territories/balance.html", refused, status=400)
        asked, than = form.asked, form.than
        found = spread(person, asked, than)
        before = spread(person, than) if than else None
        columns = columns_of(found, bool(than))
        if export := request.GET.get("export"):
            return export_rows(found.lines, columns, title="Balance", form=export)
        context = {
            "filter": SimpleNamespace(form=form),
            "asked": asked,
            "than": than,
            "found": found,
            "figures": figures_of(found, before) if found.lines else [],
            "chart": chart_of(found) if found.lines else None,
            "table": plain_table(found.lines, columns, caption="Balance", empty=NO_LINES),
            "weights": weights_in_words(found),
            "off": off(found),
            "warnings": warnings_of(found.left),
            "may_plan": may(person, "realignment.plan"),
        }
        return render(request, "territories/balance.html", context)
