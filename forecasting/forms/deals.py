"""The form that asks for a deal forecast."""

from django import forms

from core.forms import DayField
from forecasting.models import DealMethod


class DealForecastForm(forms.Form):
    """What the deals of a day promise."""

    as_of = DayField(label="What was known on", help_text="The deals that were open when this day ended.")
    horizon = forms.IntegerField(label="Months ahead", min_value=1, max_value=36)
    method = forms.ChoiceField(
        label="Method", required=False, choices=[("", "The one that wins the back-test"), *DealMethod.choices]
    )
