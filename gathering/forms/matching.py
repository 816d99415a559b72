"""The form that matches a file's columns with ours."""

from typing import Any

import yaml
from django import forms
from django.forms import BoundField
from django.utils.text import slugify

from gathering.datasets import Dataset, Field
from gathering.engine.suggesting import Column, Question, Suggestion

NONE = ("", "– not in this file –")
SHOWN_SAMPLES = 3


class MatchForm(forms.Form):
    """One choice of column for each of our fields, or one value for every row; then what the file
    does not tell (`suggestion.questions`), and a name to keep it all as a profile."""

    profile_name = forms.CharField(
        label="Keep this as a profile named",
        max_length=120,
        required=False,
        help_text="Then the next file of this kind is read without this page. Empty: for this file only.",
    )

    def __init__(self, *args: Any, dataset: Dataset, suggestion: Suggestion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dataset, self.suggestion = dataset, suggestion
        chosen = {column.field: column.header for column in suggestion.columns if column.field}
        choices = [NONE, *((column.header, column_words(column)) for column in suggestion.columns)]
        for field in dataset.fields:
            self.fields[f"column_{field.name}"] = forms.ChoiceField(
                label=field.label, choices=choices, required=False, initial=chosen.get(field.name, "")
            )
            self.fields[f"constant_{field.name}"] = forms.CharField(
                label=f"{field.label}, the same in every row", required=False, max_length=field.max_length
            )
        for place, question in enumerate(suggestion.questions):
            self.fields[f"answer_{place}"] = answer_field(question)

    @property
    def matches(self) -> list[tuple[Field, BoundField, BoundField]]:
        """Each of our fields with its choice of column and its value for every row."""
        return [(f, self[f"column_{f.name}"], self[f"constant_{f.name}"]) for f in self.dataset.fields]

    @property
    def answers(self) -> list[BoundField]:
        return [self[f"answer_{place}"] for place in range(len(self.suggestion.questions))]

    @property
    def profile_code(self) -> str:
        return slugify(self.cleaned_data["profile_name"])[:60]

    @property
    def sample_rows(self) -> list[tuple[str, ...]]:
        """The first rows of the file, as read, under its header."""
        columns = [column.samples for column in self.suggestion.columns]
        return list(zip(*columns, strict=False)) if columns else []

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for field in self.dataset.fields:
            column, constant = found.get(f"column_{field.name}"), found.get(f"constant_{field.name}")
            if column and constant:
                self.add_error(f"constant_{field.name}", "Choose a column or type a value, not both.")
            elif field.required and not column and not constant and not field.default:
                self.add_error(
                    f"column_{field.name}", "Every row needs this: choose its column, or type one value."
                )
        return found

    def definition(self) -> str:
        """The YAML of the profile that the person confirmed."""
        profile: dict[str, Any] = yaml.safe_load(self.suggestion.definition) or {}
        found = self.cleaned_data
        names = self.dataset.names
        profile["columns"] = {n: found[f"column_{n}"] for n in names if found[f"column_{n}"]} | {
            n: {"constant": found[f"constant_{n}"]} for n in names if found[f"constant_{n}"]
        }
        for place, question in enumerate(self.suggestion.questions):
            profile[question.key] = found[f"answer_{place}"]
        return yaml.safe_dump(profile, allow_unicode=True, sort_keys=False)


def column_words(column: Column) -> str:
    """A column with a few of its values, so that a choice can be made without scrolling."""
    samples = [sample for sample in column.samples if sample][:SHOWN_SAMPLES]
    words = ", ".join(sample if len(sample) <= 18 else f"{sample[:17]}…" for sample in samples)
    return f"{column.header} ({words})" if words else column.header


def answer_field(question: Question) -> forms.ChoiceField:
    return forms.ChoiceField(label=question.text, choices=question.choices, widget=forms.RadioSelect)
