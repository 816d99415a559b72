"""Forms of leads: added, corrected, moved, given, and asked for by strangers."""

from typing import Any, ClassVar

from django import forms

from catalog.models import Currency
from catalog.selectors import currencies_visible_to, markets_visible_to
from core.forms import DayField, RowForm
from crm.engine.lead_moves import DISQUALIFIED_BECAUSE
from crm.models import Account, Lead, LeadSource, Rep
from crm.selectors.accounts import accounts_visible_to, reps_visible_to
from crm.selectors.leads import lead_sources_visible_to

MOST_TEXT = 5_000
LABELS: dict[str, Any] = {
    "email": "E-mail",
    "text": "What they want",
    "name": "Who to call",
    "employees": "Employees",
}


class LeadForm(RowForm):
    visible = {
        "source": lead_sources_visible_to,
        "market": markets_visible_to,
        "account": accounts_visible_to,
        "owner": reps_visible_to,
    }
    typed = frozenset({"account"})

    class Meta:
        model = Lead
        fields: ClassVar[list[str]] = [
            *("source", "company", "name", "email", "phone", "country", "market", "employees", "text"),
            *("account", "owner"),
        ]
        labels = LABELS
        help_texts: ClassVar[dict[str, Any]] = {
            "account": "Its code, where the customer is known. Empty: found by e-mail or company.",
            "owner": "Empty: the rules decide who gets it.",
            "employees": "",
        }
        widgets: ClassVar[dict[str, Any]] = {"text": forms.Textarea({"rows": 4})}


class LeadChangeForm(LeadForm):
    visible = {name: seen for name, seen in LeadForm.visible.items() if name != "owner"}

    class Meta(LeadForm.Meta):
        fields: ClassVar[list[str]] = [name for name in LeadForm.Meta.fields if name != "owner"]
        help_texts: ClassVar[dict[str, Any]] = {"account": "Its code, where the customer is known."}


class DisqualifyForm(forms.Form):
    reason = forms.ChoiceField(
        label="Because", choices=[("", "Choose a reason"), *((one, one) for one in DISQUALIFIED_BECAUSE)]
    )
    note = forms.CharField(label="Note", max_length=200, required=False)


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Why", max_length=200)


class GiveForm(forms.Form):
    rep = forms.ModelChoiceField(label="To", queryset=Rep.objects.none(), to_field_name="code")
    reason = forms.CharField(label="Why", max_length=200, required=False)

    def __init__(self, *args: Any, person: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rep"].queryset = reps_visible_to(person).filter(is_active=True).order_by("name")  # type: ignore[attr-defined]


class ConvertForm(forms.Form):
    """`account` is typed: there are many thousands."""

    name = forms.CharField(label="Name of the deal", max_length=250)
    account = forms.ModelChoiceField(
        label="Account",
        queryset=Account.objects.none(),
        to_field_name="code",
        required=False,
        widget=forms.TextInput,
        help_text="Its code. Empty: an account is made of the company.",
        error_messages={"invalid_choice": "Nothing has the code “%(value)s”. Look it up in its list."},
    )
    amount = forms.DecimalField(label="Amount", max_digits=18, decimal_places=4, required=False)
    currency = forms.ModelChoiceField(
        label="Currency",
        queryset=Currency.objects.none(),
        to_field_name="code",
        required=False,
        empty_label="Base currency",
    )
    expected_close = DayField(label="Expected to close", required=False)

    def __init__(self, *args: Any, person: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = accounts_visible_to(person)  # type: ignore[attr-defined]
        self.fields["currency"].queryset = currencies_visible_to(person)  # type: ignore[attr-defined]


class MergeForm(forms.Form):
    into = forms.ModelChoiceField(
        label="Into lead",
        queryset=Lead.objects.none(),
        widget=forms.NumberInput,
        help_text="Its number: it stands in the address of its page.",
        error_messages={"invalid_choice": "There is no lead %(value)s that you may see."},
    )


class PublicForm(forms.Form):
    """What a stranger writes. `website` is hidden from people: only programs fill it in."""

    company = forms.CharField(label="Company", max_length=200, required=False)
    name = forms.CharField(label="Your name", max_length=120)
    email = forms.EmailField(label="E-mail", max_length=254)
    phone = forms.CharField(label="Phone", max_length=40, required=False)
    country = forms.CharField(label="Country", max_length=80, required=False)
    text = forms.CharField(
        label="What can we do for you?",
        max_length=MOST_TEXT,
        required=False,
        widget=forms.Textarea({"rows": 5}),
    )
    website = forms.CharField(
        label="Leave this empty",
        required=False,
        widget=forms.TextInput({"tabindex": "-1", "autocomplete": "off"}),
    )


class SourceForm(RowForm):
    class Meta:
        model = LeadSource
        fields: ClassVar[list[str]] = ["code", "name", "takes_form", "is_active"]
        labels: ClassVar[dict[str, Any]] = {"takes_form": "Its public form is open", "is_active": "Active"}
        help_texts: ClassVar[dict[str, Any]] = {
            "code": "Short, without spaces: it is part of the form's address.",
            "takes_form": "Everybody who has the address may write.",
        }
