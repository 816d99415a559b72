"""Forms of what leads are routed and judged by."""

from typing import Any, ClassVar

from django import forms

from catalog.models import Market
from catalog.selectors import markets_visible_to
from core.forms import DayField, MonthChoice, RowForm
from core.models import Person
from crm.models import LeadAgreement, LeadCost, LeadSource, Rep, RoutingRule, RoutingSeat
from crm.selectors.accounts import reps_visible_to
from crm.selectors.leads import lead_sources_visible_to

MOST = 2_147_483_647


class RuleForm(RowForm):
    visible = {"market": markets_visible_to, "source": lead_sources_visible_to}

    class Meta:
        model = RoutingRule
        fields: ClassVar[list[str]] = [
            *("name", "market", "source", "country", "least_employees", "hours", "is_active")
        ]
        labels: ClassVar[dict[str, Any]] = {
            "market": "Market, and all below",
            "least_employees": "Employees, at least",
            "hours": "Answer within",
            "is_active": "Active",
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "market": "Empty: any.",
            "hours": "Working hours of the rep's calendar.",
            "country": "As it stands in the leads. Empty: any.",
        }


class NewRuleForm(RuleForm):
    class Meta(RuleForm.Meta):
        fields: ClassVar[list[str]] = [*RuleForm.Meta.fields, "is_fallback"]
        labels: ClassVar[dict[str, Any]] = {**RuleForm.Meta.labels, "is_fallback": "Fallback"}
        help_texts: ClassVar[dict[str, Any]] = {
            **RuleForm.Meta.help_texts,
            "is_fallback": "Gets whatever no other rule takes; its leads are up for claim.",
        }


class SeatForm(RowForm):
    visible = {"rep": reps_visible_to}

    class Meta:
        model = RoutingSeat
        fields: ClassVar[list[str]] = ["rep", "capacity"]
        labels: ClassVar[dict[str, Any]] = {"capacity": "Open leads at once"}


class SeatChangeForm(RowForm):
    class Meta:
        model = RoutingSeat
        fields: ClassVar[list[str]] = ["capacity"]
        labels: ClassVar[dict[str, Any]] = SeatForm.Meta.labels


class AbsenceForm(forms.Form):
    rep = forms.ModelChoiceField(label="Rep", queryset=Rep.objects.none(), to_field_name="code")
    first = DayField(label="First day")
    last = DayField(label="Last day")
    reason = forms.CharField(label="Why", max_length=120, required=False)

    def __init__(self, *args: Any, person: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rep"].queryset = reps_visible_to(person).filter(is_active=True).order_by("name")  # type: ignore[attr-defined]


class CostForm(RowForm):
    month = MonthChoice(label="Month")

    class Meta:
        model = LeadCost
        fields: ClassVar[list[str]] = ["month", "amount"]
        labels: ClassVar[dict[str, Any]] = {"amount": "Cost, base currency"}


class AgreementForm(RowForm):
    month = MonthChoice(label="Month")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.to_field_name = "email"
        owner.queryset = (
            Person.objects.filter(is_active=True).exclude(roles__contained_by=["service"]).order_by("name")
        )

    class Meta:
        model = LeadAgreement
        fields: ClassVar[list[str]] = ["month", "promised", "in_time_percent", "owner"]
        labels: ClassVar[dict[str, Any]] = {
            "promised": "Leads that marketing delivers",
            "in_time_percent": "Share that sales answers in time, %",
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "promised": "Those that sales then disqualifies do not count.",
            "in_time_percent": "",
        }


class TrialForm(forms.Form):
    """A lead that is not there: who would get it?"""

    market = forms.ModelChoiceField(
        label="Market",
        queryset=Market.objects.none(),
        to_field_name="code",
        required=False,
        empty_label="Any",
    )
    source = forms.ModelChoiceField(
        label="Source",
        queryset=LeadSource.objects.none(),
        to_field_name="code",
        required=False,
        empty_label="Any",
    )
    country = forms.CharField(label="Country", max_length=80, required=False)
    employees = forms.IntegerField(label="Employees", min_value=0, max_value=MOST, required=False)

    def __init__(self, *args: Any, person: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["market"].queryset = markets_visible_to(person)  # type: ignore[attr-defined]
        self.fields["source"].queryset = lead_sources_visible_to(person)  # type: ignore[attr-defined]
