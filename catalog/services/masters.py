"""Master data: families, products, markets, sites and the like are added and changed by these two."""

from typing import Any, TypeVar

from django.db import transaction

from catalog.engine.workdays import UnknownPlace, public_holidays
from catalog.models import DemandUnit, Family, Market, WorkingCalendar
from catalog.selectors import VISIBLE, families_below, markets_below, reach_of
from catalog.selectors.scope import Reach
from core.access import require
from core.editing import change_row, create_row
from core.errors import Denied, Invalid, Reason
from core.models import Person, Revised

Row = TypeVar("Row", bound=Revised)

EDIT = "catalog.edit"
A_LEAP_YEAR = 2028


@transaction.atomic
def create_master(*, actor: Person | None, model: type[Row], values: dict[str, Any], reason: str = "") -> Row:
    """Add a row of master data. Raises Invalid by field, Denied outside the actor's rights or scope."""
    require(actor, EDIT)
    _check(model, None, values)
    name = model._meta.verbose_name
    row = create_row(actor=actor, row=model(**values), verb=f"{name} added", reason=reason)
    refuse_out_of_scope(actor, row)
    return row


@transaction.atomic
def change_master(
    *, actor: Person | None, row: Row, revision: int, changes: dict[str, Any], reason: str = ""
) -> Row:
    """Change a row of master data. Raises Conflict on a stale revision, Invalid by field, Denied."""
    require(actor, EDIT)
    _check(type(row), row, changes)
    verb = f"{row._meta.verbose_name} changed"
    saved = change_row(actor=actor, row=row, revision=revision, changes=changes, verb=verb, reason=reason)
    refuse_out_of_scope(actor, saved)
    return saved


def refuse_out_of_scope(actor: Person | None, row: Revised) -> None:
    """What a person saves must lie in what that person sees; otherwise the save is undone."""
    if reach_of(actor) == Reach():
        return
    if not VISIBLE[type(row)](actor).filter(pk=row.pk).exists():
        raise Denied(f"{row} would lie outside of your scope. Choose a family and a market of your own.")


def _check(model: type[Revised], row: Revised | None, values: dict[str, Any]) -> None:
    if model in BELOW and row is not None and values.get("parent"):
        _refuse_own_branch(row, values["parent"])
    if model is WorkingCalendar:
        _refuse_unknown_place(row, values)
    if model is DemandUnit and row is not None:
        _refuse_other_key(row, values)


BELOW: dict[type, Any] = {Family: families_below, Market: markets_below}


def _refuse_own_branch(row: Any, parent: Any) -> None:
    if BELOW[type(row)]([row.pk]).filter(pk=parent.pk).exists():
        text = f"{row} cannot lie below itself. Choose a parent outside of its own branch."
        raise Invalid(Reason(text, "own_branch", "parent"))


def _refuse_unknown_place(row: Any, values: dict[str, Any]) -> None:
    country = values.get("country", row.country if row else "")
    subdivision = values.get("subdivision", row.subdivision if row else "")
    try:
        public_holidays(country, subdivision, A_LEAP_YEAR)
    except UnknownPlace as error:
        field = "subdivision" if subdivision else "country"
        text = f"{error} Use an ISO 3166 code such as DE, and BY for the part; or leave it empty."
        raise Invalid(Reason(text, "unknown_place", field)) from error


def _refuse_other_key(row: Any, values: dict[str, Any]) -> None:
    moved = [name for name in ("product", "market") if name in values and values[name] != getattr(row, name)]
    if moved:
        text = "A demand unit keeps its product and market, because its past does. Add another one instead."
        raise Invalid(*[Reason(text, "fixed", name) for name in moved])
