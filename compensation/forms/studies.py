"""Forms of the design studio."""

from typing import Any

from django import forms

from compensation.engine.simulation_chance import Spread
from compensation.models import PlanVersion
from compensation.selectors.studies import ALL_YEAR, THEN, versions_to_try
from core.forms import MonthChoice
from core.models import Person

SPREADS = (
    (Spread.OBSERVED.value, "What people attained in these months, drawn again"),
    (Spread.LOGNORMAL.value, "A lognormal fitted to it"),
)

WHOSE = (
    (THEN, "Those on the plan then, on their days"),
    (ALL_YEAR, "Those on it today, as if all year"),
)


class VersionChoice(forms.ModelChoiceField):
    """A version by its number, with its state."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} ({obj.get_state_display().lower()})"


class StudyForm(forms.Form):
    """What is tried on which months, and how attainment is drawn."""

    version = VersionChoice(label="Plan", queryset=PlanVersion.objects.none())
    base = VersionChoice(
        label="Beside",
        queryset=PlanVersion.objects.none(),
        required=False,
        empty_label="No other plan",
        help_text="Shows who would win and lose.",
    )
    first_month = MonthChoice(label="First of twelve months", help_text="Their credits and quotas are taken.")
    people = forms.ChoiceField(label="Whose pay", choices=WHOSE)
    budget = forms.DecimalField(
        label="Budget",
        required=False,
        max_digits=16,
        decimal_places=2,
        help_text="In the plan's currency: how probable is it that the cost exceeds it?",
    )
    spread = forms.ChoiceField(label="Attainment by chance", choices=SPREADS)
    correlation = forms.DecimalField(
        label="Correlation",
        max_digits=4,
        decimal_places=3,
        help_text="How far good and bad years come to all at once: 0 not at all, 1 always.",
    )
    draws = forms.IntegerField(label="Draws")
    seed = forms.IntegerField(label="Seed", help_text="The same seed draws the same.")

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered: Any = versions_to_try(person)
        for name in ("version", "base"):
            self.fields[name].queryset = offered  # type: ignore[attr-defined]


class CopyForm(forms.Form):
    """A new version, or with both fields a new plan."""

    name = forms.CharField(label="Name of the new plan", max_length=200, required=False)
    code = forms.CharField(
        label="Short name",
        max_length=60,
        required=False,
        help_text="Leave both empty for a new version of the same plan.",
    )
