"""Pages of plans: from a new plan to a version in force, and what each person may see."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.engine.months import add_months
from compensation.models import PayPlan, PlanAssignment, PlanVersion, Position
from core.models import Person
from tests.compensation.company import TERMS, euro, plan_of, rep_on, role

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]
Pinned = Callable[..., AbstractContextManager[None]]
TEXT = """\
plan: Hunters
currency: EUR
target_incentive: 30000
components:
  - code: own
    name: Own bookings
    form: flat
    measure: {of: bookings}
    rate: 5%
"""


def soon(months: int = 1) -> dt.date:
    return add_months(timezone.localdate().replace(day=1), months)


def month(day: dt.date) -> str:
    return f"{day:%Y-%m}"


def test_from_an_empty_list_to_a_version_that_two_people_signed(
    analyst: Person, vp: Person, signed_in: SignIn
) -> None:
    euro()
    client = signed_in(analyst)
    assert "No plans yet" in client.get("/pay/plans/").text
    answer = client.post(
        "/pay/plans/add/", {"code": "hunt", "name": "Hunters", "starts": month(soon()), "terms": TEXT}
    )
    plan = PayPlan.objects.get()
    assert answer.url == f"/pay/plans/{plan.pk}/"
    version = plan.versions.get()
    rep_on(plan_of(code="other"), "ann")
    on = f"/pay/plans/{plan.pk}/people/add/"
    client.post(on, {"role": "other", "first": "2026-01-01"})
    page = f"/pay/versions/{version.pk}/"
    assert client.post(f"{page}moves/submit/", {"revision": version.revision}).status_code == 302
    assert signed_in(vp).post(f"{page}moves/approve/").status_code == 302
    version.refresh_from_db()
    assert (version.state, version.days.lower) == ("approved", soon())
    told = client.get(page).text
    assert "pays 5\u202f%" in told


def test_a_fault_of_the_text_is_named_with_its_line_and_what_was_typed_stays(
    analyst: Person, signed_in: SignIn
) -> None:
    euro()
    client = signed_in(analyst)
    form = {"code": "hunt", "name": "Hunters", "starts": month(soon())}
    bad = TEXT.replace("rate: 5%", "rat: 5%")
    answer = client.post("/pay/plans/add/", form | {"terms": bad})
    assert answer.status_code == 400
    assert "Line 9, component own.rat: this is unknown. Do you mean rate?" in answer.text
    assert "rat: 5%" in answer.text
    client.post("/pay/plans/add/", form | {"terms": TEXT})
    draft = PlanVersion.objects.get()
    edit = f"/pay/versions/{draft.pk}/edit/"
    sent = {"starts": month(soon()), "intro": "", "revision": draft.revision}
    answer = client.post(edit, sent | {"terms": bad})
    assert answer.status_code == 400
    assert "Line 9, component own.rat: this is unknown." in answer.text
    assert client.post(edit, sent | {"terms": TEXT.replace("5%", "6%")}).status_code == 302
    draft.refresh_from_db()
    assert draft.terms["components"][0]["rate"] == "6%"


def test_a_stale_text_shows_both_and_saves_nothing(
    analyst: Person, colleague: Person, signed_in: SignIn
) -> None:
    euro()
    client = signed_in(analyst)
    client.post("/pay/plans/add/", {"code": "h", "name": "H", "starts": month(soon()), "terms": TEXT})
    draft = PlanVersion.objects.get()
    edit = f"/pay/versions/{draft.pk}/edit/"
    sent = {"starts": month(soon()), "terms": TEXT, "revision": draft.revision}
    signed_in(colleague).post(edit, sent | {"intro": "Theirs"})
    answer = client.post(edit, sent | {"intro": "Mine"})
    assert answer.status_code == 409
    assert "Theirs" in answer.text
    draft.refresh_from_db()
    assert draft.intro == "Theirs"


def test_a_refused_move_shows_every_reason(analyst: Person, signed_in: SignIn) -> None:
    euro()
    client = signed_in(analyst)
    client.post("/pay/plans/add/", {"code": "h", "name": "H", "starts": month(soon()), "terms": TEXT})
    draft = PlanVersion.objects.get()
    answer = client.post(f"/pay/versions/{draft.pk}/moves/submit/")
    assert answer.status_code == 409
    assert "Nobody is on this plan" in answer.text
    assert client.post(f"/pay/versions/{draft.pk}/moves/vanish/").status_code == 404


def test_a_second_open_version_is_refused_on_the_page_and_drafts_are_deleted(
    analyst: Person, signed_in: SignIn
) -> None:
    plan = plan_of().plan
    client = signed_in(analyst)
    made = client.post(f"/pay/plans/{plan.pk}/version/", {"starts": month(soon(2))})
    draft = plan.versions.get(state="draft")
    assert made.url == f"/pay/versions/{draft.pk}/"
    again = client.post(f"/pay/plans/{plan.pk}/version/", {"starts": ""})
    assert again.status_code == 409
    assert "Change that one, or delete it first" in again.text
    client.post(f"/pay/versions/{draft.pk}/delete/")
    assert plan.versions.count() == 1


def test_the_first_month_of_a_draft_is_changed_by_form(analyst: Person, signed_in: SignIn) -> None:
    plan = plan_of().plan
    client = signed_in(analyst)
    client.post(f"/pay/plans/{plan.pk}/version/", {"starts": month(soon(2))})
    draft = plan.versions.get(state="draft")
    page = f"/pay/versions/{draft.pk}/builder/settings/"
    form = client.get(page).context["form"]
    assert form["starts"].value() == soon(2)
    sent = {bound.name: value for bound in form if (value := bound.value()) not in (None, False)}
    sent |= {"starts": month(soon(4)), "intro": "Sell to new names."}
    assert client.post(page, sent).status_code == 302
    changed = plan.versions.get(state="draft")
    assert (changed.starts, changed.intro, changed.terms) == (soon(4), "Sell to new names.", draft.terms)
    assert client.post(page, sent | {"starts": month(soon(5))}).status_code == 409


def test_two_versions_are_compared_in_words(analyst: Person, signed_in: SignIn) -> None:
    first = plan_of()
    terms = {**TERMS, "draw": {"amount": 2000}}
    second = PlanVersion.objects.create(plan=first.plan, number=2, starts=soon(), terms=terms)
    page = f"/pay/versions/{second.pk}/compare/{first.pk}/"
    client = signed_in(analyst)
    assert "amount 2000, kind guarantee" in client.get(page).text
    assert b"The whole plan,Draw" in b"".join(client.get(f"{page}?export=csv"))  # type: ignore[arg-type]
    other = plan_of(code="other")
    assert client.get(f"/pay/versions/{second.pk}/compare/{other.pk}/").status_code == 404


def test_who_earns_by_which_plan_on_a_day(analyst: Person, signed_in: SignIn, pinned_queries: Pinned) -> None:
    version = plan_of(name="Hunters")
    rep_on(version, "ann", target=20_000)
    rep_on(version, "bob", begin=dt.date(2026, 6, 1))
    off = rep_on(version, "cid")
    PlanAssignment.objects.create(
        plan=version.plan, rep=off, days=(dt.date(2026, 1, 1), None), is_off=True, reason="Leads a project"
    )
    client = signed_in(analyst)
    client.get("/pay/people/")
    with pinned_queries("who earns by which plan"):
        page = client.get("/pay/people/?on=2026-07-01")
    assert [row["cells"][3]["text"] for row in page.context["table"]["rows"]] == [
        "Hunters",
        "Hunters",
        "No plan",
    ]
    assert "20\u202f000.00" in page.text
    early = client.get("/pay/people/?on=2026-05-01")
    assert [row["cells"][1]["text"] for row in early.context["table"]["rows"]] == ["ann", "cid"]
    csv = b"".join(client.get("/pay/people/?on=2026-07-01&export=csv"))  # type: ignore[arg-type]
    assert b"Ann,ann,AE,Hunters,False,60000.0000,20000.0000" in csv


def test_pay_is_seen_by_those_who_may(
    signed_in: SignIn, sales_manager: Person, sales_rep: Person, coordinator: Person
) -> None:
    version = plan_of()
    boss = rep_on(None, "boss", person=sales_manager)
    mine = rep_on(version, "ann", person=sales_rep, manager=boss)
    other = rep_on(version, "bob")
    seller, chief = signed_in(sales_rep), signed_in(sales_manager)
    assert "60\u202f000.00" in seller.get(f"/pay/people/{mine.pk}/").text
    assert seller.get(f"/pay/people/{other.pk}/").status_code == 404
    assert seller.get("/pay/people/").status_code == 403
    team = chief.get("/pay/people/")
    assert [row["cells"][1]["text"] for row in team.context["table"]["rows"]] == ["ann"]
    assert chief.get(f"/pay/people/{other.pk}/").status_code == 404
    theirs = Position.objects.get(rep=other)
    assert chief.get(f"/pay/positions/{theirs.pk}/").status_code == 404
    assert chief.get("/pay/plans/").status_code == 403
    assert signed_in(coordinator).get(f"/pay/people/{mine.pk}/").status_code == 404


def test_a_position_is_given_changed_and_taken_back(analyst: Person, signed_in: SignIn) -> None:
    rep = rep_on(None, "ann")
    role("ae")
    client = signed_in(analyst)
    start = soon(2)
    form = {"rep": "ann", "role": "ae", "first": start.isoformat(), "base_salary": "60000"}
    made = client.post("/pay/positions/add/", form)
    row = Position.objects.get(rep=rep)
    page = f"/pay/positions/{row.pk}/"
    assert made.url == page
    assert "Take it back" in client.get(page).text
    edit = {"role": "ae", "first": start.isoformat(), "base_salary": "65000", "revision": row.revision}
    assert client.post(f"{page}edit/", edit).status_code == 302
    assert client.post(f"{page}edit/", edit | {"base_salary": "1"}).status_code == 409
    row.refresh_from_db()
    assert row.base_salary == 65_000
    client.post(f"{page}remove/", {"reason": "Hired elsewhere"})
    assert not Position.objects.exists()


def test_own_terms_are_written_as_text(analyst: Person, signed_in: SignIn) -> None:
    version = plan_of()
    rep_on(version, "ann")
    client = signed_in(analyst)
    add = f"/pay/plans/{version.plan_id}/people/add/"
    sent: dict[str, Any] = {"rep": "ann", "first": "2026-01-01", "changes": "target_incentive: 15000"}
    refused = client.post(add, sent)
    assert refused.status_code == 400
    assert "Say why this rep has other terms" in refused.text
    wrong = client.post(add, sent | {"changes": "components: {gone: {rate: 1%}}", "reason": "Promised"})
    assert "the plan has no such component" in wrong.text
    assert client.post(add, sent | {"reason": "Promised"}).status_code == 302
    row = PlanAssignment.objects.get(rep__isnull=False)
    assert row.changes == {"target_incentive": 15000}
    assert "target_incentive: 15000" in client.get(f"/pay/on-plans/{row.pk}/").text
    gone = {"first": "2026-01-01", "changes": "", "reason": "", "revision": row.revision}
    assert client.post(f"/pay/on-plans/{row.pk}/edit/", gone).status_code == 302
    row.refresh_from_db()
    assert row.changes == {}


def test_the_page_of_a_plan_takes_few_queries(
    analyst: Person, signed_in: SignIn, pinned_queries: Pinned
) -> None:
    version = plan_of()
    for number in range(5):
        rep_on(version, f"r{number}")
    client = signed_in(analyst)
    client.get("/pay/plans/")
    with pinned_queries("the list of plans"):
        client.get("/pay/plans/")
    with pinned_queries("the page of a plan"):
        client.get(f"/pay/plans/{version.plan_id}/")
    with pinned_queries("the page of a plan's version"):
        client.get(f"/pay/versions/{version.pk}/")
