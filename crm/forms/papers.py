"""Forms of order papers."""

from typing import Any

from django import forms

from catalog.selectors import currencies_visible_to
from core.forms import DayInput, RowForm
from core.models import Person
from core.roles import ACTIONS
from crm.models import Deal, OrderPaper
from crm.selectors.accounts import accounts_visible_to
from crm.selectors.deals import live_deals_visible_to
from crm.selectors.papers import papers_visible_to


class TypedChoice(forms.ModelChoiceField):
    """A row among many thousands: typed, not chosen from a list."""

    widget = forms.TextInput
    several = ""

    def prepare_value(self, value: Any) -> Any:
        model: Any = self.queryset.model  # type: ignore[union-attr]
        return self.shown(value) if isinstance(value, model) else value

    def shown(self, row: Any) -> str:
        """How the row is written into the field."""
        return str(row)

    def found(self, text: str) -> list[Any]:
        """The rows that the text may mean, two at the most."""
        raise TypeError(f"{type(self).__name__} looks nothing up: define found()")

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()
        if not text:
            return None
        rows = self.found(text)
        if len(rows) == 1:
            return rows[0]
        if rows:
            raise forms.ValidationError(self.several.format(text=text))
        raise forms.ValidationError(f"Nothing that you may see is called “{text}”. Look it up in its list.")


class DealChoice(TypedChoice):
    """A deal by its id in the CRM, with or without the CRM before it, or by its name."""

    several = "Several deals are called “{text}”. Write the CRM and the id, such as hubspot:4711."

    def shown(self, row: Deal) -> str:
        return f"{row.source}:{row.external_id}"

    def found(self, text: str) -> list[Any]:
        deals: Any = self.queryset
        source, _, key = text.partition(":")
        exact = list(deals.filter(source=source, external_id=key)[:2]) if key else []
        return exact or list(deals.filter(external_id=text)[:2]) or list(deals.filter(name=text)[:2])


class PaperChoice(TypedChoice):
    """A paper by its number, with or without its kind before it."""

    several = "Several papers have the number “{text}”. Write the kind before it, such as “Order {text}”."

    def found(self, text: str) -> list[Any]:
        papers: Any = self.queryset
        word, _, number = text.partition(" ")
        exact = list(papers.filter(kind=word.lower(), number=number.strip())[:2]) if number else []
        return exact or list(papers.filter(number=text)[:2])


def offer_owners(field: Any) -> None:
    """Let a field choose, by e-mail address, among the people who may look after a paper."""
    field.to_field_name, field.queryset = "email", people_with("papers.edit")


def people_with(action: str) -> Any:
    """The active people whose role allows an action."""
    roles = [role.value for role in ACTIONS[action].roles]
    return Person.objects.filter(is_active=True, roles__overlap=roles).order_by("name")


def document_field() -> forms.URLField:
    """Where the document lies; without a scheme, https."""
    return forms.URLField(
        label="Address of the document", max_length=500, required=False, assume_scheme="https"
    )


class PaperForm(RowForm):
    """Everything that a paper says."""

    visible = {"account": accounts_visible_to, "currency": currencies_visible_to}
    typed = frozenset({"account"})
    field_order = [
        *("kind", "number", "deal", "account", "follows", "amount", "currency", "discount_percent"),
        *("due", "document", "owner"),
    ]
    document = document_field()
    deal = DealChoice(Deal.objects.none(), required=False, help_text="Its id in the CRM, or its name.")
    follows = PaperChoice(
        OrderPaper.objects.none(),
        required=False,
        help_text="The number of the paper before it, such as Q-2026-0007.",
    )

    class Meta:
        model = OrderPaper
        fields = [
            *("kind", "number", "account", "amount", "currency", "discount_percent", "due", "owner"),
        ]
        labels = {
            "discount_percent": "Discount (%)",
            "due": "Due day",
        }
        help_texts = {
            "number": "Empty: the next of its kind.",
            "account": "The code of the customer. Empty: that of the deal.",
            "due": "Answer, signature, delivery or payment by then.",
            "owner": "Who looks after it. Empty: who sells the deal.",
        }
        widgets = {"due": DayInput}

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, person=person, **kwargs)
        for name in ("number", "account", "discount_percent"):
            self.fields[name].required = False
        for name in ("amount", "currency"):
            self.fields[name].required = True
        deal, follows = self.fields["deal"], self.fields["follows"]
        deal.queryset = live_deals_visible_to(person)  # type: ignore[attr-defined]
        follows.queryset = papers_visible_to(person)  # type: ignore[attr-defined]
        offer_owners(self.fields["owner"])

    def clean_discount_percent(self) -> Any:
        return self.cleaned_data["discount_percent"] or 0


class RestOfPaperForm(RowForm):
    """What of a paper may still change once somebody has seen it."""

    field_order = ["due", "document", "owner"]
    document = document_field()

    class Meta:
        model = OrderPaper
        fields = ["due", "owner"]
        labels = PaperForm.Meta.labels
        help_texts = PaperForm.Meta.help_texts
        widgets = {"due": DayInput}

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, person=person, **kwargs)
        offer_owners(self.fields["owner"])


class OwnerForm(RestOfPaperForm):
    """Of another system's paper only who looks after it is ours."""

    document = None  # type: ignore[assignment]

    class Meta(RestOfPaperForm.Meta):
        fields = ["owner"]


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label="Why?", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class DeliveryForm(forms.Form):
    """How much is delivered."""

    delivered_percent = forms.DecimalField(
        label="Delivered (%)", max_digits=5, decimal_places=2, min_value=0, max_value=100
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)
