"""Forms of data sources: their set-up and their control totals."""

from django import forms

from core.forms import RowForm
from core.models import Person
from core.roles import Role
from gathering.datasets import DATASETS
from gathering.models import DataSource, ImportProfile


class SourceForm(RowForm):
    """What a source is, who brings it and by when."""

    dataset = forms.ChoiceField(
        label="What the rows are", choices=lambda: [(d.code, d.label) for d in DATASETS.values()]
    )
    owner = forms.ModelChoiceField(label="Owner", queryset=Person.objects.none())
    profile = forms.ModelChoiceField(
        label="Import profile",
        queryset=ImportProfile.objects.filter(is_active=True),
        required=False,
        help_text="Only files read with it count as this source. Empty: every file of these rows.",
    )
    visible = {
        "owner": lambda person: Person.objects.filter(
            is_active=True, roles__overlap=[Role.MANAGER, Role.ANALYST, Role.COORDINATOR]
        )
    }

    keys = {"owner": "email"}

    class Meta:
        model = DataSource
        fields = [
            "code",
            "name",
            "dataset",
            "profile",
            "owner",
            "due_workday",
            "is_required",
            "is_active",
            "instructions",
        ]
        labels = {
            "due_workday": "Due on workday",
            "is_required": "The month cannot be closed without it",
            "is_active": "In use",
        }
        help_texts = {
            "code": "Short and lasting. Imports that name it as their source belong to it.",
            "due_workday": "1 is the first working day of the month.",
        }


class TotalsForm(forms.Form):
    """What the source system says should have come."""

    control_rows = forms.IntegerField(label="Rows", min_value=0, required=False)
    control_quantity = forms.DecimalField(label="Quantity", max_digits=18, decimal_places=4, required=False)
    control_money = forms.DecimalField(label="Money", max_digits=18, decimal_places=4, required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput)
