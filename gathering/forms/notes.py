"""Forms of campaigns and market notes. Days are typed inclusively: the last day is still part of it."""

from typing import Any

from django import forms

from catalog.selectors import families_visible_to, markets_visible_to
from core.forms import DayInput, RowForm
from gathering.models import Campaign, MarketNote


class PeriodForm(RowForm):
    """The days and what the note is about."""

    begins = forms.DateField(label="First day", widget=DayInput)
    ends = forms.DateField(
        label="Last day", widget=DayInput, required=False, help_text="Empty: no end known."
    )
    visible = {"markets": markets_visible_to, "families": families_visible_to}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["markets"].help_text = "None chosen: all markets. Everything below a market is meant too."
        self.fields[
            "families"
        ].help_text = "None chosen: all families. Everything below a family is meant too."


class CampaignForm(PeriodForm):
    uplift_percent = forms.DecimalField(
        label="Expected uplift in %",
        max_digits=7,
        decimal_places=2,
        required=False,
        help_text="15 means 15 % more than without.",
    )
    field_order = ["name", "text", "begins", "ends", "markets", "families", "uplift_percent", "spend"]

    class Meta:
        model = Campaign
        fields = ["name", "text", "markets", "families", "spend"]
        labels = {"text": "What is done, and what it should bring", "spend": "Spend in base currency"}


class MarketNoteForm(PeriodForm):
    field_order = ["kind", "title", "text", "begins", "ends", "markets", "families"]

    class Meta:
        model = MarketNote
        fields = ["kind", "title", "text", "markets", "families"]
        labels = {"text": "What happens, and what it means for demand"}
