"""Routes of order papers and bookings: viewsets as (prefix, viewset, basename), and others."""

from typing import Any

from crm.api.bookings import BookingViewSet
from crm.api.papers import PaperExceptionViewSet, PaperViewSet

VIEWSETS: list[tuple[str, Any, str]] = [
    ("order-papers", PaperViewSet, "order-paper"),
    ("paper-exceptions", PaperExceptionViewSet, "paper-exception"),
    ("bookings", BookingViewSet, "booking"),
]
urlpatterns: list[Any] = []
