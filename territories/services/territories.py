"""Every write of the territories in a model's tree."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from catalog.selectors import ids_below
from core.editing import change_row, create_row
from core.errors import Conflict, Denied, Invalid, Reason, Refused
from core.events import record
from core.models import Person
from territories.models import (
    CoverageRole,
    ModelState,
    Scenario,
    Territory,
    TerritoryModel,
    TerritoryType,
)
from territories.selectors.models import sees_all, territories_visible_to
from territories.services.models import may_change

FIELDS = ("parent", "code", "name", "type", "role", "market", "description")


@transaction.atomic
def add_territory(*, actor: Person | None, model: TerritoryModel, values: dict[str, Any]) -> Territory:
    """Add a territory to a model's tree. Raises Invalid by field, Refused, Denied."""
    may_change(actor, model)
    row = Territory(model=model, **{name: values[name] for name in FIELDS if name in values})
    _may_place_below(actor, row.parent)
    _check(row)
    return create_row(actor=actor, row=row, verb="territory added")


@transaction.atomic
def change_territory(
    *, actor: Person | None, territory: Territory, revision: int, changes: dict[str, Any]
) -> Territory:
    """Rename, describe or move a territory with everything below it. Raises Conflict, Invalid, Refused,
    Denied."""
    may_change(actor, territory.model)
    may_touch(actor, territory)
    wanted = {name: changes[name] for name in FIELDS if name in changes}
    fresh = Territory.objects.select_related("parent", "model").get(pk=territory.pk)
    for name, value in wanted.items():
        setattr(fresh, name, value)
    if "parent" in wanted and wanted["parent"] != territory.parent:
        _may_place_below(actor, wanted["parent"])
        _refuse_own_branch(territory, wanted["parent"])
    if fresh.role_id != territory.role_id and territory.placements.exists():
        text = "Accounts lie here already: its type or role decides whom they get. Take them out first."
        raise Invalid(Reason(text, "held", "type"))
    _check(fresh)
    return change_row(actor=actor, row=territory, revision=revision, changes=wanted, verb="territory changed")


@transaction.atomic
def delete_territory(*, actor: Person | None, territory: Territory, revision: int) -> None:
    """Take a territory of a planned model out of the tree, with its rules and pins. Raises Refused with
    every reason at once, Conflict, Denied."""
    may_change(actor, territory.model)
    may_touch(actor, territory)
    fresh = Territory.objects.select_for_update(of=("self",)).select_related("model").get(pk=territory.pk)
    if fresh.revision != revision:
        raise Conflict(label=str(fresh), yours={}, theirs={}, revision=fresh.revision)
    if reasons := reasons_to_keep(fresh):
        raise Refused(*reasons)
    record(actor=actor, verb="territory deleted", subject=fresh)
    fresh.delete()


def reasons_to_keep(territory: Territory) -> list[Reason]:
    """Why a territory cannot be deleted."""
    reasons = []
    if territory.model.state != ModelState.PLANNING:
        text = f"{territory.model} is in force: its territories are kept. Delete it in a copy."
        reasons.append(Reason(text, "in_force"))
    if below := territory.children.count():
        noun = "territories lie" if below > 1 else "territory lies"
        reasons.append(Reason(f"{below} {noun} below it. Move or delete them first.", "has_children"))
    if Scenario.objects.filter(model=territory.model).exists():
        text = "A realignment is planned with this model. Delete the realignment first."
        reasons.append(Reason(text, "has_scenario"))
    return reasons


def may_touch(actor: Person | None, territory: Territory) -> None:
    """Raise Denied for a territory outside of what the actor sees."""
    if not territories_visible_to(actor).filter(pk=territory.pk).exists():
        raise Denied(f"{territory} is not one of your team’s territories.")


def _may_place_below(actor: Person | None, parent: Territory | None) -> None:
    if parent is not None:
        may_touch(actor, parent)
    elif not sees_all(actor):
        raise Denied("You plan the territories of your team: choose one of them as the one above.")


def _check(row: Territory) -> None:
    if row.parent is not None and row.parent.model_id != row.model_id:
        text = f"{row.parent} belongs to another model. Choose one of {row.model}."
        raise Invalid(Reason(text, "other_model", "parent"))
    if row.type == TerritoryType.OVERLAY and row.role is None:
        raise Invalid(Reason("Choose the overlay role whose accounts it holds.", "required", "role"))
    if row.type != TerritoryType.OVERLAY and row.role is not None:
        text = "Only an overlay territory has a role. Choose the type “Overlay”, or no role."
        raise Invalid(Reason(text, "not_overlay", "role"))
    _check_role(row.role)


def _check_role(role: CoverageRole | None) -> None:
    if role is not None and role.kind != "overlay":
        raise Invalid(Reason(f"{role} is no overlay role. Choose one beside the owner.", "kind", "role"))


def below(territory: Territory) -> QuerySet[Territory]:
    """A territory and everything below it."""
    return Territory.objects.filter(pk__in=ids_below(Territory._meta.db_table, [territory.pk]))


def _refuse_own_branch(territory: Territory, parent: Territory | None) -> None:
    if parent is not None and below(territory).filter(pk=parent.pk).exists():
        text = f"{territory} cannot lie below itself. Choose a territory outside of its own branch."
        raise Invalid(Reason(text, "own_branch", "parent"))
