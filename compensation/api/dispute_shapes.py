"""What the API of disputes takes and gives."""

from typing import Any

from rest_framework import serializers

from catalog.api.base import code
from compensation.models import Dispute, DisputeAbout, PayLine, Statement
from compensation.selectors.disputes import own_lines, own_statements, people_who_decide
from core.models import Person
from crm.models import Deal
from crm.selectors.deals import live_deals_visible_to

MOST = 2**31 - 1


class Visible(serializers.PrimaryKeyRelatedField):
    """A row by its key, one of those that a selector gives the caller."""

    def __init__(self, selector: Any, model: Any, **options: Any) -> None:
        self.selector = selector
        super().__init__(queryset=model._default_manager.none(), **options)

    def get_queryset(self) -> Any:
        request = self.context.get("request")
        return self.selector(request.user) if request else super().get_queryset()


class DisputeSerializer(serializers.ModelSerializer):
    rep = code()
    owner = serializers.EmailField(source="owner.email", default=None, read_only=True)
    raised_by = serializers.EmailField(source="raised_by.email", default=None, read_only=True)
    decided_by = serializers.EmailField(source="decided_by.email", default=None, read_only=True)
    month = serializers.DateField(source="statement.run.month", read_only=True)
    currency = serializers.CharField(source="statement.currency.code", read_only=True)
    worth = serializers.DecimalField(
        18, 4, read_only=True, help_text="What is wanted less what was paid, without a sign."
    )
    late = serializers.BooleanField(read_only=True, help_text="Nobody answered in time.")

    class Meta:
        model = Dispute
        fields = [
            *("id", "statement", "line", "rep", "month", "currency", "about", "deal", "text", "expected"),
            *("worth", "state", "raised_by", "raised", "owner", "due", "first_answer", "late"),
            *("decided_by", "decided", "decision", "adjustment", "revision"),
        ]
        read_only_fields = fields


class DisputeInput(serializers.Serializer):
    statement = Visible(own_statements, Statement)
    line = Visible(own_lines, PayLine, required=False, allow_null=True)
    about = serializers.ChoiceField(choices=DisputeAbout.choices)
    deal = Visible(live_deals_visible_to, Deal, required=False, allow_null=True)
    text = serializers.CharField(max_length=2000)
    expected = serializers.DecimalField(18, 4, required=False, allow_null=True)


class DisputeDecisionInput(serializers.Serializer):
    accept = serializers.BooleanField()
    reason = serializers.CharField(max_length=1000, allow_blank=True)
    amount = serializers.DecimalField(
        18, 4, required=False, allow_null=True, help_text="Proposed as an adjustment, in its currency."
    )
    month = serializers.DateField(required=False, allow_null=True, help_text="Any day of its month.")
    revision = serializers.IntegerField(min_value=1, max_value=MOST)


class DisputeGiveInput(serializers.Serializer):
    owner: Any = serializers.SlugRelatedField(slug_field="email", queryset=Person.objects.none())
    revision = serializers.IntegerField(min_value=1, max_value=MOST)

    def get_fields(self) -> Any:
        fields: Any = super().get_fields()
        fields["owner"].queryset = people_who_decide(None)
        return fields


class DisputeWithdrawInput(serializers.Serializer):
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    revision = serializers.IntegerField(min_value=1, max_value=MOST)


class DisputeFiguresSerializer(serializers.Serializer):
    label: Any = serializers.CharField()
    count = serializers.IntegerField()
    open = serializers.IntegerField()
    agreed = serializers.IntegerField()
    disagreed = serializers.IntegerField()
    withdrawn = serializers.IntegerField()
    late = serializers.IntegerField()
    agreed_share = serializers.FloatField(allow_null=True)
    hours = serializers.FloatField(allow_null=True, help_text="Working hours to decide, median.")
    worth = serializers.DictField(child=serializers.DecimalField(18, 4), help_text="By currency.")
    adjusted = serializers.DictField(child=serializers.DecimalField(18, 4), help_text="By currency.")


class DisputeReportSerializer(serializers.Serializer):
    total = DisputeFiguresSerializer()
    by_month = DisputeFiguresSerializer(many=True)
    by_plan = DisputeFiguresSerializer(many=True)
    by_about = DisputeFiguresSerializer(many=True)
