"""One realignment scenario: what it does, and what may happen to it next."""

import re
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from catalog.engine.moves import Move
from core import company
from core.access import Page, person_of
from core.errors import Denied, Refused
from core.formats import show
from core.listing import Column, Empty
from core.models import JobState, Person
from core.pages import DetailPage, Link, Section, table_section
from core.roles import can
from core.selectors.jobs import job_progress
from crm.models import Deal
from crm.selectors.accounts import own_reps, reps_visible_to
from territories.engine.scenario_moves import SCENARIO_MOVES
from territories.forms.scenarios import ReasonForm
from territories.models import Scenario, ScenarioState, SolveEnding
from territories.selectors.scenario_effects import (
    Following,
    effect_on_pay,
    held_until,
    sums_of_deals,
    touched_deals,
    what_follows,
)
from territories.selectors.scenario_figures import Figures, figures_of
from territories.selectors.scenario_inputs import named, reps_left_out
from territories.selectors.scenarios import (
    moved_accounts,
    newest_solve,
    scenario_accounts_visible_to,
    scenario_url,
    scenarios_visible_to,
    sees_the_whole,
)
from territories.services.scenario_moves import move_scenario
from territories.views.scenario_words import (
    balance_rows,
    balance_section,
    effect_section,
    key_figures,
    rep_chart,
    rep_section,
    solve_in_words,
    tone_of,
    worst_measure,
)
from territories.workflow.scenarios import SCENARIOS

PLAN = "realignment.plan"
MOST_ROWS = 25
DONE_WORDS = {
    "submit": "{} waits for approval.",
    "approve": "{} is approved.",
    "reject": "{} is rejected.",
    "publish": "{} is published: the new owners count from its day on.",
    "undo": "{} is undone: everything is as it was before.",
    "revise": "{} is a draft again.",
    "withdraw": "{} is withdrawn.",
}
FOR_PROGRAMS = re.compile(r"\s*\(\w+:[\d.]+\)")  # how the command line spells a tolerance
DEALS = [
    Column("name", "Deal", "name"),
    Column("account", "Account", "account.name"),
    Column("rep", "Has it", "rep.name"),
    Column("new_rep", "Gets the account"),
    Column("amount", "Amount", "base_amount", "money"),
    Column("close", "Expected close", "expected_close", "date"),
]
QUOTAS_FOLLOW = (
    "The year's quotas, exactly as publishing would leave them: each account takes its part of its "
    "territory's quota along from the first day on, by the weights of the quota plan."
)
POTENTIAL_FOLLOWS = (
    "From its first day to the end of the fiscal year. No approved quota plan of a territory model "
    "holds then."
)
HOLDS = {
    "territories": "The night after, those still open go to the account's rep by themselves.",
    "crm": "Hand over those still open then in the CRM: it decides who owns what.",
}
MOVES = [
    Column("account", "Account", "account.name"),
    Column("from_rep", "From", "from_rep.name"),
    Column("to_rep", "To", "to_rep.name"),
    Column("to_territory", "Territory then", "to_territory.name"),
    Column("revenue", "Revenue", kind="quantity"),
]


class ScenarioPage(DetailPage):
    """Its figures, its moves, its accounts in short, and what it touches."""

    action = "territories.view"
    pretitle = "Realignments"
    template_name = "territories/scenario.html"
    edit = (PLAN, "territories:scenario-edit")
    refused: Refused | None = None
    reason = ""
    facts = [
        Column("model", "Territory model", "model.name"),
        Column("publish_on", "From day", kind="date"),
        Column("state", "State", "get_state_display", "badge", tone=tone_of),
        Column("description", "What for"),
        Column("owner", "Planned by", "owner.name"),
        Column("submitted_by", "Submitted by", "submitted_by.name"),
        Column("submission_note", "Note"),
        Column("approved_by", "Approved by", "approved_by.name"),
        Column("decision_note", "Decision"),
        Column("published_by", "Published by", "published_by.name"),
        Column("held", "Open deals stay until", held_until, "date"),
        Column("copied_from", "Copy of", "copied_from.name"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Scenario]:
        return scenarios_visible_to(person_of(request))

    def parents(self, request: HttpRequest, row: Scenario) -> list[Link]:
        return [Link("Realignments", reverse("territories:scenario-list"))]

    def row(self, request: HttpRequest, **kwargs: Any) -> Scenario:
        scenario: Scenario = super().row(request, **kwargs)
        whole = sees_the_whole(person_of(request))
        self.figures = figures_of(scenario) if whole else None
        return scenario

    def edit_route(self) -> tuple[str, str]:
        return ("", "")  # the template offers it: for drafts only

    def sections(self, request: HttpRequest, row: Scenario) -> list[Section]:
        person = person_of(request)
        if self.figures is None:
            return [_moves(person, row), _deals(person, row)]
        return [
            *_of_the_whole(person, row, self.figures),
            _moves(person, row),
            _deals(person, row),
            *_effects(person, row),
        ]

    def more(self, request: HttpRequest, row: Scenario) -> dict[str, Any]:
        person = person_of(request)
        draft = row.state == ScenarioState.DRAFT
        solve = newest_solve(row) if self.figures else None
        left_out = reps_left_out(row) if draft and self.figures else []
        return _moves_of(row, person, self.reason) | {
            "figures": key_figures(row, self.figures, sums_of_deals(row)) if self.figures else None,
            "refused": self.refused.reasons if self.refused else None,
            "solve": solve,
            "solve_text": solve_in_words(solve) if solve else "",
            "no_plan": solve is not None and solve.ending == SolveEnding.NONE,
            "relaxations": [FOR_PROGRAMS.sub("", text) for text in solve.relaxations] if solve else [],
            "left_out": named(left_out) if left_out else "",
            "may_plan": bool(can(person, PLAN)),
            "may_change": draft and bool(can(person, PLAN)),
            "job": _job(row, person),
        }


def _job(scenario: Scenario, person: Person) -> dict[str, Any] | None:
    """The solve that is not over, or that ended without a plan."""
    if scenario.job is None or scenario.job.state == JobState.DONE:
        return None
    return job_progress(scenario.job, person)


def _moves_of(scenario: Scenario, person: Person, reason: str) -> dict[str, Any]:
    """What may happen next: at once, after something is mended, with a reason."""
    moves = SCENARIOS.offered(scenario, person)
    weighed = [(move, SCENARIOS.refusals(scenario, move, person)) for move in moves]
    free = [move for move, against in weighed if not against]
    return {
        "ready": [move for move in free if not _asks(move)],
        "asking": [(move, _reason_form(move, reason)) for move in free if _asks(move)],
        "blocked": [(move, against) for move, against in weighed if against],
    }


def _reason_form(move: Move, reason: str) -> ReasonForm:
    form = ReasonForm(initial={"reason": reason}, auto_id=f"{move.name}_%s")
    if not move.asks_reason:
        form.fields["reason"].label = "Note"
    return form


def _asks(move: Move) -> bool:
    """Submitting takes a note as well, though it needs none."""
    return move.asks_reason or move.name in {"submit", "approve"}


def _of_the_whole(person: Person, scenario: Scenario, figures: Figures) -> list[Section]:
    measure = worst_measure(figures, balance_rows(scenario, figures))
    chart = rep_chart(figures, measure)
    team = None if own_reps(person) is None else {*reps_visible_to(person).values_list("pk", flat=True)}
    rows = [row for row in figures.reps if team is None or row.rep.pk in team]
    return [balance_section(scenario, figures), *([chart] if chart else []), rep_section(scenario, rows)]


def _moves(person: Person, scenario: Scenario) -> Section:
    rows = moved_accounts(scenario_accounts_visible_to(person)).filter(scenario=scenario)
    address = reverse("territories:scenario-accounts", args=[scenario.pk])
    shown = list(rows.order_by("-revenue", "account__name")[:MOST_ROWS])
    note = f"The {MOST_ROWS} with most revenue." if len(shown) == MOST_ROWS else ""
    empty = Empty(
        "Nothing moves", "Every account stays where it is. Solve the scenario, or move some by hand."
    )
    links = (Link("All accounts", address),)
    return table_section("Accounts that move", shown, MOVES, empty=empty, note=note, links=links)


def _deals(person: Person, scenario: Scenario) -> Section:
    deals: list[Deal] = list(touched_deals(person, scenario)[:MOST_ROWS]) if can(person, "deals.view") else []
    until = show(held_until(scenario), "date")[0]
    after = HOLDS[str(company.value("account_owners"))]
    note = f"Whoever has an open deal keeps it until {until}. {after}"
    empty = Empty("No open deals", "No account that changes hands has an open deal.")
    return table_section("Open deals touched", deals, DEALS, empty=empty, note=note)


PAY_NOTE = (
    "A year, roughly: what the accounts booked in the last twelve months, at what one more of it pays the "
    "rep at today's attainment and plan. Before: this year's pay so far, as if it went on. You see those "
    "whose pay you may see."
)


def _effects(person: Person, scenario: Scenario) -> list[Section]:
    follows = what_follows(person, scenario)
    found = [effect_section(*_title(one, len(follows)), one.effects) for one in follows]
    if pay := effect_on_pay(person, scenario):
        found.append(effect_section("Effect on pay", PAY_NOTE, pay))
    return found


def _title(follows: Following, count: int) -> tuple[str, str]:
    """The heading names the measure only where quotas are set in both."""
    if follows.measure is None:
        return "Potential that changes hands", POTENTIAL_FOLLOWS
    measured = f" of {follows.measure.label.lower()}" if count > 1 else ""
    return f"Effect on quotas{measured}", QUOTAS_FOLLOW


class ScenarioMove(Page):
    """Make one move."""

    action = "territories.view"
    http_method_names = ["post", "head", "options"]

    def post(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        person = person_of(request)
        scenario = get_object_or_404(scenarios_visible_to(person), pk=pk)
        if name not in SCENARIO_MOVES.names:
            raise Http404(f"There is no move “{name}”.")
        reason, seen = request.POST.get("reason", ""), request.POST.get("revision", "")
        revision = int(seen) if seen.isdigit() else None
        try:
            moved = move_scenario(
                actor=person, scenario=scenario, name=name, revision=revision, reason=reason
            )
        except Denied:
            raise
        except Refused as refusal:
            return show_refused(request, pk, refusal, reason)
        messages.success(request, DONE_WORDS[name].format(moved))
        return redirect(scenario_url(moved))


def show_refused(request: HttpRequest, pk: int, refusal: Refused, reason: str = "") -> HttpResponse:
    """The scenario's page with every reason on top; nothing has changed."""
    page = ScenarioPage()
    page.setup(request, pk=pk)
    page.refused, page.reason = refusal, reason
    response = page.get(request, pk=pk)
    response.status_code = refusal.status
    return response
