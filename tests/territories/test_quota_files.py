"""Quotas by file: what comes in, what is refused with a sentence, and that nothing of a bad file is kept."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from core.errors import Denied, Invalid, Refused
from core.models import Event, Person
from territories.models import Quota, QuotaMonth, QuotaPlan
from territories.pipeline.quota_files import _parts
from territories.services.quota_files import import_quotas
from territories.services.quota_plans import make_plan, move_plan
from tests.territories.world import a_model_in_force, a_rep, a_territory

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]


@pytest.fixture
def plan() -> QuotaPlan:
    values = {"name": "FY26", "first_month": dt.date(2026, 1, 1), "target": Decimal(1000)}
    return make_plan(actor=None, values=values | {"target_reason": "Set by the board", "model": None})


@pytest.fixture(autouse=True)
def _reps() -> None:
    a_rep("INA")
    a_rep("BEN")


def bring(plan: QuotaPlan, *rows: str, actor: Person | None = None) -> object:
    return import_quotas(actor=actor, plan=plan, name="quotas.csv", data="\n".join(rows).encode())


def months_of(code: str) -> dict[str, Decimal]:
    rows = QuotaMonth.objects.filter(quota__rep__code=code).values_list("month", "amount")
    return {f"{month:%Y-%m}": amount for month, amount in rows}


def test_months_and_quarters_of_reps_become_quotas_that_add_up(plan: QuotaPlan) -> None:
    stored = bring(
        plan, "rep,month,quarter,amount", "INA,2026-01,,120.50", "INA,2026-2,,10", "BEN,,2026-Q2,100"
    )

    assert vars(stored) == {"added": 2, "changed": 0, "unchanged": 0, "total": Decimal("230.50")}
    assert months_of("INA") == {"2026-01": Decimal("120.50"), "2026-02": 10}
    assert months_of("BEN") == {
        "2026-04": Decimal("33.34"),
        "2026-05": Decimal("33.33"),
        "2026-06": Decimal("33.33"),
    }
    assert Quota.objects.get(rep__code="INA").amount == Decimal("130.50")
    assert Event.objects.filter(verb="quotas imported").count() == 1


def test_a_second_file_changes_its_own_months_only(plan: QuotaPlan) -> None:
    bring(plan, "rep,month,amount", "INA,2026-01,10", "INA,2026-02,20", "BEN,2026-01,5")

    again = bring(plan, "rep,month,amount", "INA,2026-02,25", "BEN,2026-01,5")

    assert (again.changed, again.unchanged) == (1, 1)  # type: ignore[attr-defined]
    assert months_of("INA") == {"2026-01": 10, "2026-02": 25}
    assert Quota.objects.get(rep__code="INA").amount == 35


def test_territories_of_the_plans_model_have_quotas_as_well(plan: QuotaPlan) -> None:
    model = a_model_in_force()
    north = a_territory(model, "north")
    QuotaPlan.objects.filter(pk=plan.pk).update(model=model)
    plan.refresh_from_db()

    bring(plan, "territory,rep,quarter,amount", "north,,2026-01,90", "north,INA,2026-01,90")

    assert set(Quota.objects.values_list("territory", "rep__code")) == {(north.pk, None), (north.pk, "INA")}
    bring(plan, "rep,month,amount", "INA,2026-01,31")  # who has one territory needs no name of it
    assert Quota.objects.get(rep__code="INA").amount == 91


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("NOBODY,2026-01,1", "rep NOBODY is not among the reps"),
        (",2026-01,1", "neither rep nor territory is named"),
        ("INA,,1", "neither month nor quarter is named"),
        ("INA,2026-13,1", "“2026-13” is no month or quarter"),
        ("INA,soon,1", "“soon” is no month or quarter"),
        ("INA,2027-01,1", "2027-01 lies outside of the plan, 2026-01 to 2026-12"),
        ("INA,2026-01,much", "amount is “much”; write a number"),
        ("INA,2026-01,", "amount is “”; write a number"),
        ("INA,2026-01,nan", "amount is “nan”; write a number"),
        ("INA,2026-01,-1", "a quota is 0 or more"),
        ("INA,2026-01,1e15", "a quota is 0 or more, and below"),
        ("INA,2026-01,1.005", "use two decimals at most"),
        ("BEN,2026-01,2", "2026-01 stands there already for BEN"),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_nothing_is_kept(
    plan: QuotaPlan, row: str, sentence: str
) -> None:
    with pytest.raises(Invalid) as refused:
        bring(plan, "rep,month,amount", "BEN,2026-01,7", row)

    text = refused.value.reasons[0].text
    assert sentence in text
    assert text.startswith("quotas.csv, line 3: ")
    assert not Quota.objects.exists()


@pytest.mark.parametrize(
    ("head", "missing"), [("rep,month", "amount"), ("month,amount", "rep"), ("rep,amount", "month")]
)
def test_a_missing_column_is_named(plan: QuotaPlan, head: str, missing: str) -> None:
    with pytest.raises(Invalid, match=f"the column {missing} is missing"):
        bring(plan, head, "x,y,z")


def test_a_territory_of_another_model_is_refused(plan: QuotaPlan) -> None:
    a_territory(a_model_in_force(), "north")

    with pytest.raises(Invalid, match="territory north is not in the plan's territory model"):
        bring(plan, "territory,month,amount", "north,2026-01,1")


def test_a_plan_that_is_submitted_takes_no_file(plan: QuotaPlan) -> None:
    bring(plan, "rep,month,amount", "INA,2026-01,1000")
    move_plan(actor=None, plan=plan, name="submit")
    plan.refresh_from_db()

    with pytest.raises(Refused, match="quotas come only into a draft"):
        bring(plan, "rep,month,amount", "INA,2026-01,7")


def test_a_rep_may_not_bring_quotas(plan: QuotaPlan, sales_rep: Person, analyst: Person) -> None:
    with pytest.raises(Denied):
        bring(plan, "rep,month,amount", "INA,2026-01,7", actor=sales_rep)
    bring(plan, "rep,month,amount", "INA,2026-01,7", actor=analyst)


def test_the_page_takes_a_file_and_shows_bad_rows_beside_the_field(
    plan: QuotaPlan, analyst: Person, signed_in: SignIn
) -> None:
    client, url = signed_in(analyst), reverse("territories:quota-file", args=[plan.pk])

    bad = client.post(url, {"file": SimpleUploadedFile("q.csv", b"rep,month,amount\nZOE,2026-01,1\n")})
    good = client.post(url, {"file": SimpleUploadedFile("q.csv", b"rep,month,amount\nINA,2026-01,1\n")})

    assert (bad.status_code, good.status_code) == (400, 302)
    assert "rep ZOE is not among the reps" in bad.content.decode()
    assert client.get(url).status_code == 200
    assert months_of("INA") == {"2026-01": 1}


def test_the_api_takes_a_file(plan: QuotaPlan, analyst: Person, api: Callable[[Person], APIClient]) -> None:
    url = f"/api/v1/quota-plans/{plan.pk}/file/"
    file = SimpleUploadedFile("q.csv", b"rep,quarter,amount\nINA,2026Q1,3\n")

    answer = api(analyst).post(url, {"file": file}, format="multipart")

    assert (answer.status_code, answer.json()["total"]) == (200, "3.0000")
    assert months_of("INA") == {"2026-01": 1, "2026-02": 1, "2026-03": 1}


@given(st.decimals(0, 10**9, places=2), st.integers(1, 12))
def test_parts_add_up_and_differ_by_a_cent_at_most(amount: Decimal, count: int) -> None:
    parts = _parts(amount, count)

    assert sum(parts) == amount
    assert max(parts) - min(parts) <= Decimal("0.01")
