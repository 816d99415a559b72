"""Forms of tasks, meetings and registers."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.forms import BaseFormSet, formset_factory

from catalog.selectors import families_visible_to, markets_visible_to
from core.forms import DayField, DayInput, RowForm
from core.models import Person
from planning.engine.moves import STAGES
from planning.models import Assumption, Decision, Meeting, RiskOrOpportunity, StageName, Task

STAGE_CHOICES = [(name, StageName(name).label) for name in STAGES]


def people() -> Any:
    """Who can be given something."""
    return Person.objects.filter(is_active=True).exclude(roles__contained_by=["service"]).order_by("name")


class WithOwner(RowForm):
    """A row that somebody looks after."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.to_field_name = "email"
        owner.queryset = people()


class TaskForm(WithOwner):
    stage = forms.ChoiceField(label="Stage", choices=STAGE_CHOICES)

    class Meta:
        model = Task
        fields = ["title", "text", "owner", "due", "stage"]
        labels: ClassVar[dict[str, str]] = {"title": "What is to be done", "text": "Details"}
        widgets: ClassVar[dict[str, Any]] = {"due": DayInput(), "text": forms.Textarea({"rows": 4})}


class MomentInput(forms.DateTimeInput):
    """The browser's own picker of a day and a time; without one, a text field for 2027-03-12T14:00."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class MeetingForm(WithOwner):
    stage = forms.ChoiceField(label="Stage", choices=STAGE_CHOICES)
    begins = forms.DateTimeField(
        label="Begins", widget=MomentInput(), input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
    )
    attendees = forms.ModelMultipleChoiceField(
        label="Who comes", queryset=Person.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Meeting
        fields = ["title", "stage", "begins", "minutes_long", "place", "owner", "attendees", "agenda"]
        labels: ClassVar[dict[str, str]] = {
            "minutes_long": "Minutes",
            "place": "Where",
            "owner": "Chair",
        }
        help_texts: ClassVar[dict[str, str]] = {"place": "A room or the address of a call."}
        widgets: ClassVar[dict[str, Any]] = {"agenda": forms.Textarea({"rows": 14})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["attendees"].queryset = people()  # type: ignore[attr-defined]


class MinutesForm(forms.Form):
    minutes = forms.CharField(
        label="Minutes", max_length=20_000, widget=forms.Textarea({"rows": 14}),
        help_text="What was said and agreed. Actions stand below: each becomes a task.",
    )  # fmt: skip
    revision = forms.IntegerField(widget=forms.HiddenInput)


class ActionForm(forms.Form):
    """One action of the minutes. A line that is left empty is no action."""

    title = forms.CharField(label="Action", max_length=200, required=False)
    owner = forms.ModelChoiceField(
        label="Who", queryset=Person.objects.none(), required=False, empty_label="Nobody yet"
    )
    due = DayField(label="By", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not any(data.get(name) for name in ("title", "owner", "due")):
            return data
        for name, text in (("title", "Say what."), ("owner", "Say who."), ("due", "Say by when.")):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, text)
        return data


ActionForms: type[BaseFormSet] = formset_factory(ActionForm, extra=5, max_num=30, absolute_max=30)


class AssumptionForm(WithOwner):
    visible = {"family": families_visible_to, "market": markets_visible_to}

    class Meta:
        model = Assumption
        fields = ["text", "family", "market", "owner", "outcome"]
        labels: ClassVar[dict[str, str]] = {"text": "What the plan takes for granted", "outcome": "It"}
        widgets: ClassVar[dict[str, Any]] = {"text": forms.Textarea({"rows": 3})}


class NewAssumptionForm(AssumptionForm):
    """An assumption begins open."""

    outcome = None

    class Meta(AssumptionForm.Meta):
        fields = ["text", "family", "market", "owner"]


class RiskForm(WithOwner):
    percent = forms.DecimalField(
        label="Chance",
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        help_text="Percent, 0 to 100.",
    )
    visible = {"family": families_visible_to}
    field_order = ["leaning", "title", "text", "money", "percent", "family", "owner", "is_open"]

    class Meta:
        model = RiskOrOpportunity
        fields = ["leaning", "title", "text", "money", "family", "owner", "is_open"]
        labels: ClassVar[dict[str, str]] = {
            "leaning": "It is a",
            "title": "What could happen",
            "text": "Details",
            "is_open": "Still open",
        }
        widgets: ClassVar[dict[str, Any]] = {"text": forms.Textarea({"rows": 3})}


def risk_fields(data: dict[str, Any]) -> dict[str, Any]:
    """Percent as people type it becomes the share that is stored."""
    percent = data.pop("percent")
    return data | {"probability": (percent / Decimal(100)).quantize(Decimal("0.0001"))}


class OptionLines(forms.CharField):
    """One option a line."""

    widget = forms.Textarea({"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]

    def validate(self, value: Any) -> None:
        if any(len(line) > 300 for line in value):
            raise forms.ValidationError("An option has 300 characters at most. Shorten the longest.")

    def run_validators(self, value: Any) -> None:
        """The lines are checked in `validate`."""


class DecisionForm(WithOwner):
    options = OptionLines(label="What can be done", required=False, help_text="One option a line.")
    money = forms.DecimalField(
        label="Money at stake", max_digits=18, decimal_places=4, required=False, help_text="Base currency."
    )
    field_order = ["title", "text", "options", "money", "asks_executives", "owner", "due"]

    class Meta:
        model = Decision
        fields = ["title", "text", "asks_executives", "owner", "due"]
        labels: ClassVar[dict[str, str]] = {
            "title": "What must be decided",
            "text": "Background",
            "asks_executives": "The executives decide it",
            "owner": "Brought forward by",
        }
        widgets: ClassVar[dict[str, Any]] = {"due": DayInput(), "text": forms.Textarea({"rows": 4})}


class DecideForm(forms.Form):
    decided = forms.CharField(label="What is decided", max_length=300)
    reason = forms.CharField(
        label="Why",
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        help_text="One sentence. It is kept.",
    )

    def __init__(self, *args: Any, options: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if options:
            other = [("", "Something else, said below")]
            self.fields["option"] = forms.ChoiceField(
                label="Options",
                choices=[(line, line) for line in options] + other,
                required=False,
                widget=forms.RadioSelect,
            )
            self.fields["decided"].required = False
            self.fields["decided"].label = "Something else"
            self.order_fields(["option", "decided", "reason"])
