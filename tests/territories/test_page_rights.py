"""Pages of models, rules and coverage: what each person is offered and shown, in how many queries."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import Person
from crm.models import Rep
from territories.models import Assignment, RuleRun, Territory, TerritoryModel
from territories.pipeline.rule_running import run_rules
from territories.services.roles import standard_roles
from tests.territories.test_rules import GERMANY, RETAIL, a_rule
from tests.territories.world import a_model, a_model_in_force, a_rep, a_territory, an_account, covers

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]
TODAY = dt.date(2026, 11, 22)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)


def page(client: Client, name: str, *args: Any, **query: Any) -> str:
    found = client.get(reverse(f"territories:{name}", args=args), query)
    assert found.status_code == 200, found.content.decode()[:500]
    return found.content.decode()


@pytest.fixture
def model(sales_manager: Person) -> TerritoryModel:
    """In force: north is of the sales manager's team, south is not; both want account A1."""
    made = a_model_in_force()
    north, south = a_territory(made, "north"), a_territory(made, "south")
    boss = a_rep("boss", person=sales_manager)
    ann = a_rep("ann", manager=boss)
    covers(ann, north)
    covers(a_rep("dan"), south)
    a_rule(north, GERMANY, name="Germans")
    a_rule(south, RETAIL, name="Shops")
    an_account("A1", country="Germany", industry="Retail", owner=ann)
    an_account("A2", industry="Retail")
    run_rules(made, by=None)
    return made


def test_a_planned_model_is_asked_for_no_day(signed_in: SignIn, manager: Person) -> None:
    planned = a_model()
    a_rule(a_territory(planned, "north"), GERMANY)
    client, url = signed_in(manager), reverse("territories:model-run", args=[planned.pk])
    assert "from_day" not in client.get(url).content.decode()
    refused = client.post(url, {"from_day": "2026-12-01"})
    assert refused.status_code == 409 and "leave the day empty" in refused.content.decode()
    assert client.post(url, {}).status_code == 302
    assert RuleRun.objects.filter(model=planned).count() == 1


def test_a_model_in_force_is_asked_from_which_day(
    signed_in: SignIn, manager: Person, model: TerritoryModel
) -> None:
    assert "from_day" in page(signed_in(manager), "model-run", model.pk)


def test_who_plans_a_part_sees_a_dry_run_of_the_part_and_no_button(
    signed_in: SignIn, sales_manager: Person, model: TerritoryModel
) -> None:
    client = signed_in(sales_manager)
    text = page(client, "model-run", model.pk)
    assert "north" in text and "south" not in text and "No territory" not in text
    assert "ask somebody who plans all territories" in text and "Run the rules</button>" not in text
    assert "See what a run would change" in page(client, "model", model.pk)
    assert "Run the rules</a>" not in page(client, "gap-list")


def test_who_plans_everything_runs_the_rules_from_the_gaps(
    signed_in: SignIn, manager: Person, executive: Person, model: TerritoryModel
) -> None:
    assert "Run the rules</a>" in page(signed_in(manager), "gap-list")
    assert "Run the rules</a>" not in page(signed_in(executive), "gap-list")


def test_rules_are_links_only_for_who_may_open_them(
    signed_in: SignIn, manager: Person, sales_manager: Person, model: TerritoryModel
) -> None:
    shops = model.territories.get(code="south").rules.get()
    url = reverse("territories:rule", args=[shops.pk])
    assert url in page(signed_in(manager), "overlap-list")
    text = page(signed_in(sales_manager), "overlap-list")
    assert "Shops" in text and url not in text


def test_comparing_with_nothing_offers_the_copy(
    signed_in: SignIn, manager: Person, executive: Person, model: TerritoryModel
) -> None:
    copy = reverse("territories:model-copy", args=[model.pk])
    assert copy in page(signed_in(manager), "model-diff", model.pk)
    assert copy not in page(signed_in(executive), "model-diff", model.pk)


def test_what_changed_hands_goes_month_by_month(
    signed_in: SignIn, manager: Person, model: TerritoryModel
) -> None:
    account, owner = an_account("A9", name="Alpenhaus"), standard_roles()["owner"]
    days = DateRange(dt.date(2026, 12, 1), None)
    south, dan = model.territories.get(code="south"), Rep.objects.get(code="dan")
    Assignment.objects.create(account=account, role=owner, rep=dan, territory=south, days=days)
    client = signed_in(manager)
    this_month = page(client, "change-list")
    assert "November 2026" in this_month and "Alpenhaus" not in this_month
    assert "?since=2026-12-01&amp;until=2026-12-31" in this_month
    december = page(client, "change-list", since="2026-12-01", until="2026-12-31")
    assert "December 2026" in december and "Alpenhaus" in december
    assert "Next month" not in page(client, "change-list", since="2026-12-01", until="2026-12-05")
    assert "Alpenhaus" in page(client, "change-list", rep="dan")


@pytest.mark.parametrize(
    "name", ["model-list", "rule-list", "gap-list", "overlap-list", "placement-list", "change-list"]
)
def test_lists_take_few_queries(
    signed_in: SignIn, manager: Person, model: TerritoryModel, pinned_queries: Any, name: str
) -> None:
    client = signed_in(manager)
    with pinned_queries():
        page(client, name)


@pytest.mark.parametrize("name", ["model", "model-run", "model-diff"])
def test_pages_of_a_model_take_few_queries(
    signed_in: SignIn, manager: Person, model: TerritoryModel, pinned_queries: Any, name: str
) -> None:
    a_territory(a_model("fy27"), "north")
    client = signed_in(manager)
    with pinned_queries():
        page(client, name, model.pk)


def test_pages_of_a_territory_a_rule_and_an_account_take_few_queries(
    signed_in: SignIn, manager: Person, model: TerritoryModel, pinned_queries: Any
) -> None:
    client, north = signed_in(manager), Territory.objects.get(code="north")
    account = model.placements.first()
    assert account is not None
    for name, key in (
        ("territory", north.pk),
        ("rule", north.rules.get().pk),
        ("why-here", account.account_id),
    ):
        with pinned_queries(name):
            page(client, name, key)


def test_what_was_saved_is_said_in_names_not_in_ranges(
    signed_in: SignIn, manager: Person, model: TerritoryModel
) -> None:
    north = model.territories.get(code="north")
    url = reverse("territories:cover-add", args=[north.pk])
    sent = {"role": "owner", "rep": "dan", "first": "2026-12-01", "last": "2026-12-31", "reason": "Holidays"}
    answer = signed_in(manager).post(url, sent, follow=True)
    said = [str(message) for message in answer.context["messages"]]
    assert said == ["Dan stands in for north: saved. The stand-in and managers are told."]
    assert "Edit stand-in" in answer.content.decode()
