"""Launches, successors and months of the past by API: what planners say, and what runs replaced."""

from decimal import Decimal
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from catalog.models import DemandUnit
from catalog.selectors import demand_units_visible_to
from core.access import person_of
from core.api.viewsets import EditViewSet, ReadViewSet
from core.models import Person
from forecasting.filters.lives import AnyRunCleanedFilter, LaunchFilter, MarkFilter, SuccessionFilter
from forecasting.models import (
    CleanedMonth,
    Launch,
    LaunchLike,
    MaskedPeriod,
    MonthMark,
    MonthSaid,
    Succession,
)
from forecasting.selectors.launches import launches_visible_to, successions_visible_to, suggested_likes
from forecasting.selectors.months import cleaned_visible_to, marks_visible_to, masks_visible_to
from forecasting.services.launches import change_launch, plan_launch, withdraw_launch
from forecasting.services.month_marks import mark_month
from forecasting.services.successions import change_succession, plan_succession, withdraw_succession

VIEW_AND_STEER = {
    "list": "forecast.view",
    "retrieve": "forecast.view",
    "create": "forecast.steer",
    "partial_update": "forecast.steer",
    "withdraw": "forecast.steer",
}
NO_DELETE = ["get", "post", "patch", "head", "options"]


class UnitOf(serializers.PrimaryKeyRelatedField):
    """A demand unit by its number, one of those that the caller may see."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=DemandUnit.objects.none(), **kwargs)

    def get_queryset(self) -> Any:
        request = self.context.get("request")
        return demand_units_visible_to(request.user if request else None)


def email(source: str) -> serializers.CharField:
    """A person, by e-mail address."""
    return serializers.CharField(source=f"{source}.email", default=None, allow_null=True, read_only=True)


def code(source: str) -> serializers.CharField:
    """Another row's code."""
    return serializers.CharField(source=f"{source}.code", default=None, allow_null=True, read_only=True)


class WithdrawInput(serializers.Serializer):
    revision = serializers.IntegerField(min_value=1, help_text="The revision that you read with the row.")


class LikeSerializer(serializers.ModelSerializer):
    product, market = code("demand_unit.product"), code("demand_unit.market")

    class Meta:
        model = LaunchLike
        fields = ["demand_unit", "product", "market", "weight"]


class LaunchSerializer(serializers.ModelSerializer):
    product, market = code("demand_unit.product"), code("demand_unit.market")
    owner = email("owner")
    likes = LikeSerializer(many=True, read_only=True)

    class Meta:
        model = Launch
        fields = [
            *("id", "demand_unit", "product", "market", "first_month", "level", "likes", "reason"),
            *("owner", "is_withdrawn", "revision"),
        ]


class LikeInput(serializers.Serializer):
    demand_unit = UnitOf()
    weight = serializers.DecimalField(18, 4, default=Decimal(1))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Each like is whole, also in a change, which asks for nothing and fills nothing in."""
        if "demand_unit" not in attrs:
            raise serializers.ValidationError({"demand_unit": ["Name the demand unit that it resembles."]})
        return {"weight": Decimal(1)} | attrs


class LaunchInput(serializers.Serializer):
    demand_unit = UnitOf(help_text="Ignored when changing.")
    first_month = serializers.DateField(help_text="Any day of the month in which it is sold first.")
    level = serializers.DecimalField(
        18,
        4,
        required=False,
        allow_null=True,
        help_text="Units a month once settled; null: mean of its likes.",
    )
    likes = LikeInput(many=True, help_text="A change replaces all of them.")
    reason = serializers.CharField(max_length=500)
    revision = serializers.IntegerField(required=False, help_text="Needed to change.")


class LikeItemSerializer(serializers.Serializer):
    demand_unit = serializers.IntegerField(source="unit.pk")
    product = serializers.CharField(source="unit.product.code")
    market = serializers.CharField(source="unit.market.code")
    score = serializers.FloatField(help_text="From 0 to 1.")
    words = serializers.CharField()


class SuccessionSerializer(serializers.ModelSerializer):
    old_product, new_product, market = code("old.product"), code("new.product"), code("old.market")
    owner = email("owner")

    class Meta:
        model = Succession
        fields = [
            *("id", "old", "new", "old_product", "new_product", "market", "first_month", "ramp", "reason"),
            *("owner", "is_withdrawn", "revision"),
        ]


class SuccessionInput(serializers.Serializer):
    old = UnitOf(help_text="Ignored when changing.")
    new = UnitOf(required=False, allow_null=True, help_text="Null: it ends without a successor.")
    first_month = serializers.DateField(help_text="Any day of the first month of the new one.")
    ramp = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=100),
        required=False,
        max_length=24,
        help_text="Percent of both that the new one has in the first months; all of it after them.",
    )
    reason = serializers.CharField(max_length=500)
    revision = serializers.IntegerField(required=False, help_text="Needed to change.")


class MonthMarkSerializer(serializers.ModelSerializer):
    product, market = code("demand_unit.product"), code("demand_unit.market")
    owner = email("owner")

    class Meta:
        model = MonthMark
        fields = ["id", "demand_unit", "product", "market", "month", "said", "reason", "owner", "revision"]


class MonthMarkInput(serializers.Serializer):
    demand_unit = UnitOf()
    month = serializers.DateField(help_text="Any day of it.")
    said = serializers.ChoiceField(choices=MonthSaid.choices)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    revision = serializers.IntegerField(
        required=False, help_text="Of what stands there: 409 when somebody said something else since."
    )


class CleanedMonthSerializer(serializers.ModelSerializer):
    """`was` and `now` in units; `money` in the base currency, at the unit's mean price."""

    product, market = code("demand_unit.product"), code("demand_unit.market")

    class Meta:
        model = CleanedMonth
        fields = [
            "id",
            "run",
            "demand_unit",
            "product",
            "market",
            "month",
            "was",
            "now",
            "why",
            "money",
            "said",
        ]


class MaskedPeriodSerializer(serializers.ModelSerializer):
    product, market = code("product"), code("market")

    class Meta:
        model = MaskedPeriod
        fields = ["id", "source", "title", "product", "market", "first_month", "last_month", "is_over"]


class LaunchViewSet(EditViewSet):
    """Launch plans: which items a new one resembles, from which month on, at which level."""

    model = Launch
    selector = launches_visible_to
    serializer_class = LaunchSerializer
    input_class = LaunchInput
    filterset_class = LaunchFilter
    ordering_fields = ["id", "first_month"]
    ordering = ["id"]
    http_method_names = NO_DELETE
    actions = VIEW_AND_STEER

    def create_by(self, person: Person, data: dict[str, Any]) -> Launch:
        data.pop("revision", None)
        return plan_launch(actor=person, **data | {"likes": _pairs(data["likes"])})

    def change_by(self, person: Person, row: Launch, revision: int, data: dict[str, Any]) -> Launch:
        if "likes" in data:
            data["likes"] = _pairs(data["likes"])
        changed = change_launch(actor=person, launch=row, revision=revision, changes=data)
        return launches_visible_to(person).get(pk=changed.pk)

    @extend_schema(request=WithdrawInput, responses=LaunchSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take the plan back: its unit is forecast from its own history again."""
        sent = WithdrawInput(data=request.data)
        sent.is_valid(raise_exception=True)
        row = withdraw_launch(actor=person_of(request), launch=self.get_object(), **sent.validated_data)
        return Response(LaunchSerializer(row).data)


def _pairs(likes: list[dict[str, Any]]) -> list[tuple[DemandUnit, Any]]:
    return [(like["demand_unit"], like["weight"]) for like in likes]


class SuccessionViewSet(EditViewSet):
    """Which demand unit takes over another's demand, and which end."""

    model = Succession
    selector = successions_visible_to
    serializer_class = SuccessionSerializer
    input_class = SuccessionInput
    filterset_class = SuccessionFilter
    ordering_fields = ["id", "first_month"]
    ordering = ["id"]
    http_method_names = NO_DELETE
    actions = VIEW_AND_STEER

    def create_by(self, person: Person, data: dict[str, Any]) -> Succession:
        data.pop("revision", None)
        return plan_succession(actor=person, **{"new": None} | data)

    def change_by(self, person: Person, row: Succession, revision: int, data: dict[str, Any]) -> Succession:
        return change_succession(actor=person, succession=row, revision=revision, changes=data)

    @extend_schema(request=WithdrawInput, responses=SuccessionSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take the plan back: each unit is forecast from its own history again."""
        sent = WithdrawInput(data=request.data)
        sent.is_valid(raise_exception=True)
        row = withdraw_succession(
            actor=person_of(request), succession=self.get_object(), **sent.validated_data
        )
        return Response(SuccessionSerializer(row).data)


class MonthMarkViewSet(EditViewSet):
    """What people say about single months; a POST for a month that has something said replaces it."""

    model = MonthMark
    selector = marks_visible_to
    serializer_class = MonthMarkSerializer
    input_class = MonthMarkInput
    filterset_class = MarkFilter
    ordering_fields = ["id", "month"]
    ordering = ["id"]
    http_method_names = ["get", "post", "head", "options"]
    actions = {"list": "forecast.view", "retrieve": "forecast.view", "create": "forecast.steer"}

    def create_by(self, person: Person, data: dict[str, Any]) -> MonthMark:
        return mark_month(actor=person, **data | {"said": MonthSaid(data["said"])})


class CleanedMonthViewSet(ReadViewSet):
    """Months that runs replaced before they fitted anything."""

    model = CleanedMonth
    selector = cleaned_visible_to
    serializer_class = CleanedMonthSerializer
    filterset_class = AnyRunCleanedFilter
    ordering_fields = ["money", "month"]
    ordering = ["-money", "id"]
    actions = {"list": "forecast.view", "retrieve": "forecast.view"}


class MaskedPeriodViewSet(ReadViewSet):
    """Months that dated events mask; planning writes them with its events."""

    model = MaskedPeriod
    selector = masks_visible_to
    serializer_class = MaskedPeriodSerializer
    filterset_fields = ["is_over"]
    ordering_fields = ["id", "first_month"]
    ordering = ["id"]
    actions = {"list": "forecast.view", "retrieve": "forecast.view"}


class SuggestionViewSet(ViewSet):
    """What a new demand unit resembles."""

    actions = {"retrieve": "forecast.view"}

    @extend_schema(responses=LikeItemSerializer(many=True))
    def retrieve(self, request: Request, pk: int) -> Response:
        """The items most like this demand unit, with the likeness in words; the most alike first."""
        unit = get_object_or_404(demand_units_visible_to(person_of(request)), pk=pk)
        return Response(LikeItemSerializer(suggested_likes(person_of(request), unit), many=True).data)


VIEWSETS: list[tuple[str, Any, str]] = [
    ("forecast-launches", LaunchViewSet, "forecast-launch"),
    ("forecast-successions", SuccessionViewSet, "forecast-succession"),
    ("forecast-month-marks", MonthMarkViewSet, "forecast-month-mark"),
    ("forecast-cleaned-months", CleanedMonthViewSet, "forecast-cleaned-month"),
    ("forecast-masked-periods", MaskedPeriodViewSet, "forecast-masked-period"),
]
