"""Reads of reconciliations: only for those who may see what CRMs push."""

from django.db.models import Count, Q, QuerySet

from core.models import Person
from core.roles import can
from crm.models import Deal, Difference, DifferenceState, Endpoint, Reconciliation

OPEN = Q(differences__state__in=[DifferenceState.OPEN, DifferenceState.FAILED])


def reconciliations_visible_to(user: Person | None) -> QuerySet[Reconciliation]:
    """Every reconciliation with its number of differences and how many are open, newest first."""
    if user is not None and not can(user, "hooks.view"):
        return Reconciliation.objects.none()
    rows = Reconciliation.objects.select_related("started_by", "job")
    return rows.annotate(found=Count("differences"), waiting=Count("differences", filter=OPEN))


def differences_visible_to(user: Person | None) -> QuerySet[Difference]:
    """What exports and this system do not agree on, the most money first."""
    visible = reconciliations_visible_to(user).order_by().values("pk")
    rows = Difference.objects.filter(reconciliation__in=visible)
    return rows.select_related("deal", "settled_by", "reconciliation")


def sources_visible_to(user: Person | None) -> list[str]:
    """The CRMs that there are: of endpoints and of deals that files brought."""
    if user is not None and not can(user, "hooks.view"):
        return []
    known = Endpoint.objects.values_list("source", flat=True)
    return sorted({*known, *Deal.objects.order_by().values_list("source", flat=True).distinct()} - {"here"})
