"""The form of an action on a gap."""

from typing import Any, ClassVar

from django import forms

from core.forms import DayInput, RowForm
from planning.forms.around import people
from planning.models import SupplyAction


class ActionForm(RowForm):
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = SupplyAction
        fields = ["action", "note", "owner", "due", "quantity"]
        labels: ClassVar[dict[str, str]] = {"note": "What will be done, or why nothing is", "due": "Until"}
        help_texts: ClassVar[dict[str, str]] = {
            "quantity": "Units or hours it is about, where that is known."
        }
        widgets: ClassVar[dict[str, Any]] = {"due": DayInput(), "note": forms.Textarea({"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.to_field_name = "email"
        owner.queryset = people()
