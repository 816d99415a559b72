"""Forms of adjustments. Rules stay in the services."""

from decimal import Decimal
from typing import Any

from django import forms

from catalog.models import Currency
from compensation.models import Adjustment
from compensation.selectors.scope import reps_paid_visible_to
from core.forms import MonthChoice, RowForm
from crm.selectors.deals import deals_visible_to


def currencies(person: Any) -> Any:
    return Currency.objects.order_by("code")


class AdjustmentForm(RowForm):
    """Who, with which month, how much, and why."""

    visible = {"rep": reps_paid_visible_to, "currency": currencies, "deal": deals_visible_to}
    keys = {"deal": "pk"}
    typed = frozenset({"deal"})
    month = MonthChoice(label="Paid with the month")
    amount = forms.DecimalField(
        max_digits=14,
        decimal_places=2,
        help_text="Below 0 takes pay back.",
        widget=forms.NumberInput({"step": "0.01"}),
        min_value=Decimal("-99999999999"),
    )
    reason = forms.CharField(
        max_length=1000, widget=forms.Textarea({"rows": 3}), help_text="The rep reads it on the statement."
    )
    label = forms.CharField(label="Called", max_length=120, help_text="Its line on the statement.")

    class Meta:
        model = Adjustment
        fields = ["rep", "month", "amount", "currency", "label", "reason", "deal"]
