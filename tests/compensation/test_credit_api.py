"""Everything that pages of crediting do, by API."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from compensation.models import Credit, CreditRule, DealSplit
from compensation.pipeline.crediting import make_credits
from core.models import Job, Person
from crm.models import Deal
from tests.compensation.company import deal, rep_on

pytestmark = pytest.mark.django_db
Api = Callable[[Person], APIClient]
MAY = dt.date(2026, 5, 12)
V1 = "/api/v1"


@pytest.fixture
def won(sales_rep: Person) -> Deal:
    deal(rep_on(None, "bob"), 700, MAY, name="Somebody else's deal")
    mine = deal(rep_on(None, "rita", person=sales_rep), 300, MAY, name="My deal")
    make_credits()
    return mine


def test_credits_are_read_and_a_rep_reads_only_the_own(
    api: Api, analyst: Person, sales_rep: Person, won: Deal
) -> None:
    assert api(analyst).get(f"{V1}/credits/").data["count"] == 2
    (mine,) = api(sales_rep).get(f"{V1}/credits/").data["results"]
    assert (mine["rep"], mine["amount"], mine["kind"]) == ("rita", "300.0000", "direct")
    others = Credit.objects.get(rep__code="bob")
    assert api(sales_rep).get(f"{V1}/credits/{others.pk}/").status_code == 404
    assert api(sales_rep).get(f"{V1}/credits/{others.pk}/why/").status_code == 404
    why = api(sales_rep).get(f"{V1}/credits/{mine['id']}/why/").data
    assert why[0]["label"] == "Without a rule"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "credit-making/"),
        ("get", "credit-making/"),
        ("get", "credit-rules/"),
        ("post", "credit-rules/"),
        ("post", "credit-rules/dry-run-new/"),
        ("get", "uncredited-deals/"),
        ("post", "cancellations/"),
        ("post", "cancellations/file/"),
        ("post", "credit-holds/"),
        ("post", "credit-holds/release-several/"),
    ],
)
def test_reps_decide_nothing_about_credit(
    api: Api, sales_rep: Person, won: Deal, method: str, path: str
) -> None:
    assert getattr(api(sales_rep), method)(f"{V1}/{path}").status_code == 403
    assert api(sales_rep).get(f"{V1}/deals/{won.pk}/splits/").status_code == 403


def test_making_credits_is_a_job(api: Api, analyst: Person, won: Deal) -> None:
    client = api(analyst)
    assert client.get(f"{V1}/credit-making/").data["current"] is True
    Deal.objects.filter(pk=won.pk).update(base_amount=1)
    assert client.get(f"{V1}/credit-making/").data["current"] is False
    answer = client.post(f"{V1}/credit-making/")
    assert answer.status_code == 202
    assert Job.objects.get(pk=answer.data["id"]).kind == "compensation.make_credits"


def test_a_rule_is_tried_added_and_changed(api: Api, analyst: Person, won: Deal) -> None:
    rep_on(None, "eve")
    client = api(analyst)
    sent = {"name": "Eve", "kind": "overlay", "getter": "rep", "rep": "eve", "percent": "10"}
    tried = client.post(f"{V1}/credit-rules/dry-run-new/", sent, format="json")
    assert [(row["rep"], row["amount"], row["deals"]) for row in tried.data["effects"]] == [
        ("Eve", "100.0000", 2)
    ]
    assert not CreditRule.objects.exists()
    made = client.post(f"{V1}/credit-rules/", sent, format="json")
    assert made.status_code == 201
    path = f"{V1}/credit-rules/{made.data['id']}/"
    less = client.post(f"{path}dry-run/", {"percent": "5"}, format="json")
    assert less.data["effects"][0]["amount"] == "-50.0000"
    changed = client.patch(path, {"revision": 1, "last": "2026-05-31"}, format="json")
    assert (changed.status_code, changed.data["last"], changed.data["percent"]) == (
        200,
        dt.date(2026, 5, 31),
        "10.000000",
    )
    assert client.patch(path, {"revision": 1, "percent": "7"}, format="json").status_code == 409
    bad = client.post(
        f"{V1}/credit-rules/", {"name": "x", "kind": "team", "getter": "rep", "rep": "eve"}, format="json"
    )
    assert bad.status_code == 400
    half = {"name": "y", "kind": "direct", "getter": "deal_rep", "percent": "50", "rep": "eve"}
    refused = str(client.post(f"{V1}/credit-rules/", half, format="json").data)
    assert "Direct credit is the whole deal" in refused and "Leave it empty here" in refused


def test_splits_are_put_as_a_whole_list(api: Api, analyst: Person, won: Deal) -> None:
    client, path = api(analyst), f"{V1}/deals/{won.pk}/splits/"
    seen = client.get(path).data["seen"]
    shares = [{"rep": "rita", "percent": "33.333334"}, {"rep": "bob", "percent": "66.666666"}]
    sent = {"shares": shares, "seen": seen, "reason": "Together"}
    short = client.put(path, sent | {"shares": shares[:1]}, format="json")
    assert short.status_code == 400
    assert "66.666666 % is left" in str(short.data)
    put = client.put(path, sent, format="json")
    assert put.status_code == 200
    assert [row["rep"] for row in put.data["shares"]] == ["bob", "rita"]
    assert client.put(path, sent | {"shares": []}, format="json").status_code == 409
    assert client.put(path, {"shares": [], "seen": put.data["seen"]}, format="json").status_code == 200
    assert not DealSplit.objects.exists()


def test_cancellations_are_entered_changed_imported_and_taken_away(
    api: Api, analyst: Person, won: Deal
) -> None:
    client, path = api(analyst), f"{V1}/cancellations/"
    sent = {"deal": won.pk, "kind": "returned", "day": "2026-06-01", "percent": "50", "reason": "Broken"}
    made = client.post(path, sent, format="json")
    assert made.status_code == 201
    one = f"{path}{made.data['id']}/"
    assert client.patch(one, {"revision": 1, "percent": "60"}, format="json").data["revision"] == 2
    assert client.patch(one, {"revision": 2, "deal": won.pk}, format="json").status_code == 400
    rows = f"deal,day,percent,reason\n{won.external_id},2026-06-02,41,More\n".encode()
    refused = client.post(f"{path}file/", {"file": SimpleUploadedFile("c.csv", rows)}, format="multipart")
    assert "40 % is left" in str(refused.data)
    good = rows.replace(b"41", b"40")
    stored = client.post(f"{path}file/", {"file": SimpleUploadedFile("c.csv", good)}, format="multipart")
    assert stored.data == {"added": 1, "unchanged": 0}
    make_credits()
    assert client.get(one).data["taken"] == "-180.0000"
    gone = client.post(f"{one}take-away/", {"revision": 2, "reason": "Kept"}, format="json")
    assert gone.status_code == 204


def test_pay_is_held_and_released(api: Api, analyst: Person, won: Deal) -> None:
    client, path = api(analyst), f"{V1}/credit-holds/"
    made = client.post(
        path, {"deal": won.pk, "since": "2026-05-01", "reason": "Not delivered"}, format="json"
    )
    assert (made.status_code, made.data["waiting"]) == (201, [])
    one = f"{path}{made.data['id']}/"
    assert client.patch(one, {"revision": 1, "percent": "50"}, format="json").data["percent"] == "50.000000"
    released = client.post(
        f"{one}release/", {"revision": 2, "released": "2026-06-01", "reason": "Done"}, format="json"
    )
    assert released.data["released"] == "2026-06-01"
    other = client.post(path, {"rep": "rita", "since": "2026-05-01", "reason": "Papers"}, format="json")
    many = client.post(
        f"{path}release-several/", {"holds": [other.data["id"]], "reason": "Done"}, format="json"
    )
    assert many.data == {"released": 1}
    assert client.post(path, {"reason": "Nothing"}, format="json").status_code == 400


def test_deals_without_anybody_are_told_with_what_would_mend_them(
    api: Api, analyst: Person, won: Deal
) -> None:
    Deal.objects.filter(pk=won.pk).update(rep=None)
    make_credits()
    (row,) = api(analyst).get(f"{V1}/uncredited-deals/").data["results"]
    assert (row["id"], row["why"]) == (won.pk, "The deal has no rep")
    assert api(analyst).get(f"{V1}/uncredited-deals/{won.pk}/").data["mend"].startswith("Choose one")
