"""Scenarios: named changes with a plan of their own, one of which is chosen."""

from typing import Any

from django.db import transaction

from core.access import require
from core.editing import change_row, create_row
from core.errors import Invalid, Reason, Refused
from core.events import record
from core.models import Person
from planning.engine.scenario import Change, read_changes
from planning.models import Cycle, Scenario
from planning.selectors.addresses import cycle_path
from planning.selectors.scenarios import unknown_codes
from planning.selectors.supply import is_solved
from planning.services.supply import refuse_outside_supply


@transaction.atomic
def add_scenario(
    *,
    actor: Person | None,
    cycle: Cycle,
    name: str,
    text: str = "",
    changes: list[dict[str, Any]] | None = None,
    owner: Person | None = None,
) -> Scenario:
    """Add a scenario to a cycle. Raises Invalid for changes that mean nothing, one sentence each."""
    require(actor, "scenario.edit")
    _refuse_closed(cycle)
    row = Scenario(
        cycle=cycle,
        name=name.strip(),
        text=text.strip(),
        changes=_stored(changes or []),
        owner=owner or actor,
    )
    return create_row(actor=actor, row=row, verb="scenario added")


@transaction.atomic
def change_scenario(
    *, actor: Person | None, scenario: Scenario, revision: int, changes: dict[str, Any]
) -> Scenario:
    """Change a scenario's name, text or changes; its plan is then to be solved again.

    Raises Refused for changes to the base, which stays what everything is compared with, and
    Conflict after somebody else's save.
    """
    require(actor, "scenario.edit")
    _refuse_closed(scenario.cycle)
    wanted = {name: value for name, value in changes.items() if name in {"name", "text", "changes"}}
    if "changes" in wanted:
        wanted["changes"] = _stored(wanted["changes"])
        if scenario.is_base and wanted["changes"]:
            text = "The base has no changes: the others are compared with it. Add another scenario."
            raise Refused(Reason(text, "base_stays", "changes"))
    return change_row(actor=actor, row=scenario, revision=revision, changes=wanted, verb="scenario changed")


@transaction.atomic
def choose_scenario(*, actor: Person | None, scenario: Scenario, reason: str) -> Scenario:
    """Make a solved scenario the one that counts, with the reason.

    Raises Refused where it has no plan for today's demand, Invalid without a reason.
    """
    require(actor, "scenario.choose")
    cycle = Cycle.objects.select_for_update(of=("self",)).get(pk=scenario.cycle_id)
    _refuse_closed(cycle)
    fresh = Scenario.objects.get(pk=scenario.pk)
    if not reason.strip():
        raise Invalid(Reason("Say why this scenario, in one sentence.", "required", "reason"))
    if not is_solved(fresh):
        text = f"“{fresh}” has no supply plan for today's demand. Solve it first."
        raise Refused(Reason(text, "not_solved", url=cycle_path(cycle, "scenarios")))
    before = cycle.scenarios.filter(is_chosen=True).first()
    cycle.scenarios.filter(is_chosen=True).exclude(pk=fresh.pk).update(is_chosen=False)
    fresh.is_chosen, fresh.reason = True, reason.strip()
    fresh.revision += 1
    fresh.save(update_fields=["is_chosen", "reason", "revision"])
    chosen = {"chosen": str(before) if before else ""}, {"chosen": str(fresh)}
    record(
        actor=actor,
        verb="scenario chosen",
        subject=fresh,
        before=chosen[0],
        after=chosen[1],
        reason=reason.strip(),
    )
    return fresh


def _refuse_closed(cycle: Cycle) -> None:
    refuse_outside_supply(Cycle.objects.get(pk=cycle.pk))


def _stored(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The changes in their one form. Raises Invalid with a sentence for each that cannot be."""
    try:
        read = read_changes(changes)
    except ValueError as error:
        raise Invalid(Reason(str(error), "invalid", "changes")) from error
    if unknown := _unknown(read):
        raise Invalid(*(Reason(text, "invalid", "changes") for text in unknown))
    return [change.as_stored() for change in read]


def _unknown(changes: list[Change]) -> list[str]:
    return [
        f"Nothing has the code “{code}”. Look it up in the list of {kind}."
        for kind, code in unknown_codes(changes)
    ]
