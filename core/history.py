"""Who changed what of a row, when and why: from its events, and from its tracked versions.

Services write events. A bulk load or raw SQL writes none, but the database's triggers keep the
version; such versions are shown too, so that no change is missing.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.text import capfirst

from core.events import plain, subject_of
from core.models import Event, Person

SAME_TRANSACTION = dt.timedelta(minutes=10)
HIDDEN = {"id", "revision", "password"}
BY_LOAD = "a bulk load"


@dataclass(frozen=True)
class Told:
    """One line of an entry: what happened, or a field with its value before and after."""

    what: str
    before: Any = None
    after: Any = None


@dataclass(frozen=True)
class Change:
    """One entry of templates/parts/history.html: what one person changed at once, and why."""

    when: dt.datetime
    who: str
    lines: tuple[Told, ...]
    reason: str = ""


def changes_of(row: Model, *, hidden: Iterable[str] = (), limit: int = 50) -> list[Change]:
    """The row's changes, newest first; `hidden` names fields the reader may not see."""
    kind, key, _ = subject_of(row)
    events = list(Event.objects.filter(subject_type=kind, subject_id=key).select_related("actor")[:limit])
    unseen = HIDDEN | set(hidden)
    found = [_of_event(event, type(row), unseen) for event in events]
    found += _of_versions(row, events, unseen, limit)
    told = [change for change in found if change.lines]
    return sorted(told, key=lambda change: change.when, reverse=True)[:limit]


def label_of(model: type[Model], name: str) -> str:
    """A field's name as pages write it."""
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return capfirst(name.replace("_", " "))
    return capfirst(getattr(field, "verbose_name", name))


def words_of(model: type[Model], name: str, value: Any) -> Any:
    """A stored value as pages write it: what is chosen from a list by its words."""
    try:
        choices = getattr(model._meta.get_field(name), "choices", None)
    except FieldDoesNotExist:
        return value
    return dict(choices).get(value, value) if choices and isinstance(value, str | int) else value


def _of_event(event: Event, model: type[Model], unseen: set[str]) -> Change:
    who = event.actor.name if event.actor else "the system"
    if not event.before:
        return Change(event.at, who, (Told(capfirst(event.verb)),), event.reason)
    lines = tuple(
        Told(
            label_of(model, name), words_of(model, name, event.before.get(name)), words_of(model, name, value)
        )
        for name, value in event.after.items()
        if name not in unseen
    )
    return Change(event.at, who, lines, event.reason)


def _of_versions(row: Model, events: list[Event], unseen: set[str], limit: int) -> list[Change]:
    """The versions that no event explains. The trigger stamps a version with the start of its
    transaction, so an event that explains it is never older."""
    if not hasattr(row, "history"):
        return []
    versions = list(row.history.select_related("pgh_context").order_by("-pgh_id")[: limit + 1])
    names = _tracked(row)
    free = list(events)
    found: list[Change] = []
    for newer, older in pairwise([*versions, None] if len(versions) <= limit else versions):
        differing = [name for name in names if older is None or _raw(newer, name) != _raw(older, name)]
        if _take_event(free, newer.pgh_created_at, differing, older is None):
            continue
        found.append(_of_version(row, newer, older, [n for n in differing if n not in unseen]))
    return found


def _tracked(row: Model) -> list[str]:
    kept = {field.name for field in row.history.model._meta.concrete_fields}  # type: ignore[attr-defined]
    return [f.name for f in row._meta.concrete_fields if f.name in kept and f.name not in HIDDEN]


def _raw(version: Any, name: str) -> Any:
    return getattr(version, version._meta.get_field(name).attname)


def _take_event(free: list[Event], when: dt.datetime, differing: list[str], is_first: bool) -> bool:
    """Whether an event explains the version; each event explains one."""
    if not differing:
        return True
    for event in free:
        explains = not event.before if is_first else bool(event.before) and set(differing) <= set(event.after)
        if explains and when <= event.at <= when + SAME_TRANSACTION:
            free.remove(event)
            return True
    return False


def _of_version(row: Model, newer: Any, older: Any, names: list[str]) -> Change:
    when, who = newer.pgh_created_at, _who(newer)
    if older is None:
        return Change(when, who, (Told(f"{capfirst(row._meta.verbose_name)} added"),))
    label, shown = partial(label_of, type(row)), partial(_shown, row)
    lines = tuple(Told(label(name), shown(older, name), shown(newer, name)) for name in names)
    return Change(when, who, lines)


def _shown(row: Model, version: Any, name: str) -> Any:
    value = _raw(version, name)
    target = row._meta.get_field(name).related_model
    if value is None or not isinstance(target, type):
        return words_of(type(row), name, plain(value))
    found = target._default_manager.filter(pk=value).first()
    return str(found) if found else plain(value)


def _who(version: Any) -> str:
    """Django's middleware notes who asked; a load outside of a request notes nobody."""
    key = (version.pgh_context.metadata if version.pgh_context else {}).get("user")
    person = Person.objects.filter(pk=key).first() if key is not None else None
    return person.name if person else BY_LOAD
