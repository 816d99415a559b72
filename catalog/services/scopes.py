"""What a person is narrowed to."""

from django.db import transaction

from catalog.models import Family, Market, Scope
from core.access import require
from core.editing import create_row
from core.errors import Invalid, Reason
from core.events import record
from core.models import Person

MANAGE = "people.manage"


@transaction.atomic
def add_scope(
    *, actor: Person | None, person: Person, market: Market | None = None, family: Family | None = None
) -> Scope:
    """Narrow a person to the subtree of a market or of a family. Raises Invalid unless it is just one."""
    require(actor, MANAGE)
    if bool(market) == bool(family):
        text = "Choose either a market or a family; add the other as a second line."
        raise Invalid(Reason(text, "one_of_two", "market"))
    row = Scope(person=person, market=market, family=family)
    scope = create_row(actor=actor, row=row, verb="scope added")
    record(actor=actor, verb="scope added", subject=person, after={"scope": str(scope)})
    return scope


@transaction.atomic
def remove_scope(*, actor: Person | None, scope: Scope) -> None:
    """Take a line of a person's scope away. The last one gone opens everything the role may see."""
    require(actor, MANAGE)
    record(actor=actor, verb="scope removed", subject=scope.person, before={"scope": str(scope)})
    scope.delete()
