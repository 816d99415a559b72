"""Accuracy, waterfall and forecast value added by API: the pages' questions, the pages' answers."""

from dataclasses import asdict
from typing import Any

from django.core.paginator import Paginator
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.access import person_of
from core.api.permissions import DeclaredAction
from core.errors import Invalid, Reason
from planning.forms.accuracy import AskForm
from planning.selectors.accuracy_cells import LAGS, PERIODS, cells_of
from planning.selectors.accuracy_list import CellRows, cells_in_order
from planning.selectors.accuracy_table import COMPARED, LEVELS, rows_of, total_of
from planning.selectors.value_added import people_of, steps_by_family, steps_in
from planning.selectors.waterfall import SAID_BY, convergence_of, waterfall_of

PAGE = 1000


def _share(help_text: str) -> serializers.FloatField:
    return serializers.FloatField(allow_null=True, help_text=help_text)


class MeasuresSerializer(serializers.Serializer):
    """The accuracy of some cells."""

    cells = serializers.IntegerField(help_text="Demand units times months.")
    units = serializers.IntegerField(help_text="Demand units.")
    months = serializers.IntegerField()
    sold = serializers.FloatField(help_text="Units.")
    forecast = serializers.FloatField(help_text="Units.")
    wape = _share("Sum of absolute errors over what was sold.")
    bias = _share("Sum of errors over what was sold; positive: too much.")
    mase = _share("Mean absolute error in steps of the same month last year.")
    rmsse = _share("Root mean squared error in monthly steps, mean over demand units.")
    smape = _share("Percent, 0 to 200.")
    signal = _share("Tracking signal: beyond ±4 the plan leans to one side.")
    money = serializers.FloatField(help_text="Absolute errors at the plan's prices, base currency.")


class AccuracyRowSerializer(serializers.Serializer):
    label = serializers.CharField()  # type: ignore[assignment]
    narrow = serializers.DictField(
        child=serializers.CharField(), help_text="Parameters that narrow this answer to the row."
    )
    measures = MeasuresSerializer()


class AccuracyByLevelSerializer(serializers.Serializer):
    """Every maker on all cells, and one of them by group, the most money of error first."""

    makers = serializers.DictField(child=MeasuresSerializer(), help_text="By maker; empty without cells.")
    rows = AccuracyRowSerializer(many=True)


class AccuracyCellSerializer(serializers.Serializer):
    unit = serializers.IntegerField(help_text="Number of the demand unit.")
    product = serializers.CharField()
    code = serializers.CharField()
    market = serializers.CharField()
    month = serializers.DateField()
    forecast = serializers.FloatField(help_text="Units.")
    actual = serializers.FloatField(help_text="Units.")
    price = serializers.FloatField(help_text="Base currency per unit.")
    error = serializers.FloatField(help_text="Forecast less actual, units.")
    money = serializers.FloatField(help_text="The error at the plan's price.")


class AccuracyCellsSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    pages = serializers.IntegerField()
    results = AccuracyCellSerializer(many=True)


class WaterfallCellSerializer(serializers.Serializer):
    cycle = serializers.DateField(help_text="First planned month of the plan.")
    month = serializers.DateField()
    statistical = serializers.FloatField(help_text="Units.")
    consensus = serializers.FloatField(help_text="Units.")
    released = serializers.FloatField(help_text="Units.")
    sold = serializers.FloatField(allow_null=True, help_text="Units; none before the month is over.")


class ConvergenceSerializer(serializers.Serializer):
    lag = serializers.IntegerField()
    months = serializers.IntegerField()
    wape = serializers.DictField(child=serializers.FloatField(allow_null=True), help_text="By maker.")


class WaterfallSerializer(serializers.Serializer):
    cells = WaterfallCellSerializer(many=True)
    convergence = ConvergenceSerializer(many=True)


class GainSerializer(serializers.Serializer):
    """What a step gained over the one it is measured against, on the same cells."""

    wape = _share("After the step.")
    before = _share("Of what it is measured against.")
    gained = _share("WAPE before less WAPE after; positive is better.")
    money = _share("Errors avoided at the plan's prices; negative: errors added.")
    units = serializers.FloatField(help_text="Sold.")
    cells = serializers.IntegerField()
    caution = serializers.CharField(allow_blank=True, help_text="How far the gain is to be believed.")


class ValueStepSerializer(GainSerializer):
    label = serializers.CharField()  # type: ignore[assignment]
    against = serializers.CharField(allow_blank=True)


class ValueFamilySerializer(serializers.Serializer):
    label = serializers.CharField()  # type: ignore[assignment]
    narrow = serializers.DictField(child=serializers.CharField())
    steps = serializers.DictField(child=ValueStepSerializer(), help_text="By maker.")


class ValuePersonSerializer(GainSerializer):
    person = serializers.CharField()
    stream = serializers.CharField()


class ValueAddedSerializer(serializers.Serializer):
    steps = ValueStepSerializer(many=True)
    families = ValueFamilySerializer(many=True)
    people = ValuePersonSerializer(many=True)


PARAMETERS = {
    "lag": OpenApiParameter("lag", int, enum=LAGS, description="Months ahead; 1 if absent."),
    "maker": OpenApiParameter("maker", enum=COMPARED, description="Who said it; the consensus if absent."),
    "level": OpenApiParameter("level", enum=list(LEVELS), description="Groups; families if absent."),
    "months": OpenApiParameter("months", int, enum=PERIODS, description="The last so many; 12 if absent."),
    "family": OpenApiParameter("family", description="Code of a family, with all below it."),
    "market": OpenApiParameter("market", description="Code of a market, with all below it."),
    "unit": OpenApiParameter("unit", int, description="Number of a demand unit."),
    "month": OpenApiParameter("month", OpenApiTypes.STR, description="One month, as 2027-03."),
    "page": OpenApiParameter("page", int, description=f"{PAGE} cells each; 1 if absent."),
}
PLACE = ("family", "market", "unit")


def _asks(*names: str) -> list[OpenApiParameter]:
    return [PARAMETERS[name] for name in names]


class AskedView(APIView):
    """Asks as the page of the same name does."""

    permission_classes = [DeclaredAction]
    actions = {"get": "release.view"}
    fields: tuple[str, ...] = ()

    def form(self, request: Request) -> AskForm:
        """The question. Raises Invalid with a reason for each parameter that cannot be."""
        return AskForm(person_of(request), request.query_params, self.fields).check()


class AccuracyView(AskedView):
    """How far off plans and forecasts were, as far as the caller sees."""

    fields = ("lag", "maker", "level", "months", *PLACE, "month")

    @extend_schema(
        operation_id="accuracy_retrieve", parameters=_asks(*fields), responses=AccuracyByLevelSerializer
    )
    def get(self, request: Request) -> Response:
        """WAPE, bias, MASE, RMSSE, sMAPE and tracking signal by group, at one lag."""
        form, person = self.form(request), person_of(request)
        frame = cells_of(person, form.asked)
        level, maker = form.cleaned_data["level"], form.cleaned_data["maker"]
        rows = rows_of(person, frame, form.asked, level, maker)
        makers = {name: asdict(found) for name, found in total_of(frame).items()}
        return Response(AccuracyByLevelSerializer({"makers": makers, "rows": rows}).data)


class AccuracyCellsView(AskedView):
    """The cells behind an accuracy."""

    fields = ("lag", "maker", "months", *PLACE, "month")

    @extend_schema(
        operation_id="accuracy_cells_retrieve",
        parameters=_asks(*fields, "page"),
        responses=AccuracyCellsSerializer,
    )
    def get(self, request: Request) -> Response:
        """Every demand unit and month, the most money of error first, a thousand to a page."""
        form = self.form(request)
        maker = form.cleaned_data["maker"]
        rows: Any = CellRows(cells_in_order(cells_of(person_of(request), form.asked), maker), maker)
        pages: Paginator[Any] = Paginator(rows, PAGE)
        page = pages.page(_page(request, pages.num_pages))
        body = {"count": len(rows), "pages": pages.num_pages, "results": page.object_list}
        return Response(AccuracyCellsSerializer(body).data)


class WaterfallView(AskedView):
    """What each past plan said about each month."""

    fields = PLACE

    @extend_schema(
        operation_id="accuracy_waterfall_retrieve", parameters=_asks(*fields), responses=WaterfallSerializer
    )
    def get(self, request: Request) -> Response:
        """The triangle of plans and months in units, what was sold, and the mean WAPE by lag."""
        form, person = self.form(request), person_of(request)
        found = waterfall_of(person, form.asked)
        cells = [
            {
                "cycle": cycle,
                "month": month,
                "sold": found.sold.get(month),
                **{maker: found.said[maker][(cycle, month)] for maker in SAID_BY},
            }
            for cycle, month in sorted(found.said.get("consensus", {}))
        ]
        convergence = convergence_of(person, form.asked, found)
        return Response(WaterfallSerializer({"cells": cells, "convergence": convergence}).data)


class ValueAddedView(AskedView):
    """The stair of forecast value added."""

    fields = ("lag", "months", "family", "market")

    @extend_schema(
        operation_id="accuracy_value_added_retrieve",
        parameters=_asks(*fields),
        responses=ValueAddedSerializer,
    )
    def get(self, request: Request) -> Response:
        """Value added by step, by family, and by those people whom the caller may see measured."""
        form, person = self.form(request), person_of(request)
        frame = cells_of(person, form.asked)
        body = {
            "steps": steps_in(frame),
            "families": steps_by_family(person, frame, form.asked),
            "people": people_of(person, form.asked),
        }
        return Response(ValueAddedSerializer(body).data)


def _page(request: Request, most: int) -> int:
    text = request.query_params.get("page") or "1"
    if text.isascii() and text.isdigit() and 1 <= int(text) <= most:
        return int(text)
    raise Invalid(Reason(f"A page is a whole number from 1 to {most}.", "invalid", "page"))
