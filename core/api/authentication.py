"""Keys of programs: knox's tokens, with the time of their last use."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox import auth
from rest_framework.request import Request

from core.models import ApiToken

USED_AT_MOST_EVERY = timedelta(minutes=1)


class TokenAuthentication(auth.TokenAuthentication):
    """`Authorization: Token KEY`. Notes the last use at most once a minute: a read stays a read."""

    def authenticate(self, request: Request) -> Any:
        found = super().authenticate(request)
        if found:
            _note_use(found[1])
        return found


def _note_use(token: ApiToken) -> None:
    now = timezone.now()
    stale = Q(last_used=None) | Q(last_used__lt=now - USED_AT_MOST_EVERY)
    ApiToken.objects.filter(stale, pk=token.pk).update(last_used=now)


class TokenScheme(OpenApiAuthenticationExtension):
    """How the schema describes it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token KEY`. Create a key on the page “API tokens” (/account/tokens/).",
        }
