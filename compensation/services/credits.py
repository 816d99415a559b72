"""Starting the making of credits."""

from compensation.pipeline.crediting import queue_credits
from core.access import require
from core.models import Job, Person


def start_making_credits(*, actor: Person | None) -> Job:
    """Queue a job that makes all credits anew; the same work while it waits or runs is one job."""
    require(actor, "pay.credit")
    return queue_credits(actor)
