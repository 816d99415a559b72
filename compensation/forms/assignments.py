"""Forms of who is on a plan. Rules stay in the services."""

from typing import Any

from django import forms

from compensation.forms.plans import WHY_CLOSED, CodeChoice, TermsField, money
from compensation.selectors.positions import pay_roles_visible_to
from core.forms import DayField
from core.models import Person
from crm.selectors.accounts import reps_visible_to

OWN_TERMS = (
    "As YAML, only what differs: settings of the plan by their name, and “components: {own: {rate: 6%}}” for "
    "single settings of components."
)


class OwnTermsForm(forms.Form):
    """Days on a plan, with what a rep has otherwise than the role."""

    first = DayField(label="From")
    last = DayField(label="Up to and with", required=False, help_text="Empty: open.")
    target_incentive = money(
        "Own target incentive of a year", help_text="Only for a rep. Empty: that of the position."
    )
    changes = TermsField(
        label="Own terms",
        required=False,
        help_text=OWN_TERMS,
        widget=forms.Textarea({"rows": 6, "spellcheck": "false"}),
    )
    is_off = forms.BooleanField(
        label="Is not on this plan", required=False, help_text="For a rep whose role is on it."
    )
    reason = forms.CharField(
        label="Why", required=False, max_length=500, help_text=f"Needed for own terms. {WHY_CLOSED}"
    )


class AssignmentForm(OwnTermsForm):
    """Who goes on a plan."""

    role = CodeChoice("Role", required=False, empty_label="None, a rep")
    rep = CodeChoice("Rep", required=False, empty_label="None, a role")
    field_order = ("role", "rep", "first", "last")

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles: Any = self.fields["role"]
        reps: Any = self.fields["rep"]
        roles.offer(pay_roles_visible_to(person).filter(is_active=True))
        reps.offer(reps_visible_to(person).filter(is_active=True).order_by("name"))
