"""One worker at a time applies the events of a CRM. The lock ends with the transaction, or its process."""

from collections.abc import Iterable

from django.db import connection

from crm.models import Endpoint

LOCK_SPACE = 7_304_002  # the first of the two numbers of our advisory locks


def lock_source(source: str) -> None:
    """Wait until nobody applies events of this CRM, and keep it so to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK_SPACE, source])


def try_lock_source(source: str) -> bool:
    """The same without waiting: False where another worker is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [LOCK_SPACE, source])
        return bool(cursor.fetchone()[0])


def lock_endpoints(endpoints: Iterable[int]) -> None:
    """Lock the sources of these endpoints, in the order of their names."""
    sources = Endpoint.objects.filter(pk__in=list(endpoints)).values_list("source", flat=True)
    for source in sorted(set(sources)):
        lock_source(source)
