"""Forms of disputes: raising one, deciding it, giving it to another. Rules stay in the services."""

from typing import Any

from django import forms

from compensation.models import Dispute, DisputeAbout, Statement
from compensation.selectors.disputes import deals_to_name, own_statements, people_who_decide
from core.forms import MonthChoice
from core.models import Person
from crm.models import Deal


def money(label: str, **options: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=18, decimal_places=2, required=False, **options)


class DisputeForm(forms.Form):
    """Of the own statements; the line is known when the page was opened from one."""

    statement = forms.ModelChoiceField(Statement.objects.none(), label="Statement", empty_label=None)
    line = forms.IntegerField(widget=forms.HiddenInput, required=False)
    about = forms.ChoiceField(label="What is wrong", choices=DisputeAbout.choices)
    deal = forms.ModelChoiceField(
        Deal.objects.none(),
        label="Deal",
        required=False,
        empty_label="No deal named",
        help_text="Your own deals won in the twelve months before.",
    )
    text = forms.CharField(
        label="In your words",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What you expected, and why. Name the document that shows it.",
    )
    expected = money("What it should be", help_text="In the statement's currency, if you know it.")

    def __init__(self, *args: Any, person: Person, statement: Statement | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["statement"].queryset = own_statements(person)
        fields["statement"].label_from_instance = statement_words
        if statement is None:
            del self.fields["deal"]
        else:
            fields["deal"].queryset = deals_to_name(person, statement)


def statement_words(statement: Statement) -> str:
    """A statement as people name it."""
    return f"{statement.run.month:%B %Y}, {statement.currency.code}"


class DecideForm(forms.Form):
    accept = forms.ChoiceField(
        label="Decision", choices=[("yes", "Agree"), ("no", "Disagree")], widget=forms.RadioSelect
    )
    reason = forms.CharField(label="Why", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    amount = money(
        "Pay this adjustment",
        help_text="Proposed at once, approved by somebody else. Empty: the next run corrects it, or there is "
        "nothing to pay.",
    )
    month = MonthChoice(label="With the pay of", required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput)


class GiveDisputeForm(forms.Form):
    owner = forms.ModelChoiceField(Person.objects.none(), label="To", to_field_name="email")
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, dispute: Dispute, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        able = people_who_decide(person).exclude(pk=dispute.raised_by_id or 0)
        self.fields["owner"].queryset = able  # type: ignore[attr-defined]


class WithdrawForm(forms.Form):
    reason = forms.CharField(label="Why", max_length=500, required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput)
