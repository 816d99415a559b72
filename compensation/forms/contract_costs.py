"""The form of a contract's term."""

from django import forms

from core.forms import MonthChoice


class ContractTermForm(forms.Form):
    months = forms.IntegerField(label="Months of the contract", min_value=1, max_value=240)
    renewal_months = forms.IntegerField(
        label="Months of expected renewals", min_value=0, max_value=240, initial=0
    )
    commensurate = forms.BooleanField(
        label="Renewals are paid like the first contract",
        required=False,
        help_text="Then the cost is spread over the contract alone.",
    )
    ended = MonthChoice(
        label="Ended early in", required=False, help_text="What is left is written off in that month."
    )
    reason = forms.CharField(label="Why", max_length=500)


class AtMonthForm(forms.Form):
    """The end of a month; the newest closed one unless told otherwise."""

    month = MonthChoice(label="At the end of", required=False)
