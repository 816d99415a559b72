"""Family reviews: who looked at a family's demand, and what they think."""

from django.db import transaction

from catalog.models import Family
from core.access import require
from core.editing import change_row, create_row
from core.errors import Denied, Invalid, Reason
from core.models import Person
from planning.models import Cycle, FamilyReview, StageName
from planning.selectors.demand_coverage import Level
from planning.selectors.demand_scope import outside_scope
from planning.services.data_stage import locked_in

STATES = ("undecided", "attention", "reviewed")


@transaction.atomic
def review_family(
    *,
    actor: Person | None,
    cycle: Cycle,
    family: Family,
    state: str,
    note: str = "",
    revision: int | None = None,
) -> FamilyReview:
    """Flag a family as reviewed, in need of attention (with a note), or not looked at.

    Send the `revision` that was read to be told of somebody else's word. Raises Refused outside demand
    planning, Denied outside the actor's families.
    """
    require(actor, "demand.review")
    fresh = locked_in(cycle, StageName.DEMAND)
    if state not in STATES:
        raise Invalid(Reason("Choose undecided, attention or reviewed.", "invalid", "state"))
    if state == "attention" and not note.strip():
        raise Invalid(Reason("Say what needs attention, so that somebody can mend it.", "required", "note"))
    _own_family(actor, family)
    row = FamilyReview.objects.filter(cycle=fresh, family=family).first()
    changes = {"state": state, "note": note.strip(), "reviewer": actor}
    if row is None:
        new = FamilyReview(cycle=fresh, family=family, **changes)
        return create_row(actor=actor, row=new, verb="family reviewed")
    return change_row(
        actor=actor,
        row=row,
        revision=row.revision if revision is None else revision,
        changes=changes,
        verb="family reviewed",
    )


def _own_family(actor: Person | None, family: Family) -> None:
    """A review is about all markets: only the families of the scope are asked."""
    sentence = outside_scope(actor, Level(family=family.pk), any_market=True)
    if sentence:
        raise Denied(sentence)
