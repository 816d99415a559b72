"""The form that asks for a forecast."""

from typing import Any

from django import forms

from core.forms import MonthChoice
from forecasting.models.pins import METHODS


class RunForm(forms.Form):
    """Which history, and how far ahead."""

    last_month = MonthChoice(
        label="Data up to", help_text="The last month of sales that the forecast may know."
    )
    horizon = forms.IntegerField(label="Months ahead", min_value=1, max_value=60)


METHOD_CHOICES = [("", "As it is"), *METHODS]


class WhatIfForm(forms.Form):
    """A question about one series; each part is optional."""

    since = MonthChoice(
        label="Forget what was before", required=False, help_text="The first month that is used."
    )
    masked = MonthChoice(
        label="Leave out a month", required=False, help_text="As if a dated event had happened in it."
    )
    method = forms.ChoiceField(label="Method", required=False, choices=METHOD_CHOICES)


class PinForm(forms.Form):
    """A method for the next runs, and why."""

    method = forms.ChoiceField(label="Method", choices=METHODS)
    reason = forms.CharField(
        label="Why",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It stands beside the forecast for everybody who reads it.",
    )


class EndPinForm(forms.Form):
    """Why the route is to choose again."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label="Why", max_length=400, widget=forms.Textarea(attrs={"rows": 3}))


class LevelForm(forms.Form):
    """Which family, in which market, counted in what."""

    family = forms.ChoiceField(label="Family", required=False)
    market = forms.ChoiceField(label="Market", required=False)
    measure = forms.ChoiceField(label="In", required=False)

    def __init__(self, *args: Any, choices: dict[str, list[tuple[str, str]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, offered in choices.items():
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = offered
