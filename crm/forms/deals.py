"""Forms of deals, their stages and lines."""

from typing import Any

from django import forms

from catalog.selectors import currencies_visible_to, products_visible_to
from core.forms import DayInput, RowForm
from crm.models import Deal, DealLine, DealStage
from crm.selectors.accounts import accounts_visible_to, reps_visible_to
from crm.selectors.deals import deal_stages_visible_to

DAYS = ("created", "expected_close", "closed")


class DealForm(RowForm):
    visible = {
        "account": accounts_visible_to,
        "rep": reps_visible_to,
        "stage": deal_stages_visible_to,
        "product": products_visible_to,
        "currency": currencies_visible_to,
    }
    typed = frozenset({"account", "product"})

    class Meta:
        model = Deal
        fields = [
            *("name", "account", "rep", "stage", "amount", "currency", "expected_close", "next_step"),
            *("product", "probability", "category", "created", "closed", "lost_reason"),
        ]
        widgets = dict.fromkeys(DAYS, DayInput())
        labels = {
            "rep": "Owner",
            "probability": "Chance to win",
            "category": "Forecast category",
            "expected_close": "Expected to close",
            "lost_reason": "Lost because",
        }
        help_texts = {
            "account": "The code of the account that would buy.",
            "product": "The code of the product that it is about. More products: add lines to the deal.",
            "currency": "Empty: base currency.",
            "probability": "A share from 0 to 1. Empty: that of the stage.",
            "category": "Empty: that of the stage.",
            "created": "Empty: today.",
            "closed": "Empty: the day on which it came into a stage where deals end.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stage"].required = True


class NewDealForm(DealForm):
    """A deal that is written here has a name; what CRMs tell of need not have one yet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True


class DealStageForm(RowForm):
    class Meta:
        model = DealStage
        fields = ["code", "name", "position", "kind", "probability", "category"]
        labels = {"probability": "Chance to win", "category": "Forecast category"}
        help_texts = {
            "position": "Stages stand in this order.",
            "kind": "Open, or how a deal ends there.",
            "probability": "The share of deals here that are won in the end, from 0 to 1.",
        }


class DealLineForm(RowForm):
    visible = {"product": products_visible_to}
    typed = frozenset({"product"})

    class Meta:
        model = DealLine
        fields = ["product", "text", "quantity", "amount"]
        help_texts = {
            "product": "The code of the product.",
            "text": "What it is, where there is no product of ours.",
            "amount": "Of the whole line, in the deal's currency.",
        }


class ReasonForm(forms.Form):
    """One sentence: why."""

    reason = forms.CharField(label="Why", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
