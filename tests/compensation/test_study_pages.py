"""The pages of the design studio, its CSV and its API: what they show, and to whom."""

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from compensation.models import PlanVersion, Study
from compensation.selectors.studies import job_of
from compensation.services.studies import start_study
from core.models import Person
from tests.compensation.company import TERMS, credit, plan_of, rep_on
from tests.compensation.test_studies import BEGIN, DEARER, done

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(db: None) -> PlanVersion:
    made = plan_of(TERMS, starts=BEGIN)
    for place, name in enumerate(("ann", "bob", "cid")):
        rep = rep_on(made, name, quota=100_000, begin=BEGIN)
        credit(rep, 50_000 * (place + 1), dt.date(2024, 3 + place, 10))
    return made


@pytest.fixture
def draft(version: PlanVersion) -> PlanVersion:
    return PlanVersion.objects.create(plan=version.plan, number=2, starts=dt.date(2025, 1, 1), terms=DEARER)


@pytest.fixture
def waiting(analyst: Person, version: PlanVersion, draft: PlanVersion) -> Study:
    return start_study(actor=analyst, version=draft, base=version, first_month=BEGIN, draws=200)


@pytest.fixture
def study(waiting: Study) -> Study:
    return done(waiting)


def address(study: Study) -> str:
    return reverse("compensation:study", args=[study.pk])


def test_a_study_shows_cost_people_levels_and_chance(
    signed_in: Callable[[Person], Client], analyst: Person, study: Study, pinned_queries: Any
) -> None:
    client = signed_in(analyst)
    with pinned_queries():
        page = client.get(address(study))
    text = page.content.decode()
    assert page.status_code == 200
    for heading in ("Winners and losers", "Cost by component", "Side by side", "What it may cost"):
        assert heading in text
    for chart in ("cost", "turns", "attained", "pay", "levels", "curve", "chance"):
        assert f'id="study-{chart}"' in text
    assert "1 would earn more, 2 less, 0 the same" in text
    assert "Only 3 people have an attainment" in text


def test_a_study_without_another_plan_shows_pay_by_person(
    signed_in: Callable[[Person], Client], analyst: Person, version: PlanVersion
) -> None:
    alone = done(start_study(actor=analyst, version=version, first_month=BEGIN, draws=200))
    text = signed_in(analyst).get(address(alone)).content.decode()
    assert "Pay by person" in text
    assert "Winners and losers" not in text


def test_a_waiting_study_shows_how_far_it_is(
    signed_in: Callable[[Person], Client], analyst: Person, waiting: Study
) -> None:
    text = signed_in(analyst).get(address(waiting)).content.decode()
    assert reverse("core:job-progress", args=[job_of(waiting).pk]) in text  # type: ignore[union-attr]
    assert "Try it again" not in text
    csv_page = signed_in(analyst).get(f"{address(waiting)}?export=csv")
    assert csv_page.status_code == 302


def test_a_failed_study_says_why(signed_in: Callable[[Person], Client], analyst: Person) -> None:
    failed = done(start_study(actor=analyst, version=plan_of(TERMS, code="none"), first_month=BEGIN))
    text = signed_in(analyst).get(address(failed)).content.decode()
    assert "could not be worked out" in text
    assert "Nobody is on Plan none" in text


def test_the_file_has_a_row_for_everybody(
    signed_in: Callable[[Person], Client], analyst: Person, study: Study
) -> None:
    page = signed_in(analyst).get(f"{address(study)}?export=csv")
    rows = list(csv.reader(io.StringIO(b"".join(page.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert rows[0][:4] == ["Rep", "Attained", "Before (EUR)", "After (EUR)"]
    assert [row[0] for row in rows[1:]] == ["Cid", "Ann", "Bob"]
    assert [float(row[3]) for row in rows[1:]] == [10_000, 2_000, 4_000]


def test_a_plan_is_tried_by_the_form_and_the_version_is_filled_in(
    signed_in: Callable[[Person], Client], analyst: Person, version: PlanVersion, draft: PlanVersion
) -> None:
    client, add = signed_in(analyst), reverse("compensation:study-add")
    form = client.get(f"{add}?version={draft.pk}").context["form"]
    assert form["base"].value() == version.pk
    sent = {
        "version": draft.pk,
        "base": version.pk,
        "first_month": "2024-01",
        "people": "then",
        "spread": "lognormal",
        "correlation": "0.3",
        "draws": 300,
        "seed": 9,
        "budget": "",
    }
    page = client.post(add, sent)
    made = Study.objects.get()
    assert page.status_code == 302 and page["Location"] == address(made)
    assert (made.draws, made.seed, made.results["asked"]["spread"]) == (300, 9, "lognormal")


def test_bad_input_stands_beside_its_field_and_starts_nothing(
    signed_in: Callable[[Person], Client], analyst: Person, version: PlanVersion
) -> None:
    sent = {
        "version": version.pk,
        "first_month": "2099-01",
        "people": "then",
        "spread": "observed",
        "correlation": "0",
        "draws": 500,
        "seed": 1,
    }
    page = signed_in(analyst).post(reverse("compensation:study-add"), sent)
    assert page.status_code == 400
    assert "latest first month" in page.context["form"].errors["first_month"][0]
    assert not Study.objects.exists()


def test_the_list_names_each_study_and_teaches_when_empty(
    signed_in: Callable[[Person], Client], analyst: Person, pinned_queries: Any
) -> None:
    client, address_of_list = signed_in(analyst), reverse("compensation:study-list")
    assert "No plan was tried yet" in client.get(address_of_list).content.decode()
    version = plan_of(TERMS, starts=BEGIN)
    for seed in range(3):
        start_study(actor=analyst, version=version, first_month=BEGIN, seed=seed)
    with pinned_queries():
        page = client.get(address_of_list)
    assert page.content.decode().count("Plan ae, version 1 on Jan 2024 to Dec 2024") == 3


def test_trying_again_makes_another_study(
    signed_in: Callable[[Person], Client], analyst: Person, study: Study
) -> None:
    page = signed_in(analyst).post(reverse("compensation:study-again", args=[study.pk]))
    newest = Study.objects.exclude(pk=study.pk).get()
    assert page["Location"] == address(newest)


def test_a_plan_is_copied_to_be_changed(
    signed_in: Callable[[Person], Client], analyst: Person, version: PlanVersion
) -> None:
    client, copy = signed_in(analyst), reverse("compensation:study-copy", args=[version.pk])
    assert client.post(copy, {"name": "Only a name", "code": ""}).status_code == 400
    page = client.post(copy, {"name": "New plan", "code": "new"})
    made = PlanVersion.objects.get(plan__code="new")
    assert page["Location"] == reverse("compensation:plan-version", args=[made.pk])


@pytest.mark.parametrize("who", ["sales_rep", "sales_manager", "coordinator"])
def test_who_does_not_see_all_pay_sees_no_study(
    signed_in: Callable[[Person], Client],
    api: Callable[[Person], APIClient],
    request: Any,
    study: Study,
    who: str,
) -> None:
    person = request.getfixturevalue(who)
    client, by_api = signed_in(person), api(person)
    assert client.get(reverse("compensation:study-list")).status_code == 403
    assert client.get(address(study)).status_code == 403
    assert client.get(f"{address(study)}?export=csv").status_code == 403
    assert client.get(reverse("compensation:study-add")).status_code == 403
    assert client.post(reverse("compensation:study-again", args=[study.pk])).status_code == 403
    assert by_api.get("/api/v1/pay-studies/").status_code == 403
    assert by_api.get(f"/api/v1/pay-studies/{study.pk}/").status_code == 403
    job = job_of(study)
    assert job is not None
    assert by_api.get(f"/api/v1/jobs/{job.pk}/").status_code in {403, 404}


def test_who_reads_plans_reads_studies_and_starts_none(
    signed_in: Callable[[Person], Client], api: Callable[[Person], APIClient], executive: Person, study: Study
) -> None:
    client = signed_in(executive)
    text = client.get(address(study)).content.decode()
    assert "Winners and losers" in text and "Try it again" not in text
    assert client.get(reverse("compensation:study-add")).status_code == 403
    assert client.post(reverse("compensation:study-again", args=[study.pk])).status_code == 403
    assert api(executive).post("/api/v1/pay-studies/", {}, format="json").status_code == 403


def test_by_api_a_study_is_started_read_and_done_again(
    api: Callable[[Person], APIClient], analyst: Person, version: PlanVersion, draft: PlanVersion
) -> None:
    client = api(analyst)
    sent = {
        "version": draft.pk,
        "base": version.pk,
        "first_month": "2024-01-01",
        "draws": 200,
        "budget": "15000",
    }
    started = client.post("/api/v1/pay-studies/", sent, format="json")
    assert started.status_code == 202
    key = started.json()["params"]["study"]
    waiting = client.get(f"/api/v1/pay-studies/{key}/").json()
    assert (waiting["state"], waiting["results"]) == ("running", None)
    done(Study.objects.get(pk=key))
    found = client.get(f"/api/v1/pay-studies/{key}/").json()
    assert found["state"] == "done"
    assert found["results"]["sides"]["plan"]["total"] == "16000.00"
    assert {row["rep"]: row["after"] for row in found["results"]["people"]}["cid"] == "10000.00"
    assert 0 <= found["results"]["sides"]["plan"]["chance"]["above"] <= 1
    assert client.get("/api/v1/pay-studies/?state=done").json()["count"] == 1
    assert client.post(f"/api/v1/pay-studies/{key}/again/").status_code == 202


def test_by_api_bad_input_names_the_field(
    api: Callable[[Person], APIClient], analyst: Person, version: PlanVersion
) -> None:
    sent = {"version": version.pk, "base": version.pk, "first_month": "2024-01-01", "correlation": "2"}
    answer = api(analyst).post("/api/v1/pay-studies/", sent, format="json")
    assert answer.status_code == 400
    assert {"base", "correlation"} <= {reason["field"] for reason in answer.json()["error"]["reasons"]}
