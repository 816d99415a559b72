"""What the API of stages 1 and 2 shows and takes. No logic."""

from rest_framework import serializers

from catalog.models import Product
from core.models import Person
from planning.api.machine import RevisionInput, family, market, revision, shown_person
from planning.models import (
    AccuracyReport,
    ConsensusCell,
    DataFreeze,
    DemandEvent,
    DemandEventKind,
    DemandInput,
    DemandVersion,
    FamilyReview,
    InputKind,
    PipelineChances,
    PipelineKind,
    PipelineShare,
    PipelineTake,
    ReasonCode,
    Stream,
    StreamName,
)

SPEAKING = [choice for choice in StreamName.choices if choice[0] != StreamName.STATISTICAL]


def code(source: str) -> serializers.CharField:
    """Another row's code."""
    return serializers.CharField(source=f"{source}.code", default=None, allow_null=True, read_only=True)


class DemandInputSerializer(serializers.ModelSerializer):
    """`baseline` and `before` are its cells' units when it was written, `consensus` and `actual` now."""

    family = code("family")
    product = code("product")
    market = code("market")
    author = shown_person("author")
    consensus = serializers.FloatField(
        source="outcome.consensus", default=None, allow_null=True, read_only=True
    )
    actual = serializers.FloatField(source="outcome.actual", default=None, allow_null=True, read_only=True)

    class Meta:
        model = DemandInput
        fields = [
            *("id", "stream", "family", "product", "market", "month", "kind", "value", "reason_code", "note"),
            *("baseline", "before", "consensus", "actual", "author", "take", "is_withdrawn"),
            *("written", "revision"),
        ]


class PipelineTakeSerializer(serializers.ModelSerializer):
    taken_by = shown_person("taken_by")

    class Meta:
        model = PipelineTake
        fields = [
            *(
                "id",
                "cycle",
                "kind",
                "chances",
                "deal_forecast",
                "deals",
                "overdue",
                "units",
                "amount",
                "left_out",
                "kept",
                "fingerprint",
            ),
            *("taken_by", "taken"),
        ]


class PipelineTakeInput(serializers.Serializer):
    kind = serializers.ChoiceField(choices=PipelineKind.choices, required=False, default=PipelineKind.ADD)
    chances = serializers.ChoiceField(
        choices=PipelineChances.choices,
        required=False,
        allow_blank=True,
        default="",
        help_text="Empty: the newest deal forecast, or the CRM where there is none.",
    )


class PipelineShareSerializer(serializers.ModelSerializer):
    """What one deal, or a line of it, gave to a cell."""

    deal_external_id = serializers.CharField(source="deal.external_id", read_only=True)
    family = code("family")
    product = code("product")
    market = code("market")

    class Meta:
        model = PipelineShare
        fields = [
            *("id", "take", "deal", "deal_external_id", "family", "product", "market", "month", "units"),
            *("probability", "expected", "amount"),
        ]


class DemandInputInput(serializers.Serializer):
    """`family` or `product`, or neither for all; no `market` for all markets. The cell of a number never
    changes: a PATCH takes `kind`, `value`, `reason_code`, `note`."""

    stream = serializers.ChoiceField(choices=SPEAKING)
    month = serializers.DateField(help_text="Any day of the month.")
    family = family()
    product = serializers.SlugRelatedField(
        slug_field="code", queryset=Product.objects.all(), required=False, allow_null=True
    )
    market = market()
    kind = serializers.ChoiceField(choices=InputKind.choices)
    value = serializers.DecimalField(16, 4, help_text="Units, or percent for the kind percent.")
    reason_code = serializers.ChoiceField(
        choices=ReasonCode.choices, required=False, allow_blank=True, default=""
    )
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")
    revision = revision()


class StreamSerializer(serializers.ModelSerializer):
    owner = shown_person("owner")
    settled_by = shown_person("settled_by")

    class Meta:
        model = Stream
        fields = ["id", "name", "owner", "weight", "state", "settled_by", "settled", "reason", "revision"]


class WeightInput(RevisionInput):
    weight = serializers.DecimalField(6, 4, min_value=0, max_value=1, help_text="A share from 0 to 1.")


class StreamMoveInput(serializers.Serializer):
    move = serializers.ChoiceField(choices=["submit", "waive", "reopen"])
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class DemandEventSerializer(serializers.ModelSerializer):
    product = code("product")
    market = code("market")
    owner = shown_person("owner")
    first = serializers.DateField(source="period.lower", read_only=True)
    last = serializers.SerializerMethodField()

    class Meta:
        model = DemandEvent
        fields = [
            *("id", "kind", "title", "product", "market", "first", "last", "units_a_month", "note"),
            *("owner", "revision"),
        ]

    def get_last(self, event: DemandEvent) -> str:
        """The last day, included."""
        return event.last_day.isoformat()


class DemandEventInput(serializers.Serializer):
    kind = serializers.ChoiceField(choices=DemandEventKind.choices)
    title = serializers.CharField(max_length=160)
    product = serializers.SlugRelatedField(slug_field="code", queryset=Product.objects.all())
    market = market()
    first = serializers.DateField()
    last = serializers.DateField(help_text="Included.")
    units_a_month = serializers.DecimalField(16, 4)
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    owner = serializers.SlugRelatedField(
        slug_field="email", queryset=Person.objects.filter(is_active=True), required=False
    )
    revision = revision()


class ConsensusCellSerializer(serializers.ModelSerializer):
    """Units by demand unit and month; a stream is null where it says nothing. Price in base currency."""

    product = serializers.CharField(source="demand_unit.product.code")
    market = serializers.CharField(source="demand_unit.market.code")

    class Meta:
        model = ConsensusCell
        fields = [
            *("demand_unit", "product", "market", "month", "baseline", "sales", "marketing", "finance"),
            *("pipeline", "events", "quantity", "price"),
        ]


class FamilyReviewSerializer(serializers.ModelSerializer):
    family = code("family")
    reviewer = shown_person("reviewer")

    class Meta:
        model = FamilyReview
        fields = ["id", "family", "state", "reviewer", "note", "revision"]


class FamilyReviewInput(serializers.Serializer):
    family = family()
    state = serializers.ChoiceField(choices=["undecided", "attention", "reviewed"])
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")
    revision = revision()

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        fields["family"].required, fields["family"].allow_null = True, False
        return fields


class DemandVersionSerializer(serializers.ModelSerializer):
    frozen_by = shown_person("frozen_by")

    class Meta:
        model = DemandVersion
        fields = ["id", "number", "fingerprint", "made_from", "units", "revenue", "frozen_by", "frozen"]


class DataFreezeSerializer(serializers.ModelSerializer):
    frozen_by = shown_person("frozen_by")

    class Meta:
        model = DataFreeze
        fields = ["id", "fingerprint", "content", "frozen_by", "frozen"]


class AccuracySerializer(serializers.ModelSerializer):
    class Meta:
        model = AccuracyReport
        fields = ["id", "basis", "of_cycle", "month", "content", "made"]


class RunPinnedSerializer(serializers.Serializer):
    run = serializers.IntegerField()
    state = serializers.CharField()
    job = serializers.IntegerField(allow_null=True, help_text="Ask /api/v1/jobs/{job}/ how far it is.")


class PinnedRunInput(serializers.Serializer):
    run = serializers.IntegerField(min_value=1, max_value=2**62)


class DemandMonthSerializer(serializers.Serializer):
    """Units and base currency; null where nobody said anything."""

    month = serializers.DateField()
    baseline = serializers.FloatField()
    units = serializers.FloatField()
    revenue = serializers.FloatField()
    budget_units = serializers.FloatField(allow_null=True)
    budget_revenue = serializers.FloatField(allow_null=True)
    last_year_units = serializers.FloatField(allow_null=True)
    last_year_revenue = serializers.FloatField(allow_null=True)


class DemandExceptionSerializer(serializers.Serializer):
    """`difference` in units, or money for the budget; `money` at stake in base currency."""

    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    subject = serializers.CharField()
    market = serializers.CharField()
    month = serializers.DateField()
    difference = serializers.FloatField()
    money = serializers.FloatField()
    url = serializers.CharField()


class CellCountSerializer(serializers.Serializer):
    cells = serializers.IntegerField()
