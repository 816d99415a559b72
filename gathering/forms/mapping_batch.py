"""The form that decides many names of the queue on one page."""

from typing import Any

from django import forms
from django.forms import BoundField

from gathering.models import UnmappedValue
from gathering.selectors.name_suggestions import Name, Suggestion
from gathering.services.mapping_batches import Decision

LATER = ""
OTHER = "other"
IGNORE = "ignore"


class BatchForm(forms.Form):
    """For each name: leave it waiting, one of the suggestions, another code, or leave its rows out."""

    reason = forms.CharField(
        label="Why",
        max_length=300,
        required=False,
        help_text="Needed when rows are left out. It is kept with every name decided here.",
    )

    def __init__(
        self, *args: Any, names: list[UnmappedValue], suggested: dict[Name, list[Suggestion]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.names = names
        for name in names:
            likely = suggested.get((name.kind, name.value), [])
            self.fields[f"choice_{name.pk}"] = forms.ChoiceField(
                label=f"What “{name.value}” means", choices=choices_of(likely), required=False
            )
            self.fields[f"code_{name.pk}"] = forms.CharField(
                label=f"Another code for “{name.value}”", max_length=60, required=False
            )

    @property
    def lines(self) -> list[tuple[UnmappedValue, BoundField, BoundField]]:
        return [(name, self[f"choice_{name.pk}"], self[f"code_{name.pk}"]) for name in self.names]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for name in self.names:
            choice, code = found.get(f"choice_{name.pk}"), found.get(f"code_{name.pk}")
            if choice == OTHER and not code:
                self.add_error(f"code_{name.pk}", "Type the code that the name means.")
            elif choice == IGNORE and not found.get("reason"):
                self.add_error("reason", "Say why the rows of these names stay out.")
                break
        return found

    def decisions(self) -> list[Decision]:
        """What was decided; names left waiting are not among it."""
        return [self._decision(name) for name in self.names if self._choice(name) or self._code(name)]

    def _choice(self, name: UnmappedValue) -> str:
        return self.cleaned_data[f"choice_{name.pk}"]

    def _code(self, name: UnmappedValue) -> str:
        return self.cleaned_data[f"code_{name.pk}"].strip()

    def _decision(self, name: UnmappedValue) -> Decision:
        choice, reason = self._choice(name), self.cleaned_data["reason"]
        if choice == IGNORE:
            return Decision(name, f"choice_{name.pk}", ignore=True, reason=reason)
        code = self._code(name) or choice.removeprefix("code:")
        return Decision(name, f"code_{name.pk}", target_code=code, reason=reason)


def choices_of(likely: list[Suggestion]) -> list[tuple[str, str]]:
    return [
        (LATER, "Leave it waiting"),
        *((f"code:{known.code}", f"{known.name} ({known.code})") for known in likely),
        (OTHER, "Another code, typed beside"),
        (IGNORE, "Leave its rows out"),
    ]
