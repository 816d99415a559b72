"""What every page's layout needs: who is here, where they may go, what waits for them."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from core.models import Notification
from core.navigation import navigation


def page(request: HttpRequest) -> dict[str, Any]:
    """Context of templates/base.html."""
    person = request.user
    if not person.is_authenticated:
        return {"mode": settings.MODE, "company": "sopcycle", "nav": [], "unread": 0, "person": person}
    nav, place = navigation(person, request.path)
    return {
        "mode": settings.MODE,
        "company": "sopcycle",
        "person": person,
        "nav": nav,
        "place": place,
        "unread": Notification.objects.filter(person=person, read_at=None).count(),
    }
