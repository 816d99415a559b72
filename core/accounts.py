"""How allauth treats accounts: people are added by the technical advisor, never by themselves."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from core.demo_signins import DEMO_SIGNINS


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """OpenID Connect signs in people who are already there, matched by their verified e-mail."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False


def demo_signins() -> list[dict[str, str]]:
    """What the sign-in page offers in demo mode; nothing in any other."""
    if not settings.DEMO:
        return []
    return [{"role": s.role.label, "email": s.email, "password": s.password} for s in DEMO_SIGNINS]
