"""Every write of territory models: planned, copied, put into force, archived."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from core.access import require
from core.editing import change_row, create_row
from core.errors import Conflict, Reason, Refused
from core.events import record
from core.models import Person
from territories.models import ModelState, Rule, Territory, TerritoryModel
from territories.pipeline.assignments import settle
from territories.pipeline.model_copying import copy_contents
from territories.selectors.models import unplaced, vacant
from territories.selectors.rules import is_stale, newest_run

PLAN = "territories.plan"
ACTIVATE = "territories.activate"
FIELDS = ("code", "name", "owner", "description")


@transaction.atomic
def add_model(*, actor: Person | None, values: dict[str, Any]) -> TerritoryModel:
    """Begin a territory model, in planning. Raises Invalid by field, Denied."""
    require(actor, PLAN)
    row = TerritoryModel(**{name: values[name] for name in FIELDS if name in values})
    return create_row(actor=actor, row=row, verb="territory model added")


@transaction.atomic
def change_model(
    *, actor: Person | None, model: TerritoryModel, revision: int, changes: dict[str, Any]
) -> TerritoryModel:
    """Rename or describe a model. Raises Conflict, Invalid by field, Denied."""
    require(actor, PLAN)
    return change_row(
        actor=actor,
        row=model,
        revision=revision,
        changes={name: changes[name] for name in FIELDS if name in changes},
        verb="territory model changed",
    )


@transaction.atomic
def copy_model(
    *, actor: Person | None, model: TerritoryModel, code: str, name: str, description: str = ""
) -> TerritoryModel:
    """The next version of a model, in planning: its territories, rules, pins, exclusions, reps and
    placements of today. Raises Invalid by field, Denied."""
    require(actor, PLAN)
    row = TerritoryModel(
        code=code,
        name=name,
        description=description or model.description,
        version=model.version + 1,
        copied_from=model,
        owner=actor or model.owner,
    )
    create_row(actor=actor, row=row, verb="territory model copied")
    copy_contents(model, row)
    return row


@transaction.atomic
def activate_model(
    *,
    actor: Person | None,
    model: TerritoryModel,
    revision: int,
    first_day: dt.date,
    despite: bool = False,
) -> TerritoryModel:
    """Put a planned model into force on a day; the one in force ends the day before. `despite` accepts
    what warns (gaps, territories without a rule or a rep).

    Raises Refused with every reason at once, Conflict, Denied.
    """
    require(actor, ACTIVATE)
    TerritoryModel.objects.select_for_update().filter(state=ModelState.ACTIVE).first()
    fresh = _locked(model, revision)
    reasons = reasons_against(fresh, first_day)
    reasons += [] if despite else warnings_about(fresh)
    if reasons:
        raise Refused(*reasons)
    _end_the_one_in_force(actor, first_day)
    saved = change_row(
        actor=actor,
        row=fresh,
        revision=revision,
        changes={"state": ModelState.ACTIVE, "days": DateRange(first_day, None)},
        verb="territory model put into force",
    )
    settle()
    return saved


def reasons_against(model: TerritoryModel, first_day: dt.date | None) -> list[Reason]:
    """Everything that forbids putting the model into force on the day."""
    reasons = []
    if model.state != ModelState.PLANNING:
        reasons.append(
            Reason(
                f"{model} is {model.get_state_display().lower()}. Copy it to plan the next version.", "state"
            )
        )
    if not Territory.objects.filter(model=model).exists():
        reasons.append(Reason(f"{model} has no territory yet. Add one first.", "empty"))
    elif is_stale(model, newest_run(model)):
        text = "Rules, pins or accounts changed since the rules were last run. Run them first."
        reasons.append(Reason(text, "stale_rules"))
    held = TerritoryModel.objects.filter(days__isnull=False).exclude(pk=model.pk)
    if first_day is not None and (found := held.filter(days__startswith__gte=first_day).first()):
        text = f"{found} holds from {found.days.lower:%d %b %Y} on. Choose a later first day."
        reasons.append(Reason(text, "first_day", "first_day"))
    return reasons


def warnings_about(model: TerritoryModel) -> list[Reason]:
    """What a person should have seen before the model is put into force."""
    found = []
    bare = Territory.objects.filter(
        model=model, children=None, rules=None, pins=None, placements=None
    ).order_by("code")
    if names := list(bare.values_list("name", flat=True)[:6]):
        more = " and others" if len(names) > 5 else ""
        found.append(f"No rule and no account: {', '.join(names[:5])}{more}.")
    if gaps := unplaced(model, None).count():
        found.append(f"{gaps:,} active account{'s have' if gaps > 1 else ' has'} no territory.")
    if names := [row.name for row in vacant(model, None)[:6]]:
        more = " and others" if len(names) > 5 else ""
        found.append(f"No rep today: {', '.join(names[:5])}{more}.")
    return [Reason(f"{text} Mend it, or accept it below.", "warning", "despite") for text in found]


def _end_the_one_in_force(actor: Person | None, first_day: dt.date) -> None:
    row = TerritoryModel.objects.filter(state=ModelState.ACTIVE).first()
    if row is not None:
        _archive(actor, row, first_day)


def _archive(actor: Person | None, row: TerritoryModel, until: dt.date) -> TerritoryModel:
    return change_row(
        actor=actor,
        row=row,
        revision=row.revision,
        changes={"state": ModelState.ARCHIVED, "days": DateRange(row.days.lower, until)},
        verb="territory model archived",
    )


@transaction.atomic
def archive_model(
    *, actor: Person | None, model: TerritoryModel, revision: int, last_day: dt.date
) -> TerritoryModel:
    """End the model in force after its last day, without another one. Raises Refused, Conflict, Denied."""
    require(actor, ACTIVATE)
    fresh = _locked(model, revision)
    reasons = []
    if fresh.state != ModelState.ACTIVE:
        state = fresh.get_state_display().lower()
        reasons.append(Reason(f"{fresh} is {state}; only the one in force is archived.", "state"))
    elif last_day < fresh.days.lower:
        text = f"{fresh} holds from {fresh.days.lower:%d %b %Y} on. Choose that day or a later one."
        reasons.append(Reason(text, "last_day", "last_day"))
    if reasons:
        raise Refused(*reasons)
    saved = _archive(actor, fresh, last_day + dt.timedelta(days=1))
    settle()
    return saved


@transaction.atomic
def delete_model(*, actor: Person | None, model: TerritoryModel, revision: int) -> None:
    """Throw a planned model away with everything in it. Raises Refused for others, Conflict, Denied."""
    require(actor, PLAN)
    fresh = _locked(model, revision)
    reasons = []
    if fresh.state != ModelState.PLANNING:
        text = f"{fresh} is or was in force: it is kept. Archive it instead."
        reasons.append(Reason(text, "state"))
    if copies := list(fresh.copies.values_list("code", flat=True)[:5]):
        text = f"It was copied to {', '.join(copies)}, which names it as the version before. Keep it."
        reasons.append(Reason(text, "copied"))
    if reasons:
        raise Refused(*reasons)
    record(actor=actor, verb="territory model deleted", subject=fresh)
    _delete_from_below(fresh)
    fresh.delete()


def _delete_from_below(model: TerritoryModel) -> None:
    """Territories protect those above them: the leaves go first."""
    model.placements.all().delete()
    Rule.objects.filter(territory__model=model).delete()
    while (leaves := Territory.objects.filter(model=model, children=None)).exists():
        leaves.delete()


def _locked(model: TerritoryModel, revision: int) -> TerritoryModel:
    fresh = TerritoryModel.objects.select_for_update(of=("self",)).get(pk=model.pk)
    if fresh.revision != revision:
        raise Conflict(
            label=str(fresh),
            yours={},
            theirs={"state": fresh.state},
            revision=fresh.revision,
        )
    return fresh


def may_change(actor: Person | None, model: TerritoryModel) -> None:
    """Raise unless the actor may plan and the model is not archived."""
    require(actor, PLAN)
    if model.state == ModelState.ARCHIVED:
        text = f"{model} is archived: what was in force stays as it was. Copy it to plan a new version."
        raise Refused(Reason(text, "archived"))
