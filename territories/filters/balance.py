"""What balance and the map are asked for, the same on the page and in the API."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone

from core.errors import Invalid, Reason
from core.forms import DayField
from core.models import Person
from core.years import SPAN, YEARS
from territories.models import TerritoryModel
from territories.selectors.balance_lines import WEIGHTS, Asked
from territories.selectors.models import active_model, model_on, models_visible_to

CRM = "crm"
BY = [("territory", "Territory"), ("rep", "Rep")]
LABELS = {
    "potential": "Potential",
    "workload": "Workload",
    "revenue": "Revenue",
    "accounts": "Number of accounts",
}


class AskedForm(forms.Form):
    """Which model on which day: of what a person may see, named by code; `crm` is the CRM's owners."""

    model = forms.ChoiceField(label="Model", required=False)
    day = DayField(label="On", required=False)

    def __init__(self, data: Mapping[str, Any], *, person: Person | None) -> None:
        super().__init__(data)
        rows = models_visible_to(person).order_by("-pk")
        self.models: dict[str, TerritoryModel] = {row.code: row for row in rows}
        self.offer("model", "In force")

    def offer(self, name: str, empty: str) -> None:
        named = [(code, str(row.name)) for code, row in self.models.items()]
        self.fields[name].choices = [("", empty), *named, (CRM, "Owners in the CRM")]  # type: ignore[attr-defined]

    def clean_day(self) -> dt.date:
        return self._day("day") or timezone.localdate()

    def _day(self, name: str) -> dt.date | None:
        day = self.cleaned_data[name]
        if day and day.year not in YEARS:
            raise forms.ValidationError(f"Choose a day {SPAN}.")
        return day

    def chosen_model(self, name: str = "model") -> TerritoryModel | None:
        """The model asked for, the one in force on the day, or the newest planned one."""
        code = self.cleaned_data.get(name) or ""
        if code:
            return self.models.get(code)
        newest = next(iter(self.models.values()), None)
        return model_on(self.cleaned_data["day"]) or active_model() or newest

    def raise_any(self) -> None:
        """Raises Invalid with a reason for each field that cannot be understood."""
        if not self.is_valid():
            errors = self.errors.get_json_data()
            raise Invalid(
                *(Reason(one["message"], "invalid", name) for name, many in errors.items() for one in many)
            )


class BalanceForm(AskedForm):
    """Also by what, with which weights, and against what."""

    by = forms.ChoiceField(label="By", choices=BY, required=False)
    potential = forms.FloatField(label="Weight of potential", min_value=0, max_value=1000, required=False)
    workload = forms.FloatField(label="Of workload", min_value=0, max_value=1000, required=False)
    revenue = forms.FloatField(label="Of revenue", min_value=0, max_value=1000, required=False)
    accounts = forms.FloatField(label="Of accounts", min_value=0, max_value=1000, required=False)
    than_model = forms.ChoiceField(label="Compare with", required=False)
    than_day = DayField(label="Compare with day", required=False)

    def __init__(self, data: Mapping[str, Any], *, person: Person | None) -> None:
        super().__init__(data, person=person)
        self.offer("than_model", "The same model")
        for name, weight in WEIGHTS.items():
            self.fields[name].widget.attrs["placeholder"] = f"{weight:g}"

    def clean_than_day(self) -> dt.date | None:
        return self._day("than_day")

    @property
    def weights(self) -> dict[str, float]:
        """As typed; the usual ones where nothing is typed at all."""
        typed = {name: self.cleaned_data.get(name) for name in WEIGHTS}
        if not any(typed.values()):
            return dict(WEIGHTS)
        return {name: weight or 0.0 for name, weight in typed.items()}

    @property
    def asked(self) -> Asked:
        by = self.cleaned_data.get("by") or "territory"
        return Asked(self.chosen_model(), self.cleaned_data["day"], by, self.weights)

    @property
    def than(self) -> Asked | None:
        """What is compared with; None where nothing is."""
        day, code = self.cleaned_data.get("than_day"), self.cleaned_data.get("than_model")
        if not day and not code:
            return None
        asked = self.asked
        model = self.chosen_model("than_model") if code else asked.model
        return Asked(model, day or asked.day, asked.by, asked.weights)
