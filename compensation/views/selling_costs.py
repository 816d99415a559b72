"""The page of what selling costs."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from compensation.forms.periods import MonthsForm, Narrowed
from compensation.selectors.selling_costs import Cost, SellingCosts, selling_costs
from core.access import Page, person_of
from core.errors import Denied
from core.formats import show
from core.listing import Column, Empty, export_rows
from core.pages import Section, allowed_sections, plain_table, table_section

NOTHING = Empty(
    "No approved pay in these months",
    "As soon as a month's pay is approved, what selling cost stands here: against bookings and revenue.",
)

MONTH = Column("label", "Month", lambda one: dt.date.fromisoformat(f"{one.label}-01"), "month")


def money(key: str, label: str, unit: str, help: str = "") -> Column:
    return Column(key, label, key, "money", unit, help=help)


def percent(key: str, label: str, help: str = "") -> Column:
    return Column(key, label, key, "percent", help=help)


def month_columns(unit: str) -> list[Column]:
    return [
        MONTH,
        money("pay", "Pay", unit),
        money("bookings", "Bookings", unit),
        percent("of_bookings", "Pay of bookings"),
        money("revenue", "Revenue", unit),
        percent("of_revenue", "Pay of revenue"),
    ]


def group_columns(label: str, unit: str) -> list[Column]:
    return [
        Column("label", label, "label"),
        money("pay", "Pay", unit),
        money("bookings", "Bookings", unit, "Direct and split credits of these reps"),
        percent("of_bookings", "Pay of bookings"),
    ]


def component_columns(unit: str) -> list[Column]:
    return [
        Column("name", "Component", "name"),
        Column("plan", "Plan", "plan"),
        money("pay", "Pay", unit),
        percent("share", "Of all pay"),
        money("measured", "Measured", unit, "The money that rates were applied to"),
        percent("rate", "Effective rate", "Pay over what was measured"),
    ]


def mix_columns(unit: str) -> list[Column]:
    return [
        Column("role", "Role", "role"),
        money("fixed", "Fixed pay", unit, "A twelfth of the contract's for each month with a statement"),
        money("variable", "Variable pay", unit),
        percent("variable_share", "Variable of both"),
    ]


class SellingCostsPage(Page):
    """Pay against bookings and revenue, effective rates, the mix of pay."""

    action = "pay.cost"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        form = MonthsForm(request.GET)
        first, last = form.months
        found = selling_costs(person_of(request), first, last)
        if found is None:
            raise Denied("Your role may not see what selling costs.")
        if export := request.GET.get("export"):
            return export_rows(
                found.months, month_columns(found.currency), title="Cost of selling", form=export
            )
        charts = [_by_month(found), _by_component(found)] if found.total.pay else []
        context = {
            "filter": Narrowed(form),
            "first": first,
            "last": last,
            "figures": _figures(found),
            "charts": charts,
            "sections": allowed_sections(request.user, _sections(found)),
            "no_rate": found.no_rate,
            "empty": None if found.total.pay else NOTHING,
        }
        return render(request, "compensation/cost_of_selling.html", context)


def _sections(found: SellingCosts) -> list[Section]:
    unit = found.currency
    groups = (("Plan", found.by_plan), ("Team", found.by_team), ("Role", found.by_role))
    return [
        table_section("By month", found.months, month_columns(unit), empty=NOTHING),
        table_section("By component", found.components, component_columns(unit), empty=NOTHING),
        *(
            table_section(f"By {name.lower()}", rows, group_columns(name, unit), empty=NOTHING)
            for name, rows in groups
        ),
        table_section("Fixed and variable pay by role", found.mix, mix_columns(unit), empty=NOTHING),
    ]


def _figures(found: SellingCosts) -> list[dict[str, Any]]:
    total = found.total
    fixed = sum(float(one.fixed) for one in found.mix)
    whole = fixed + float(total.pay)
    return [
        {"label": "Pay", "value": show(total.pay, "quantity")[0], "unit": found.currency},
        _share("Of bookings", total.of_bookings, "Of the months with approved pay"),
        _share("Of revenue", total.of_revenue, "Of the months with approved pay"),
        _share("Variable of all pay", float(total.pay) / whole if whole else None, "With fixed pay"),
    ]


def _share(label: str, value: Any, help: str) -> dict[str, Any]:
    return {"label": label, "value": show(value, "percent")[0], "help": help}


def _by_month(found: SellingCosts) -> dict[str, Any]:
    shares = [_points(one) for one in found.months]
    names = [show(MONTH.of(one), "month")[0] for one in found.months]
    value = show(found.total.of_bookings, "percent")[0]
    return {
        "id": "selling-by-month",
        "kind": "bars",
        "title": f"Selling costs {value} of bookings",
        "subtitle": "Pay as a share of bookings by month, %",
        "text": "; ".join(
            f"{month}: {share} %" for month, share in zip(names, shares, strict=True) if share is not None
        ),
        "data": {
            "x": names,
            "unit": "%",
            "series": [{"name": "Pay of bookings", "role": "history", "values": shares}],
        },
        "table": plain_table(
            found.months,
            [MONTH, percent("of_bookings", "Pay of bookings")],
            caption="Pay of bookings by month",
            empty=NOTHING,
        ),
    }


def _points(one: Cost) -> float | None:
    return None if one.of_bookings is None else round(float(one.of_bookings) * 100, 2)


def _by_component(found: SellingCosts) -> dict[str, Any]:
    top = found.components[0]
    share = show(top.share, "percent")[0]
    columns = [Column("name", "Component", "name"), money("pay", "Pay", found.currency)]
    return {
        "id": "selling-by-component",
        "kind": "bars",
        "title": f"{top.name} is {share} of all pay",
        "subtitle": f"Pay by component, {found.currency}",
        "text": "; ".join(f"{one.name}: {one.pay:,.0f}" for one in found.components),
        "data": {
            "sideways": True,
            "x": [one.name for one in found.components],
            "unit": found.currency,
            "series": [
                {"name": "Pay", "role": "history", "values": [float(one.pay) for one in found.components]}
            ],
        },
        "table": plain_table(found.components, columns, caption="Pay by component", empty=NOTHING),
    }
