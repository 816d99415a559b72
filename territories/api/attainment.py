"""Attainment and fairness by API: what the pages show, as far as the caller sees. Money is in base currency,
shares are 1 for 100 %."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.access import person_of
from core.api.permissions import DeclaredAction
from core.errors import Invalid, Reason
from crm.selectors.accounts import reps_visible_to
from territories.api import attainment_shapes as shapes
from territories.engine.attainment.periods import PeriodKind
from territories.filters.attainment import AttainmentForm, FairnessForm
from territories.models import QuotaMeasure
from territories.selectors.attainment import Asked
from territories.selectors.attainment_groups import BY, trend
from territories.selectors.attainment_one import attainment_of, past_news
from territories.selectors.attainment_outside import sold_outside
from territories.selectors.attainment_sums import Credit
from territories.selectors.fairness import fairness

VIEW = "attainment.view"
ASKED = [
    OpenApiParameter("period", enum=[kind.value for kind in PeriodKind], description="Quarter if absent."),
    OpenApiParameter("month", OpenApiTypes.DATE, description="Any day of the period; today if absent."),
    OpenApiParameter("measure", enum=QuotaMeasure.values, description="That of the quotas if absent."),
    OpenApiParameter("credit", enum=Credit.values, description="Whose a sale is; the owner's if absent."),
]


class AttainmentBase(APIView):
    """What cannot be asked for is a 400 with every reason."""

    permission_classes = [DeclaredAction]
    actions: ClassVar[dict[str, str]] = {"get": VIEW}
    form_class: ClassVar[type[AttainmentForm]] = AttainmentForm

    def asked(self, request: Request) -> Asked:
        form = self.form_class(request.query_params)
        if not form.is_valid():
            errors = form.errors.get_json_data()
            raise Invalid(
                *(Reason(one["message"], "invalid", name) for name, many in errors.items() for one in many)
            )
        return form.asked


class AttainmentView(AttainmentBase):
    """Attainment by line."""

    @extend_schema(
        operation_id="attainment",
        parameters=[*ASKED, OpenApiParameter("by", enum=list(BY), description="Rep if absent.")],
        responses=shapes.AttainmentAnswer,
    )
    def get(self, request: Request) -> Response:
        """Quota, closed, pace, forecast with interval and coverage of a period; the total and its lines."""
        by = request.query_params.get("by") or "rep"
        if by not in BY:
            raise Invalid(Reason(f"Group by one of {', '.join(BY)}.", "invalid", "by"))
        return Response(shapes.AttainmentAnswer(BY[by][1](person_of(request), self.asked(request))).data)


class AttainmentTrendView(AttainmentBase):
    """Attainment over time."""

    @extend_schema(
        operation_id="attainment_trend",
        parameters=[*ASKED, OpenApiParameter("rep", str, description="A rep's code; all if absent.")],
        responses=shapes.PastSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Quota and closed of the period and the seven before it, the oldest first."""
        person, code = person_of(request), request.query_params.get("rep")
        rep = get_object_or_404(reps_visible_to(person), code=code) if code else None
        found = trend(person, self.asked(request), rep=rep.pk if rep else None)
        return Response(shapes.PastSerializer(found, many=True).data)


class RepAttainmentView(AttainmentBase):
    """Attainment of one rep."""

    @extend_schema(operation_id="attainment_of_rep", parameters=ASKED, responses=shapes.RepAnswer)
    def get(self, request: Request, code: str) -> Response:
        """The rep's line, and the rest of past periods that the expected new amount is the mean of."""
        person, asked = person_of(request), self.asked(request)
        rep = get_object_or_404(reps_visible_to(person), code=code)
        body = {"line": attainment_of(person, asked, rep), "past": past_news(person, asked, rep)}
        return Response(shapes.RepAnswer(body).data)


class SoldOutsideView(AttainmentBase):
    """Sold outside the own territory."""

    @extend_schema(
        operation_id="attainment_outside", parameters=ASKED[:2], responses=shapes.SoldOutsideAnswer
    )
    def get(self, request: Request) -> Response:
        """Order lines of a period whose rep had no role in the territory of the account: by rep and where."""
        period = self.asked(request).period
        found: Any = sold_outside(person_of(request), period.first, period.last)
        return Response(shapes.SoldOutsideAnswer(found).data)


class FairnessView(AttainmentBase):
    """Fairness of quotas."""

    form_class = FairnessForm

    @extend_schema(operation_id="fairness", parameters=ASKED, responses=shapes.FairnessAnswer)
    def get(self, request: Request) -> Response:
        """Median, mean, bands and share at quota of a period (the last quarter that is over), and the
        correlation of attainment with the potential of the accounts a rep owns."""
        return Response(shapes.FairnessAnswer(fairness(person_of(request), self.asked(request))).data)
