"""What changed hands, a month at a time."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from core.access import person_of
from core.listing import Empty, ListPage
from core.pages import Link
from territories.filters.coverage import ChangeFilter
from territories.selectors.addresses import account_coverage_path
from territories.selectors.coverage_history import changes_visible_to
from territories.views.coverage_words import CHANGES, PRETITLE, VIEW


class ChangeList(ListPage):
    """What changed hands, or will: of this month, unless other days are asked for."""

    action = VIEW
    title = "What changed hands"
    rows_name = "Changes"
    template_name = "territories/changes.html"
    pretitle = PRETITLE
    filterset_class = ChangeFilter
    default_order = "-day,account__name"
    columns = CHANGES
    empty = Empty(
        "Nothing changed hands",
        "Accounts that get another rep stand here with the day. Choose another month or other days.",
    )

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        rows = changes_visible_to(person_of(request))
        if _asks(request):
            return rows
        first = timezone.localdate().replace(day=1)
        return rows.filter(day__gte=first, day__lt=_month_after(first))

    def more(self, request: HttpRequest) -> dict[str, Any]:
        """The month that is shown and those beside it; nothing where days or an account are asked for."""
        since = _asked_month(request)
        if since is None:
            return {}
        before = (since - dt.timedelta(days=1)).replace(day=1)
        months = [("Month before", before), ("Next month", _month_after(since))]
        return {
            "month": since,
            "months": [Link(f"{label}: {month:%b %Y}", _month_url(month)) for label, month in months],
        }

    def row_url(self, row: Any) -> str:
        return account_coverage_path(row.account_id)


def _asks(request: HttpRequest) -> bool:
    return any(request.GET.get(name) for name in ("since", "until", "account", "rep"))


def _month_after(day: dt.date) -> dt.date:
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def _month_url(month: dt.date) -> str:
    last = _month_after(month) - dt.timedelta(days=1)
    return f"{reverse('territories:change-list')}?since={month:%Y-%m-%d}&until={last:%Y-%m-%d}"


def _asked_month(request: HttpRequest) -> dt.date | None:
    """The first day of the month that the page shows; None where other days are shown."""
    if not _asks(request):
        return timezone.localdate().replace(day=1)
    try:
        since, until = (dt.date.fromisoformat(request.GET.get(name, "")) for name in ("since", "until"))
    except ValueError:
        return None
    is_month = since.day == 1 and until == _month_after(since) - dt.timedelta(days=1)
    return since if is_month else None
