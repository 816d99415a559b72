"""Forms of cancellations."""

from typing import Any

from django import forms

from compensation.models import CancellationKind
from core.forms import DayField
from core.models import Person
from core.uploads import small_enough
from crm.models import Deal
from crm.selectors.bookings import won_deals

PERCENT: dict[str, Any] = {"max_digits": 9, "decimal_places": 6, "min_value": 0, "max_value": 100}


class ChangeCancellationForm(forms.Form):
    """What happened, when, how much of the deal, and why."""

    kind = forms.ChoiceField(label="What happened", choices=CancellationKind.choices)
    day = DayField(label="On", help_text="The credit is taken back on this day.")
    percent = forms.DecimalField(label="How much of the deal, %", initial=100, **PERCENT)
    reason = forms.CharField(label="Why", max_length=500)


class CancellationForm(ChangeCancellationForm):
    """The deal is named by its id in the CRM."""

    deal = forms.CharField(
        label="Deal", max_length=200, help_text="Its id in the CRM, or its number in the address of its page."
    )
    field_order = ["deal", "kind", "day", "percent", "reason"]

    def __init__(self, *args: Any, person: Person, **options: Any) -> None:
        super().__init__(*args, **options)
        self.person = person

    def clean_deal(self) -> Deal:
        """A won deal that the person may see."""
        text = self.cleaned_data["deal"].strip()
        deals = won_deals(self.person)
        found = list(deals.filter(external_id=text)[:2])
        if len(found) > 1:
            systems = " and ".join(deal.source for deal in found)
            raise forms.ValidationError(f"{systems} have such a deal. Open it and cancel it from there.")
        if not found and text.isdecimal() and len(text) < 19:
            found = list(deals.filter(pk=int(text)))
        if not found:
            raise forms.ValidationError(f"There is no won deal “{text}”. Write its id in the CRM.")
        return found[0]


class TakeAwayForm(forms.Form):
    reason = forms.CharField(label="Why it is taken away", max_length=500)


class CancellationFileForm(forms.Form):
    file = forms.FileField(
        label="CSV file", validators=[small_enough], widget=forms.FileInput(attrs={"accept": ".csv"})
    )
