"""The months that a page about leads is asked for."""

import datetime as dt
from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse

from core.forms import MonthChoice
from crm.selectors.lead_reports import Period, last_months


class PeriodForm(forms.Form):
    first = MonthChoice(label="From")
    last = MonthChoice(label="To")

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("first") and values.get("last") and values["last"] < values["first"]:
            self.add_error("last", "The last month lies before the first.")
        return values


def period_asked(request: HttpRequest) -> tuple[PeriodForm, Period]:
    """The months in the address; the last twelve without any, or with some that cannot be."""
    usual = last_months()
    asked = {"first": request.GET.get("first"), "last": request.GET.get("last")}
    if not any(asked.values()):
        return PeriodForm({"first": f"{usual.first:%Y-%m}", "last": f"{usual.last:%Y-%m}"}), usual
    form = PeriodForm(asked)
    if not form.is_valid():
        return form, usual
    return form, Period(form.cleaned_data["first"], form.cleaned_data["last"])


def leads_url(period: Period, **more: str) -> str:
    """The leads of the period in their list."""
    last = (period.ends - dt.timedelta(days=1)).date()
    asked = {"arrived_from": period.first.isoformat(), "arrived_to": last.isoformat()} | more
    return f"{reverse('crm:lead-list')}?" + "&".join(f"{name}={value}" for name, value in asked.items())
