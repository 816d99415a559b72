"""The deals behind attainment in bookings, by API."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets

from core.access import person_of
from crm.models import Deal
from territories.filters.attainment import CountedDealFilter, asked_of, state_of
from territories.models import QuotaMeasure
from territories.selectors.attainment_deals import counted_deals


def _code(source: str) -> serializers.CharField:
    return serializers.CharField(source=f"{source}.code", default=None, allow_null=True)


class CountedDealSerializer(serializers.ModelSerializer):
    """Money is in base currency."""

    rep, account, stage = _code("rep"), _code("account"), _code("stage")
    money = serializers.DecimalField(18, 4)
    chance = serializers.FloatField(help_text="1 for won deals.")
    weighted = serializers.DecimalField(18, 4, help_text="Money × chance.")

    class Meta:
        model = Deal
        fields = [
            *("id", "external_id", "name", "account", "rep", "stage", "closed", "expected_close"),
            *("money", "chance", "weighted"),
        ]


@extend_schema_view(list=extend_schema(operation_id="attainment_deals"))
class CountedDealViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """The deals that the bookings of a period are made of, or that are open and to close in it. By territory
    they add up to its line of attainment."""

    serializer_class = CountedDealSerializer
    filterset_class = CountedDealFilter
    queryset = Deal.objects.none()
    actions: ClassVar[dict[str, str]] = {"list": "attainment.view"}

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Deal.objects.none()
        params = self.request.query_params
        asked = asked_of(params, measure=QuotaMeasure.BOOKINGS)
        rows: Any = counted_deals(person_of(self.request), asked, state_of(params))
        return rows.order_by("-money", "pk")
