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
WAYS: dict[tuple[str, str], tuple[str, str]] = {
    ("direct", "deal_rep"): (
        "Direct: the deal’s rep",
        "Whoever the deal, invoice or order names gets all of it.",
    ),
    ("direct", "coverage"): (
        "Direct: who covers the account",
        "Whoever covered the account in a role on that day gets all of it.",
    ),
    ("direct", "rep"): (
        "Direct: a named rep",
        "One rep gets all of what the rule is about: a market, a product family, a pipeline.",
    ),
    ("overlay", "coverage"): (
        "Overlay: who covers the account in a second role",
        "A specialist of the account gets a share on top of the direct credit.",
    ),
    ("overlay", "rep"): ("Overlay: a named rep", "One rep gets a share on top of the direct credit."),
    ("overlay", "deal_rep"): (
        "Overlay: the deal’s rep",
        "The rep of the deal gets a share on top, where another rule gives somebody else the direct credit.",
    ),
    ("roll_up", "manager"): (
        "Roll-up to managers",
        "The managers above those who are credited get a share too, as many levels up as you say.",
    ),
    ("team", "team"): ("Team", "Everybody in the team of those who are credited gets a share too."),
}
ASKED = {"coverage": "coverage_role", "rep": "rep", "manager": "levels"}
UNUSED = {"coverage_role": None, "rep": None, "levels": 1}
OF_WHAT = ("bases", "market", "family", "pipelines", "pay_role")
WHEN = ("first", "last", "is_active", "reason")
WHOLE = 100


class Words(forms.CharField):
    """Names with commas between them, as a list."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        return [one.strip() for one in text.split(",") if one.strip()]

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.prepare_value(initial) != data


def _choice(model: Any, label: str, without: str, **options: Any) -> Any:
    """without: what holds where none is chosen."""
    field = CodeChoice(model.objects.order_by("name"), label=label, **{"required": False} | options)
    field.empty_label = without
    return field


def _needed(model: Any, label: str, missing: str, **options: Any) -> Any:
    return _choice(model, label, "Choose one", required=True, error_messages={"required": missing}, **options)


class RuleForm(forms.Form):
    """Who gets it, of what, on which days: only what a rule of this kind and getter asks for."""

    kind = forms.ChoiceField(label="Kind", choices=KINDS, widget=forms.HiddenInput)
    getter = forms.ChoiceField(label="Who gets it", choices=Getter.choices, widget=forms.HiddenInput)
    name = forms.CharField(label="Name", max_length=120, help_text="As statements name it.")
    coverage_role = _needed(
        CoverageRole,
        "Role of coverage",
        "Choose the role of coverage.",
        help_text="Whoever covers the account in this role on that day.",
    )
    rep = _needed(Rep, "Rep", "Choose the rep.")
    levels = forms.IntegerField(
        label="Managers up", min_value=1, max_value=9, initial=1, help_text="1 is the manager only."
    )
    percent = forms.DecimalField(
        label="Share, %",
        max_digits=9,
        decimal_places=6,
        initial=100,
        min_value=0,
        help_text="Of the direct credit. It comes on top: nobody else gets less.",
    )
    position = forms.IntegerField(
        label="Position",
        min_value=0,
        max_value=32767,
        initial=10,
        help_text="Direct rules are tried from the smallest position on until one finds somebody.",
    )
    bases = forms.MultipleChoiceField(
        label="What counts",
        choices=Basis.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked: everything.",
    )
    market = _choice(Market, "Market", "Everywhere", help_text="With all below it.")
    family = _choice(Family, "Product family", "All products", help_text="With all below it.")
    pipelines = Words(
        label="Pipelines", required=False, help_text="Names with commas between them. Empty: all."
    )
    pay_role = _choice(PayRole, "Only for the role", "All roles", help_text="Of who gets it, on that day.")
    first = DayField(label="From", required=False, help_text="Empty: always.")
    last = DayField(label="Up to and with", required=False, help_text="Empty: until further notice.")
    is_active = forms.BooleanField(label="In use", required=False, initial=True)
    reason = forms.CharField(label="Why", required=False, max_length=500)

    def __init__(self, *args: Any, person: Person, **options: Any) -> None:
        super().__init__(*args, **options)
        self.person = person
        kind, getter = str(self["kind"].value() or ""), str(self["getter"].value() or "")
        gives = ["name", ASKED.get(getter, ""), "position" if kind == CreditKind.DIRECT else "percent"]
        self.groups = {
            "Who gets what": [name for name in gives if name],
            "Of what": list(OF_WHAT),
            "From when to when": list(WHEN),
        }
        used = {"kind", "getter", *(name for names in self.groups.values() for name in names)}
        self.is_direct = kind == CreditKind.DIRECT
        for name in set(self.fields) - used:
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """What this kind does not use is as if nobody had ever chosen it."""
        cleaned = super().clean() or {}
        unused = UNUSED | ({"percent": WHOLE} if self.is_direct else {})
        return {name: value for name, value in unused.items() if name not in self.fields} | cleaned

    def fieldsets(self) -> list[tuple[str, list[Any]]]:
        """(title, fields) for the page."""
        return [(title, [self[name] for name in names]) for title, names in self.groups.items()]


def initial_of(rule: CreditRule) -> dict[str, Any]:
    """A rule as the form shows it."""
    names = ("name", "kind", "position", "getter", "levels", "percent", "bases", "pipelines", "is_active")
    codes = ("coverage_role", "rep", "market", "family", "pay_role")
    return {
        **{name: getattr(rule, name) for name in names},
        **{name: row.code if (row := getattr(rule, name)) else None for name in codes},
        "percent": f"{rule.percent.normalize():f}",
    }
