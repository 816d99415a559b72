"""Scenarios of a cycle: side by side, added, changed, chosen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from catalog.selectors import base_currency
from catalog.selectors.scope import may_see_costs
from core.access import person_of
from core.formats import grouped
from core.models import Person
from core.pages import AddPage, EditPage, FormPage
from core.roles import can
from planning.engine.scenario import Change, read_changes
from planning.forms.scenarios import ChooseForm, ScenarioForm
from planning.models import Cycle, Scenario, SupplyRun
from planning.selectors.addresses import cycle_path
from planning.selectors.cycles import cycles_visible_to
from planning.selectors.scenarios import scenarios_of, scenarios_visible_to
from planning.selectors.supply import is_solved
from planning.selectors.supply_plan import MonthSum, months_of_plan, newest_runs
from planning.services.scenarios import add_scenario, change_scenario, choose_scenario
from planning.services.supply import OPEN_IN
from planning.views.base import CyclePage
from planning.views.supply import progress_of
from planning.views.supply_words import line_chart

ROLES = ("supply", "consensus", "statistical", "budget", "last", "history")


@dataclass(frozen=True)
class Plan:
    """A scenario with its plan, as the comparison reads it."""

    scenario: Scenario
    run: SupplyRun | None
    months: list[MonthSum]
    is_fresh: bool

    def total(self, name: str) -> float:
        return float(sum(getattr(month, name) for month in self.months))


@dataclass(frozen=True)
class Figure:
    """A row of the comparison; `good` is the direction that is better: 1 more, −1 less, 0 neither."""

    label: str
    unit: str
    value: Callable[[Plan], float]
    good: int = 0
    places: int = 0


def _of_run(name: str) -> Callable[[Plan], float]:
    return lambda plan: float((plan.run.summary if plan.run else {}).get(name) or 0.0)


def _on_time(plan: Plan) -> float:
    demand = plan.total("demand")
    return 100 * max(1 - (plan.total("backlog") + plan.total("lost")) / demand, 0.0) if demand else 100.0


def _load(plan: Plan) -> float:
    most = plan.run.summary["most_loaded"] if plan.run else None
    return 100 * most["share"] if most else 0.0


FIGURES = (
    Figure("Demand", "units", lambda plan: plan.total("demand")),
    Figure("Delivered on time", "%", _on_time, 1, 1),
    Figure("Made", "units", lambda plan: plan.total("make")),
    Figure("Bought", "units", lambda plan: plan.total("buy")),
    Figure("Lost", "units", lambda plan: plan.total("lost"), -1),
    Figure("Owed at the worst", "units", lambda plan: max((m.backlog for m in plan.months), default=0.0), -1),
    Figure("Stock at the end", "units", lambda plan: plan.months[-1].stock if plan.months else 0.0),
    Figure("Highest load", "%", _load, -1),
    Figure("Revenue", "money", lambda plan: plan.total("revenue"), 1),
)
COST_FIGURES = (
    Figure("Cost of the plan", "money", _of_run("cost"), -1),
    Figure("Margin", "money", _of_run("margin"), 1),
    Figure("Stock at the end, at cost", "money", lambda p: p.months[-1].stock_value if p.months else 0.0),
)


class ScenarioList(CyclePage):
    """The scenarios of a cycle side by side, with their differences to the base."""

    action = "supply.view"
    place = "supply"

    def get(self, request: HttpRequest, cycle_pk: int) -> HttpResponse:
        cycle, person = self.cycle(request, cycle_pk), person_of(request)
        scenarios = scenarios_of(cycle, person)
        runs = newest_runs(scenarios)
        plans = [_plan(scenario, runs.get(scenario.pk), person) for scenario in scenarios]
        is_open = cycle.stage in OPEN_IN
        context = {
            "heads": [_head(plan, person) for plan in plans],
            "rows": comparison(plans, may_see_costs(person)),
            "chart": _chart([plan for plan in plans if plan.run]),
            "is_solved": any(plan.run for plan in plans),
            "may_edit": is_open and bool(can(person, "scenario.edit")),
            "may_choose": is_open and bool(can(person, "scenario.choose")),
            "may_solve": is_open and bool(can(person, "supply.solve")),
        }
        return self.show(request, cycle, "planning/scenarios.html", context)


def _plan(scenario: Scenario, run: SupplyRun | None, person: Person) -> Plan:
    return Plan(scenario, run, months_of_plan(run, person) if run else [], is_solved(scenario))


def _head(plan: Plan, person: Person) -> dict[str, Any]:
    scenario = plan.scenario
    state = (
        ("good", "solved")
        if plan.is_fresh
        else ("warn", "to be solved again")
        if plan.run
        else ("bad", "not solved")
    )
    return {
        "scenario": scenario,
        "tone": state[0],
        "word": state[1],
        "is_fresh": plan.is_fresh,
        "changes": [in_words(change) for change in read_changes(scenario.changes)],
        "job": progress_of(scenario, plan.run, person),
    }


def comparison(plans: Sequence[Plan], with_costs: bool) -> list[dict[str, Any]]:
    """A row for each figure, a cell for each scenario; the base is the first."""
    money = base_currency()
    figures = FIGURES + (COST_FIGURES if with_costs else ())
    return [
        {
            "label": figure.label,
            "unit": money if figure.unit == "money" else figure.unit,
            "cells": [_compared(figure, plan, plans[0]) for plan in plans],
        }
        for figure in figures
    ]


def _compared(figure: Figure, plan: Plan, base: Plan) -> dict[str, str]:
    if plan.run is None:
        return {"text": "–", "change": "", "tone": ""}
    value = figure.value(plan)
    text = grouped(value, figure.places)
    if plan is base or base.run is None:
        return {"text": text, "change": "", "tone": ""}
    change = value - figure.value(base)
    if abs(change) < 0.5 * 10**-figure.places:
        return {"text": text, "change": "same", "tone": ""}
    tone = "" if not figure.good else "good" if change * figure.good > 0 else "bad"
    sign = "+" if change > 0 else ""
    return {"text": text, "change": f"{sign}{grouped(change, figure.places)}", "tone": tone}


def _chart(plans: Sequence[Plan]) -> dict[str, Any] | None:
    """What is owed and lost by month in each scenario."""
    if not plans or not plans[0].months:
        return None
    series = [
        (plan.scenario.name, ROLES[place], [month.backlog + month.lost for month in plan.months])
        for place, plan in enumerate(plans[: len(ROLES)])
    ]
    least = min(plans, key=lambda plan: plan.total("backlog") + plan.total("lost"))
    owing = [plan for plan in plans if plan.total("backlog") + plan.total("lost") > 0.5]
    title = f"“{least.scenario}” keeps the fewest waiting" if owing else "Nobody waits in any scenario"
    return line_chart("compare", title, "Units owed or lost, by month", plans[0].months, series)


def in_words(change: Change) -> str:
    """A change as people read it: "Demand +10 %, family TENTS, Mar 27 to May 27"."""
    where = [
        f"{name} {getattr(change, name)}"
        for name in ("family", "market", "resource")
        if getattr(change, name)
    ]
    if change.first or change.last:
        where.append(_months_in_words(change))
    return ", ".join([_what(change), *where])


def _what(change: Change) -> str:
    if change.kind in {"overtime", "outsourcing"}:
        return f"{change.kind.capitalize()} {'allowed' if change.allowed else 'not allowed'}"
    if change.kind == "service_level":
        return f"Service level {change.percent:g} %"
    if change.add:
        return f"Capacity {change.add:+g} units a month".replace("-", "\u2212")
    return f"{change.kind.capitalize()} {change.percent:+g} %".replace("-", "\u2212")


def _months_in_words(change: Change) -> str:
    if not change.last:
        return f"from {change.first}"
    return f"up to {change.last}" if not change.first else f"{change.first} to {change.last}"


def list_path(cycle: Cycle | int) -> str:
    return cycle_path(cycle, "scenarios")


class ScenarioAdd(AddPage):
    action = "scenario.edit"
    form_class = ScenarioForm
    template_name = "planning/scenario_form.html"
    heading = "Add a scenario"
    note = "It starts from the base and changes what you say. Solve it to see what it does."
    submit_label = "Add the scenario"

    def row(self, request: HttpRequest, **kwargs: Any) -> Cycle:
        return get_object_or_404(cycles_visible_to(person_of(request)), pk=kwargs["cycle_pk"])

    def save(self, request: HttpRequest, row: Cycle, data: dict[str, Any]) -> Scenario:
        return add_scenario(actor=person_of(request), cycle=row, **data)

    def done_url(self, request: HttpRequest, saved: Scenario) -> str:
        return list_path(saved.cycle_id)

    def cancel_url(self, request: HttpRequest, row: Cycle) -> str:
        return list_path(row)


class ScenarioEdit(EditPage):
    action = "scenario.edit"
    form_class = ScenarioForm
    template_name = "planning/scenario_form.html"
    submit_label = "Save the scenario"

    def rows(self, request: HttpRequest) -> QuerySet[Scenario]:
        return scenarios_visible_to(person_of(request))

    def row(self, request: HttpRequest, **kwargs: Any) -> Scenario:
        return get_object_or_404(self.rows(request), pk=kwargs["pk"], cycle=kwargs["cycle_pk"])

    def change(self, request: HttpRequest, row: Scenario, revision: int, data: dict[str, Any]) -> Scenario:
        return change_scenario(actor=person_of(request), scenario=row, revision=revision, changes=data)

    def done_url(self, request: HttpRequest, saved: Scenario) -> str:
        return list_path(saved.cycle_id)


class ScenarioChoose(FormPage):
    """Asks why, and makes the scenario the one that counts."""

    action = "scenario.choose"
    form_class = ChooseForm
    submit_label = "Choose this scenario"
    done = "“{row}” is the scenario of this cycle."

    def row(self, request: HttpRequest, **kwargs: Any) -> Scenario:
        rows = scenarios_visible_to(person_of(request))
        return get_object_or_404(rows, pk=kwargs["pk"], cycle=kwargs["cycle_pk"])

    def title(self, row: Scenario) -> str:
        return f"Choose “{row}”"

    def save(self, request: HttpRequest, row: Scenario, data: dict[str, Any]) -> Scenario:
        return choose_scenario(actor=person_of(request), scenario=row, reason=data["reason"])

    def done_url(self, request: HttpRequest, saved: Scenario) -> str:
        return list_path(saved.cycle_id)
