"""Pages of contests and SPIFs: what runs, what is over, and who stands where."""

from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from compensation.pipeline.contests import (
    Board,
    Contest,
    Standing,
    board_of,
    contest_visible_to,
    contests_visible_to,
)
from core.access import Page, person_of
from core.formats import show
from core.listing import Column, Empty, export_rows
from core.models import Person
from core.pages import allowed_sections, table_section

VIEW = "pay.own"
STATES = {"running": "Running", "upcoming": "To come", "over": "Finished"}
NOTHING = Empty("None", "Nothing here at the moment.")
EMPTY = Empty(
    "No contests yet",
    "A plan with a contest, or with a component that has days or a budget, shows its ranking here while it "
    "runs, and the result afterwards.",
)


def days_left(contest: Contest) -> int | None:
    """Days to the end, today included; None when it does not run."""
    today = timezone.localdate()
    return (contest.round.last - today).days + 1 if contest.round.state(today) == "running" else None


def prizes_words(contest: Contest) -> str:
    prizes = contest.component.prizes
    return " · ".join(show(prize, "quantity")[0] for prize in prizes) if prizes else "By rate"


COLUMNS = [
    Column("name", "Name", "component.name", link=lambda row: row.url),
    Column("kind", "Kind", "kind"),
    Column("plan", "Plan", "version.plan.name"),
    Column("first", "From", "round.first", "date"),
    Column("last", "To", "round.last", "date"),
    Column("left", "Days left", days_left, "quantity"),
    Column("prizes", "Prizes", prizes_words),
    Column("currency", "In", "currency", "code"),
]


class ContestList(Page):
    """What runs, what comes, what is over."""

    action = VIEW

    def get(self, request: HttpRequest) -> HttpResponse:
        today = timezone.localdate()
        found = contests_visible_to(person_of(request), today)
        by_state = {state: [one for one in found if one.round.state(today) == state] for state in STATES}
        sections = [
            table_section(label, by_state[state], COLUMNS, empty=NOTHING, row_url=lambda row: row.url)
            for state, label in STATES.items()
            if by_state[state]
        ]
        context = {"sections": allowed_sections(request.user, sections), "empty": EMPTY}
        return render(request, "compensation/contests.html", context)


class ContestPage(Page):
    """The ranking of a round as it stands."""

    action = VIEW

    def get(self, request: HttpRequest, version: int, code: str, last: str) -> HttpResponseBase:
        person = person_of(request)
        contest = contest_visible_to(person, version, code, last, timezone.localdate())
        if contest is None:
            raise Http404("There is no such contest.")
        board = board_of(contest)
        columns = _columns(contest, person)
        if export := request.GET.get("export"):
            return export_rows(board.rows, columns, title=contest.component.name, form=export)
        ranking = table_section("Ranking", board.rows, columns, empty=_nobody(contest))
        context = {
            "contest": contest,
            "state": STATES[contest.round.state(timezone.localdate())],
            "figures": _figures(board, person),
            "sections": allowed_sections(request.user, [ranking]),
            "prizes": list(enumerate(contest.component.prizes, start=1)),
            "others": _other_rounds(person, contest),
        }
        return render(request, "compensation/contest.html", context)


def _other_rounds(person: Person, contest: Contest) -> list[Contest]:
    same = (contest.version.plan_id, contest.component.code)
    found = contests_visible_to(person, timezone.localdate())
    return [
        one
        for one in found
        if (one.version.plan_id, one.component.code) == same and one.round != contest.round
    ]


def _nobody(contest: Contest) -> Empty:
    return Empty("Nobody takes part yet", f"Everybody on {contest.version.plan.name} in these days does.")


def _columns(contest: Contest, person: Person) -> list[Column]:
    columns = [
        Column("rep", "Rep", lambda row: f"{row.rep.name} (you)" if _is(row, person) else row.rep.name),
        Column("rank", "Rank", lambda row: row.rank or None, "quantity"),
        Column("amount", "So far", "amount", "quantity", contest.unit),
        Column(
            "gap", "To the next prize", "gap", "quantity", contest.unit, help="Up to who has the better one"
        ),
    ]
    if contest.component.prizes:
        columns.append(Column("prize", "Prize of the rank", "prize", "money", contest.currency))
    return columns


def _is(row: Standing, person: Person) -> bool:
    return row.rep.person_id == person.pk


def _figures(board: Board, person: Person) -> list[dict[str, Any]]:
    contest = board.contest
    mine = next((row for row in board.rows if _is(row, person)), None)
    left = days_left(contest)
    figures: list[dict[str, Any]] = [
        {
            "label": "Days left",
            "value": "–" if left is None else str(left),
            "change": f"{show(contest.round.first, 'date')[0]} to {show(contest.round.last, 'date')[0]}",
        },
        {"label": "Take part", "value": str(len(board.rows)), "change": f"{_ranked(board)} in the ranking"},
    ]
    if mine is not None:
        figures.insert(0, _my_figure(mine, contest))
    if contest.component.budget is not None:
        figures.append(_budget(board, contest.component.budget))
    return figures


def _my_figure(mine: Standing, contest: Contest) -> dict[str, Any]:
    gap = f"{show(mine.gap, 'quantity')[0]} {contest.unit} to the next prize" if mine.gap else ""
    return {"label": "Your rank", "value": str(mine.rank or "–"), "change": gap}


def _ranked(board: Board) -> int:
    return sum(row.rank > 0 for row in board.rows)


def _budget(board: Board, budget: Decimal) -> dict[str, Any]:
    share = float(board.used / budget) if budget else 1.0
    return {
        "label": "Budget used",
        "value": show(share, "percent")[0],
        "change": f"of {show(budget, 'quantity')[0]} {board.contest.currency}",
        "tone": "warn" if share >= 0.9 else "",
    }
