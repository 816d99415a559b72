"""The people who sign in, and the reps among them."""

from core.demo_signins import DEMO_SIGNINS, SignIn
from core.editing import change_row, create_row
from core.models import Person
from core.roles import Role
from crm.models import Rep

People = dict[Role, Person]


def add_people() -> People:
    """One person per role (the first of each in the list), added where missing."""
    people: People = {}
    for signin in DEMO_SIGNINS:
        person = Person.objects.filter(email=signin.email).first() or _add(signin)
        people.setdefault(signin.role, person)
    return people


def _add(signin: SignIn) -> Person:
    person = Person(
        email=signin.email,
        name=signin.name,
        job_title=signin.job_title,
        roles=[signin.role],
        is_demo=True,
    )
    person.set_password(signin.password)
    return create_row(actor=None, row=person, verb="person added", reason="Demo company")


def link_reps(people: People) -> None:
    """Reps who also sign in see their own accounts: the same e-mail address is the same person."""
    by_email = {person.email: person for person in people.values()}
    for rep in Rep.objects.filter(email__in=by_email, person=None):
        change_row(
            actor=people[Role.ADVISOR],
            row=rep,
            revision=rep.revision,
            changes={"person": by_email[rep.email]},
            verb="rep changed",
            reason="Signs in with the same address",
        )
