"""Own pay by API: the year, the month as of today, and what closing deals would add."""

import datetime as dt
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from compensation.api import statement_shapes as shapes
from compensation.selectors.own_pay import own_rep, pay_year
from compensation.selectors.scope import reps_paid_visible_to
from compensation.selectors.what_if import Reached, Supposed, open_deals_of, supposed_from
from compensation.services.own_pay import estimate_of
from compensation.services.what_if import what_if
from core.access import person_of
from core.api.permissions import DeclaredAction
from core.errors import Invalid, Reason
from core.years import SPAN, YEARS
from crm.models import Rep

OWN = "pay.own"
REP = OpenApiParameter("rep", str, description="A rep's code; yourself if absent.")


def rep_asked(request: Request, code: str | None) -> Rep:
    """The rep of the code among those whose pay the caller may see; without a code, the caller."""
    person = person_of(request)
    if code:
        found: Rep = get_object_or_404(reps_paid_visible_to(person), code=code)
        return found
    own = own_rep(person)
    if own is None:
        raise Http404("You are not a rep. Name one by its code.")
    return own


def day_asked(text: str | None) -> dt.date:
    """A day of the query; today without one. Raises Invalid, for days at the ends of the calendar too."""
    try:
        day = dt.date.fromisoformat(text) if text else timezone.localdate()
    except ValueError as error:
        raise Invalid(Reason(f"{text!r} is no day. Write 2026-03-31.", "invalid", "month")) from error
    if day.year not in YEARS:
        raise Invalid(Reason(f"Give a day {SPAN}.", "invalid", "month"))
    return day


class PayYearView(APIView):
    """A rep's year of pay."""

    permission_classes = [DeclaredAction]
    actions = {"get": OWN}

    @extend_schema(
        operation_id="pay_year",
        parameters=[REP, OpenApiParameter("year", int, description="This year if absent.")],
        responses=shapes.PayYearSerializer,
    )
    def get(self, request: Request) -> Response:
        """The statements of a calendar year with what was earned, what is paid, and what is to come."""
        said = request.query_params.get("year") or str(timezone.localdate().year)
        if not (said.isascii() and said.isdigit() and int(said) in YEARS):
            raise Invalid(Reason(f"Give a year {SPAN}.", "invalid", "year"))
        rep = rep_asked(request, request.query_params.get("rep"))
        return Response(shapes.PayYearSerializer(pay_year(person_of(request), rep, int(said))).data)


class PayEstimateView(APIView):
    """A month as things stand."""

    permission_classes = [DeclaredAction]
    actions = {"get": OWN}

    @extend_schema(
        operation_id="pay_estimate",
        parameters=[REP, OpenApiParameter("month", OpenApiTypes.DATE, description="Any day of it; today.")],
        responses=shapes.PayEstimateSerializer,
    )
    def get(self, request: Request) -> Response:
        """What the month would pay as of today: an estimate that is kept nowhere."""
        rep = rep_asked(request, request.query_params.get("rep"))
        month = day_asked(request.query_params.get("month")).replace(day=1)
        found = estimate_of(actor=person_of(request), rep=rep, month=month)
        return Response(shapes.PayEstimateSerializer(found).data)


class WhatIfView(APIView):
    """What closing deals would add to a rep's pay."""

    permission_classes = [DeclaredAction]
    actions = {"post": OWN}

    @extend_schema(
        operation_id="pay_what_if", request=shapes.PayWhatIfInput, responses=shapes.PayWhatIfSerializer
    )
    def post(self, request: Request) -> Response:
        """The plan year without and with the deals, by component and month. Nothing is kept."""
        sent = shapes.PayWhatIfInput(data=request.data)
        sent.is_valid(raise_exception=True)
        data = sent.validated_data
        rep = rep_asked(request, data.get("rep"))
        found = what_if(
            actor=person_of(request),
            rep=rep,
            month=data["month"].replace(day=1),
            deals=_supposed(request, rep, data),
            reached=Reached(data["reached"]),
        )
        return Response(shapes.PayWhatIfSerializer(found).data)


def _supposed(request: Request, rep: Rep, data: dict[str, Any]) -> list[Supposed]:
    wanted = set(data.get("deals", []))
    deals = list(open_deals_of(person_of(request), rep).filter(pk__in=wanted))
    if missing := sorted(wanted - {deal.pk for deal in deals}):
        raise Invalid(Reason(f"Deal {missing[0]} is not an open deal of {rep.name}.", "invalid", "deals"))
    margin = data["margin"]
    return supposed_from(rep, deals, margin) + [
        Supposed(
            f"Typed amount {place}",
            one["amount"],
            one["units"],
            one["amount"] * margin,
            {"family": one["family"]},
        )
        for place, one in enumerate(data.get("amounts", []), start=1)
    ]
