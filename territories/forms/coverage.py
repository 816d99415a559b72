"""Forms of who covers a territory: giving, changing, ending a role; standing in; roles."""

import datetime as dt
from typing import Any

from django import forms
from django.db.models import QuerySet

from core.forms import DayField, RowForm
from core.models import Person
from crm.models import Rep
from crm.selectors.accounts import reps_visible_to
from territories.models import CoverageRole, Territory
from territories.selectors.coverage import roles_for

SHARE = "Of the credit for the accounts, 100 for all of it."
WHY = "Needed where days change that are over."


def reps_to_choose(person: Person | None) -> QuerySet[Rep]:
    """Active reps, by name."""
    return reps_visible_to(person).filter(is_active=True).order_by("name")


class CodeChoice(forms.ModelChoiceField):
    """A row by its code."""

    def __init__(self, queryset: QuerySet[Any], **options: Any) -> None:
        super().__init__(queryset, to_field_name="code", empty_label="Choose one", **options)


class GiveForm(forms.Form):
    """Who plays which role, from which day on."""

    role = CodeChoice(CoverageRole.objects.none(), label="Role")
    rep = CodeChoice(Rep.objects.none(), label="Rep")
    first = DayField(label="From")
    last = DayField(
        label="Up to and with", required=False, help_text="Empty: until the next change that is entered."
    )
    share = forms.DecimalField(
        label="Share, %",
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        initial=100,
        help_text=SHARE,
    )
    reason = forms.CharField(label="Why", required=False, max_length=500, help_text=WHY)

    def __init__(
        self, *args: Any, person: Person, territory: Territory, today: dt.date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        role: Any = self.fields["role"]
        rep: Any = self.fields["rep"]
        role.queryset, rep.queryset = roles_for(territory), reps_to_choose(person)
        self.fields["first"].initial = today


class ChangeForm(forms.Form):
    """Days and share of a role that a rep has."""

    first = DayField(label="From")
    last = DayField(label="Up to and with", required=False, help_text="Empty: open.")
    share = forms.DecimalField(
        label="Share, %", min_value=0, max_value=100, max_digits=5, decimal_places=2, help_text=SHARE
    )
    reason = forms.CharField(label="Why", required=False, max_length=500, help_text=WHY)


class EndForm(forms.Form):
    """The last day of a role."""

    last = DayField(label="Last day")
    reason = forms.CharField(label="Why", required=False, max_length=500, help_text=WHY)


class WhyForm(forms.Form):
    """Why something that has not begun is taken back."""

    reason = forms.CharField(label="Why", required=False, max_length=500)


class StandInForm(forms.Form):
    """Who stands in for a role, when and why."""

    role = CodeChoice(CoverageRole.objects.none(), label="Role")
    rep = CodeChoice(Rep.objects.none(), label="Stand-in")
    first = DayField(label="From")
    last = DayField(label="Up to and with", required=False, help_text="Empty: until further notice.")
    reason = forms.CharField(label="Why", max_length=500)

    def __init__(
        self, *args: Any, person: Person, territory: Territory, today: dt.date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        role: Any = self.fields["role"]
        rep: Any = self.fields["rep"]
        role.queryset, rep.queryset = roles_for(territory), reps_to_choose(person)
        self.fields["first"].initial = today


class CoverForm(forms.Form):
    """A cover that is there: who, when, why."""

    rep = CodeChoice(Rep.objects.none(), label="Stand-in")
    first = DayField(label="From")
    last = DayField(label="Up to and with", required=False, help_text="Empty: until further notice.")
    reason = forms.CharField(label="Why", max_length=500)

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rep: Any = self.fields["rep"]
        rep.queryset = reps_to_choose(person)


class RoleForm(RowForm):
    class Meta:
        model = CoverageRole
        fields = ["code", "name"]


class RoleChangeForm(RowForm):
    class Meta:
        model = CoverageRole
        fields = ["code", "name", "is_active"]
        labels = {"is_active": "In use"}
