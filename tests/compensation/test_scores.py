"""Scores of objectives: said by somebody else, for an objective of the plan, in an open month."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from compensation.models import ObjectiveScore, PayRun
from compensation.selectors.plan_quotas import scores_visible_to
from compensation.services.plan_tables import import_scores
from compensation.services.scores import change_score, remove_score, score
from core.errors import Conflict, Denied, Invalid, Refused
from core.models import Event, Person
from tests.compensation.company import plan_of, rep_on, through

pytestmark = pytest.mark.django_db
MARCH = dt.date(2026, 3, 1)
HEAD = "plan,rep,component,objective,month,reached,note\n"
CARD: dict[str, Any] = {
    "plan": "Support",
    "currency": "EUR",
    "target_incentive": 10_000,
    "components": [
        {
            "code": "goals",
            "form": "scorecard",
            "period": "quarter",
            "objectives": [{"code": "nps", "weight": "60%"}, {"code": "hire", "weight": "40%"}],
        },
        {"code": "own", "form": "flat", "rate": "1%"},
    ],
}


def scored(actor: Person, rep: Any, **values: Any) -> ObjectiveScore:
    given = {"component": "goals", "objective": "nps", "month": MARCH, "achieved": Decimal("1.05")}
    plan = values.pop("plan", None) or plan_of(CARD).plan
    return score(actor=actor, plan=plan, rep=rep, **(given | values))


def lock(month: dt.date) -> None:
    through(PayRun.objects.create(month=month, version=1), "locked")


def test_a_score_says_who_scored_and_is_recorded(analyst: Person, colleague: Person) -> None:
    row = scored(analyst, rep_on(None))
    assert (row.achieved, row.scored_by) == (Decimal("1.05"), analyst)
    row = change_score(actor=colleague, row=row, revision=1, changes={"achieved": Decimal("0.9")})
    assert row.scored_by == colleague
    remove_score(actor=analyst, row=row, revision=2)
    verbs = Event.objects.filter(subject_type="compensation.objectivescore").values_list("verb", flat=True)
    assert set(verbs) == {"objective scored", "score changed", "score removed"}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"component": "own"}, "The plan has no scorecard “own”. Known: goals."),
        ({"objective": "csat"}, "“goals” has no objective “csat”. Known: nps, hire."),
        ({"month": dt.date(2026, 2, 1)}, "February ends no quarter of the plan."),
    ],
)
def test_a_score_is_of_an_objective_of_the_plan(
    analyst: Person, values: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        scored(analyst, rep_on(None), **values)
    assert sentence in str(refusal.value)


def test_nobody_scores_the_own_objectives(analyst: Person, vp: Person) -> None:
    version = plan_of(CARD)
    rep = rep_on(version, "ada", person=analyst)
    analyst.refresh_from_db()
    with pytest.raises(Denied, match="Nobody sets the own pay"):
        scored(analyst, rep, plan=version.plan)
    row = ObjectiveScore.objects.create(
        plan=version.plan, rep=rep, component="goals", objective="nps", month=MARCH, achieved=1
    )
    with pytest.raises(Denied, match="Nobody sets the own pay"):
        change_score(actor=analyst, row=row, revision=1, changes={"achieved": Decimal(2)})
    with pytest.raises(Denied, match="Nobody sets the own pay"):
        remove_score(actor=analyst, row=row, revision=1)
    data = (HEAD + "ae,ada,goals,hire,2026-03,100%,\n").encode()
    with pytest.raises(Denied, match="Nobody sets the own pay"):
        import_scores(actor=analyst, name="s.csv", data=data)
    with pytest.raises(Denied):
        scored(vp, rep, plan=version.plan)


def test_a_locked_month_refuses(analyst: Person) -> None:
    version = plan_of(CARD)
    rep = rep_on(version)
    row = scored(analyst, rep, plan=version.plan)
    lock(MARCH)
    with pytest.raises(Refused, match="March 2026 is locked"):
        change_score(actor=analyst, row=row, revision=1, changes={"achieved": Decimal(2)})
    with pytest.raises(Refused, match="March 2026 is locked"):
        remove_score(actor=analyst, row=row, revision=1)
    with pytest.raises(Refused, match="March 2026 is locked"):
        scored(analyst, rep, plan=version.plan, objective="hire")
    data = (HEAD + "ae,ann,goals,hire,2026-03,100%,\n").encode()
    with pytest.raises(Refused, match="March 2026 is locked"):
        import_scores(actor=analyst, name="s.csv", data=data)
    assert scored(analyst, rep, plan=version.plan, month=dt.date(2026, 6, 1)).pk


def test_a_score_twice_and_a_stale_one_are_refused(analyst: Person) -> None:
    version = plan_of(CARD)
    rep = rep_on(version)
    row = scored(analyst, rep, plan=version.plan)
    with pytest.raises(Invalid, match="has a score for this month already"):
        scored(analyst, rep, plan=version.plan)
    change_score(actor=analyst, row=row, revision=1, changes={"note": "By survey"})
    with pytest.raises(Conflict):
        change_score(actor=analyst, row=row, revision=1, changes={"note": "By guess"})


def test_a_file_of_scores_is_stored_as_a_whole(analyst: Person) -> None:
    rep_on(plan_of(CARD))
    data = HEAD + "ae,ann,goals,nps,2026-03,105%,Survey\nae,ann,goals,hire,2026-03,0.5,\n"
    stored = import_scores(actor=analyst, name="s.csv", data=data.encode())
    assert (stored.added, stored.changed) == (2, 0)
    assert dict(ObjectiveScore.objects.values_list("objective", "achieved")) == {
        "nps": Decimal("1.05"),
        "hire": Decimal("0.5"),
    }
    bad = data.replace("0.5", "much").replace("nps", "csat")
    with pytest.raises(Invalid) as refusal:
        import_scores(actor=analyst, name="s.csv", data=bad.encode())
    assert "line 2: “goals” has no objective “csat”" in str(refusal.value)
    assert "line 3: reached is “much”" in str(refusal.value)


def test_scores_by_page_and_by_api(
    analyst: Person, signed_in: Callable[[Person], Client], api: Callable[[Person], APIClient]
) -> None:
    rep_on(plan_of(CARD))
    client, program = signed_in(analyst), api(analyst)
    form = {"plan": "ae", "rep": "ann", "component": "goals", "objective": "nps", "month": "2026-03"}
    assert client.post("/pay/scores/add/", form | {"percent": "105"}).status_code == 302
    row = ObjectiveScore.objects.get()
    assert row.achieved == Decimal("1.05")
    edit = f"/pay/scores/{row.pk}/edit/"
    assert 'value="105"' in client.get(edit).text
    assert client.post(edit, {"percent": "90", "note": "", "revision": 1}).status_code == 302
    path = f"/api/v1/objective-scores/{row.pk}/"
    assert program.get(path).json()["achieved"] == "0.900000"
    assert program.patch(path, {"achieved": "1.2", "revision": 2}, format="json").status_code == 200
    sent = form | {"objective": "hire", "month": "2026-03-01", "achieved": "1"}
    assert program.post("/api/v1/objective-scores/", sent, format="json").status_code == 201
    data = b"".join(client.get("/pay/scores/?export=csv"))  # type: ignore[arg-type]
    again = client.post("/pay/scores/file/", {"file": SimpleUploadedFile("s.csv", data)}, follow=True)
    assert "0 added, 0 changed, 2 as before" in again.text
    assert client.post(f"/pay/scores/{row.pk}/remove/", {"reason": "Wrong rep"}).status_code == 302


def test_scores_are_seen_by_those_who_see_the_pay(
    analyst: Person, sales_manager: Person, sales_rep: Person, coordinator: Person
) -> None:
    version = plan_of(CARD)
    boss = rep_on(None, "boss", person=sales_manager)
    for rep in (rep_on(version, "ann", manager=boss, person=sales_rep), rep_on(version, "bob")):
        scored(analyst, rep, plan=version.plan)
    people = (analyst, sales_manager, sales_rep, coordinator)
    seen = [sorted(row.rep.code for row in scores_visible_to(one)) for one in people]
    assert seen == [["ann", "bob"], ["ann"], ["ann"], []]
