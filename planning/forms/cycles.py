"""Forms of the cycle itself: opening, revising, moving, planning its stages and checklists."""

from typing import Any

from django import forms

from core.forms import DayField, MonthChoice
from core.models import Person
from core.roles import Role
from planning.engine.moves import STAGES
from planning.models import StageName

OWNERS = [Role.VP, Role.MANAGER, Role.ANALYST, Role.COORDINATOR]


def planners() -> Any:
    """Who can own a stage."""
    return Person.objects.filter(is_active=True, roles__overlap=OWNERS).order_by("name")


class OwnersForm(forms.Form):
    """Who owns each stage; left empty, the first person of the fitting role does."""

    horizon = forms.IntegerField(
        label="Horizon",
        required=False,
        help_text="Months that are planned, 12 to 36. Empty: as the company does.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in STAGES:
            self.fields[f"owner_{name}"] = forms.ModelChoiceField(
                label=f"Owner of {StageName(name).label.lower()}",
                queryset=planners(),
                required=False,
                empty_label="As usual",
            )


def owners_in(data: dict[str, Any]) -> dict[str, Person]:
    """The chosen owners, by stage."""
    return {name: data[f"owner_{name}"] for name in STAGES if data.get(f"owner_{name}")}


class OpenForm(OwnersForm):
    month = MonthChoice(label="First planned month", help_text="History ends in the month before.")
    field_order = ["month"]


class ReviseForm(OwnersForm):
    reason = forms.CharField(
        label="Why", max_length=500, widget=forms.Textarea({"rows": 3}), help_text="What must be corrected."
    )
    field_order = ["reason"]


class MoveForm(forms.Form):
    """A move, with what its signer wants to say."""

    reason = forms.CharField(
        label="Note", max_length=1000, required=False, widget=forms.Textarea({"rows": 3}),
        help_text="Kept with the signature.",
    )  # fmt: skip

    def __init__(self, *args: Any, asks_reason: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if asks_reason:
            field = self.fields["reason"]
            field.label, field.required, field.help_text = "Why", True, "One sentence. Everybody reads it."
            field.error_messages["required"] = "Say why, in one sentence."


class ReopenForm(MoveForm):
    """Back to which stage, and why."""

    stage = forms.ChoiceField(label="Back to", widget=forms.RadioSelect)
    field_order = ["stage", "reason"]

    def __init__(self, *args: Any, stages: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, asks_reason=True, **kwargs)
        self.fields["stage"].choices = stages  # type: ignore[attr-defined]
        self.fields["stage"].error_messages["required"] = "Choose the stage to go back to."


class StageForm(forms.Form):
    owner = forms.ModelChoiceField(label="Owner", queryset=Person.objects.none())
    due = DayField(label="Due")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = planners()  # type: ignore[attr-defined]


class ChecklistForm(forms.Form):
    text = forms.CharField(label="What must have been looked at", max_length=200)
    is_required = forms.BooleanField(
        label="The stage cannot be signed without it", required=False, initial=True
    )


class RemoveForm(forms.Form):
    reason = forms.CharField(
        label="Why", max_length=500, widget=forms.Textarea({"rows": 3}), help_text="One sentence. It is kept."
    )
