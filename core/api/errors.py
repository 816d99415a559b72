"""One shape for every error of the API:

    {"error": {"code": "stale", "message": "…", "reasons": [{"text", "code", "field", "url"}]}}

A conflict adds `yours`, `theirs` and the `revision` to send when the person decides again.
"""

from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DataError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from core.errors import Conflict, Reason, Refused


def error_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: services' refusals and DRF's own errors, in one shape."""
    if isinstance(error, Refused):
        return Response(_refusal(error), status=error.status)
    if isinstance(error, DataError):
        text = "A value is too long or out of range for the database. Send a smaller one."
        return Response(_body("invalid", [Reason(text, code="invalid")]), status=400)
    if isinstance(error, ValueError) and "NUL (0x00)" in str(error):
        text = "A value holds a NUL character, which no text has. Send it without."
        return Response(_body("invalid", [Reason(text, code="invalid")]), status=400)
    if isinstance(error, SuspiciousOperation):
        text = "The request has more fields or bytes than are read at once. Send less, or send JSON."
        return Response(_body("invalid", [Reason(text, code="invalid")]), status=400)
    response = exception_handler(error, context)
    if response is None:
        return None
    response.data = _body(_code(error), _reasons(response.data))
    return response


def _refusal(error: Refused) -> dict[str, Any]:
    body = _body(error.reasons[0].code if error.reasons else "refused", error.reasons)
    if isinstance(error, Conflict):
        body["error"] |= {"yours": error.yours, "theirs": error.theirs, "revision": error.revision}
    return body


def _body(code: str, reasons: list[Reason]) -> dict[str, Any]:
    return {
        "error": {
            "code": code,
            "message": " ".join(reason.text for reason in reasons),
            "reasons": [vars(reason) for reason in reasons],
        }
    }


def _code(error: Exception) -> str:
    if isinstance(error, Http404):
        return "not_found"
    if isinstance(error, PermissionDenied):
        return "permission_denied"
    if isinstance(error, exceptions.ValidationError):
        return "invalid"
    return getattr(error, "default_code", "error")


def _reasons(data: Any, field: str = "") -> list[Reason]:
    """DRF nests errors by field and position; flatten them to sentences with a path."""
    if isinstance(data, dict):
        if set(data) == {"detail"}:
            return _reasons(data["detail"], field)
        return [r for name, item in data.items() for r in _reasons(item, _path(field, name))]
    if isinstance(data, list):
        return [r for item in data for r in _reasons(item, field)]
    return [Reason(str(data), code=getattr(data, "code", None) or "invalid", field=field)]


def _path(field: str, name: object) -> str:
    if name == "non_field_errors":
        return field
    return f"{field}.{name}" if field else str(name)
