"""Overlays have quotas of their own: beside the tree, approved with the plan, with their own attainment."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from rest_framework.test import APIClient

from core.errors import Denied, Invalid, Refused
from core.models import Event, Person
from crm.models import DealStage
from territories.engine.attainment.periods import Period, PeriodKind
from territories.models import Placement, QuotaPlan, Territory
from territories.selectors.attainment import Asked
from territories.selectors.attainment_deals import OPEN, counted_deals, day_of_state, lying_in, territories_of
from territories.selectors.attainment_groups import by_overlay
from territories.selectors.attainment_territories import by_territory
from territories.selectors.quota_tree import tree_of
from territories.services.quota_plans import allocate, move_plan, new_version
from territories.services.quotas import set_overlay_quota, set_quota
from tests.territories.attainment_world import a_deal
from tests.territories.quotas_world import JANUARY, a_company, allocated, amounts
from tests.territories.world import a_territory, an_overlay, covers

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]
Api = Callable[[Person], APIClient]
WHY = "Two large tenders are known."


def an_overlay_territory(company: dict[str, Any], code: str = "robots", **values: Any) -> Territory:
    role = values.pop("role", None) or an_overlay(f"{code}-role")
    return a_territory(company["model"], code, type="overlay", role=role, **values)


@pytest.fixture
def company() -> dict[str, Any]:
    made = a_company()
    return made | {"robots": an_overlay_territory(made)}


@pytest.fixture
def draft(company: dict[str, Any], manager: Person) -> QuotaPlan:
    return allocated(manager)


def given(
    actor: Person, draft: QuotaPlan, territory: Territory | None, amount: int = 1200, why: str = WHY
) -> Any:
    return set_overlay_quota(actor=actor, plan=draft, territory=territory, amount=Decimal(amount), reason=why)


def test_an_overlays_quota_stands_beside_the_tree_and_outlasts_allocating_and_versions(
    company: dict[str, Any], draft: QuotaPlan, manager: Person, vp: Person
) -> None:
    was = amounts(draft)
    quota = given(manager, draft, company["robots"])

    assert (quota.amount, quota.top_down, quota.months.count()) == (1200, 1200, 12)
    assert quota.made[0]["note"] == WHY
    assert Event.objects.filter(verb="quota set", reason=WHY).exists()
    assert (tree_of(draft).left, tree_of(draft).find(quota.pk)) == (0, None)

    allocate(actor=manager, plan=draft)
    move_plan(actor=manager, plan=draft, name="submit")
    version = new_version(
        actor=manager, plan=move_plan(actor=vp, plan=draft, name="approve"), from_month=dt.date(2026, 7, 1)
    )
    allocate(actor=manager, plan=version)
    assert amounts(version) == was | {"robots": 1200}

    later = version.quotas.get(territory=company["robots"])
    set_quota(actor=manager, quota=later, revision=later.revision, amount=Decimal(1800), reason="One more.")
    months = dict(later.months.values_list("month", "amount"))
    assert {months[dt.date(2026, month, 1)] for month in range(1, 7)} == {100}
    assert {months[dt.date(2026, month, 1)] for month in range(7, 13)} == {200}
    assert amounts(version) == was | {"robots": 1800}


def test_what_cannot_be_is_refused_beside_its_field(
    company: dict[str, Any], draft: QuotaPlan, manager: Person, vp: Person, sales_rep: Person
) -> None:
    robots = company["robots"]
    for field, said in (
        ("territory", {"territory": None}),
        ("territory", {"territory": company["south"]}),
        ("reason", {"territory": robots, "why": " "}),
    ):
        with pytest.raises(Invalid) as refused:
            given(manager, draft, **said)
        assert [reason.field for reason in refused.value.reasons] == [field]
    with pytest.raises(Denied):
        given(sales_rep, draft, robots)
    assert not draft.quotas.filter(territory=robots).exists()

    given(manager, draft, robots)
    with pytest.raises(Invalid, match="has no quota in it yet"):
        given(manager, draft, robots)
    move_plan(actor=manager, plan=draft, name="submit")
    with pytest.raises(Refused, match="only in a draft"):
        given(manager, draft, an_overlay_territory(company, "drones"))


def test_on_the_page_of_the_plan_and_by_api(
    company: dict[str, Any], draft: QuotaPlan, manager: Person, signed_in: SignIn, api: Api
) -> None:
    client, page = signed_in(manager), f"/territories/quotas/{draft.pk}/"
    add = f"{page}overlays/add/"
    assert add in client.get(page).content.decode()
    bad = client.post(add, {"territory": company["robots"].pk, "amount": "1200", "reason": ""})
    assert (bad.status_code, list(bad.context["form"].errors)) == (400, ["reason"])

    client.post(add, {"territory": company["robots"].pk, "amount": "1200", "reason": WHY})
    shown = client.get(page).content.decode()
    quota = draft.quotas.get(territory=company["robots"])
    own = client.get(f"/territories/quotas/rows/{quota.pk}/").content.decode()

    assert "does not add up into the target" in shown and WHY in shown and add not in shown
    assert "its quota adds up to nothing" in own and "siblings bear" not in own
    body = api(manager).get(f"/api/v1/explain/quota/{quota.pk}/").json()
    assert "beside the tree" in str(body)

    drones = {"territory": an_overlay_territory(company, "drones").code, "amount": "600", "reason": WHY}
    answer = api(manager).post(f"/api/v1/quota-plans/{draft.pk}/overlay/", drones, format="json")
    again = api(manager).post(f"/api/v1/quota-plans/{draft.pk}/overlay/", drones, format="json")
    assert (answer.status_code, answer.json()["amount"]) == (201, "600.0000")
    assert again.status_code == 400


QUARTER = Asked(Period(PeriodKind.QUARTER, JANUARY, dt.date(2026, 3, 31)), today=dt.date(2026, 2, 2))


@pytest.fixture
def selling(company: dict[str, Any], draft: QuotaPlan, manager: Person, vp: Person) -> dict[str, Any]:
    """Robots, with arms below, take part in the accounts of Alpha and South; arms in South only."""
    DealStage.objects.create(code="open", name="Open", position=1, kind="open", probability=Decimal("0.5"))
    arms = an_overlay_territory(company, "arms", role=company["robots"].role, parent=company["robots"])
    alpha, south = (company[rep].accounts.get() for rep in ("ann", "cid"))
    for account, territory in ((alpha, company["robots"]), (south, arms)):
        Placement.objects.create(
            model=territory.model,
            role=territory.role,
            account=account,
            territory=territory,
            days=DateRange(JANUARY, None),
            placed_by="hand",
        )
    for account, times in ((alpha, 1), (south, 10), (company["bob"].accounts.get(), 100)):
        a_deal(account.owner, 50 * times, "won", account=account, closed=dt.date(2026, 1, 9))
        a_deal(account.owner, 8 * times, account=account, expected_close=dt.date(2026, 3, 1))
    given(manager, draft, company["robots"])
    move_plan(actor=manager, plan=draft, name="submit")
    move_plan(actor=vp, plan=draft, name="approve")
    return company | {"arms": arms}


def test_attainment_of_an_overlay_counts_the_deals_of_its_accounts(selling: dict[str, Any]) -> None:
    found = by_overlay(None, QUARTER)
    lines = {line.key: line for line in found.lines}

    assert {key: (line.quota, line.closed, line.open.money, line.depth) for key, line in lines.items()} == {
        "robots": (300, 550, 88, 0),
        "arms": (None, 500, 80, 1),
    }
    assert found.total.closed == 5550
    by_place = by_territory(None, QUARTER)
    assert (by_place.total.quota, by_place.total.closed) == (3000, 5550)
    assert "robots" not in {line.key for line in by_place.lines}


def test_the_list_behind_an_overlay_adds_up_to_it(selling: dict[str, Any]) -> None:
    rows, shown = counted_deals(None, QUARTER, OPEN), territories_of(None, QUARTER)
    for key, amounts_ in (("robots", [8, 80]), ("arms", [80])):
        found = lying_in(rows, selling[key], shown, day_of_state(QUARTER, OPEN))
        assert sorted(deal.money for deal in found) == amounts_


def test_who_sells_sees_the_overlays_with_the_own_name_and_the_own_deals(
    selling: dict[str, Any], sales_rep: Person
) -> None:
    selling["cid"].person = sales_rep
    selling["cid"].save()
    assert by_overlay(sales_rep, QUARTER).lines == []

    covers(selling["cid"], selling["robots"], role=selling["robots"].role)
    lines = {line.key: (line.quota, line.closed) for line in by_overlay(sales_rep, QUARTER).lines}
    assert lines == {"robots": (None, 500), "arms": (None, 500)}


def test_the_page_says_that_overlays_do_not_add_up(
    selling: dict[str, Any], manager: Person, signed_in: SignIn
) -> None:
    asked = {"by": "overlay", "period": "quarter", "month": "2026-01", "measure": "bookings"}
    shown = signed_in(manager).get("/territories/attainment/", asked)

    assert "overlays do not add up to the whole" in " ".join(shown.content.decode().split())
    names = [row["cells"][0]["text"].strip() for row in shown.context["table"]["rows"]]
    assert names == ["robots", "arms"]
    assert f"territory={selling['robots'].pk}" in shown.context["table"]["rows"][0]["cells"][2]["url"]
