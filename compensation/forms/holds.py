"""Forms of holds."""

from typing import Any

from django import forms
from django.utils import timezone

from core.forms import DayField
from core.models import Person
from crm.models import Deal, Rep
from crm.selectors.accounts import reps_visible_to
from crm.selectors.deals import live_deals_visible_to
from territories.forms.coverage import CodeChoice

PERCENT: dict[str, Any] = {"max_digits": 9, "decimal_places": 6, "min_value": 0, "max_value": 100}


class ChangeHoldForm(forms.Form):
    """How much waits, of which component, since when and why."""

    component = forms.CharField(
        label="Component", required=False, max_length=60, help_text="Its code in the plan. Empty: all."
    )
    percent = forms.DecimalField(label="How much of the pay, %", initial=100, **PERCENT)
    since = DayField(label="From", help_text="The pay of this day's month and later ones waits.")
    reason = forms.CharField(label="Why", max_length=500)


class HoldForm(ChangeHoldForm):
    """A deal, a rep, or a rep for a deal."""

    deal = forms.CharField(
        label="Deal",
        required=False,
        max_length=200,
        help_text="Its id in the CRM. Its own lines wait, and its share of what pays for a whole period.",
    )
    rep = CodeChoice(Rep.objects.none(), label="Rep", required=False)
    field_order = ["deal", "rep", "component", "percent", "since", "reason"]

    def __init__(self, *args: Any, person: Person, **options: Any) -> None:
        super().__init__(*args, **options)
        self.person = person
        rep: Any = self.fields["rep"]
        rep.queryset = reps_visible_to(person).order_by("name")
        self.fields["since"].initial = timezone.localdate()

    def clean_deal(self) -> Deal | None:
        """A deal that the person may see, by its id or number."""
        text = self.cleaned_data["deal"].strip()
        if not text:
            return None
        deals = live_deals_visible_to(self.person)
        found = list(deals.filter(external_id=text)[:2])
        if not found and text.isdecimal() and len(text) < 19:
            found = list(deals.filter(pk=int(text)))
        if len(found) != 1:
            what = "Several systems have" if found else "There is no"
            raise forms.ValidationError(f"{what} deal “{text}”. Open the deal and hold its pay from there.")
        return found[0]


class ReleaseForm(forms.Form):
    """When it is paid, and why now."""

    released = DayField(label="On", help_text="It is paid with the month of this day.")
    reason = forms.CharField(label="Why", max_length=500)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["released"].initial = timezone.localdate()
