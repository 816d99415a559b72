"""The rights matrix for the API."""

from typing import TYPE_CHECKING, Any

from rest_framework.exceptions import MethodNotAllowed, NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core.access import require
from core.roles import can

if TYPE_CHECKING:
    from rest_framework.views import APIView


class DeclaredAction(BasePermission):
    """A view names the action of each of its methods in `actions`; one without is closed.

    For viewsets the keys are DRF's action names (list, retrieve, …), for plain views HTTP methods
    in lower case. A refusal carries the matrix's reason.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not request.user.is_authenticated:
            raise NotAuthenticated("Send a token or sign in.")
        method = request.method or ""
        if not hasattr(view, method.lower()):
            raise MethodNotAllowed(method)
        action = action_of(view, method)
        if action is None:
            return False
        require(request.user, action)
        return True

    def has_object_permission(self, request: Request, view: "APIView", obj: Any) -> bool:
        action = action_of(view, request.method or "")
        return action is not None and bool(can(request.user, action, obj))


def action_of(view: Any, method: str) -> str | None:
    """The right a request to this view needs, or None where none is declared."""
    declared: dict[str, str] = getattr(view, "actions", {})
    named = getattr(view, "action", None)
    if named == "metadata" or method == "OPTIONS":
        return next(iter(declared.values()), None)
    return declared.get(named or method.lower())
