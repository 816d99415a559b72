"""Pages of stages 4 and 5, as people use them."""

from collections.abc import Callable

import pytest
from django.test import Client

from catalog.models import Scope
from core.models import Person
from planning.models import Approval, ApprovalRequest, Cycle, Decision, Release
from planning.services.approvals import request_approval
from tests.conftest import PASSWORD
from tests.planning.conftest import Company
from tests.planning.release import ready

SignIn = Callable[[Person], Client]


@pytest.fixture
def reconciling(firm: Company, cycle: Cycle, manager: Person, at_stage: Callable[..., Cycle]) -> Cycle:
    """A cycle in reconciliation, with a supply plan and a budget above it."""
    ready.solve(firm, ready.freeze(firm, cycle))
    return at_stage(cycle, "reconciliation")


def test_reconciliation_shows_what_has_to_be_decided(
    reconciling: Cycle, manager: Person, signed_in: SignIn, pinned_queries: Callable
) -> None:
    client = signed_in(manager)
    client.get(f"/cycles/{reconciling.pk}/reconciliation/")
    with pinned_queries():
        page = client.get(f"/cycles/{reconciling.pk}/reconciliation/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "plan 60\u202f000 below budget" in text
    assert "From budget to plan" in text


@pytest.mark.parametrize("measure", ["units", "revenue", "margin", "nonsense"])
def test_every_measure_can_be_shown(
    reconciling: Cycle, manager: Person, signed_in: SignIn, measure: str
) -> None:
    page = signed_in(manager).get(f"/cycles/{reconciling.pk}/reconciliation/", {"show": measure})
    assert page.status_code == 200
    assert ("Margin by month" in page.content.decode()) == (measure == "margin")


def test_margins_are_for_those_who_see_costs(reconciling: Cycle, advisor: Person, signed_in: SignIn) -> None:
    page = signed_in(advisor).get(f"/cycles/{reconciling.pk}/reconciliation/", {"show": "margin"})
    assert "Margin" not in page.content.decode()


def test_without_a_supply_plan_the_page_says_what_comes(
    cycle: Cycle, manager: Person, signed_in: SignIn
) -> None:
    page = signed_in(manager).get(f"/cycles/{cycle.pk}/reconciliation/")
    assert "Nothing to reconcile yet" in page.content.decode()


def test_a_contradiction_is_decided_on_the_page(
    reconciling: Cycle, manager: Person, signed_in: SignIn
) -> None:
    client, url = signed_in(manager), f"/cycles/{reconciling.pk}/reconciliation/"
    missing = client.post(url, {"gap": "budget:SKIS:2026 Q1", "decided": "Keep the plan"})
    assert (missing.status_code, Decision.objects.count()) == (400, 0)
    assert "Say what is decided and why" in missing.content.decode()
    done = client.post(url, {"gap": "budget:SKIS:2026 Q1", "decided": "Keep it", "reason": "Snow is late."})
    assert done.status_code == 302
    decision = Decision.objects.get(gap="budget:SKIS:2026 Q1")
    assert (decision.decided, decision.money) == ("Keep it", 60_000)
    assert "Keep it" in client.get(url).content.decode()


def test_a_scoped_person_sees_a_part_and_decides_nothing(
    reconciling: Cycle, manager: Person, signed_in: SignIn, firm: Company
) -> None:
    Scope.objects.create(person=manager, family=firm.world.touring)
    page = signed_in(manager).get(f"/cycles/{reconciling.pk}/reconciliation/")
    text = page.content.decode()
    assert "Touring skis" in text
    assert "Skis, 2026" not in text.replace("Touring skis, 2026", "")
    assert 'name="decided"' not in text


def test_an_executive_signs_on_the_page(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person], signed_in: SignIn
) -> None:
    request = request_approval(actor=coordinator, cycle=ready_cycle)
    client, url = signed_in(executives[0]), f"/cycles/{ready_cycle.pk}/release/"
    assert "Your signature is asked for" in client.get(url).content.decode()
    form = {"verdict": "approve", "request": request.pk}
    wrong = client.post(f"{url}sign/", {**form, "password": "wrong"})
    assert wrong.status_code == 400
    assert "not your password" in wrong.content.decode()
    assert client.post(f"{url}sign/", {**form, "password": PASSWORD}).status_code == 302
    again = client.post(f"{url}sign/", {**form, "password": PASSWORD})  # the second click
    assert again.status_code == 409
    assert "signed this plan already" in again.content.decode()
    assert Approval.objects.count() == 1
    assert "1 of 2" in client.get(url).content.decode()


def test_a_rejection_on_the_page_needs_stage_and_words(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person], signed_in: SignIn
) -> None:
    request = request_approval(actor=coordinator, cycle=ready_cycle)
    client, url = signed_in(executives[0]), f"/cycles/{ready_cycle.pk}/release/"
    form = {"verdict": "reject", "request": request.pk, "password": PASSWORD}
    page = client.post(f"{url}sign/", form)
    assert page.status_code == 400
    assert "Say why you reject it" in page.content.decode()
    assert client.post(f"{url}sign/", {**form, "to_stage": "supply", "text": "Too thin."}).status_code == 302
    assert "The plan went back" in client.get(url).content.decode()


def test_the_coordinator_asks_and_sends_the_pack_and_executives_read_it(
    ready_cycle: Cycle, coordinator: Person, executives: list[Person], signed_in: SignIn
) -> None:
    client, url = signed_in(coordinator), f"/cycles/{ready_cycle.pk}/release/"
    assert client.post(f"{url}ask/", {"approvers": [person.pk for person in executives]}).status_code == 302
    assert client.post(f"{url}pack/").status_code == 302
    assert client.post(f"{url}pack/").status_code == 409
    reader = signed_in(executives[1])
    for form, begins in (("pdf", b"%PDF"), ("xlsx", b"PK"), ("csv", b"demand_unit,")):
        assert reader.get(f"{url}pack/{form}/").content.startswith(begins)
    assert reader.get(f"{url}pack/docx/").status_code == 404


def test_who_may_not_ask_or_sign_is_told_so(ready_cycle: Cycle, analyst: Person, signed_in: SignIn) -> None:
    client, url = signed_in(analyst), f"/cycles/{ready_cycle.pk}/release/"
    assert client.get(url).status_code == 200
    assert client.post(f"{url}ask/").status_code == 403
    assert client.post(f"{url}pack/").status_code == 403
    assert client.post(f"{url}sign/").status_code == 403
    assert not ApprovalRequest.objects.exists()


def test_the_vp_sees_what_stands_against_the_release(
    ready_cycle: Cycle, vp: Person, executives: list[Person], signed_in: SignIn, pinned_queries: Callable
) -> None:
    client = signed_in(vp)
    client.get(f"/cycles/{ready_cycle.pk}/release/")
    with pinned_queries():
        page = client.get(f"/cycles/{ready_cycle.pk}/release/")
    assert "Nobody was asked to approve this plan yet" in page.content.decode()
    assert client.post(f"/cycles/{ready_cycle.pk}/moves/release/").status_code == 409


def test_a_released_plan_is_listed_opened_and_verified(
    release: Release, analyst: Person, signed_in: SignIn, pinned_queries: Callable
) -> None:
    client = signed_in(analyst)
    assert "January 2026" in client.get("/releases/").content.decode()
    client.get(f"/releases/{release.pk}/")
    with pinned_queries():
        page = client.get(f"/releases/{release.pk}/")
    assert release.content_hash in page.content.decode()
    assert (
        "every hash was taken again" in client.get(f"/releases/{release.pk}/verify/").content.decode().lower()
    )
    assert "Open the released plan" in client.get(f"/cycles/{release.cycle_id}/release/").content.decode()


def test_files_of_a_released_plan(release: Release, analyst: Person, signed_in: SignIn) -> None:
    client, url = signed_in(analyst), f"/releases/{release.pk}/pack/"
    for form, begins in (
        ("pdf", b"%PDF"),
        ("xlsx", b"PK"),
        ("csv", b"demand_unit,"),
        ("json", b'{"approvals"'),
    ):
        assert client.get(f"{url}{form}/").content.startswith(begins)
    assert client.post(url).status_code == 302
    assert client.get(f"{url}docx/").status_code == 404
    exported = client.get(f"/releases/{release.pk}/", {"export": "csv"})
    assert len(b"".join(exported).splitlines()) == 1 + 3 * 18


def test_costs_and_exports_are_for_those_with_the_right(
    release: Release, sales_manager: Person, signed_in: SignIn
) -> None:
    client = signed_in(sales_manager)
    assert "Margin" not in client.get(f"/releases/{release.pk}/").content.decode()
    assert client.get(f"/releases/{release.pk}/", {"export": "csv"}).status_code == 403
    assert client.get(f"/releases/{release.pk}/pack/csv/").status_code == 403


def test_the_whole_plan_is_not_given_to_who_sees_a_part(
    release: Release, analyst: Person, firm: Company, signed_in: SignIn
) -> None:
    Scope.objects.create(person=analyst, market=firm.world.tyrol)
    client = signed_in(analyst)
    assert client.get(f"/releases/{release.pk}/pack/csv/").status_code == 403
    exported = client.get(f"/releases/{release.pk}/", {"export": "csv"})
    assert len(b"".join(exported).splitlines()) == 1 + 18
