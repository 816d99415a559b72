"""Territories, quotas and attainment: every page accessible in light and dark, and no wider than a phone."""

import datetime as dt
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from core.models import Person
from crm.models import Account
from territories.models import Cover, CoverageRole, Pin, RepBase, Rule, TerritoryRep
from territories.pipeline.assignments import settle
from territories.services.quota_plans import new_version
from territories.services.scenarios import create_scenario
from territories.urls import PARTS
from tests.browser.conftest import OpenPage, SignIn
from tests.browser.every_page import faults_of, pages_of
from tests.territories.quotas_world import a_company, approved, quota_of
from tests.territories.realigning import PUBLISH
from tests.territories.world import a_model, a_territory

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

OF_THE_REP = ("quota-own", "quota-own-sheet")
CONDITION = {"all": [{"field": "country", "op": "is", "value": "AT"}]}
Rows = dict[str, int]


@pytest.fixture
def rows(manager: Person, vp: Person, sales_rep: Person, sales_manager: Person) -> Rows:
    """A company with a row for every page: the beginning of a page's name → the row it shows."""
    world = a_company(sales_rep, sales_manager)
    north, alpha, ann, bob = (world[name] for name in ("north", "alpha", "ann", "bob"))
    account = Account.objects.get(code="at-alpha")
    for rep, longitude in ((ann, 14.3), (bob, 9.7)):
        RepBase.objects.create(rep=rep, latitude=48, longitude=longitude)
    account.country = "AT"
    account.save()
    account.work.latitude, account.work.longitude = 48.2, 14
    account.work.save()
    rule = Rule.objects.create(territory=alpha, name="Austria", condition=CONDITION)
    pin = Pin.objects.create(territory=alpha, account=account, kind="pin", reason="Asked for")
    settle()
    planned = a_model("fy27")
    below = a_territory(planned, "gone")
    today = timezone.localdate()
    role = CoverageRole.objects.get(kind="owner")
    cover = Cover.objects.create(
        territory=alpha, role=role, rep=bob, days=DateRange(today, today + dt.timedelta(days=9)), reason="Ill"
    )
    first = approved(manager, vp)
    draft = new_version(actor=manager, plan=first)
    scenarios = [
        create_scenario(actor=manager, model=world["model"], code=code, name=code, publish_on=PUBLISH)
        for code in ("one", "two")
    ]
    return {
        "model": world["model"].pk, "model-activate": planned.pk, "model-delete": planned.pk,
        "territory": north.pk, "territory-delete": below.pk, "rule": rule.pk, "pin-withdraw": pin.pk,
        "territory-rep": TerritoryRep.objects.get(rep=ann).pk, "coverage-of-territory": alpha.pk,
        "coverage-of": account.pk, "coverage-of-rep": ann.pk, "cover": cover.pk, "coverage-role": role.pk,
        "why-here": account.pk, "work": account.pk, "base": ann.pk, "attainment-rep": ann.pk,
        "scenario": scenarios[0].pk, "scenario 2": scenarios[1].pk, "account": account.pk,
        "quota-plan": draft.pk, "quota-sheet": first.pk, "quota-own-sheet": first.pk,
        "quota-what-if": draft.pk, "quota-file": draft.pk, "quota-compare": draft.pk, "other": first.pk,
        "quota": quota_of(draft, ann).pk, "quota-overlay-add": draft.pk, "rep": ann.pk,
    }  # fmt: skip


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__.rpartition(".")[2])
def test_every_page_is_accessible_in_light_and_dark_and_fits_a_phone(
    open_page: OpenPage, sign_in: SignIn, rows: Rows, manager: Person, sales_rep: Person, part: Any
) -> None:
    desks = {False: sign_in(open_page(), manager), True: sign_in(open_page(), sales_rep)}
    pages = list(pages_of(part, rows))
    assert len(pages) > 5

    faults = {
        address: found for name, address in pages if (found := faults_of(desks[name in OF_THE_REP], address))
    }

    assert faults == {}


def test_scenarios_side_by_side_are_accessible_and_fit_a_phone(
    visit: Page, sign_in: SignIn, rows: Rows, manager: Person
) -> None:
    both = f"?scenario={rows['scenario']}&scenario={rows['scenario 2']}"

    assert faults_of(sign_in(visit, manager), f"{reverse('territories:scenario-compare')}{both}") == []
