"""Pages of runs: months, one run, what differs, and the buttons that move it on."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client
from django.urls import reverse

from compensation.services.runs import start_run
from core.models import Person
from core.selectors.jobs import job_progress
from tests.compensation.company import FLAT, TERMS, deal, plan_of, rep_on
from tests.compensation.paying import (
    FEBRUARY,
    JANUARY,
    _today,  # noqa: F401 - a fixture
    calculated,
    done,
    moved,
    pay,
)

pytestmark = pytest.mark.django_db


def test_the_result_of_a_calculation_is_the_run_that_it_made(analyst: Person) -> None:
    rep_on(plan_of(FLAT))
    job = start_run(actor=analyst, month=JANUARY)
    assert job.subject_url == "/pay/runs/months/2026-01/"
    over = done(job)
    assert job_progress(over, analyst)["result_url"] == f"/pay/runs/{over.result['run']}/"


def test_the_history_of_a_run_tells_its_moves_in_words(
    analyst: Person, signed_in: Callable[[Person], Client]
) -> None:
    rep_on(plan_of(FLAT))
    run = moved(calculated(JANUARY, analyst), "take", actor=analyst)
    changes = signed_in(analyst).get(f"/pay/runs/{run.pk}/").context["changes"]
    told = {(line.what, line.before, line.after) for one in changes for line in one.lines}
    assert ("State", "Preview", "Calculated") in told
    assert not {"Months again", "Lines count", "Statements count"} & {what for what, _, _ in told}


def test_a_warning_leads_to_the_plans_of_whoever_has_none(
    analyst: Person, signed_in: Callable[[Person], Client]
) -> None:
    rep_on(plan_of(FLAT))
    ben = rep_on(None, "ben")
    deal(ben, 5_000, JANUARY)
    run = calculated(JANUARY, analyst)
    page = signed_in(analyst).get(f"/pay/runs/{run.pk}/").content.decode()
    assert f'href="{reverse("compensation:rep-plans", args=[ben.pk])}"' in page


def test_pages_of_runs_open_in_few_queries(
    analyst: Person,
    signed_in: Callable[[Person], Client],
    pinned_queries: Callable[[str], AbstractContextManager[None]],
) -> None:
    version = plan_of(TERMS)
    for number in range(12):
        deal(rep_on(version, f"r{number}", quota=10_000), 10_000 + number, JANUARY)
    run = calculated(JANUARY, analyst)
    client = signed_in(analyst)
    paths = {
        "runs": "/pay/runs/",
        "run month": "/pay/runs/months/2026-01/",
        "run": f"/pay/runs/{run.pk}/",
        "run statements": f"/pay/runs/{run.pk}/statements/",
        "run changes": f"/pay/runs/{run.pk}/changes/",
    }
    for name, path in paths.items():
        with pinned_queries(name):
            found = client.get(path)
        assert found.status_code == 200, (path, found.content.decode()[:400])


def test_the_buttons_of_a_run_move_it_and_say_everything_against_it(
    manager: Person, signed_in: Callable[[Person], Client]
) -> None:
    version = plan_of(FLAT)
    rep_on(version)
    client = signed_in(manager)
    client.post("/pay/runs/months/2026-01/calculate/")
    run = calculated(FEBRUARY, manager)
    found = client.post(f"/pay/runs/{run.pk}/moves/take/", follow=True)
    assert "is the month’s calculation" in found.content.decode()
    rep_on(version, "late")
    refused = client.post(f"/pay/runs/{run.pk}/moves/review/")
    assert refused.status_code == 409
    assert "Calculate the month again" in refused.content.decode()


@pytest.mark.parametrize("who", ["sales_rep", "sales_manager", "coordinator", "advisor"])
def test_runs_are_for_those_who_see_all_pay(
    who: str, request: pytest.FixtureRequest, signed_in: Callable[[Person], Client]
) -> None:
    rep_on(plan_of(FLAT))
    run = calculated(JANUARY)
    client = signed_in(request.getfixturevalue(who))
    for path in ("/pay/runs/", f"/pay/runs/{run.pk}/", f"/pay/runs/{run.pk}/statements/", "/pay/accrual/"):
        assert client.get(path).status_code == 403


def test_earlier_versions_of_a_month_stay_readable_and_are_compared(
    analyst: Person, signed_in: Callable[[Person], Client]
) -> None:
    ann = rep_on(plan_of(FLAT))
    of = deal(ann, 10_000, JANUARY, name="Tarn pumps")
    first = calculated(JANUARY, analyst)
    type(of).objects.filter(pk=of.pk).update(amount=14_000, base_amount=14_000)
    second = calculated(JANUARY, analyst)
    assert (pay(first, ann), pay(second, ann)) == (500, 700)
    page = signed_in(analyst).get(f"/pay/runs/{second.pk}/changes/").content.decode()
    assert "Tarn pumps" in page and "200.00" in page
    csv = signed_in(analyst).get(f"/pay/runs/{second.pk}/changes/?export=csv")
    assert b"Tarn pumps" in csv.getvalue()
