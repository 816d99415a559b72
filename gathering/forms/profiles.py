"""Forms of import profiles."""

from typing import Any

from django import forms

from gathering.datasets import DATASETS
from gathering.forms.files import files_field


def dataset_choices() -> list[tuple[str, str]]:
    return [("", "Choose"), *((dataset.code, dataset.label) for dataset in DATASETS.values())]


class DefinitionForm(forms.Form):
    """What every profile's form has: a name, the YAML, and a file to try it on."""

    name = forms.CharField(label="Name", max_length=120)
    definition = forms.CharField(
        label="How the file reads, in YAML",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"spellcheck": "false", "autocapitalize": "off", "wrap": "off"}),
    )
    trial_files = files_field(
        label="Try it on a file",
        help_text="Shows its first rows as this text reads them. Nothing is saved or imported. "
        "Choose the second files with it when the profile joins any.",
    )

    def clean_definition(self) -> str:
        """Browsers send CRLF; a profile is kept with plain line ends."""
        return self.cleaned_data["definition"].replace("\r\n", "\n")

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The YAML by lines, with the mistakes that were found in each."""
        return numbered(self["definition"].value() or "", [str(e) for e in self.errors.get("definition", [])])


class ProfileForm(DefinitionForm):
    """A new profile."""

    code = forms.SlugField(
        label="Code", max_length=60, help_text="Short, for programs: letters, digits, hyphens. Never changes."
    )
    dataset = forms.ChoiceField(label="Its rows are", choices=dataset_choices)
    field_order = ["name", "code", "dataset", "definition", "trial_files"]


class ProfileEditForm(DefinitionForm):
    is_active = forms.BooleanField(label="Offered when a file is imported", required=False)
    field_order = ["name", "is_active", "definition", "trial_files"]


def numbered(text: str, mistakes: list[str]) -> list[dict[str, Any]]:
    """The text line by line, each with the mistakes made in it."""
    lines: list[dict[str, Any]] = [{"text": line, "mistakes": []} for line in text.splitlines()]
    for mistake in mistakes:
        place, _, sentence = mistake.removeprefix("Line ").partition(", ")
        if place.isdigit() and int(place) <= len(lines):
            lines[int(place) - 1]["mistakes"].append(sentence)
    return lines


def without_trial(data: dict[str, Any]) -> dict[str, Any]:
    """What is saved of a profile's form."""
    return {name: value for name, value in data.items() if name != "trial_files"}
