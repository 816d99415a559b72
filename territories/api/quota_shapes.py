"""What the API of quotas takes and gives."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.api.base import code, code_of
from crm.selectors.accounts import reps_visible_to
from territories.engine.quotas.moves import QUOTA_MOVES
from territories.models import (
    Quota,
    QuotaAcceptance,
    QuotaChange,
    QuotaMeasure,
    QuotaPlan,
    RepStart,
    Seasonality,
    TerritoryModel,
)
from territories.selectors.quota_sheets import Sheet

MOST = 2**31 - 1
MOVES = [(name, name) for name in QUOTA_MOVES.names if name != "supersede"]


def models_to_plan(person: Any) -> Any:
    """The territory models a plan may go down."""
    return TerritoryModel.objects.exclude(state="archived")


def money(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(18, 4, min_value=Decimal(0), **options)


def percents() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.DecimalField(7, 3), required=False, max_length=12, help_text="Percent."
    )


class QuotaPlanSerializer(serializers.ModelSerializer):
    model = code()
    submitted_by = serializers.EmailField(source="submitted_by.email", default=None, read_only=True)
    approved_by = serializers.EmailField(source="approved_by.email", default=None, read_only=True)
    target = serializers.SerializerMethodField(help_text="Base currency; null for who sees only a part.")
    target_parts = serializers.SerializerMethodField(help_text="Where each month of the target comes from.")

    class Meta:
        model = QuotaPlan
        fields = [
            *("id", "name", "first_month", "version", "follows", "from_month", "model", "measure", "state"),
            *("target", "target_source", "target_reason", "target_parts", "weight_history"),
            *("weight_potential", "weight_pipeline", "weight_even", "hedges", "floor_percent"),
            *("ceiling_percent", "seasonality", "season_weights", "step", "ramp", "spread_relief"),
            *("leave_days", "notes", "submitted_by", "submitted", "approved_by", "approved", "revision"),
        ]

    def _sees_all(self) -> bool:
        return "sees_all" not in self.context or self.context["sees_all"]

    @extend_schema_field(serializers.DecimalField(18, 4, allow_null=True))
    def get_target(self, plan: QuotaPlan) -> Decimal | None:
        return plan.target if self._sees_all() else None

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_target_parts(self, plan: QuotaPlan) -> list[dict[str, Any]]:
        return plan.target_parts if self._sees_all() else []

    def to_representation(self, instance: QuotaPlan) -> dict[str, Any]:
        shown = super().to_representation(instance)
        return shown if self._sees_all() else {**shown, "target_reason": "", "notes": []}


class QuotaPlanInput(serializers.Serializer):
    name = serializers.CharField(max_length=120)
    first_month = serializers.DateField(help_text="Any day of the fiscal year's first month. Not changed.")
    measure = serializers.ChoiceField(choices=QuotaMeasure.choices, required=False)
    model = code_of(models_to_plan, required=False, help_text="Without one: the active one.")
    target = money(required=False, help_text="Without one: what the released plan sells.")
    target_reason = serializers.CharField(max_length=500, required=False, allow_blank=True)
    weight_history = serializers.DecimalField(7, 3, min_value=0, required=False)
    weight_potential = serializers.DecimalField(7, 3, min_value=0, required=False)
    weight_pipeline = serializers.DecimalField(7, 3, min_value=0, required=False)
    weight_even = serializers.DecimalField(7, 3, min_value=0, required=False)
    hedges = percents()
    floor_percent = serializers.DecimalField(7, 3, min_value=-100, required=False, allow_null=True)
    ceiling_percent = serializers.DecimalField(7, 3, min_value=-100, required=False, allow_null=True)
    seasonality = serializers.ChoiceField(choices=Seasonality.choices, required=False)
    season_weights = percents()
    step = serializers.DecimalField(10, 2, min_value=Decimal("0.01"), required=False)
    ramp = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=100), required=False, max_length=24
    )
    spread_relief = serializers.BooleanField(required=False)
    leave_days = serializers.IntegerField(min_value=1, max_value=366, required=False)
    revision = serializers.IntegerField(min_value=1, max_value=MOST, required=False)


class QuotaPlanMoveInput(serializers.Serializer):
    move = serializers.ChoiceField(choices=MOVES)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class QuotaVersionInput(serializers.Serializer):
    from_month = serializers.DateField(required=False, allow_null=True, help_text="Without one: the next.")


class QuotaWeightsInput(serializers.Serializer):
    history = serializers.DecimalField(7, 3, min_value=0, default=Decimal(0))
    potential = serializers.DecimalField(7, 3, min_value=0, default=Decimal(0))
    pipeline = serializers.DecimalField(7, 3, min_value=0, default=Decimal(0))
    even = serializers.DecimalField(7, 3, min_value=0, default=Decimal(0))


class TriedQuotaSerializer(serializers.Serializer):
    territory = serializers.IntegerField()
    amount = money()


class QuotaDifferenceSerializer(serializers.Serializer):
    label: Any = serializers.CharField()
    is_rep = serializers.BooleanField()
    before = money(allow_null=True)
    after = money(allow_null=True)
    change = serializers.DecimalField(18, 4)
    first_month = serializers.DateField(allow_null=True)


class QuotaMonthSerializer(serializers.Serializer):
    month = serializers.DateField()
    amount = money()


class QuotaSheetSerializer(serializers.Serializer):
    plan = serializers.IntegerField(source="plan.pk")
    version = serializers.IntegerField(source="plan.version")
    state = serializers.CharField(source="plan.state")
    rep = serializers.CharField(source="rep.code")
    year = money()
    months = serializers.SerializerMethodField()
    fingerprint = serializers.CharField(help_text="Send it back to accept what you read.")
    accepted = serializers.DateTimeField(source="accepted.accepted", default=None, allow_null=True)

    @extend_schema_field(QuotaMonthSerializer(many=True))
    def get_months(self, sheet: Sheet) -> list[dict[str, Any]]:
        return [{"month": month, "amount": f"{amount:.4f}"} for month, amount in sheet.months.items()]


class QuotaSerializer(serializers.ModelSerializer):
    territory, rep = code(), code()
    months = QuotaMonthSerializer(many=True, read_only=True)

    class Meta:
        model = Quota
        fields = [
            *("id", "plan", "territory", "rep", "amount", "top_down", "bottom_up", "bottom_up_note"),
            *("difference_reason", "last_year", "share", "uncovered", "relief", "made", "months", "revision"),
        ]


class QuotaSetInput(serializers.Serializer):
    amount = money()
    reason = serializers.CharField(max_length=500)
    spread = serializers.BooleanField(default=False, help_text="The siblings bear the difference.")
    revision = serializers.IntegerField(min_value=1, max_value=MOST)


class OverlayQuotaInput(serializers.Serializer):
    territory = serializers.CharField(max_length=60, help_text="The code of an overlay without a quota.")
    amount = money()
    reason = serializers.CharField(max_length=500, help_text="What it rests on.")


class QuotaProposalInput(serializers.Serializer):
    amount = money(allow_null=True)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    revision = serializers.IntegerField(min_value=1, max_value=MOST)


class QuotaAskInput(serializers.Serializer):
    amount = money()
    reason = serializers.CharField(max_length=500)


class QuotaAcceptInput(serializers.Serializer):
    fingerprint = serializers.CharField(max_length=64)


class QuotaDecisionInput(serializers.Serializer):
    accept = serializers.BooleanField()
    answer = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    revision = serializers.IntegerField(min_value=1, max_value=MOST)


class QuotaRevisionInput(serializers.Serializer):
    revision = serializers.IntegerField(min_value=1, max_value=MOST)


class QuotaChangeSerializer(serializers.ModelSerializer):
    asked_by = serializers.EmailField(source="asked_by.email", default=None, read_only=True)
    decided_by = serializers.EmailField(source="decided_by.email", default=None, read_only=True)

    class Meta:
        model = QuotaChange
        fields = [
            *("id", "quota", "amount", "reason", "state", "asked_by", "asked", "decided_by", "decided"),
            *("answer", "led_to", "revision"),
        ]


class RepStartSerializer(serializers.ModelSerializer):
    rep = code()

    class Meta:
        model = RepStart
        fields = ["id", "rep", "day", "revision"]


class RepStartInput(serializers.Serializer):
    rep = code_of(reps_visible_to)
    day = serializers.DateField(allow_null=True, help_text="Null takes the start back: no ramp.")
    revision = serializers.IntegerField(
        min_value=1, max_value=MOST, required=False, help_text="Of the start that is changed."
    )


class QuotaAcceptanceSerializer(serializers.ModelSerializer):
    rep = code()
    accepted_by = serializers.EmailField(source="accepted_by.email", read_only=True)

    class Meta:
        model = QuotaAcceptance
        fields = ["id", "plan", "rep", "accepted_by", "accepted", "sheet_hash"]
