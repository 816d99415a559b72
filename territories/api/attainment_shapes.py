"""What attainment looks like in the API. Money is in base currency, shares are 1 for 100 %."""

from typing import Any

from rest_framework import serializers

from territories.engine.attainment.periods import PeriodKind

KINDS = [(kind.value, kind.value) for kind in PeriodKind]


def _money(help_text: str = "", **options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=30, decimal_places=4, help_text=help_text, **options)


def _share(help_text: str = "", source: str | None = None) -> serializers.FloatField:
    return serializers.FloatField(allow_null=True, help_text=help_text, source=source)


class AttainmentPeriodSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=KINDS)
    first = serializers.DateField()
    last = serializers.DateField()
    label = serializers.CharField()  # type: ignore[assignment]


class ForecastSerializer(serializers.Serializer):
    """Closed, open by chance and usually new add up to expected."""

    closed = serializers.FloatField()
    weighted = serializers.FloatField(help_text="Open deals that are to close in the period × their chance.")
    new = serializers.FloatField(help_text="Mean of what came new in the rest of past periods.")
    expected = serializers.FloatField()
    low = serializers.FloatField(help_text="One of ten simulated ends lies below.")
    high = serializers.FloatField(help_text="One of ten simulated ends lies above.")
    deviation = serializers.FloatField(help_text="Standard deviation by the closed form.")


class AttainmentLineSerializer(serializers.Serializer):
    """A rep, team, territory, product, or all."""

    key = serializers.CharField(help_text="Its code; empty for all and for what is nobody's.")
    name = serializers.CharField()
    depth = serializers.IntegerField(help_text="In the tree of territories, from 0.")
    quota = _money(allow_null=True)
    closed = _money()
    count = serializers.IntegerField(help_text="Won deals, bookings or order lines.")
    attained = _share("Closed over quota.")
    missing = _money("What of the quota is not closed.", allow_null=True)
    gone = serializers.FloatField(help_text="How much of the period is over, by the quota's season.")
    pace = _share("Closed over what should be closed by now.")
    open = _share("Open deals that are to close in the period.", "open.money")
    forecast = ForecastSerializer(source="outlook", allow_null=True)
    expected = _share("Forecast attainment.")
    low, high = _share("Of the forecast attainment."), _share("Of the forecast attainment.")
    win_rate = _share("Won over decided deals of the last twelve months.", "rate")
    win_rate_is_own = serializers.BooleanField(source="rate_is_own", help_text="False: that of all.")
    coverage = _share("Open over missing.", "had")
    coverage_needed = _share("1 / win rate.", "needed")


class AttainmentAnswer(serializers.Serializer):
    period = AttainmentPeriodSerializer(source="asked.period")
    measure = serializers.CharField(source="asked.measure")
    credit = serializers.CharField(source="asked.credit")
    total = AttainmentLineSerializer()
    lines = AttainmentLineSerializer(many=True)


class PastSerializer(serializers.Serializer):
    period = AttainmentPeriodSerializer()
    quota = _money(allow_null=True)
    closed = _money()
    attained = _share()


class RestSerializer(serializers.Serializer):
    first = serializers.DateField()
    last = serializers.DateField()
    money = _money()
    count = serializers.IntegerField()


class RepAnswer(serializers.Serializer):
    line = AttainmentLineSerializer()
    past = RestSerializer(many=True)


class SoldPartSerializer(serializers.Serializer):
    lines = serializers.IntegerField()
    revenue = _money()


class SoldRowSerializer(serializers.Serializer):
    key = serializers.CharField()
    name = serializers.CharField()
    within = SoldPartSerializer()
    outside = SoldPartSerializer()
    nowhere = SoldPartSerializer(help_text="The account lay in no territory.")
    share_of_lines = _share("Outside, of all.")
    share_of_revenue = _share("Outside, of all.")


class SoldOutsideAnswer(serializers.Serializer):
    total = SoldRowSerializer()
    reps = SoldRowSerializer(many=True)
    territories = SoldRowSerializer(many=True)


class BandSerializer(serializers.Serializer):
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()


class SpreadSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    median = serializers.FloatField()
    mean = serializers.FloatField()
    at_quota = serializers.FloatField(help_text="Share of reps at or above their quota.")
    mean_misleads = serializers.BooleanField()
    bands = BandSerializer(many=True)


class RelationSerializer(serializers.Serializer):
    """Near 0 is fair."""

    count = serializers.IntegerField(help_text="Reps with a quota and a potential.")
    pearson = _share()
    spearman = _share()
    map_decides = serializers.BooleanField(help_text="One of the two is 0.5 or more in size.")
    may_be_chance = serializers.BooleanField(help_text="Not significant at 5 %.")
    is_small = serializers.BooleanField(help_text="Too few reps to tell much.")


class PointSerializer(serializers.Serializer):
    key = serializers.CharField(source="line.key")
    name = serializers.CharField(source="line.name")
    quota = _money(source="line.quota")
    closed = _money(source="line.closed")
    attained = serializers.FloatField()
    potential = _money(allow_null=True)


class FairnessAnswer(serializers.Serializer):
    period = AttainmentPeriodSerializer(source="asked.period")
    spread = SpreadSerializer(allow_null=True)
    relation = RelationSerializer()
    reps = PointSerializer(many=True, source="points")
