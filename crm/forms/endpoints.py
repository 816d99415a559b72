"""Forms of connections: a new one, its secret, what may be changed later."""

from typing import Any

from django import forms

from core.forms import RowForm
from crm.engine.webhooks.guides import Guide
from crm.models import Endpoint

SOURCE_HELP = (
    "A short name of the CRM, such as hubspot-eu. Two connections of one CRM share it, and imports of its "
    "files. Empty: made from the name."
)


class EndpointForm(forms.Form):
    """A new connection. The secret is asked for only where the CRM makes it."""

    label = forms.CharField(label="Name", max_length=80, help_text="How the lists call it.")
    source = forms.SlugField(label="CRM", max_length=60, required=False, help_text=SOURCE_HELP)
    secret = forms.CharField(
        max_length=500, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, guide: Guide, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if guide.is_ours or guide.comes_late:
            del self.fields["secret"]
            return
        field = self.fields["secret"]
        field.label, field.help_text = guide.secret_label, guide.secret_help


class SecretForm(forms.Form):
    """Another secret: pasted, or made here where the field is empty and we choose it."""

    secret = forms.CharField(
        max_length=500, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    keep_old_hours = forms.IntegerField(
        label="The old one stays good for",
        min_value=0,
        max_value=720,
        initial=24,
        help_text="Hours. Both are accepted meanwhile: nothing is lost while you change it in the CRM.",
    )

    def __init__(self, *args: Any, guide: Guide, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["secret"]
        field.label = f"New {guide.secret_label[0].lower()}{guide.secret_label[1:]}"
        field.required = not guide.is_ours
        field.help_text = guide.secret_help if field.required else "Empty: a new one is made and shown once."
        field.error_messages["required"] = "Paste the secret that the CRM shows."


class EndpointEditForm(RowForm):
    public_url = forms.URLField(
        label="Public address",
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text="Where the CRM reaches us, if that differs from the address shown: what stands before "
        "/hooks/, or the whole address. HubSpot signs it.",
    )

    class Meta:
        model = Endpoint
        fields = ["label", "public_url", "silence_hours", "adds_accounts", "is_active"]
        labels = {
            "label": "Name",
            "silence_hours": "Alarm after hours of silence",
            "adds_accounts": "Add accounts that the CRM tells of",
            "is_active": "On",
        }
        help_texts = {
            "silence_hours": "0: no alarm.",
            "is_active": "While it is off, everything sent to it is turned away; the CRM tries again later.",
        }
