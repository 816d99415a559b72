"""The event log."""

from typing import Any

from django.apps import apps
from django.db.models import CharField, Model, Q, QuerySet
from django.db.models.functions import Cast

from core.events import subject_of
from core.history import label_of
from core.models import Comment, Event, Job
from core.roles import can
from core.selectors.jobs import jobs_visible_to
from core.slots import secret_tables


def events_visible_to(person: Any) -> QuerySet[Event]:
    """The log for those who may search it, without what is secret to them (pay); others see what they did
    themselves."""
    events = Event.objects.select_related("actor")
    if not can(person, "events.view"):
        return events.filter(actor=person)
    hidden = [label for label, action in secret_tables.items() if not can(person, action)]
    return events.exclude(_about(hidden, person) & ~Q(actor=person)) if hidden else events


def _about(tables: list[str], person: Any) -> Q:
    """Events about rows of the tables, about comments on them, and about jobs that the person may not see."""
    comments = Comment.objects.filter(subject_type__in=tables)
    jobs = Job.objects.exclude(pk__in=jobs_visible_to(person).order_by().values("pk"))
    return Q(subject_type__in=tables) | _of(Comment, comments) | _of(Job, jobs)


def _of(model: type[Model], rows: QuerySet) -> Q:
    keys = rows.order_by().annotate(key=Cast("pk", CharField())).values("key")
    return Q(subject_type=model._meta.label_lower, subject_id__in=keys)


def events_about(person: Any, row: Model) -> QuerySet[Event]:
    """What happened to one row. Ask only for rows the person may see."""
    kind, key, _ = subject_of(row)
    return Event.objects.filter(subject_type=kind, subject_id=key).select_related("actor")


def differences(event: Event) -> list[dict[str, Any]]:
    """Field by field, before and after, for the page of one event."""
    names = [*event.before, *(name for name in event.after if name not in event.before)]
    return [
        {
            "label": _label(event, name),
            "before": event.before.get(name),
            "after": event.after.get(name),
            "differs": event.before.get(name) != event.after.get(name),
        }
        for name in names
    ]


def subject_types() -> list[tuple[str, str]]:
    """Every table that events can be about, in words, for the filter."""
    tables = [model for model in apps.get_models() if not model._meta.label.endswith("Event")]
    words = ((m._meta.label_lower, str(m._meta.verbose_name).capitalize()) for m in tables)
    return sorted(words, key=lambda pair: pair[1])


def _label(event: Event, name: str) -> str:
    try:
        return label_of(apps.get_model(event.subject_type), name)
    except (LookupError, ValueError):
        return name.replace("_", " ").capitalize()
