"""What rules, pins, runs and their outcome look like in the API. No logic."""

from typing import Any

from rest_framework import serializers

from catalog.api.base import RevisionInput, code_of
from crm.models import Account
from crm.selectors.accounts import accounts_visible_to
from territories.models import Pin, PinKind, Placement, Rule, RuleOverlap, RuleRun, Territory
from territories.selectors.models import territories_visible_to
from territories.selectors.rules import words_of


def code(source: str = "") -> Any:
    """Another row's code, for reading."""
    options: dict[str, Any] = {"source": source} if source else {}
    return serializers.SlugRelatedField(slug_field="code", read_only=True, **options)


class TerritoryOf(serializers.PrimaryKeyRelatedField):
    """A territory by its id, one of those that the caller may see."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Territory.objects.none(), **kwargs)

    def get_queryset(self) -> Any:
        request = self.context.get("request")
        return territories_visible_to(request.user if request else None)


class RuleSerializer(serializers.ModelSerializer):
    territory_code, model = code("territory"), code("territory.model")
    words = serializers.SerializerMethodField(help_text="The condition in words.")
    condition = serializers.JSONField()

    class Meta:
        model = Rule
        fields = [
            *("id", "revision", "model", "territory", "territory_code", "name", "priority", "condition"),
            *("words", "inherits", "is_active"),
        ]

    def get_words(self, rule: Rule) -> str:
        return words_of(rule)


class RuleInput(RevisionInput):
    territory = TerritoryOf(help_text="Its id. Ignored when changing.")
    name = serializers.CharField(max_length=200)
    priority = serializers.IntegerField(min_value=0, max_value=2_147_483_647, required=False)
    condition = serializers.JSONField(
        help_text='Such as {"all": [{"field": "country", "is": "is", "value": "Germany"}]}.'
    )
    inherits = serializers.BooleanField(required=False)
    is_active = serializers.BooleanField(required=False)


class TerritoryPinSerializer(serializers.ModelSerializer):
    account, territory_code, model = code(), code("territory"), code("territory.model")

    class Meta:
        model = Pin
        fields = [
            *("id", "revision", "model", "territory", "territory_code", "account", "kind", "reason"),
            "is_withdrawn",
        ]


class TerritoryPinInput(serializers.Serializer):
    territory = TerritoryOf(help_text="Its id.")
    account = code_of(accounts_visible_to)
    kind = serializers.ChoiceField(choices=PinKind.choices)
    reason = serializers.CharField(max_length=500)


class RevisionOnly(serializers.Serializer):
    revision = serializers.IntegerField(min_value=1, help_text="The revision that you read.")


class ConditionInput(serializers.Serializer):
    condition = serializers.JSONField()


class ConditionSerializer(serializers.Serializer):
    words = serializers.CharField()
    accounts = serializers.IntegerField(help_text="Active accounts that meet it, of those you see.")


class RunInput(serializers.Serializer):
    from_day = serializers.DateField(
        required=False, allow_null=True, default=None, help_text="Only for a model in force."
    )
    keep_decided = serializers.BooleanField(
        default=True, help_text="Leave what people, files and realignments placed."
    )


class RunSerializer(serializers.ModelSerializer):
    model = code()

    class Meta:
        model = RuleRun
        fields = ["id", "model", "at", "from_day", "accounts", "changed", "gaps", "overlaps", "seconds"]


class TerritoryChangeSerializer(serializers.Serializer):
    territory = serializers.CharField(source="code", help_text="Empty: accounts without a territory.")
    name = serializers.CharField()
    before = serializers.IntegerField()
    after = serializers.IntegerField()
    come = serializers.IntegerField()
    leave = serializers.IntegerField()


class ExampleMoveSerializer(serializers.Serializer):
    account_id = serializers.IntegerField()
    account = serializers.CharField()
    was = serializers.CharField()
    now = serializers.CharField()
    why = serializers.CharField()


class PreviewSerializer(serializers.Serializer):
    from_day = serializers.DateField()
    accounts = serializers.IntegerField(help_text="Active accounts that were looked at.")
    changed = serializers.IntegerField()
    gaps = serializers.IntegerField()
    gaps_before = serializers.IntegerField()
    overlaps = serializers.IntegerField()
    kept = serializers.IntegerField(help_text="Left where a person, a file or a realignment put them.")
    territories = TerritoryChangeSerializer(many=True)
    examples = ExampleMoveSerializer(many=True)


class PlacementSerializer(serializers.ModelSerializer):
    model, account, territory, role = code(), code(), code(), code()
    first_day = serializers.DateField(source="days.lower", allow_null=True, read_only=True)
    day_after = serializers.DateField(source="days.upper", allow_null=True, read_only=True)

    class Meta:
        model = Placement
        fields = [
            *("id", "model", "account", "territory", "role", "first_day", "day_after", "placed_by", "rule"),
            *("pin", "reason"),
        ]


class TerritoryGapSerializer(serializers.ModelSerializer):
    owner, market = code(), code()
    potential = serializers.DecimalField(
        18, 4, source="work.potential", default=None, allow_null=True, read_only=True
    )

    class Meta:
        model = Account
        fields = [
            *("id", "code", "name", "potential", "country", "region", "city", "postcode", "industry"),
            *("owner", "market"),
        ]


class OverlapSerializer(serializers.ModelSerializer):
    model, account, role = code(), code(), code()
    territory, rival_territory = code("rule.territory"), code("rival.territory")

    class Meta:
        model = RuleOverlap
        fields = [
            *("id", "model", "account", "role", "rule", "territory", "rival", "rival_territory", "rivals"),
        ]


class VacantSerializer(serializers.ModelSerializer):
    model = code()
    accounts = serializers.IntegerField(source="held")

    class Meta:
        model = Territory
        fields = ["id", "model", "code", "name", "type", "accounts"]


class OtherRuleSerializer(serializers.Serializer):
    rule = serializers.CharField(source="rule.name")
    territory = serializers.CharField(source="rule.territory.code")
    condition = serializers.CharField(source="sentence")
    why_not = serializers.CharField()


class WhySerializer(serializers.Serializer):
    layer = serializers.CharField(help_text="Owner, or the overlay role.")
    territory = serializers.CharField(source="territory.code", default=None, allow_null=True)
    reason = serializers.CharField()
    is_stale = serializers.BooleanField(help_text="Whether the rules of now would put it elsewhere.")
    others = OtherRuleSerializer(many=True)
