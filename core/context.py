"""What every page's layout needs: who is here, where they may go, what waits for them."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from core import company
from core.accounts import demo_signins
from core.navigation import navigation, tabs_of
from core.selectors.messages import unread_of
from core.slots import current_cycle_for


def page(request: HttpRequest) -> dict[str, Any]:
    """Context of templates/base.html."""
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return _of_strangers(request) | {"person": person}
    nav, place = navigation(person, request.path)
    return {
        "mode": settings.MODE,
        "company": company.value("company_name"),
        "person": person,
        "nav": nav,
        "place": place,
        "tabs": tabs_of(nav, request.path),
        "unread": unread_of(person),
        "current_cycle": current_cycle_for(person),
    }


def _of_strangers(request: HttpRequest) -> dict[str, Any]:
    """The sign-in page: nobody learns the company's name without an account."""
    signins = demo_signins() if request.path == reverse("account_login") else []
    return {"mode": settings.MODE, "company": "", "nav": [], "unread": 0, "demo_signins": signins}
