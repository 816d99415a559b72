"""Connections that have gone quiet: a CRM that stops sending says nothing about it."""

import datetime as dt

from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.functions import Now
from django.utils import timezone

from crm.models import Endpoint

HOUR = dt.timedelta(hours=1)
SILENCE = ExpressionWrapper(F("silence_hours") * Value(HOUR), output_field=DurationField())


def silent_endpoints() -> QuerySet[Endpoint]:
    """Active connections that were heard once, and not for longer than they may be quiet."""
    heard = Q(is_active=True, last_verified__isnull=False, silence_hours__gt=0)
    return Endpoint.objects.filter(heard, last_verified__lt=Now() - SILENCE)


def is_silent(endpoint: Endpoint) -> bool:
    """The same of one connection that is at hand."""
    if not endpoint.is_active or endpoint.last_verified is None or not endpoint.silence_hours:
        return False
    return endpoint.last_verified < timezone.now() - endpoint.silence_hours * HOUR


def not_told_of() -> QuerySet[Endpoint]:
    """Silent connections whose silence nobody was told of, or was told of more than a day ago."""
    told = Q(last_alarm__isnull=False) & Q(last_alarm__gte=F("last_verified"))
    return silent_endpoints().exclude(told & Q(last_alarm__gt=Now() - dt.timedelta(days=1)))
