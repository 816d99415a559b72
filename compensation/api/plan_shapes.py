"""What the API of plans, roles, positions and people on plans takes and gives."""

import datetime as dt
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from catalog.api.base import NamedInput, RevisionInput, code, code_of
from compensation.engine.moves import VERSION_MOVES
from compensation.models import (
    ObjectiveScore,
    PayPlan,
    PayRole,
    PlanAssignment,
    PlanQuota,
    PlanVersion,
    Position,
)
from compensation.selectors.plans import plans_visible_to
from compensation.selectors.positions import pay_roles_visible_to
from compensation.services.pay_rules import last_of
from core.uploads import small_enough
from crm.selectors.accounts import reps_visible_to

MOVES = [(name, name) for name in VERSION_MOVES.names]
TERMS = "The plan as in a YAML file: names and values (docs/compensation.md)."
WHY = "Needed where pay of locked months changes."


def money(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(18, 4, min_value=Decimal(0), **options)


class DatedSerializer(serializers.ModelSerializer):
    first = serializers.SerializerMethodField(help_text="Null where it is in force on no day.")
    last = serializers.SerializerMethodField(help_text="The last day; null where it is open.")

    def get_first(self, row: Any) -> dt.date | None:
        return row.days.lower if row.days else None

    def get_last(self, row: Any) -> dt.date | None:
        return last_of(row.days) if row.days else None


class PayRoleSerializer(serializers.ModelSerializer):
    class Meta:
        model = PayRole
        fields = ["id", "revision", "code", "name", "is_active"]


class PayRoleInput(NamedInput):
    is_active = serializers.BooleanField(required=False)


class PositionSerializer(DatedSerializer):
    rep, role = code(), code()

    class Meta:
        model = Position
        fields = ["id", "revision", "rep", "role", "first", "last", "base_salary", "target_incentive"]


class PositionInput(RevisionInput):
    """A new one needs rep, role and first day; the rep of one that is there stays."""

    rep = code_of(reps_visible_to, required=False)
    role = code_of(pay_roles_visible_to, required=False)
    first = serializers.DateField(required=False)
    last = serializers.DateField(required=False, allow_null=True)
    base_salary = money(required=False, allow_null=True)
    target_incentive = money(required=False, allow_null=True)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, help_text=WHY)


class PayPlanSerializer(serializers.ModelSerializer):
    owner = serializers.EmailField(source="owner.email", default=None, read_only=True)

    class Meta:
        model = PayPlan
        fields = ["id", "revision", "code", "name", "owner", "is_active"]


class PayPlanInput(NamedInput):
    """With terms, a new plan has its first version, as a draft."""

    is_active = serializers.BooleanField(required=False)
    terms = serializers.DictField(required=False, help_text=TERMS)
    starts = serializers.DateField(required=False, help_text="Any day of the first month.")


class PlanVersionSerializer(DatedSerializer):
    plan = code()
    submitted_by = serializers.EmailField(source="submitted_by.email", default=None, read_only=True)
    approved_by = serializers.EmailField(source="approved_by.email", default=None, read_only=True)
    terms = serializers.DictField(read_only=True, help_text=TERMS)

    class Meta:
        model = PlanVersion
        fields = [
            *("id", "revision", "plan", "number", "follows", "starts", "terms", "intro", "state", "first"),
            *("last", "submitted_by", "submitted", "approved_by", "approved"),
        ]


class PlanVersionInput(RevisionInput):
    """A new one needs the plan's code: without terms it is a copy of the newest version."""

    plan = code_of(plans_visible_to, required=False)
    starts = serializers.DateField(required=False, help_text="Any day of the first month.")
    terms = serializers.DictField(required=False, help_text=TERMS)
    intro = serializers.CharField(max_length=5000, required=False, allow_blank=True)


class PlanVersionMoveInput(serializers.Serializer):
    move = serializers.ChoiceField(choices=MOVES)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    revision = serializers.IntegerField(min_value=1, required=False)


class PlanChangeSerializer(serializers.Serializer):
    """A setting that two versions have otherwise, in words."""

    component = serializers.CharField()
    setting = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class PlanAssignmentSerializer(DatedSerializer):
    plan, role, rep = code(), code(), code()
    changes = serializers.DictField(read_only=True)

    class Meta:
        model = PlanAssignment
        fields = [
            *("id", "revision", "plan", "role", "rep", "first", "last", "target_incentive", "changes"),
            *("is_off", "reason"),
        ]


class PlanAssignmentInput(RevisionInput):
    """A new one needs the plan, either role or rep, and the first day; those three stay for good."""

    plan = code_of(plans_visible_to, required=False)
    role = code_of(pay_roles_visible_to, required=False, allow_null=True)
    rep = code_of(reps_visible_to, required=False, allow_null=True)
    first = serializers.DateField(required=False)
    last = serializers.DateField(required=False, allow_null=True)
    target_incentive = money(required=False, allow_null=True)
    changes = serializers.DictField(required=False, help_text="What differs from the terms, by name.")
    is_off = serializers.BooleanField(required=False)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)


class EarnerSerializer(serializers.Serializer):
    """A rep on a day. Money of a year."""

    rep = serializers.CharField(source="code")
    name: Any = serializers.CharField()
    role = serializers.CharField(source="pay_role", allow_null=True)
    plans = serializers.ListField(source="plan_names", child=serializers.CharField())
    own_terms = serializers.BooleanField()
    base_salary = money(allow_null=True)
    target_incentive = money(source="target", allow_null=True, help_text="Null: that of the plan.")
    currency = serializers.CharField(help_text="Of both: the plan's.")


class PlanQuotaSerializer(serializers.ModelSerializer):
    plan, rep = code(), code()

    class Meta:
        model = PlanQuota
        fields = [
            *("id", "revision", "plan", "rep", "component", "first_month", "months", "amount", "reason"),
        ]


class PlanQuotaInput(RevisionInput):
    """A new one needs plan, rep, first month, months and amount; of one that is there, amount and reason
    change."""

    plan = code_of(plans_visible_to, required=False)
    rep = code_of(reps_visible_to, required=False)
    component = serializers.CharField(max_length=60, required=False, allow_blank=True)
    first_month = serializers.DateField(required=False, help_text="Any day of it.")
    months = serializers.ChoiceField(choices=[1, 3, 6, 12], required=False)
    amount = money(required=False, help_text="In the plan's currency, or units.")
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)


class ObjectiveScoreSerializer(serializers.ModelSerializer):
    plan, rep = code(), code()
    scored_by = serializers.EmailField(source="scored_by.email", default=None, read_only=True)

    class Meta:
        model = ObjectiveScore
        fields = [
            *("id", "revision", "plan", "rep", "component", "objective", "month", "achieved", "scored_by"),
            "note",
        ]


class ObjectiveScoreInput(RevisionInput):
    """A new one needs everything but the note; of one that is there, `achieved` and the note change."""

    plan = code_of(plans_visible_to, required=False)
    rep = code_of(reps_visible_to, required=False)
    component = serializers.CharField(max_length=60, required=False)
    objective = serializers.CharField(max_length=60, required=False)
    month = serializers.DateField(required=False, help_text="Any day of the period's last month.")
    achieved = serializers.DecimalField(
        9, 6, min_value=Decimal(0), max_value=Decimal(999), required=False, help_text="1 for 100 %."
    )
    note = serializers.CharField(max_length=500, required=False, allow_blank=True)


class TableFileInput(serializers.Serializer):
    file = serializers.FileField(
        validators=[small_enough], help_text="CSV in UTF-8, as the export of the list gives it."
    )


class StoredTableSerializer(serializers.Serializer):
    """What came of a file."""

    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()


class RemoveInput(serializers.Serializer):
    """The revision that was read, and why it is taken back."""

    revision = serializers.IntegerField(min_value=1, help_text="The revision that you read.")
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
