"""The OpenAPI schema of the whole API."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.views import SpectacularAPIView

from core.api.permissions import DeclaredAction

ERRORS = {
    "400": "What was sent cannot be right.",
    "401": "The token is missing or no longer works.",
    "403": "Your roles do not allow it.",
    "404": "It is not there, or you may not see it.",
    "405": "The address does not know this method.",
    "406": "The answer has no such format.",
    "409": "A rule forbids it now, or somebody saved first.",
    "415": "The body has a type that is not read.",
    "429": "Too many requests.",
}
REASON = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("text", "code", "field", "url")},
}
ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "reasons"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "reasons": {"type": "array", "items": REASON},
                "yours": {"type": "object", "description": "Your values, after a conflict."},
                "theirs": {"type": "object", "description": "The stored values, after a conflict."},
                "revision": {"type": "integer", "description": "Send it when you decide again."},
            },
        }
    },
}


class Schema(SpectacularAPIView):
    """OpenAPI 3, as YAML or (Accept: application/vnd.oai.openapi+json) JSON."""

    permission_classes = [DeclaredAction]
    actions = {"get": "api.docs"}


def with_errors(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Every operation may answer with an error in the one shape of core.api.errors."""
    result["components"].setdefault("schemas", {})["Error"] = ERROR
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for item in result["paths"].values():
        for operation in item.values():
            for status, words in ERRORS.items():
                operation["responses"].setdefault(status, {"description": words, "content": body})
    return result


class TimesOfDay(OpenApiSerializerFieldExtension):
    """A time of day has no zone: JSON Schema's format "time" would want one."""

    target_class = "rest_framework.serializers.TimeField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?$", "example": "09:00:00"}
