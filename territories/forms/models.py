"""Forms of territory models and territories. They clean what was typed; services judge it."""

from typing import Any

from django import forms

from catalog.selectors import markets_visible_to
from core.forms import DayField, RowForm
from territories.models import Territory, TerritoryModel
from territories.selectors.models import overlay_roles, territories_visible_to


class ModelForm(RowForm):
    class Meta:
        model = TerritoryModel
        fields = ["code", "name", "description"]
        help_texts = {
            "code": "Short and unique, such as fy27.",
            "description": "What this map is for, and what is new in it.",
        }
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}


class CopyForm(forms.Form):
    """A copy's name."""

    code = forms.CharField(label="Code", max_length=60, help_text="Short and unique, such as fy28.")
    name = forms.CharField(label="Name", max_length=200)
    description = forms.CharField(
        label="Description", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class ActivateForm(forms.Form):
    """The first day of a model, and whether its warnings are accepted."""

    first_day = DayField(label="First day", help_text="The model in force ends the day before.")
    despite = forms.BooleanField(
        label="Put it into force although something is missing",
        required=False,
        help_text="Accounts without a territory and territories without a rep stay in the lists of gaps.",
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)


class ArchiveForm(forms.Form):
    """The last day of the model in force."""

    last_day = DayField(label="Last day", help_text="From the day after, no account has a territory.")
    revision = forms.IntegerField(widget=forms.HiddenInput)


class DeleteForm(forms.Form):
    """Nothing but the revision that was seen."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


class TerritoryForm(RowForm):
    visible = {"market": markets_visible_to, "role": overlay_roles}

    class Meta:
        model = Territory
        fields = ["code", "name", "parent", "type", "role", "market", "description"]
        labels = {"parent": "Lies below", "role": "Overlay role"}
        help_texts = {
            "code": "Unique in this model.",
            "role": "Only for the type “Overlay”: the role whose accounts it holds.",
            "market": "Where it mostly sells, for quotas and reports. Rules decide the accounts.",
        }
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, person: Any, model: TerritoryModel, **kwargs: Any) -> None:
        super().__init__(*args, person=person, **kwargs)
        parents = territories_visible_to(person).filter(model=model)
        self._offer(self.fields["parent"], "parent", parents.order_by("code"))


class RunForm(forms.Form):
    """From which day rules hold, and whether decisions of people stay."""

    from_day = DayField(
        label="From",
        required=False,
        help_text="Empty: from today, or from the first day of a model that is not in force yet.",
    )
    renew_decided = forms.BooleanField(
        label="Also move accounts that people, files or realignments placed",
        required=False,
        help_text="Without the tick they stay where they were put.",
    )
