"""Forms of quotas for pay and scores. Rules stay in the services."""

from decimal import Decimal
from typing import Any

from django import forms

from compensation.forms.plans import CodeChoice, money
from compensation.selectors.plans import plans_visible_to
from core.forms import MonthChoice
from core.models import Person
from core.uploads import small_enough
from crm.selectors.accounts import reps_visible_to

SPANS = [(12, "A year"), (6, "A half"), (3, "A quarter"), (1, "A month")]


class OfRepForm(forms.Form):
    """Something about a rep on a plan."""

    plan = CodeChoice("Plan")
    rep = CodeChoice("Rep")

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plan: Any = self.fields["plan"]
        rep: Any = self.fields["rep"]
        plan.offer(plans_visible_to(person).filter(is_active=True).order_by("name"))
        rep.offer(reps_visible_to(person).filter(is_active=True).order_by("name"))


class QuotaForm(OfRepForm):
    component = forms.CharField(
        label="Component", required=False, max_length=60, help_text="Its code. Empty: all of the plan."
    )
    first_month = MonthChoice(label="From month")
    months = forms.TypedChoiceField(label="For", choices=SPANS, coerce=int)
    amount = money("Quota", required=True, help_text="In the plan's currency, or units.")
    reason = forms.CharField(label="Why", required=False, max_length=500)


class QuotaChangeForm(forms.Form):
    amount = money("Quota", required=True, help_text="In the plan's currency, or units.")
    reason = forms.CharField(label="Why", required=False, max_length=500)


def reached() -> forms.DecimalField:
    return forms.DecimalField(
        label="Reached, %",
        min_value=0,
        max_value=Decimal("99999"),
        max_digits=9,
        decimal_places=4,
        help_text="100 for all of it.",
    )


class ScoreForm(OfRepForm):
    component = forms.CharField(label="Component", max_length=60, help_text="The code of the scorecard.")
    objective = forms.CharField(label="Objective", max_length=60, help_text="Its code.")
    month = MonthChoice(label="Month", help_text="The last month of the period.")
    percent = reached()
    note = forms.CharField(label="Note", required=False, max_length=500)


class ScoreChangeForm(forms.Form):
    percent = reached()
    note = forms.CharField(label="Note", required=False, max_length=500)


class TableFileForm(forms.Form):
    file = forms.FileField(
        label="CSV file", validators=[small_enough], widget=forms.FileInput(attrs={"accept": ".csv"})
    )
