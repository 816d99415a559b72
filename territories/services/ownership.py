"""Files of what changed hands, each from where the one before ended."""

from django.db import connection, transaction
from django.db.models import Max

from core.access import require
from core.errors import Reason, Refused
from core.events import record
from core.models import Person
from territories.models import OwnershipChange, OwnershipExport
from territories.pipeline.ownership import LOCK


@transaction.atomic
def export_changes(*, actor: Person | None) -> OwnershipExport:
    """Mark everything that changed hands since the export before as exported; its file can be fetched as
    often as needed. Raises Refused when nothing is new, Denied."""
    require(actor, "territories.plan")
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    newest = OwnershipExport.objects.order_by("-id").first()
    after = newest.last if newest else 0
    last = OwnershipChange.objects.filter(pk__gt=after).aggregate(Max("pk"))["pk__max"]
    if last is None:
        raise Refused(Reason("Nothing changed hands since the last export.", "nothing_new"))
    made = OwnershipExport.objects.create(made_by=actor, after=after, last=last)
    record(actor=actor, verb="ownership changes exported", subject=made, after={"up_to": last})
    return made
