"""Forms of stages 4 and 5. Rules are the services'."""

from typing import Any

from django import forms

from planning.engine.moves import STAGES
from planning.models import ApprovalRequest, StageName, Told, Verdict
from planning.models.releases import told_at_first


class SettleForm(forms.Form):
    """What is decided about one contradiction, or that the executives decide it."""

    gap = forms.CharField(max_length=120, widget=forms.HiddenInput)
    decided = forms.CharField(max_length=300, required=False, label="What is decided")
    reason = forms.CharField(max_length=2000, required=False, label="Why")
    asks_executives = forms.BooleanField(required=False, label="The executives decide it before the release")


class SignForm(forms.Form):
    """A verdict with the password as signature."""

    verdict = forms.ChoiceField(choices=Verdict.choices, widget=forms.RadioSelect, label="Your verdict")
    to_stage = forms.ChoiceField(
        choices=[("", "–"), *((name, StageName(name).label) for name in STAGES[:-1])],
        required=False,
        label="Back to",
        help_text="Only to reject: the stage that has to be done again.",
    )
    text = forms.CharField(
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="What has to change, or why you reject",
        help_text="Not needed to approve.",
    )
    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        strip=False,
        label="Your password",
        help_text="It is your signature: your name, the time and the hash of the plan are kept for good.",
    )
    request = forms.ModelChoiceField(queryset=ApprovalRequest.objects.all(), widget=forms.HiddenInput)


class SubscriptionForm(forms.Form):
    """Who is told of what."""

    label = forms.CharField(max_length=80, label="Name")
    url = forms.URLField(
        max_length=500,
        assume_scheme="https",
        label="Address",
        help_text="Receives an HTTPS POST for each event, signed as in Standard Webhooks.",
    )
    events = forms.MultipleChoiceField(
        choices=Told.choices,
        initial=told_at_first,
        widget=forms.CheckboxSelectMultiple,
        label="Tell it of",
    )
    is_active = forms.BooleanField(required=False, initial=True, label="Send to it")


def initial_verdict(approval_request: ApprovalRequest | None) -> dict[str, Any]:
    """The form of an open request: nothing is chosen for the person."""
    return {"request": approval_request.pk} if approval_request else {}
