"""What the API of contract costs and the cost of selling takes and gives."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from compensation.models import ContractTerm
from compensation.selectors.contract_costs import CurrencyCosts, DealCosts

MOST = 2**31 - 1


def money(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(18, 4, **options)


class ContractMonthSerializer(serializers.Serializer):
    month = serializers.DateField()
    opening = money()
    added = money(source="movement.added")
    taken_back = money(source="movement.taken_back")
    amortised = money(source="movement.amortised")
    written_off = money(source="movement.written_off")
    closing = money()
    expensed = money(source="movement.expensed", help_text="Never an asset: a benefit of a year or less.")


class ContractCostsSerializer(serializers.Serializer):
    currency = serializers.CharField()
    months = ContractMonthSerializer(source="rows", many=True)
    without_a_deal = serializers.SerializerMethodField(help_text="Pay that was not because of a deal.")

    @extend_schema_field(serializers.DictField(child=money()))
    def get_without_a_deal(self, costs: CurrencyCosts) -> dict[str, str]:
        return {day.isoformat(): f"{amount:.4f}" for day, amount in sorted(costs.other.items())}


class TermSerializer(serializers.Serializer):
    months = serializers.IntegerField()
    renewal_months = serializers.IntegerField(source="renewals")
    commensurate = serializers.BooleanField()
    ended = serializers.DateField(allow_null=True)
    own = serializers.BooleanField(help_text="Said for this deal; else the company's usual one.")


class DealCostsSerializer(serializers.Serializer):
    deal = serializers.IntegerField(source="deal.pk")
    name = serializers.CharField(source="deal.__str__")
    currency = serializers.CharField()
    paid = money()
    left = money(help_text="At the end of the month asked for.")
    term = TermSerializer()


class DealCostMonthSerializer(serializers.Serializer):
    month = serializers.DateField()
    added = money()
    taken_back = money()
    amortised = money()
    written_off = money()
    expensed = money()


class DealCostsInFull(DealCostsSerializer):
    months = serializers.SerializerMethodField()

    @extend_schema_field(DealCostMonthSerializer(many=True))
    def get_months(self, costs: DealCosts) -> Any:
        rows = [{"month": day, **vars(one)} for day, one in costs.movements.items()]
        return DealCostMonthSerializer(rows, many=True).data


class ContractTermSerializer(serializers.ModelSerializer):
    class Meta:
        model = ContractTerm
        fields = ["id", "deal", "months", "renewal_months", "commensurate", "ended", "reason", "revision"]
        read_only_fields = fields


class ContractTermInput(serializers.Serializer):
    months = serializers.IntegerField(min_value=1, max_value=240)
    renewal_months = serializers.IntegerField(min_value=0, max_value=240)
    commensurate = serializers.BooleanField()
    ended = serializers.DateField(required=False, allow_null=True, help_text="Any day of its month.")
    reason = serializers.CharField(max_length=500)
    revision = serializers.IntegerField(
        min_value=1,
        max_value=MOST,
        required=False,
        help_text="As it was read; none for a new term.",
    )


def rate() -> serializers.DecimalField:
    return serializers.DecimalField(18, 8, allow_null=True, help_text="1 for 100 %.")


class SellingCostSerializer(serializers.Serializer):
    label: Any = serializers.CharField()
    pay = money()
    bookings = money(allow_null=True)
    revenue = money(allow_null=True)
    of_bookings = rate()
    of_revenue = rate()


class ComponentCostSerializer(serializers.Serializer):
    plan = serializers.CharField()
    name = serializers.CharField()
    pay = money()
    measured = money(allow_null=True)
    share = rate()
    effective_rate = serializers.DecimalField(18, 8, source="rate", allow_null=True)


class MixSerializer(serializers.Serializer):
    role = serializers.CharField()
    fixed = money()
    variable = money()
    variable_share = rate()


class SellingCostsSerializer(serializers.Serializer):
    currency = serializers.CharField(help_text="The base currency; all money is in it.")
    total = SellingCostSerializer()
    months = SellingCostSerializer(many=True)
    by_plan = SellingCostSerializer(many=True)
    by_team = SellingCostSerializer(many=True)
    by_role = SellingCostSerializer(many=True)
    components = ComponentCostSerializer(many=True)
    mix = MixSerializer(many=True)
    no_rate = serializers.ListField(child=serializers.CharField(), help_text="Left out: no rate entered.")
