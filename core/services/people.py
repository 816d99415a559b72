"""Adding people, changing their rights, ending their access."""

import secrets
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from core.access import require
from core.editing import change_row, create_row
from core.errors import Invalid, Reason, Refused
from core.events import record
from core.models import ApiToken, Person
from core.roles import Role

EDITABLE = frozenset({"email", "name", "job_title", "roles", "is_active"})


@transaction.atomic
def add_person(
    *,
    actor: Person | None,
    email: str,
    name: str,
    job_title: str = "",
    roles: list[str],
    password: str | None = None,
) -> Person:
    """Add somebody who may sign in; without a password only through OpenID Connect.

    Raises Invalid for an e-mail address that is taken, an unknown role or a weak password.
    """
    require(actor, "people.manage")
    person = Person(email=email.strip().lower(), name=name.strip(), job_title=job_title, roles=_known(roles))
    if password is not None:
        _check_password(password, person)
    person.set_password(password)
    return create_row(actor=actor, row=person, verb="person added")


@transaction.atomic
def change_person(
    *,
    actor: Person | None,
    person: Person,
    revision: int,
    changes: dict[str, Any],
    reason: str = "",
) -> Person:
    """Change e-mail address, name, title, roles or activity.

    Raises Refused when the actor would change own roles or activity, or when no active technical
    advisor would be left. Deactivating ends the person's sessions and deletes their tokens.
    """
    require(actor, "people.manage")
    unknown = set(changes) - EDITABLE
    if unknown:
        raise Invalid(f"These cannot be changed here: {', '.join(sorted(unknown))}.")
    wanted = _normal(changes)
    _refuse_own_rights(actor, person, wanted)
    _refuse_without_advisor(person, wanted)
    fresh = change_row(
        actor=actor, row=person, revision=revision, changes=wanted, verb="person changed", reason=reason
    )
    if wanted.get("is_active") is False:
        end_access(person=fresh)
    return fresh


@transaction.atomic
def give_temporary_password(*, actor: Person | None, person: Person) -> str:
    """Set a random password, end the person's sessions, and return the password to show once."""
    require(actor, "people.manage")
    password = new_password()
    person.set_password(password)
    person.save(update_fields=["password"])
    _end_sessions(person)
    record(actor=actor, verb="temporary password given", subject=person)
    return password


def new_password() -> str:
    """A password to hand over by another way than mail, and to change soon."""
    return secrets.token_urlsafe(12)


@transaction.atomic
def change_own_notifications(*, actor: Person, mail_notifications: bool) -> Person:
    """Say whether notifications also come by mail."""
    require(actor, "account.own")
    me = Person.objects.get(pk=actor.pk)
    changes = {"mail_notifications": mail_notifications}
    verb = "notification settings changed"
    return change_row(actor=me, row=me, revision=me.revision, changes=changes, verb=verb)


def end_access(*, person: Person) -> None:
    """End every session and delete every token of the person."""
    ApiToken.objects.filter(user=person).delete()
    _end_sessions(person)


def _end_sessions(person: Person) -> None:
    living = Session.objects.filter(expire_date__gt=timezone.now())
    own = [s.pk for s in living.iterator() if s.get_decoded().get("_auth_user_id") == str(person.pk)]
    Session.objects.filter(pk__in=own).delete()


def _known(roles: list[str]) -> list[str]:
    unknown = [role for role in roles if role not in Role.values]
    if unknown:
        raise Invalid(Reason(f"There is no role {', '.join(unknown)}.", "invalid", "roles"))
    return [role for role in Role.values if role in roles]


def _normal(changes: dict[str, Any]) -> dict[str, Any]:
    """Roles in the matrix's order, the address in lower case: the same rights are the same value."""
    wanted = dict(changes)
    if "roles" in wanted:
        wanted["roles"] = _known(wanted["roles"])
    if "email" in wanted:
        wanted["email"] = str(wanted["email"]).strip().lower()
    return wanted


def _check_password(password: str, person: Person) -> None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise Invalid(*[Reason(text, "invalid", "password") for text in error.messages]) from error


def _refuse_own_rights(actor: Person | None, person: Person, wanted: dict[str, Any]) -> None:
    if actor is None or actor.pk != person.pk:
        return
    if set(wanted.get("roles", person.roles)) != set(person.roles):
        raise Refused(Reason("Nobody changes their own roles. Ask another technical advisor.", field="roles"))
    if wanted.get("is_active") is False:
        raise Refused(Reason("You cannot deactivate yourself. Ask another advisor.", field="is_active"))


def _refuse_without_advisor(person: Person, wanted: dict[str, Any]) -> None:
    """Under a lock on all advisors: two people may not remove the last two at the same time."""
    advisors = Person.objects.select_for_update().filter(is_active=True, roles__contains=[Role.ADVISOR])
    keys = {advisor.pk for advisor in advisors}
    stays = wanted.get("is_active", True) and Role.ADVISOR in wanted.get("roles", person.roles)
    if keys == {person.pk} and not stays:
        text = "This is the last active technical advisor. Give the role to somebody else first."
        raise Refused(Reason(text, field="is_active" if wanted.get("is_active") is False else "roles"))
