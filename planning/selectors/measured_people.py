"""Whose own accuracy a person may see: the own, that of the reps below, or everybody's."""

from core.models import Person
from core.roles import can
from crm.selectors.accounts import reps_below, rows_of_rep


def people_measured_for(user: Person | None) -> set[int] | None:
    """The ids of the people; None where a person may see everybody's (or for the system)."""
    if user is None or can(user, "accuracy.people"):
        return None
    mine = list(rows_of_rep(user))
    below = reps_below(mine).exclude(person=None).values_list("person_id", flat=True) if mine else []
    return {user.pk, *below}
