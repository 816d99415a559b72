"""What people say about an object, and telling those it names."""

from django.db import transaction
from django.utils import timezone

from core import subjects
from core.access import require
from core.editing import change_row
from core.errors import Denied, Invalid, Reason
from core.events import record, subject_of
from core.models import Comment, Person
from core.roles import can
from core.services.notifications import notify

LONGEST = 5000


@transaction.atomic
def write_comment(*, actor: Person, subject_type: str, subject_id: str, text: str) -> Comment:
    """Comment on a registered object the actor may see; people named with @ are told.

    Raises Invalid for an empty or very long text, Denied and Http404 for what the actor may not see.
    """
    require(actor, "comments.write")
    subject, row = subjects.find(actor, subject_type, subject_id)
    kind, key, label = subject_of(row)
    comment = Comment.objects.create(
        subject_type=kind,
        subject_id=key,
        subject_label=label,
        subject_url=subject.url(row),
        author=actor,
        text=_checked(text),
    )
    record(actor=actor, verb="comment written", subject=row, after={"comment": comment.text})
    _tell_the_mentioned(comment, subject)
    if subject.commented is not None:
        subject.commented(actor, row, comment)
    return comment


@transaction.atomic
def edit_comment(*, actor: Person, comment: Comment, revision: int, text: str) -> Comment:
    """Change one's own comment; people newly named are told. Raises Conflict when it is stale."""
    _refuse_others(actor, comment)
    changes = {"text": _checked(text), "edited": timezone.now()}
    fresh = change_row(actor=actor, row=comment, revision=revision, changes=changes, verb="comment edited")
    subject = subjects.kinds().get(fresh.subject_type)
    if subject:
        _tell_the_mentioned(fresh, subject)
    return fresh


@transaction.atomic
def delete_comment(*, actor: Person, comment: Comment) -> Comment:
    """Hide one's own comment; that there was one, and its text in the history, remain."""
    _refuse_others(actor, comment)
    changes = {"deleted": timezone.now()}
    return change_row(
        actor=actor, row=comment, revision=comment.revision, changes=changes, verb="comment deleted"
    )


def mentioned_in(text: str) -> list[Person]:
    """The active people named in a text as @name or @e-mail; a longer name is not its beginning."""
    if "@" not in text:
        return []
    rest = text.lower()
    found = []
    people = Person.objects.filter(is_active=True)
    for person in sorted(people, key=lambda one: len(one.name), reverse=True):
        for handle in (f"@{person.email}", f"@{person.name.lower()}"):
            if handle in rest:
                rest = rest.replace(handle, " ")
                found.append(person)
                break
    return found


def _tell_the_mentioned(comment: Comment, subject: subjects.Subject) -> None:
    """Those who may see what the comment is about."""
    named = [person for person in mentioned_in(comment.text) if _sees(person, comment, subject)]
    known = set(comment.mentions.values_list("pk", flat=True))
    new = [person for person in named if person.pk not in known and person.pk != comment.author_id]
    comment.mentions.set(named)
    title = f"{comment.author.name} mentioned you on {comment.subject_label}"
    notify(people=new, title=title, text=comment.text, url=f"{comment.subject_url}#comments")


def _sees(person: Person, comment: Comment, subject: subjects.Subject) -> bool:
    if not can(person, subject.action):
        return False
    return subject.visible_to(person).filter(pk=comment.subject_id).exists()


def _checked(text: str) -> str:
    said = text.strip()
    if not said:
        raise Invalid(Reason("Write something first.", "required", "text"))
    if len(said) > LONGEST:
        raise Invalid(Reason(f"{LONGEST} characters at most; this has {len(said)}.", "invalid", "text"))
    return said


def _refuse_others(actor: Person, comment: Comment) -> None:
    require(actor, "comments.write")
    if comment.author_id != actor.pk:
        raise Denied("Only the author changes a comment.")
    if comment.deleted:
        raise Invalid("This comment is deleted.")
