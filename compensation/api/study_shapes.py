"""What the API of the design studio takes and gives."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from compensation.engine.simulation_chance import Spread
from compensation.models import PlanVersion, Study
from compensation.selectors.studies import ALL_YEAR, THEN, names_of, rep_codes, results_of, versions_to_try

MONEY: dict[str, Any] = {"max_digits": 18, "decimal_places": 2}


class VersionKey(serializers.PrimaryKeyRelatedField):
    """A version by its number among all versions."""

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=PlanVersion.objects.none(), **options)

    def get_queryset(self) -> Any:
        request = self.context.get("request")
        return versions_to_try(request.user) if request else super().get_queryset()


class StudyInput(serializers.Serializer):
    version = VersionKey()
    base = VersionKey(required=False, allow_null=True, default=None)
    first_month = serializers.DateField(help_text="The first of twelve months that are over.")
    budget = serializers.DecimalField(**MONEY, required=False, allow_null=True, default=None)
    correlation = serializers.DecimalField(
        max_digits=4, decimal_places=3, required=False, default=Decimal("0.2")
    )
    spread = serializers.ChoiceField(
        choices=[(one.value, one.value) for one in Spread], required=False, default=Spread.OBSERVED.value
    )
    people = serializers.ChoiceField(
        choices=[(THEN, "Those on the plan then"), (ALL_YEAR, "Those of today, as if all year")],
        required=False,
        default=THEN,
    )
    draws = serializers.IntegerField(required=False, default=2000)
    seed = serializers.IntegerField(required=False, default=1)


class StudySerializer(serializers.ModelSerializer):
    plan = serializers.CharField(source="version.plan.code", read_only=True)
    made_by = serializers.EmailField(source="made_by.email", default=None, read_only=True)

    class Meta:
        model = Study
        fields = [
            "id",
            "plan",
            "version",
            "base",
            "first_month",
            "draws",
            "seed",
            "state",
            "fingerprint",
            "job",
            "made_by",
            "made",
        ]
        read_only_fields = fields


class PartCost(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    cost = serializers.DecimalField(**MONEY)


class LevelCost(serializers.Serializer):
    level = serializers.FloatField(help_text="Attainment of everybody, 1 for 100 %.")
    cost = serializers.DecimalField(**MONEY)
    parts = serializers.DictField(child=serializers.DecimalField(**MONEY))


class CurvePoint(serializers.Serializer):
    level = serializers.FloatField()
    share = serializers.FloatField(help_text="Pay over the whole target pay.")
    parts = serializers.DictField(child=serializers.FloatField())


class ChanceFigures(serializers.Serializer):
    missing = serializers.CharField(required=False, help_text="Why nothing could be drawn.")
    mean = serializers.DecimalField(**MONEY, required=False)
    p10 = serializers.DecimalField(**MONEY, required=False)
    p50 = serializers.DecimalField(**MONEY, required=False)
    p90 = serializers.DecimalField(**MONEY, required=False)
    above = serializers.FloatField(required=False, allow_null=True, help_text="Chance to exceed the budget.")
    doubt = serializers.FloatField(required=False, allow_null=True, help_text="Its standard error.")
    error = serializers.FloatField(
        required=False, help_text="Largest relative error of the pay curves in the draws checked in full."
    )
    checked = serializers.IntegerField(required=False)
    observed = serializers.IntegerField(required=False, help_text="People whose attainments were drawn from.")


class StudySide(serializers.Serializer):
    total = serializers.DecimalField(**MONEY)
    target = serializers.DecimalField(**MONEY)
    months = serializers.ListField(child=serializers.DecimalField(**MONEY))
    parts = PartCost(many=True)
    people = serializers.IntegerField()
    below = serializers.IntegerField(help_text="Who missed a threshold.")
    capped = serializers.IntegerField(help_text="Whose pay a cap or a budget cut off.")
    top_ratio = serializers.FloatField(allow_null=True, help_text="The highest pay over the median.")
    levels = LevelCost(many=True)
    curve = CurvePoint(many=True)
    chance = ChanceFigures()


class StudySides(serializers.Serializer):
    plan = StudySide()
    base = StudySide(required=False)


class StudyPerson(serializers.Serializer):
    rep = serializers.CharField()
    before = serializers.DecimalField(**MONEY, allow_null=True)
    after = serializers.DecimalField(**MONEY)
    target = serializers.DecimalField(**MONEY)
    fixed = serializers.DecimalField(**MONEY, allow_null=True)
    attained = serializers.FloatField(allow_null=True)
    below = serializers.BooleanField()
    capped = serializers.BooleanField()


class StudyResults(serializers.Serializer):
    currency = serializers.CharField()
    sides = StudySides()
    people = StudyPerson(many=True)
    sold = serializers.DictField(child=serializers.DecimalField(**MONEY), help_text="By basis.")
    notes = serializers.ListField(child=serializers.CharField())


class StudyDetailSerializer(StudySerializer):
    """With what it says, once it is done, and why not, when it failed."""

    results = serializers.SerializerMethodField()
    faults = serializers.SerializerMethodField()

    class Meta(StudySerializer.Meta):
        fields = [*StudySerializer.Meta.fields, "results", "faults"]
        read_only_fields = fields

    @extend_schema_field(StudyResults(allow_null=True))
    def get_results(self, study: Study) -> dict[str, Any] | None:
        found = results_of(study)
        if "sides" not in found:
            return None
        keys = [row["rep"] for row in found["people"]]
        seen, codes = names_of(self.context["request"].user, keys), rep_codes(keys)
        people = [row | {"rep": codes[row["rep"]]} for row in found["people"] if row["rep"] in seen]
        return dict(StudyResults(found | {"people": people}).data)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_faults(self, study: Study) -> list[str]:
        return list(results_of(study).get("faults", []))
