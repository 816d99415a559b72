"""Forms of stage 2. They clean what was typed; the services judge it."""

from typing import Any

from django import forms

from catalog.selectors import markets_visible_to, products_visible_to
from core.forms import DayField, RowForm
from planning.models import DemandEvent, DemandEventKind, InputKind, ReasonCode


class InputForm(forms.Form):
    """What one stream says about the cell of the page."""

    kind = forms.ChoiceField(label="How", choices=InputKind.choices, initial=InputKind.REPLACE)
    value = forms.DecimalField(
        label="Number", max_digits=16, decimal_places=4, help_text="Units, or percent for a change by %."
    )
    reason_code = forms.ChoiceField(
        label="Reason", choices=[("", "No reason given"), *ReasonCode.choices], required=False
    )
    note = forms.CharField(
        label="Note", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label="Reason", max_length=500, required=False)


class WeightForm(forms.Form):
    """A stream's share in the consensus, in percent."""

    weight = forms.DecimalField(label="Weight", min_value=0, max_value=100, max_digits=6, decimal_places=2)
    revision = forms.IntegerField(widget=forms.HiddenInput)


class ReviewForm(forms.Form):
    """What somebody thinks of a family."""

    state = forms.CharField(max_length=9)
    note = forms.CharField(max_length=1000, required=False)
    revision = forms.IntegerField(required=False)


class EventForm(RowForm):
    """A promotion, launch or phase-out with its days, both included."""

    visible = {"product": products_visible_to, "market": markets_visible_to}
    typed = frozenset({"product"})

    kind = forms.ChoiceField(label="Kind", choices=DemandEventKind.choices)
    first = DayField(label="First day")
    last = DayField(label="Last day")

    class Meta:
        model = DemandEvent
        fields = ["kind", "title", "product", "market", "units_a_month", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["market"].empty_label = "All markets"  # type: ignore[attr-defined]
        self.order_fields(["kind", "title", "product", "market", "first", "last", "units_a_month", "note"])
