"""The form of a file of quotas."""

from django import forms


class QuotaFileForm(forms.Form):
    file = forms.FileField(label="CSV file", widget=forms.FileInput(attrs={"accept": ".csv"}))
