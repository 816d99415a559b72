"""Notifications, and comments on any object."""

from typing import Any

from django.db.models import Model, QuerySet
from django.urls import reverse

from core.events import subject_of
from core.models import Comment, Notification
from core.roles import can


def notifications_of(person: Any) -> QuerySet[Notification]:
    """What the person was told, read and unread."""
    return Notification.objects.filter(person=person)


def unread_of(person: Any) -> int:
    """How many the bell shows."""
    return Notification.objects.filter(person=person, read_at=None).count()


def comments_about(row: Model) -> QuerySet[Comment]:
    """The comments on one row, oldest first. Ask only for rows the person may see."""
    kind, key, _ = subject_of(row)
    return Comment.objects.filter(subject_type=kind, subject_id=key).select_related("author")


def comments_by(person: Any) -> QuerySet[Comment]:
    """What the person wrote and may change."""
    return Comment.objects.filter(author=person, deleted=None)


def comment_lines(row: Model, person: Any) -> list[dict[str, Any]]:
    """The context `comments` of templates/parts/comments.html; deleted ones leave a tombstone."""
    may_write = bool(can(person, "comments.write"))
    return [_line(comment, person, may_write) for comment in comments_about(row)]


def _line(comment: Comment, person: Any, may_write: bool) -> dict[str, Any]:
    own = may_write and comment.author_id == person.pk and comment.deleted is None
    return {
        "id": comment.pk,
        "who": comment.author.name,
        "when": comment.created,
        "text": "" if comment.deleted else comment.text,
        "deleted": comment.deleted,
        "edited": comment.edited,
        "edit_url": reverse("core:comment-edit", args=[comment.pk]) if own else "",
    }
