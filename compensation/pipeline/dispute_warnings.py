"""Telling people of disputes that nobody answered in time."""

from django.db import transaction

from compensation.selectors.disputes import TOLD, late_and_not_told, people_who_decide
from compensation.workflow.disputes import dispute_url
from core.events import record
from core.roles import Role
from core.services.notifications import notify


@transaction.atomic
def warn_of_late() -> int:
    """Tell owners, and all who decide, of disputes that nobody answered in time, each once; says how many."""
    late = list(late_and_not_told().select_for_update(of=("self",), skip_locked=True))
    managers = [one for one in people_who_decide(None) if Role.MANAGER in one.roles]
    for row in late:
        people = [one for one in (row.owner, *managers) if one is not None and one.pk != row.raised_by_id]
        title = f"A dispute of {row.rep.name} waits too long"
        notify(people=people, title=title, url=dispute_url(row))
        record(actor=None, verb=TOLD, subject=row)
    return len(late)
