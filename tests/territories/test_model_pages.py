"""Territory models in the browser: planned, ruled, run, compared, put into force."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import Person
from territories.models import ModelState, Placement, Rule, Territory, TerritoryModel
from territories.pipeline.rule_running import run_rules
from tests.territories.test_rules import GERMANY, RETAIL, a_rule
from tests.territories.world import a_model, a_rep, a_territory, an_account, covers

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]


def rule_data(**values: Any) -> dict[str, Any]:
    data = {"name": "Germans", "priority": "100", "is_active": "on", "joint": "all", "group_joint": "any"}
    data |= {"row_0_field": "country", "row_0_op": "is", "row_0_value": "Germany", "rows_shown": "3"}
    return data | values


def page(client: Client, name: str, *args: Any, **query: Any) -> str:
    found = client.get(reverse(f"territories:{name}", args=args), query)
    assert found.status_code == 200, found.content.decode()[:500]
    return found.content.decode()


def test_a_planner_builds_rules_and_sees_the_gaps_shrink(signed_in: SignIn, manager: Person) -> None:
    client = signed_in(manager)
    german, french = an_account("A-ONE", country="Germany"), an_account("A-TWO", country="France")
    client.post(reverse("territories:model-add"), {"code": "fy27", "name": "Year 27"})
    model = TerritoryModel.objects.get()
    client.post(
        reverse("territories:territory-add", args=[model.pk]),
        {"code": "north", "name": "North", "type": "geographic"},
    )
    north = Territory.objects.get()
    answer = client.post(reverse("territories:rule-add", args=[north.pk]), rule_data())
    assert answer.status_code == 302, answer.content.decode()
    assert "The rules were never run" in page(client, "model", model.pk)
    gaps = page(client, "gap-list", model="fy27")
    assert german.name in gaps and french.name in gaps
    client.post(reverse("territories:model-run", args=[model.pk]), {"from_day": ""})
    gaps = page(client, "gap-list", model="fy27")
    assert german.name not in gaps and french.name in gaps
    assert Placement.objects.get().account == german


def test_the_form_counts_the_accounts_before_anything_is_saved(signed_in: SignIn, manager: Person) -> None:
    an_account("A1", country="Germany")
    north = a_territory(a_model(), "north")
    answer = signed_in(manager).post(reverse("territories:rule-add", args=[north.pk]), rule_data(count="1"))
    text = answer.content.decode()
    assert "<strong>1 account</strong> meets it, 1 of them without a territory now" in text
    assert not Rule.objects.exists()


def test_more_rows_keep_what_was_typed(signed_in: SignIn, manager: Person) -> None:
    north = a_territory(a_model(), "north")
    text = (
        signed_in(manager)
        .post(reverse("territories:rule-add", args=[north.pk]), rule_data(more="1"))
        .content.decode()
    )
    assert 'name="row_5_field"' in text and 'value="Germany"' in text


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"row_0_value": ""}, "has nothing to compare with"),
        ({"row_0_field": ""}, "Choose what the value is compared with"),
        ({"row_0_op": "at least"}, "cannot be asked"),
        ({"as_text": "on", "text": "{"}, "The text is no JSON"),
        ({"row_0_field": "market", "row_0_value": "NONE"}, "No market has the code NONE"),
        ({"row_0_field": "", "row_0_value": ""}, "at least one condition"),
        ({"inherits": "on"}, "Nothing lies above"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_beside_what_was_typed(
    signed_in: SignIn, manager: Person, sent: dict[str, str], sentence: str
) -> None:
    north = a_territory(a_model(), "north")
    answer = signed_in(manager).post(reverse("territories:rule-add", args=[north.pk]), rule_data(**sent))
    assert (answer.status_code, Rule.objects.count()) == (400, 0)
    assert sentence in answer.content.decode()


def test_a_rule_is_edited_and_a_stale_edit_shows_both(signed_in: SignIn, manager: Person) -> None:
    client = signed_in(manager)
    rule = a_rule(a_territory(a_model(), "north"), GERMANY)
    url = reverse("territories:rule-edit", args=[rule.pk])
    assert 'value="Germany"' in client.get(url).content.decode()
    client.post(url, rule_data(priority="5", revision="1"))
    rule.refresh_from_db()
    assert (rule.priority, rule.condition) == (5, {"all": [GERMANY]})
    answer = client.post(url, rule_data(priority="7", revision="1"))
    assert answer.status_code == 409
    rule.refresh_from_db()
    assert rule.priority == 5


def test_every_page_of_a_model_opens(signed_in: SignIn, manager: Person) -> None:
    client = signed_in(manager)
    model = a_model()
    north, south = a_territory(model, "north"), a_territory(model, "south")
    account = an_account("A1", country="Germany", industry="Retail")
    covers(a_rep("R1"), north)
    rule = a_rule(north, GERMANY)
    a_rule(south, RETAIL, name="Shops")
    run_rules(model, by=manager)
    assert "north" in page(client, "model", model.pk)
    assert "R1" in page(client, "territory", north.pk)
    assert "country is Germany" in page(client, "rule", rule.pk)
    assert "country is Germany" in page(client, "rule-list")
    assert "Shops" in page(client, "overlap-list", model="fy26")
    assert account.name in page(client, "placement-list", model="fy26", territory="north")
    why = page(client, "why-here", account.pk, model="fy26")
    assert "has the same priority and is older" in why and "Rule “rule of north”" in why
    for name in ("model-list", "model-add"):
        page(client, name)
    for name in ("model-edit", "model-copy", "model-run", "model-activate", "model-delete", "model-diff"):
        page(client, name, model.pk)
    for name in ("territory-edit", "territory-delete", "rule-add", "pin-add"):
        page(client, name, north.pk)
    csv = b"".join(client.get(reverse("territories:gap-list"), {"export": "csv"}))  # type: ignore[arg-type]
    assert csv.startswith(b"Account,Code,Potential (EUR a year)")


def test_without_any_model_the_lists_teach(signed_in: SignIn, manager: Person) -> None:
    client = signed_in(manager)
    assert "No territory model yet" in page(client, "model-list")
    for name in ("gap-list", "overlap-list", "placement-list"):
        page(client, name)
    assert "No territory model yet" in page(client, "why-here", an_account("A1").pk)


def test_putting_into_force_says_what_is_missing_first(signed_in: SignIn, manager: Person) -> None:
    client = signed_in(manager)
    model = a_model()
    north = a_territory(model, "north")
    a_rule(north, GERMANY)
    an_account("A1", country="Germany")
    run_rules(model, by=manager)
    url = reverse("territories:model-activate", args=[model.pk])
    day = (timezone.localdate() + dt.timedelta(days=3)).isoformat()
    answer = client.post(url, {"first_day": day, "revision": "1"})
    assert answer.status_code == 409
    assert "No rep today: north." in answer.content.decode()
    client.post(url, {"first_day": day, "revision": "1", "despite": "on"})
    model.refresh_from_db()
    assert (model.state, model.days.lower.isoformat()) == (ModelState.ACTIVE, day)


def test_two_models_are_compared(signed_in: SignIn, manager: Person) -> None:
    client = signed_in(manager)
    model = a_model()
    a_rule(a_territory(model, "north"), GERMANY)
    account = an_account("A1", country="Germany")
    run_rules(model, by=None)
    client.post(reverse("territories:model-copy", args=[model.pk]), {"code": "fy27", "name": "Year 27"})
    copy = TerritoryModel.objects.get(code="fy27")
    new = a_territory(copy, "new")
    a_rule(new, GERMANY, priority=1, name="Germans first")
    run_rules(copy, by=None)
    text = page(client, "model-diff", model.pk)
    assert account.name in text and "Germans first, new" in text and "Moved" in text


def test_a_copy_is_told_from_its_original_whichever_page_asks(signed_in: SignIn, manager: Person) -> None:
    client = signed_in(manager)
    model = a_model()
    client.post(reverse("territories:model-copy", args=[model.pk]), {"code": "fy27", "name": "Year 27"})
    copy = TerritoryModel.objects.get(code="fy27")
    a_territory(copy, "new")
    for asked in (model, copy):
        shown = client.get(reverse("territories:model-diff", args=[asked.pk])).context
        assert (shown["before"].label, shown["after"].label) == (model.name, "Year 27")
        assert shown["row"] == asked
        territories = str(shown["sections"][0])
        assert "Added" in territories and "Gone" not in territories


def test_a_sales_rep_sees_only_the_own_territory_and_accounts(signed_in: SignIn, sales_rep: Person) -> None:
    rita = a_rep("RITA", person=sales_rep)
    model = a_model()
    mine, other = a_territory(model, "mine"), a_territory(model, "farland")
    covers(rita, mine)
    own, foreign = an_account("OWN", owner=rita, country="Germany"), an_account("FOREIGN", industry="Retail")
    a_rule(mine, GERMANY)
    rule = a_rule(other, RETAIL)
    run_rules(model, by=None)
    client = signed_in(sales_rep)
    for text in (page(client, "model", model.pk), page(client, "placement-list"), page(client, "gap-list")):
        assert foreign.name not in text and "farland" not in text
    assert own.name in page(client, "placement-list")
    page(client, "territory", mine.pk)
    for name, key in (("territory", other.pk), ("rule", rule.pk), ("why-here", foreign.pk)):
        assert client.get(reverse(f"territories:{name}", args=[key])).status_code == 404
    assert client.get(reverse("territories:model-run", args=[model.pk])).status_code == 403
    assert client.get(reverse("territories:model-activate", args=[model.pk])).status_code == 403


def test_strangers_see_nothing(signed_in: SignIn, stranger: Person) -> None:
    client = signed_in(stranger)
    for name in ("model-list", "gap-list", "overlap-list", "rule-list", "placement-list"):
        assert client.get(reverse(f"territories:{name}")).status_code == 403


def test_a_planner_may_not_put_a_model_into_force(signed_in: SignIn, analyst: Person) -> None:
    model = a_model()
    answer = signed_in(analyst).post(
        reverse("territories:model-activate", args=[model.pk]), {"first_day": "2030-01-01", "revision": "1"}
    )
    assert answer.status_code == 403
