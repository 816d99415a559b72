"""The forms of an account's work and of a rep's base."""

from django import forms

from core.forms import RowForm
from core.uploads import small_enough
from territories.models import AccountWork, RepBase

PLACE = {
    "latitude": "In degrees: 52.52. South is negative.",
    "longitude": "In degrees: 13.405. West is negative.",
}


class AccountWorkForm(RowForm):
    class Meta:
        model = AccountWork
        fields = ["latitude", "longitude", "potential", "calls_a_year", "hours_a_call", "needs"]
        labels = {
            "calls_a_year": "Calls a year",
            "hours_a_call": "Hours a call",
            "needs": "What the rep must bring",
        }
        help_texts = PLACE | {
            "calls_a_year": "How often a rep visits: 12 is once a month.",
            "hours_a_call": "Without travel.",
            "needs": "Skills and languages, with commas between: german, hospital.",
        }


class RepBaseForm(RowForm):
    class Meta:
        model = RepBase
        fields = ["latitude", "longitude", "share", "most_accounts", "hours_a_year", "skills"]
        labels = {
            "share": "Share of a full territory",
            "most_accounts": "Most accounts",
            "hours_a_year": "Hours a year",
        }
        help_texts = PLACE | {"skills": "Skills and languages, with commas between: german, hospital."}


class WorkFileForm(forms.Form):
    file = forms.FileField(
        label="CSV file", validators=[small_enough], widget=forms.FileInput(attrs={"accept": ".csv"})
    )
