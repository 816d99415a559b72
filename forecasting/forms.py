"""The form that asks for a forecast."""

from django import forms

from core.forms import MonthChoice


class RunForm(forms.Form):
    """Which history, and how far ahead."""

    last_month = MonthChoice(
        label="Data up to", help_text="The last month of sales that the forecast may know."
    )
    horizon = forms.IntegerField(label="Months ahead", min_value=1, max_value=60)
