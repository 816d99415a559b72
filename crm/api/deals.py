"""Deals in the API: read back with their history, written as events of their CRM."""

from typing import Any

from django.db.models import F, Model, Prefetch, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.base import RevisionInput, code, code_of
from catalog.selectors import currencies_visible_to, products_visible_to
from core.access import person_of
from core.api.viewsets import EditViewSet
from core.errors import Invalid, Reason
from core.models import Person
from crm.filters.deals import DealFilter, DealLineFilter
from crm.models import Deal, DealChange, DealLine, DealStage, ForecastCategory, StageKind
from crm.selectors.accounts import accounts_visible_to, reps_visible_to
from crm.selectors.deals import deal_stages_visible_to, deals_visible_to, lines_visible_to
from crm.services.deal_stages import change_stage, create_stage
from crm.services.deals import (
    add_line,
    change_deal,
    change_line,
    create_deal,
    delete_deal,
    remove_line,
    restore_deal,
)

DEAL_ACTIONS = {
    "list": "deals.view",
    "retrieve": "deals.view",
    "create": "deals.edit",
    "partial_update": "deals.edit",
    "remove": "deals.edit",
    "restore": "deals.edit",
    "destroy": "deals.edit",
}


class DealStepSerializer(serializers.ModelSerializer):
    """One step of a deal's history: which field, from what to what, and when it became so."""

    class Meta:
        model = DealChange
        fields = ["field", "before", "after", "occurred"]


class DealLineSerializer(serializers.ModelSerializer):
    product = code()

    class Meta:
        model = DealLine
        fields = ["id", "revision", "deal", "position", "product", "text", "quantity", "amount"]


class DealSerializer(serializers.ModelSerializer):
    """A deal as it is known now. `base_amount` is in base currency at the month's rate; `pushes` counts how
    often the close date moved out. `history` is in the order of time."""

    account, rep, stage, product, currency = code(), code(), code(), code(), code()
    stage_kind = serializers.CharField(source="stage.kind", read_only=True, allow_null=True, default=None)
    merged_into = serializers.SlugRelatedField[Deal](slug_field="external_id", read_only=True)
    history = serializers.SerializerMethodField()
    lines = DealLineSerializer(many=True, read_only=True)

    class Meta:
        model = Deal
        fields = [
            *("id", "revision", "source", "external_id", "name", "account", "rep", "stage", "stage_kind"),
            *("product", "pipeline", "amount", "currency", "base_amount", "probability", "category"),
            *("created", "expected_close", "closed", "entered_stage", "next_step", "lost_reason", "pushes"),
            *("is_deleted", "merged_into", "updated", "lines", "history"),
        ]

    @extend_schema_field(DealStepSerializer(many=True))
    def get_history(self, deal: Deal) -> Any:
        return DealStepSerializer(deal.steps_told, many=True).data  # type: ignore[attr-defined]


class DealInput(RevisionInput):
    name = serializers.CharField(max_length=250, required=False)
    account = code_of(accounts_visible_to, required=False, allow_null=True)
    rep = code_of(reps_visible_to, required=False, allow_null=True)
    stage = code_of(deal_stages_visible_to, required=False)
    product = code_of(products_visible_to, required=False, allow_null=True)
    pipeline = serializers.CharField(max_length=80, required=False, allow_blank=True)
    amount = serializers.DecimalField(max_digits=18, decimal_places=4, required=False, allow_null=True)
    currency = code_of(currencies_visible_to, required=False, allow_null=True)
    probability = serializers.DecimalField(
        max_digits=5, decimal_places=4, min_value=0, max_value=1, required=False, allow_null=True
    )
    category = serializers.ChoiceField(choices=ForecastCategory.choices, required=False, allow_blank=True)
    created = serializers.DateField(required=False)
    expected_close = serializers.DateField(required=False, allow_null=True)
    closed = serializers.DateField(required=False, allow_null=True)
    next_step = serializers.CharField(max_length=500, required=False, allow_blank=True)
    lost_reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class DealReasonInput(serializers.Serializer):
    reason = serializers.CharField(max_length=300)


def with_history(deals: QuerySet[Deal]) -> QuerySet[Deal]:
    """The deals with their steps and lines, in two more queries. Rows that changed nothing are no steps."""
    steps = DealChange.objects.exclude(before=F("after")).order_by("occurred", "version", "key")
    lines = DealLine.objects.select_related("product")
    return deals.select_related("merged_into").prefetch_related(
        Prefetch("changes", steps, to_attr="steps_told"), Prefetch("lines", lines)
    )


class DealViewSet(EditViewSet):
    """Deals with their history and lines. `source` and `external_id` are a deal's identity in its CRM.

    Deals that were deleted or merged are listed where `external_id` names them, or with `life=dead` or `all`.
    A deal written here has the source `here`. A change of another CRM's deal is kept until newer news.
    """

    model = Deal
    selector = deals_visible_to
    serializer_class = DealSerializer
    input_class = DealInput
    filterset_class = DealFilter
    actions = DEAL_ACTIONS
    ordering_fields = ["created", "expected_close", "closed", "base_amount", "updated", "name"]
    ordering = ["id"]

    def get_queryset(self) -> QuerySet:
        return with_history(super().get_queryset())

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """One deal is found whether it is live or not."""
        return queryset if self.detail else super().filter_queryset(queryset)

    def create_by(self, person: Any, data: dict[str, Any]) -> Model:
        data.pop("revision", None)
        return create_deal(actor=person, values=data)

    def change_by(self, person: Any, row: Any, revision: int, data: dict[str, Any]) -> Model:
        return change_deal(actor=person, deal=row, revision=revision, changes=data)

    @extend_schema(request=DealReasonInput, responses=DealSerializer, filters=False)
    @action(detail=True, methods=["post"], url_path="delete")
    def remove(self, request: Request, pk: str) -> Response:
        """Take the deal out of the pipeline; its history stays. 409 where it is gone already."""
        return Response(self._shown(delete_deal(**self._why(request))))

    @extend_schema(request=DealReasonInput, responses=DealSerializer, filters=False)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        """Bring a deleted deal back. 409 where it is not deleted."""
        return Response(self._shown(restore_deal(**self._why(request))))

    def _why(self, request: Request) -> dict[str, Any]:
        serializer = DealReasonInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        return {"actor": person_of(request), "deal": self.get_object(), **serializer.validated_data}

    def _shown(self, row: Model) -> dict[str, Any]:
        return super()._shown(self.get_queryset().get(pk=row.pk))


class DealOf(serializers.PrimaryKeyRelatedField):
    """A deal by its number here, one of those that the caller may see."""

    def get_queryset(self) -> QuerySet[Deal]:
        request = self.context.get("request")
        return deals_visible_to(request.user) if request else Deal.objects.none()


class DealLineInput(RevisionInput):
    """A new line needs its deal; a line stays in its deal."""

    deal: Any = DealOf(queryset=Deal.objects.none(), required=False)
    product = code_of(products_visible_to, required=False, allow_null=True)
    text = serializers.CharField(max_length=250, required=False, allow_blank=True)
    quantity = serializers.DecimalField(max_digits=18, decimal_places=4, required=False)
    amount = serializers.DecimalField(max_digits=18, decimal_places=4)


class DealLineViewSet(EditViewSet):
    """The products of deals: how many, at what amount."""

    model = DealLine
    selector = lines_visible_to
    serializer_class = DealLineSerializer
    input_class = DealLineInput
    filterset_class = DealLineFilter
    actions = DEAL_ACTIONS
    ordering_fields = ["deal", "position", "amount"]
    ordering = ["deal", "position"]

    def create_by(self, person: Any, data: dict[str, Any]) -> Model:
        data.pop("revision", None)
        if "deal" not in data:
            raise Invalid(Reason("Say which deal the line belongs to.", "required", "deal"))
        return add_line(actor=person, deal=data.pop("deal"), values=data)

    def change_by(self, person: Any, row: Any, revision: int, data: dict[str, Any]) -> Model:
        data.pop("deal", None)
        return change_line(actor=person, line=row, revision=revision, changes=data)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take the line out of its deal."""
        remove_line(actor=person_of(request), line=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class DealStageSerializer(serializers.ModelSerializer):
    """A step on the way of a deal; `probability` is the share of deals there that are won."""

    class Meta:
        model = DealStage
        fields = ["id", "revision", "code", "name", "position", "kind", "probability", "category"]


class DealStageInput(RevisionInput):
    code = serializers.CharField(max_length=60)
    name = serializers.CharField(max_length=200)
    position = serializers.IntegerField(min_value=0, max_value=32767)
    kind = serializers.ChoiceField(choices=StageKind.choices, required=False)
    probability = serializers.DecimalField(max_digits=5, decimal_places=4, min_value=0, max_value=1)
    category = serializers.ChoiceField(choices=ForecastCategory.choices, required=False)


class DealStageViewSet(EditViewSet):
    """The stages of deals, in their order."""

    model = DealStage
    selector = deal_stages_visible_to
    serializer_class = DealStageSerializer
    input_class = DealStageInput
    filterset_fields = ["kind"]
    actions = {
        "list": "deals.view",
        "retrieve": "deals.view",
        "create": "deal_stages.manage",
        "partial_update": "deal_stages.manage",
    }
    ordering_fields = ["position", "code"]
    ordering = ["position"]

    def create_by(self, person: Person, data: dict[str, Any]) -> Model:
        data.pop("revision", None)
        return create_stage(actor=person, values=data)

    def change_by(self, person: Person, row: Any, revision: int, data: dict[str, Any]) -> Model:
        return change_stage(actor=person, row=row, revision=revision, changes=data)
