"""Plans by API: plans, versions and their moves, roles, who is on a plan."""

from typing import Any, ClassVar

from django.db.models import Model
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from compensation.api import plan_shapes as shapes
from compensation.filters.plans import AssignmentFilter, PlanFilter, RoleFilter, VersionFilter
from compensation.models import PayPlan, PayRole, PlanAssignment, PlanVersion
from compensation.selectors.plan_comparison import compared
from compensation.selectors.plans import plans_visible_to, versions_visible_to
from compensation.selectors.positions import assignments_visible_to, pay_roles_visible_to
from compensation.services.assignments import change_assignment, put_on_plan, take_off_plan
from compensation.services.plans import (
    add_plan,
    change_plan,
    change_version,
    delete_draft,
    move_version,
    new_version,
)
from compensation.services.roles import add_pay_role, change_pay_role
from core.access import person_of
from core.api.viewsets import EditViewSet
from core.errors import Invalid, Reason, Refused

PLANS, PLAN, VIEW = "pay.plans", "pay.plan", "pay.view"
NO_DELETE = ["get", "post", "patch", "head", "options"]
EDITED = {"list": PLANS, "retrieve": PLANS, "create": PLAN, "partial_update": PLAN}


def needed(data: dict[str, Any], *names: str) -> dict[str, Any]:
    """What a new row is made from. Raises Invalid for what is missing."""
    missing = [name for name in names if data.get(name) is None]
    if missing:
        raise Invalid(*(Reason("This is needed.", "required", name) for name in missing))
    return {name: value for name, value in data.items() if name != "revision"}


def refuse_others(data: dict[str, Any], *allowed: str) -> dict[str, Any]:
    """The data. Raises Invalid for fields that a row keeps for good."""
    others = [name for name in data if name not in allowed]
    if others:
        text = "This stays as it is. Make another row instead."
        raise Invalid(*(Reason(text, "fixed", name) for name in others))
    return data


def checked(serializer: Any, request: Request) -> dict[str, Any]:
    """What was sent, as the input shape takes it."""
    sent = serializer(data=request.data)
    sent.is_valid(raise_exception=True)
    return dict(sent.validated_data)


class PayRoleViewSet(EditViewSet):
    """What people are hired as: plans are made for roles."""

    model = PayRole
    selector = pay_roles_visible_to
    serializer_class = shapes.PayRoleSerializer
    input_class = shapes.PayRoleInput
    filterset_class = RoleFilter
    actions = EDITED
    http_method_names = NO_DELETE
    ordering_fields: ClassVar[list[str]] = ["code", "name"]
    ordering = ["code"]

    def create_by(self, person: Any, data: dict[str, Any]) -> Model:
        return add_pay_role(actor=person, code=data["code"], name=data["name"])

    def change_by(self, person: Any, row: Any, revision: int, data: dict[str, Any]) -> Model:
        return change_pay_role(actor=person, role=row, revision=revision, changes=data)


class PayPlanViewSet(EditViewSet):
    """Pay plans by name; what they say lies in their versions."""

    model = PayPlan
    selector = plans_visible_to
    serializer_class = shapes.PayPlanSerializer
    input_class = shapes.PayPlanInput
    filterset_class = PlanFilter
    actions = EDITED
    http_method_names = NO_DELETE
    ordering_fields: ClassVar[list[str]] = ["code", "name"]
    ordering = ["code"]

    def create_by(self, person: Any, data: dict[str, Any]) -> Model:
        said = {name: data[name] for name in ("code", "name", "terms", "starts") if name in data}
        return add_plan(actor=person, **said)

    def change_by(self, person: Any, row: Any, revision: int, data: dict[str, Any]) -> Model:
        refuse_others(data, "code", "name", "is_active")
        return change_plan(actor=person, plan=row, revision=revision, changes=data)


class PlanVersionViewSet(EditViewSet):
    """The terms of a plan from a month on: a draft, submitted, approved by somebody else."""

    model = PlanVersion
    selector = versions_visible_to
    serializer_class = shapes.PlanVersionSerializer
    input_class = shapes.PlanVersionInput
    filterset_class = VersionFilter
    actions = EDITED | {"destroy": PLAN, "move": PLANS, "compare": PLANS}
    ordering_fields: ClassVar[list[str]] = ["number", "starts"]
    ordering = ["plan", "-number"]

    def create_by(self, person: Any, data: dict[str, Any]) -> Model:
        said = needed(data, "plan")
        intro = said.pop("intro", None)
        made = new_version(actor=person, **said)
        if not intro:
            return made
        return change_version(actor=person, version=made, revision=made.revision, changes={"intro": intro})

    def change_by(self, person: Any, row: Any, revision: int, data: dict[str, Any]) -> Model:
        refuse_others(data, "terms", "starts", "intro")
        return change_version(actor=person, version=row, revision=revision, changes=data)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Throw a draft away."""
        delete_draft(actor=person_of(request), version=self.get_object())
        return Response(status=204)

    @extend_schema(request=shapes.PlanVersionMoveInput, responses=shapes.PlanVersionSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Submit, take back, approve, send back or withdraw. A refusal lists all its reasons (409)."""
        data = checked(shapes.PlanVersionMoveInput, request)
        name = data.pop("move")
        moved = move_version(actor=person_of(request), version=self.get_object(), name=name, **data)
        return Response(self._shown(moved))

    @extend_schema(responses=shapes.PlanChangeSerializer(many=True))
    @action(
        detail=True,
        methods=["get"],
        url_path=r"compare/(?P<other>\d+)",
        pagination_class=None,
        filterset_class=None,
    )
    def compare(self, request: Request, pk: str, other: str) -> Response:
        """What another version of the plan has otherwise, by component and setting."""
        after = self.get_object()
        rows = versions_visible_to(person_of(request)).filter(plan=after.plan_id)
        found, unread = compared(get_object_or_404(rows, pk=other), after)
        if unread:
            raise Refused(Reason(unread, "unreadable"))
        return Response(shapes.PlanChangeSerializer(found, many=True).data)


class PlanAssignmentViewSet(EditViewSet):
    """Who is on a plan on which days: roles, and reps with own terms."""

    model = PlanAssignment
    selector = assignments_visible_to
    serializer_class = shapes.PlanAssignmentSerializer
    input_class = shapes.PlanAssignmentInput
    filterset_class = AssignmentFilter
    actions = {"list": VIEW, "retrieve": VIEW, "create": PLAN, "partial_update": PLAN, "take_back": PLAN}
    http_method_names = NO_DELETE
    ordering_fields: ClassVar[list[str]] = ["plan", "days"]
    ordering = ["id"]

    def create_by(self, person: Any, data: dict[str, Any]) -> Model:
        return put_on_plan(actor=person, **needed(data, "plan", "first"))

    def change_by(self, person: Any, row: Any, revision: int, data: dict[str, Any]) -> Model:
        refuse_others(data, "first", "last", "target_incentive", "changes", "is_off", "reason")
        return change_assignment(actor=person, row=row, revision=revision, changes=data)

    @extend_schema(request=shapes.RemoveInput, responses={204: None})
    @action(detail=True, methods=["post"], url_path="take-back", url_name="take-back")
    def take_back(self, request: Request, pk: str) -> Response:
        """Take back days that have not begun; those that have are ended with a day instead."""
        data = checked(shapes.RemoveInput, request)
        take_off_plan(actor=person_of(request), row=self.get_object(), **data)
        return Response(status=204)
