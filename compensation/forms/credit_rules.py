"""The form of a rule of crediting."""

from typing import Any

from django import forms

from catalog.models import Family, Market
from compensation.models import Basis, CreditKind, CreditRule, Getter, PayRole
from core.forms import DayField
from core.models import Person
from crm.models import Rep
from territories.forms.coverage import CodeChoice
from territories.models import CoverageRole

KINDS = [choice for choice in CreditKind.choices if choice[0] != CreditKind.SPLIT]


class Words(forms.CharField):
    """Names with commas between them, as a list."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        return [one.strip() for one in text.split(",") if one.strip()]

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.prepare_value(initial) != data


def _choice(model: Any, label: str, **options: Any) -> Any:
    field = CodeChoice(model.objects.order_by("name"), label=label, required=False, **options)
    field.empty_label = "None"
    return field


class RuleForm(forms.Form):
    """Kind, who gets it, on which days, of what."""

    name = forms.CharField(label="Name", max_length=120)
    kind = forms.ChoiceField(
        label="Kind",
        choices=KINDS,
        help_text="Direct rules are tried by position until one finds somebody; the others add to it.",
    )
    position = forms.IntegerField(
        label="Position", min_value=0, max_value=32767, initial=10, help_text="Small ones come first."
    )
    first = DayField(label="From", required=False, help_text="Empty: always.")
    last = DayField(label="Up to and with", required=False, help_text="Empty: until further notice.")
    getter = forms.ChoiceField(label="Who gets it", choices=Getter.choices)
    coverage_role = _choice(
        CoverageRole, "Role of coverage", help_text="For “Who covers the account on that day”."
    )
    rep = _choice(Rep, "Rep", help_text="For “A named rep”.")
    levels = forms.IntegerField(
        label="Managers up", min_value=1, max_value=9, initial=1, help_text="For roll-up: how many levels."
    )
    percent = forms.DecimalField(
        label="Share, %",
        max_digits=9,
        decimal_places=6,
        initial=100,
        min_value=0,
        help_text="Of what is credited directly. Direct credit itself is always 100 %.",
    )
    bases = forms.MultipleChoiceField(
        label="Of what",
        choices=Basis.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked: everything.",
    )
    market = _choice(Market, "Market", help_text="With all below it. Empty: everywhere.")
    family = _choice(Family, "Product family", help_text="With all below it. Empty: all products.")
    pipelines = Words(
        label="Pipelines", required=False, help_text="Names with commas between them. Empty: all."
    )
    pay_role = _choice(PayRole, "Only for the role", help_text="Of who gets it, on that day.")
    is_active = forms.BooleanField(label="In use", required=False, initial=True)
    reason = forms.CharField(label="Why", required=False, max_length=500)

    def __init__(self, *args: Any, person: Person, **options: Any) -> None:
        super().__init__(*args, **options)
        self.person = person


def initial_of(rule: CreditRule) -> dict[str, Any]:
    """A rule as the form shows it."""
    names = ("name", "kind", "position", "getter", "levels", "percent", "bases", "pipelines", "is_active")
    codes = ("coverage_role", "rep", "market", "family", "pay_role")
    return {
        **{name: getattr(rule, name) for name in names},
        **{name: row.code if (row := getattr(rule, name)) else None for name in codes},
        "percent": f"{rule.percent.normalize():f}",
    }
