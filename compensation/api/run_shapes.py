"""What the API of runs and adjustments takes and gives."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.api.base import code, code_of
from catalog.models import Currency
from compensation.engine.moves import ADJUSTMENT_MOVES, RUN_MOVES
from compensation.models import Adjustment, PayRun, Statement
from compensation.selectors.scope import reps_paid_visible_to
from crm.models import Deal
from crm.selectors.deals import deals_visible_to

MOST = 2**31 - 1
RUN_DOINGS = [
    (name, name) for name in RUN_MOVES.names if any(m.action and m.name == name for m in RUN_MOVES.moves)
]
ADJUSTMENT_DOINGS = [
    (name, name)
    for name in ADJUSTMENT_MOVES.names
    if any(m.action and m.name == name for m in ADJUSTMENT_MOVES.moves)
]


def money(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(18, 4, **options)


class PayTotalsSerializer(serializers.Serializer):
    """Sums of the statements of a run in one currency."""

    currency = serializers.CharField()
    statements = serializers.IntegerField()
    earned = money()
    deltas = money(help_text="Late changes of closed months.")
    adjustments = money()
    advanced = money()
    kept_back = money()
    forgiven = money()
    held = money()
    released = money()
    pay = money()
    owed = money(help_text="Of draws, at the end of the month.")


class PayWarningSerializer(serializers.Serializer):
    """Something to look at before a month is paid."""

    kind = serializers.CharField(help_text="no_plan, no_quota, no_margin, not_counted or jump.")
    text: Any = serializers.CharField()
    money = money()
    currency = serializers.CharField(help_text="Empty for base currency.")
    rep = serializers.IntegerField(allow_null=True)


class PayRunSerializer(serializers.ModelSerializer):
    made_by = serializers.EmailField(source="made_by.email", default=None, read_only=True)
    reviewed_by = serializers.EmailField(source="reviewed_by.email", default=None, read_only=True)
    approved_by = serializers.EmailField(source="approved_by.email", default=None, read_only=True)
    totals = serializers.SerializerMethodField()
    warnings = PayWarningSerializer(many=True, read_only=True)

    class Meta:
        model = PayRun
        fields = [
            *("id", "month", "version", "state", "follows", "engine_version", "fingerprint", "made"),
            *("made_by", "statements_count", "lines_count", "months_again", "totals", "warnings"),
            *("reviewed_by", "reviewed", "approved_by", "approved", "locked", "paid_on", "revision"),
        ]

    @extend_schema_field(PayTotalsSerializer(many=True))
    def get_totals(self, run: PayRun) -> list[dict[str, Any]]:
        sums = run.totals.get("currencies", {})
        return [{"currency": currency, **amounts} for currency, amounts in sums.items()]


class PayRunInput(serializers.Serializer):
    month = serializers.DateField(help_text="Any day of the month.")


class PayRunMoveInput(serializers.Serializer):
    move = serializers.ChoiceField(choices=RUN_DOINGS)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    revision = serializers.IntegerField(min_value=1, max_value=MOST, required=False)


class PayStatementSerializer(serializers.ModelSerializer):
    rep = code()
    currency = serializers.CharField(source="currency_id")

    class Meta:
        model = Statement
        fields = [
            *("id", "rep", "currency", "earned", "deltas", "adjustments", "advanced", "kept_back"),
            *("forgiven", "owed", "held", "released", "pay"),
        ]


class PayDifferenceSerializer(serializers.Serializer):
    """A line that two runs pay differently."""

    name = serializers.CharField()
    rep = serializers.IntegerField()
    currency = serializers.CharField()
    component = serializers.CharField()
    kind = serializers.CharField()
    deal = serializers.IntegerField(allow_null=True)
    what = serializers.CharField(source="label")
    before = money()
    after = money()
    change = money()
    is_late = serializers.BooleanField(help_text="Of a closed month.")


class PayrollRowSerializer(serializers.Serializer):
    """A person's pay of a closed month, as payroll takes it."""

    code = serializers.CharField()
    name = serializers.CharField()
    month = serializers.DateField()
    currency = serializers.CharField()
    earned = money()
    deltas = money()
    adjustments = money()
    advanced = money()
    kept_back = money()
    released = money()
    held = money()
    pay = money()


class MonthAsked(serializers.Serializer):
    month = serializers.DateField(required=False)


class AccrualRowSerializer(serializers.Serializer):
    """What is earned and not paid; below 0 what draws advanced."""

    month = serializers.DateField()
    plan = serializers.CharField()
    component = serializers.CharField()
    why = serializers.CharField()
    currency = serializers.CharField()
    amount = money()


class AdjustmentSerializer(serializers.ModelSerializer):
    rep = code()
    currency = serializers.CharField(source="currency_id")
    made_by = serializers.EmailField(source="made_by.email", default=None, read_only=True)
    decided_by = serializers.EmailField(source="decided_by.email", default=None, read_only=True)

    class Meta:
        model = Adjustment
        fields = [
            *("id", "rep", "month", "currency", "amount", "label", "reason", "deal", "state", "made_by"),
            *("made", "decided_by", "decided", "answer", "run", "revision"),
        ]


class DealOf(serializers.PrimaryKeyRelatedField):
    """A deal, one of those that the caller may see."""

    def get_queryset(self) -> Any:
        request = self.context.get("request")
        return deals_visible_to(request.user) if request else Deal.objects.none()


class AdjustmentInput(serializers.Serializer):
    rep = code_of(reps_paid_visible_to)
    month = serializers.DateField(help_text="Any day of the month it is paid with.")
    currency = serializers.PrimaryKeyRelatedField(queryset=Currency.objects.all())
    amount = serializers.DecimalField(14, 2, help_text="Below 0 takes pay back.")
    label: Any = serializers.CharField(max_length=120)
    reason = serializers.CharField(max_length=1000)
    deal = DealOf(queryset=Deal.objects.none(), required=False, allow_null=True)
    revision = serializers.IntegerField(min_value=1, max_value=MOST, required=False)


class AdjustmentMoveInput(serializers.Serializer):
    move = serializers.ChoiceField(choices=ADJUSTMENT_DOINGS)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    revision = serializers.IntegerField(min_value=1, max_value=MOST, required=False)
