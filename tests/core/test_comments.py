"""Comments on any registered object, and telling those they name."""

from collections.abc import Callable, Iterator

import pytest
from django.http import Http404
from django.template import Context, Template
from django.test import Client, RequestFactory
from rest_framework.test import APIClient

from core import subjects
from core.errors import Denied, Invalid
from core.jobs import start_job
from core.models import Comment, Event, Job, Notification, Person
from core.selectors.jobs import jobs_visible_to
from core.services import delete_comment, edit_comment, write_comment

SignIn = Callable[[Person], Client]


@pytest.fixture
def job(analyst: Person) -> Iterator[Job]:
    """Jobs as a subject of comments, for these tests."""
    before = subjects.kinds()
    subjects.register(
        Job,
        label="job",
        action="jobs.view",
        visible_to=jobs_visible_to,
        url=lambda row: f"/jobs/{row.pk}/",
    )
    yield start_job(actor=analyst, kind="tests.tell", label="Monthly import", params={})
    subjects._registered.clear()
    subjects._registered.update(before)


def _write(actor: Person, job: Job, text: str) -> Comment:
    return write_comment(actor=actor, subject_type="core.job", subject_id=str(job.pk), text=text)


def test_a_mention_by_name_or_address_tells_the_person(
    job: Job, analyst: Person, vp: Person, manager: Person
) -> None:
    _write(analyst, job, "@Vera VP and @manager@example.com, please look. Me too: @Ada Analyst")

    told = Notification.objects.order_by("person__name").values_list("person__name", "url")
    assert list(told) == [
        ("Max Manager", f"/jobs/{job.pk}/#comments"),
        ("Vera VP", f"/jobs/{job.pk}/#comments"),
    ]


def test_a_longer_name_is_not_taken_for_a_shorter_one(job: Job, analyst: Person, vp: Person) -> None:
    Person.objects.create_user("junior@example.com", name="Vera VP Junior", roles=["analyst"])

    _write(analyst, job, "Over to @Vera VP Junior.")

    assert [n.person.name for n in Notification.objects.all()] == ["Vera VP Junior"]


def test_somebody_who_may_not_see_the_object_is_not_told(
    job: Job, analyst: Person, sales_rep: Person
) -> None:
    _write(analyst, job, "@Rita Rep should know.")

    assert not Notification.objects.exists()


def test_an_edit_tells_only_those_newly_named(job: Job, analyst: Person, vp: Person, manager: Person) -> None:
    comment = _write(analyst, job, "@Vera VP, look.")

    edited = edit_comment(actor=analyst, comment=comment, revision=1, text="@Vera VP and @Max Manager, look.")

    assert edited.edited is not None
    assert Notification.objects.filter(person=vp).count() == 1
    assert Notification.objects.filter(person=manager).count() == 1


def test_only_the_author_changes_a_comment(job: Job, analyst: Person, colleague: Person) -> None:
    comment = _write(analyst, job, "Mine.")

    with pytest.raises(Denied):
        edit_comment(actor=colleague, comment=comment, revision=1, text="Yours.")
    with pytest.raises(Denied):
        delete_comment(actor=colleague, comment=comment)


def test_deleting_leaves_a_tombstone_and_the_history(
    job: Job, analyst: Person, signed_in: SignIn, colleague: Person
) -> None:
    comment = _write(analyst, job, "Said in anger.")

    delete_comment(actor=analyst, comment=comment)

    page = _shown(job, colleague)
    assert "deleted by its author" in page
    assert "Said in anger" not in page
    assert Event.objects.filter(verb="comment deleted").count() == 1


@pytest.mark.parametrize("text", ["", "   ", "x" * 5001])
def test_an_empty_or_endless_comment_is_refused(job: Job, analyst: Person, text: str) -> None:
    with pytest.raises(Invalid):
        _write(analyst, job, text)

    assert not Comment.objects.exists()


def test_nobody_comments_on_what_they_may_not_see(job: Job, sales_rep: Person) -> None:
    with pytest.raises(Denied):
        _write(sales_rep, job, "Hello?")


@pytest.mark.parametrize(("kind", "key"), [("core.person", "1"), ("core.job", "0"), ("core.job", "x")])
def test_what_is_not_there_cannot_be_commented(job: Job, analyst: Person, kind: str, key: str) -> None:
    with pytest.raises(Http404):
        write_comment(actor=analyst, subject_type=kind, subject_id=key, text="Hello?")


def test_a_comment_is_text_and_never_markup(job: Job, analyst: Person) -> None:
    _write(analyst, job, "<script>alert(1)</script>")

    assert "<script>" not in _shown(job, analyst)


def _shown(job: Job, person: Person) -> str:
    request = RequestFactory().get("/")
    request.user = person
    return Template("{% comments_of job %}{% history_of job %}").render(
        Context({"job": job, "request": request})
    )


def test_the_tags_show_comments_with_a_form_and_the_history(job: Job, analyst: Person) -> None:
    _write(analyst, job, "First look.")

    shown = _shown(job, analyst)

    assert "First look." in shown
    assert 'action="/comments/"' in shown
    assert f'value="{job.pk}"' in shown
    assert "Job started" in shown


def test_a_plain_form_leads_back_to_the_object(job: Job, analyst: Person, signed_in: SignIn) -> None:
    sent = {"subject_type": "core.job", "subject_id": job.pk, "text": "Done by hand."}

    answer = signed_in(analyst).post("/comments/", sent)

    assert answer["Location"] == f"/jobs/{job.pk}/#comments"


def test_htmx_gets_the_comments_back(job: Job, analyst: Person, signed_in: SignIn) -> None:
    sent = {"subject_type": "core.job", "subject_id": job.pk, "text": "Done in place."}

    answer = signed_in(analyst).post("/comments/", sent, headers={"HX-Request": "true"})

    assert answer.status_code == 200
    assert "Done in place." in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_comments_are_written_read_and_deleted_by_api(
    job: Job, analyst: Person, colleague: Person, api: Callable[[Person], APIClient]
) -> None:
    client = api(analyst)
    about = {"subject_type": "core.job", "subject_id": str(job.pk)}

    made = client.post("/api/v1/comments/", about | {"text": "By program."})
    url = f"/api/v1/comments/{made.json()['id']}/"
    changed = client.patch(url, {"text": "By a better program.", "revision": 1})
    listed = client.get("/api/v1/comments/", about).json()["results"]
    foreign = api(colleague).delete(url)
    gone = client.delete(url)

    assert (made.status_code, changed.status_code, gone.status_code) == (201, 200, 204)
    assert [one["text"] for one in listed] == ["By a better program."]
    assert foreign.status_code == 404
    assert client.get("/api/v1/comments/", about).json()["count"] == 0
    assert client.get("/api/v1/comments/").status_code == 400
