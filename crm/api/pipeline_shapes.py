"""What the pipeline looks like in the API, and what may be sent. Money is in base currency. No logic."""

from typing import Any

from rest_framework import serializers

from catalog.api.base import RevisionInput, code, code_of
from crm.engine.pipeline import Step
from crm.models import Deal, ForecastCategory
from crm.selectors.deals import deal_stages_visible_to
from crm.selectors.pipeline_moves import KEYS
from crm.selectors.pipeline_signs import GROUPS, signs_of

STEPS = [(step.value, step.value) for step in Step]


def _money(help_text: str = "", **options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=30, decimal_places=4, help_text=help_text, **options)


def _share(help_text: str) -> serializers.FloatField:
    return serializers.FloatField(allow_null=True, help_text=help_text)


class PipelineDealSerializer(serializers.ModelSerializer):
    """A deal with what decides about it."""

    account, rep, stage, product, currency = code(), code(), code(), code(), code()
    chance = serializers.DecimalField(max_digits=5, decimal_places=4, help_text="Of being won, 0 to 1.")
    weighted = _money("Amount in base currency times the chance.")
    category = serializers.ChoiceField(source="category_now", choices=ForecastCategory.choices)
    signs = serializers.SerializerMethodField(help_text="What says that an open deal needs care.")

    class Meta:
        model = Deal
        fields = [
            *("id", "revision", "source", "external_id", "name", "account", "rep", "stage", "product"),
            *("amount", "currency", "base_amount", "chance", "weighted", "category", "created"),
            *("expected_close", "closed", "entered_stage", "pushes", "next_step", "signs"),
        ]

    def get_signs(self, deal: Deal) -> list[str]:
        return [sign.key for sign in signs_of(deal)]


class DealMoveInput(RevisionInput):
    """The stage a deal goes to."""

    revision = serializers.IntegerField(min_value=1, help_text="The one you read with the deal.")
    stage = code_of(deal_stages_visible_to)
    closed = serializers.DateField(
        required=False, allow_null=True, help_text="Of a deal won or lost. Today if absent."
    )
    lost_reason = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text="Needed for a lost deal."
    )


class BoardCardSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField(source="__str__")
    base_amount = _money(allow_null=True)
    expected_close = serializers.DateField(allow_null=True)


class BoardColumnSerializer(serializers.Serializer):
    stage = serializers.CharField(source="stage.code")
    name = serializers.CharField(source="stage.name")
    deals = serializers.IntegerField()
    amount = _money()
    weighted = _money()
    cards = BoardCardSerializer(many=True, help_text="The first ones; the rest by /pipeline/deals/?stage=….")


class PassageSerializer(serializers.Serializer):
    stage = serializers.CharField(source="stage.code")
    reached = serializers.IntegerField(help_text="Deals that came at least so far.")
    passed = serializers.IntegerField(help_text="Deals that came further.")
    conversion = _share("Passed of reached.")
    here = serializers.IntegerField(help_text="Open deals in this stage now.")
    lost = serializers.IntegerField(help_text="Lost deals that came no further.")
    median_days = _share("Median of finished stays, days.")


class FunnelSerializer(serializers.Serializer):
    key = serializers.CharField(help_text="The group's code; empty for those without one.", allow_blank=True)
    name = serializers.CharField(allow_blank=True)
    created = serializers.IntegerField()
    won = serializers.IntegerField()
    lost = serializers.IntegerField()
    open = serializers.IntegerField()
    won_amount = _money()
    win_rate = _share("Won of those won or lost.")
    median_days = _share("Median from creation to signature, days.")
    passages = PassageSerializer(many=True)


class FunnelAnswer(serializers.Serializer):
    first = serializers.DateField()
    last = serializers.DateField()
    by = serializers.CharField()
    all = FunnelSerializer()
    groups = FunnelSerializer(many=True)


class CohortSerializer(serializers.Serializer):
    month = serializers.DateField()
    created = serializers.IntegerField()
    amount = _money()
    won = serializers.IntegerField()
    won_amount = _money()
    lost = serializers.IntegerField()
    open = serializers.IntegerField()
    won_by = serializers.ListField(
        child=serializers.IntegerField(), help_text="Won until 0, 1, 2, … whole months after creation."
    )
    won_amount_by = serializers.ListField(child=_money())


class PartSerializer(serializers.Serializer):
    deals = serializers.IntegerField()
    amount = _money("Negative where it makes the pipeline smaller.")


class PipelineStepSerializer(PartSerializer):
    step = serializers.ChoiceField(choices=STEPS)


class MovedSerializer(serializers.Serializer):
    deal = serializers.IntegerField(source="deal.pk")
    name = serializers.CharField(source="deal.__str__")
    changes = serializers.ListField(child=serializers.ChoiceField(choices=[(key, key) for key in KEYS]))
    stage_before = serializers.CharField(allow_blank=True)
    stage_after = serializers.CharField(allow_blank=True)
    amount_before = _money()
    amount_after = _money()
    close_before = serializers.DateField(allow_null=True)
    close_after = serializers.DateField(allow_null=True)
    owner_before = serializers.CharField(allow_blank=True)
    owner_after = serializers.CharField(allow_blank=True)


class ChangesAnswer(serializers.Serializer):
    since = serializers.DateField()
    until = serializers.DateField()
    start = PartSerializer()
    end = PartSerializer()
    steps = PipelineStepSerializer(many=True, help_text="Start and steps make the end, exactly.")
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="Deals by kind of change.")
    deals = MovedSerializer(many=True, help_text="The first ones of the kind asked for.")


class CoverageLineSerializer(serializers.Serializer):
    key = serializers.CharField(allow_blank=True)
    name = serializers.CharField()
    quota = _money(allow_null=True)
    won = _money()
    gap = _money("Quota less won.", allow_null=True)
    commit = _money()
    best_case = _money()
    pipeline = _money()
    omitted = _money("Open deals left out of the forecast.")
    open = _money("Commit, best case and pipeline.")
    weighted = _money()
    expected = _money("Won and weighted.")
    coverage = _share("Open over what is missing.")


class CoverageAnswer(serializers.Serializer):
    first = serializers.DateField()
    last = serializers.DateField()
    total = CoverageLineSerializer()
    reps = CoverageLineSerializer(many=True)
    teams = CoverageLineSerializer(many=True)
    months = CoverageLineSerializer(many=True, help_text="The key is the month.")
    overdue = serializers.IntegerField(help_text="Open deals that should have closed before.")
    overdue_amount = _money()


class SignsSerializer(serializers.Serializer):
    group = serializers.ChoiceField(choices=list(GROUPS.items()))
    label = serializers.CharField()  # type: ignore[assignment]
    deals = serializers.IntegerField()
    amount = _money()
