"""What the map is asked for, the same on the page and in the API."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms

from core.models import Person
from territories.filters.balance import BY, AskedForm
from territories.models import TerritoryModel


class MapForm(AskedForm):
    """Which model, on which day, coloured by what, and whose accounts alone."""

    by = forms.ChoiceField(label="Colour by", choices=BY, required=False)
    group = forms.CharField(label="Only", max_length=60, required=False)
    place = forms.ChoiceField(
        label="Place",
        choices=[("", "Any"), ("exact", "Known"), ("rough", "Missing")],
        required=False,
    )

    def __init__(self, data: Mapping[str, Any], *, person: Person | None) -> None:
        super().__init__(data, person=person)
        self.fields["group"].help_text = "The code of a territory or rep, or none."

    @property
    def on(self) -> tuple[TerritoryModel | None, dt.date, str]:
        """Model, day, and territory or rep; the CRM knows only reps."""
        model = self.chosen_model()
        by = self.cleaned_data["by"] or "territory"
        return model, self.cleaned_data["day"], by if model else "rep"
