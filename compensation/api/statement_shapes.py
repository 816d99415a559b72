"""What the API of statements, own pay and what-if takes and gives. Money has four places."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from catalog.api.base import code
from compensation.models import Credit, HeldPay, PayLine, RunState, Statement, StatementPart
from compensation.selectors.statements import PartOf, deltas_of, held_of, parts_of
from compensation.selectors.what_if import Reached
from core.explain import address

AMOUNTS = ("earned", "deltas", "adjustments", "advanced", "kept_back", "released", "held", "pay", "owed")


def money(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(18, 4, **options)


class StatementOfPaySerializer(serializers.ModelSerializer):
    rep = code()
    rep_name = serializers.CharField(source="rep.name", read_only=True)
    month = serializers.DateField(source="run.month", read_only=True)
    run_version = serializers.IntegerField(source="run.version", read_only=True)
    state = serializers.ChoiceField(source="run.state", choices=RunState.choices, read_only=True)
    currency = code()

    class Meta:
        model = Statement
        fields = [
            *("id", "rep", "rep_name", "month", "run", "run_version", "state", "currency", "forgiven"),
            *AMOUNTS,
        ]
        read_only_fields = fields


class PayStepSerializer(serializers.Serializer):
    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField()
    kind = serializers.CharField()


class PayRungSerializer(serializers.Serializer):
    """Lines of one kind, tier and rate together: amount × rate = pay."""

    kind = serializers.CharField()
    tier = serializers.IntegerField(allow_null=True)
    amount = money()
    rate = serializers.DecimalField(18, 8)
    pay = money()
    count = serializers.IntegerField()


class PayPartSerializer(serializers.ModelSerializer):
    """A component of a statement. attainment: the share of its quota up to the month, or the ratio that it
    measures; null without either."""

    plan = serializers.CharField(source="version.plan.code", read_only=True)
    plan_version = serializers.IntegerField(source="version.number", read_only=True)
    derivation = PayStepSerializer(many=True, read_only=True)
    factors = PayStepSerializer(many=True, read_only=True)

    class Meta:
        model = StatementPart
        fields = [
            *("id", "plan", "plan_version", "component", "name", "so_far", "quota", "quota_to_date"),
            *("attainment", "target", "earned", "deltas", "derivation", "factors"),
        ]
        read_only_fields = fields


class PartOfSerializer(serializers.Serializer):
    part = PayPartSerializer()
    rungs = serializers.SerializerMethodField()

    def get_rungs(self, one: PartOf) -> list[dict[str, Any]]:
        return list(PayRungSerializer([*one.tiers, *one.changes], many=True).data)


class PayLineSerializer(serializers.ModelSerializer):
    component = serializers.CharField(source="part.component", read_only=True)
    deal_name = serializers.CharField(source="credit.label", default="", read_only=True)

    class Meta:
        model = PayLine
        fields = [
            *("id", "part", "component", "month", "kind", "credit", "deal", "deal_name", "objective", "tier"),
            *("amount", "rate", "pay", "is_delta"),
        ]
        read_only_fields = fields


class LineCreditSerializer(serializers.ModelSerializer):
    """A credit behind a line about a whole period, as it counted, with its proportional share of the pay."""

    rep = code()
    deal_name = serializers.CharField(source="label", read_only=True)
    counted = money(read_only=True)
    share = money(read_only=True)

    class Meta:
        model = Credit
        fields = ["id", "rep", "deal", "deal_name", "day", "counted", "share"]
        read_only_fields = fields


class PayDeltaSerializer(serializers.Serializer):
    month = serializers.DateField()
    line = serializers.IntegerField(source="line.pk")
    pay = money()
    why = serializers.CharField()


class HeldPaySerializer(serializers.Serializer):
    """Pay that a hold keeps back (amount above 0) or lets go (below 0). `explained`: what it is made of."""

    hold = serializers.IntegerField(source="hold_id")
    deal = serializers.IntegerField(source="deal_id", allow_null=True)
    amount = money()
    reason = serializers.CharField(source="hold.reason")
    explained = serializers.SerializerMethodField()

    def get_explained(self, row: HeldPay) -> str:
        return f"/api/v1{address('held_pay', row.pk)}"


class StatementOfPayDetail(StatementOfPaySerializer):
    """With its components, why closed months are paid anew, and what waits."""

    parts = serializers.SerializerMethodField()
    from_closed_months = serializers.SerializerMethodField()
    holds = serializers.SerializerMethodField()

    class Meta(StatementOfPaySerializer.Meta):
        fields = [*StatementOfPaySerializer.Meta.fields, "parts", "from_closed_months", "holds"]

    def get_parts(self, row: Statement) -> list[dict[str, Any]]:
        return list(PartOfSerializer(parts_of(row), many=True).data)

    def get_from_closed_months(self, row: Statement) -> list[dict[str, Any]]:
        return list(PayDeltaSerializer(deltas_of(row), many=True).data)

    def get_holds(self, row: Statement) -> list[dict[str, Any]]:
        return list(HeldPaySerializer(held_of(row), many=True).data)


class PaySumsSerializer(serializers.Serializer):
    currency = serializers.CharField()
    earned = money()
    paid = money()
    coming = money(help_text="Approved or locked, not paid yet.")
    held = money()
    owed = money(help_text="Of draws.")


class PayYearSerializer(serializers.Serializer):
    rep = serializers.CharField(source="rep.code")
    year = serializers.IntegerField()
    sums = PaySumsSerializer(many=True)
    statements = StatementOfPaySerializer(many=True)


class PaySheetSerializer(serializers.Serializer):
    currency = serializers.CharField()
    earned = money()
    deltas = money()
    adjustments = money()
    advanced = money(source="step.advanced")
    kept_back = money(source="step.kept_back")
    released = money()
    held = money()
    pay = money()
    owed = money(source="step.balance")


class LivePartSerializer(serializers.Serializer):
    plan = serializers.CharField(source="version.plan.code")
    component = serializers.CharField()
    name = serializers.CharField(source="row.name")
    currency = serializers.CharField()
    so_far = money(source="row.so_far")
    quota_to_date = money(source="row.quota_to_date")
    attainment = serializers.DecimalField(
        12, 6, source="row.attainment", allow_null=True, help_text="Or the ratio that it measures."
    )
    target = money(source="row.target")
    pay = money()


class PayEstimateSerializer(serializers.Serializer):
    """An estimate: it changes with every deal until the month is calculated and approved. Quotas and
    attainment are those up to the end of the month."""

    month = serializers.DateField()
    working_days_gone = serializers.IntegerField(source="pace.gone", help_text="Today among them.")
    working_days = serializers.IntegerField(source="pace.days")
    sheets = PaySheetSerializer(many=True)
    parts = LivePartSerializer(many=True)


class PayTypedDealInput(serializers.Serializer):
    amount = money(min_value=0)
    family = serializers.CharField(required=False, default="", allow_blank=True, help_text="A family's code.")
    units = money(required=False, default=Decimal(1))


class PayWhatIfInput(serializers.Serializer):
    """Open deals by their ids, and typed amounts in base currency; at least one of them."""

    rep = serializers.CharField(required=False, help_text="A rep's code; yourself without it.")
    month = serializers.DateField(help_text="Any day of the month in which they close.")
    deals = serializers.ListField(child=serializers.IntegerField(min_value=1), required=False, max_length=100)
    amounts = PayTypedDealInput(many=True, required=False)
    reached = serializers.ChoiceField(
        Reached.choices,
        required=False,
        default=Reached.PAID,
        help_text="How far they have come in the month: components count won deals, invoices or paid ones.",
    )
    margin = serializers.DecimalField(
        5,
        4,
        required=False,
        default=Decimal(0),
        min_value=-1,
        max_value=1,
        help_text="A share of the amounts.",
    )


class PayWhatIfLevelSerializer(serializers.Serializer):
    pay = money()
    so_far = money()
    quota = money()
    attainment = serializers.DecimalField(12, 6, allow_null=True)
    tier = serializers.IntegerField(allow_null=True)
    tiers = serializers.IntegerField()
    rate = serializers.DecimalField(18, 8, allow_null=True)


class PayWhatIfEffectSerializer(serializers.Serializer):
    plan = serializers.CharField()
    component = serializers.CharField()
    currency = serializers.CharField()
    before = PayWhatIfLevelSerializer()
    after = PayWhatIfLevelSerializer()
    difference = money()
    by_month = serializers.DictField(child=money())


class PayWhatIfSerializer(serializers.Serializer):
    month = serializers.DateField()
    totals = serializers.DictField(child=money(), help_text="The difference by currency.")
    without_quota = serializers.ListField(
        child=serializers.CharField(), help_text="Components that pay by a quota which the year has not yet."
    )
    effects = PayWhatIfEffectSerializer(many=True)
