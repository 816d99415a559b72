"""The roles in which reps cover accounts: every company has an owner and a manager, and adds overlays."""

from django.db import transaction

from core.access import require
from core.editing import create_row
from core.models import Person
from territories.models import CoverageRole, RoleKind

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
