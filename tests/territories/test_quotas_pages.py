"""Pages and API of quotas: from an empty list to an accepted sheet, and what each person may see."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from core.models import Person
from territories.models import QuotaAcceptance, QuotaPlan, QuotaState
from territories.services.quota_changes import ask_change
from tests.territories.quotas_world import a_company, allocated, amounts, approved, quota_of

pytestmark = pytest.mark.django_db
PLANS = "/territories/quotas/"
API = "/api/v1/quota-plans/"
Pinned = Callable[..., AbstractContextManager[None]]
FORM = {
    "name": "Quotas 2026",
    "first_month": "2026-01",
    "measure": "bookings",
    "target": "12000",
    "target_reason": "Board",
    "weight_history": "100",
    "seasonality": "even",
    "hedges": "5, 0, 2.5",
    "ramp": "0, 50",
    "step": "1",
    "leave_days": "20",
}


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_from_an_empty_list_to_an_accepted_quota(manager: Person, vp: Person, sales_rep: Person) -> None:
    world = a_company(sales_rep)
    client = signed_in(manager)
    assert "No quotas yet" in client.get(PLANS).text
    assert client.post(f"{PLANS}add/", FORM).status_code == 302
    plan = QuotaPlan.objects.get()
    assert (plan.hedges, plan.ramp) == ([5, 0, Decimal("2.5")], [0, 50])
    page = f"{PLANS}{plan.pk}/"
    assert "Not allocated yet" in client.get(page).text
    client.post(f"{page}allocate/")
    assert "Left to give" in client.get(page).text
    client.post(f"{page}moves/submit/")
    signed_in(vp).post(f"{page}moves/approve/")
    rep = signed_in(sales_rep)
    sheet = rep.get(f"{PLANS}mine/", follow=True)
    assert "Accept this quota" in sheet.text
    assert "Hedge for reps" in sheet.text
    fingerprint = sheet.context["sheet"].fingerprint
    assert rep.post(f"{page}accept/", {"fingerprint": fingerprint}, follow=True).status_code == 200
    assert QuotaAcceptance.objects.get().rep == world["ann"]


def test_a_form_keeps_what_was_typed_and_says_what_is_wrong(manager: Person) -> None:
    answer = signed_in(manager).post(f"{PLANS}add/", FORM | {"target_reason": "", "hedges": "five"})
    assert answer.status_code == 400
    assert "Write numbers with commas between" in answer.text
    answer = signed_in(manager).post(f"{PLANS}add/", FORM | {"target_reason": ""})
    assert "Say why this target is typed by hand" in answer.text
    assert 'value="12000"' in answer.text


def test_a_refused_move_shows_every_reason(manager: Person) -> None:
    a_company()
    client = signed_in(manager)
    client.post(f"{PLANS}add/", FORM)
    answer = client.post(f"{PLANS}{QuotaPlan.objects.get().pk}/moves/submit/")
    assert answer.status_code == 409
    assert "No rep has a quota yet" in answer.text
    assert client.post(f"{PLANS}{QuotaPlan.objects.get().pk}/moves/supersede/").status_code == 404


def test_a_plan_is_edited_and_a_stale_edit_shows_both(manager: Person) -> None:
    a_company()
    client = signed_in(manager)
    client.post(f"{PLANS}add/", FORM)
    plan = QuotaPlan.objects.get()
    edit = f"{PLANS}{plan.pk}/edit/"
    assert client.get(edit).context["form"]["hedges"].value() == "5, 0, 2.5"
    changed = FORM | {"hedges": "", "revision": plan.revision}
    assert client.post(edit, changed).status_code == 302
    assert QuotaPlan.objects.get().hedges == []
    assert client.post(edit, FORM | {"name": "Other", "revision": plan.revision}).status_code == 409


def test_other_weights_are_shown_and_not_kept(manager: Person) -> None:
    a_company()
    plan = allocated(manager)
    answer = signed_in(manager).get(f"{PLANS}{plan.pk}/what-if/?weight_even=100&weight_history=0")
    assert "What would change" in answer.text
    assert amounts(plan)["south"] == 4000
    none = signed_in(manager).get(f"{PLANS}{plan.pk}/what-if/?weight_even=0")
    assert none.status_code == 400
    assert "At least one weight is above 0" in none.text


def test_a_quota_is_set_proposed_and_asked_for_on_its_page(manager: Person, sales_manager: Person) -> None:
    world = a_company(None, sales_manager)
    plan = allocated(manager)
    quota = quota_of(plan, world["ann"])
    row = f"{PLANS}rows/{quota.pk}/"
    client, boss = signed_in(manager), signed_in(sales_manager)
    assert "Set it by hand" in client.get(row).text
    assert "Set it by hand" not in boss.get(row).text
    refused = client.post(f"{row}set/", {"amount": "5500", "reason": "", "revision": quota.revision})
    assert refused.status_code == 400
    assert "Say why it differs" in refused.text
    client.post(f"{row}set/", {"amount": "5500", "reason": "Plant shut", "revision": quota.revision})
    assert amounts(plan)["ann"] == 5500
    stale = client.post(f"{row}set/", {"amount": "5400", "reason": "x", "revision": quota.revision})
    assert stale.status_code == 409
    fresh = quota_of(plan, world["ann"])
    boss.post(f"{row}proposal/", {"amount": "5000", "note": "Few deals", "revision": fresh.revision})
    assert quota_of(plan, world["ann"]).bottom_up == 5000
    boss.post(f"{row}change/", {"amount": "5200", "reason": "Plant shut"})
    change = fresh.changes.get()
    assert "Take the request back" in boss.get(row).text
    decide = f"{PLANS}changes/{change.pk}/decide/"
    assert client.post(decide, {"accept": "no", "revision": change.revision}).status_code == 400
    client.post(decide, {"accept": "yes", "revision": change.revision})
    assert amounts(plan)["ann"] == 5200


def test_a_rep_proposes_for_a_draft_without_seeing_it(manager: Person, sales_rep: Person) -> None:
    world = a_company(sales_rep)
    plan = allocated(manager)
    quota = quota_of(plan, world["ann"])
    client = signed_in(sales_rep)
    page = client.get(f"{PLANS}mine/")
    assert "Say what you can sell" in page.text
    assert "6,000" not in page.text
    client.post(f"{PLANS}mine/{quota.pk}/", {"amount": "5000", "note": "x", "revision": quota.revision})
    assert quota_of(plan, world["ann"]).bottom_up == 5000
    other = quota_of(plan, world["cid"])
    assert client.post(f"{PLANS}mine/{other.pk}/", {"amount": "1", "revision": 1}).status_code == 404
    for path in (
        f"{PLANS}{plan.pk}/",
        f"{PLANS}rows/{quota.pk}/",
        f"{PLANS}{plan.pk}/reps/{world['ann'].pk}/",
    ):
        assert client.get(path).status_code == 404


def test_a_rep_sees_neither_colleagues_nor_the_target(manager: Person, vp: Person, sales_rep: Person) -> None:
    world = a_company(sales_rep)
    plan = approved(manager, vp)
    client = signed_in(sales_rep)
    page = client.get(f"{PLANS}{plan.pk}/").text
    assert "bob" not in page
    assert "Board of December" not in page
    assert client.get(f"{PLANS}{plan.pk}/reps/{world['bob'].pk}/").status_code == 404
    assert client.get(f"{PLANS}rows/{quota_of(plan, world['bob']).pk}/").status_code == 404
    shown = client.get(f"{API}{plan.pk}/").json()
    assert (shown["target"], shown["target_parts"], shown["target_reason"]) == (None, [], "")
    assert [one["rep"] for one in client.get("/api/v1/quotas/").json()["results"]] == ["ann"]


def test_versions_are_made_and_compared(manager: Person, vp: Person) -> None:
    a_company()
    plan = approved(manager, vp)
    client = signed_in(manager)
    client.post(f"{PLANS}{plan.pk}/version/", {"from_month": "2026-07"})
    second = QuotaPlan.objects.get(version=2)
    assert second.from_month == dt.date(2026, 7, 1)
    assert "No difference" in client.get(f"{PLANS}{second.pk}/compare/{plan.pk}/").text
    assert client.post(f"{PLANS}{second.pk}/delete/").status_code == 302
    assert QuotaPlan.objects.count() == 1


def test_the_tree_is_exported(manager: Person) -> None:
    a_company()
    answer = signed_in(manager).get(f"{PLANS}{allocated(manager).pk}/?export=csv")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == 8
    assert "6000.0000" in lines[3]


def test_the_tree_is_exported_for_spreadsheets_as_numbers(manager: Person) -> None:
    a_company()
    answer = signed_in(manager).get(f"{PLANS}{allocated(manager).pk}/?export=xlsx")
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer)))
    head, *rows = book.get_sheet_by_index(0).to_python()
    quota = next(place for place, name in enumerate(head) if str(name).startswith("Quota"))
    assert [row[quota] for row in rows] == [8000, 6000, 6000, 2000, 2000, 4000, 4000]


def test_a_quota_explains_itself(manager: Person, vp: Person, sales_rep: Person) -> None:
    world = a_company(sales_rep)
    plan = approved(manager, vp)
    own, other = quota_of(plan, world["ann"]), quota_of(plan, world["bob"])
    told = signed_in(sales_rep).get(f"/api/v1/explain/quota/{own.pk}/").json()
    assert Decimal(str(told["value"])) == 6000
    assert len(told["parts"]) == 12
    amount = "6\u202f000.00"
    assert ("Your quota", amount) in {(fact["label"], fact["number"]) for fact in told["facts"]}
    page = signed_in(sales_rep).get(f"/explain/quota/{own.pk}/").text
    assert f'<dd class="explained-number">{amount}</dd>' in page
    assert signed_in(sales_rep).get(f"/api/v1/explain/quota/{other.pk}/").status_code == 404


def test_the_api_does_what_the_pages_do(manager: Person, vp: Person, sales_rep: Person) -> None:
    world = a_company(sales_rep)
    client = signed_in(manager)

    def post(path: str, body: dict[str, Any] | None = None, by: Client = client) -> Any:
        return by.post(f"/api/v1/{path}", body or {}, content_type="application/json")

    sent = {"name": "2026", "first_month": "2026-01-01", "target": "12000", "target_reason": "Board"}
    made = post("quota-plans/", sent | {"weight_potential": 0, "weight_pipeline": 0})
    assert made.status_code == 201
    path = f"quota-plans/{made.json()['id']}/"
    plan = QuotaPlan.objects.get()
    body = {"seasonality": "even", "revision": plan.revision}
    assert client.patch(f"/api/v1/{path}", body, content_type="application/json").status_code == 200
    assert post(f"{path}allocate/").status_code == 200
    tried = post(f"{path}what-if/", {"even": 100}).json()
    assert {"territory": world["south"].pk, "amount": "6000.0000"} in tried
    quota = quota_of(plan, world["ann"])
    body = {"amount": "5500", "reason": "x", "revision": quota.revision}
    assert post(f"quotas/{quota.pk}/set/", body).json()["amount"] == "5500.0000"
    assert post(f"quotas/{quota.pk}/set/", body).status_code == 409
    fresh = quota_of(plan, world["ann"])
    body = {"amount": "5200", "note": "", "revision": fresh.revision}
    assert post(f"quotas/{quota.pk}/proposal/", body).json()["bottom_up"] == "5200.0000"
    asked = post(f"quotas/{quota.pk}/ask/", {"amount": "5100", "reason": "x"}, signed_in(vp))
    assert asked.status_code == 403
    assert post(f"{path}move/", {"move": "submit"}).json()["state"] == "submitted"
    assert post(f"{path}move/", {"move": "approve"}).status_code == 409
    assert post(f"{path}move/", {"move": "approve"}, signed_in(vp)).json()["state"] == "approved"
    rep = signed_in(sales_rep)
    sheet = rep.get(f"/api/v1/{path}sheets/ann/").json()
    assert Decimal(sheet["year"]) == 5500
    assert post(f"{path}accept/", {"fingerprint": sheet["fingerprint"]}, rep).status_code == 201
    version = post(f"{path}version/", {"from_month": "2026-07-01"})
    assert version.status_code == 201
    compared = client.get(f"/api/v1/quota-plans/{version.json()['id']}/compare/{plan.pk}/")
    assert compared.json() == []
    assert client.delete(f"/api/v1/quota-plans/{version.json()['id']}/").status_code == 204
    assert QuotaPlan.objects.get().state == QuotaState.APPROVED


def test_requests_are_decided_by_the_api(manager: Person, sales_manager: Person) -> None:
    world = a_company(None, sales_manager)
    plan = allocated(manager)
    asked = ask_change(
        actor=sales_manager, quota=quota_of(plan, world["ann"]), amount=Decimal(5000), reason="x"
    )
    path = f"/api/v1/quota-changes/{asked.pk}/"
    client = signed_in(manager)
    body = {"accept": True, "revision": asked.revision}
    assert client.post(f"{path}decide/", body, content_type="application/json").json()["state"] == "accepted"
    again = client.post(f"{path}withdraw/", {"revision": 2}, content_type="application/json")
    assert again.status_code == 403


def test_pages_ask_few_questions(
    manager: Person, vp: Person, sales_rep: Person, pinned_queries: Pinned, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A sheet asks for the working days behind its pace only while its year runs.
    monkeypatch.setattr(timezone, "localdate", lambda: dt.date(2026, 6, 15))
    world = a_company(sales_rep)
    plan = approved(manager, vp)
    client, rep = signed_in(manager), signed_in(sales_rep)
    for label, by, path in (
        ("list", client, PLANS),
        ("plan", client, f"{PLANS}{plan.pk}/"),
        ("quota", client, f"{PLANS}rows/{quota_of(plan, world['north']).pk}/"),
        ("sheet", rep, f"{PLANS}{plan.pk}/reps/{world['ann'].pk}/"),
        ("api", client, "/api/v1/quotas/"),
    ):
        by.get(path)
        with pinned_queries(label):
            assert by.get(path).status_code == 200
