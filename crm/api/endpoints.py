"""Connections to CRMs by API. A secret is given once: when it is made."""

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import person_of
from core.api.viewsets import EditViewSet
from core.errors import Invalid, Reason
from core.models import Person
from crm.engine.webhooks import ADAPTERS
from crm.engine.webhooks.guides import GUIDES
from crm.models import Endpoint, EndpointSecret
from crm.selectors.endpoints import condition_of, endpoints_list
from crm.selectors.inbox import address_of, secrets_of
from crm.services.endpoints import (
    change_endpoint,
    create_endpoint,
    end_secret,
    free_label,
    rotate_secret,
)
from crm.services.test_firing import start_test

VIEW, MANAGE = "hooks.view", "hooks.manage"
PROVIDERS = [(adapter.name, adapter.label) for adapter in ADAPTERS.values()]


class EndpointSecretSerializer(serializers.ModelSerializer):
    """A live secret; never its text."""

    class Meta:
        model = EndpointSecret
        fields = ["id", "hint", "created", "last_used", "expires"]


class EndpointSerializer(serializers.ModelSerializer):
    address = serializers.SerializerMethodField(help_text="What to paste in the CRM.")
    state = serializers.SerializerMethodField(help_text="How it fares, in words.")
    secrets = serializers.SerializerMethodField(help_text="The live ones.")

    class Meta:
        model = Endpoint
        fields = [
            *("id", "revision", "key", "provider", "source", "label", "public_url", "address", "is_active"),
            *("adds_accounts", "silence_hours", "state", "first_verified", "last_verified", "last_alarm"),
            *("turned_away", "last_turned_away", "secrets"),
        ]

    @extend_schema_field(OpenApiTypes.STR)
    def get_address(self, row: Endpoint) -> str:
        return address_of(row)

    @extend_schema_field(OpenApiTypes.STR)
    def get_state(self, row: Endpoint) -> str:
        return condition_of(row).words

    @extend_schema_field(EndpointSecretSerializer(many=True))
    def get_secrets(self, row: Endpoint) -> Any:
        return EndpointSecretSerializer(secrets_of(row), many=True).data


class EndpointWithSecret(EndpointSerializer):
    secret = serializers.CharField(
        read_only=True, help_text="In clear, this once; empty where the CRM gives it."
    )

    class Meta(EndpointSerializer.Meta):
        fields = [*EndpointSerializer.Meta.fields, "secret"]


class EndpointInput(serializers.Serializer):
    provider = serializers.ChoiceField(choices=PROVIDERS)
    label = serializers.CharField(max_length=80, required=False)  # type: ignore[assignment]
    source = serializers.SlugField(max_length=60, required=False, allow_blank=True)  # type: ignore[assignment]
    secret = serializers.CharField(max_length=500, required=False, allow_blank=True, trim_whitespace=False)
    public_url = serializers.URLField(max_length=500, required=False, allow_blank=True)


class EndpointChange(serializers.ModelSerializer):
    revision = serializers.IntegerField(min_value=1, help_text="That you read with the row.")

    class Meta:
        model = Endpoint
        fields = ["label", "public_url", "is_active", "adds_accounts", "silence_hours", "revision"]
        # The service says who has the name already.
        extra_kwargs: ClassVar[dict[str, Any]] = {"label": {"validators": []}}


class RotateInput(serializers.Serializer):
    secret = serializers.CharField(max_length=500, required=False, allow_blank=True, trim_whitespace=False)
    keep_old_hours = serializers.IntegerField(
        min_value=0, max_value=720, required=False, help_text="How long the old one stays good. Default 24."
    )


class RotatedSerializer(EndpointSecretSerializer):
    secret = serializers.CharField(help_text="In clear, this once.")

    class Meta(EndpointSecretSerializer.Meta):
        fields = [*EndpointSecretSerializer.Meta.fields, "secret"]


class EndSecretInput(serializers.Serializer):
    secret = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="The secret's id.")
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True)


class TestJobSerializer(serializers.Serializer):
    job = serializers.IntegerField(help_text="Ask /api/v1/jobs/ how the test was answered.")


class GuideSerializer(serializers.Serializer):
    """How a provider is connected; `{url}` and `{secret}` stand for the endpoint's."""

    provider = serializers.CharField()
    is_ours = serializers.BooleanField(help_text="The secret is made here and pasted there.")
    secret_label = serializers.CharField()
    secret_help = serializers.CharField()
    steps = serializers.ListField(child=serializers.CharField())
    example = serializers.CharField()
    warning = serializers.CharField()


class EndpointViewSet(EditViewSet):
    """Addresses that CRMs push to."""

    selector = endpoints_list
    model = Endpoint
    serializer_class = EndpointSerializer
    input_class = EndpointInput
    filterset_fields = ["provider", "source", "is_active"]
    ordering_fields = ["label", "last_verified"]
    ordering = ["label"]
    http_method_names = ["get", "post", "patch", "head", "options"]
    actions = {
        "list": VIEW,
        "retrieve": VIEW,
        "providers": VIEW,
        **dict.fromkeys(("create", "partial_update", "rotate", "end", "fire"), MANAGE),
    }

    @extend_schema(request=EndpointInput, responses={201: EndpointWithSecret})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Connect a CRM. The answer holds the secret where it is made here; it is never given again."""
        data = self._checked(request, partial=False)
        data.setdefault("label", free_label(data["provider"]))
        made, text = create_endpoint(actor=person_of(request), **data)
        return Response({**EndpointSerializer(made).data, "secret": text}, status=201)

    @extend_schema(request=EndpointChange, responses=EndpointSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change name, public address, alarm, whether it is on. Send the revision that you read."""
        return super().partial_update(request, *args, **kwargs)

    def _checked(self, request: Request, *, partial: bool) -> dict[str, Any]:
        serializer = (EndpointChange if partial else EndpointInput)(data=request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def change_by(self, person: Person, row: Any, revision: int, data: dict[str, Any]) -> Endpoint:
        return change_endpoint(actor=person, endpoint=row, revision=revision, changes=data)

    @extend_schema(request=RotateInput, responses=RotatedSerializer)
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: str) -> Response:
        """Give it another secret; the old one stays good for a while."""
        serializer = RotateInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        row, text = rotate_secret(
            actor=person_of(request), endpoint=self.get_object(), **serializer.validated_data
        )
        return Response({**EndpointSecretSerializer(row).data, "secret": text})

    @extend_schema(request=EndSecretInput, responses=EndpointSecretSerializer)
    @action(detail=True, methods=["post"], url_path="end-secret", url_name="end-secret")
    def end(self, request: Request, pk: str) -> Response:
        """End a secret now, such as one that leaked."""
        serializer = EndSecretInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        told = serializer.validated_data
        secret = own_secret(self.get_object(), told["secret"])
        row = end_secret(actor=person_of(request), secret=secret, reason=told.get("reason", ""))
        return Response(EndpointSecretSerializer(row).data)

    @extend_schema(request=None, responses={202: TestJobSerializer})
    @action(detail=True, methods=["post"], url_path="test", url_name="test")
    def fire(self, request: Request, pk: str) -> Response:
        """Have a worker send a signed test to the address; its job says how it was answered."""
        job = start_test(actor=person_of(request), endpoint=self.get_object())
        return Response({"job": job.pk}, status=202)

    @extend_schema(responses=GuideSerializer(many=True), filters=False)
    @action(detail=False, pagination_class=None)
    def providers(self, request: Request) -> Response:
        """The providers, and what to paste where."""
        return Response(GuideSerializer(GUIDES.values(), many=True).data)


def own_secret(endpoint: Endpoint, key: int) -> EndpointSecret:
    """A secret of this endpoint. Raises Invalid for another one's."""
    found = endpoint.secrets.filter(pk=key).first()
    if found is None:
        raise Invalid(Reason(f"{endpoint} has no secret {key}.", "unknown", "secret"))
    return found
