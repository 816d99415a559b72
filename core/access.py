"""The rights matrix for pages and services: `@requires` on a view, `require` in a service."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views import View
from rest_framework.request import Request

from core.errors import Denied
from core.models import Person
from core.roles import ACTIONS, can


def require(person: Any, action: str, obj: Any = None) -> None:
    """Raise Denied with the reason unless the person may do it. `None` is the system itself."""
    if person is None:
        return
    decision = can(person, action, obj)
    if not decision:
        raise Denied(decision.reason)


def person_of(request: HttpRequest | Request) -> Person:
    """Who asks. Behind `requires` and `Page` that is always a person."""
    return cast(Person, request.user)


def requires(action: str) -> Callable:
    """Declare a view's action: strangers are sent to sign in, others get a 403 with the reason."""
    if action not in ACTIONS:
        raise KeyError(f"{action!r} is not in core.roles.ACTIONS")

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            require(request.user, action)
            return view(request, *args, **kwargs)

        guarded.action = action  # type: ignore[attr-defined]
        return guarded

    return decorate


class Page(View):
    """The base of every class-based page: its `action` is checked before any method runs."""

    action: ClassVar[str]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return requires(self.action)(super().dispatch)(request, *args, **kwargs)
