"""The roles in which reps cover accounts: every company has an owner and a manager, and adds overlays."""

from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from core.access import require
from core.editing import change_row, create_row
from core.errors import Reason, Refused
from core.models import Person
from territories.models import CoverageRole, RoleKind, TerritoryRep

STANDARD = {RoleKind.OWNER: ("owner", "Owner"), RoleKind.MANAGER: ("manager", "Manager")}


@transaction.atomic
def standard_roles() -> dict[str, CoverageRole]:
    """The owner's and the manager's role by kind, made where they are missing."""
    found: dict[str, CoverageRole] = {}
    for kind, (code, name) in STANDARD.items():
        existing = CoverageRole.objects.filter(kind=kind).order_by("pk").first()
        found[kind] = (
            existing
            or CoverageRole.objects.get_or_create(code=code, defaults={"name": name, "kind": kind})[0]
        )
    return found


@transaction.atomic
def add_overlay_role(*, actor: Person | None, code: str, name: str) -> CoverageRole:
    """A role beside the owner, such as a product specialist. Raises Invalid with a reason per field."""
    require(actor, "territories.plan")
    row = CoverageRole(code=code, name=name, kind=RoleKind.OVERLAY)
    return create_row(actor=actor, row=row, verb="coverage role added")


@transaction.atomic
def change_coverage_role(
    *, actor: Person | None, role: CoverageRole, revision: int, changes: dict[str, Any]
) -> CoverageRole:
    """Rename a role, or say that it is no longer used.

    Raises Conflict on a stale revision, Invalid by field, Refused while a rep has the role, Denied.
    """
    require(actor, "territories.plan")
    wanted = {name: value for name, value in changes.items() if name in {"code", "name", "is_active"}}
    if wanted.get("is_active") is False and role.is_active:
        _refuse_needed(role)
    return change_row(actor=actor, row=role, revision=revision, changes=wanted, verb="coverage role changed")


def _refuse_needed(role: CoverageRole) -> None:
    if role.kind != RoleKind.OVERLAY:
        raise Refused(
            Reason(f"Every account has {role.name} as a role; it stays in use.", "standard", "is_active")
        )
    rows = TerritoryRep.objects.filter(role=role).filter(days__overlap=DateRange(timezone.localdate(), None))
    if held := rows.select_related("rep", "territory").first():
        text = f"{held.rep.name} has this role in {held.territory.name}. End that first."
        raise Refused(Reason(text, "held", "is_active"))
