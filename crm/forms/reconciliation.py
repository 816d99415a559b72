"""Forms of a reconciliation: the export, and what its columns are."""

from typing import Any

from django import forms
from django.forms import BoundField

from crm.engine.exports import KEY, LABELS, DayOrder

NONE = ("", "– not compared –")
DAY_ORDERS = [
    (DayOrder.ISO, "2026-11-30"),
    (DayOrder.DAY_FIRST, "30/11/2026: the day first"),
    (DayOrder.MONTH_FIRST, "11/30/2026: the month first"),
]


class ExportForm(forms.Form):
    """Which CRM, and its file."""

    source = forms.ChoiceField(label="CRM", help_text="Whose deals the file holds.")
    file = forms.FileField(
        label="Its export",
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt"}),
        help_text="A CSV file with one deal in each line and the deal's id in one column.",
        error_messages={"required": "Choose the file that the CRM exported.", "empty": "The file is empty."},
    )

    def __init__(self, *args: Any, sources: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["source"]
        field.choices = [(name, name) for name in sources]


class ColumnsForm(forms.Form):
    """A column of the file for each of our fields, and what the file cannot tell."""

    as_of = forms.DateTimeField(
        label="When the CRM wrote the file",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        help_text="What changed later is not counted as a difference.",
    )
    days = forms.ChoiceField(label="How it writes days", choices=DAY_ORDERS, initial=DayOrder.ISO)
    is_whole = forms.BooleanField(
        label="The file holds every deal of the CRM",
        required=False,
        initial=True,
        help_text="Then deals that it does not hold are listed as not in the CRM.",
    )

    def __init__(self, *args: Any, headings: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [NONE, *((heading, heading) for heading in dict.fromkeys(headings) if heading)]
        for name, label in LABELS.items():
            self.fields[name] = forms.ChoiceField(label=label, choices=choices, required=name == KEY)
        self.fields[KEY].error_messages["required"] = "Say which column holds the deal's id in the CRM."

    @property
    def matches(self) -> list[BoundField]:
        return [self[name] for name in LABELS]

    @property
    def columns(self) -> dict[str, str]:
        """Our field → the heading chosen for it."""
        return {name: self.cleaned_data[name] for name in LABELS if self.cleaned_data.get(name)}
