"""The home page: the dashboard of the person's role; who has several roles switches between them."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from core.access import Page, person_of
from core.roles import Role, can
from dashboards.selectors.changes import changes_since
from dashboards.views import analyst, coordinator, everyone, executive, manager, vp
from dashboards.views.board import Board
from planning.selectors.cycles import current_cycle

A_VISIT = dt.timedelta(hours=1)
SEEN = "home_seen"


@dataclass(frozen=True)
class Dashboard:
    """A role's dashboard: its template, and what it shows of a cycle."""

    template: str
    context_of: Callable[[Board], dict[str, Any]]


DASHBOARDS: dict[Role, Dashboard] = {
    Role.VP: Dashboard("dashboards/vp.html", vp.context_of),
    Role.MANAGER: Dashboard("dashboards/manager.html", manager.context_of),
    Role.ANALYST: Dashboard("dashboards/analyst.html", analyst.context_of),
    Role.COORDINATOR: Dashboard("dashboards/coordinator.html", coordinator.context_of),
    Role.EXECUTIVE: Dashboard("dashboards/executive.html", executive.context_of),
}


class Home(Page):
    """What needs me now, how are we doing, what changed: by role."""

    action = "home.view"

    def get(self, request: HttpRequest) -> HttpResponse:
        person = person_of(request)
        cycle = current_cycle() if can(person, "cycle.view") else None
        own = [role for role in DASHBOARDS if role in person.roles]
        if not own or cycle is None:
            context = everyone.context_of(person) | {"without_cycle": bool(own)}
            return render(request, everyone.TEMPLATE, context)
        role = next((role for role in own if role == request.GET.get("as")), own[0])
        board, since = Board(person, cycle), last_visit(request)
        shown = DASHBOARDS[role].context_of(board)
        context = {
            "cycle": cycle,
            "today": board.today,
            "steps": board.steps,
            "switch": _switch(own, role),
            "since": since,
            "changes": changes_since(person, cycle, since),
            "nothing_waits": not any(need.count for need in shown["needs"]),
            **shown,
        }
        return render(request, DASHBOARDS[role].template, context)


def _switch(own: list[Role], role: Role) -> list[dict[str, Any]]:
    """The other dashboards of a person with several roles; nothing for one."""
    if len(own) < 2:
        return []
    return [{"label": one.label, "url": f"/?as={one.value}", "is_here": one == role} for one in own]


def last_visit(request: HttpRequest) -> dt.datetime:
    """When the person was here before. Looks within an hour are one visit; without one, yesterday."""
    now = timezone.now()
    before, latest = (parse_datetime(text) for text in request.session.get(SEEN, ("", "")))
    if latest is None or now - latest > A_VISIT:
        request.session[SEEN] = [(latest or now - dt.timedelta(days=1)).isoformat(), now.isoformat()]
        return latest or now - dt.timedelta(days=1)
    return before or now - dt.timedelta(days=1)
