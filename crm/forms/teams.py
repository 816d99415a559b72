"""Forms of teams and of who belongs to them."""

import datetime as dt

from django import forms

from core.forms import DayField, RowForm
from core.models import Person
from crm.models import Rep, Team
from crm.selectors.accounts import reps_visible_to


class TeamForm(RowForm):
    visible = {"leader": reps_visible_to}

    class Meta:
        model = Team
        fields = ["code", "name", "leader", "is_active"]
        labels = {"is_active": "Active"}


class MemberForm(forms.Form):
    """Who belongs to the team, from which day on."""

    rep = forms.ModelChoiceField(Rep.objects.none(), label="Rep", to_field_name="code")
    first = DayField(label="From")
    last = DayField(label="Up to and with", required=False, help_text="Empty: until another team follows.")

    def __init__(self, *args: object, person: Person, today: dt.date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field: forms.ModelChoiceField = self.fields["rep"]  # type: ignore[assignment]
        field.queryset = reps_visible_to(person).filter(is_active=True).order_by("name")
        self.fields["first"].initial = today


class EndForm(forms.Form):
    """The last day of a membership."""

    last = DayField(label="Last day")
