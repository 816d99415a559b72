"""A rep accepts the own plan by typing the own name; the document is kept as it was."""

import datetime as dt

import pytest
from django.db import Error, transaction
from django.utils import timezone

from compensation.models import PlanAcceptance, PlanQuota
from compensation.pipeline.goals import goals_of_version, hash_of
from compensation.services.acceptances import accept_plan, remind, standing_of, standings
from compensation.services.goals_files import acceptance_on_paper, content_of, goals_pdf
from core.errors import Denied, Invalid, Refused
from core.models import Event, Notification
from tests.compensation.company import TERMS, plan_of, rep_on

pytestmark = pytest.mark.django_db
THIS_YEAR = dt.date(timezone.localdate().year, 1, 1)


@pytest.fixture
def version(db):
    return plan_of(TERMS, starts=THIS_YEAR)


@pytest.fixture
def rita(version, sales_rep):
    return rep_on(version, "rita", name="Rita Rep", person=sales_rep, begin=THIS_YEAR, quota=600_000)


def accept(rep, **changes):
    (row,) = standing_of(rep)
    given = {
        "actor": rep.person,
        "version": row.version,
        "document_hash": row.hash,
        "typed_name": " rita  REP ",
    }
    return accept_plan(**(given | changes))


def test_the_document_is_kept_as_it_was_read_with_its_sha_256(rita):
    shown = standing_of(rita)[0].document
    row = accept(rita)
    assert row.document == shown
    assert row.document_hash == hash_of(shown)
    assert row.typed_name == "rita REP"
    assert standing_of(rita)[0].state == "accepted"
    event = Event.objects.get(verb="pay plan accepted")
    assert event.after == {"rep": "rita", "document": row.document_hash}


def test_a_changed_document_asks_anew_and_the_old_one_stays(rita):
    first = accept(rita)
    PlanQuota.objects.update(amount=700_000)
    (row,) = standing_of(rita)
    assert row.state == "changed"
    assert row.before == first
    second = accept(rita)
    assert standing_of(rita)[0].accepted == second
    assert set(PlanAcceptance.objects.all()) == {first, second}
    assert "600\u202f000" in first.document["components"][0]["quota"]


def test_another_name_is_refused_beside_the_field_and_keeps_nothing(rita):
    with pytest.raises(Invalid) as refusal:
        accept(rita, typed_name="Somebody Else")
    assert refusal.value.reasons[0].field == "typed_name"
    assert not PlanAcceptance.objects.exists()


def test_a_document_that_changed_while_it_was_read_is_not_accepted(rita):
    (row,) = standing_of(rita)
    PlanQuota.objects.update(amount=700_000)
    with pytest.raises(Refused, match="not the one you read"):
        accept(rita, document_hash=row.hash)


def test_it_is_accepted_once(rita):
    accept(rita)
    with pytest.raises(Refused, match="already"):
        accept(rita)
    assert PlanAcceptance.objects.count() == 1


def test_nobody_accepts_for_another(rita, analyst, vp, sales_manager, version):
    boss = rep_on(version, "boss", name="Sam Sales", person=sales_manager, begin=THIS_YEAR)
    rita.manager = boss
    rita.save()
    (row,) = standing_of(rita)
    for actor in (analyst, vp):
        with pytest.raises(Denied):
            accept(rita, actor=actor)
    with pytest.raises(Refused, match="not the one you read"):
        accept_plan(actor=sales_manager, version=version, document_hash=row.hash, typed_name="Rita Rep")
    assert not PlanAcceptance.objects.exists()


def test_who_is_on_another_plan_accepts_only_that(rita):
    other = plan_of(code="other", starts=THIS_YEAR)
    with pytest.raises(Denied, match="not on this plan"):
        accept(rita, version=other)


def test_an_acceptance_never_changes(rita):
    row = accept(rita)
    for act in (
        lambda: PlanAcceptance.objects.filter(pk=row.pk).update(typed_name="Other"),
        lambda: PlanAcceptance.objects.filter(pk=row.pk).delete(),
    ):
        with pytest.raises(Error), transaction.atomic():
            act()


def test_the_page_accepts_and_shows_what_was_accepted(rita, sales_rep, analyst, signed_in, version):
    browser = signed_in(sales_rep)
    page = f"/pay/goals/{version.pk}/reps/{rita.pk}/"
    hashed = browser.get(page).context["hash"]
    sent = {"hash": hashed, "typed_name": "Rita"}
    wrong = browser.post(f"/pay/goals/{version.pk}/accept/", sent)
    assert wrong.status_code == 400
    assert "Type your name as it stands here: Rita Rep." in wrong.content.decode()
    sent["typed_name"] = "Rita Rep"
    assert browser.post(f"/pay/goals/{version.pk}/accept/", sent).status_code == 302
    row = PlanAcceptance.objects.get()
    assert "Accepted by Rita Rep" in browser.get(page).content.decode()
    kept = signed_in(analyst).get(f"/pay/goals/accepted/{row.pk}/").content.decode()
    assert row.document_hash in kept
    assert signed_in(sales_rep).get(f"/pay/goals/accepted/{row.pk}/").status_code == 200


def test_an_accepted_document_is_seen_only_by_those_who_see_the_pay(rita, sales_manager, stranger, signed_in):
    row = accept(rita)
    for person in (sales_manager, stranger):
        assert signed_in(person).get(f"/pay/goals/accepted/{row.pk}/").status_code in {403, 404}


def test_managers_see_who_has_not_accepted_and_only_their_own(
    rita, version, sales_manager, sales_rep, analyst, signed_in
):
    boss = rep_on(version, "boss", person=sales_manager, begin=THIS_YEAR)
    below = rep_on(version, "below", name="Bea Low", manager=boss, begin=THIS_YEAR)
    accept(rita)
    assert {row.rep: row.state for row in standings(analyst)} == {
        rita: "accepted",
        boss: "open",
        below: "open",
    }
    assert {row.rep for row in standings(sales_manager)} == {boss, below}
    page = "/pay/goals/acceptances/"
    assert "Rita Rep" in signed_in(analyst).get(page).content.decode()
    assert "Rita Rep" not in signed_in(sales_manager).get(page).content.decode()
    assert signed_in(sales_rep).get(page).status_code == 403


def test_who_has_not_accepted_is_reminded_at_most_once_a_day(rita, sales_rep, analyst, signed_in):
    assert remind(actor=analyst) == [rita]
    note = Notification.objects.get(person=sales_rep)
    assert note.url.endswith(f"/reps/{rita.pk}/")
    assert remind(actor=analyst) == []
    yesterday = timezone.now() - dt.timedelta(days=1)
    Notification.objects.update(created=yesterday)
    signed_in(analyst).post("/pay/goals/acceptances/remind/")
    assert Notification.objects.filter(person=sales_rep).count() == 2
    Notification.objects.update(created=yesterday)
    accept(rita)
    assert remind(actor=analyst) == []


def test_a_sales_manager_reminds_only_the_own_people(rita, sales_manager, sales_rep):
    assert remind(actor=sales_manager) == []
    with pytest.raises(Denied):
        remind(actor=sales_rep)
    assert not Notification.objects.exists()


def test_the_overview_costs_the_same_queries_however_many_reps(
    rita, version, analyst, signed_in, pinned_queries
):
    for number in range(5):
        rep_on(version, f"r{number}", begin=THIS_YEAR, quota=100_000)
    browser = signed_in(analyst)
    browser.get("/pay/goals/acceptances/")
    with pinned_queries():
        assert browser.get("/pay/goals/acceptances/").status_code == 200


def test_all_of_it_by_api(rita, sales_rep, sales_manager, analyst, api, version):
    at = "/api/v1/plan-acceptances/"
    (shown,) = api(sales_rep).get(f"{at}goals/").data
    assert shown["state"] == "open"
    assert api(sales_rep).get(f"{at}goals/?rep=nobody").status_code == 404
    assert api(sales_manager).get(f"{at}goals/?rep=rita").status_code == 404
    assert api(analyst).get(f"{at}goals/?rep=rita").data[0]["hash"] == shown["hash"]
    sent = {"version": version.pk, "hash": shown["hash"], "typed_name": "Rita Rep"}
    assert api(analyst).post(f"{at}accept/", sent).status_code == 403
    assert api(analyst).post(f"{at}remind/").data == {"reminded": ["rita"]}
    assert api(sales_rep).post(f"{at}accept/", sent | {"typed_name": "X"}).status_code == 400
    assert api(sales_rep).post(f"{at}accept/", sent).status_code == 201
    assert api(sales_rep).post(f"{at}accept/", sent).status_code == 409
    assert [row["state"] for row in api(analyst).get(f"{at}state/").data] == ["accepted"]
    assert api(sales_rep).get(f"{at}state/").status_code == 403
    assert api(sales_manager).get(at).data["count"] == 0
    (kept,) = api(sales_rep).get(at).data["results"]
    assert hash_of(kept["document"]) == kept["document_hash"] == shown["hash"]


def test_the_paper_has_room_for_name_and_date_until_it_is_accepted(rita):
    (row,) = standing_of(rita)
    paper = acceptance_on_paper(row)
    assert (paper["said"], paper["name"], paper["open"]) == ("Not accepted yet.", "Rita Rep", True)
    accept(rita)
    paper = acceptance_on_paper(standing_of(rita)[0])
    assert paper["said"].startswith("Accepted by rita REP on ") and not paper["open"]
    PlanQuota.objects.update(amount=700_000)
    paper = acceptance_on_paper(standing_of(rita)[0])
    assert paper["said"].startswith("Not accepted yet: it changed since") and paper["open"]


def test_the_paper_for_anybody_on_a_plan_asks_nobody_to_sign(version, rita):
    assert content_of(goals_of_version(version), None)["acceptance"] is None
    assert goals_pdf(goals_of_version(version)).startswith(b"%PDF")
    (row,) = standing_of(rita)
    assert goals_pdf(row.document, acceptance_on_paper(row)).startswith(b"%PDF")
