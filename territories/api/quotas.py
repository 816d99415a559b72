"""Quotas by API: plans and their moves, quotas by month, proposals, requests, sheets."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import person_of
from core.api.viewsets import EditViewSet, ReadViewSet
from core.models import Person
from crm.selectors.accounts import reps_visible_to
from territories.api import quota_shapes as shapes
from territories.filters.quotas import ChangeFilter, PlanFilter, QuotaFilter
from territories.models import Quota, QuotaAcceptance, QuotaChange, QuotaPlan, RepStart
from territories.selectors.quota_sheets import sheet_of
from territories.selectors.quota_tree import overlays_to_choose
from territories.selectors.quota_versions import compare_versions
from territories.selectors.quotas import (
    acceptances_visible_to,
    changes_visible_to,
    only_sells,
    plans_visible_to,
    quotas_visible_to,
    rep_starts_visible_to,
)
from territories.services.quota_acceptance import accept_sheet
from territories.services.quota_changes import ask_change, decide_change, withdraw_change
from territories.services.quota_plans import (
    allocate,
    change_plan,
    delete_draft,
    make_plan,
    move_plan,
    new_version,
    take_target_from_plan,
    try_weights,
)
from territories.services.quotas import propose, set_overlay_quota, set_quota, set_start

VIEW, PLAN, ASK = "quotas.view", "quotas.plan", "quotas.ask"


def checked(serializer: Any, request: Request, context: dict[str, Any] | None = None) -> dict[str, Any]:
    """What was sent, as the input shape takes it."""
    sent = serializer(data=request.data, context=context or {})
    sent.is_valid(raise_exception=True)
    return dict(sent.validated_data)


class QuotaPlanViewSet(EditViewSet):
    """Quota plans: the target of a fiscal year and how it goes down to reps."""

    model = QuotaPlan
    selector = plans_visible_to
    serializer_class = shapes.QuotaPlanSerializer
    input_class = shapes.QuotaPlanInput
    filterset_class = PlanFilter
    ordering_fields = ["first_month", "version", "state"]
    ordering = ["-first_month", "-version"]
    actions = {
        "list": VIEW,
        "retrieve": VIEW,
        "create": PLAN,
        "partial_update": PLAN,
        "destroy": PLAN,
        "allocate": PLAN,
        "target": PLAN,
        "what_if": PLAN,
        "overlay": PLAN,
        "version": PLAN,
        "move": VIEW,
        "compare": VIEW,
        "sheet": VIEW,
        "accept": "quotas.accept",
    }

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        if getattr(self, "swagger_fake_view", False):
            return context
        return context | {"sees_all": not only_sells(person_of(self.request))}

    def create_by(self, person: Person, data: dict[str, Any]) -> QuotaPlan:
        data.pop("revision", None)
        return make_plan(actor=person, values=data)

    def change_by(self, person: Person, row: QuotaPlan, revision: int, data: dict[str, Any]) -> QuotaPlan:
        return change_plan(actor=person, plan=row, revision=revision, changes=data)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        delete_draft(actor=person_of(request), plan=self.get_object())
        return Response(status=204)

    def _answer(self, plan: QuotaPlan, status: int = 200) -> Response:
        return Response(self._shown(plan), status=status)

    @extend_schema(request=None, responses=shapes.QuotaPlanSerializer)
    @action(detail=True, methods=["post"])
    def allocate(self, request: Request, pk: str) -> Response:
        """Take the target down to the reps anew; amounts set by hand are lost."""
        return self._answer(allocate(actor=person_of(request), plan=self.get_object()))

    @extend_schema(request=shapes.QuotaRevisionInput, responses=shapes.QuotaPlanSerializer)
    @action(detail=True, methods=["post"])
    def target(self, request: Request, pk: str) -> Response:
        """Set the target to what the newest released plans say."""
        data = checked(shapes.QuotaRevisionInput, request)
        return self._answer(take_target_from_plan(actor=person_of(request), plan=self.get_object(), **data))

    @extend_schema(request=shapes.OverlayQuotaInput, responses={201: shapes.QuotaSerializer})
    @action(detail=True, methods=["post"])
    def overlay(self, request: Request, pk: str) -> Response:
        """Give an overlay a quota of its own: beside the tree, part of no other quota."""
        data, plan = checked(shapes.OverlayQuotaInput, request), self.get_object()
        where = overlays_to_choose(plan).filter(code=data.pop("territory")).first()
        made = set_overlay_quota(actor=person_of(request), plan=plan, territory=where, **data)
        return Response(shapes.QuotaSerializer(made).data, status=201)

    @extend_schema(request=shapes.QuotaWeightsInput, responses=shapes.TriedQuotaSerializer(many=True))
    @action(detail=True, methods=["post"], url_path="what-if", pagination_class=None, filterset_class=None)
    def what_if(self, request: Request, pk: str) -> Response:
        """What every territory would get with other weights; nothing is kept."""
        weights = checked(shapes.QuotaWeightsInput, request)
        found = try_weights(actor=person_of(request), plan=self.get_object(), weights=weights)
        rows = [{"territory": key, "amount": amount} for key, amount in found.items()]
        return Response(shapes.TriedQuotaSerializer(rows, many=True).data)

    @extend_schema(request=shapes.QuotaVersionInput, responses={201: shapes.QuotaPlanSerializer})
    @action(detail=True, methods=["post"])
    def version(self, request: Request, pk: str) -> Response:
        """Make the draft that follows an approved plan from a month on."""
        month = checked(shapes.QuotaVersionInput, request).get("from_month")
        begin = month.replace(day=1) if month else None
        made = new_version(actor=person_of(request), plan=self.get_object(), from_month=begin)
        return self._answer(made, status=201)

    @extend_schema(request=shapes.QuotaPlanMoveInput, responses=shapes.QuotaPlanSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Submit, take back, send back or approve. A refusal lists all its reasons (409)."""
        data = checked(shapes.QuotaPlanMoveInput, request)
        moved = move_plan(
            actor=person_of(request), plan=self.get_object(), name=data["move"], reason=data["reason"]
        )
        return self._answer(moved)

    @extend_schema(responses=shapes.QuotaDifferenceSerializer(many=True))
    @action(
        detail=True,
        methods=["get"],
        url_path=r"compare/(?P<other>\d+)",
        pagination_class=None,
        filterset_class=None,
    )
    def compare(self, request: Request, pk: str, other: str) -> Response:
        """Every quota that differs from another version of the year."""
        person, after = person_of(request), self.get_object()
        same = plans_visible_to(person).filter(first_month=after.first_month, measure=after.measure)
        found = compare_versions(person, get_object_or_404(same, pk=other), after)
        return Response(shapes.QuotaDifferenceSerializer(found, many=True).data)

    @extend_schema(responses=shapes.QuotaSheetSerializer)
    @action(detail=True, methods=["get"], url_path=r"sheets/(?P<rep>[^/]+)")
    def sheet(self, request: Request, pk: str, rep: str) -> Response:
        """A rep's sheet, by the rep's code."""
        person = person_of(request)
        row = get_object_or_404(reps_visible_to(person), code=rep)
        sheet = sheet_of(person, self.get_object(), row)
        if sheet is None:
            raise Http404("There is no quota of this rep in this plan.")
        return Response(shapes.QuotaSheetSerializer(sheet).data)

    @extend_schema(request=shapes.QuotaAcceptInput, responses={201: shapes.QuotaAcceptanceSerializer})
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Accept the own sheet, as it was read."""
        data = checked(shapes.QuotaAcceptInput, request)
        row = accept_sheet(actor=person_of(request), plan=self.get_object(), **data)
        return Response(shapes.QuotaAcceptanceSerializer(row).data, status=201)


class QuotaViewSet(ReadViewSet):
    """Quotas of territories and reps, with their months."""

    model = Quota
    selector = quotas_visible_to
    serializer_class = shapes.QuotaSerializer
    filterset_class = QuotaFilter
    ordering_fields = ["amount", "id"]
    ordering = ["id"]
    actions = {"list": VIEW, "retrieve": VIEW, "place": PLAN, "proposal": ASK, "ask": ASK}

    def get_queryset(self) -> Any:
        return super().get_queryset().prefetch_related("months")

    @extend_schema(request=shapes.QuotaSetInput, responses=shapes.QuotaSerializer)
    @action(detail=True, methods=["post"], url_path="set")
    def place(self, request: Request, pk: str) -> Response:
        """Set the amount of the year by hand; what lies below a territory follows."""
        data = checked(shapes.QuotaSetInput, request)
        saved = set_quota(actor=person_of(request), quota=self.get_object(), **data)
        return Response(shapes.QuotaSerializer(self.get_queryset().get(pk=saved.pk)).data)

    @extend_schema(request=shapes.QuotaProposalInput, responses=shapes.QuotaSerializer)
    @action(detail=True, methods=["post"])
    def proposal(self, request: Request, pk: str) -> Response:
        """Say from below what can be sold; null takes it back."""
        data = checked(shapes.QuotaProposalInput, request)
        saved = propose(actor=person_of(request), quota=self.get_object(), **data)
        return Response(shapes.QuotaSerializer(self.get_queryset().get(pk=saved.pk)).data)

    @extend_schema(request=shapes.QuotaAskInput, responses={201: shapes.QuotaChangeSerializer})
    @action(detail=True, methods=["post"])
    def ask(self, request: Request, pk: str) -> Response:
        """Ask for another amount, with the reason."""
        data = checked(shapes.QuotaAskInput, request)
        row = ask_change(actor=person_of(request), quota=self.get_object(), **data)
        return Response(shapes.QuotaChangeSerializer(row).data, status=201)


class QuotaChangeViewSet(ReadViewSet):
    """Requests for another quota, and their answers."""

    model = QuotaChange
    selector = changes_visible_to
    serializer_class = shapes.QuotaChangeSerializer
    filterset_class = ChangeFilter
    ordering_fields = ["asked", "state"]
    ordering = ["-asked"]
    actions = {"list": VIEW, "retrieve": VIEW, "decide": PLAN, "withdraw": ASK}

    @extend_schema(request=shapes.QuotaDecisionInput, responses=shapes.QuotaChangeSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """Accept or decline. Accepting sets the quota in the draft or in a new version."""
        data = checked(shapes.QuotaDecisionInput, request)
        row = decide_change(actor=person_of(request), change=self.get_object(), **data)
        return Response(shapes.QuotaChangeSerializer(row).data)

    @extend_schema(request=shapes.QuotaRevisionInput, responses=shapes.QuotaChangeSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take the own request back."""
        data = checked(shapes.QuotaRevisionInput, request)
        row = withdraw_change(actor=person_of(request), change=self.get_object(), **data)
        return Response(shapes.QuotaChangeSerializer(row).data)


class RepStartViewSet(ReadViewSet):
    """Since when reps sell here: the ramp of new hires counts from it."""

    model = RepStart
    selector = rep_starts_visible_to
    serializer_class = shapes.RepStartSerializer
    filterset_fields = ["rep__code"]
    ordering_fields = ["day"]
    ordering = ["-day"]
    actions = {"list": VIEW, "retrieve": VIEW, "create": PLAN}

    @extend_schema(
        request=shapes.RepStartInput, responses={200: shapes.RepStartSerializer, 204: None}, filters=False
    )
    def create(self, request: Request) -> Response:
        """Say since when a rep sells here, or take it back (204)."""
        data = checked(shapes.RepStartInput, request, {"request": request})
        set_start(actor=person_of(request), **data)
        row = RepStart.objects.filter(rep=data["rep"]).first()
        return Response(status=204) if row is None else Response(shapes.RepStartSerializer(row).data)


class QuotaAcceptanceViewSet(ReadViewSet):
    """Which rep accepted which version."""

    model = QuotaAcceptance
    selector = acceptances_visible_to
    serializer_class = shapes.QuotaAcceptanceSerializer
    filterset_fields = ["plan"]
    ordering_fields = ["accepted"]
    ordering = ["-accepted"]
    actions = {"list": VIEW, "retrieve": VIEW}
