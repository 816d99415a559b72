"""What the API of crediting takes and gives. Days are both included; percent of 100."""

import datetime as dt
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from catalog.api.base import RevisionInput, code, code_of
from catalog.models import Family, Market
from compensation.models import (
    Basis,
    Cancellation,
    CancellationKind,
    Credit,
    CreditHold,
    CreditKind,
    CreditRule,
    CreditRun,
    DealSplit,
    Getter,
    PayRole,
)
from core.uploads import small_enough
from crm.models import Deal
from crm.selectors.accounts import reps_visible_to
from crm.selectors.deals import deals_visible_to
from territories.models import CoverageRole

RULE_KINDS = [choice for choice in CreditKind.choices if choice[0] != CreditKind.SPLIT]


def percent(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(9, 6, min_value=Decimal("0.000001"), **options)


class DealKey(serializers.PrimaryKeyRelatedField):
    """A deal's number, among those the caller sees."""

    def get_queryset(self) -> Any:
        return deals_visible_to(self.context["request"].user) if "request" in self.context else Deal.objects

    queryset = Deal.objects.none()


class CreditSerializer(serializers.ModelSerializer):
    """`amount`, `deal_amount`, `margin` are in base currency; `own_amount` in `currency`."""

    rep = code()
    account = code()
    product = code()
    market = code()

    class Meta:
        model = Credit
        fields = [
            *("id", "basis", "kind", "role", "rule", "rep", "deal", "paper", "line", "label", "day"),
            *("account", "product", "market", "territory", "pipeline", "percent", "deal_amount", "amount"),
            *("quantity", "margin", "currency", "own_amount", "rate", "reverses", "cancellation"),
        ]


class BecauseSerializer(serializers.Serializer):
    """One thing that led to a credit."""

    label = serializers.CharField()  # type: ignore[assignment]
    text = serializers.CharField()
    url = serializers.CharField(allow_blank=True)


class CreditRunSerializer(serializers.ModelSerializer):
    class Meta:
        model = CreditRun
        fields = ["id", "made", "came", "changed", "gone", "without_rep"]


class CreditStateSerializer(serializers.Serializer):
    """Whether credits follow from what is known now, and what the last making did (null before the first)."""

    current = serializers.BooleanField()
    newest = CreditRunSerializer(allow_null=True)


class MissingCreditSerializer(serializers.ModelSerializer):
    """A won deal that nobody is credited for; `why` and `mend` are sentences."""

    rep = code()
    account = code()
    why = serializers.CharField(source="mend.why", read_only=True)
    mend = serializers.CharField(source="mend.mend", read_only=True)

    class Meta:
        model = Deal
        fields = [
            "id",
            "source",
            "external_id",
            "name",
            "closed",
            "rep",
            "account",
            "base_amount",
            "why",
            "mend",
        ]


class DaysSerializer(serializers.ModelSerializer):
    first = serializers.DateField(source="days.lower", read_only=True, allow_null=True)
    last = serializers.SerializerMethodField()

    def get_last(self, row: Any) -> dt.date | None:
        return row.days.upper - dt.timedelta(days=1) if row.days.upper else None


class CreditRuleSerializer(DaysSerializer):
    coverage_role = code()
    rep = code()
    market = code()
    family = code()
    pay_role = code()

    class Meta:
        model = CreditRule
        fields = [
            *("id", "revision", "name", "kind", "position", "first", "last", "getter", "coverage_role"),
            *("rep", "levels", "percent", "bases", "market", "family", "pipelines", "pay_role"),
            *("is_active", "reason"),
        ]


class CreditRuleInput(RevisionInput):
    """A new one needs name, kind and getter."""

    name = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(RULE_KINDS)
    getter = serializers.ChoiceField(Getter.choices)
    position = serializers.IntegerField(min_value=0, max_value=32767, required=False)
    first = serializers.DateField(required=False, allow_null=True)
    last = serializers.DateField(required=False, allow_null=True)
    coverage_role = code_of(lambda user: CoverageRole.objects.all(), required=False, allow_null=True)
    rep = code_of(reps_visible_to, required=False, allow_null=True)
    levels = serializers.IntegerField(min_value=1, max_value=9, required=False)
    percent = percent(required=False)
    bases = serializers.ListField(child=serializers.ChoiceField(Basis.choices), required=False, max_length=4)
    market = code_of(lambda user: Market.objects.all(), required=False, allow_null=True)
    family = code_of(lambda user: Family.objects.all(), required=False, allow_null=True)
    pipelines = serializers.ListField(
        child=serializers.CharField(max_length=80), required=False, max_length=50
    )
    pay_role = code_of(lambda user: PayRole.objects.all(), required=False, allow_null=True)
    is_active = serializers.BooleanField(required=False)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)


class EffectSerializer(serializers.Serializer):
    """What changes for a rep: credit in base currency, credits, more or less."""

    rep = serializers.CharField()
    kind = serializers.ChoiceField(CreditKind.choices)
    amount = serializers.DecimalField(18, 4)
    credits = serializers.IntegerField()
    deals = serializers.IntegerField()


class DryRunSerializer(serializers.Serializer):
    effects = EffectSerializer(many=True)
    nobody_before = serializers.IntegerField()
    nobody_after = serializers.IntegerField()


class SplitSerializer(serializers.ModelSerializer):
    rep = code()

    class Meta:
        model = DealSplit
        fields = ["id", "deal", "rep", "percent", "reason"]


class ShareInput(serializers.Serializer):
    rep = code_of(reps_visible_to)
    percent = percent()


class SplitInput(serializers.Serializer):
    """All shares of the deal: none, or 100 % together. `seen` is the mark that came with the list."""

    shares = ShareInput(many=True)
    seen = serializers.CharField(max_length=16)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)


class SplitListSerializer(serializers.Serializer):
    """The shares of a deal. `seen` is sent back with a change; `closed_month`: the deal's month is closed, so
    that a change is paid as a difference in the open month."""

    deal = serializers.IntegerField()
    seen = serializers.CharField()
    closed_month = serializers.DateField(allow_null=True)
    shares = SplitSerializer(many=True)


class CancellationSerializer(serializers.ModelSerializer):
    """`taken`: what it takes back of direct credit of won deals, in base currency."""

    taken = serializers.DecimalField(18, 4, read_only=True)

    class Meta:
        model = Cancellation
        fields = ["id", "revision", "deal", "kind", "day", "percent", "reason", "taken"]


class CancellationInput(RevisionInput):
    """A new one needs deal, kind, day and reason; the deal of one that is there stays."""

    deal = DealKey()
    kind = serializers.ChoiceField(CancellationKind.choices)
    day = serializers.DateField()
    percent = percent(max_value=Decimal(100), required=False)
    reason = serializers.CharField(max_length=500)


class TakeAwayInput(serializers.Serializer):
    revision = serializers.IntegerField(min_value=1)
    reason = serializers.CharField(max_length=500)


class FileInput(serializers.Serializer):
    file = serializers.FileField(validators=[small_enough])


class CancellationsStoredSerializer(serializers.Serializer):
    added = serializers.IntegerField()
    unchanged = serializers.IntegerField()


class WaitingSerializer(serializers.Serializer):
    currency = serializers.CharField()
    amount = serializers.DecimalField(18, 4)


class HoldSerializer(serializers.ModelSerializer):
    """`waiting`: the pay that it keeps back, by the currency of the statements."""

    rep = code()
    waiting = WaitingSerializer(many=True, read_only=True)

    class Meta:
        model = CreditHold
        fields = [
            *("id", "revision", "deal", "rep", "component", "percent", "since", "reason", "waiting"),
            *("released", "release_reason"),
        ]


class HoldInput(RevisionInput):
    """A new one needs a deal, a rep, or both, and a reason; these two stay as they are."""

    deal = DealKey(required=False, allow_null=True)
    rep = code_of(reps_visible_to, required=False, allow_null=True)
    component = serializers.CharField(max_length=60, required=False, allow_blank=True)
    percent = percent(max_value=Decimal(100), required=False)
    since = serializers.DateField(required=False)
    reason = serializers.CharField(max_length=500)


class ReleaseInput(serializers.Serializer):
    """The revision that was read, the day of release (today without it) and why."""

    revision = serializers.IntegerField(min_value=1)
    released = serializers.DateField(required=False)
    reason = serializers.CharField(max_length=500)


class ReleaseSeveralInput(serializers.Serializer):
    holds = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), max_length=1000
    )
    released = serializers.DateField(required=False)
    reason = serializers.CharField(max_length=500)


class ReleasedSerializer(serializers.Serializer):
    released = serializers.IntegerField()
