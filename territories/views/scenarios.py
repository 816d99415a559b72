"""Realignment scenarios: the list, planning one, changing one, copying one, solving one."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from core.access import Page, person_of
from core.errors import Denied, Refused
from core.listing import Column, Empty, ListPage
from core.pages import AddPage, EditPage, FormPage
from core.roles import can
from territories.filters.scenarios import ScenarioFilter
from territories.forms.scenarios import CopyForm, ScenarioForm, ScenarioSettingsForm
from territories.models import Scenario, TerritoryModel
from territories.selectors.scenarios import (
    models_to_realign,
    scenario_url,
    scenarios_visible_to,
    sees_the_whole,
    with_moves,
)
from territories.services.scenarios import (
    change_scenario,
    copy_scenario,
    create_scenario,
    read_again,
    start_solve,
)
from territories.views.scenario_words import tone_of

PLAN = "realignment.plan"
NOTE = (
    "The optimiser looks for the cheapest plan: km from base to account, and a penalty for every account "
    "that leaves its rep, while each balanced measure stays within your limits. Nothing changes before "
    "somebody else has approved it and it is published."
)


class ScenarioList(ListPage):
    """Every realignment that is planned, waits, is published or was given up."""

    action = "territories.view"
    title = "Realignments"
    pretitle = "Territories"
    template_name = "territories/scenario_list.html"
    filterset_class = ScenarioFilter
    default_order = "-publish_on,code"
    empty = Empty(
        "No realignments yet",
        "A scenario proposes who gets which account from a day on. Plan several, compare them, have one "
        "approved by a second person and publish it.",
    )
    columns = [
        Column("name", "Scenario", "name", order="name"),
        Column("code", "Short name", kind="code", order="code"),
        Column("model", "Territory model", "model.name", order="model__name"),
        Column("publish_on", "From day", kind="date", order="publish_on"),
        Column("moves", "Accounts that move", kind="quantity", order="moves"),
        Column("state", "State", "get_state_display", "badge", tone=tone_of, order="state"),
        Column("owner", "Planned by", "owner.name", order="owner__name"),
        Column("approved_by", "Approved by", "approved_by.name", order="approved_by__name"),
    ]

    def rows(self, request: HttpRequest) -> QuerySet[Scenario]:
        return with_moves(scenarios_visible_to(person_of(request)))

    def row_url(self, row: Scenario) -> str:
        return scenario_url(row)

    def more(self, request: HttpRequest) -> dict[str, Any]:
        plan = {"label": "Plan a realignment", "url": reverse("territories:scenario-add")}
        return {
            "primary": plan if can(request.user, PLAN) else None,
            "may_compare": sees_the_whole(person_of(request)),
        }


class ScenarioAdd(AddPage):
    action = PLAN
    form_class = ScenarioForm
    heading = "Plan a realignment"
    pretitle = "Realignments"
    note = NOTE
    submit_label = "Make the scenario"
    done = "{row} is made: every account is where it lies today. Solve it, or move accounts by hand."

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        models: list[TerritoryModel] = list(models_to_realign(person_of(request)))
        active = [model.code for model in models if model.state == "active"]
        return {"model": active[0] if active else None} | super().initial(request, row)

    def save(self, request: HttpRequest, row: Any, data: dict[str, Any]) -> Scenario:
        return create_scenario(actor=person_of(request), **data)

    def done_url(self, request: HttpRequest, saved: Scenario) -> str:
        return scenario_url(saved)

    def cancel_url(self, request: HttpRequest, row: Any) -> str:
        return reverse("territories:scenario-list")


class ScenarioEdit(EditPage):
    action = PLAN
    form_class = ScenarioSettingsForm
    pretitle = "Realignments"
    note = NOTE
    submit_label = "Save the scenario"
    done = "{row} is saved. Solve it again for a plan by these settings."

    def rows(self, request: HttpRequest) -> QuerySet[Scenario]:
        return scenarios_visible_to(person_of(request))

    def change(self, request: HttpRequest, row: Scenario, revision: int, data: dict[str, Any]) -> Scenario:
        return change_scenario(actor=person_of(request), scenario=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Scenario) -> str:
        return scenario_url(saved)


class ScenarioCopy(FormPage):
    """A new draft from any scenario."""

    action = PLAN
    form_class = CopyForm
    pretitle = "Realignments"
    note = "The copy is a draft with the same settings, proposals and locks."
    submit_label = "Copy the scenario"
    done = "{row} is a draft now."

    def rows(self, request: HttpRequest) -> QuerySet[Scenario]:
        return scenarios_visible_to(person_of(request))

    def title(self, row: Scenario) -> str:
        return f"Copy {row}"

    def initial(self, request: HttpRequest, row: Scenario) -> dict[str, Any]:
        return {"name": f"{row.name}, copy"}

    def save(self, request: HttpRequest, row: Scenario, data: dict[str, Any]) -> Scenario:
        return copy_scenario(actor=person_of(request), scenario=row, **data)

    def done_url(self, request: HttpRequest, saved: Scenario) -> str:
        return scenario_url(saved)


class ScenarioSolveNow(Page):
    """Start the optimiser, or read today's owners again; the page shows how far it is."""

    action = PLAN
    http_method_names = ["post", "head", "options"]

    def post(self, request: HttpRequest, pk: int, what: str) -> HttpResponse:
        person = person_of(request)
        scenario = get_object_or_404(scenarios_visible_to(person), pk=pk)
        try:
            if what == "read":
                read_again(actor=person, scenario=scenario)
                messages.success(request, "Today's owners are read again. What is locked kept its place.")
            else:
                start_solve(actor=person, scenario=scenario, relaxes=what == "relaxed")
        except Denied:
            raise
        except Refused as refusal:
            for reason in refusal.reasons:
                messages.error(request, reason.text)
        return redirect(scenario_url(scenario))
