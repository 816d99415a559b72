"""A rep accepts the own goals document by typing the own name; who has not is reminded."""

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from compensation.models import PlanAcceptance, PlanVersion
from compensation.pipeline.goals import Document, goals_of_reps, hash_of, terms_of_document
from compensation.selectors.addresses import goals_rep_path
from compensation.selectors.goals import Due, due_for, due_people, due_versions, newest_acceptances, rep_of
from core.access import require
from core.errors import Denied, Invalid, Reason, Refused
from core.events import record
from core.models import Notification, Person
from core.services.notifications import notify
from crm.models import Rep

REMINDER = "Please read and accept your pay plan"


@dataclass(frozen=True)
class Standing:
    """A rep and the document of a version as it is now. accepted: the acceptance of what it says; before: the
    newest of an earlier form of it."""

    due: Due
    rep: Rep
    document: Document
    accepted: PlanAcceptance | None
    before: PlanAcceptance | None

    @property
    def hash(self) -> str:
        """SHA-256 of the document as it is shown."""
        return hash_of(self.document)

    @property
    def version(self) -> PlanVersion:
        """The version that is to be accepted."""
        return self.due.version

    @property
    def state(self) -> str:
        """accepted, changed (since it was accepted) or open."""
        return "accepted" if self.accepted else "changed" if self.before else "open"


def standing_of(rep: Rep, version: PlanVersion | None = None) -> list[Standing]:
    """The documents of a rep that the caller may see, for the versions that hold now or later."""
    rows = [one for one in due_for(rep) if version is None or one.version.pk == version.pk]
    return [standing for one in rows for standing in _standings(one, [rep], worked=True)]


def to_accept(rep: Rep) -> list[Standing]:
    """The documents (without examples) that a rep has not accepted as they are now."""
    found = [row for one in due_for(rep) for row in _standings(one, [rep])]
    return [row for row in found if row.accepted is None]


def standings(user: Person | None) -> list[Standing]:
    """Everybody's documents (without examples) of the versions that hold now or later, of reps whose pay
    somebody may see."""
    return [row for one in due_versions() for row in _standings(one, due_people(one, user))]


def _standings(due: Due, reps: list[Rep], worked: bool = False) -> list[Standing]:
    if not reps:
        return []
    documents = goals_of_reps(due, reps, worked)
    newest = newest_acceptances([due.version], reps)
    return [
        _standing(due, rep, documents[rep.pk], newest.get((due.version.pk, rep.pk)))
        for rep in reps
        if rep.pk in documents
    ]


def _standing(due: Due, rep: Rep, document: Document, newest: PlanAcceptance | None) -> Standing:
    agreed = newest is not None and terms_of_document(newest.document) == terms_of_document(document)
    return Standing(due, rep, document, newest if agreed else None, None if agreed else newest)


@transaction.atomic
def accept_plan(
    *, actor: Person, version: PlanVersion, document_hash: str, typed_name: str
) -> PlanAcceptance:
    """Accept the own document of a version, as it was read, by typing the own name.

    Raises Denied for who is not on the plan (nobody accepts for another), Invalid for another name, Refused
    for a document that is not the one read, or a second time.
    """
    require(actor, "pay.accept")
    rep = rep_of(actor)
    fresh = PlanVersion.objects.select_for_update(of=("self",)).select_related("plan").get(pk=version.pk)
    found = standing_of(rep, fresh) if rep else []
    if rep is None or not found:
        raise Denied("You are not on this plan, so there is nothing for you to accept.")
    row = found[0]
    if row.accepted is not None:
        raise Refused(Reason("You accepted this document already.", "accepted"))
    if row.hash != document_hash:
        text = "The document is not the one you read. Read it again, then accept it."
        raise Refused(Reason(text, "changed"))
    if _same(typed_name) not in {_same(actor.name), _same(rep.name)}:
        text = f"Type your name as it stands here: {rep.name}."
        raise Invalid(Reason(text, "other_name", "typed_name"))
    return _kept(actor, fresh, row, typed_name)


def _kept(actor: Person, version: PlanVersion, row: Standing, typed_name: str) -> PlanAcceptance:
    try:
        with transaction.atomic():
            made = PlanAcceptance.objects.create(
                version=version,
                rep=row.rep,
                accepted_by=actor,
                typed_name=" ".join(typed_name.split()),
                document=row.document,
                document_hash=row.hash,
            )
    except IntegrityError as error:
        raise Refused(Reason("You accepted this document already.", "accepted")) from error
    after: dict[str, Any] = {"rep": row.rep.code, "document": row.hash}
    record(actor=actor, verb="pay plan accepted", subject=version, after=after)
    told = [version.plan.owner] if version.plan.owner else []
    notify(
        people=told,
        title=f"{row.rep.name} accepted {version}",
        url=goals_rep_path(version.pk, row.rep.pk),
    )
    return made


@transaction.atomic
def remind(*, actor: Person, version: PlanVersion | None = None) -> list[Rep]:
    """Remind the reps below the actor (all, for those who see all pay) who have not accepted, each at most
    once a day for a version. Raises Denied."""
    require(actor, "pay.view")
    list(PlanVersion.objects.select_for_update(of=("self",)).filter(pk=version.pk) if version else [])
    rows = [row for row in standings(actor) if row.accepted is None and row.rep.person is not None]
    rows = [row for row in rows if version is None or row.version.pk == version.pk]
    rows = [row for row in rows if row.rep.person_id != actor.pk and not _reminded_today(row)]
    for row in rows:
        _remind(actor, row)
    return [row.rep for row in rows]


def _remind(actor: Person, row: Standing) -> None:
    url = goals_rep_path(row.version.pk, row.rep.pk)
    text = f"{row.version}: read what you earn for what, then type your name below it."
    notify(people=[row.rep.person] if row.rep.person else [], title=REMINDER, text=text, url=url)
    record(actor=actor, verb="asked to accept", subject=row.version, after={"rep": row.rep.code})


def _reminded_today(row: Standing) -> bool:
    url, today = goals_rep_path(row.version.pk, row.rep.pk), timezone.localdate()
    told = Notification.objects.filter(person=row.rep.person, title=REMINDER, url=url)
    return told.filter(created__date=today).exists()


def _same(name: str) -> str:
    return " ".join(name.split()).casefold()
