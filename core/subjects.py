"""What comments and histories can be about.

Each room has a `subjects.py` that calls `register` for its tables; core finds it at start. The
registry says how one is found among what a person may see, and where its page is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.http import Http404

from core.access import require


@dataclass(frozen=True)
class Subject:
    """A kind of thing: its table, its name in a sentence, the action that shows it, where it is, and what
    its room does when somebody comments on it: (author, row, comment)."""

    model: type[Model]
    label: str
    action: str
    visible_to: Callable[[Any], QuerySet]
    url: Callable[[Any], str]
    commented: Callable[[Any, Any, Any], None] | None = None


_registered: dict[str, Subject] = {}


def register(
    model: type[Model],
    *,
    label: str,
    action: str,
    visible_to: Callable[[Any], QuerySet],
    url: Callable[[Any], str],
    commented: Callable[[Any, Any, Any], None] | None = None,
) -> None:
    """Let people comment on rows of the table. `visible_to(person)` is the room's selector."""
    _registered[model._meta.label_lower] = Subject(model, label, action, visible_to, url, commented)


def kinds() -> dict[str, Subject]:
    """Everything registered, by the type that events and comments store."""
    return dict(_registered)


def find(person: Any, subject_type: str, subject_id: str) -> tuple[Subject, Model]:
    """The row, if the person may see it. Raises Denied, and Http404 for what is not there."""
    subject = _registered.get(subject_type)
    if subject is None:
        raise Http404(f"Nothing of the type {subject_type!r} can be commented.")
    require(person, subject.action)
    try:
        row = subject.visible_to(person).filter(pk=subject_id).first()
    except (ValueError, OverflowError) as error:
        raise Http404(f"There is no {subject.label} {subject_id!r}.") from error
    if row is None:
        raise Http404(f"There is no {subject.label} {subject_id!r}.")
    return subject, row
