"""The form of a file of quotas."""

from django import forms

from core.uploads import small_enough


class QuotaFileForm(forms.Form):
    file = forms.FileField(
        label="CSV file", validators=[small_enough], widget=forms.FileInput(attrs={"accept": ".csv"})
    )
