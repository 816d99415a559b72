"""Forms of plans, versions, roles and positions. Rules stay in the services."""

from typing import Any

from django import forms

from compensation.engine.plan_cells import BadPlan
from compensation.engine.plan_text import LONGEST, terms_of_text
from compensation.models import PayPlan, PayRole
from compensation.selectors.positions import pay_roles_visible_to
from core.forms import DayField, MonthChoice, RowForm
from core.models import Person
from crm.models import Rep
from crm.selectors.accounts import reps_visible_to

WHY_CLOSED = "Needed where pay of locked months changes."


class TermsField(forms.CharField):
    """A mapping, written as YAML."""

    def __init__(self, **options: Any) -> None:
        widget = forms.Textarea({"rows": 28, "spellcheck": "false"})
        usual: dict[str, Any] = {"max_length": LONGEST, "strip": False, "widget": widget}
        super().__init__(**usual | options)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        if not text.strip():
            return {}
        try:
            return terms_of_text(text)
        except BadPlan as error:
            raise forms.ValidationError(error.sentences) from error

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """The length was that of the text."""

    def clean(self, value: Any) -> Any:
        if len(value or "") > LONGEST:
            raise forms.ValidationError(f"The text is longer than {LONGEST:,} characters.")
        return super().clean(value)


def people_with_rights() -> Any:
    """Who may own a plan."""
    return Person.objects.filter(roles__overlap=["manager", "analyst", "vp"], is_active=True).order_by("name")


class PlanForm(RowForm):
    """A plan's names."""

    class Meta:
        model = PayPlan
        fields = ["code", "name"]
        help_texts = {"code": "Short and without spaces; files and the API use it."}


class NewPlanForm(PlanForm):
    """A new plan with its first draft."""

    starts = MonthChoice(label="First month", help_text="The first month that is paid by it.")
    terms = TermsField(label="Terms", help_text="As YAML. The builder changes them by form later.")
    field_order = ("code", "name", "starts", "terms")


class PlanChangeForm(PlanForm):
    owner = forms.ModelChoiceField(
        Person.objects.none(), required=False, to_field_name="email", help_text="Whom reps ask about it."
    )

    class Meta(PlanForm.Meta):
        fields = ["code", "name", "owner", "is_active"]
        labels = {"is_active": "In use"}

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, person=person, **kwargs)
        self.fields["owner"].queryset = people_with_rights()  # type: ignore[attr-defined]


class TermsForm(forms.Form):
    """A draft's terms as text."""

    starts = MonthChoice(label="First month", help_text="The first month that is paid by these terms.")
    intro = forms.CharField(
        label="What the plan wants",
        required=False,
        max_length=5000,
        widget=forms.Textarea({"rows": 3}),
        help_text="In plain words, for the people who are paid by it.",
    )
    terms = TermsField(label="Terms", help_text="As YAML.")


class VersionForm(forms.Form):
    """From when on a new version pays."""

    starts = MonthChoice(label="First month", required=False)


class RoleForm(RowForm):
    class Meta:
        model = PayRole
        fields = ["code", "name"]


class RoleChangeForm(RowForm):
    class Meta:
        model = PayRole
        fields = ["code", "name", "is_active"]
        labels = {"is_active": "In use"}


def money(label: str, **options: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, **{"max_digits": 14, "decimal_places": 2, "min_value": 0, "required": False} | options
    )


class CodeChoice(forms.ModelChoiceField):
    """A row by its code."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(
            Rep.objects.none(), label=label, to_field_name="code", **{"empty_label": "Choose one"} | options
        )

    def offer(self, rows: Any) -> None:
        self.queryset = rows


class PositionForm(forms.Form):
    """A rep's role from a day on."""

    rep = CodeChoice("Rep")
    role = CodeChoice("Role")
    first = DayField(label="From")
    last = DayField(label="Up to and with", required=False, help_text="Empty: open.")
    base_salary = money("Base salary of a year", help_text="In the plan's currency.")
    target_incentive = money(
        "Target incentive of a year", help_text="Variable pay at 100 %. Empty: that of the plan."
    )
    reason = forms.CharField(label="Why", required=False, max_length=500, help_text=WHY_CLOSED)

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = pay_roles_visible_to(person).filter(is_active=True)
        reps = reps_visible_to(person).filter(is_active=True).order_by("name")
        for name, rows in (("role", roles), ("rep", reps)):
            if name in self.fields:
                self.fields[name].offer(rows)  # type: ignore[attr-defined]


class PositionChangeForm(PositionForm):
    rep = None  # type: ignore[assignment]


class WhyForm(forms.Form):
    """Why something is taken back."""

    reason = forms.CharField(label="Why", required=False, max_length=500)
