"""Forms of quotas: the plan, other weights, amounts, requests. Rules stay in the services."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.db.models import QuerySet

from core.forms import MonthChoice
from core.models import Person
from territories.models import QuotaMeasure, Seasonality, Territory, TerritoryModel


class Numbers(forms.CharField):
    """Several numbers, with commas between."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "max_length": 300} | kwargs)

    def to_python(self, value: Any) -> list[Decimal]:  # type: ignore[override]
        if isinstance(value, list | tuple):
            return [Decimal(str(one)) for one in value]
        parts = [part.strip().rstrip("%").strip() for part in str(value or "").split(",")]
        try:
            found = [Decimal(part) for part in parts if part]
        except InvalidOperation:
            raise forms.ValidationError("Write numbers with commas between, such as 25, 50, 75.") from None
        if not all(one.is_finite() and abs(one) < 10_000 for one in found):
            raise forms.ValidationError("Write numbers below 10,000.")
        return found

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return ", ".join(f"{Decimal(str(one)).normalize():f}" for one in value)
        return value

    def run_validators(self, value: Any) -> None:
        """The length was that of the text."""


class WholeNumbers(Numbers):
    """The same for whole numbers."""

    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        if any(one % 1 or not 0 <= one <= 32_767 for one in found):
            raise forms.ValidationError("Write whole numbers, 0 or more.")
        return [int(one) for one in found]


def percent(label: str, **options: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, **{"max_digits": 7, "decimal_places": 3, "min_value": 0, "required": False} | options
    )


class WeightsForm(forms.Form):
    """How much each method counts."""

    weight_history = percent("History, %", help_text="What its accounts bought in the last twelve months.")
    weight_potential = percent("Potential, %", help_text="What its accounts could buy.")
    weight_pipeline = percent("Pipeline, %", help_text="Open deals of the year by their chance.")
    weight_even = percent("Even, %", help_text="The same for each.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in WeightsForm.base_fields:
            if name not in self.errors:
                cleaned[name] = cleaned.get(name) or Decimal(0)
        return cleaned


class SettingsForm(WeightsForm):
    """How a plan goes down: what new plans and drafts have in common."""

    name = forms.CharField(max_length=120)
    model = forms.ModelChoiceField(
        TerritoryModel.objects.none(), label="Territory model", required=False, to_field_name="code"
    )
    target = forms.DecimalField(
        label="Target of the year",
        max_digits=18,
        decimal_places=2,
        min_value=0,
        required=False,
        help_text="In base currency. Leave it empty to take the released plan.",
    )
    target_reason = forms.CharField(
        label="Why this target", max_length=500, required=False, help_text="Needed for a typed target."
    )
    hedges = Numbers(
        label="Hedge by level, %",
        help_text="Given down above the target: first for the top territories, then for those below, "
        "then for reps. 5, 2 is 5 % and 2 %.",
    )
    floor_percent = percent("Least change v last year, %", min_value=-100)
    ceiling_percent = percent("Most change v last year, %", min_value=-100)
    seasonality = forms.ChoiceField(label="Months", choices=Seasonality.choices)
    season_weights = Numbers(
        label="Shares of the months", help_text="Twelve numbers, only for given shares: 8, 8, 9, …"
    )
    step = forms.DecimalField(
        label="Round to", max_digits=10, decimal_places=2, min_value=Decimal("0.01"), initial=1
    )
    ramp = WholeNumbers(
        label="Ramp of new hires, %",
        help_text="Of a full quota in the first month, the second, … 0, 25, 50, 75.",
    )
    spread_relief = forms.BooleanField(label="Others take over what the ramp relieves", required=False)
    leave_days = forms.IntegerField(
        label="An absence lowers the quota from",
        min_value=1,
        max_value=366,
        initial=20,
        help_text="Days in a row.",
    )

    def __init__(self, *args: Any, person: Person | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["model"].queryset = TerritoryModel.objects.exclude(state="archived")  # type: ignore[attr-defined]


class PlanForm(SettingsForm):
    """A new plan."""

    first_month = MonthChoice(label="First month of the fiscal year")
    measure = forms.ChoiceField(label="Measured by", choices=QuotaMeasure.choices)
    field_order = ("name", "first_month", "measure", "model", "target", "target_reason")


class DraftForm(SettingsForm):
    """A draft."""

    field_order = ("name", "model", "target", "target_reason")


class AmountForm(forms.Form):
    """Another amount for one territory or rep."""

    amount = forms.DecimalField(label="Quota of the year", max_digits=18, decimal_places=2, min_value=0)
    reason = forms.CharField(label="Why it differs", max_length=500, required=False)
    spread = forms.BooleanField(label="Its siblings bear the difference", required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput)


class OverlayForm(forms.Form):
    """A quota of an overlay that has none yet."""

    territory = forms.ModelChoiceField(
        Territory.objects.none(), label="Overlay", empty_label="Choose an overlay"
    )
    amount = forms.DecimalField(
        label="Quota of the year",
        max_digits=18,
        decimal_places=2,
        min_value=0,
        help_text="In base currency. It is spread over the months as the plan is.",
    )
    reason = forms.CharField(
        label="What it rests on",
        max_length=500,
        error_messages={"required": "Say what this quota rests on: nothing above decides it."},
    )

    def __init__(self, *args: Any, overlays: QuerySet[Territory], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["territory"].queryset = overlays  # type: ignore[attr-defined]


class ProposalForm(forms.Form):
    """What people below say they can sell."""

    amount = forms.DecimalField(
        label="What can be sold in the year", max_digits=18, decimal_places=2, min_value=0, required=False
    )
    note = forms.CharField(label="What it rests on", max_length=500, required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput)


class ChangeForm(forms.Form):
    """A request for another amount."""

    amount = forms.DecimalField(label="Quota you ask for", max_digits=18, decimal_places=2, min_value=0)
    reason = forms.CharField(label="Why", max_length=500, required=False)


class DecisionForm(forms.Form):
    """The answer to a request."""

    accept = forms.ChoiceField(choices=[("yes", "Accept"), ("no", "Decline")])
    answer = forms.CharField(max_length=500, required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput)


class VersionForm(forms.Form):
    """From when on a new version holds."""

    from_month = MonthChoice(label="From month", required=False)


class StartForm(forms.Form):
    """Since when a rep sells here."""

    day = forms.DateField(
        label="Sells here since",
        required=False,
        widget=forms.DateInput({"type": "date"}),
        help_text="The ramp counts from it. Empty: no ramp.",
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)
