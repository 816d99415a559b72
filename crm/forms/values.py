"""Forms that say what a CRM's value is here: one, or many at once."""

from typing import Any

from django import forms
from django.forms import BoundField

from crm.models import ValueKind
from crm.selectors.inbox import UnknownValue
from crm.selectors.value_suggestions import Suggestion
from crm.services.value_batches import Decision

MAP, IGNORE, OTHER, LATER = "map", "ignore", "other", ""
DECISIONS = [(MAP, "It is something we know"), (IGNORE, "Leave it out, knowingly")]
REASON_HELP = "Needed to leave values out. It is kept with the decision."


class NameForm(forms.Form):
    """Which value: its CRM, its kind and its text."""

    source = forms.SlugField(max_length=60)
    kind = forms.ChoiceField(choices=ValueKind.choices)
    value = forms.CharField(max_length=250, strip=False)


class DecisionForm(forms.Form):
    """What one value is, or why it is left out."""

    decision = forms.ChoiceField(label="What it is", choices=DECISIONS, widget=forms.RadioSelect, initial=MAP)
    target_code = forms.CharField(label="Its code here", max_length=60, required=False)
    reason = forms.CharField(label="Why", max_length=300, required=False, help_text=REASON_HELP)

    def told(self) -> dict[str, Any]:
        """What the service is told."""
        ignored = self.cleaned_data["decision"] == IGNORE
        code = "" if ignored else self.cleaned_data["target_code"]
        return {"target_code": code, "ignored": ignored, "reason": self.cleaned_data["reason"]}


class BatchForm(forms.Form):
    """A choice and a code for each of many values, and one reason."""

    reason = forms.CharField(label="Why", max_length=300, required=False, help_text=REASON_HELP)

    def __init__(
        self,
        *args: Any,
        values: list[UnknownValue],
        choices: dict[tuple[str, str], list[Suggestion]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.values = values
        for place, one in enumerate(values):
            likely = choices.get((one.kind, one.value), [])
            self.fields[f"choice_{place}"] = forms.ChoiceField(
                label=f"What “{one.value}” is", choices=choices_of(likely), required=False
            )
            self.fields[f"code_{place}"] = forms.CharField(
                label=f"Another code for “{one.value}”", max_length=60, required=False
            )

    @property
    def lines(self) -> list[tuple[UnknownValue, BoundField, BoundField]]:
        return [(one, self[f"choice_{n}"], self[f"code_{n}"]) for n, one in enumerate(self.values)]

    def decisions(self) -> list[Decision]:
        """What was decided; values left waiting are not among it."""
        return [one for place, value in enumerate(self.values) if (one := self._decision(place, value))]

    def _decision(self, place: int, value: UnknownValue) -> Decision | None:
        choice = self.cleaned_data[f"choice_{place}"]
        typed = self.cleaned_data[f"code_{place}"].strip()
        if choice == LATER and not typed:
            return None
        field = f"choice_{place}" if choice == IGNORE else f"code_{place}"
        chosen = choice.removeprefix("code:") if choice.startswith("code:") else ""
        return Decision(
            source=value.source,
            kind=value.kind,
            value=value.value,
            field=field,
            target_code="" if choice == IGNORE else typed or chosen,
            ignored=choice == IGNORE,
            reason=self.cleaned_data["reason"],
        )


def choices_of(likely: list[Suggestion]) -> list[tuple[str, str]]:
    """Nothing yet, what is likely, a code typed beside, or left out."""
    return [
        (LATER, "Leave it waiting"),
        *((f"code:{one.code}", f"{one.name} ({one.code})") for one in likely),
        (OTHER, "Another code, typed beside"),
        (IGNORE, "Leave it out"),
    ]
