"""Forms that say what an unknown name means."""

from typing import Any

from django import forms

from gathering.models.imports import MappingKind

MAP = "map"
IGNORE = "ignore"
DECISIONS = [(MAP, "It means a row we know"), (IGNORE, "Leave its rows out, knowingly")]


class DecisionForm(forms.Form):
    """What a name means, or why its rows stay out."""

    decision = forms.ChoiceField(
        label="What to do with the name", choices=DECISIONS, widget=forms.RadioSelect, initial=MAP
    )
    target_code = forms.CharField(label="Its code here", max_length=60, required=False)
    reason = forms.CharField(
        label="Why",
        max_length=300,
        required=False,
        help_text="Needed to leave rows out.",
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("decision") == MAP and not found.get("target_code"):
            self.add_error("target_code", "Type or choose the code of the row that the name means.")
        if found.get("decision") == IGNORE and not found.get("reason"):
            self.add_error("reason", "Say why the rows with this name stay out.")
        return found


class MapForm(DecisionForm):
    """One unknown name."""

    everywhere = forms.BooleanField(
        label="It means the same in the files of every system", required=False, initial=False
    )
    field_order = ["decision", "target_code", "everywhere", "reason"]


class NameForm(forms.Form):
    """Which name: its kind, the system it came from, and its text."""

    kind = forms.ChoiceField(choices=MappingKind.choices)
    source = forms.CharField(max_length=60, required=False)
    value = forms.CharField(max_length=250, strip=False)


def meaning(data: dict[str, Any]) -> dict[str, Any]:
    """What the service is told of a decision: a target, or a reason to leave the rows out."""
    ignored = data["decision"] == IGNORE
    return {
        "target_code": "" if ignored else data["target_code"].strip(),
        "ignore": ignored,
        "reason": data["reason"],
    }
