"""Stage 3's page: the supply plan that counts, its gaps and the solve."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from catalog.selectors import base_currency
from catalog.selectors.scope import may_see_costs
from core.access import person_of, requires
from core.errors import Denied, Refused
from core.listing import Column, Empty
from core.models import Person
from core.pages import plain_table
from core.roles import can
from core.selectors.jobs import job_progress
from planning.models import Cycle, Scenario, SupplyRun
from planning.selectors.addresses import cycle_path
from planning.selectors.artefacts import colour_of
from planning.selectors.scenarios import scenarios_visible_to
from planning.selectors.supply import Gap, gaps_of_run, newest_run, scenario_of
from planning.selectors.supply_plan import last_attempt, loads_of_plan, months_of_plan
from planning.services.supply import OPEN_IN, start_solve
from planning.views.base import CyclePage
from planning.views.supply_words import (
    cost_table,
    load_chart,
    plan_figures,
    span_name,
    stock_chart,
    whys,
)

TONES = {"shortage": "bad", "overload": "warn", "excess": "info"}
NO_GAPS = Empty("No gaps", "The plan meets demand, capacity and targets within the company's threshold.")


class SupplyPage(CyclePage):
    """What can be supplied, where it falls short, and what is done about it."""

    action = "supply.view"
    place = "supply"

    def get(self, request: HttpRequest, cycle_pk: int) -> HttpResponse:
        cycle, person = self.cycle(request, cycle_pk), person_of(request)
        scenario = scenario_of(cycle)
        run = newest_run(scenario)
        context: dict[str, Any] = {
            "scenario": scenario,
            "run": run,
            "colour": colour_of(cycle, "supply"),
            "may_solve": cycle.stage in OPEN_IN and bool(can(person, "supply.solve")),
            "job": progress_of(scenario, run, person),
            "empty": _empty(cycle),
        }
        if run is not None:
            context |= _plan(cycle, run, person)
        return self.show(request, cycle, "planning/supply.html", context)


def progress_of(scenario: Scenario, run: SupplyRun | None, person: Person) -> dict[str, Any] | None:
    """The job of a solve that is not over, or that ended without a plan."""
    attempt = last_attempt(scenario)
    if attempt is None or attempt.job is None or (run is not None and attempt.pk <= run.pk):
        return None
    return job_progress(attempt.job, person)


def _plan(cycle: Cycle, run: SupplyRun, person: Person) -> dict[str, Any]:
    with_costs = may_see_costs(person)
    months, loads = months_of_plan(run, person), loads_of_plan(run, person)
    gaps = gaps_of_run(run, person)
    return {
        "figures": plan_figures(run, months, with_costs, reverse("planning:supply-grid", args=[cycle.pk])),
        "whys": whys(run, loads, with_costs),
        "warnings": run.summary["warnings"],
        "load": load_chart(loads) if loads else None,
        "resources": [
            (resource, reverse("planning:supply-resource", args=[cycle.pk, resource.pk]))
            for resource in loads
        ],
        "stock": stock_chart(months),
        "costs": cost_table(run) if with_costs else None,
        "gaps": gaps_table(cycle, gaps, with_costs),
        "gaps_open": sum(gap.action is None for gap in gaps),
        "threshold": run.summary["least_money"],
        "currency": base_currency(),
    }


def gaps_table(cycle: Cycle, gaps: list[Gap], with_costs: bool) -> dict[str, Any]:
    """The gaps with what is done about each. An excess is told at cost: not to everybody."""
    columns = [
        Column("label", "What", "label"),
        Column("kind", "Gap", "kind_label", "badge", tone=lambda gap: TONES[gap.kind]),
        Column("when", "When", lambda gap: span_name(gap.first, gap.last)),
        Column("quantity", "How much", "quantity", "quantity", unit="units, hours"),
        Column(
            "money",
            "At stake",
            lambda gap: gap.money if with_costs or gap.kind != "excess" else None,
            "quantity",
            unit=base_currency(),
        ),
        Column("action", "Action", _action_words),
        Column("owner", "Owner", lambda gap: gap.action.owner.name if gap.action else None),
        Column("due", "Due", lambda gap: gap.action.due if gap.action else None, "date"),
    ]
    table = plain_table(
        gaps, columns, caption="Gaps", empty=NO_GAPS, row_url=lambda gap: gap_path(cycle, gap.key)
    )
    return table | {"count": len(gaps)}


def _action_words(gap: Gap) -> str:
    return gap.action.get_action_display() if gap.action else "Decide"


def gap_path(cycle: Cycle, key: str) -> str:
    return reverse("planning:supply-gap", args=[cycle.pk, key])


def _empty(cycle: Cycle) -> dict[str, str]:
    """Why there is no plan yet, and what makes one."""
    if cycle.stage in {"data", "demand"}:
        return {
            "text": "Supply is planned for the frozen demand. It opens when demand planning is signed.",
            "label": "Open demand planning",
            "url": cycle_path(cycle, "demand"),
        }
    return {
        "text": "Solve it: what to make, buy and keep each month at the least cost.",
        "label": "",
        "url": "",
    }


@require_POST
@requires("supply.solve")
def scenario_solve(request: HttpRequest, cycle_pk: int, pk: int) -> HttpResponse:
    """Start the solve of a scenario; its progress shows on the page it came from."""
    person = person_of(request)
    scenario = get_object_or_404(scenarios_visible_to(person), pk=pk, cycle=cycle_pk)
    try:
        run = start_solve(actor=person, scenario=scenario)
    except Denied:
        raise
    except Refused as refusal:
        for reason in refusal.reasons:
            messages.error(request, reason.text)
    else:
        if run.state == "done":
            text = f"“{scenario}” is solved already: nothing it is made from has changed."
            messages.info(request, text)
    return redirect(_back(request, scenario))


def _back(request: HttpRequest, scenario: Scenario) -> str:
    wanted = request.POST.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return cycle_path(scenario.cycle_id, "supply")
