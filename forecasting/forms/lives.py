"""Forms about the lives of demand units: launches, successors, single months. They clean what was typed."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms

from catalog.models import DemandUnit
from catalog.selectors import demand_units_visible_to
from core.forms import MonthChoice
from core.models import Person
from forecasting.models import MonthSaid
from forecasting.selectors.launches import Suggestion

WEIGHT = "like_"  # before the number of a suggested unit


def why(help_text: str) -> forms.CharField:
    """A reason, as every form here asks for it."""
    return forms.CharField(
        label="Why", max_length=500, help_text=help_text, widget=forms.Textarea(attrs={"rows": 2})
    )


class LaunchForm(forms.Form):
    """When a new item is sold first, how much it will settle at, and what it resembles: a weight for each
    suggested item, and lines for others."""

    first_month = MonthChoice(label="First month", help_text="The month in which it is sold first.")
    level = forms.DecimalField(
        label="Level",
        required=False,
        max_digits=16,
        decimal_places=4,
        help_text="Units a month once it has settled. Empty: the mean of the items it resembles.",
    )
    others = forms.CharField(
        label="Other items",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="One a line: code of the product, code of the market, weight. Such as 4711, DE, 1",
    )
    reason = why("It stands beside the forecast for everybody who reads it.")

    def __init__(self, *args: Any, person: Person, suggestions: list[Suggestion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._person = person
        self._units = {one.unit.pk: one.unit for one in suggestions}
        for one in suggestions:
            self.fields[f"{WEIGHT}{one.unit.pk}"] = forms.DecimalField(
                label=f"Weight of {one.unit}",
                required=False,
                min_value=0,
                max_value=1000,
                help_text=one.words,
            )
        weights = [f"{WEIGHT}{key}" for key in self._units]
        self.order_fields(["first_month", "level", *weights, "others", "reason", "revision"])

    def clean_others(self) -> list[tuple[DemandUnit, Decimal]]:
        """Each line as a demand unit of the person's scope and its weight."""
        lines = [line for line in self.cleaned_data["others"].splitlines() if line.strip()]
        return [self._like(number, line) for number, line in enumerate(lines, start=1)]

    def _like(self, number: int, line: str) -> tuple[DemandUnit, Decimal]:
        parts = [part.strip() for part in line.split(",")]
        if len(parts) not in {2, 3}:
            raise forms.ValidationError(f"Line {number} is “{line}”. Write product, market, weight.")
        units = demand_units_visible_to(self._person)
        unit = units.filter(product__code=parts[0], market__code=parts[1]).first()
        if unit is None:
            text = f"Line {number}: you plan no {parts[0]} in {parts[1]}. Look up both codes."
            raise forms.ValidationError(text)
        try:
            return unit, Decimal(parts[2] if len(parts) > 2 else "1")
        except InvalidOperation as error:
            raise forms.ValidationError(f"Line {number}: {parts[2]} is no weight. Use 1, 2.5 …") from error

    def clean(self) -> dict[str, Any]:
        """Suggested items with a weight and those of the lines are one list of likes."""
        data = super().clean() or {}
        weights = {key: data.pop(f"{WEIGHT}{key}", None) for key in self._units}
        chosen = [(self._units[key], weight) for key, weight in weights.items() if weight]
        data["likes"] = [*chosen, *(data.pop("others", None) or [])]
        return data


class SuccessionForm(forms.Form):
    """What replaces an item, from when on, and how fast."""

    new = forms.CharField(
        label="Replaced by",
        required=False,
        max_length=60,
        help_text="The code of a product that is planned in the same market. Empty: it ends without one.",
    )
    first_month = MonthChoice(
        label="From", help_text="The first month in which the new one is sold, or the old one less."
    )
    ramp = forms.CharField(
        label="Share of the new one in the first months",
        required=False,
        max_length=120,
        help_text="Percent of both together, month by month, such as 25, 50, 75. Empty: all at once.",
    )
    reason = why("It stands in the history of both items.")

    def __init__(self, *args: Any, person: Person, market: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._person, self._market = person, market

    def clean_new(self) -> DemandUnit | None:
        code = self.cleaned_data["new"].strip()
        if not code:
            return None
        rows = demand_units_visible_to(self._person)
        found = rows.filter(product__code=code, market=self._market).first()
        if found is None:
            raise forms.ValidationError(f"You plan no product {code} in this market. Look up its code.")
        return found

    def clean_ramp(self) -> list[int]:
        parts = [part.strip(" %") for part in self.cleaned_data["ramp"].split(",") if part.strip()]
        if not all(part.isdigit() for part in parts):
            raise forms.ValidationError("Write whole percent with commas between them, such as 25, 50, 75.")
        return [int(part) for part in parts]


class WithdrawForm(forms.Form):
    """Taking a plan back."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


class MonthForm(forms.Form):
    """What somebody says about a month of the past."""

    month = MonthChoice(label="Month")
    said = forms.ChoiceField(choices=MonthSaid.choices)
    reason = forms.CharField(label="Why", max_length=500, required=False)
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)
