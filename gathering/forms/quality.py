"""Forms of findings: the reason of a waiver, the person they are given to."""

from typing import Any

from django import forms

from core.models import Person
from core.roles import Role


class ReasonForm(forms.Form):
    """One reason, in a sentence."""

    reason = forms.CharField(
        label="Why", max_length=500, widget=forms.Textarea({"rows": 3}), help_text="One sentence. It is kept."
    )


class AssignForm(forms.Form):
    """Who looks after the findings."""

    owner = forms.ModelChoiceField(label="Give to", queryset=Person.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [Role.MANAGER, Role.ANALYST, Role.COORDINATOR, Role.VP]
        people = Person.objects.filter(is_active=True, roles__overlap=roles).order_by("name")
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]
