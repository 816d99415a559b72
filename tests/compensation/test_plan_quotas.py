"""Quotas for pay: by hand and by file, never twice for a month, never in a locked one."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from compensation.models import PayRun, PlanQuota
from compensation.selectors.plan_quotas import plan_quotas_visible_to
from compensation.services.plan_quotas import change_plan_quota, remove_plan_quota, set_plan_quota
from compensation.services.plan_tables import import_plan_quotas
from core.errors import Conflict, Denied, Invalid, Refused
from core.models import Event, Person
from tests.compensation.company import JANUARY, TERMS, plan_of, rep_on, through

pytestmark = pytest.mark.django_db
HEAD = "plan,rep,component,first_month,months,amount,reason\n"


def set_for(actor: Person, rep: Any, **values: Any) -> PlanQuota:
    given = {"first_month": JANUARY, "months": 12, "amount": 120_000}
    plan = values.pop("plan", None) or plan_of().plan
    return set_plan_quota(actor=actor, plan=plan, rep=rep, **(given | values))


def lock(month: int) -> None:
    through(PayRun.objects.create(month=dt.date(2026, month, 1), version=1), "locked")


def test_a_quota_is_set_changed_and_removed_with_events(analyst: Person) -> None:
    row = set_for(analyst, rep_on(None), reason="No territory")
    row = change_plan_quota(actor=analyst, row=row, revision=1, changes={"amount": 130_000})
    remove_plan_quota(actor=analyst, row=row, revision=2, reason="Has a territory now")
    assert not PlanQuota.objects.exists()
    verbs = Event.objects.filter(subject_type="compensation.planquota").values_list("verb", flat=True)
    assert set(verbs) == {"quota for pay set", "quota for pay changed", "quota for pay removed"}


def test_two_quotas_never_hold_the_same_month(analyst: Person) -> None:
    rep, plan = rep_on(None), plan_of().plan
    set_for(analyst, rep, plan=plan)
    with pytest.raises(Invalid, match="and both would count"):
        set_for(analyst, rep, plan=plan, first_month=dt.date(2026, 4, 1), months=3)
    other = set_for(analyst, rep, plan=plan, first_month=dt.date(2027, 1, 1), months=3)
    one = set_for(analyst, rep, plan=plan, component="own")
    assert {other.months, one.months} == {3, 12}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"component": "gone"}, "The plan has no component “gone”. Known: own."),
        ({"months": 2}, "A quota is for 1, 3, 6 or 12 months."),
        ({"months": 3, "first_month": dt.date(2026, 2, 1)}, "February begins no span of 3 months"),
    ],
)
def test_a_quota_fits_its_plan(analyst: Person, values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Invalid) as refusal:
        set_for(analyst, rep_on(None), **values)
    assert sentence in str(refusal.value)


def test_a_plan_that_begins_in_april_has_quarters_from_april_on(analyst: Person) -> None:
    plan = plan_of({**TERMS, "year_begins": 4}).plan
    rep = rep_on(None)
    assert set_for(analyst, rep, plan=plan, first_month=dt.date(2026, 4, 1), months=12).months == 12
    with pytest.raises(Invalid, match="the plan's year, which begins with month 4"):
        set_for(analyst, rep, plan=plan, months=12)


def test_locked_months_refuse(analyst: Person) -> None:
    plan, rep = plan_of().plan, rep_on(None)
    row = set_for(analyst, rep, plan=plan)
    lock(3)
    with pytest.raises(Refused, match="March 2026 is locked"):
        change_plan_quota(actor=analyst, row=row, revision=1, changes={"amount": 1})
    with pytest.raises(Refused, match="March 2026 is locked"):
        remove_plan_quota(actor=analyst, row=row, revision=1)
    with pytest.raises(Refused, match="March 2026 is locked"):
        set_for(analyst, rep, plan=plan, component="own")
    saved = change_plan_quota(actor=analyst, row=row, revision=1, changes={"reason": "A note"})
    assert (saved.amount, saved.reason) == (120_000, "A note")
    later = dt.date(2026, 4, 1)
    assert set_for(analyst, rep, plan=plan, component="own", first_month=later, months=3).pk


def test_nobody_sets_the_own_quota_and_only_those_with_the_right(analyst: Person, vp: Person) -> None:
    rep = rep_on(None, person=analyst)
    analyst.refresh_from_db()
    with pytest.raises(Denied, match="Nobody sets the own pay"):
        set_for(analyst, rep)
    with pytest.raises(Denied):
        set_for(vp, rep_on(None, "bob"), plan=plan_of(code="two").plan)
    row = PlanQuota.objects.create(plan=plan_of(code="three").plan, rep=rep, first_month=JANUARY, amount=1)
    with pytest.raises(Denied, match="Nobody sets the own pay"):
        change_plan_quota(actor=analyst, row=row, revision=1, changes={"amount": 2})
    with pytest.raises(Denied, match="Nobody sets the own pay"):
        remove_plan_quota(actor=analyst, row=row, revision=1)


def test_a_stale_change_is_refused(analyst: Person) -> None:
    row = set_for(analyst, rep_on(None))
    change_plan_quota(actor=analyst, row=row, revision=1, changes={"amount": 5})
    with pytest.raises(Conflict):
        change_plan_quota(actor=analyst, row=row, revision=1, changes={"amount": 6})


def test_a_file_adds_and_changes_and_twice_changes_nothing(analyst: Person) -> None:
    plan_of()
    rep = rep_on(None)
    data = (HEAD + "ae,ann,,2026-01,12,120000,New\nae,ann,own,2026-01,3,500.25,\n").encode()
    first = import_plan_quotas(actor=analyst, name="q.csv", data=data)
    again = import_plan_quotas(actor=analyst, name="q.csv", data=data)
    other = import_plan_quotas(actor=analyst, name="q.csv", data=data.replace(b"500.25", b"600"))
    assert [(one.added, one.changed, one.unchanged) for one in (first, again, other)] == [
        (2, 0, 0),
        (0, 0, 2),
        (0, 1, 1),
    ]
    assert PlanQuota.objects.get(rep=rep, component="own").amount == 600
    assert Event.objects.filter(verb="quotas for pay imported").count() == 2


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("xx,ann,,2026-01,12,1,", "q.csv, line 2: plan “xx” is not among the plans."),
        ("ae,xx,,2026-01,12,1,", "q.csv, line 2: rep “xx” is not among the reps"),
        ("ae,ann,gone,2026-01,12,1,", "q.csv, line 2: The plan has no component “gone”."),
        ("ae,ann,,2026-13,12,1,", "q.csv, line 2: first_month is “2026-13”; write 2026-01."),
        ("ae,ann,,2026-01,5,1,", "q.csv, line 2: months is “5”; write 1, 3, 6 or 12."),
        ("ae,ann,,2026-01,12,-1,", "q.csv, line 2: amount is -1; it is 0 or more"),
        ("ae,ann,,2026-01,12,NaN,", "q.csv, line 2: amount is “NaN”"),
        ("ae,ann,,2026-01,12,0.00001,", "q.csv, line 2: amount is 0.00001; it has more than 4 places"),
        ("ae,ann,,0001-01,12,1,", "q.csv, line 2: first_month is “0001-01”; write 2026-01."),
        ("ae,ann,,9999-12,12,1,", "q.csv, line 2: first_month is “9999-12”; write 2026-01."),
        ("ae,ann,,2026-01,²,1,", "q.csv, line 2: months is “²”; write 1, 3, 6 or 12."),
        ("ae,ann,,2026-01,12,1,a\0b", "q.csv, line 2: there is a NUL character."),
        ("ae,ann,,2026-01,12,1,\nae,ann,,2026-01,12,2,", "line 3: this stands in an earlier line already"),
        ("ae,ann,,2026-01,12,1,\nae,ann,,2026-04,3,2,", "ann has two quotas that hold April 2026"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_stored(analyst: Person, row: str, sentence: str) -> None:
    plan_of()
    rep_on(None)
    good = "ae,ann,own,2026-01,12,5,\n"
    with pytest.raises(Invalid) as refusal:
        import_plan_quotas(actor=analyst, name="q.csv", data=(HEAD + row + "\n" + good).encode())
    assert sentence in str(refusal.value)
    assert not PlanQuota.objects.exists()


def test_a_file_keeps_to_locked_months_overlaps_and_the_own_pay(analyst: Person) -> None:
    version = plan_of()
    rep_on(version, "ann", quota=120_000)
    rep_on(version, "ada", person=analyst)
    analyst.refresh_from_db()
    with pytest.raises(Invalid, match="ann has a quota of 12 months from January 2026 already"):
        import_plan_quotas(actor=analyst, name="q.csv", data=(HEAD + "ae,ann,,2026-04,3,5,\n").encode())
    with pytest.raises(Denied, match="Nobody sets the own pay"):
        import_plan_quotas(actor=analyst, name="q.csv", data=(HEAD + "ae,ada,,2026-04,3,5,\n").encode())
    lock(4)
    with pytest.raises(Refused, match="April 2026 is locked"):
        import_plan_quotas(actor=analyst, name="q.csv", data=(HEAD + "ae,ann,,2026-01,12,5,\n").encode())


def test_the_export_of_the_list_is_a_file_that_comes_in_again(
    analyst: Person, signed_in: Callable[[Person], Client]
) -> None:
    version = plan_of()
    rep_on(version, quota=120_000)
    client = signed_in(analyst)
    data = b"".join(client.get("/pay/quotas/?export=csv"))  # type: ignore[arg-type]
    changed = SimpleUploadedFile("quotas.csv", data.replace(b"120000.0000", b"130000"))
    answer = client.post("/pay/quotas/file/", {"file": changed}, follow=True)
    assert "0 added, 1 changed, 0 as before" in answer.text
    bad = client.post("/pay/quotas/file/", {"file": SimpleUploadedFile("q.csv", b"rep\nann\n")})
    assert bad.status_code == 400
    assert "the column plan is missing" in bad.text


def test_quotas_by_page_and_by_api(
    analyst: Person, signed_in: Callable[[Person], Client], api: Callable[[Person], APIClient]
) -> None:
    plan_of()
    rep_on(None)
    client, program = signed_in(analyst), api(analyst)
    form = {"plan": "ae", "rep": "ann", "first_month": "2026-01", "months": "12", "amount": "120000"}
    assert client.post("/pay/quotas/add/", form).status_code == 302
    row = PlanQuota.objects.get()
    twice = client.post("/pay/quotas/add/", form | {"months": "3"})
    assert twice.status_code == 400
    assert "and both would count" in twice.text
    path = f"/api/v1/plan-quotas/{row.pk}/"
    assert program.get(path).json()["amount"] == "120000.0000"
    assert program.patch(path, {"amount": "5", "revision": 1}, format="json").status_code == 200
    assert program.patch(path, {"amount": "6", "revision": 1}, format="json").status_code == 409
    assert program.patch(path, {"rep": "ann", "revision": 2}, format="json").status_code == 400
    sent = {"plan": "ae", "rep": "ann", "component": "own", "first_month": "2026-04-01", "months": 3}
    assert program.post("/api/v1/plan-quotas/", sent, format="json").status_code == 400
    made = program.post("/api/v1/plan-quotas/", sent | {"amount": "7"}, format="json")
    assert made.status_code == 201
    file = SimpleUploadedFile("q.csv", (HEAD + "ae,ann,own,2026-07,3,5,\n").encode())
    stored = program.post("/api/v1/plan-quotas/file/", {"file": file}, format="multipart")
    assert stored.json() == {"added": 1, "changed": 0, "unchanged": 0}
    assert client.post(f"/pay/quotas/{row.pk}/remove/", {"reason": ""}).status_code == 302
    gone = program.post(f"/api/v1/plan-quotas/{made.json()['id']}/take-back/", {"revision": 1})
    assert gone.status_code == 204


def test_quotas_are_seen_by_those_who_see_the_pay(
    analyst: Person, sales_manager: Person, sales_rep: Person, coordinator: Person
) -> None:
    version = plan_of()
    boss = rep_on(None, "boss", person=sales_manager)
    rep_on(version, "ann", quota=1, manager=boss, person=sales_rep)
    rep_on(version, "bob", quota=2)
    people = (analyst, sales_manager, sales_rep, coordinator)
    seen = [[row.rep.code for row in plan_quotas_visible_to(one).order_by("rep")] for one in people]
    assert seen == [["ann", "bob"], ["ann"], ["ann"], []]
