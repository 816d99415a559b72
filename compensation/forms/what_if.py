"""The form of “what if”: own open deals, typed amounts by family, and the month of closing."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from catalog.engine.months import add_months
from catalog.models import Family
from compensation.selectors.what_if import Reached
from core.forms import MonthChoice
from crm.models import Deal

ROWS = (1, 2, 3)
MOST_DEALS = 100
LARGEST = Decimal(10) ** 12


def with_reached(data: Any) -> Any:
    """What was asked, with the usual answer where the page did not ask how far the deals have come."""
    if data is None or "reached" in data:
        return data
    return QueryDict(f"reached={Reached.PAID.value}&{data.urlencode()}")


class WhatIfForm(forms.Form):
    """Read from the address, so that an answer can be kept as a link."""

    deals = forms.ModelMultipleChoiceField(
        queryset=Deal.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Deal %(value)s is not an open deal of this list."},
    )
    month = MonthChoice(label="They close in", required=False)
    reached = forms.ChoiceField(
        label="By then they are",
        choices=Reached.choices,
        initial=Reached.PAID,
        help_text="Your plan counts more than one of these.",
    )
    margin = forms.DecimalField(
        label="Margin",
        required=False,
        min_value=-100,
        max_value=100,
        help_text="In %. Only plans that pay on margin need it.",
    )

    def __init__(self, data: Any, *, deals: QuerySet[Deal], families: QuerySet[Family]) -> None:
        super().__init__(with_reached(data))
        this = timezone.localdate().replace(day=1)
        self.fields["deals"].queryset = deals  # type: ignore[attr-defined]
        self.fields["month"].initial = this
        for number in ROWS:
            self.fields[f"amount{number}"] = forms.DecimalField(
                label=f"Amount {number}" if number > 1 else "Amount",
                required=False,
                min_value=Decimal("0.01"),
                max_value=LARGEST,
            )
            self.fields[f"family{number}"] = forms.ModelChoiceField(
                families, label="Family", required=False, to_field_name="code", empty_label="Any family"
            )

    def clean_deals(self) -> Any:
        deals = self.cleaned_data["deals"]
        if len(deals) > MOST_DEALS:
            raise forms.ValidationError(f"Choose {MOST_DEALS} deals at most.")
        return deals

    def clean_month(self) -> dt.date:
        this = timezone.localdate().replace(day=1)
        month: dt.date = self.cleaned_data["month"] or this
        if not add_months(this, -12) <= month <= add_months(this, 24):
            raise forms.ValidationError("Choose a month from a year ago to two years ahead.")
        return month

    def clean_reached(self) -> Reached:
        return Reached(self.cleaned_data["reached"])

    @property
    def typed(self) -> list[tuple[Decimal, str]]:
        """(amount in base currency, the family's code or nothing)."""
        said = self.cleaned_data
        rows = [(said.get(f"amount{n}"), said.get(f"family{n}")) for n in ROWS]
        return [(amount, family.code if family else "") for amount, family in rows if amount]

    @property
    def margin_share(self) -> Decimal:
        """The margin as a share of the amount."""
        return (self.cleaned_data.get("margin") or Decimal(0)) / 100

    @property
    def rows(self) -> list[tuple[Any, Any]]:
        """The fields of typed amounts, for the page."""
        return [(self[f"amount{n}"], self[f"family{n}"]) for n in ROWS]
