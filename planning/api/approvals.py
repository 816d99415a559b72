"""Approvals by API: asked for, signed, with their packs."""

from typing import Any

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import person_of
from core.api.viewsets import ReadViewSet
from planning.api.machine import checked, cycle, person, shown_person
from planning.engine.moves import STAGES
from planning.models import Approval, ApprovalRequest, PackFile, StageName, Verdict
from planning.selectors.approvals import changes_since, counting_approvals, requests_visible_to
from planning.services.approvals import request_approval, send_pack, sign

BACK_TO = [(name, StageName(name).label) for name in STAGES[:-1]]
FORMS = ("csv", "pdf", "xlsx")


class ApprovalSerializer(serializers.ModelSerializer):
    approver = shown_person("approver")

    class Meta:
        model = Approval
        fields = ["approver", "verdict", "to_stage", "text", "content_hash", "signed"]


class ApprovalRequestSerializer(serializers.ModelSerializer):
    """`asked` is what is signed; `content_hash` is SHA-256 over its canonical text."""

    requested_by = shown_person("requested_by")
    approvers = serializers.SlugRelatedField(slug_field="email", many=True, read_only=True)  # type: ignore[var-annotated]
    approvals = ApprovalSerializer(many=True, read_only=True)
    counting = serializers.SerializerMethodField(help_text="Signatures that count towards the quorum.")
    changes = serializers.SerializerMethodField(help_text="What changed since it was asked, in words.")

    class Meta:
        model = ApprovalRequest
        fields = [
            *("id", "cycle", "number", "content_hash", "asked", "quorum", "counting", "approvers"),
            *("approvals", "changes", "pack_sent", "requested_by", "requested", "closed"),
        ]

    def get_counting(self, row: ApprovalRequest) -> int:
        return counting_approvals(row)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_changes(self, row: ApprovalRequest) -> list[str]:
        return [] if row.closed else changes_since(row)


class AskInput(serializers.Serializer):
    cycle = cycle()
    approvers = serializers.ListField(
        child=person(), required=False, help_text="E-mail addresses; absent: every executive."
    )


class SignInput(serializers.Serializer):
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    password = serializers.CharField(max_length=200, trim_whitespace=False, help_text="Your signature.")
    to_stage = serializers.ChoiceField(choices=BACK_TO, required=False, help_text="Only to reject.")
    text = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")


class ApprovalRequestViewSet(ReadViewSet):
    """Requests for approval with their signatures."""

    selector = requests_visible_to
    model = ApprovalRequest
    serializer_class = ApprovalRequestSerializer
    filterset_fields = {"cycle": ["exact"], "closed": ["isnull"]}
    ordering_fields = ["requested"]
    ordering = ["-requested"]
    actions = {
        "list": "release.export",
        "retrieve": "release.export",
        "create": "approval.request",
        "pack": "approval.request",
        "sign": "approval.sign",
        "files": "release.export",
    }
    http_method_names = ["get", "post", "head", "options"]

    @extend_schema(request=AskInput, responses={201: ApprovalRequestSerializer})
    def create(self, request: Request) -> Response:
        """Ask for approval of the plan as it is now; an open request is replaced."""
        data = checked(AskInput, request)
        made = request_approval(
            actor=person_of(request), cycle=data["cycle"], approvers=data.get("approvers") or None
        )
        return Response(self._shown(made), status=201)

    @extend_schema(request=None, responses={200: ApprovalRequestSerializer, 202: ApprovalRequestSerializer})
    @action(detail=True, methods=["post"])
    def pack(self, request: Request, pk: str) -> Response:
        """Make and send the pack; 202 where a job makes it and sends it then."""
        sent = send_pack(actor=person_of(request), cycle=self.get_object().cycle)
        return Response(self._shown(sent), status=200 if sent.pack_sent else 202)

    @extend_schema(request=SignInput, responses={201: ApprovalSerializer})
    @action(detail=True, methods=["post"])
    def sign(self, request: Request, pk: str) -> Response:
        """Approve, approve with changes, or reject to a stage. A refusal lists every reason (409)."""
        data = checked(SignInput, request)
        approval = sign(actor=person_of(request), request=self.get_object(), **data)
        return Response(ApprovalSerializer(approval).data, status=201)

    @extend_schema(
        parameters=[OpenApiParameter("form", str, OpenApiParameter.PATH, enum=list(FORMS))],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        filters=False,
    )
    @action(detail=True, url_path="files/(?P<form>[a-z]+)")
    def files(self, request: Request, pk: str, form: str) -> HttpResponse:
        """One file of the pack that was sent."""
        file = PackFile.objects.filter(request=self.get_object(), form=form).first()
        if file is None:
            raise Http404("The pack is not sent yet.")
        response = HttpResponse(bytes(file.content), content_type="application/octet-stream")
        response["Content-Disposition"] = f'attachment; filename="pack.{form}"'
        return response

    def _shown(self, row: ApprovalRequest) -> Any:
        fresh = self.get_queryset().get(pk=row.pk)
        return ApprovalRequestSerializer(fresh, context=self.get_serializer_context()).data
