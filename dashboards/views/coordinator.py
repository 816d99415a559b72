"""The coordinator's dashboard: the next two weeks, checklists, what is missing and with whom, the pack."""

import datetime as dt
from itertools import groupby
from typing import Any

from core.formats import show
from dashboards.selectors.cycle_needs import meetings_without_minutes, own_tasks, streams_open
from dashboards.selectors.needs import coordinator_needs
from dashboards.selectors.results import recent_imports
from dashboards.views.board import Board
from dashboards.views.stages import stage_table
from planning.models import Cycle
from planning.selectors.addresses import cycle_path
from planning.selectors.approvals import counting_approvals, request_of
from planning.selectors.calendar import items_between

AHEAD = dt.timedelta(days=14)
SHOWN_ITEMS = 16


def context_of(board: Board) -> dict[str, Any]:
    person, cycle = board.person, board.cycle
    return {
        "needs": [
            *coordinator_needs(person),
            own_tasks(person),
            streams_open(cycle),
            meetings_without_minutes(person),
        ],
        "stages": stage_table(board.in_cycle),
        "pack": pack_of(cycle),
        "days": _days(board),
        "imports": recent_imports(person),
    }


def _days(board: Board) -> list[dict[str, Any]]:
    """The next two weeks, day by day; days without anything are left out."""
    items = items_between(board.person, board.today, board.today + AHEAD)[:SHOWN_ITEMS]
    return [{"day": day, "items": list(some)} for day, some in groupby(items, key=lambda item: item.day)]


def pack_of(cycle: Cycle) -> dict[str, str]:
    """How the pack for the executives stands, in one sentence."""
    request, url = request_of(cycle), cycle_path(cycle, "release")
    if request is None:
        text = "The pack is made when approval is asked for, in the release stage."
        return {"text": text, "tone": "quiet", "url": url}
    if request.pack_sent is None:
        return {"text": "Approval is asked for; the pack is not sent yet.", "tone": "warn", "url": url}
    signed = counting_approvals(request)
    sent = show(request.pack_sent, "time")[0]
    text = f"Sent {sent}; {signed} of {request.quorum} signatures are there."
    return {"text": text, "tone": "good" if signed >= request.quorum else "info", "url": url}
