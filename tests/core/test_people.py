"""People and their rights: who may change what, and what deactivating does."""

from collections.abc import Callable

import pytest
from django.test import Client

from core.errors import Conflict, Denied, Invalid, Refused
from core.models import ApiToken, Event, Person
from core.roles import Role
from core.services import add_person, change_person, create_token, give_temporary_password

SignIn = Callable[[Person], Client]


def test_an_advisor_adds_a_person_who_can_sign_in(advisor: Person) -> None:
    person = add_person(
        actor=advisor, email="New@Example.com", name="Nina New", roles=["analyst"], password="long enough 1"
    )

    assert person.email == "new@example.com"
    assert person.check_password("long enough 1")
    assert "password" not in Event.objects.get(verb="person added").after


def test_a_person_without_a_password_cannot_use_one(advisor: Person) -> None:
    person = add_person(actor=advisor, email="sso@example.com", name="Sam So", roles=[])

    assert not person.has_usable_password()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "vp@example.com"}, "email"),
        ({"email": "no address"}, "email"),
        ({"name": ""}, "name"),
        ({"roles": ["king"]}, "roles"),
        ({"password": "short"}, "password"),
        ({"password": "password1234"}, "password"),
    ],
)
def test_a_person_that_cannot_be_is_refused_beside_the_field(
    advisor: Person, vp: Person, changes: dict[str, object], field: str
) -> None:
    good = {"email": "new@example.com", "name": "Nina New", "roles": ["analyst"], "password": "long enough 1"}

    with pytest.raises(Invalid) as refused:
        add_person(actor=advisor, **(good | changes))  # type: ignore[arg-type]

    assert [reason.field for reason in refused.value.reasons] == [field]
    assert not Person.objects.filter(name="Nina New").exists()


def test_a_manager_may_not_add_people(manager: Person) -> None:
    with pytest.raises(Denied):
        add_person(actor=manager, email="new@example.com", name="Nina New", roles=[])


def test_nobody_changes_their_own_roles(advisor: Person) -> None:
    with pytest.raises(Refused, match="own roles"):
        change_person(actor=advisor, person=advisor, revision=1, changes={"roles": [Role.ADVISOR, Role.VP]})


def test_an_advisor_may_change_their_own_title(advisor: Person) -> None:
    changed = change_person(actor=advisor, person=advisor, revision=1, changes={"job_title": "Administrator"})

    assert changed.job_title == "Administrator"


@pytest.mark.parametrize("changes", [{"roles": ["analyst"]}, {"is_active": False}])
def test_the_last_active_advisor_stays(advisor: Person, changes: dict[str, object]) -> None:
    with pytest.raises(Refused, match="last active technical advisor"):
        change_person(actor=None, person=advisor, revision=1, changes=changes)


def test_one_of_two_advisors_may_go(advisor: Person) -> None:
    second = Person.objects.create_user("second@example.com", name="Second", roles=[Role.ADVISOR])

    gone = change_person(actor=second, person=advisor, revision=1, changes={"is_active": False})

    assert not gone.is_active


def test_deactivating_ends_sessions_and_tokens(advisor: Person, analyst: Person, signed_in: SignIn) -> None:
    client, other = signed_in(analyst), signed_in(advisor)
    create_token(actor=analyst, label="script")

    change_person(actor=advisor, person=analyst, revision=1, changes={"is_active": False})
    reactivated = change_person(actor=advisor, person=analyst, revision=2, changes={"is_active": True})

    assert reactivated.is_active
    assert client.get("/").status_code == 302
    assert other.get("/").status_code == 200
    assert not ApiToken.objects.exists()


def test_a_temporary_password_works_and_ends_the_sessions(
    advisor: Person, analyst: Person, signed_in: SignIn
) -> None:
    client = signed_in(analyst)

    password = give_temporary_password(actor=advisor, person=analyst)

    analyst.refresh_from_db()
    assert analyst.check_password(password)
    assert client.get("/").status_code == 302


def test_two_advisors_editing_the_same_person_see_both_versions(advisor: Person, analyst: Person) -> None:
    change_person(actor=advisor, person=analyst, revision=1, changes={"job_title": "Planner"})

    with pytest.raises(Conflict) as refused:
        change_person(actor=advisor, person=analyst, revision=1, changes={"job_title": "Analyst II"})

    assert refused.value.theirs == {"job_title": "Planner"}


def test_a_password_is_not_a_field_to_change(advisor: Person, analyst: Person) -> None:
    with pytest.raises(Invalid, match="password"):
        change_person(actor=advisor, person=analyst, revision=1, changes={"password": "x"})


def test_the_page_adds_a_person_and_shows_the_password_once(advisor: Person, signed_in: SignIn) -> None:
    client = signed_in(advisor)
    sent = {"name": "Nina New", "email": "nina@example.com", "roles": ["analyst"], "sign_in": "password"}

    shown = client.post("/settings/people/add/", sent, follow=True)
    again = client.get(shown.redirect_chain[0][0])

    person = Person.objects.get(email="nina@example.com")
    assert person.roles == ["analyst"]
    secret = shown.content.decode().split("<code>")[1].split("</code>")[0]
    assert person.check_password(secret)
    assert secret not in again.content.decode()


def test_the_page_keeps_what_was_typed_when_the_address_is_taken(
    advisor: Person, vp: Person, signed_in: SignIn
) -> None:
    sent = {"name": "Nina New", "email": "vp@example.com", "roles": ["analyst"], "sign_in": "openid"}

    answer = signed_in(advisor).post("/settings/people/add/", sent)

    assert answer.status_code == 400
    assert 'value="Nina New"' in answer.content.decode()
    assert "already exists" in answer.content.decode()


def test_the_page_says_why_the_own_roles_stay(advisor: Person, signed_in: SignIn) -> None:
    sent = {"name": advisor.name, "email": advisor.email, "roles": ["vp"], "is_active": "on", "revision": 1}

    answer = signed_in(advisor).post(f"/settings/people/{advisor.pk}/edit/", sent)

    assert answer.status_code == 409
    assert "Nobody changes their own roles" in answer.content.decode()


def test_the_list_is_searched_and_exported_as_shown(advisor: Person, vp: Person, signed_in: SignIn) -> None:
    client = signed_in(advisor)

    page = client.get("/settings/people/?q=vera").content.decode()
    exported = b"".join(client.get("/settings/people/?q=vera&export=csv").streaming_content).decode()  # type: ignore[attr-defined]

    assert "Vera VP" in page
    assert "advisor@example.com</td>" not in page
    assert "vp@example.com" in exported
    assert "advisor@example.com" not in exported


def test_the_lists_of_people_ask_few_questions(
    advisor: Person, vp: Person, analyst: Person, signed_in: SignIn, pinned_queries: Callable
) -> None:
    client = signed_in(advisor)

    with pinned_queries("list"):
        assert client.get("/settings/people/").status_code == 200
    with pinned_queries("detail"):
        assert client.get(f"/settings/people/{analyst.pk}/").status_code == 200


def test_the_matrix_is_readable_by_planners(analyst: Person, signed_in: SignIn) -> None:
    text = signed_in(analyst).get("/settings/rights/").content.decode()

    assert "waive quality issues" in text
    assert "Sales effectiveness manager" in text
